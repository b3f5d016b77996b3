"""The texts of this service, checked on entry: the one way in for all of them."""

from services.cases import api as cases
from services.follow_up.domain.texts import MAX_LINE, MAX_TEXT, safe_text


def checked(text: str, *, longest: int = MAX_TEXT) -> str:
    """The text as it is kept; may be empty.

    Raises:
        DomainError: `text.too_long`, `text.names_person`.
    """
    return safe_text(text, cases.mentions_code_name, longest=longest)


def checked_line(text: str) -> str:
    """One line: runs of space are one space.

    Raises:
        DomainError: as `checked`.
    """
    return checked(" ".join(text.split()), longest=MAX_LINE)
