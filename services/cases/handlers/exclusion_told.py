"""An exclusion as the person is told of it: as it was decided, and when they were told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.cases.domain.aid import Aid, appeal_until, check_day_told, running_at
from services.cases.domain.commands import Person
from services.cases.domain.relapse import RelapseReview
from services.cases.domain.relapse_commands import RecordExclusionTold
from services.cases.handlers import plan_sealing as plan
from services.cases.handlers import sealing
from services.cases.handlers.aid import told_in_history
from services.cases.handlers.inside import require_member
from services.cases.handlers.relapse_file import reviews_of
from services.cases.handlers.work import AtCase, reading, writing
from services.cases.policy import exclusion_rule
from services.cases.store import files, plans
from services.cases.store import relapse as store
from services.decisions import api as decisions
from services.decisions.api import Decision
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.db import add_row
from shared.errors import AccessDenied
from shared.ids import CaseId
from shared.node import Node


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One decision to exclude: nothing of it changes when policy or aid does.

    Args:
        document, section: where the policy of the decision's day says that somebody is excluded.
        running: aid that ran when it was decided.
        told_on: when the person was told; the time to appeal runs from then.
        names: of whoever decided.
    """

    person: Person
    review: RelapseReview
    decision: Decision
    document: str
    section: str
    running: tuple[Aid, ...]
    told_on: date | None
    names: Mapping[UUID, str]

    @property
    def appeal_until(self) -> date | None:
        """Last day to appeal; None until the person has been told."""
        return appeal_until(self.told_on)


async def read_exclusion(node: Node, actor: Actor, case_id: CaseId, review_id: UUID) -> Exclusion:
    """What the letter says; reading it is logged, as what is printed leaves the file.

    Raises:
        AccessDenied: not a member, or that review did not end in exclusion: alike.
    """
    async with reading(node, actor, case_id, "see") as at:
        await require_member(at.uow, case_id)
        row = await files.person_row(at.uow, case_id)
        review = await _excluding(at, review_id)
        if row is None or review.ended_at is None:
            raise AccessDenied
        register = await decisions.decisions_of(at.uow, at.key, case_id)
        decision = next(each for each in register if each.about == review_id)
        policy = node.policies.on(decision.policy_from)
        rule = exclusion_rule(policy)
        known = [plan.aid(at.key, each) for each in await plans.aids(at.uow, case_id)]
        of = {decision.decided_by} | ({decision.second} if decision.second else set())
        names = await staff.names(at.uow, of)
        at.uow.audit("case.decision_printed", case_id=case_id, review=str(review_id))
        await at.uow.commit()
    return Exclusion(
        person=sealing.person(at.key, row),
        review=review,
        decision=decision,
        document=policy.documents[rule.document].title,
        section=rule.section,
        running=tuple(running_at(known, review.ended_at)),
        told_on=review.told_on,
        names=names,
    )


async def record_exclusion_told(node: Node, actor: Actor, command: RecordExclusionTold) -> None:
    """The person has been told that they are excluded; the time to appeal runs.

    Raises:
        AccessDenied: no review of the case that ended in exclusion.
        DomainError: `aid.told_already`, `aid.told_before_decision`, `aid.told_in_future`.
    """
    async with writing(node, actor, command.case_id, command.term, "plan", even_refused=True) as at:
        review = await _excluding(at, command.review_id)
        if review.ended_at is None:
            raise AccessDenied
        check_day_told(
            local_date(review.ended_at), review.told_on, command.told_on, local_date(at.uow.now)
        )
        await add_row(
            at.uow,
            store.told,
            review_id=command.review_id,
            case_id=command.case_id,
            told_on=command.told_on,
            recorded_at=at.uow.now,
            recorded_by=actor.staff_id,
        )
        await told_in_history(at, "case.decision_told")
        await at.uow.commit()


async def _excluding(at: AtCase, review_id: UUID) -> RelapseReview:
    for each in await reviews_of(at):
        if each.review_id == review_id and each.outcome == "EXCLUDED":
            return each
    raise AccessDenied
