"""How the way in says no."""

from litestar.exceptions import NotAuthorizedException

from shared.errors import DomainError


class NotSignedInError(NotAuthorizedException):
    """Nobody is signed in: a page leads to sign-in, the API answers 401 with a challenge."""


class ForgedRequestError(DomainError):
    """A change that did not come from a page of ours in this session: 403."""

    status = 403

    def __init__(self) -> None:
        super().__init__("auth.forged_request")


class UnconfirmedError(DomainError):
    """Keycloak does not answer, so nobody can say what rights there are now: 503."""

    status = 503

    def __init__(self) -> None:
        super().__init__("auth.unavailable")
