"""Half-years and years: the only spans that anything is counted or shown for.

Everything is *collected* by half-year, once. A year is its two half-years' released totals added
together, never a collection of its own: a second collection over another set of municipalities
would, less the halves, be the difference, and that may be one municipality.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

_HALF = re.compile(r"(20[0-9]{2})H([12])", re.ASCII)
_YEAR = re.compile(r"20[0-9]{2}", re.ASCII)

COUNT_AFTER = timedelta(days=15)
"""A node counts on this day after the half-year's last: what was written late is in, and both ends
of a handover know of it. Product rule."""
CLOSE_AFTER = timedelta(days=30)
"""The coordinator asks for the lists of contributors on this day after the last. Product rule."""

ERASE_AFTER = timedelta(days=120)
"""On this day after the last a collector gives up waiting for an order: shares that nobody adds are
of use to a thief alone. Before the next half-year is closed. Product rule."""


@dataclass(frozen=True, slots=True, order=True)
class HalfYear:
    """January to June (1), or July to December (2)."""

    year: int
    half: Literal[1, 2]

    @property
    def id(self) -> str:
        """As it is written everywhere: `2026H1`."""
        return f"{self.year}H{self.half}"

    @property
    def first_day(self) -> date:
        """The first day that belongs to it."""
        return date(self.year, 1 if self.half == 1 else 7, 1)

    @property
    def last_day(self) -> date:
        """The last day that belongs to it."""
        return self.following.first_day - timedelta(days=1)

    @property
    def following(self) -> "HalfYear":
        """The half-year after it."""
        return HalfYear(self.year, 2) if self.half == 1 else HalfYear(self.year + 1, 1)

    @property
    def previous(self) -> "HalfYear":
        """The half-year before it."""
        return HalfYear(self.year, 1) if self.half == 2 else HalfYear(self.year - 1, 2)

    @property
    def counted_on(self) -> date:
        """From this day each node counts it."""
        return self.last_day + COUNT_AFTER

    @property
    def closed_on(self) -> date:
        """From this day the coordinator closes it."""
        return self.last_day + CLOSE_AFTER

    @property
    def erased_on(self) -> date:
        """From this day a collector holds no share of it."""
        return self.last_day + ERASE_AFTER


@dataclass(frozen=True, slots=True, order=True)
class Year:
    """Two half-years, added up after their release."""

    year: int

    @property
    def id(self) -> str:
        """As it is written everywhere: `2026`."""
        return str(self.year)

    @property
    def halves(self) -> tuple[HalfYear, HalfYear]:
        """What it is made of."""
        return HalfYear(self.year, 1), HalfYear(self.year, 2)


Period = HalfYear | Year


def half_year_of(day: date) -> HalfYear:
    """The half-year that a day belongs to."""
    return HalfYear(day.year, 1 if day.month <= 6 else 2)


def half_year(text: str) -> HalfYear:
    """Read `2026H1`.

    Raises:
        ValueError: it is none.
    """
    found = _HALF.fullmatch(text)
    if found is None:
        raise ValueError("a half-year is written 2026H1 or 2026H2")
    return HalfYear(int(found[1]), 1 if found[2] == "1" else 2)


def period(text: str) -> Period:
    """Read `2026H1` or `2026`.

    Raises:
        ValueError: it is neither.
    """
    return Year(int(text)) if _YEAR.fullmatch(text) else half_year(text)
