"""The two cookies: who signs in, and who is signed in."""

from dataclasses import dataclass

from litestar.datastructures import Cookie

from gateway.auth.sessions import SIGN_IN_WITHIN


@dataclass(frozen=True, slots=True)
class Cookies:
    """Names and attributes.

    Over https the names begin with `__Host-`: no other host, path or plain connection can set
    them. On loopback without TLS browsers share cookies between ports, so the name carries the
    authority's code.

    Args:
        authority: the node's code.
        is_secure: the node's public address is https.
    """

    authority: str
    is_secure: bool

    @property
    def session(self) -> str:
        """Name of the session's cookie."""
        return self._name("session")

    @property
    def sign_in(self) -> str:
        """Name of the cookie that binds a sign-in to its browser."""
        return self._name("sign_in")

    def keep_session(self, value: str) -> Cookie:
        """Until the browser closes; the server decides when it ends."""
        return self._cookie(self.session, value, None)

    def keep_sign_in(self, value: str) -> Cookie:
        """For as long as a sign-in may take."""
        return self._cookie(self.sign_in, value, int(SIGN_IN_WITHIN.total_seconds()))

    def drop(self, name: str) -> Cookie:
        """Remove it from the browser."""
        return self._cookie(name, "", 0)

    def _name(self, what: str) -> str:
        return f"__Host-utvag_{what}" if self.is_secure else f"utvag_{what}_{self.authority}"

    def _cookie(self, name: str, value: str, max_age: int | None) -> Cookie:
        # Lax, not Strict: one arrives from Keycloak and from links by a top-level GET.
        return Cookie(
            key=name,
            value=value,
            max_age=max_age,
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )
