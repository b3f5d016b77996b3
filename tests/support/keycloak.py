"""A real Keycloak with the realms of all tenants; started at first use, once a test process."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from keycloak import KeycloakAdmin

from gateway.auth.issuer import ACR_DEMO, Issuer
from gateway.auth.roles import roles_of
from infra.files import secret
from infra.keycloak import realms
from infra.keycloak.accounts import Account, load_accounts
from infra.keycloak.schema import fill
from infra.keycloak.secrets import client_secrets
from infra.keycloak.server import KeycloakDatabase, KeycloakServer
from infra.ports import free_ports
from infra.postgres.databases import ensure_database
from infra.setup.paths import keycloak_home
from infra.supervisor.process import end, spawn
from shared.ids import AuthorityCode
from shared.policy import load_tenants


class KeycloakForTests:
    """A running server; every node's public address is known before the node runs."""

    def __init__(self, state: Path, postgres) -> None:
        self.state = state
        port, health_port, *nodes = free_ports(2 + len(load_tenants()))
        self.authorities = [tenant.authority for tenant in load_tenants().values()]
        self.nodes = {
            authority.code: f"http://localhost:{node_port}"
            for authority, node_port in zip(self.authorities, nodes, strict=True)
            if authority.runs_node
        }
        secrets = state / "secrets"
        self._postgres = postgres
        database = KeycloakDatabase(
            postgres.port, "keycloak", "keycloak", secret(secrets / "keycloak")
        )
        self.server = KeycloakServer(
            keycloak_home(),
            state / "keycloak",
            port,
            health_port,
            database,
            secrets / "keycloak-admin",
        )
        self.process = None
        self.first_report: realms.Report | None = None
        self._log = (state / "keycloak.log").open("ab")

    @property
    def base_url(self) -> str:
        return self.server.base_url

    def start(self) -> None:
        self.server.prepare()

        async def database() -> None:
            address = await ensure_database(
                self._postgres.admin_dsn, "keycloak", self._postgres.port, self.state / "secrets"
            )
            await fill(address, keycloak_home())

        asyncio.run(database())
        self.process = spawn(self.server.spec(), self.state, self._log)
        asyncio.run(self.server.wait_ready())
        self.first_report = self.apply()

    def apply(self, authorities=None) -> realms.Report:
        name, password = self.server.admin
        return realms.apply(
            self.base_url,
            name,
            password,
            authorities or self.authorities,
            self.nodes,
            self.state,
            is_demo=True,
        )

    def close(self) -> None:
        if self.process is not None:
            end(self.process, self.server.spec())
        self._log.close()

    def issuer(self, code: str) -> Issuer:
        kind = next(a.kind for a in self.authorities if a.code == code)
        return Issuer(
            authority=AuthorityCode(code),
            identifier=f"{self.base_url}/realms/{code}",
            web="utvag-web",
            web_secret=client_secrets(self.state, [code])[code].web,
            api="utvag-api",
            roles=frozenset(roles_of(kind)),
            levels=frozenset({ACR_DEMO}),
        )

    def client_secret(self, code: str) -> str:
        """Of the API client with its own token."""
        return client_secrets(self.state, [code])[code].client

    def account(self, code: str, username: str) -> Account:
        return next(
            account
            for account in load_accounts(self.state)
            if (account.authority, account.username) == (code, username)
        )

    @contextlib.contextmanager
    def admin(self, realm: str) -> Iterator[KeycloakAdmin]:
        """Keycloak's own administrator, at work in a realm."""
        name, password = self.server.admin
        admin = KeycloakAdmin(
            server_url=self.base_url,
            username=name,
            password=password,
            realm_name=realm,
            user_realm_name="master",
        )
        yield admin


@pytest.fixture(scope="session")
def keycloak_server(servers_state: Path, postgres_server) -> Iterator[KeycloakForTests]:
    """Keycloak with all realms, started at first use."""
    server = KeycloakForTests(servers_state, postgres_server)
    try:
        server.start()
        yield server
    finally:
        server.close()
