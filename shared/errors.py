"""What may go wrong on purpose.

A `DomainError` is expected and is shown to a person: its code is stable, lower-case and dotted, has
one Swedish text in `gateway/texts.py` and one test. `AccessDenied` answers as if the thing did not
exist. A `WireError` puts a message in quarantine. Anything else is a bug.
"""

Fact = str | int | bool


class DomainError(Exception):
    """A rule says no: HTTP 422, or a signed refusal to another authority.

    Args:
        code: stable, dotted, lower-case (`handover.case_closed`).
        facts: what the Swedish text needs; never personal data.
    """

    status = 422

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Conflict(DomainError):  # noqa: N818 - the name the whole code says
    """Somebody else was first, or the case has left: HTTP 409, both versions shown."""

    status = 409


class TooSlow(DomainError):  # noqa: N818 - the same
    """What was sent came too slowly to wait for: HTTP 408."""

    status = 408


class TooMany(DomainError):  # noqa: N818 - the same
    """Too much of it at once: HTTP 429; the same works a little later."""

    status = 429


class AccessDenied(Exception):  # noqa: N818 - the same
    """Not allowed and not found answer alike: HTTP 404."""


class WireError(Exception):
    """A message that cannot be opened, read or trusted: quarantined, changes nothing.

    Args:
        code: stable, dotted, lower-case (`wire.signature`); never anything of the content.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
