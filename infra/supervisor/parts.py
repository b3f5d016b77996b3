"""What a system consists of, and in which order it stands up.

The exchange and PostgreSQL start together; Keycloak and the nodes' databases when PostgreSQL is
there; the nodes when their databases and the exchange are. Realms are made while the nodes start.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import infra
from infra.files import secret
from infra.keycloak import schema
from infra.keycloak.server import KeycloakDatabase, KeycloakServer
from infra.nats.keys import ensure_seed
from infra.nats.server import NATSServer
from infra.ports import LOOPBACK, PortBook
from infra.postgres.databases import close_to_strangers, ensure_database
from infra.postgres.server import PostgresServer
from infra.setup import paths
from infra.supervisor.child import Child, Rescue, StartError, ended
from infra.supervisor.health import answers_ok
from infra.supervisor.jobs import Plan
from infra.supervisor.logs import tail
from infra.supervisor.process import ProcessSpec, spawn
from infra.supervisor.state import State
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import load_tenants
from shared.policy.loader import tenants_root

if TYPE_CHECKING:
    from infra.supervisor.supervisor import Supervisor

HEALTH_PATH = "/health"
"""Where a node's web process says that it is well."""
ROOT = Path(infra.__file__).resolve().parents[1]

_SERVER_PORTS = ("postgres", "nats", "nats-health", "keycloak", "keycloak-health")
_POSTGRES_S = 60.0
_NATS_S = 120.0
_NATS_UNWELL_S = 10.0  # after a full disk it refuses every write until it is started again
_NATS_HANGS_S = 45.0  # it starts within a second; with a spoilt store it may never
_KEYCLOAK_S = 180.0
_NODE_S = 120.0
_NODE_STOP_S = 10.0
_JOB_S = 180.0
_JOB_TRIES = 3
_SETTLED_S = 1.0


