"""Texts of which no person may be read, made safe to keep.

Personal numbers are found by form alone, check digit or not: a number typed wrong still points at
somebody. Organisation numbers have a third digit of 2 or more, and are no dates.
Source: folkbokföringslag (1991:481) 18 §; coordination numbers (day + 60) lag (2022:1697).
"""

import re
import unicodedata
from collections.abc import Callable

from shared.errors import DomainError

MAX_TEXT = 20_000
MAX_LINE = 300

_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
_PERSONAL_NUMBER = re.compile(
    rf"(?<!\d)(?:\d{{2}})?\d{{2}}(?:{_MONTH}{_DAY}[-+ ]?|-{_MONTH}-{_DAY}[-+])\d{{4}}(?!\d)"
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))

NamesCase = Callable[[str], bool]
"""Whether a text holds a case's code name."""


def holds_personal_number(text: str) -> bool:
    """Whether something in the text has the form of a personal or coordination number."""
    flat = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return _PERSONAL_NUMBER.search(flat) is not None


def names_person(text: str, names_case: NamesCase) -> bool:
    """Whether the text points at somebody: a personal number, or a case's code name."""
    return holds_personal_number(text) or names_case(text)


def safe_text(text: str, names_case: NamesCase, *, longest: int = MAX_TEXT) -> str:
    """NFC, newline as the only line end, no control characters but tab; may be empty.

    Raises:
        DomainError: `text.too_long`, `text.names_person`.
    """
    unified = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        each for each in unified if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"}
    ).strip()
    if len(kept) > longest:
        raise DomainError("text.too_long", longest=longest)
    if names_person(kept, names_case):
        raise DomainError("text.names_person")
    return kept
