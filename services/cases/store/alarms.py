"""Alarms, who has read them, and access for who is on call: migration 0021."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.cases.domain.alarm import ON_CALL, Alarm, Level, Reading
from services.cases.store.rows import Record
from services.cases.store.tables import alarm, alarm_reading, header, member
from shared.actor import WORKER_ID
from shared.db import UnitOfWork
from shared.ids import CaseId, StaffId, row_id


async def add(
    uow: UnitOfWork, case_id: CaseId, before: Level | None, level: Level, confirm_by: date
) -> UUID:
    """The threat was raised."""
    alarm_id = row_id(uow.now)
    await uow.execute(
        insert(alarm)
        .values(
            alarm_id=alarm_id,
            case_id=case_id,
            level_before=before,
            level=level,
            raised_at=uow.now,
            confirm_by=confirm_by,
        )
        .inline()
    )
    return alarm_id


async def on_call(uow: UnitOfWork, case_id: CaseId) -> StaffId | None:
    """Who is on call for the case now and not kept from it."""
    found: UUID | None = (await uow.execute(select(func.app_on_call(case_id)))).scalar_one()
    return None if found is None else StaffId(found)


async def on_call_until(uow: UnitOfWork, case_id: CaseId) -> datetime | None:
    """When the duty ends of who is on call for the case now."""
    found: datetime | None = (
        await uow.execute(select(func.app_on_call_until(case_id)))
    ).scalar_one()
    return found


async def let_in(uow: UnitOfWork, case_id: CaseId, staff_id: StaffId, until_at: datetime) -> bool:
    """Access until then, in nobody's name but the node's; False for who has access already."""
    result = await uow.execute(
        upsert(member)
        .values(
            member_id=row_id(uow.now),
            case_id=case_id,
            staff_id=staff_id,
            role=ON_CALL,
            given_by=WORKER_ID,
            reason="case.on_call",
            started_at=uow.now,
            until_at=until_at,
        )
        .on_conflict_do_nothing()
        .inline()
    )
    return result.rowcount == 1


async def has_access(uow: UnitOfWork, case_id: CaseId, staff_id: StaffId) -> bool:
    """Whether this person is a member now."""
    statement = select(func.count()).where(
        member.c.case_id == case_id,
        member.c.staff_id == staff_id,
        member.c.ended_at.is_(None),
        func.coalesce(member.c.until_at > uow.now, True),
    )
    return bool((await uow.execute(statement)).scalar_one())


async def run_out(uow: UnitOfWork) -> Sequence[Record]:
    """Whose time as on call is over and not yet ended: case, person and the case's term."""
    statement = (
        select(member.c.case_id, member.c.staff_id, header.c.term)
        .join(header, header.c.case_id == member.c.case_id)
        .where(member.c.ended_at.is_(None), member.c.until_at <= uow.now)
        .order_by(member.c.until_at, member.c.member_id)
    )
    return (await uow.execute(statement)).all()


async def let_in_still(uow: UnitOfWork) -> Sequence[Record]:
    """Who has access as on call, and since when: as `run_out`, whose time is not over."""
    statement = (
        select(member.c.case_id, member.c.staff_id, member.c.started_at, header.c.term)
        .join(header, header.c.case_id == member.c.case_id)
        .where(member.c.ended_at.is_(None), member.c.until_at > uow.now)
        .order_by(member.c.until_at, member.c.member_id)
    )
    return (await uow.execute(statement)).all()


async def end(uow: UnitOfWork, case_id: CaseId, staff_id: StaffId) -> bool:
    """Time, or the end of the duty, has ended it; False where somebody else noted it first."""
    result = await uow.execute(
        update(member)
        .where(
            member.c.case_id == case_id,
            member.c.staff_id == staff_id,
            member.c.ended_at.is_(None),
            member.c.until_at.is_not(None),
        )
        .values(ended_at=uow.now, ended_by=WORKER_ID, end_reason="case.on_call")
    )
    return result.rowcount == 1


async def of_case(uow: UnitOfWork, case_id: CaseId) -> tuple[Alarm, ...]:
    """Every alarm of the case, newest first."""
    statement = _alarms().where(alarm.c.case_id == case_id)
    rows = (await uow.execute(statement.order_by(alarm.c.raised_at.desc()))).all()
    readings = await _readings(uow, [row.alarm_id for row in rows])
    return tuple(_alarm(row, readings) for row in rows)


