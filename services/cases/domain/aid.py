"""Decisions about aid: granted, refused, ended; when they are appealed and carried out.

Pure. Who decides what is in the delegation order. Sources: design note `domain.md` 1.2 row 10, 1.5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from services.cases.domain.commands import NeedArea
from services.cases.domain.states import EndedReason, State
from shared.clock import local_date, months_after
from shared.errors import DomainError

AidKind = Literal[
    "aid.counselling",
    "aid.emergency_housing",
    "aid.protected_housing",
    "aid.financial_within_norm",
    "aid.financial_above_norm",
]

AidOutcome = Literal["GRANTED", "REFUSED", "ENDED"]
AID_KINDS: tuple[AidKind, ...] = get_args(AidKind)
APPEAL_WITHIN = timedelta(weeks=3)
"""From the day the person was told; law reference `appeal.aid`."""

STILL_AIDED: frozenset[EndedReason] = frozenset(
    {"NOT_ADMITTED", "EXCLUDED_RELAPSE", "EXCLUDED_CONDITIONS"}
)
"""The programme ended by the municipality's decision; aid is decided on in the same file all the
same, since it rests on law and not on the programme."""

UNEXECUTED_MONTHS = 3
"""Then a favourable decision that nobody carries out is reported; law reference
`aid.unexecuted`."""


@dataclass(frozen=True, slots=True)
class Aid:
    """A decision about aid: granted, refused, or an earlier one ended.

    Args:
        matter: what was applied for, and what is given.
        minutes: the committee's minutes where the committee decided; empty otherwise.
        granted_until: last day; None until further notice, or where nothing is granted.
        ends: the earlier decision that this one ends.
        told_on: when the person was told; the time to appeal runs from then.
    """

    aid_id: UUID
    kind: AidKind
    outcome: AidOutcome
    area: NeedArea
    matter: str
    minutes: str
    granted_from: date | None
    granted_until: date | None
    ends: UUID | None
    decided_at: datetime
    told_on: date | None

    def runs(self, on: date) -> bool:
        """Granted, and the last day not passed; an end is a decision of its own."""
        until = self.granted_until
        return self.outcome == "GRANTED" and (until is None or on <= until)

    @property
    def appeal_until(self) -> date | None:
        """Last day to appeal; None until the person has been told."""
        return appeal_until(self.told_on)

    @property
    def carry_out_before(self) -> date | None:
        """Day from which an unexecuted grant is reported; None where nothing is granted."""
        if self.outcome != "GRANTED":
            return None
        return months_after(local_date(self.decided_at), UNEXECUTED_MONTHS)


def check_aid(
    state: State,
    kind: AidKind,
    outcome: AidOutcome,
    granted_from: date | None,
    granted_until: date | None,
    ends: Aid | None,
) -> None:
    """Raise unless the decision says what such a decision must, in a case where one is asked for.

    Aid is tried as soon as somebody has applied, whatever comes of the programme: entry and aid are
    different questions. What ends is of the kind that is decided: whoever may decide one kind ends
    no other.

    Raises:
        DomainError: `aid.no_application`, `aid.start_missing`, `aid.ends_before_start`,
            `aid.ends_nothing`, `aid.ends_other_kind`, `aid.grants_and_ends`.
    """
    if state in {"CONTACT", "PRELIMINARY"}:
        raise DomainError("aid.no_application")
    if outcome == "GRANTED":
        if granted_from is None:
            raise DomainError("aid.start_missing")
        if granted_until is not None and granted_until < granted_from:
            raise DomainError("aid.ends_before_start")
    elif granted_from is not None or granted_until is not None:
        raise DomainError("aid.grants_and_ends")
    if (outcome == "ENDED") != (ends is not None and ends.outcome == "GRANTED"):
        raise DomainError("aid.ends_nothing")
    if ends is not None and ends.kind != kind:
        raise DomainError("aid.ends_other_kind")


def days_granted(granted_from: date | None, granted_until: date | None) -> int | None:
    """How long, both days counted; None until further notice."""
    if granted_from is None or granted_until is None:
        return None
    return (granted_until - granted_from).days + 1


def check_told(aid: Aid, told_on: date, today: date) -> None:
    """Raise unless the person can have been told of the decision that day, for the first time.

    Raises:
        DomainError: `aid.told_already`, `aid.told_before_decision`, `aid.told_in_future`.
    """
    check_day_told(local_date(aid.decided_at), aid.told_on, told_on, today)


def check_day_told(decided_on: date, already: date | None, told_on: date, today: date) -> None:
    """As `check_told`, of whatever was decided that day.

    Args:
        already: the day that stands there; None where nobody has been told.
    """
    if already is not None:
        raise DomainError("aid.told_already")
    if told_on > today:
        raise DomainError("aid.told_in_future")
    if told_on < decided_on:
        raise DomainError("aid.told_before_decision")


def appeal_until(told_on: date | None) -> date | None:
    """Last day to appeal; None until the person has been told."""
    return None if told_on is None else told_on + APPEAL_WITHIN


def ended_aids(aids: Iterable[Aid]) -> frozenset[UUID]:
    """The decisions that a later one has ended."""
    return frozenset(aid.ends for aid in aids if aid.ends is not None)


def running(aids: Sequence[Aid], on: date) -> list[Aid]:
    """What is granted that day and has not been ended."""
    ended = ended_aids(aids)
    return [aid for aid in aids if aid.runs(on) and aid.aid_id not in ended]


def running_at(aids: Sequence[Aid], at: datetime) -> list[Aid]:
    """What was granted and had not been ended then, as far as had been decided by then."""
    return running([aid for aid in aids if aid.decided_at <= at], local_date(at))
