"""A system with nodes: each process killed in turn comes back, a new tenant folder is enough."""

import asyncio
import shutil
from pathlib import Path

import pytest

from infra.new_tenant import new_tenant
from shared.policy import tenants_root
from tests.support.processes import left_after, processes_of

pytestmark = [pytest.mark.servers, pytest.mark.faults]


async def test_nodes_come_back_and_a_new_folder_is_a_new_node(make_system, tmp_path):
    tenants = tmp_path / "tenants"
    shutil.copytree(tenants_root(), tenants)
    words = {"worker-0580": {"UTVAG_TRIED": "yes"}}
    options = {"has_nodes": True, "tenants": tenants, "environment": words}
    system = make_system(**options)
    before = await system.start()
    assert {process.name for process in before.processes} == {
        *("nats", "postgres", "web-0580", "worker-0580")
    }
    ready = await system.wait_healthy(120)
    given = Path(f"/proc/{ready.process('worker-0580').pid}/environ").read_text()  # noqa: ASYNC240
    assert "UTVAG_TRIED=yes" in given

    for name in ("web-0580", "worker-0580", "nats", "postgres"):
        await system.kill(name)
        await _restarted(system, name)
    after = await system.wait_healthy(120)
    assert all(process.restarts >= 1 for process in after.processes)

    new_tenant("0680", tenants)
    wider = make_system(**options | {"only": ("0580", "0680")})
    assert (await wider.start()).supervisor == before.supervisor
    await wider.refresh()
    grown = await wider.wait_healthy(120)
    assert grown.process("web-0680").address != grown.process("web-0580").address
    web = grown.process("web-0580")
    assert web.pid == after.process("web-0580").pid
    assert (wider.state.settings("0680")).exists()
    assert "consumer EXCHANGE.0680 made" in (wider.state.log / "job-exchange.log").read_text()

    system.kill_supervisor()
    assert await asyncio.to_thread(left_after, system.state.folder, 15) == {}
    assert processes_of(system.state.folder) == {}


async def _restarted(system, name):
    for _ in range(600):
        if system.status().process(name).restarts >= 1:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(system.status().as_text())
