"""The join test against a real node process: a whole one passes, a broken one does not."""

import asyncio
import contextlib
import shutil

import msgspec
import pytest

from gateway.node import make_registry
from infra.directory import bootstrap, trust_files
from infra.join_test.partner import PARTNER
from infra.join_test.probes import IN_ORDER, PROBES
from infra.join_test.run import try_node
from infra.join_test.stage import let_in, start, worker_spec
from infra.posting import confirmed, send
from infra.supervisor.settings import node_settings, write_settings
from infra.supervisor.state import State
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import load_tenants, tenants_root

pytestmark = [pytest.mark.servers, pytest.mark.faults]

NORRKOPING = AuthorityCode("0581")

BROKEN = """
import shared.crypto.jws as jws
from services.directory.domain.book import Trust
from shared.crypto.keys import SigningKey
SigningKey.verify = lambda self, text: jws.payload_of(text)
Trust._revoked = lambda self, chain: frozenset()
import sys
from infra.cli.main import run
sys.exit(run(sys.argv[1:]))
"""
"""A node that believes every signature and forgets what was taken back."""


@contextlib.asynccontextmanager
async def a_node(postgres_server, nats_server, folder, command=()):
    """A worker process of Norrköping's on the tests' servers, and a partner for it."""
    nats_server.codes |= {NORRKOPING, PARTNER}
    await nats_server.fresh()
    state = State.of(folder)
    state.make()
    for code in (NORRKOPING, PARTNER, OPERATOR):
        state.node(code).mkdir(parents=True, mode=0o700)
        shutil.copy2(nats_server.seed_file(code), state.seed(code))
    ports = {"nats": nats_server.server.port, "keycloak": 1, f"web-{NORRKOPING}": 1}
    state.ports.write_bytes(msgspec.json.encode({"nats": ports["nats"]}))
    tenants = load_tenants()
    bootstrap(folder, tenants, versions=make_registry().versions())
    let_in(folder)
    dsns = await postgres_server.fresh_node_databases(NORRKOPING)
    settings = node_settings(
        state, tenants[NORRKOPING], tenants_root(), dsns, ports, "not used here"
    )
    write_settings(state, settings)
    with contextlib.ExitStack() as stack:
        start(stack, state, worker_spec(state, NORRKOPING, command=command))
        yield folder
    await nats_server.fresh()  # what the partner left is nobody else's


async def test_a_node_of_this_release_passes_every_probe(postgres_server, nats_server, tmp_path):
    async with a_node(postgres_server, nats_server, tmp_path) as state:
        done = await try_node(state, NORRKOPING, patience_s=60)
        # The operator's own command, on the real exchange: what the node has, it has receipted.
        told = await asyncio.to_thread(send, state, 2.0)
        version = trust_files(state, OPERATOR).held().version
        assert {each.authority: each.confirmed for each in told}[NORRKOPING] == version
        assert confirmed(state, trust_files(state, OPERATOR).held())[NORRKOPING] == version
    assert {each.name: each.why for each in done.results if each.why} == {}
    assert len(done.results) == len({probe.name for probe in (*PROBES, *IN_ORDER)})
    assert done.has_passed
    written = (tmp_path / "log" / f"worker-{NORRKOPING}.log").read_text()
    assert "Prov" not in written  # no word of a message in the log


async def test_a_node_that_believes_too_much_does_not_pass(postgres_server, nats_server, tmp_path):
    broken = ("-c", BROKEN)
    tried = ("plain", "stolen-name", "rotated", "revoked")
    async with a_node(postgres_server, nats_server, tmp_path, broken) as state:
        done = await try_node(state, NORRKOPING, only=tried, patience_s=60)
    why = {each.name: each.why for each in done.results}
    assert {name for name, each in why.items() if each} == {"stolen-name", "revoked"}
    assert set(filter(None, why.values())) == {"noden besvarade något som inte går att tro på"}
    assert not done.has_passed
