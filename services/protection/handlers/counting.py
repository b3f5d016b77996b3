"""What national statistics count of the police's assessments: levels and times, nothing else."""

from collections import defaultdict
from datetime import datetime

from services.protection import store
from services.protection.domain.model import Level
from shared.db import UnitOfWork
from shared.ids import SubjectId


async def levels_over_time(uow: UnitOfWork) -> dict[SubjectId, list[tuple[datetime, Level]]]:
    """Every assessment of every subject, oldest first."""
    found: dict[SubjectId, list[tuple[datetime, Level]]] = defaultdict(list)
    for row in await store.every_level(uow):
        found[SubjectId(row.subject_id)].append((row.assessed_at, row.level))
    return dict(found)


async def answered_threat_requests(
    uow: UnitOfWork,
) -> dict[SubjectId, list[tuple[datetime, datetime]]]:
    """When each request about a subject was asked, and when it was answered."""
    found: dict[SubjectId, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in await store.answered_threat_requests(uow):
        found[SubjectId(row.subject_id)].append((row.asked_at, row.answered_at))
    return dict(found)
