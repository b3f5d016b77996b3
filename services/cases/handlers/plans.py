"""The plan: goals, measures under decisions, follow-ups with the person."""

from uuid import UUID

from services.cases.domain.plan import (
    Goal,
    check_follow_up,
    check_goal,
    check_measure_end,
    check_measure_start,
    check_provider,
    require_plannable,
    scored,
)
from services.cases.domain.plan_commands import (
    EndMeasure,
    RecordFollowUp,
    SetGoal,
    StartMeasure,
)
from services.cases.domain.text import MAX_NAME, optional, required
from services.cases.handlers import plan_sealing as plan
from services.cases.handlers import sealing
from services.cases.handlers.aid import told_in_history
from services.cases.handlers.work import AtCase, writing
from services.cases.policy import CasesPolicy
from services.cases.store import files, headers, plan_tables, plans
from shared.actor import Actor
from shared.clock import local_date
from shared.db import add_row
from shared.errors import AccessDenied, DomainError
from shared.ids import row_id
from shared.node import Node


async def set_goal(node: Node, actor: Actor, command: SetGoal) -> UUID:
    """One more goal of the plan.

    Raises:
        DomainError: `goal.text_missing`, `goal.due_in_past`, `plan.too_early`.
    """
    text = required(command.text, "goal.text_missing")
    async with writing(node, actor, command.case_id, command.term, "plan") as at:
        require_plannable(at.header.state)
        check_goal(command.due_on, local_date(at.uow.now))
        goal_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            plan_tables.goal,
            goal_id=goal_id,
            case_id=command.case_id,
            area=command.area,
            sealed=sealing.close(at.key, "case_goal", goal_id, text),
            due_on=command.due_on,
            set_at=at.uow.now,
            set_by=actor.staff_id,
        )
        await told_in_history(at, "case.goal_set")
        await at.uow.commit()
    return goal_id


async def start_measure(node: Node, actor: Actor, command: StartMeasure) -> UUID:
    """A decision begins to be carried out; its clock stops.

    Raises:
        DomainError: `measure.*`.
    """
    what = required(command.what, "measure.what_missing", MAX_NAME)
    provider = optional(command.provider, MAX_NAME)
    async with writing(node, actor, command.case_id, command.term, "plan", even_aided=True) as at:
        row = await files.person_row(at.uow, command.case_id)
        if row is None:
            raise AccessDenied
        person = sealing.person(at.key, row)
        check_provider(provider, (person.given_name, person.family_name))
        known = [plan.aid(at.key, each) for each in await plans.aids(at.uow, command.case_id)]
        check_measure_start(known, command.aid_id, command.started_on, local_date(at.uow.now))
        measure_id = row_id(at.uow.now)
        body = plan.MeasureBody(what, provider)
        await add_row(
            at.uow,
            plan_tables.measure,
            measure_id=measure_id,
            case_id=command.case_id,
            aid_id=command.aid_id,
            is_bought=bool(provider),
            sealed=sealing.close(at.key, "case_measure", measure_id, body),
            started_on=command.started_on,
            started_by=actor.staff_id,
        )
        await told_in_history(at, "case.measure_started")
        await at.uow.commit()
    return measure_id


async def end_measure(node: Node, actor: Actor, command: EndMeasure) -> None:
    """A measure has ended; the decision stands until it is ended by another.

    Raises:
        AccessDenied: no such measure in the case.
        DomainError: `measure.ended_already`, `measure.ends_before_start`, `measure.in_future`.
    """
    async with writing(node, actor, command.case_id, command.term, "plan", even_aided=True) as at:
        rows = await plans.measures(at.uow, command.case_id)
        row = next((each for each in rows if each.measure_id == command.measure_id), None)
        if row is None:
            raise AccessDenied
        today = local_date(at.uow.now)
        check_measure_end(plan.measure(at.key, row), command.ended_on, today)
        await plans.end_measure(at.uow, command.measure_id, command.ended_on)
        await told_in_history(at, "case.measure_ended")
        await at.uow.commit()


async def record_follow_up(node: Node, actor: Actor, command: RecordFollowUp) -> UUID:
    """The plan gone through with the person: each open goal scored, the next one set.

    Raises:
        DomainError: `follow_up.*`, `case.event_not_allowed` outside the programme.
    """
    summary = required(command.summary, "follow_up.summary_missing")
    persons_view = required(command.persons_view, "follow_up.view_missing")
    async with writing(node, actor, command.case_id, command.term, "follow_up") as at:
        if at.header.state != "ACTIVE":
            raise DomainError("case.event_not_allowed", state=at.header.state, event="follow_up")
        today = local_date(at.uow.now)
        rule = node.policies.on(today).section("cases", CasesPolicy).work.follow_up_months
        check_follow_up(
            await goals_of(at),
            [each.goal_id for each in command.scores],
            command.held_on,
            command.next_on,
            today=today,
            months=rule.value,
        )
        follow_up_id = row_id(at.uow.now)
        scores = {each.goal_id: each.score for each in command.scores}
        body = plan.FollowUpBody(scores, summary, persons_view)
        await add_row(
            at.uow,
            plan_tables.follow_up,
            follow_up_id=follow_up_id,
            case_id=command.case_id,
            held_on=command.held_on,
            next_on=command.next_on,
            sealed=sealing.close(at.key, "case_follow_up", follow_up_id, body),
            recorded_at=at.uow.now,
            recorded_by=actor.staff_id,
        )
        await plans.change(at.uow, command.case_id, follow_up_on=command.next_on)
        await headers.touch(at.uow, at.header)
        await told_in_history(at, "case.followed_up")
        await at.uow.commit()
    return follow_up_id


async def goals_of(at: AtCase) -> list[Goal]:
    """The plan's goals, each with its newest score."""
    case_id = at.header.case_id
    rows = await plans.goals(at.uow, case_id)
    held = [plan.follow_up(at.key, each) for each in await plans.follow_ups(at.uow, case_id)]
    return plan.goals(at.key, rows, scored(plan.goals(at.key, rows, {}), held))
