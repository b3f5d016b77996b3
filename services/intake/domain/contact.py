"""Pure rules of the first contact."""

from collections.abc import Container

from shared.errors import DomainError
from shared.ids import AuthorityCode, authority_code


def municipality_code(typed: str | None, known: Container[AuthorityCode]) -> AuthorityCode | None:
    """The code as typed; None when nothing was.

    Raises:
        DomainError: `municipality.unknown`: no four digits, or no municipality has them.
    """
    text = (typed or "").strip()
    if not text:
        return None
    try:
        code = authority_code(text)
    except ValueError:
        raise DomainError("municipality.unknown") from None
    if code not in known:
        raise DomainError("municipality.unknown")
    return code
