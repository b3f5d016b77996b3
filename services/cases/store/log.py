"""The case's own part of the log, as row security lets members read it."""

from typing import Any

from sqlalchemy import Row, select

from shared.db import UnitOfWork
from shared.db.audit import audit_entry
from shared.ids import CaseId

LONGEST = 1000
"""Rows shown; the whole log is the log reviewer's."""


async def entries(uow: UnitOfWork, case_id: CaseId) -> list[Row[Any]]:
    """Newest first."""
    statement = (
        select(
            audit_entry.c.at,
            audit_entry.c.actor_id,
            audit_entry.c.action,
            audit_entry.c.reason,
        )
        .where(audit_entry.c.case_id == case_id)
        .order_by(audit_entry.c.at.desc(), audit_entry.c.id.desc())
        .limit(LONGEST)
    )
    return list((await uow.execute(statement)).all())
