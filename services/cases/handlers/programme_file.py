"""What members read of the programme: agreement, decisions, plan and follow-ups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.cases.domain.aid import Aid, running
from services.cases.domain.money import Money
from services.cases.domain.plan import (
    FollowUp,
    Goal,
    Measure,
    scored,
    unexecuted,
)
from services.cases.domain.programme import (
    Agreement,
    PauseCause,
    RegisterOutcome,
)
from services.cases.domain.text import reason as reason_of
from services.cases.domain.views import CaseHeader
from services.cases.handlers import plan_sealing as plan
from services.cases.handlers import sealing
from services.cases.handlers.inside import require_member
from services.cases.handlers.work import AtCase, reading
from services.cases.store import money, plans
from services.cases.store.rows import Record
from services.decisions import api as decisions
from services.decisions.api import Decision
from services.protection import api as protection
from services.protection.api import Question
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import CaseId, SubjectId
from shared.node import Node


@dataclass(frozen=True, slots=True)
class Pause:
    """Why the programme rests, and when somebody looks at it again."""

    cause: PauseCause
    text: str
    review_on: date


@dataclass(frozen=True, slots=True)
class Closing:
    """How the programme ended.

    Args:
        threat_level: the police's last; None where none was ever given.
    """

    summary: str
    continued_support: str
    threat_level: str | None
    register_check: RegisterOutcome
    goals_met: int
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Programme:
    """What members read under plan and decisions; building it is audited.

    Args:
        agreements: newest first; the first counts.
        aids, decisions, measures, follow_ups: oldest first.
        running: what is granted today.
        unexecuted: of that, what nobody has begun to carry out.
        register_checks: newest first.
        money: state money applied for, oldest first.
        names: display names of staff.
    """

    header: CaseHeader
    agreements: tuple[Agreement, ...]
    aids: tuple[Aid, ...]
    running: tuple[UUID, ...]
    unexecuted: tuple[UUID, ...]
    decisions: tuple[Decision, ...]
    goals: tuple[Goal, ...]
    measures: tuple[Measure, ...]
    follow_ups: tuple[FollowUp, ...]
    started_at: datetime | None
    follow_up_on: date | None
    pause: Pause | None
    register_checks: tuple[Question, ...]
    closing: Closing | None
    money: tuple[Money, ...]
    names: Mapping[UUID, str]


async def read_programme(node: Node, actor: Actor, case_id: CaseId, reason: str) -> Programme:
    """Agreement, decisions, plan and follow-ups, for members.

    Raises:
        AccessDenied: not a member, or no such case: alike.
    """
    why = reason_of(reason)
    async with reading(node, actor, case_id, "see") as at:
        await require_member(at.uow, case_id)
        found = await _programme(at)
        at.uow.audit("case.programme_read", case_id=case_id, reason=why)
        await at.uow.commit()
    return found


async def _programme(at: AtCase) -> Programme:
    uow, key, case_id = at.uow, at.key, at.header.case_id
    today = local_date(uow.now)
    aids = [plan.aid(key, row) for row in await plans.aids(uow, case_id)]
    measures = [plan.measure(key, row) for row in await plans.measures(uow, case_id)]
    held = [plan.follow_up(key, row) for row in await plans.follow_ups(uow, case_id)]
    goal_rows = await plans.goals(uow, case_id)
    goals = plan.goals(key, goal_rows, scored(plan.goals(key, goal_rows, {}), held))
    row = await plans.programme_row(uow, case_id)
    closings = await plans.closings(uow, case_id)
    return Programme(
        header=at.header,
        agreements=tuple(plan.agreement(key, r) for r in await plans.agreements(uow, case_id)),
        aids=tuple(aids),
        running=tuple(aid.aid_id for aid in running(aids, today)),
        unexecuted=tuple(aid.aid_id for aid in unexecuted(aids, measures, today)),
        decisions=tuple(await decisions.decisions_of(uow, key, case_id)),
        goals=tuple(goals),
        measures=tuple(measures),
        follow_ups=tuple(held),
        started_at=row.started_at if row else None,
        follow_up_on=row.follow_up_on if row else None,
        pause=_pause(at, row),
        register_checks=tuple(await register_checks(at)),
        closing=_closing(at, closings[0]) if closings else None,
        money=tuple(await money.of(uow, case_id)),
        names=await staff.names(uow, None),
    )


async def agreement_of(at: AtCase) -> Agreement | None:
    """The newest; it may have been taken back."""
    rows = await plans.agreements(at.uow, at.header.case_id)
    return plan.agreement(at.key, rows[0]) if rows else None


async def register_checks(at: AtCase) -> list[Question]:
    """All that the police have been asked to check, newest first."""
    asked = await protection.questions(at.uow, SubjectId(at.header.case_id))
    return [each for each in asked if each.kind == "register_check"]


def _pause(at: AtCase, row: Record | None) -> Pause | None:
    if row is None or row.paused is None:
        return None
    body = sealing.reveal(at.key, "case_programme", at.header.case_id, row.paused, plan.PauseBody)
    return Pause(body.cause, body.text, row.review_on)


def _closing(at: AtCase, row: Record) -> Closing:
    body = sealing.reveal(at.key, "case_closing", row.closing_id, row.sealed, plan.ClosingBody)
    return Closing(
        summary=body.summary,
        continued_support=body.continued_support,
        threat_level=row.threat_level,
        register_check=row.register_check,
        goals_met=row.goals_met,
        closed_at=row.closed_at,
    )
