"""What protection knows: levels, units, rooms, questions and answers. No intelligence, no free text.

The police own the threat assessment; the municipality keeps its result: level, unit, method, date,
next review (design note `domain.md` 1.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID, uuid5

from shared.errors import Conflict, DomainError
from shared.ids import AuthorityCode, StaffId, SubjectId

Level = Literal["LOW", "MEDIUM", "HIGH"]
Method = Literal["structured", "unstructured"]
UnitKind = Literal["local_police_area", "police_protection_unit"]
Answer = Literal["CLEAR", "NOT_CLEAR", "NOTHING_TO_REPORT", "CONTACT_US"]
QuestionKind = Literal["threat", "placement", "level_passing", "acute_protection", "register_check"]
PaperKind = Literal["entry_assessment", "exclusion"]
PaperWord = Literal["AGREED", "NOT_AGREED"]
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
        answer: CLEAR or NOT_CLEAR for a placement and CLEAR alone as a yes to the others; CLEAR to a
            threat question says that no threat is known, None that an assessment was given;
            NOTHING_TO_REPORT or CONTACT_US for a register check. Never with reasons or names.
    """

    question_id: UUID
    kind: QuestionKind
    unit: str
    authority: AuthorityCode | None
    asked_at: datetime
    answer: Answer | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line of a paper: codes that the pages have words for, and what people wrote.

    Args:
        code: what is judged.
        answer: how.
        rule: which rule asks for it, as people cite it.
    """

    code: str
    answer: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What the municipality has put before a police unit to sign, and its word.

    Args:
        is_final: to be signed; else there to be read only.
        lines: empty where the reader has no key to it.
        outcome: what the lines come to, in a code.
    """

    paper_id: UUID
    kind: PaperKind
    unit: str
    is_final: bool
    put_at: datetime
    outcome: str
    lines: tuple[PaperLine, ...]
    word: PaperWord | None
    given_by: StaffId | None
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoomRow:
    """One line of an officer's list: code name and what is asked, nothing of the person."""

    room_id: UUID
    code_name: str
    level: Level | None
    next_review_on: date | None
    open_questions: tuple[QuestionKind, ...]
    open_papers: tuple[PaperKind, ...]
    attached_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """The joint room as an officer of an attached unit sees it; reading it is audited.

    Args:
        term: the case's term; every answer carries it back.
        papers: what this unit is asked to sign, newest first; one that a newer has replaced is gone.
        handovers: of the acute protection to the municipality, newest first.
        may_set: the levels that this officer's unit may give.
    """

    room_id: UUID
    code_name: str
    term: int
    identity: SharedIdentity | None
    threat: Threat | None
    questions: tuple[Question, ...]
    papers: tuple[Paper, ...]
    handovers: "tuple[ProtectionHandover, ...]"
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
    """A police officer answers a question; a threat question so only when no threat is known."""

    room_id: UUID
    term: int
    question_id: UUID
    answer: Answer


@dataclass(frozen=True, slots=True)
class SignPaper:
    """A police officer signs a paper for the police, or says that the police do not agree."""

    room_id: UUID
    term: int
    paper_id: UUID
    word: PaperWord


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


def check_answer(kind: QuestionKind, answer: Answer, current: Level | None) -> None:
    """Raise unless the answer is one that the question takes.

    A threat question is answered by an assessment, or by CLEAR: no threat is known. Once a level
    has been given only a new assessment changes it.

    Args:
        current: the level until now.

    Raises:
        DomainError: `question.answered_by_assessment`, `question.other_answer`.
    """
    if kind == "threat" and (answer != "CLEAR" or current is not None):
        raise DomainError("question.answered_by_assessment")
    if (answer in OF_REGISTERS) != (kind == "register_check"):
        raise DomainError("question.other_answer")


def no_threat_known(asked: Sequence[Question], threat: Threat | None) -> bool:
    """Whether the police's newest answer is that they know of no threat.

    Args:
        asked: newest first.
        threat: the newest assessment; one of them is always newer than such an answer.
    """
    answered = (q for q in asked if q.kind == "threat" and q.answered_at is not None)
    newest = next(answered, None)
    return threat is None and newest is not None and newest.answer == "CLEAR"


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


Holder = Literal["police", "municipality"]


@dataclass(frozen=True, slots=True)
class AcuteProtection:
    """Who answers for the acute protection from a moment on; the newest counts.

    Args:
        unit: the police unit that answers for the police's part at that level.
    """

    holder: Holder
    unit: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ProtectionHandover:
    """The police end the acute protection; it stays theirs until the municipality has confirmed.

    Args:
        unit: the police unit that protected, and ends.
        responsible: who in the municipality answers for the long-term protection.
        is_current: no newer assessment stands; an offer that one has overtaken is nothing to confirm.
    """

    protection_id: UUID
    threat_id: UUID
    unit: str
    offered_at: datetime
    offered_by: StaffId
    confirmed_at: datetime | None
    confirmed_by: StaffId | None
    responsible: StaffId | None
    is_current: bool

    @property
    def waits(self) -> bool:
        """The municipality has still to confirm it."""
        return self.is_current and self.confirmed_at is None


def must_be_confirmed(before: Holder | None, now: Holder, *, is_incoming: bool) -> bool:
    """Whether the police's protection goes to the municipality, which must say that it has it.

    Args:
        before: who protects until now; None: nobody has had to.
        is_incoming: of a handover that has no case here yet; nobody is there to confirm.
    """
    return before == "police" and now == "municipality" and not is_incoming


def check_confirmation(offer: ProtectionHandover | None, by: StaffId) -> ProtectionHandover:
    """The offer that is confirmed, when it stands and is not the confirmer's own.

    Raises:
        DomainError: `protection.same_person`.
        Conflict: `protection.nothing_offered`: confirmed already, or overtaken by an assessment.
    """
    if offer is None or not offer.waits:
        raise Conflict("protection.nothing_offered")
    if offer.offered_by == by:
        raise DomainError("protection.same_person")
    return offer


def holder_of(level: Level) -> Holder:
    """Who answers for the acute protection at this level.

    Source: agreement police–Linköping 2022 (seed 002): the police while the threat is high, the
    municipality at lower levels.
    """
    return "police" if level == "HIGH" else "municipality"


def is_raised(before: Level | None, now: Level) -> bool:
    """Whether it is worse than what was known; a first assessment alarms when it is HIGH."""
    if before is None:
        return now == "HIGH"
    return LEVELS.index(now) > LEVELS.index(before)


@dataclass(frozen=True, slots=True)
class ThreatChanged:
    """Told upward when an assessment differs from the one before.

    Args:
        term: the case's; 0 for an incoming handover, which is no case here yet.
    """

    subject: SubjectId
    term: int
    before: Level | None
    now: Level
    by: StaffId
