"""Working days in Sweden.

Source: lag (1989:253) om allmänna helgdagar, and lag (1930:173) 2 § for the eves of midsummer,
Christmas and the new year, which count as Saturday when a time runs out.
"""

from datetime import date, timedelta
from functools import cache

SATURDAY = 5
FRIDAY = 4


@cache
def red_days(year: int) -> frozenset[date]:
    """Holidays and the three eves of that year; Sundays are not repeated here."""
    easter = _easter(year)
    midsummer_eve = _first_on_or_after(date(year, 6, 19), FRIDAY)
    return frozenset(
        {
            date(year, 1, 1),
            date(year, 1, 6),
            easter - timedelta(days=2),
            easter,
            easter + timedelta(days=1),
            date(year, 5, 1),
            easter + timedelta(days=39),
            easter + timedelta(days=49),
            date(year, 6, 6),
            midsummer_eve,
            midsummer_eve + timedelta(days=1),
            _first_on_or_after(date(year, 10, 31), SATURDAY),
            date(year, 12, 24),
            date(year, 12, 25),
            date(year, 12, 26),
            date(year, 12, 31),
        }
    )


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    return day.weekday() < SATURDAY and day not in red_days(day.year)


def add_working_days(day: date, count: int) -> date:
    """The day that lies `count` working days after; the first day is not counted."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def _first_on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _easter(year: int) -> date:
    # The anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 1991, chapter 8).
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)
