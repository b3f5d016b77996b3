"""Every route says who may enter; one that says nothing stops the program at start.

`@get("/x", access=require("team_leader"))` on a page, `access=bearer("case_worker")` on an API
operation, `access=PUBLIC` where nobody need sign in. Role gives the way in; membership of the case
gives the object, and is the use case's own check.
"""

from dataclasses import dataclass
from typing import Literal

from litestar import Litestar
from litestar.handlers import BaseRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute, WebSocketRoute

Way = Literal["nobody", "session", "bearer"]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Access:
    """Who may enter a route.

    Args:
        way: by session cookie (pages), by bearer token (API), or without either. A cookie never
            opens the API and a token never opens a page, so neither needs the other's guards.
        roles: one of them is needed; None for anybody who is signed in.
    """

    way: Way
    roles: frozenset[str] | None = None


PUBLIC = Access("nobody")
SIGNED_IN = Access("session")
SIGNED_IN_API = Access("bearer")


def require(*roles: str) -> Access:
    """A page for people with one of these roles."""
    if not roles:
        raise ValueError("name a role, or use SIGNED_IN")
    return Access("session", frozenset(roles))


def bearer(*roles: str) -> Access:
    """An API operation for callers with one of these roles."""
    if not roles:
        raise ValueError("name a role, or use SIGNED_IN_API")
    return Access("bearer", frozenset(roles))


class RouteWithoutAccessError(Exception):
    """A route does not say who may enter."""


def access_of(handler: BaseRouteHandler) -> Access:
    """What the handler declares.

    Raises:
        RouteWithoutAccessError: nothing.
    """
    access = handler.opt.get("access")
    if not isinstance(access, Access):
        raise RouteWithoutAccessError(f"{handler} declares no access=")
    return access


def access_table(app: Litestar) -> dict[tuple[str, str], Access]:
    """Method and path of every route, and who may enter; for the start-up check and the tests.

    Raises:
        RouteWithoutAccessError: a route declares nothing.
    """
    table: dict[tuple[str, str], Access] = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS"}):
                    table[method, route.path] = access_of(handler)
        elif isinstance(route, ASGIRoute):
            table["*", route.path] = access_of(route.route_handler)
        elif isinstance(route, WebSocketRoute):
            table["WS", route.path] = access_of(route.route_handler)
    return table
