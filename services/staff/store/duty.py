"""Who is on call: migration 0014."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Table,
    Text,
    Uuid,
    func,
    insert,
    or_,
    select,
    update,
)

from services.staff.store.accounts import Record, account
from shared.db import UnitOfWork, changed_one, metadata
from shared.ids import StaffId, row_id

__all__ = ["Record", "add", "between", "duty", "lock", "one", "take_off", "was_taken_off"]

duty = Table(
    "staff_duty",
    metadata,
    Column("duty_id", Uuid, primary_key=True),
    Column("unit", Text),
    Column("staff_id", Uuid, ForeignKey("staff_account.staff_id"), nullable=False),
    Column("from_at", DateTime(timezone=True), nullable=False),
    Column("until_at", DateTime(timezone=True), nullable=False),
    Column("set_by", Uuid, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    Column("taken_off_at", DateTime(timezone=True)),
    Column("taken_off_by", Uuid),
)
_ENDS = func.least(duty.c.until_at, duty.c.taken_off_at)


async def lock(uow: UnitOfWork) -> None:
    """One change of the roster at a time: two who write at once must not both find it free."""
    await uow.execute(select(func.pg_advisory_xact_lock(func.hashtext("staff_duty"))))


async def between(uow: UnitOfWork, start: datetime, end: datetime) -> Sequence[Record]:
    """Duties that cover some of the time, of every unit that the actor sees, in order."""
    statement = (
        select(
            duty.c.duty_id,
            duty.c.unit,
            duty.c.staff_id,
            account.c.display_name,
            duty.c.from_at,
            _ENDS.label("until_at"),
        )
        .join(account, account.c.staff_id == duty.c.staff_id)
        .where(
            duty.c.from_at < end,
            start < _ENDS,
            or_(duty.c.taken_off_at.is_(None), duty.c.taken_off_at > duty.c.from_at),
        )
        .order_by(duty.c.from_at, duty.c.duty_id)
    )
    return (await uow.execute(statement)).all()


async def one(uow: UnitOfWork, duty_id: UUID) -> Record | None:
    """One duty, whatever has become of it."""
    return (await uow.execute(select(duty).where(duty.c.duty_id == duty_id))).one_or_none()


async def add(uow: UnitOfWork, staff_id: StaffId, from_at: datetime, until_at: datetime) -> UUID:
    """One more, for the actor's own unit and in the actor's name."""
    duty_id = row_id(uow.now)
    await uow.execute(
        insert(duty)
        .values(
            duty_id=duty_id,
            unit=uow.actor.unit,
            staff_id=staff_id,
            from_at=from_at,
            until_at=until_at,
            set_by=uow.actor.staff_id,
            set_at=uow.now,
        )
        .inline()
    )
    return duty_id


async def was_taken_off(uow: UnitOfWork, staff_id: StaffId, since: datetime) -> bool:
    """Whether a duty of theirs that had begun was taken back since then."""
    statement = select(func.count()).where(
        duty.c.staff_id == staff_id,
        duty.c.taken_off_at >= since,
        duty.c.taken_off_at <= uow.now,
        duty.c.from_at <= duty.c.taken_off_at,
    )
    return bool((await uow.execute(statement)).scalar_one())


async def take_off(uow: UnitOfWork, duty_id: UUID) -> None:
    """End it now, or before it begins; once."""
    await changed_one(
        uow,
        update(duty)
        .where(
            duty.c.duty_id == duty_id,
            duty.c.taken_off_at.is_(None),
            duty.c.until_at > uow.now,
        )
        .values(taken_off_at=uow.now, taken_off_by=uow.actor.staff_id),
    )
