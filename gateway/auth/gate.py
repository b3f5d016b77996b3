"""The guard in front of every route: what it declares decides who passes."""

import logging
from typing import Any, cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from gateway.auth.access import SAFE_METHODS, Access, access_of
from gateway.auth.bearer import Bearers
from gateway.auth.cookies import Cookies
from gateway.auth.csrf import demand_own_page
from gateway.auth.provider import ProviderUnavailableError
from gateway.auth.refusal import NotSignedInError, UnconfirmedError
from gateway.auth.sessions import Session, Sessions
from gateway.auth.tokens import TokenRefusedError
from shared.actor import Actor
from shared.errors import AccessDenied

Connection = ASGIConnection[Any, Any, Any, Any]

log = logging.getLogger("utvag.auth")


class Gate:
    """Who may pass, for one node.

    Args:
        base_url: the node's public address.
    """

    def __init__(
        self, sessions: Sessions, bearers: Bearers, cookies: Cookies, base_url: str
    ) -> None:
        self.sessions = sessions
        self.bearers = bearers
        self.cookies = cookies
        self.base_url = base_url

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Put the actor into `request.user` and the session into `request.auth`, or refuse.

        Raises:
            NotSignedInError: nobody is signed in, or the token is not believed.
            AccessDenied: somebody is, and may not; answered as if the page did not exist.
            ForgedRequestError: a change without proof of where it comes from.
            UnconfirmedError: the rights cannot be confirmed now.
        """
        if connection.scope.get("method") == "OPTIONS":
            return  # tells which methods there are, which the route table tells anyway
        access = access_of(handler)
        try:
            match access.way:
                case "nobody":
                    connection.scope["user"] = connection.scope["auth"] = None
                    return
                case "session":
                    actor = await self._by_session(connection)
                case "bearer":
                    actor = await self._by_token(connection)
        except ProviderUnavailableError:
            raise UnconfirmedError from None
        connection.scope["user"] = actor
        _demand_role(actor, access)

    async def _by_session(self, connection: Connection) -> Actor:
        session = await self.session_of(connection)
        if session is None:
            raise NotSignedInError
        connection.scope["auth"] = session
        if connection.scope.get("method") not in SAFE_METHODS:
            request = cast("Request[Any, Any, Any]", connection)
            await demand_own_page(request, session, self.base_url)
        return session.actor

    async def _by_token(self, connection: Connection) -> Actor:
        connection.scope["auth"] = None
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotSignedInError(headers={"www-authenticate": "Bearer"})
        try:
            return await self.bearers.actor(token)
        except TokenRefusedError as error:
            log.info("token refused: %s", error.reason)
            challenge = 'Bearer error="invalid_token"'
            raise NotSignedInError(headers={"www-authenticate": challenge}) from None

    async def session_of(self, connection: Connection) -> Session | None:
        """The session of the request's cookie; two cookies of one name are none."""
        sent = connection.headers.getall("cookie", [])
        name = self.cookies.session
        values = [
            value
            for line in sent
            for key, _, value in (part.strip().partition("=") for part in line.split(";"))
            if key == name
        ]
        return await self.sessions.resume(values[0]) if len(values) == 1 else None


def _demand_role(actor: Actor, access: Access) -> None:
    if access.roles is not None and not actor.has_any(*access.roles):
        raise AccessDenied
