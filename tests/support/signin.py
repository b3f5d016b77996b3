"""A node's way in, over real HTTP, and people who go through it."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, get, post

from gateway.auth.access import PUBLIC, SIGNED_IN, bearer, require
from gateway.auth.issuer import Issuer
from gateway.auth.plugin import AuthPlugin
from gateway.problem import api_response
from infra.demo.signin import Visitor, api_token, sign_in
from infra.keycloak.accounts import Account
from shared.actor import Actor
from shared.clock import Clock
from shared.db import Database
from shared.errors import AccessDenied, DomainError
from shared.ids import POLICE, StaffId


@get("/", access=SIGNED_IN)
async def home(request: Request) -> dict:
    actor: Actor = request.user
    return {
        "roles": sorted(actor.roles),
        "home": actor.home,
        "unit": actor.unit,
        "name": actor.display_name,
        "form_token": request.auth.form_token,
        "minutes_left": request.auth.minutes_left(request.app.state.wall.now()),
    }


@get("/leaders", access=require("team_leader"))
async def leaders() -> dict:
    return {}


@post("/change", access=require("case_worker"))
async def change(request: Request) -> dict:
    form = await request.form()
    return {"said": form.get("said")}


@get("/signed-out", access=PUBLIC)
async def signed_out() -> dict:
    return {}


@get("/api/v1/who", access=bearer("case_worker", "police_partner", "api_monitor"))
async def who(request: Request) -> dict:
    actor: Actor = request.user
    return {"name": actor.display_name, "home": actor.home, "unit": actor.unit}


@get("/api/v1/cases", access=bearer("case_worker"))
async def cases() -> dict:
    return {}


def make_app(
    issuer: Issuer, base_url: str, db: Database, wall: Clock, transport=None
) -> tuple[Litestar, AuthPlugin]:
    """A few pages and operations behind the real way in, without any service."""

    async def account(person) -> Actor:
        return Actor(
            StaffId(uuid.uuid5(uuid.NAMESPACE_URL, person.subject)),
            issuer.authority,
            person.home,
            person.roles,
            person.unit,
            person.display_name,
        )

    plugin = AuthPlugin(issuer, base_url, db, wall, account, transport)
    app = Litestar(
        [home, leaders, change, signed_out, who, cases],
        plugins=[plugin],
        openapi_config=None,
        logging_config=None,
        exception_handlers={DomainError: api_response, AccessDenied: api_response},
    )
    app.state.wall = wall
    return app, plugin


class LaterClock:
    """The real time, moved on: a minute passes without waiting for it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class ServedNode:
    """A node that listens, with the clock that its tokens and sessions follow."""

    base_url: str
    issuer: Issuer
    wall: LaterClock
    plugin: AuthPlugin


@asynccontextmanager
async def served_node(keycloak, code: str, dsn: str) -> AsyncIterator[ServedNode]:
    """The way in of one authority, on the address that its realm knows."""
    base_url, wall = keycloak.nodes[code], LaterClock()
    db = Database.open(dsn, clock=wall, wall=wall, pool_size=3)
    app, plugin = make_app(keycloak.issuer(code), base_url, db, wall)
    server = Server(
        app,
        address="127.0.0.1",
        port=urlsplit(base_url).port,
        interface=Interfaces.ASGI,
        websockets=False,
    )
    running = asyncio.create_task(server.serve())
    try:
        await asyncio.sleep(0.2)
        yield ServedNode(base_url, plugin.sessions.issuer, wall, plugin)
    finally:
        server.stop()
        await asyncio.gather(running, return_exceptions=True)
        await db.close()


def way_of(account: Account, code: str) -> str | None:
    """Police come through their own realm."""
    return "polisen" if account.authority == POLICE and code != POLICE else None


@asynccontextmanager
async def signed_in(base_url: str, account: Account, code: str) -> AsyncIterator[Visitor]:
    """Somebody who has signed in at a node's pages."""
    async with Visitor() as visitor:
        await sign_in(
            visitor, base_url, account.username, account.password, via=way_of(account, code)
        )
        yield visitor


async def token_of(issuer: str, account: Account, code: str) -> str:
    """An API token of that person."""
    async with Visitor() as visitor:
        return await api_token(
            visitor, issuer, account.username, account.password, via=way_of(account, code)
        )
