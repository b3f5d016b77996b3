"""The review after a relapse: what it takes to go on with the programme, or to exclude from it.

Pure. Nothing ends by a relapse itself: the person is heard, the police assess the threat anew, help
is tried again, and only then somebody decides. Aid and protection rest on decisions of their own and
go on whatever is decided here. Sources: design note `domain.md` 1.4; agreement police–Linköping 2022
(seed 002), Målgrupp, fourth criterion; what a municipality's documents say is in its policy.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.cases.domain.aid import Aid
from services.cases.domain.programme import Agreement, Condition
from shared.errors import Conflict, DomainError
from shared.ids import StaffId

Suspicion = Literal["CRIME", "DRUGS", "CONDITIONS"]
RelapseSource = Literal["REGISTER_CHECK", "POLICE", "STAFF", "PERSON", "OTHERS"]
Retry = Literal["CONTINUES", "CHANGED"]
ExclusionReason = Literal["EXCLUDED_RELAPSE", "EXCLUDED_CONDITIONS"]
ReviewOutcome = Literal["CONTINUED", "EXCLUDED", "ENDED_OTHERWISE"]
"""`ENDED_OTHERWISE`: the case ended or left before anybody had decided."""
PoliceWord = Literal["AGREED", "NOT_AGREED"]
Missing = Literal["hearing", "threat", "aid", "proposal", "support", "police"]
"""What must be done before somebody is excluded, in this order."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the person says of it, or that they would not be heard.

    Args:
        words: theirs; where they refused, how they were asked.
    """

    heard_on: date
    is_refused: bool
    words: str
    recorded_at: datetime
    recorded_by: StaffId


@dataclass(frozen=True, slots=True)
class Retried:
    """One running aid gone through again: it stays, or is carried out in another way."""

    aid_id: UUID
    outcome: Retry
    text: str
    tried_at: datetime
    tried_by: StaffId


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody proposes to exclude; a changed text is a new proposal that nobody has signed.

    Args:
        broken: conditions of the agreement that were not kept.
        safety_plan: what keeps the person safe afterwards.
        supported_by: the second person of the delegation order.
    """

    proposal_id: UUID
    reason: ExclusionReason
    broken: tuple[Condition, ...]
    reasons: str
    safety_plan: str
    proposed_at: datetime
    proposed_by: StaffId
    supported_at: datetime | None
    supported_by: StaffId | None