async def of_actor(uow: UnitOfWork) -> list[tuple[Alarm, Record]]:
    """Alarms of the actor's open cases, with `code_name` and the actor's own `role`; oldest first."""
    statement = (
        _alarms()
        .add_columns(header.c.code_name, member.c.role)
        .join(header, header.c.case_id == alarm.c.case_id)
        .join(
            member,
            and_(
                member.c.case_id == alarm.c.case_id,
                member.c.staff_id == uow.actor.staff_id,
                member.c.ended_at.is_(None),
            ),
        )
        .where(header.c.ended_reason.is_(None))
        .order_by(alarm.c.raised_at, alarm.c.alarm_id)
    )
    rows = (await uow.execute(statement)).all()
    readings = await _readings(uow, [row.alarm_id for row in rows])
    return [(_alarm(row, readings), row) for row in rows]


async def waiting(uow: UnitOfWork) -> list[tuple[Alarm, int]]:
    """Alarms of open cases that no case worker has read, with the case's term; oldest first."""
    is_read = select(alarm_reading.c.alarm_id).where(
        alarm_reading.c.alarm_id == alarm.c.alarm_id, alarm_reading.c.role == "case_worker"
    )
    statement = (
        _alarms()
        .add_columns(header.c.term)
        .join(header, header.c.case_id == alarm.c.case_id)
        .where(header.c.ended_reason.is_(None), ~is_read.exists())
        .order_by(alarm.c.raised_at, alarm.c.alarm_id)
    )
    rows = (await uow.execute(statement)).all()
    readings = await _readings(uow, [row.alarm_id for row in rows])
    return [(_alarm(row, readings), row.term) for row in rows]


async def read(uow: UnitOfWork, found: Alarm, role: str) -> None:
    """The actor has read it; once is enough."""
    await uow.execute(
        upsert(alarm_reading)
        .values(
            alarm_id=found.alarm_id,
            case_id=found.case_id,
            staff_id=uow.actor.staff_id,
            role=role,
            read_at=uow.now,
        )
        .on_conflict_do_nothing()
        .inline()
    )


async def note_escalated(uow: UnitOfWork, alarm_id: UUID) -> bool:
    """The team leaders are called; False where another worker called them."""
    statement = update(alarm).where(alarm.c.alarm_id == alarm_id, alarm.c.escalated_at.is_(None))
    return (await uow.execute(statement.values(escalated_at=uow.now))).rowcount == 1


async def note_overdue(uow: UnitOfWork, alarm_id: UUID) -> bool:
    """The team leaders know that no case worker has read it; False where another worker told."""
    statement = update(alarm).where(alarm.c.alarm_id == alarm_id, alarm.c.overdue_at.is_(None))
    return (await uow.execute(statement.values(overdue_at=uow.now))).rowcount == 1


def _alarms() -> Select[Any]:
    return select(
        alarm.c.alarm_id,
        alarm.c.case_id,
        alarm.c.level_before,
        alarm.c.level,
        alarm.c.raised_at,
        alarm.c.confirm_by,
        alarm.c.escalated_at,
        alarm.c.overdue_at,
    )


async def _readings(uow: UnitOfWork, alarms: Iterable[UUID]) -> dict[UUID, list[Reading]]:
    wanted = list(alarms)
    found: dict[UUID, list[Reading]] = {each: [] for each in wanted}
    if wanted:
        statement = (
            select(alarm_reading)
            .where(alarm_reading.c.alarm_id.in_(wanted))
            .order_by(alarm_reading.c.read_at, alarm_reading.c.staff_id)
        )
        for row in await uow.execute(statement):
            found[row.alarm_id].append(Reading(row.staff_id, row.role, row.read_at))
    return found


def _alarm(row: Record, readings: dict[UUID, list[Reading]]) -> Alarm:
    return Alarm(
        alarm_id=row.alarm_id,
        case_id=CaseId(row.case_id),
        level_before=row.level_before,
        level=row.level,
        raised_at=row.raised_at,
        confirm_by=row.confirm_by,
        escalated_at=row.escalated_at,
        overdue_at=row.overdue_at,
        readings=tuple(readings[row.alarm_id]),
    )
