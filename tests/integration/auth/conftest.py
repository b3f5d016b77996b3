"""A node's pages behind sign-in: real PostgreSQL, real tokens, the realm in process."""

import asyncio
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway.auth.access import access_table
from gateway.auth.plugin import AuthPlugin
from infra.postgres.databases import database_name
from shared.clock import FixedClock
from shared.db import Database
from tests.support.realm import NOW, Realm
from tests.support.signin import make_app

NODE = "http://testserver.local"


@dataclass
class NodeUnderTest:
    client: httpx.AsyncClient
    realm: Realm
    wall: FixedClock
    db: Database
    plugin: AuthPlugin

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
    app, plugin = make_app(realm.issuer, base_url, db, wall, realm.transport)
    # In the test's own loop: connections of the pool belong to the loop that made them.
    access_table(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
        yield NodeUnderTest(client, realm, wall, db, plugin)
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
