"""What the worker reads to count; row security shows it to nobody else."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from services.decisions.store.register import decision
from shared.db import UnitOfWork


async def first_of_kind(uow: UnitOfWork, prefix: str) -> Sequence[Row[Any]]:
    """When the first decision of these kinds was made, for each subject that has one."""
    statement = (
        select(decision.c.subject_id, func.min(decision.c.decided_at).label("decided_at"))
        .where(decision.c.kind.startswith(prefix, autoescape=True))
        .group_by(decision.c.subject_id)
    )
    return (await uow.execute(statement)).all()


async def outcomes_of_kind(uow: UnitOfWork, kind: str) -> Sequence[Row[Any]]:
    """What was decided, by subject, oldest first."""
    statement = (
        select(decision.c.subject_id, decision.c.outcome)
        .where(decision.c.kind == kind)
        .order_by(decision.c.decided_at, decision.c.decision_id)
    )
    return (await uow.execute(statement)).all()
