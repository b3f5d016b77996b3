"""The threat is raised: the case's people are told at once, and who is on call is let in."""

from datetime import timedelta

from services.cases.domain.alarm import (
    ANSWER_WITHIN,
    ON_CALL,
    Alarm,
    AlarmRow,
    Call,
    ReadAlarm,
    calls,
)
from services.cases.handlers.immediate import call_overdue
from services.cases.handlers.work import writing
from services.cases.store import alarms as store
from services.cases.store import headers
from services.cases.store.rows import Record
from services.protection.api import ThreatChanged, is_raised
from services.staff import api as staff
from shared.actor import Actor, worker
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.db.cards import add_card, add_cards
from shared.errors import AccessDenied
from shared.ids import CaseId
from shared.node import Node
from shared.policy import Policy, add_working_days

LEADERS = "team_leader"
CALLED = (LEADERS, "exit_coordinator")
"""Who is told that nobody answers: everybody here who may give a case to somebody."""


class AlarmListener:
    """`protection.ThreatEvents`: in the transaction of the officer who gave the level.

    The officer sees no case; the database lets exactly this through (migration 0021): an alarm on
    a case whose room the officer's unit is attached to, and access for whoever is on call when the
    level is HIGH. Nothing of it is shown to the officer.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    async def on_threat_changed(self, uow: UnitOfWork, change: ThreatChanged) -> None:
        """An alarm, if it was raised; to an incoming handover that is no case here yet, none."""
        if change.term == 0 or not is_raised(change.before, change.now):
            return
        case_id, today = CaseId(change.subject), local_date(uow.now)
        policy = self._node.policies.on(today)
        confirm_by = add_working_days(today, staff.confirm_alarm_working_days(policy))
        alarm_id = await store.add(uow, case_id, change.before, change.now, confirm_by)
        uow.audit("case.alarm_raised", case_id=case_id, alarm=str(alarm_id))
        if change.now == "HIGH" and not await _call_in(uow, policy, case_id):
            await add_cards(uow, "case.nobody_on_call", CALLED, subject=case_id)


async def _call_in(uow: UnitOfWork, policy: Policy, case_id: CaseId) -> bool:
    """Let in who is on call now; whether anybody is."""
    rules = staff.rules(policy)
    who = None if rules is None else await store.on_call(uow, case_id)
    if rules is None or who is None:
        return False
    until_at = uow.now + timedelta(hours=rules.access_hours)
    duty_ends = await store.on_call_until(uow, case_id)
    if duty_ends is not None:
        until_at = min(until_at, duty_ends + staff.HANDOVER)
    if await store.let_in(uow, case_id, who, until_at):
        uow.audit("case.on_call_let_in", case_id=case_id, staff=str(who))
        kind = "case.on_call_let_in"
        await add_card(uow, kind, "case_worker", subject=case_id, case_id=case_id)
        await add_card(uow, kind, LEADERS, subject=case_id)
    return True


async def read_alarm(node: Node, actor: Actor, command: ReadAlarm) -> None:
    """A member has read it; of a case worker that is the confirmation the clock waits for.

    Raises:
        AccessDenied: not a member, or no such alarm in the case: alike.
        Conflict: `case.responsibility_moved`, `case.closed`.
    """
    async with writing(node, actor, command.case_id, command.term, "see", lock=False) as at:
        found = await _find(at.uow, command)
        role = next(
            (
                each.role
                for each in await headers.members(at.uow, command.case_id)
                if each.staff_id == actor.staff_id and each.ended_at is None
            ),
            None,
        )
        if found is None or role is None:
            raise AccessDenied
        await store.read(at.uow, found, role)
        at.uow.audit("case.alarm_read", case_id=command.case_id, alarm=str(command.alarm_id))
        await at.uow.commit()


async def open_alarms(node: Node, actor: Actor) -> list[AlarmRow]:
    """What the actor has yet to read, oldest first."""
    async with node.db.begin(actor) as uow:
        rows = [
            AlarmRow(
                alarm_id=alarm.alarm_id,
                case_id=alarm.case_id,
                code_name=row.code_name,
                raised_at=alarm.raised_at,
                confirm_by=alarm.confirm_by,
                is_on_call=row.role == ON_CALL,
            )
            for alarm, row in await store.of_actor(uow)
            if alarm.waits_for(actor.staff_id, row.role)
        ]
        uow.audit("case.alarms_listed", rows=len(rows))
        await uow.commit()
    return rows


async def tick(node: Node) -> int:
    """What time does: ends access that has run out, calls the next, and who has not reviewed.

    Args:
        node: under the worker's role.
    """
    async with node.db.begin(worker(node.authority)) as uow:
        over = [*await store.run_out(uow), *await _taken_off(uow)]
        policy = node.policies.on(local_date(uow.now))
        due = [
            (alarm, term, found)
            for alarm, term in await store.waiting(uow)
            if (found := await _due(uow, policy, alarm))
        ]
    done = 0
    for row in over:
        done += await _end(node, CaseId(row.case_id), row)
    for alarm, term, found in due:
        done += await _carry_out(node, policy, alarm, term, found)
    return done + await call_overdue(node)


async def _taken_off(uow: UnitOfWork) -> list[Record]:
    """Who was let in as on call, and was taken off call since."""
    return [
        row
        for row in await store.let_in_still(uow)
        if await staff.was_taken_off(uow, row.staff_id, row.started_at)
    ]


async def _due(uow: UnitOfWork, policy: Policy, alarm: Alarm) -> tuple[Call, ...]:
    rules = staff.rules(policy)
    waits_for_answer = rules is not None and not alarm.is_answered
    who = await store.on_call(uow, alarm.case_id) if waits_for_answer else None
    return calls(
        alarm,
        uow.now,
        local_date(uow.now),
        answer_within=timedelta(minutes=rules.answer_minutes) if rules else ANSWER_WITHIN,
        on_call=who,
        is_let_in=who is not None and await store.has_access(uow, alarm.case_id, who),
    )


async def _end(node: Node, case_id: CaseId, row: Record) -> int:
    async with node.db.begin(worker(node.authority), term=row.term) as uow:
        if not await store.end(uow, case_id, row.staff_id):
            return 0
        facts = {"staff": str(row.staff_id)}
        await headers.insert_event(uow, case_id, "case.on_call_ended", dict(facts))
        uow.audit("case.on_call_ended", case_id=case_id, **facts)
        await uow.commit()
    return 1


async def _carry_out(
    node: Node, policy: Policy, alarm: Alarm, term: int, found: tuple[Call, ...]
) -> int:
    done = 0
    async with node.db.begin(worker(node.authority), term=term) as uow:
        if "next_on_call" in found:
            done += await _call_in(uow, policy, alarm.case_id)
        if "escalate" in found and await store.note_escalated(uow, alarm.alarm_id):
            await add_cards(uow, "case.alarm_unanswered", CALLED, subject=alarm.case_id)
            uow.audit("case.alarm_escalated", case_id=alarm.case_id)
            done += 1
        if "overdue" in found and await store.note_overdue(uow, alarm.alarm_id):
            await add_card(uow, "case.alarm_overdue", LEADERS, subject=alarm.case_id)
            uow.audit("case.alarm_overdue", case_id=alarm.case_id)
            done += 1
        await uow.commit()
    return done


async def _find(uow: UnitOfWork, command: ReadAlarm) -> Alarm | None:
    alarms = await store.of_case(uow, command.case_id)
    return next((each for each in alarms if each.alarm_id == command.alarm_id), None)
