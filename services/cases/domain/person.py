"""Personal numbers as people type them, and as they are kept.

Source: folkbokföringslag (1991:481) 18 §; coordination numbers (day + 60) lag (2022:1697).
"""

import re
from datetime import date
from typing import Literal

from personnummer import personnummer

from shared.errors import DomainError

# ASCII digits only: the library would read other scripts' digits too.
_TYPED = re.compile(r"(\d{2})?(\d{2})(\d{4})([-+]?)(\d{4})", re.ASCII)
OLDEST_YEARS = 120
"""Older is a mistake in typing."""


def personal_number(typed: str, today: date) -> str:
    """Twelve digits from any usual form: `YYYYMMDD-NNNN`, `YYMMDD-NNNN`, `YYMMDD+NNNN`, spaces.

    Raises:
        DomainError: `person.number_invalid` (form, date or check digit), `person.born_in_future`,
            `person.number_too_old`.
    """
    form = _TYPED.fullmatch("".join(typed.split()))
    if form is None:
        raise DomainError("person.number_invalid")
    century, year, month_and_day, sign, rest = form.groups()
    if century is None:
        century = _century(int(year), today, is_over_a_hundred=sign == "+")
    digits = f"{century}{year}{month_and_day}{rest}"
    try:
        read = personnummer.parse(digits)
    except personnummer.PersonnummerException:
        raise DomainError("person.number_invalid") from None
    born_on: date = read.get_date()
    if born_on > today:
        raise DomainError("person.born_in_future")
    if today.year - born_on.year > OLDEST_YEARS:
        raise DomainError("person.number_too_old")
    return digits


def born_on(number: str) -> date:
    """Day of birth of a kept number; a coordination number's day is 60 more than the real one."""
    day = int(number[6:8])
    return date(int(number[:4]), int(number[4:6]), day - 60 if day > 60 else day)


def age_on(number: str, day: date) -> int:
    """Whole years."""
    born = born_on(number)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def sex_of(number: str) -> Literal["woman", "man"]:
    """By the last digit but one; folkbokföringslag (1991:481) 18 §."""
    return "man" if int(number[10]) % 2 else "woman"


def _century(year: int, today: date, *, is_over_a_hundred: bool) -> str:
    full = today.year - (today.year - year) % 100 - (100 if is_over_a_hundred else 0)
    return f"{full // 100:02}"
