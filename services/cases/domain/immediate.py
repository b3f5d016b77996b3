"""Aid decided at once: by who is on call, until the ordinary delegate has confirmed it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.cases.domain.aid import AidKind
from services.cases.domain.commands import NeedArea
from shared.errors import Conflict, DomainError
from shared.ids import CaseId, StaffId

Review = Literal["CONFIRMED", "SET_ASIDE"]


@dataclass(frozen=True, slots=True)
class DecideAtOnce:
    """Grant help now, without the ordinary delegate.

    Args:
        matter: what is given.
        reasons: why it could not wait, and why it is given.
        granted_until: last day; demanded where policy sets the longest time.
    """

    case_id: CaseId
    term: int
    kind: AidKind
    area: NeedArea
    matter: str
    reasons: str
    granted_from: date | None = None
    granted_until: date | None = None


@dataclass(frozen=True, slots=True)
class ReviewImmediate:
    """The ordinary delegate confirms it, or sets it aside with reasons."""

    case_id: CaseId
    term: int
    aid_id: UUID
    outcome: Review
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class Immediate:
    """A decision that was made at once.

    Args:
        review_by: last local day for the ordinary delegate.
        outcome: None while it waits; it stands meanwhile.
    """

    aid_id: UUID
    case_id: CaseId
    kind: AidKind
    decided_by: StaffId
    decided_at: datetime
    review_by: date
    reviewed_at: datetime | None
    reviewed_by: StaffId | None
    outcome: Review | None


@dataclass(frozen=True, slots=True)
class ImmediateRow:
    """One line of what waits for the ordinary delegate: code name and day, nothing of the person.

    Args:
        is_member: the actor can read it; a leader who is not gives themselves the case first.
    """

    aid_id: UUID
    case_id: CaseId
    code_name: str
    decided_at: datetime
    review_by: date
    is_member: bool


def check_review(found: Immediate, reviewer: StaffId) -> None:
    """Raise unless it waits, and for another person than who decided.

    Raises:
        Conflict: `immediate.reviewed_already`.
        DomainError: `decision.same_person`.
    """
    if found.outcome is not None:
        raise Conflict("immediate.reviewed_already")
    if found.decided_by == reviewer:
        raise DomainError("decision.same_person")


def check_none_waits(known: Iterable[Immediate]) -> None:
    """Raise while something that was decided at once has not been read by the ordinary delegate.

    Whoever ends a case by a decision reads it first. Where the person or another municipality ends
    it, nothing can be asked for first: then it waits on in the closed case.

    Raises:
        DomainError: `immediate.waits`.
    """
    if any(each.outcome is None for each in known):
        raise DomainError("immediate.waits")
