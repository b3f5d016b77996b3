"""What protection knows: levels, units, rooms, questions and answers. No intelligence, no free text.

The police own the threat assessment; the municipality keeps its result: level, unit, method, date,
next review (design note `domain.md` 1.3).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID, uuid5

from shared.errors import DomainError
from shared.ids import AuthorityCode, StaffId, SubjectId

Level = Literal["LOW", "MEDIUM", "HIGH"]
Method = Literal["structured", "unstructured"]
UnitKind = Literal["local_police_area", "police_protection_unit"]
Answer = Literal["CLEAR", "NOT_CLEAR", "NOTHING_TO_REPORT", "CONTACT_US"]
QuestionKind = Literal["threat", "placement", "level_passing", "acute_protection", "register_check"]
MAX_REASON = 500  # the audit log's own limit
OF_REGISTERS: frozenset[Answer] = frozenset({"NOTHING_TO_REPORT", "CONTACT_US"})
"""All that a register check is answered by; what was found is told by telephone (domain.md 10)."""
LEVELS: tuple[Level, ...] = get_args(Level)
_ROOM = UUID("5b0cb2d5-6f2f-4a0e-9d0c-7a8f0c6e2f11")


def room_of(subject: SubjectId) -> SubjectId:
    """The joint room's id, which is also the subject of its key.

    Derived by SHA-1 from a random id: who knows the room cannot find the case.
    """
    return SubjectId(uuid5(_ROOM, str(subject)))


@dataclass(frozen=True, slots=True)
class Threat:
    """One assessment; the newest counts."""

    threat_id: UUID
    level: Level
    unit: str
    method: Method
    assessed_at: datetime
    next_review_on: date


@dataclass(frozen=True, slots=True)
class SharedIdentity:
    """What the police are told of the person, under consent or statute."""

    given_name: str
    family_name: str
    personal_number: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of the police unit, and its answer.

    Args:
        authority: the municipality that a `placement` or `level_passing` question names.
        answer: CLEAR or NOT_CLEAR for a placement and CLEAR alone as a yes to the others;
            NOTHING_TO_REPORT or CONTACT_US for a register check; never with reasons or names.
    """

    question_id: UUID
    kind: QuestionKind
    unit: str
    authority: AuthorityCode | None
    asked_at: datetime
    answer: Answer | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoomRow:
    """One line of an officer's list: code name and what is asked, nothing of the person."""

    room_id: UUID
    code_name: str
    level: Level | None
    next_review_on: date | None
    open_questions: tuple[QuestionKind, ...]
    attached_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """The joint room as an officer of an attached unit sees it; reading it is audited.

    Args:
        term: the case's term; every answer carries it back.
        may_set: the levels that this officer's unit may give.
    """

    room_id: UUID
    code_name: str
    term: int
    identity: SharedIdentity | None
    threat: Threat | None
    questions: tuple[Question, ...]
    may_set: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class GiveThreat:
    """A police officer gives the result of an assessment."""

    room_id: UUID
    term: int
    level: Level
    method: Method
    next_review_on: date


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """A police officer answers any question but the one that an assessment answers."""

    room_id: UUID
    term: int
    question_id: UUID
    answer: Answer


def log_reason(text: str) -> str:
    """Why a room is read, on one line as the log keeps it. Raises `reason.missing`."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not line:
        raise DomainError("reason.missing")
    return line[:MAX_REASON]


def levels_of(kind: UnitKind) -> tuple[Level, ...]:
    """The levels that a unit of this kind may set: HIGH is Bops' alone.

    Source: agreement police–Linköping 2022 (seed 002), responsibility by level.
    """
    return LEVELS if kind == "police_protection_unit" else ("LOW", "MEDIUM")


def check_threat(
    level: Level,
    kind: UnitKind,
    next_review_on: date,
    *,
    today: date,
    latest: date,
    current: Level | None,
) -> None:
    """Raise unless this unit may give this level with this review day.

    A local area may raise an alarm but not lower what Bops has set to HIGH: ending the acute
    protection is Bops' decision.

    Args:
        latest: last day that policy allows for the next review.
        current: the level until now.

    Raises:
        DomainError: `threat.unit_may_not_set`, `threat.review_in_past`, `threat.review_too_late`.
    """
    if level not in levels_of(kind) or (current == "HIGH" and kind != "police_protection_unit"):
        raise DomainError("threat.unit_may_not_set", level=level)
    if next_review_on <= today:
        raise DomainError("threat.review_in_past")
    if next_review_on > latest:
        raise DomainError("threat.review_too_late", days=(latest - today).days)


def check_answer(kind: QuestionKind, answer: Answer) -> None:
    """Raise unless the answer is one that the question takes.

    Raises:
        DomainError: `question.answered_by_assessment` for a threat question: an assessment answers
            it; `question.other_answer`.
    """
    if kind == "threat":
        raise DomainError("question.answered_by_assessment")
    if (answer in OF_REGISTERS) != (kind == "register_check"):
        raise DomainError("question.other_answer")


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """An officer of a local area asks Bops to assess."""

    room_id: UUID
    term: int


@dataclass(frozen=True, slots=True)
class PoliceUnit:
    """A unit as the police's own tenant folder names it."""

    code: str
    name: str
    kind: UnitKind
    municipalities: frozenset[AuthorityCode]


@dataclass(frozen=True, slots=True)
class ThreatChanged:
    """Told upward when an assessment differs from the one before."""

    subject: SubjectId
    before: Level | None
    now: Level
    by: StaffId