@dataclass(frozen=True, slots=True)
class RelapseReview:
    """One review, from the report of a relapse until somebody has decided.

    Args:
        text: what is known, sealed as the whole file is.
        hearings: newest first.
        retried: what of the running aid has been gone through.
        proposal: the newest.
        decided: why, in the decider's words: the changed plan, or the reasons of the exclusion;
            empty where nobody decided.
        told_on: when the person was told that they are excluded.
    """

    review_id: UUID
    suspicion: Suspicion
    source: RelapseSource
    text: str
    opened_at: datetime
    opened_by: StaffId
    hearings: tuple[Hearing, ...]
    retried: tuple[Retried, ...]
    proposal: Proposal | None
    outcome: ReviewOutcome | None
    decided: str
    ended_at: datetime | None
    ended_by: StaffId | None
    told_on: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the rest of the file says while a review is open.

    Args:
        running: aid that is granted today.
        threat_told_at: when the police last gave a level, or answered that they know of no threat.
        is_threat_overdue: the level was to be looked at again before today.
        protects: whether the police answer for the acute protection.
        is_police_wanted: the police have a word in it, and may be told.
        police: their word on the newest proposal.
        is_refused_by_police: their no to a proposal of this review, and no yes to a newer one. It
            stands also when they may not be told any more: nobody but they takes it back.
    """

    running: tuple[Aid, ...]
    threat_told_at: datetime | None
    is_threat_overdue: bool
    protects: bool
    is_police_wanted: bool
    police: PoliceWord | None
    is_refused_by_police: bool


def is_refused(words: Iterable[PoliceWord | None]) -> bool:
    """Whether the police's last word is no.

    Args:
        words: on the proposals of one review, newest first; None where they have said nothing.
    """
    return next((word for word in words if word is not None), None) == "NOT_AGREED"


def check_report(source: RelapseSource, newest_register_answer: str | None) -> None:
    """Raise `relapse.no_such_answer` where a register check is named that shows nothing.

    Args:
        newest_register_answer: the police's code; None where none has been given.
    """
    if source == "REGISTER_CHECK" and newest_register_answer != "CONTACT_US":
        raise DomainError("relapse.no_such_answer")


def check_hearing(heard_on: date, opened_on: date, today: date) -> None:
    """Raise unless the person can have been heard of this that day.

    Raises:
        DomainError: `relapse.heard_in_future`, `relapse.heard_before`.
    """
    if heard_on > today:
        raise DomainError("relapse.heard_in_future")
    if heard_on < opened_on:
        raise DomainError("relapse.heard_before")


def untried(review: RelapseReview, running: Collection[Aid]) -> tuple[Aid, ...]:
    """Aid that ran when the review began and still does, and that nobody has gone through since.

    What was decided since then has been tried by that decision, and what has been ended is gone.
    """
    tried = {each.aid_id for each in review.retried}
    return tuple(
        aid for aid in running if aid.decided_at <= review.opened_at and aid.aid_id not in tried
    )


def check_retry(review: RelapseReview, running: Collection[Aid], aid_id: UUID) -> None:
    """Raise unless this aid waits to be gone through.

    Raises:
        DomainError: `relapse.aid_unknown`.
        Conflict: `relapse.aid_tried_already`.
    """
    if aid_id in {each.aid_id for each in review.retried}:
        raise Conflict("relapse.aid_tried_already")
    if aid_id not in {aid.aid_id for aid in untried(review, running)}:
        raise DomainError("relapse.aid_unknown")


def check_continue(review: RelapseReview) -> None:
    """Raise `relapse.not_heard` unless the person has been heard, or would not be."""
    if not review.hearings:
        raise DomainError("relapse.not_heard")


def missing(review: RelapseReview, known: Known, *, takes_two: bool) -> tuple[Missing, ...]:
    """What is left to do before somebody may be excluded.

    Args:
        takes_two: the delegation order demands a second person.
    """
    proposal = review.proposal
    in_order: tuple[tuple[bool, Missing], ...] = (
        (not review.hearings, "hearing"),
        (not _is_threat_new(review, known), "threat"),
        (bool(untried(review, known.running)), "aid"),
        (proposal is None, "proposal"),
        (takes_two and (proposal is None or proposal.supported_at is None), "support"),
        (known.is_police_wanted and known.police is None, "police"),
    )
    return tuple(step for applies, step in in_order if applies)


def _is_threat_new(review: RelapseReview, known: Known) -> bool:
    """Told after the report, and still to be relied on."""
    told_at = known.threat_told_at
    return told_at is not None and told_at > review.opened_at and not known.is_threat_overdue


_BEFORE_PROPOSAL: dict[Missing, str] = {
    "hearing": "relapse.not_heard",
    "threat": "relapse.threat_first",
    "aid": "relapse.aid_untried",
}
_BEFORE_EXCLUSION: dict[Missing, str] = {
    **_BEFORE_PROPOSAL,
    "proposal": "relapse.not_proposed",
    "support": "relapse.not_supported",
    "police": "relapse.police_wait",
}


def check_proposal(
    review: RelapseReview,
    known: Known,
    *,
    reason: ExclusionReason,
    broken: Sequence[Condition],
    agreement: Agreement | None,
    has_rule: bool,
) -> None:
    """Raise unless exclusion may be proposed now: a rule carries it, and all before it is done.

    Args:
        agreement: the newest; what somebody never agreed to cannot have been broken.
        has_rule: whether the municipality's documents say that who breaks the conditions may be
            excluded. Where they are silent nothing carries it: förvaltningslagen (2017:900) 5 §.

    Raises:
        DomainError: `relapse.no_rule`, `relapse.protected_by_police`, `relapse.not_heard`,
            `relapse.threat_first`, `relapse.aid_untried`, `relapse.condition_missing`,
            `relapse.condition_not_agreed`, `relapse.reason_not_broken`.
    """
    if not has_rule:
        raise DomainError("relapse.no_rule")
    _check_before(review, known, _BEFORE_PROPOSAL)
    if not broken:
        raise DomainError("relapse.condition_missing")
    agreed = agreement.conditions if agreement is not None and agreement.is_in_force else ()
    if set(broken) - set(agreed):
        raise DomainError("relapse.condition_not_agreed")
    if reason == "EXCLUDED_RELAPSE" and not set(broken) & {"no_crime", "no_drugs"}:
        raise DomainError("relapse.reason_not_broken")


def check_support(review: RelapseReview, proposal_id: UUID, by: StaffId) -> None:
    """Raise unless this is the proposal that counts, unsigned, and made by another.

    Raises:
        Conflict: `relapse.proposal_replaced`, `relapse.supported_already`.
        DomainError: `relapse.same_person`.
    """
    proposal = _standing(review, proposal_id)
    if proposal.supported_at is not None:
        raise Conflict("relapse.supported_already")
    if proposal.proposed_by == by:
        raise DomainError("relapse.same_person")


def check_exclusion(
    review: RelapseReview,
    known: Known,
    proposal_id: UUID,
    *,
    by: StaffId,
    takes_two: bool,
    has_rule: bool,
) -> Proposal:
    """The proposal that is carried out, once everything before it is done.

    Args:
        by: who decides: another than who supported it, whoever wrote it.

    Raises:
        Conflict: `relapse.proposal_replaced`.
        DomainError: as `check_proposal`, and `relapse.not_proposed`, `relapse.not_supported`,
            `relapse.police_wait`, `relapse.police_disagree`, `relapse.supporter_decides`.
    """
    if not has_rule:
        raise DomainError("relapse.no_rule")
    left = missing(review, known, takes_two=takes_two)
    _check_before(review, known, _BEFORE_EXCLUSION, left)
    if known.is_refused_by_police:
        raise DomainError("relapse.police_disagree")
    proposal = _standing(review, proposal_id)
    if proposal.supported_by == by:
        raise DomainError("relapse.supporter_decides")
    return proposal


def _check_before(
    review: RelapseReview,
    known: Known,
    codes: dict[Missing, str],
    left: Sequence[Missing] | None = None,
) -> None:
    if known.protects:
        raise DomainError("relapse.protected_by_police")
    for step in missing(review, known, takes_two=False) if left is None else left:
        if step in codes:
            raise DomainError(codes[step])


def _standing(review: RelapseReview, proposal_id: UUID) -> Proposal:
    if review.proposal is None or review.proposal.proposal_id != proposal_id:
        raise Conflict("relapse.proposal_replaced")
    return review.proposal
