"""Which decisions have been reported to the board: migration 0020."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, ForeignKey, Table, Uuid, exists, insert, select
from sqlalchemy.engine import Row

from services.decisions.store.register import decision
from shared.db import UnitOfWork, conflict_when, metadata

report = Table(
    "decision_report",
    metadata,
    Column("decision_id", Uuid, ForeignKey("decision.decision_id"), primary_key=True),
    Column("meeting_on", Date, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("reported_by", Uuid, nullable=False),
)
conflict_when("decision_report_pkey", "decision.reported_already")

_COLUMNS = (
    decision.c.decision_id,
    decision.c.subject_id,
    decision.c.kind,
    decision.c.outcome,
    decision.c.decided_by,
    decision.c.second,
    decision.c.decided_at,
    decision.c.document,
    decision.c.section,
)
"""What the board is told; reasons stay in the file."""


async def waiting(uow: UnitOfWork, subjects: Sequence[UUID]) -> list[Row[Any]]:
    """Decisions on these cases that nobody has reported, oldest first.

    The committee's own among them: one person recorded them from its minutes, and the board is who
    can see that it never decided so.
    """
    is_reported = exists().where(report.c.decision_id == decision.c.decision_id)
    statement = (
        select(*_COLUMNS)
        .where(decision.c.subject_id.in_(subjects), ~is_reported)
        .order_by(decision.c.decided_at, decision.c.decision_id)
    )
    return list((await uow.execute(statement)).all())


async def mark(uow: UnitOfWork, decisions: Sequence[UUID], meeting_on: date) -> None:
    """Each once."""
    for decision_id in decisions:
        await uow.execute(
            insert(report)
            .values(
                decision_id=decision_id,
                meeting_on=meeting_on,
                reported_at=uow.now,
                reported_by=uow.actor.staff_id,
            )
            .inline()
        )