class Parts:
    """Builds, starts and names the processes of one system."""

    def __init__(self, system: "Supervisor") -> None:
        self._system = system
        self._options = system.options
        self._state: State = system.state
        self._tenants = Path(self._options.tenants) if self._options.tenants else tenants_root()
        self._codes: tuple[AuthorityCode, ...] = ()
        self._ports: dict[str, int] = {}
        self._nats: NATSServer | None = None
        self._postgres: PostgresServer | None = None

    async def start(self) -> None:
        """Start all, in order; raises when something that the rest needs does not start."""
        self._codes = self._find_codes(self._options.only)
        self._ports = self._take_ports(self._codes)
        async with asyncio.TaskGroup() as group:
            exchange = group.create_task(self._start_exchange())
            group.create_task(self._start_rest(exchange))

    async def refresh(self, only: tuple[AuthorityCode, ...]) -> list[str]:
        """Take in authorities whose folder came after the start, or that were left out; their codes.

        Args:
            only: those wanted; all when empty.
        """
        codes = tuple(sorted({*self._codes, *self._find_codes(only)}))
        new = tuple(code for code in codes if code not in self._codes)
        if not new:
            return []
        self._ports |= self._take_ports(new)
        self._codes = codes
        assert self._nats is not None
        if self._nats.configure(self._users()):
            # A moment without exchange; nodes reconnect, their outboxes wait.
            nats = self._system.children["nats"]
            await nats.restart()
            await nats.wait_ready(_NATS_S)
        await self._job("exchange")
        await self._job("databases")
        if self._options.has_identity:
            await self._job("realms")
        await self._start_nodes(new)
        return list(new)

    def stop_order(self) -> list[list[str]]:
        """Names of processes; each list stops at once, before the next."""
        servers = ["keycloak", "nats", "postgres"]
        nodes = [name for name in self._system.children if name not in servers]
        return [nodes, *([name] for name in servers)]

    def _find_codes(self, only: tuple[AuthorityCode, ...]) -> tuple[AuthorityCode, ...]:
        if not self._options.has_nodes:
            return only
        tenants = load_tenants(self._tenants)
        runs = [code for code, tenant in tenants.items() if tenant.authority.runs_node]
        unknown = [code for code in only if code not in runs]
        if unknown:
            raise StartError(
                f"{', '.join(unknown)} har ingen nod. De som har: {', '.join(sorted(runs))}."
            )
        return tuple(sorted(only or runs))

    def _take_ports(self, codes: Iterable[AuthorityCode]) -> dict[str, int]:
        names = [*(f"web-{code}" for code in codes)]
        if not self._ports:
            names = [*_SERVER_PORTS, *names]
        unknown = self._options.ports.keys() - {*names, *self._ports}
        if unknown:
            raise StartError(
                f"Ingen port heter {', '.join(sorted(unknown))}. De som finns: {', '.join(names)}."
            )
        return PortBook(self._state.ports, self._options.ports).take(*names)

    def _users(self) -> dict[AuthorityCode, str]:
        return {code: ensure_seed(self._state.seed(code)) for code in (*self._codes, OPERATOR)}

    async def _start_exchange(self) -> None:
        self._doing("Startar NATS.")
        server = NATSServer(self._state.nats, self._ports["nats"], self._ports["nats-health"])
        self._nats = server
        await asyncio.to_thread(server.configure, self._users())
        rescue = Rescue(
            _NATS_HANGS_S,
            "Det lagrade läggs åt sidan; noderna skickar igen det som saknar kvittens.",
            server.set_aside_store,
            lambda: self._job("exchange"),
        )
        await self._run(
            server.spec(), server.is_ready, _NATS_S, rescue=rescue, patience_s=_NATS_UNWELL_S
        )
        await self._job("exchange")

    async def _start_rest(self, exchange: "asyncio.Task[None]") -> None:
        self._doing("Startar PostgreSQL.")
        server = PostgresServer(
            self._state.postgres, self._ports["postgres"], self._state.postgres_password()
        )
        self._postgres = server
        await asyncio.to_thread(server.initialise)
        await self._run(
            server.spec(), server.is_ready, _POSTGRES_S, before_start=server.forget_dead_postmaster
        )
        await close_to_strangers(server.dsn())
        async with asyncio.TaskGroup() as group:
            if self._options.has_identity:
                group.create_task(self._start_identity(server))
            if self._options.has_nodes:
                group.create_task(self._start_all_nodes(exchange))

    async def _start_identity(self, postgres: PostgresServer) -> None:
        self._doing("Startar Keycloak.")
        name = "keycloak"
        address = await ensure_database(postgres.dsn(), name, postgres.port, self._state.secrets)
        distribution = paths.keycloak_home()
        await schema.fill(address, distribution)
        server = KeycloakServer(
            distribution,
            self._state.keycloak,
            self._ports["keycloak"],
            self._ports["keycloak-health"],
            KeycloakDatabase(postgres.port, name, name, secret(self._state.secrets / name)),
            self._state.keycloak_password(),
        )
        await asyncio.to_thread(server.prepare)
        await self._run(server.spec(), server.is_ready, _KEYCLOAK_S, address=server.base_url)
        self._doing("Gör inloggningen för varje myndighet.")
        await self._job("realms")

    async def _start_all_nodes(self, exchange: "asyncio.Task[None]") -> None:
        self._doing("Gör databaser, nycklar och inställningar.")
        await self._job("databases")
        await asyncio.wait({exchange})
        if exchange.cancelled() or exchange.exception() is not None:
            return  # its own failure stops the start
        await self._start_nodes(self._codes)

    async def _start_nodes(self, codes: Iterable[AuthorityCode]) -> None:
        self._doing("Startar noderna.")
        started: list[Child] = []
        for code in codes:
            address = f"http://{LOOPBACK}:{self._ports[f'web-{code}']}"
            web = self._node_spec("web", "serve", code)
            work = self._node_spec("worker", "work", code)
            started += [
                self._child(web, _web_check(address), address=address),
                self._child(work, _alive_check()),
            ]
        for child in started:
            child.start()
        # A node that does not start is told of and tried again; the others are not held up.
        results = await asyncio.gather(
            *(child.wait_ready(_NODE_S) for child in started), return_exceptions=True
        )
        for result in results:
            if isinstance(result, StartError):
                self._system.say(str(result))
            elif isinstance(result, BaseException):
                raise result

    def _node_spec(self, role: str, verb: str, code: AuthorityCode) -> ProcessSpec:
        name = f"{role}-{code}"
        return ProcessSpec(
            name=name,
            command=(
                *(sys.executable, "-m", "infra.cli", verb, code),
                *("--state", str(self._state.folder)),
            ),
            env={"PYTHONUNBUFFERED": "1", **self._options.environment.get(name, {})},
            cwd=ROOT,
            stop_timeout_s=_NODE_STOP_S,
        )

    def _child(
        self,
        spec: ProcessSpec,
        is_ready: Callable[[], Awaitable[bool]],
        *,
        before_start: Callable[[], object] = lambda: None,
        address: str | None = None,
        rescue: Rescue | None = None,
        patience_s: float | None = None,
    ) -> Child:
        say = self._system.say
        return self._system.add(
            Child(spec, self._state, is_ready, say, before_start, address, rescue, patience_s)
        )

    async def _run(
        self,
        spec: ProcessSpec,
        is_ready: Callable[[], Awaitable[bool]],
        timeout_s: float,
        *,
        before_start: Callable[[], object] = lambda: None,
        address: str | None = None,
        rescue: Rescue | None = None,
        patience_s: float | None = None,
    ) -> None:
        child = self._child(
            spec,
            is_ready,
            before_start=before_start,
            address=address,
            rescue=rescue,
            patience_s=patience_s,
        )
        started = time.monotonic()
        child.start()
        await child.wait_ready(timeout_s)
        self._system.say(f"{spec.name} är redo, på {time.monotonic() - started:.1f} s.")

    def _doing(self, sentence: str) -> None:
        self._system.doing = sentence
        self._system.say(sentence)

    async def _job(self, name: str) -> None:
        """Run one job to its end; again when it fails, for each may be run twice.

        A machine with too much to do makes requests run into their time limits.

        Raises:
            StartError: it failed each time; with the last line it wrote.
        """
        plan = Plan(
            state=str(self._state.folder),
            tenants=str(self._tenants),
            codes=self._codes,
            ports=self._ports,
        )
        for left in reversed(range(_JOB_TRIES)):
            try:
                return await run_job(name, plan, self._state)
            except StartError as error:
                if left == 0:
                    raise
                self._system.say(f"{error} Försöker igen.")
        return None


async def run_job(name: str, plan: Plan, state: State) -> None:
    """See `infra.supervisor.jobs`; cancelling it ends the process.

    Raises:
        StartError: it failed or took too long; with the last line it wrote.
    """
    spec = ProcessSpec(
        name=f"job-{name}",
        command=(sys.executable, "-m", "infra.supervisor.jobs", name),
        env={"PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
    )
    log = state.log / f"{spec.name}.log"
    log.touch(mode=0o600)
    with log.open("ab") as output:
        process = spawn(spec, state.folder, output, given=msgspec.json.encode(plan))
    try:
        async with asyncio.timeout(_JOB_S):
            code = await ended(process)
    except TimeoutError:
        raise StartError(f"{name} blev inte klart inom {_JOB_S:.0f} s. Se {log}.") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if code != 0:
        last = next((line for line in reversed(tail(log, 5)) if line.strip()), "")
        raise StartError(f"{name} misslyckades: {last[:300]} Se {log}.")


def _web_check(address: str) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return await answers_ok(address + HEALTH_PATH)

    return check


def _alive_check() -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        await asyncio.sleep(_SETTLED_S)
        return True

    return check
