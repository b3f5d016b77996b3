"""Working days follow the holidays act."""

from datetime import date

import pytest

from shared.policy import add_working_days, is_working_day, red_days


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 6),  # Easter Monday
        date(2026, 5, 14),  # Ascension
        date(2026, 6, 6),  # the national day
        date(2026, 6, 19),  # Midsummer's eve
        date(2026, 10, 31),  # All Saints
        date(2026, 12, 24),
        date(2027, 3, 26),  # Good Friday
        date(2030, 6, 9),  # Whit Sunday
    ],
)
def test_a_holiday_is_red(day):
    assert day in red_days(day.year)
    assert not is_working_day(day)


def test_a_weekend_is_no_working_day_and_a_monday_is():
    assert not is_working_day(date(2026, 11, 22))
    assert is_working_day(date(2026, 11, 23))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 30), 1, date(2027, 1, 4)),
    ],
)
def test_working_days_skip_weekends_and_holidays(day, count, expected):
    assert add_working_days(day, count) == expected
