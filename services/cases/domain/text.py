"""What people type, made safe to keep: line ends unified, control characters dropped, length held."""

import unicodedata

from shared.errors import DomainError

MAX_TEXT = 200_000
"""Characters of a note; twice what the scenarios ask for."""
MAX_REASON = 500  # the audit log's own limit
MAX_NAME = 200


def plain(text: str) -> str:
    """NFC, newline as the only line end, no control characters but tab, no space at the ends."""
    unified = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (c for c in unified if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(kept).strip()


def required(text: str, code: str, longest: int = MAX_TEXT) -> str:
    """`plain`, or a refusal when nothing is left or too much.

    Raises:
        DomainError: `code` when empty, `text.too_long` with `longest`.
    """
    cleaned = optional(text, longest)
    if not cleaned:
        raise DomainError(code)
    return cleaned


def optional(text: str, longest: int = MAX_TEXT) -> str:
    """`plain`; may be empty. Raises `text.too_long`."""
    cleaned = plain(text)
    if len(cleaned) > longest:
        raise DomainError("text.too_long", longest=longest)
    return cleaned


def reason(text: str) -> str:
    """Why somebody does or reads something, on one line, for the log. Raises `reason.missing`."""
    return " ".join(required(text, "reason.missing", MAX_REASON).split())
