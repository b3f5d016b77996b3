"""What every answer tells the browser: keep nothing, load nothing from elsewhere, be framed by none.

One hook on the application's own `send`, so that answers to errors carry them too.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

STATIC = "/static/"


def policy(keycloak: str) -> str:
    """The content security policy.

    Args:
        keycloak: the realm server's address; signing out posts here and is led on there.
    """
    parts = urlsplit(keycloak)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            f"form-action 'self' {parts.scheme}://{parts.netloc}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def security_headers(
    keycloak: str, *, is_https: bool
) -> Callable[[Message, Scope], Awaitable[None]]:
    """The hook that sets them on whatever is sent."""
    fixed = {
        "content-security-policy": policy(keycloak),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    if is_https:
        fixed["strict-transport-security"] = "max-age=63072000; includeSubDomains"

    async def before_send(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in fixed.items():
            headers[name] = value
        if not str(scope.get("path", "")).startswith(STATIC):
            headers["cache-control"] = "no-store"

    return before_send
