"""What is to be reported to the board: each decision once, at its next meeting.

Source: the duty to report what is decided by delegation, design note `domain.md` 1.5 and 1.7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.decisions.store import reports as store
from shared.db import UnitOfWork
from shared.ids import CaseId, StaffId


@dataclass(frozen=True, slots=True)
class Reportable:
    """A decision as the board is told of it: nothing of the person, no reasons.

    Args:
        decided_by: `COMMITTEE_ID` where it was recorded from the committee's minutes.
    """

    decision_id: UUID
    case_id: CaseId
    kind: str
    outcome: str
    decided_by: StaffId
    second: StaffId | None
    decided_at: datetime
    document: str
    section: str


async def to_report(uow: UnitOfWork, cases: Sequence[CaseId]) -> list[Reportable]:
    """Decisions on these cases that the board has not been told of, oldest first."""
    return [
        Reportable(
            decision_id=row.decision_id,
            case_id=CaseId(row.subject_id),
            kind=row.kind,
            outcome=row.outcome,
            decided_by=row.decided_by,
            second=row.second,
            decided_at=row.decided_at,
            document=row.document,
            section=row.section,
        )
        for row in await store.waiting(uow, cases)
    ]


async def mark_reported(uow: UnitOfWork, decisions: Sequence[UUID], meeting_on: date) -> None:
    """They go to the board's meeting that day.

    Raises:
        Conflict: `decision.reported_already`.
    """
    await store.mark(uow, decisions, meeting_on)
