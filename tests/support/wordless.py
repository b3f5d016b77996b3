"""What must never be read on a page: an identifier, or a structure as Python prints it."""

import re
from collections.abc import Iterable

_CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\{'|\bNone\b")


def without(said: str, keys: Iterable[str]) -> str:
    """The page's text without what stands in `code`: a fingerprint may by chance hold `e_s`."""
    for key in keys:
        said = said.replace(key, "")
    return said


def code_in(said: str) -> str | None:
    """The first code that stands where a reader was owed words; None where all is words."""
    found = _CODE.search(said)
    return found[0] if found else None
