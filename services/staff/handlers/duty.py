"""The roster of who is on call: kept by the team leader, seen by everybody who has cases."""

from datetime import datetime
from uuid import UUID

from services.staff.domain.duty import (
    LONGEST,
    LOOK_AHEAD,
    Duty,
    PutOnCall,
    Roster,
    TakeOffCall,
    check_duty,
    gaps,
    on_call_at,
)
from services.staff.domain.roles import CASE_ROLES
from services.staff.handlers.accounts import find
from services.staff.policy import OnCall, StaffPolicy
from services.staff.store import duty as store
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.errors import AccessDenied, DomainError
from shared.ids import StaffId
from shared.node import Node
from shared.policy import Policy

KEEPER = "team_leader"


async def roster(node: Node, actor: Actor) -> Roster:
    """Who is on call for the actor's unit, and when nobody is.

    Raises:
        AccessDenied: the actor has no cases here.
    """
    _require_of_here(actor)
    async with node.db.begin(actor) as uow:
        now = uow.now
        rows = await store.between(uow, now, now + LOOK_AHEAD)
        duties = tuple(each for each in map(_duty, rows) if each.unit in {actor.unit, None})
        uow.audit("duty.roster_read", rows=len(duties))
        await uow.commit()
    is_kept = rules(node.policies.on(local_date(now))) is not None
    return Roster(
        is_kept=is_kept,
        may_change=is_kept and actor.has_any(KEEPER),
        now=on_call_at(duties, actor.unit, now),
        duties=duties,
        gaps=gaps(duties, now, now + LOOK_AHEAD) if is_kept else (),
    )


async def put_on_call(node: Node, actor: Actor, command: PutOnCall) -> UUID:
    """Write a duty of the actor's own unit.

    Raises:
        AccessDenied: the actor has no cases here.
        DomainError: `duty.not_keeper`, `duty.not_in_policy`, and as `check_duty`.
    """
    _require_keeper(actor)
    async with node.db.begin(actor) as uow:
        if rules(node.policies.on(local_date(uow.now))) is None:
            raise DomainError("duty.not_in_policy")
        await store.lock(uow)
        colleague = await find(uow, command.staff_id)
        others: list[Duty] = []
        if command.from_at.tzinfo and command.until_at.tzinfo:
            rows = await store.between(uow, command.from_at - LONGEST, command.until_at)
            others = [each for each in map(_duty, rows) if each.unit == actor.unit]
        check_duty(command, colleague.roles if colleague else frozenset(), others, uow.now)
        duty_id = await store.add(uow, command.staff_id, command.from_at, command.until_at)
        uow.audit("duty.put_on_call", duty=str(duty_id), staff=str(command.staff_id))
        await uow.commit()
    return duty_id


async def take_off_call(node: Node, actor: Actor, command: TakeOffCall) -> None:
    """Take a duty of the actor's own unit back.

    Raises:
        AccessDenied: the actor has no cases here, or there is no such duty of the unit's.
        DomainError: `duty.not_keeper`.
        Conflict: `db.changed_meanwhile`: it is over, or was taken back already.
    """
    _require_keeper(actor)
    async with node.db.begin(actor) as uow:
        await store.lock(uow)
        found = await store.one(uow, command.duty_id)
        if found is None or found.unit != actor.unit:
            raise AccessDenied
        await store.take_off(uow, command.duty_id)
        uow.audit("duty.taken_off_call", duty=str(command.duty_id), staff=str(found.staff_id))
        await uow.commit()


async def on_call(uow: UnitOfWork, unit: str | None, at: datetime) -> Duty | None:
    """Who answers for a case of this unit at that moment; None where nobody does."""
    rows = await store.between(uow, at, at + LOOK_AHEAD)
    return on_call_at(map(_duty, rows), unit, at)


async def is_on_call(uow: UnitOfWork, staff_id: StaffId, unit: str | None) -> bool:
    """Whether this person is on call now for cases of this unit."""
    rows = await store.between(uow, uow.now, uow.now + LOOK_AHEAD)
    return any(
        each.staff_id == staff_id and each.unit in {unit, None} and each.covers(uow.now)
        for each in map(_duty, rows)
    )


async def was_taken_off(uow: UnitOfWork, staff_id: StaffId, since: datetime) -> bool:
    """Whether a duty of this person was taken back since then, and none is left now."""
    rows = await store.between(uow, uow.now, uow.now + LOOK_AHEAD)
    if any(each.staff_id == staff_id and each.covers(uow.now) for each in map(_duty, rows)):
        return False
    return await store.was_taken_off(uow, staff_id, since)


def rules(policy: Policy) -> OnCall | None:
    """What being on call opens here, and for how long; None where policy names nobody on call."""
    rule = policy.section("staff", StaffPolicy).on_call.value
    return rule if isinstance(rule, OnCall) else None


def confirm_alarm_working_days(policy: Policy) -> int:
    """Working days until a case worker has read that the threat was raised."""
    return policy.section("staff", StaffPolicy).confirm_alarm_working_days.value


def _duty(row: store.Record) -> Duty:
    return Duty(
        duty_id=row.duty_id,
        unit=row.unit,
        staff_id=StaffId(row.staff_id),
        display_name=row.display_name,
        from_at=row.from_at,
        until_at=row.until_at,
    )


def _require_of_here(actor: Actor) -> None:
    if actor.home != actor.authority or not actor.has_any(*CASE_ROLES):
        raise AccessDenied


def _require_keeper(actor: Actor) -> None:
    _require_of_here(actor)
    if not actor.has_any(KEEPER):
        raise DomainError("duty.not_keeper", roles=KEEPER)
