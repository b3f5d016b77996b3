"""Puts sign-in in front of an application: one line in the composition root."""

from typing import Any

import httpx
from litestar import Litestar, Request, Response
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.plugins import InitPlugin
from litestar.response import Redirect

from gateway.auth.access import access_table
from gateway.auth.bearer import Bearers
from gateway.auth.cookies import Cookies
from gateway.auth.gate import Gate
from gateway.auth.issuer import Issuer
from gateway.auth.provider import Provider
from gateway.auth.refusal import NotSignedInError
from gateway.auth.routes import RETURN, auth_routes, sign_in_address
from gateway.auth.sessions import Account, Sessions
from gateway.problem import http_problem
from shared.clock import Clock
from shared.db import Database


class AuthPlugin(InitPlugin):
    """Routes, guard, and the check at start that every route says who may enter.

    A handler reads `request.user` (the `Actor`) and `request.auth` (the `Session`, for its
    `form_token` and `minutes_left`; None at the API).

    Args:
        issuer: `issuer_of(settings, kind)`.
        base_url: the node's public address, without a slash at the end.
        wall: the real clock; tokens and sessions never follow a demo's shifted one.
        account: gives a person their account (`services.staff.api.sign_in`).
        transport: replaced in tests that must not open a socket.
    """

    def __init__(
        self,
        issuer: Issuer,
        base_url: str,
        db: Database,
        wall: Clock,
        account: Account,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        base_url = base_url.rstrip("/")
        self.provider = Provider(issuer, wall, transport)
        self.sessions = Sessions(db, self.provider, wall, account, base_url + RETURN)
        self.gate = Gate(
            self.sessions,
            Bearers(self.provider, wall, account),
            Cookies(issuer.authority, base_url.startswith("https://")),
            base_url,
        )

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Register with the application."""
        app_config.guards.append(self.gate.guard)
        app_config.route_handlers.extend(auth_routes)
        app_config.dependencies["gate"] = Provide(lambda: self.gate, sync_to_thread=False)
        app_config.exception_handlers[NotSignedInError] = _lead_to_sign_in
        app_config.on_startup.append(_check_access)
        app_config.on_shutdown.append(self.provider.close)
        return app_config


def _check_access(app: Litestar) -> None:
    access_table(app)


def _lead_to_sign_in(request: Request[Any, Any, Any], error: NotSignedInError) -> Response[Any]:
    """A page leads to sign-in; the API, which sends a challenge along, answers 401."""
    if error.headers:
        return http_problem(error)
    return Redirect(
        sign_in_address(request), status_code=303, headers={"cache-control": "no-store"}
    )
