"""Aid decided at once: migration 0022."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Select,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    update,
)

from services.cases.domain.immediate import Immediate, Review
from services.cases.store.rows import Record
from services.cases.store.tables import header
from shared.db import UnitOfWork, changed_one, metadata
from shared.ids import CaseId, StaffId

immediate = Table(
    "case_immediate",
    metadata,
    Column("aid_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_header.case_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("decided_by", Uuid, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("review_by", Date, nullable=False),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("reviewed_by", Uuid),
    Column("outcome", Text),
    Column("overdue_at", DateTime(timezone=True)),
    ForeignKeyConstraint(
        ["case_id", "aid_id"],
        ["case_aid.case_id", "case_aid.aid_id"],
        name="case_immediate_of_aid",
    ),
)


async def add(uow: UnitOfWork, **values: object) -> None:
    """Decided at once, in the actor's name."""
    await uow.execute(
        insert(immediate)
        .values(decided_by=uow.actor.staff_id, decided_at=uow.now, **values)
        .inline()
    )


async def of_case(uow: UnitOfWork, case_id: CaseId) -> tuple[Immediate, ...]:
    """All of the case, newest first."""
    statement = (
        select(immediate)
        .where(immediate.c.case_id == case_id)
        .order_by(immediate.c.decided_at.desc(), immediate.c.aid_id)
    )
    return tuple(_immediate(row) for row in await uow.execute(statement))


async def waiting(uow: UnitOfWork) -> Sequence[Record]:
    """What waits in the cases that the actor sees, closed ones too, with code name and term."""
    return (await uow.execute(_waiting().order_by(immediate.c.decided_at))).all()


async def review(uow: UnitOfWork, aid_id: UUID, outcome: Review) -> None:
    """The ordinary delegate has read it; once."""
    await changed_one(
        uow,
        update(immediate)
        .where(immediate.c.aid_id == aid_id, immediate.c.reviewed_at.is_(None))
        .values(reviewed_at=uow.now, reviewed_by=uow.actor.staff_id, outcome=outcome),
    )


async def note_overdue(uow: UnitOfWork, aid_id: UUID) -> bool:
    """The delegates are called; False where another worker called them."""
    statement = update(immediate).where(
        immediate.c.aid_id == aid_id,
        immediate.c.overdue_at.is_(None),
        immediate.c.reviewed_at.is_(None),
    )
    return (await uow.execute(statement.values(overdue_at=uow.now))).rowcount == 1


def _waiting() -> Select[Any]:
    return (
        select(
            immediate,
            header.c.code_name,
            header.c.term,
            func.app_is_member(header.c.case_id).label("is_member"),
        )
        .join(header, header.c.case_id == immediate.c.case_id)
        .where(immediate.c.reviewed_at.is_(None))
    )


def _immediate(row: Record) -> Immediate:
    return Immediate(
        aid_id=row.aid_id,
        case_id=CaseId(row.case_id),
        kind=row.kind,
        decided_by=StaffId(row.decided_by),
        decided_at=row.decided_at,
        review_by=row.review_by,
        reviewed_at=row.reviewed_at,
        reviewed_by=None if row.reviewed_by is None else StaffId(row.reviewed_by),
        outcome=row.outcome,
    )
