"""What somebody has learnt, and for how long it counts. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.errors import DomainError
from shared.ids import StaffId

CompetenceKind = Literal["radicalisation", "threat_conversation", "exit_work"]
MAX_YEARS = 5
"""Product ceiling: what was learnt longer ago is learnt anew."""


@dataclass(frozen=True, slots=True)
class RecordCompetence:
    """A team leader records what a colleague has learnt.

    Args:
        course: where it was learnt: a course, a degree; nothing of any case.
        valid_until: last day it counts.
    """

    staff_id: StaffId
    kind: CompetenceKind
    course: str
    obtained_on: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Competence:
    """A record as it was made; never changed, a newer one is added."""

    competence_id: UUID
    staff_id: StaffId
    kind: CompetenceKind
    course: str
    obtained_on: date
    valid_until: date
    recorded_by: StaffId
    recorded_at: datetime


def check_competence(command: RecordCompetence, recorder: StaffId, today: date) -> None:
    """Raise unless it is another's, already obtained, and ends within reason.

    Raises:
        DomainError: `competence.own`, `competence.in_future`, `competence.ends_before`,
            `competence.too_long` with `years`.
    """
    if command.staff_id == recorder:
        raise DomainError("competence.own")
    if command.obtained_on > today:
        raise DomainError("competence.in_future")
    if command.valid_until < command.obtained_on:
        raise DomainError("competence.ends_before")
    if command.valid_until.year - command.obtained_on.year > MAX_YEARS:
        raise DomainError("competence.too_long", years=MAX_YEARS)


def held_on(competences: Iterable[Competence], day: date) -> frozenset[CompetenceKind]:
    """The kinds that count on that day."""
    return frozenset(
        each.kind for each in competences if each.obtained_on <= day <= each.valid_until
    )
