"""The register of decisions: migration 0006."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, LargeBinary, Table, Text, Uuid, insert, select
from sqlalchemy.engine import Row

from shared.db import UnitOfWork, metadata

decision = Table(
    "decision",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    Column("subject_id", Uuid, nullable=False),
    Column("about", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("decided_by", Uuid, nullable=False),
    Column("second", Uuid),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("document", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("law_ref", Text, nullable=False),
    Column("policy_from", Date, nullable=False),
    Column("policy_sha256", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)


async def add(uow: UnitOfWork, **values: object) -> None:
    """One more decision."""
    await uow.execute(insert(decision).values(**values).inline())


async def of_subject(uow: UnitOfWork, subject: UUID) -> list[Row[Any]]:
    """All decisions on a case or an incoming handover, oldest first."""
    statement = (
        select(decision)
        .where(decision.c.subject_id == subject)
        .order_by(decision.c.decided_at, decision.c.decision_id)
    )
    return list((await uow.execute(statement)).all())
