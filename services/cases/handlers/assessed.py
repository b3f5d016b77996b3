"""An entry assessment as it stands: what the file says, what was answered, who has signed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.cases.domain.entry import (
    Criterion,
    Facts,
    KnownThreat,
    Outcome,
    Party,
    Word,
    outcome,
    still_holds,
)
from services.cases.domain.entry_signing import parties
from services.cases.domain.entry_views import EntryDecision, EntrySignature
from services.cases.domain.person import age_on
from services.cases.domain.rules import POLICE_FUNCTION, covering
from services.cases.handlers import sealing
from services.cases.handlers.consents import active_consents
from services.cases.handlers.work import AtCase
from services.cases.policy import entry_criteria, favours_the_individual, is_joint
from services.cases.store import entries, files
from services.decisions import api as decisions
from services.protection import api as protection
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import StaffId, SubjectId
from shared.policy import Policy


@dataclass(frozen=True, slots=True)
class Assessed:
    """Answers, and what the policy that they were given under makes of them.

    Args:
        wanted: who must sign.
    """

    entry_id: UUID
    body: sealing.EntryBody
    criteria: tuple[Criterion, ...]
    outcome: Outcome
    wanted: tuple[Party, ...]

    @classmethod
    def under(cls, policy: Policy, entry_id: UUID, body: sealing.EntryBody) -> "Assessed":
        """What the policy makes of these answers."""
        criteria = entry_criteria(policy)
        favours = favours_the_individual(policy)
        found = outcome(criteria, body.answers, favours_the_individual=favours)
        wanted = parties(
            found.verdict,
            is_joint=is_joint(policy),
            refusal_takes_two=bool(decisions.delegation(policy, "entry.refuse").second_roles),
        )
        return cls(entry_id, body, criteria, found, wanted)

    @property
    def kind(self) -> str:
        """The row of the delegation order that this outcome falls under."""
        return "entry.refuse" if self.outcome.verdict == "NOT_MET" else "entry.assess"

    def still_holds(self, facts: Facts) -> bool:
        """Whether the file of today bears the answers out."""
        return still_holds(self.criteria, facts, self.body.group, self.body.answers)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who has signed an assessment, and what the police have said of it."""

    signatures: tuple[EntrySignature, ...]
    police: Word | None

    @property
    def by_party(self) -> dict[Party, StaffId]:
        """Each party's signer."""
        return {each.party: each.signed_by for each in self.signatures}


async def facts_of(at: AtCase) -> Facts:
    """What file and police say today.

    Raises:
        AccessDenied: the actor sees the header and is no member.
    """
    uow, case_id = at.uow, at.header.case_id
    person_row = await files.person_row(uow, case_id)
    if person_row is None:
        raise AccessDenied
    today = local_date(uow.now)
    number = sealing.person(at.key, person_row).personal_number
    finding = sealing.residence(at.key, await files.newest_residence(uow, case_id))
    return Facts(
        age=age_on(number, today) if number else None,
        finding=finding.finding if finding and finding.confirmed_at else None,
        threat=await _known_threat(at),
        has_consent=await consents_to_cooperate(at),
        areas=frozenset(row.area for row in await files.newest_needs(uow, case_id)),
    )


async def consents_to_cooperate(at: AtCase) -> bool:
    """Whether the person lets the municipality and the police cooperate on the case today."""
    return await cooperation_until(at) is not None


async def cooperation_until(at: AtCase) -> date | None:
    """Until which day the person lets them, by the longest consent; None: not today."""
    today = local_date(at.uow.now)
    consents = await active_consents(at.uow, at.key, at.header.case_id, today)
    found = covering(consents, POLICE_FUNCTION, "cooperation", today)
    return None if found is None else found.valid_until


async def _known_threat(at: AtCase) -> KnownThreat | None:
    subject = SubjectId(at.header.case_id)
    threat = await protection.current_threat(at.uow, subject)
    if threat is not None:
        return threat.level
    asked = await protection.questions(at.uow, subject)
    return "NONE_KNOWN" if protection.no_threat_known(asked, None) else None


async def signed(at: AtCase, entry_id: UUID) -> Signed:
    """Who has signed this assessment; the police's word is read from the joint room's paper."""
    found = [
        EntrySignature(row.party, row.signed_by, row.signed_at)
        for row in await entries.signatures(at.uow, entry_id)
    ]
    paper = await protection.paper(at.uow, SubjectId(at.header.case_id), "entry_assessment")
    if paper is None or paper.paper_id != entry_id:
        return Signed(tuple(found), None)
    if paper.word == "AGREED" and paper.given_by is not None and paper.given_at is not None:
        found.append(EntrySignature("police", paper.given_by, paper.given_at))
    return Signed(tuple(sorted(found, key=lambda each: each.signed_at)), paper.word)


async def decision_on(at: AtCase, entry_id: UUID) -> EntryDecision | None:
    """What was decided on this assessment; a decided one is spent."""
    for each in await decisions.decisions_of(at.uow, at.key, at.header.case_id):
        if each.about == entry_id:
            return EntryDecision(each.outcome, each.decided_at, each.decided_by, each.second)
    return None
