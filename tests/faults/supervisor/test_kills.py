"""Whoever is killed, and however: nothing is left behind, nothing is lost, a new start works."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from infra.postgres.server import ADMIN, dsn
from infra.supervisor import leftovers
from infra.supervisor.parts import ROOT
from infra.supervisor.process import MARKER, NAME
from infra.supervisor.system import StartFailedError
from tests.support.processes import left_after, processes_of

pytestmark = [pytest.mark.servers, pytest.mark.faults]


def guardian_of(system):
    supervisor = system.status().supervisor
    stat = Path(f"/proc/{supervisor}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def started(*command, **options):
    """A process beside the system."""
    return subprocess.Popen(command, **options)


async def restarted(system, name, times):
    """When the process has been started again that many times."""
    for _ in range(300):
        if system.status().process(name).restarts >= times:
            return
        await asyncio.sleep(0.05)


async def connected(system):
    port = json.loads(system.state.ports.read_text())["postgres"]
    password = system.state.postgres_password().read_text().strip()
    return await asyncpg.connect(dsn(ADMIN, password, port, "postgres"))


async def test_a_started_system_is_healthy_and_a_stopped_one_is_gone(make_system):
    system = make_system()
    status = await system.start()
    assert status.is_healthy
    assert {process.name for process in status.processes} == {"nats", "postgres"}
    assert len(processes_of(system.state.folder)) >= 4
    assert await system.stop()
    assert left_after(system.state.folder, 0) == {}
    assert system.status().phase == "stopped"
    assert not await system.stop()


async def test_the_supervisors_own_kill_leaves_nothing_and_loses_nothing(make_system):
    system = make_system()
    await system.start()
    connection = await connected(system)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    system.kill_supervisor()
    assert await asyncio.to_thread(left_after, system.state.folder, 10) == {}
    await connection.close(timeout=1)
    again = make_system()
    assert (await again.start()).is_healthy
    connection = await connected(again)
    assert await connection.fetchval("SELECT answer FROM kept") == 42
    await connection.close()


async def test_a_new_start_at_once_after_the_kill_waits_for_the_rest_to_end(make_system):
    system = make_system()
    await system.start()
    system.kill_supervisor()
    again = make_system()
    assert (await again.start()).is_healthy
    assert len({process.pid for process in again.status().processes}) == 2


async def test_the_guardians_kill_stops_the_system_in_order(make_system):
    system = make_system()
    await system.start()
    os.kill(guardian_of(system), signal.SIGKILL)
    assert await asyncio.to_thread(left_after, system.state.folder, 15) == {}
    assert "database system is shut down" in (system.state.log / "postgres.log").read_text()


async def test_guardian_and_supervisor_killed_together_leave_nothing(make_system):
    system = make_system()
    await system.start()
    supervisor = system.status().supervisor
    for pid in (guardian_of(system), supervisor):
        os.kill(pid, signal.SIGKILL)
    assert await asyncio.to_thread(left_after, system.state.folder, 15) == {}


async def test_a_leftover_that_hears_nothing_is_killed_by_the_next_start(make_system):
    system = make_system()
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    environment = os.environ | {MARKER: str(system.state.folder), NAME: "web-0580"}
    leftover = started(sys.executable, "-c", deaf, env=environment)
    await asyncio.sleep(0.5)
    assert (await system.start()).is_healthy
    assert leftover.wait() == -signal.SIGKILL
    log = (system.state.log / "supervisor.log").read_text()
    assert "web-0580 var kvar sedan förra gången och har avslutats." in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_the_guardian_hears_each_way_to_be_asked_to_stop(make_system, number):
    system = make_system()
    await system.start()
    os.kill(guardian_of(system), number)
    assert await asyncio.to_thread(left_after, system.state.folder, 15) == {}
    assert "database system is shut down" in (system.state.log / "postgres.log").read_text()


@pytest.mark.parametrize("name", ["postgres", "nats"])
async def test_a_killed_server_is_started_again_and_it_is_said(make_system, name):
    system = make_system()
    before = (await system.start()).process(name)
    for times in (1, 2):
        await system.kill(name)
        await restarted(system, name, times)
        after = (await system.wait_healthy(30)).process(name)
    assert after.pid != before.pid
    assert after.restarts >= 2
    assert f"{name} kraschade (SIGKILL)." in (system.state.log / "supervisor.log").read_text()


async def test_one_killed_server_does_not_touch_the_other(make_system):
    system = make_system()
    before = await system.start()
    await system.kill("postgres")
    await asyncio.sleep(0.5)
    after = await system.wait_healthy(30)
    assert after.process("nats").pid == before.process("nats").pid


async def test_a_kill_in_the_middle_of_the_start_leaves_a_state_that_starts(make_system):
    for delay in (0.3, 0.5, 0.7):
        system = make_system()
        start = asyncio.create_task(system.start())
        await asyncio.sleep(delay)
        for pid, name in leftovers.find(system.state):
            if name == "supervisor":
                os.kill(pid, signal.SIGKILL)
        await asyncio.gather(start, return_exceptions=True)
        assert await asyncio.to_thread(left_after, system.state.folder, 15) == {}
    assert (await make_system().start()).is_healthy


async def test_a_system_tied_to_a_killed_process_stops(make_system):
    system = make_system()
    script = (
        "import asyncio, pathlib, sys, time\n"
        "from infra.supervisor.system import System\n"
        "system = System(pathlib.Path(sys.argv[1]), has_identity=False, has_nodes=False)\n"
        "asyncio.run(system.start())\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    owner = started(
        *(sys.executable, "-c", script, str(system.state.folder)), cwd=ROOT, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    assert await asyncio.to_thread(owner.stdout.readline) == b"ready\n"
    assert system.status().is_healthy
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert await asyncio.to_thread(left_after, system.state.folder, 15) == {}


async def test_a_persons_own_shell_with_the_same_variable_is_left_alone(make_system):
    system = make_system()
    await system.start()
    mine = {MARKER: str(system.state.folder), "PATH": os.environ["PATH"]}
    shell = started("sleep", "60", env=mine)
    other = started(
        "sleep", "60", env=mine | {MARKER: str(system.state.folder) + "2", NAME: "nats"}
    )
    try:
        system.kill_supervisor()
        assert (await make_system().start()).is_healthy
        assert shell.poll() is None
        assert other.poll() is None
    finally:
        for process in (shell, other):
            process.kill()
            process.wait()


async def test_two_systems_run_side_by_side_and_one_ends_alone(make_system):
    first, second = make_system("one"), make_system("two")
    await asyncio.gather(first.start(), second.start())
    first.kill_supervisor()
    assert await asyncio.to_thread(left_after, first.state.folder, 10) == {}
    assert second.status().is_healthy


async def test_two_starts_at_once_make_one_system(make_system):
    one, other = make_system(), make_system()
    first, second = await asyncio.gather(one.start(), other.start())
    assert first.supervisor == second.supervisor
    assert len([name for name in processes_of(one.state.folder).values() if "nats" in name]) == 1


async def test_a_start_that_fails_says_why_and_leaves_nothing(make_system):
    system = make_system()
    await system.start()
    await system.stop()
    (system.state.postgres / "data" / "global" / "pg_control").write_bytes(b"spoilt")
    with pytest.raises(Exception, match="postgres kraschar vid start"):
        await make_system().start()
    assert await asyncio.to_thread(left_after, system.state.folder, 5) == {}


async def test_a_process_that_is_not_there_cannot_be_killed_or_restarted(make_system):
    system = make_system()
    await system.start()
    for ask in (system.kill, system.restart):
        with pytest.raises(StartFailedError, match="Det finns ingen process som heter web-9999"):
            await ask("web-9999")


async def test_a_restart_is_no_crash(make_system):
    system = make_system()
    before = (await system.start()).process("nats")
    await system.restart("nats")
    after = (await system.wait_healthy(20)).process("nats")
    assert after.pid != before.pid
    assert after.restarts == 0
