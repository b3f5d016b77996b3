"""The servers and processes of a measurement: set up, driven, looked at, and gone afterwards."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final, Literal, TypeVar
from uuid import uuid4

import asyncpg
import msgspec

from infra.bench import floor as floor_program
from infra.bench.lines import Run, Took
from infra.bench.product import RECEIVER, SENDER, Look
from infra.bench.sampling import Sampled
from infra.files import private_folder, write_private
from infra.nats.keys import ensure_seed
from infra.nats.server import NATSServer
from infra.ports import LOOPBACK, free_ports
from infra.postgres.databases import close_to_strangers, database_name, ensure_database
from infra.postgres.server import PostgresServer
from infra.setup import paths
from infra.supervisor.health import wait_until
from infra.supervisor.jobs import Plan
from infra.supervisor.parts import ROOT, run_job
from infra.supervisor.process import ProcessSpec, end, spawn
from infra.supervisor.state import State
from shared.ids import OPERATOR, AuthorityCode
from shared.policy.loader import tenants_root

FLOOR_SENDER: Final = AuthorityCode("9998")
FLOOR_RECEIVER: Final = AuthorityCode("9999")
"""Users at the exchange that no authority has: the floor must not read a node's queue."""

_LINE_S: Final = 600.0
_END_S: Final = 15.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
Side = Literal["floor", "product"]
T = TypeVar("T")


class BenchError(Exception):
    """The measurement could not be made; the text is for a person."""


class Driven:
    """A process of ours that takes runs and answers with what they took."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process, self._log = process, log

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    async def run(self, wanted: Run) -> Took:
        """One run."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(wanted) + b"\n")
        await self._process.stdin.drain()
        return await self.read(Took)

    async def read(self, kind: type[T]) -> T:
        """Its next line.

        Raises:
            BenchError: it ended, or said nothing for a long time.
        """
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_LINE_S):
                text = await self._process.stdout.readline()
        except TimeoutError:
            raise BenchError(f"{self._log.stem} svarade inte på {_LINE_S:.0f} s.") from None
        if not text:
            last = "\n".join(self._log.read_text().splitlines()[-5:])
            raise BenchError(f"{self._log.stem} slutade:\n{last}")
        return msgspec.json.decode(text, type=kind)

    async def close(self) -> None:
        """Ask it to end, and see that it did."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class Stage:
    """What is measured, running.

    Args:
        floor, product: take runs.
        servers: `postgres` and `nats`, by name.
        others: the other processes of each side.
        dsn: the superuser's.
    """

    def __init__(
        self,
        state: State,
        servers: Mapping[str, int],
        dsn: str,
        floor: tuple[Driven, Driven],
        product: Driven,
        workers: Mapping[AuthorityCode, int],
    ) -> None:
        self.state = state
        self.floor, self.product = floor[0], product
        self._servers, self._dsn, self._workers = servers, dsn, workers
        self._programs = {
            "floor": [driven.pid for driven in floor],
            "product": [product.pid, *workers.values()],
        }

    def cpu_s(self, side: Side) -> dict[str, float]:
        """Processor seconds used so far, by part; the servers are in both sides."""
        return {
            "programs": sum(_used_s(pid) for pid in self._programs[side]),
            "postgres": _tree_used_s(self._servers["postgres"]),
            "nats": _used_s(self._servers["nats"]),
        }

    async def transactions(self) -> int:
        """Transactions that wrote so far, in all databases; a savepoint that wrote counts as one."""
        connection = await asyncpg.connect(self._dsn)
        try:
            found: int = await connection.fetchval(
                "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            )
            return found
        finally:
            await connection.close()

    async def sampled(self) -> list[Sampled]:
        """What the product's processes were seen to do since the last call."""
        pids = {self.product.pid: "web"} | {pid: code for code, pid in self._workers.items()}
        files = [_samples(self.state, name) for name in pids.values()]
        for file in files:
            file.unlink(missing_ok=True)
        for pid in pids:
            os.kill(pid, signal.SIGUSR1)
        if not await wait_until(lambda: _all_exist(files), _END_S, every_s=0.02):
            raise BenchError("Produktens processer sa inte vad de gjorde.")
        return [msgspec.json.decode(file.read_bytes(), type=Sampled) for file in files]


@contextlib.asynccontextmanager
async def open_stage(in_flight: int) -> AsyncIterator[Stage]:
    """Servers with production's settings, the floor and the product; all gone afterwards.

    The state lies beside the project's own and not in a temporary folder, which may be memory.

    Args:
        in_flight: for how many the product is made ready.
    """
    private_folder(paths.MADE)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=paths.MADE))
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        state = State.of(folder)
        state.make()
        ports = dict(zip(("postgres", "nats", "nats-health"), free_ports(3), strict=True))
        postgres, servers = await _servers(stack, state, ports)
        floor = await _floor(stack, state, postgres, ports["nats"], in_flight)
        workers = {code: _worker(stack, state, code) for code in (SENDER, RECEIVER)}
        look = state.run / "look.json"
        dsns = (postgres.dsn(database_name(code)) for code in (SENDER, RECEIVER))
        write_private(look, msgspec.json.encode(Look(*dsns)))
        files = (state.folder, _samples(state, "web"), look)
        product = await _driven(stack, state, "product", *map(str, files), str(in_flight))
        yield Stage(state, servers, postgres.dsn(), floor, product, workers)


