"""Competence records: rows are added, never changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    Row,
    Table,
    Text,
    Uuid,
    insert,
    select,
)

from shared.db import UnitOfWork, metadata
from shared.ids import StaffId

competence = Table(
    "staff_competence",
    metadata,
    Column("competence_id", Uuid, primary_key=True),
    Column("staff_id", Uuid, ForeignKey("staff_account.staff_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("course", Text, nullable=False),
    Column("obtained_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("recorded_by", Uuid, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)


async def add(uow: UnitOfWork, **values: object) -> None:
    """One more record."""
    await uow.execute(insert(competence).values(**values).inline())


async def listed(uow: UnitOfWork, staff_id: StaffId | None = None) -> Sequence[Row[Any]]:
    """Records of one person, or of everybody; the newest first."""
    statement = select(competence).order_by(
        competence.c.recorded_at.desc(), competence.c.competence_id.desc()
    )
    if staff_id is not None:
        statement = statement.where(competence.c.staff_id == staff_id)
    return (await uow.execute(statement)).all()
