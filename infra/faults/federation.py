"""A federation for breaking: servers, nodes and the ways between them."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree

from gateway.node import make_registry
from gateway.settings import (
    DatabaseSettings,
    ExchangeSettings,
    IdentitySettings,
    KeySettings,
    NodeSettings,
    TrustSettings,
    WebSettings,
)
from infra.directory import bootstrap, trust_files
from infra.faults.desk import sit
from infra.faults.kept import KeptProcess, KeptServer, nursery
from infra.faults.labour import work
from infra.faults.orders import Desk
from infra.faults.proxy import Way
from infra.files import private_folder
from infra.nats import operator
from infra.nats.keys import ensure_seed
from infra.nats.server import NATSServer
from infra.new_tenant import new_tenant
from infra.ports import LOOPBACK, free_ports
from infra.postgres.databases import NodeDsns, close_to_strangers, database_name, ensure_node
from infra.postgres.migrate import migrate, migrate_keys
from infra.postgres.server import PostgresServer
from infra.setup import paths
from infra.supervisor.settings import write_settings
from infra.supervisor.state import State
from shared.ids import OPERATOR, POLICE, AuthorityCode
from shared.policy import Tenant, load_tenants
from shared.policy.loader import tenants_root

CODES = ("0580", "0581", "1480", "0180", "1280", "2480", "1880", "0380", "0680", "1780")
"""Linköping, Norrköping, Göteborg, and seven whose folders are made for the run."""


@dataclass
class Place:
    """One node: its database and its two processes."""

    code: str
    admin_dsn: str
    way: Way
    worker: KeptProcess
    desk: Desk


@dataclass
class Federation:
    """Everything that runs.

    Args:
        folder: all state; the caller's to remove.
        codes: of the nodes.
        seed: of what the proxies repeat.
    """

    folder: Path
    codes: Sequence[str]
    seed: int
    repeats: float = 0.0
    places: dict[str, Place] = field(default_factory=dict)
    postgres: dict[str, KeptServer] = field(default_factory=dict)
    nats: KeptServer = field(init=False)

    @property
    def servers(self) -> list[str]:
        """Names of the PostgreSQL servers."""
        return server_names(len(self.codes))

    async def start(self) -> None:
        """Make and start all of it; returns when every desk answers."""
        state = State.of(private_folder(self.folder))
        state.make()
        tenants_dir = _tenants(state.folder / "tenants", self.codes)
        tenants = load_tenants(tenants_dir)
        await asyncio.to_thread(
            bootstrap, state.folder, tenants, versions=make_registry().versions()
        )
        async with asyncio.TaskGroup() as group:
            exchange = group.create_task(self._start_exchange(state))
            databases = [
                group.create_task(self._start_postgres(state, name, self._codes_of(name)))
                for name in self.servers
            ]
        dsns = {code: pair for task in databases for code, pair in task.result().items()}
        context = nursery()
        for code in self.codes:
            rng = random.Random(f"way {code} {self.seed}")  # noqa: S311 - a schedule, no secret
            way = Way(exchange.result(), rng, self.repeats)
            await way.open()
            admin, own = dsns[code]
            file = write_settings(
                state, _settings(state, tenants[AuthorityCode(code)], tenants_dir, own, way.port)
            )
            worker = KeptProcess(context, work, file)
            desk = Desk(KeptProcess(context, sit, file))
            self.places[code] = Place(code, admin, way, worker, desk)
        for place in self.places.values():
            place.worker.start()
            place.desk.process.start()
        for place in self.places.values():
            await place.desk.is_open.wait()

    async def stop(self) -> None:
        """End all processes."""
        async with asyncio.TaskGroup() as group:
            for place in self.places.values():
                group.create_task(place.worker.stop())
                group.create_task(place.desk.process.stop())
        for place in self.places.values():
            await place.way.close()
        async with asyncio.TaskGroup() as group:
            for server in [self.nats, *self.postgres.values()]:
                group.create_task(server.stop())

    def _codes_of(self, server: str) -> list[str]:
        names = self.servers
        return [code for at, code in enumerate(self.codes) if names[at % len(names)] == server]

    async def _start_exchange(self, state: State) -> int:
        port, health_port = free_ports(2)
        server = NATSServer(state.nats, port, health_port)
        everyone = [AuthorityCode(code) for code in self.codes]
        users = {code: ensure_seed(state.seed(code)) for code in (*everyone, OPERATOR)}
        server.configure(users)
        self.nats = KeptServer(server.spec(), state.log, server.is_ready)
        await self.nats.start()
        await operator.apply(server.url, state.seed(OPERATOR), everyone)
        return port

    async def _start_postgres(
        self, state: State, name: str, codes: Sequence[str]
    ) -> dict[str, tuple[str, NodeDsns]]:
        server = PostgresServer(state.folder / name, free_ports(1)[0], state.secrets / name)
        await asyncio.to_thread(server.initialise)
        kept = KeptServer(
            server.spec(), state.log, server.is_ready, server.forget_dead_postmaster, 6.0
        )
        await kept.start()
        self.postgres[name] = kept
        await close_to_strangers(server.dsn())
        made = {}
        for code in codes:
            database = database_name(code)
            dsns = await ensure_node(server.dsn(), database, server.port, state.secrets)
            await migrate(dsns.owner)
            await migrate_keys(dsns.keys)
            made[code] = (server.dsn(database), dsns)
        return made


def server_names(nodes: int) -> list[str]:
    """Two servers, so that one may die alone; one for a small run."""
    return ["postgres-a", "postgres-b"] if nodes > 3 else ["postgres-a"]


def _tenants(folder: Path, codes: Sequence[str]) -> Path:
    """The folders of these, of the police and of the operator; those that do not exist are made."""
    for code in (*codes, OPERATOR, POLICE):
        if (tenants_root() / code).exists():
            copytree(tenants_root() / code, folder / code)
        else:
            new_tenant(AuthorityCode(code), folder)
    (folder / "law.toml").write_bytes((tenants_root() / "law.toml").read_bytes())
    return folder


def _settings(
    state: State, tenant: Tenant, tenants_dir: Path, dsns: NodeDsns, exchange_port: int
) -> NodeSettings:
    """As the supervisor writes them, but for the way to the exchange; nobody signs in."""
    trust = trust_files(state.folder, tenant.code)
    return NodeSettings(
        authority=tenant.code,
        is_demo=True,
        state_dir=state.folder,
        tenants_dir=tenants_dir,
        assets_dir=paths.ASSETS,
        database=DatabaseSettings(
            web=dsns.web, worker=dsns.worker, owner=dsns.owner, keys=dsns.keys
        ),
        exchange=ExchangeSettings(
            servers=[f"nats://{LOOPBACK}:{exchange_port}"], seed_file=state.seed(tenant.code)
        ),
        identity=IdentitySettings("http://localhost:1", tenant.code, "-", "-", "-"),
        web=WebSettings(LOOPBACK, 1, "http://localhost:1"),
        keys=KeySettings(folder=trust.keys, node_key_file=trust.node_key),
        trust=TrustSettings(directory_file=trust.directory, anchor_file=trust.anchor),
    )


def kills(federation: Federation) -> dict[str, int]:
    """How often each sort was killed."""
    places = federation.places.values()
    return {
        "worker": sum(place.worker.kills for place in places),
        "desk": sum(place.desk.process.kills for place in places),
        "postgres": sum(server.kills for server in federation.postgres.values()),
        "nats": federation.nats.kills,
    }
