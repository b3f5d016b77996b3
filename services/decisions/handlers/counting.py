"""What national statistics count of decisions: when, nothing else."""

from datetime import datetime

from services.decisions.store import counting
from shared.db import UnitOfWork
from shared.ids import SubjectId

AID = "aid."
"""What the kinds of decisions on assistance begin with."""
ENTRY_REFUSED = "entry.refuse"


async def first_aid_decisions(uow: UnitOfWork) -> dict[SubjectId, datetime]:
    """When assistance was first decided on, granted or refused, by case."""
    rows = await counting.first_of_kind(uow, AID)
    return {SubjectId(row.subject_id): row.decided_at for row in rows}


async def entry_refusals(uow: UnitOfWork) -> dict[SubjectId, str]:
    """The criterion that failed, by case; the last one where a case was refused twice."""
    rows = await counting.outcomes_of_kind(uow, ENTRY_REFUSED)
    return {SubjectId(row.subject_id): row.outcome for row in rows}
