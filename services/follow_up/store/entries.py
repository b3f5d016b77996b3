"""The action plan's entries: every version is kept, the last one counts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
)

from shared.db import UnitOfWork, conflict_when, metadata

Record = Row[Any]

entry = Table(
    "follow_up_entry",
    metadata,
    Column("entry_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("plan_id", Uuid, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("written_by", Uuid, nullable=False),
    Column("row_number", BigInteger, Identity(always=True), nullable=False),
    PrimaryKeyConstraint("entry_id", "number", name="follow_up_entry_pkey"),
)
conflict_when("follow_up_entry_pkey", "db.changed_meanwhile")
Index("follow_up_entry_plan", entry.c.plan_id, entry.c.kind)


async def current(
    uow: UnitOfWork, *, plan_id: UUID | None = None, kind: str | None = None
) -> Sequence[Record]:
    """The last version of each entry, in the order in which they were begun.

    Args:
        plan_id: of one plan only.
        kind: of one kind only.
    """
    begun = func.min(entry.c.row_number).over(partition_by=entry.c.entry_id).label("begun")
    last = func.max(entry.c.number).over(partition_by=entry.c.entry_id).label("last")
    versions = select(entry, begun, last)
    if plan_id is not None:
        versions = versions.where(entry.c.plan_id == plan_id)
    if kind is not None:
        versions = versions.where(entry.c.kind == kind)
    found = versions.subquery()
    statement = select(found).where(found.c.number == found.c.last).order_by(found.c.begun)
    return (await uow.execute(statement)).all()


async def versions(uow: UnitOfWork, entry_id: UUID) -> Sequence[Record]:
    """All of one entry, the newest first."""
    statement = select(entry).where(entry.c.entry_id == entry_id).order_by(entry.c.number.desc())
    return (await uow.execute(statement)).all()


async def add(
    uow: UnitOfWork, *, entry_id: UUID, number: int, kind: str, plan_id: UUID, content: bytes
) -> None:
    """One more version.

    Raises:
        Conflict: `db.changed_meanwhile`: somebody has written that version.
    """
    statement = insert(entry).values(
        entry_id=entry_id,
        number=number,
        kind=kind,
        plan_id=plan_id,
        content=content,
        written_at=uow.now,
        written_by=uow.actor.staff_id,
    )
    await uow.execute(statement)
