"""Reported concerns, their steps and assessments; explained column by column in the migration."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    Uuid,
    select,
)

from shared.db import UnitOfWork, conflict_when, metadata
from shared.ids import CaseId

concern = Table(
    "intake_concern",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_header.case_id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("reporter", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("registered_by", Uuid, nullable=False),
)
step = Table(
    "intake_step",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_header.case_id"), nullable=False),
    Column("step", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("ground", Text),
    Column("sealed", LargeBinary, nullable=False),
    Column("settled_at", DateTime(timezone=True), nullable=False),
    Column("settled_by", Uuid, nullable=False),
    PrimaryKeyConstraint("case_id", "step", name="intake_step_pkey"),
)
assessment = Table(
    "intake_assessment",
    metadata,
    Column("assessment_id", Uuid, nullable=False),
    Column("case_id", Uuid, ForeignKey("case_header.case_id"), primary_key=True),
    Column("opinion", Text, nullable=False),
    Column("competence", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("assessed_at", DateTime(timezone=True), nullable=False),
    Column("assessed_by", Uuid, nullable=False),
)
conflict_when("intake_step_pkey", "concern.step_settled")
conflict_when("intake_assessment_pkey", "concern.assessed_already")


async def concern_row(uow: UnitOfWork, case_id: CaseId) -> Row[Any] | None:
    """What was reported, sealed; None where the case began otherwise."""
    return (await uow.execute(select(concern).where(concern.c.case_id == case_id))).one_or_none()


async def step_rows(uow: UnitOfWork, case_id: CaseId) -> list[Row[Any]]:
    """The steps that are settled, in the order they were."""
    statement = select(step).where(step.c.case_id == case_id).order_by(step.c.settled_at)
    return list(await uow.execute(statement))


async def assessment_row(uow: UnitOfWork, case_id: CaseId) -> Row[Any] | None:
    """The assessment, sealed."""
    return (
        await uow.execute(select(assessment).where(assessment.c.case_id == case_id))
    ).one_or_none()


def place(table: Table, row: UUID | str) -> str:
    """Which place a sealed body is bound to."""
    return f"{table.name}.sealed:{row}"
