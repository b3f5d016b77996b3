"""Who is on call, from when until when. Pure.

A unit has one person on call at a time: when the threat rises at night there must be no doubt who
answers. A duty without a unit covers the whole municipality, where the unit has none of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.staff.domain.roles import CASE_ROLES
from shared.errors import DomainError
from shared.ids import StaffId

LONGEST = timedelta(days=7)
"""A week at a time: longer is no duty that somebody can keep awake for."""
LOOK_AHEAD = timedelta(days=14)
"""How far ahead the roster shows when nobody is on call."""


@dataclass(frozen=True, slots=True)
class PutOnCall:
    """Let a colleague be on call; times are aware."""

    staff_id: StaffId
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class TakeOffCall:
    """Take a duty back: one that has begun ends now, one to come is gone."""

    duty_id: UUID


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's time on call.

    Args:
        unit: whose cases it covers; None: the whole municipality.
        until_at: when it ends, or ended if it was taken back.
    """

    duty_id: UUID
    unit: str | None
    staff_id: StaffId
    display_name: str
    from_at: datetime
    until_at: datetime

    def covers(self, at: datetime) -> bool:
        """Whether the person is on call at that moment."""
        return self.from_at <= at < self.until_at


@dataclass(frozen=True, slots=True)
class Gap:
    """A time when nobody is on call."""

    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Roster:
    """A unit's time on call as people see it: now and ahead.

    Args:
        is_kept: policy says that somebody is on call; without it nothing can be written here.
        may_change: the actor keeps this roster.
        now: who is on call at this moment; None where nobody is.
    """

    is_kept: bool
    may_change: bool
    now: Duty | None
    duties: tuple[Duty, ...]
    gaps: tuple[Gap, ...]


def check_duty(
    wanted: PutOnCall, roles: frozenset[str], others: Iterable[Duty], now: datetime
) -> None:
    """Raise unless the colleague may be on call at that time.

    Args:
        roles: the colleague's own.
        others: the unit's other duties.

    Raises:
        DomainError: `duty.time_without_zone`, `duty.ends_before_it_begins`, `duty.too_long`,
            `duty.over_already`, `duty.role_not_held`, `duty.overlaps`.
    """
    if wanted.from_at.tzinfo is None or wanted.until_at.tzinfo is None:
        raise DomainError("duty.time_without_zone")
    if wanted.until_at <= wanted.from_at:
        raise DomainError("duty.ends_before_it_begins")
    if wanted.until_at - wanted.from_at > LONGEST:
        raise DomainError("duty.too_long", days=LONGEST.days)
    if wanted.until_at <= now:
        raise DomainError("duty.over_already")
    if roles.isdisjoint(CASE_ROLES):
        raise DomainError("duty.role_not_held")
    if any(each.from_at < wanted.until_at and wanted.from_at < each.until_at for each in others):
        raise DomainError("duty.overlaps")


def on_call_at(duties: Iterable[Duty], unit: str | None, at: datetime) -> Duty | None:
    """Who answers for a case of this unit at that moment: the unit's own, else the municipality's."""
    fitting = [each for each in duties if each.unit in {unit, None} and each.covers(at)]
    return min(fitting, key=lambda each: each.unit != unit, default=None)


def gaps(duties: Sequence[Duty], start: datetime, end: datetime) -> tuple[Gap, ...]:
    """When nobody is on call between the two, in order."""
    found, free_from = [], start
    for each in sorted(duties, key=lambda duty: duty.from_at):
        if each.from_at >= end:
            break
        if each.from_at > free_from:
            found.append(Gap(free_from, each.from_at))
        free_from = max(free_from, each.until_at)
    if free_from < end:
        found.append(Gap(free_from, end))
    return tuple(found)
