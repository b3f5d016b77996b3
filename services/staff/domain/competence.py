"""What somebody has learnt, and for how long it counts. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.errors import DomainError
from shared.ids import StaffId

CompetenceKind = Literal[
    "radicalisation", "threat_conversation", "exit_work", "special_suitability"
]
"""`special_suitability` is no course: a leader has judged that somebody may handle exit cases, with
special regard to secrecy and information security (Göteborg's policy, seed 004, eighth point)."""
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


@dataclass(frozen=True, slots=True)
class Demand:
    """What the policy demands of whoever works with a case, and which document says so."""

    kind: CompetenceKind
    document: str
    section: str


def held_on(competences: Iterable[Competence], day: date) -> frozenset[CompetenceKind]:
    """The kinds that count on that day: of each kind the newest record alone.

    So a judgement is taken back by a newer one that has ended, and nothing is ever rewritten.
    """
    newest: dict[CompetenceKind, Competence] = {}
    for each in competences:
        known = newest.get(each.kind)
        if known is None or each.recorded_at > known.recorded_at:
            newest[each.kind] = each
    return frozenset(
        kind for kind, each in newest.items() if each.obtained_on <= day <= each.valid_until
    )


def check_demands(demands: Iterable[Demand], held: frozenset[CompetenceKind]) -> None:
    """Raise unless everything that is demanded is held.

    Raises:
        DomainError: `assignment.competence_missing` with the first `competence` that is missing or
            has expired, and the `document` and `section` that demand it.
    """
    for each in demands:
        if each.kind not in held:
            raise DomainError(
                "assignment.competence_missing",
                competence=each.kind,
                document=each.document,
                section=each.section,
            )
