"""PostgreSQL and NATS as processes of a test run; `servers.py` has the fixtures."""

import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import asyncpg

from infra.nats import operator
from infra.nats.keys import ensure_seed
from infra.nats.server import NATSServer, NATSServerError
from infra.ports import free_ports
from infra.postgres.databases import (
    NodeDsns,
    close_to_strangers,
    database_name,
    ensure_node,
)
from infra.postgres.migrate import migrate, migrate_keys
from infra.postgres.server import PostgresServer
from infra.supervisor.process import end, spawn
from shared.ids import OPERATOR, AuthorityCode
from tests.support.reset import Snapshot, reset, snapshot


def _run(coroutine):
    import asyncio

    return asyncio.run(coroutine)


class PostgresForTests:
    """A running server; its state lies in a folder of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.server = PostgresServer(
            state / "postgres", free_ports(1)[0], state / "secrets" / "postgres", is_durable=False
        )
        self.server.initialise()
        self._log = (state / "postgres.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None
        self._known: dict[str, NodeDsns] = {}
        self._snapshots: dict[str, dict[str, Snapshot]] = {}

    @property
    def admin_dsn(self) -> str:
        return self.server.dsn()

    @property
    def port(self) -> int:
        return self.server.port

    def start(self) -> None:
        self.process = spawn(self.server.spec(), self.state, self._log)
        _run(self.server.wait_ready())
        _run(close_to_strangers(self.admin_dsn))

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, self.server.spec())
            self.process = None

    def kill(self) -> None:
        """As a power cut: SIGKILL. `start` brings it back."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def close(self) -> None:
        self.stop()
        self._log.close()

    async def empty_node_databases(self, code: str) -> NodeDsns:
        """A node's databases and roles without any table: for tests of migrations."""
        name = database_name(code)
        await self._drop(name)
        self._known.pop(code, None)
        return await self._ensure(name)

    async def fresh_node_databases(self, code: str) -> NodeDsns:
        """A node's databases at the newest schema, without rows; an earlier one of the code is gone.

        The first call for a code migrates and keeps a template; the later ones empty what is there,
        or copy the template when a test changed more than rows.
        """
        name = database_name(code)
        if code not in self._known:
            return await self._make(code, name)
        spoilt = [
            database
            for database, before in self._snapshots[code].items()
            if not await self._reset(database, name, before)
        ]
        for database in spoilt:
            await self._copy(f"{database}_t", database, self._owner(database))
        if spoilt:
            await self._ensure(name)
            await self._remember(code, name)  # each password has another salt now
        return self._known[code]

    async def _make(self, code: str, name: str) -> NodeDsns:
        await self._drop(name)
        dsns = await self._ensure(name)
        await migrate(dsns.owner)
        await migrate_keys(dsns.keys)
        await self._remember(code, name)
        for database in self._snapshots[code]:
            await self._copy(database, f"{database}_t", self._owner(database))
        self._known[code] = dsns
        return dsns

    async def _remember(self, code: str, name: str) -> None:
        self._snapshots[code] = {}
        for database in (name, f"{name}_keys"):
            async with self.admin(database) as admin:
                self._snapshots[code][database] = await snapshot(admin, name)

    async def _reset(self, database: str, name: str, before: Snapshot) -> bool:
        try:
            async with self.admin(database) as admin:
                return await reset(admin, name, before)
        except asyncpg.PostgresError:
            return False  # dropped, closed or renamed by a test: made anew

    def _owner(self, database: str) -> str:
        return database if database.endswith("_keys") else f"{database}_owner"

    async def _ensure(self, name: str) -> NodeDsns:
        return await ensure_node(self.admin_dsn, name, self.server.port, self.state / "secrets")

    async def _drop(self, name: str) -> None:
        async with self.admin() as admin:
            for database in (name, f"{name}_keys", f"{name}_t", f"{name}_keys_t"):
                await admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    async def _copy(self, source: str, target: str, owner: str) -> None:
        async with self.admin() as admin:
            await admin.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
            await admin.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}" OWNER "{owner}"')

    @contextlib.asynccontextmanager
    async def admin(self, database: str = "postgres") -> AsyncIterator[asyncpg.Connection]:
        """The superuser's connection."""
        connection = await asyncpg.connect(self.server.dsn(database))
        try:
            yield connection
        finally:
            await connection.close()


class NatsForTests:
    """A running exchange with streams and consumers; authorities may be added."""

    def __init__(self, state: Path, codes: Iterable[str]) -> None:
        self.state = state
        port, health_port = free_ports(2)
        self.server = NATSServer(state / "nats", port, health_port)
        self.codes = {AuthorityCode(code) for code in codes}
        self._log = (state / "nats.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.server.url

    def seed_file(self, code: str) -> Path:
        """The authority's seed; drawn at first use."""
        file = self.state / "nodes" / code / "exchange.seed"
        ensure_seed(file)
        return file

    def start(self) -> None:
        self._configure()
        self.process = spawn(self.server.spec(), self.state, self._log)
        _run(self._wait_and_apply())

    async def _wait_and_apply(self) -> None:
        await self.server.wait_ready()
        await self._apply()

    async def _apply(self) -> None:
        await operator.apply(self.url, self.seed_file(OPERATOR), self.codes)

    async def add(self, *codes: str) -> None:
        """More authorities: the server starts again with them, their consumers are made."""
        self.codes |= {AuthorityCode(code) for code in codes}
        if self._configure():
            self.stop()
            await self.restart()
        await self._apply()

    async def fresh(self) -> None:
        """An exchange without messages: stopped, its store thrown away, started."""
        self.stop()
        shutil.rmtree(self.server.home / "store", ignore_errors=True)
        self._configure()
        self.process = spawn(self.server.spec(), self.state, self._log)
        await self._wait_and_apply()

    def _configure(self) -> bool:
        everyone = {*self.codes, OPERATOR}
        return self.server.configure({code: ensure_seed(self.seed_file(code)) for code in everyone})

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, self.server.spec())
            self.process = None

    def kill(self) -> None:
        """SIGKILL. `restart` brings it back."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    async def restart(self) -> None:
        """Start again with the same store, after `stop` or `kill`."""
        self.process = spawn(self.server.spec(), self.state, self._log)
        await self.server.wait_ready()

    async def bring_back(self, hangs_s: float = 6.0) -> bool:
        """Start again as the supervisor does: a store it hangs on is set aside; whether it was."""
        self.process = spawn(self.server.spec(), self.state, self._log)
        try:
            await self.server.wait_ready(hangs_s)
        except NATSServerError:
            self.kill()
            self.server.set_aside_store()
            self.process = spawn(self.server.spec(), self.state, self._log)
            await self._wait_and_apply()
            return True
        return False

    def close(self) -> None:
        self.stop()
        self._log.close()
