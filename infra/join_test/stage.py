"""A test exchange with a directory of its own, and the node under test as the process that it is."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec

from infra.directory import trust_files
from infra.files import private_folder, write_private
from infra.join_test.partner import PARTNER
from infra.join_test.probes import expired_keys_from
from infra.listing import Changes, publish
from infra.nats.keys import ensure_seed
from infra.nats.server import NATSServer
from infra.ports import free_ports
from infra.postgres.databases import close_to_strangers
from infra.postgres.server import PostgresServer
from infra.setup import paths
from infra.supervisor.jobs import Plan
from infra.supervisor.parts import ROOT, run_job
from infra.supervisor.process import ProcessSpec, end, spawn
from infra.supervisor.state import State
from services.directory.api import Entry, describe, state_first_keys, state_next_keys
from shared.clock import SystemClock
from shared.crypto import KeyRing
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import Authority, load_tenants
from shared.policy.loader import tenants_root

_PARTNER_DAYS = 365


@contextlib.asynccontextmanager
async def open_stage(node: AuthorityCode) -> AsyncIterator[Path]:
    """Servers, databases, keys and the node's worker; all gone afterwards. Yields the state folder."""
    private_folder(paths.MADE)
    folder = Path(tempfile.mkdtemp(prefix="join-", dir=paths.MADE))
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        state = State.of(folder)
        state.make()
        names = ("postgres", "nats", "nats-health")
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        postgres = PostgresServer(state.postgres, ports["postgres"], state.postgres_password())
        await asyncio.to_thread(postgres.initialise)
        nats = NATSServer(state.nats, ports["nats"], ports["nats-health"])
        users = {code: ensure_seed(state.seed(code)) for code in (node, PARTNER, OPERATOR)}
        nats.configure(users)
        for server in (postgres, nats):
            start(stack, state, server.spec())
        await postgres.wait_ready()
        await nats.wait_ready()
        await close_to_strangers(postgres.dsn())
        absent = dict.fromkeys(("keycloak", f"web-{node}"), 1)  # the test does without
        plan = Plan(
            state=str(folder), tenants=str(tenants_root()), codes=(node,), ports=ports | absent
        )
        write_private(state.ports, msgspec.json.encode({"nats": ports["nats"]}))
        await run_job("exchange", msgspec.structs.replace(plan, codes=(node, PARTNER)), state)
        await run_job("databases", plan, state)
        let_in(folder)
        start(stack, state, worker_spec(state, node))
        yield folder


def let_in(state: Path) -> None:
    """The partner draws its keys, an expired pair first, and the operator lists it."""
    files, now = trust_files(state, PARTNER), SystemClock().now()
    drawn, days = expired_keys_from(now)
    ring = KeyRing.create(files.keys, PARTNER, drawn, days)
    statements: tuple[str, ...] = (state_first_keys(ring, drawn),)
    ring.rotate(drawn + timedelta(days=days - 30), _PARTNER_DAYS, timedelta(days=7))
    at = drawn + timedelta(days=days - 30)
    statements += (state_next_keys(ring, statements, at),)
    tenants = load_tenants()
    like = next(t.authority for t in tenants.values() if t.authority.kind == "municipality")
    authority: Authority = msgspec.structs.replace(
        like, code=PARTNER, name="Provpartnern", short_name="Provpartnern"
    )
    operator = trust_files(state, OPERATOR).held()
    versions = next(
        profile.message_versions for profile in operator.profiles.values() if profile.runs_node
    )
    profile = describe(authority, (), versions, number=1, signer=ring.signing(now), now=now)
    entry = Entry(code=PARTNER, status="active", statements=statements, profile=profile)
    publish(state, now, Changes(entries=[entry]))


def worker_spec(state: State, node: AuthorityCode, *, command: tuple[str, ...] = ()) -> ProcessSpec:
    """The node's worker, as production runs it."""
    words = ("work", node, "--settings", str(state.settings(node)))
    return ProcessSpec(
        name=f"worker-{node}",
        command=(sys.executable, *(command or ("-m", "infra.cli")), *words),
        env={"PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
    )


def start(stack: contextlib.AsyncExitStack, state: State, spec: ProcessSpec) -> None:
    """Started from this thread, which lives as long as the test; ended with the stack."""
    with (state.log / f"{spec.name}.log").open("ab") as output:
        process = spawn(spec, state.folder, output)
    stack.callback(end, process, spec)
