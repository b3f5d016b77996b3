"""What must never be read on a page: an identifier, or a structure as Python prints it."""

import re

# A whole word only: the fingerprint of a key (base64url) may by chance hold `-e_s-`.
_CODE = re.compile(r"(?<![\w-])[a-z]+_[a-z_]+(?![\w-])|\{'|\bNone\b")


def code_in(said: str) -> str | None:
    """The first code that stands where a reader was owed words; None where all is words."""
    found = _CODE.search(said)
    return found[0] if found else None