async def _servers(
    stack: contextlib.AsyncExitStack, state: State, ports: dict[str, int]
) -> tuple[PostgresServer, dict[str, int]]:
    """The two servers, the nodes' databases, keys and settings."""
    postgres = PostgresServer(state.postgres, ports["postgres"], state.postgres_password())
    await asyncio.to_thread(postgres.initialise)
    nats = NATSServer(state.nats, ports["nats"], ports["nats-health"])
    codes = (SENDER, RECEIVER, FLOOR_SENDER, FLOOR_RECEIVER)
    nats.configure({code: ensure_seed(state.seed(code)) for code in (*codes, OPERATOR)})
    pids = {server.name: _spawned(stack, state, server.spec()) for server in (postgres, nats)}
    await postgres.wait_ready()
    await nats.wait_ready()
    await close_to_strangers(postgres.dsn())
    # The nodes' settings name servers that a measurement does without.
    absent = dict.fromkeys(("keycloak", f"web-{SENDER}", f"web-{RECEIVER}"), 1)
    plan = Plan(
        state=str(state.folder), tenants=str(tenants_root()), codes=codes, ports=ports | absent
    )
    await run_job("exchange", plan, state)
    await run_job("databases", msgspec.structs.replace(plan, codes=(SENDER, RECEIVER)), state)
    return postgres, pids


async def _floor(
    stack: contextlib.AsyncExitStack,
    state: State,
    postgres: PostgresServer,
    nats_port: int,
    in_flight: int,
) -> tuple[Driven, Driven]:
    """The floor's two processes: sender, receiver."""
    keys = floor_program.Keys.draw(FLOOR_SENDER, FLOOR_RECEIVER)
    ends = ((FLOOR_SENDER, FLOOR_RECEIVER, "sender"), (FLOOR_RECEIVER, FLOOR_SENDER, "receiver"))
    held = [uuid4() for _ in range(in_flight)]
    made = []
    for own, other, role in ends:
        dsn = await ensure_database(postgres.dsn(), f"floor_{role}", postgres.port, state.secrets)
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(floor_program.SCHEMA)
            await connection.executemany(
                "insert into held values ($1, 0)", [(each,) for each in held]
            )
        finally:
            await connection.close()
        plan = floor_program.Plan(
            dsn, f"nats://{LOOPBACK}:{nats_port}", str(state.seed(own)), own, other, keys
        )
        file = state.run / f"floor-{role}.json"
        write_private(file, msgspec.json.encode(plan))
        made.append(await _driven(stack, state, "floor", role, str(file)))
    return made[0], made[1]


async def _driven(
    stack: contextlib.AsyncExitStack, state: State, module: str, *arguments: str
) -> Driven:
    """Started and ready; its input ends with the stack, and it with its input."""
    with (state.log / f"{module}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"infra.bench.{module}",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            cwd=ROOT,
            limit=1 << 24,  # a line holds a figure for each command
        )
    driven = Driven(process, log=state.log / f"{module}.log")
    stack.push_async_callback(driven.close)
    await driven.read(str)
    return driven


def _worker(stack: contextlib.AsyncExitStack, state: State, code: AuthorityCode) -> int:
    return _spawned(
        stack,
        state,
        ProcessSpec(
            name=f"worker-{code}",
            command=(
                *(sys.executable, "-m", "infra.bench.worker", code),
                *(str(state.settings(code)), str(_samples(state, code))),
            ),
            cwd=ROOT,
        ),
    )


def _spawned(stack: contextlib.AsyncExitStack, state: State, spec: ProcessSpec) -> int:
    """Started from this thread, which lives as long as the measurement; ended with the stack."""
    with (state.log / f"{spec.name}.log").open("ab") as output:
        process = spawn(spec, state.folder, output)
    stack.callback(end, process, spec)
    return process.pid


async def _all_exist(files: list[Path]) -> bool:
    return all(file.exists() for file in files)


def _samples(state: State, name: str) -> Path:
    return state.run / f"samples-{name}.json"


def _used_s(pid: int) -> float:
    """A process's own processor time, all threads."""
    return sum(_stat(Path(f"/proc/{pid}/stat"))[1:3]) / _TICKS


def _tree_used_s(pid: int) -> float:
    """A process's, its children's, and that of children gone."""
    total = sum(_stat(Path(f"/proc/{pid}/stat"))[1:5])
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent, user, system, *_ = _stat(file)
            total += user + system if parent == pid else 0
    return total / _TICKS


def _stat(file: Path) -> list[int]:
    """Parent; user and system ticks, own and of children gone (proc(5), fields 4 and 14 to 17)."""
    fields = file.read_text().rpartition(")")[2].split()
    return [int(fields[place]) for place in (1, 11, 12, 13, 14)]
