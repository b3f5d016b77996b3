"""A node's pages behind sign-in: real PostgreSQL, real tokens, the realm in process."""

import asyncio
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from litestar import Litestar, Request, get, post

from gateway.auth.access import PUBLIC, SIGNED_IN, access_table, bearer, require
from gateway.auth.plugin import AuthPlugin
from gateway.problem import api_response
from infra.postgres.databases import database_name
from shared.actor import Actor
from shared.clock import FixedClock
from shared.db import Database
from shared.errors import AccessDenied, DomainError
from shared.ids import StaffId
from tests.support.realm import NOW, Realm

NODE = "http://testserver.local"


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


@get("/open", access=PUBLIC)
async def open_page() -> dict:
    return {}


@get("/api/v1/who", access=bearer("case_worker"))
async def who(request: Request) -> dict:
    return {"name": request.user.display_name}


@dataclass
class NodeUnderTest:
    client: httpx.AsyncClient
    realm: Realm
    wall: FixedClock
    db: Database
    plugin: AuthPlugin
    accounts: list

    def later(self, **by) -> None:
        self.wall.move(timedelta(**by))
        self.realm.now = self.wall.now()

    async def leave(self, **query) -> dict[str, str]:
        """Go to sign in; what the browser would carry to Keycloak."""
        answer = await self.client.get("/sign-in/start", params=query)
        assert answer.status_code == 303
        address = urlsplit(answer.headers["location"])
        assert f"{address.scheme}://{address.netloc}{address.path}" == (
            self.realm.issuer.endpoint("auth")
        )
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.realm.nonce = asked["nonce"]
        return asked

    async def arrive(self, asked: dict[str, str], **changed):
        given = {
            "code": f"code-{uuid.uuid4()}",
            "state": asked["state"],
            "iss": self.realm.issuer.identifier,
        } | changed
        given = {name: value for name, value in given.items() if value is not ...}
        return await self.client.get("/sign-in/return", params=given)

    async def sign_in(self, **query):
        answer = await self.arrive(await self.leave(**query))
        assert answer.status_code == 303, answer.text
        return answer

    async def form_token(self) -> str:
        return (await self.client.get("/")).json()["form_token"]

    def cookie(self) -> str | None:
        return self.client.cookies.get(self.plugin.gate.cookies.session)


@asynccontextmanager
async def node_under_test(dsn: str, code: str = "0580", base_url: str = NODE):
    realm, wall = Realm(code), FixedClock(NOW)
    db = Database.open(dsn, clock=wall, wall=wall, pool_size=3)
    accounts: list = []

    async def account(person) -> Actor:
        accounts.append(person)
        return Actor(
            StaffId(uuid.uuid5(uuid.NAMESPACE_URL, person.subject)),
            realm.issuer.authority,
            person.home,
            person.roles,
            person.unit,
            person.display_name,
        )

    plugin = AuthPlugin(realm.issuer, base_url, db, wall, account, realm.transport)
    app = Litestar(
        [home, leaders, change, open_page, who],
        plugins=[plugin],
        openapi_config=None,
        exception_handlers={DomainError: api_response, AccessDenied: api_response},
    )
    app.state.wall = wall
    # In the test's own loop: connections of the pool belong to the loop that made them.
    access_table(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
        yield NodeUnderTest(client, realm, wall, db, plugin, accounts)
    await plugin.provider.close()
    await db.close()


@pytest.fixture(scope="session")
def dsns(postgres_server):
    """Two nodes' databases, migrated once: a copy for each test would take most of the time."""

    async def both():
        return {code: await postgres_server.fresh_node_databases(code) for code in ("0580", "1480")}

    return asyncio.run(both())


@pytest.fixture
async def node(dsns, postgres_server):
    async with postgres_server.admin(database_name("0580")) as superuser:
        await superuser.execute("truncate web_session, web_sign_in")
    async with node_under_test(dsns["0580"].web) as found:
        yield found
