"""State folders as they may be found: half made, locked, deep down, read by an ordinary user."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.supervisor.parts import ROOT
from infra.supervisor.system import StartFailedError
from tests.support.processes import left_after

pytestmark = [pytest.mark.servers, pytest.mark.faults]


def ports_of(system):
    return json.loads(system.state.ports.read_text())


def started(*command):
    return subprocess.Popen(command)


def command_line(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()


def taken_port():
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken, taken.getsockname()[1]


async def test_a_port_that_was_asked_for_and_is_taken_is_named(make_system):
    taken, port = taken_port()
    with taken, pytest.raises(StartFailedError, match=rf"Porten {port} \(för postgres\) används"):
        await make_system(ports={"postgres": port}).start()


async def test_a_port_of_no_part_is_named_with_those_there_are(make_system):
    with pytest.raises(StartFailedError, match=r"Ingen port heter webb.*postgres"):
        await make_system(ports={"webb": 8080}).start()


async def test_ports_stay_the_same_and_move_only_when_taken(make_system):
    first = make_system()
    await first.start()
    before = ports_of(first)
    await first.stop()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", before["nats"]))
        taken.listen()
        second = make_system()
        assert (await second.start()).is_healthy
    after = ports_of(second)
    assert after["postgres"] == before["postgres"]
    assert after["nats"] != before["nats"]


async def test_a_half_made_cluster_is_made_again(make_system):
    system = make_system()
    half = system.state.postgres / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert (await system.start()).is_healthy
    assert not half.exists()


async def test_a_lock_file_of_a_dead_postmaster_does_not_hinder(make_system):
    """Its number now belongs to another program of ours: PostgreSQL alone would refuse to start."""
    system = make_system()
    await system.start()
    data = system.state.postgres / "data"
    content = (data / "postmaster.pid").read_text()
    await system.stop()
    other = started("sleep", "60")
    try:
        first, _, rest = content.partition("\n")
        (data / "postmaster.pid").write_text(f"{other.pid}\n{rest}")
        assert int(first) != other.pid
        assert (await make_system().start()).is_healthy
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


async def test_a_torn_port_book_and_an_old_socket_do_not_hinder(make_system):
    system = make_system()
    system.state.make()
    system.state.ports.write_text('{"postgres": 54')
    (system.state.run / "control").write_text("")
    assert (await system.start()).is_healthy


async def test_a_deep_and_private_folder_with_odd_letters_is_fine(make_system, tmp_path):
    (tmp_path / "privat").mkdir(mode=0o700)
    deep = "privat/" + "/".join(["en mapp med å & % ' och ganska långt namn"] * 4)
    assert len(str(tmp_path / deep)) > 150
    system = make_system(deep)
    assert (await system.start()).is_healthy
    await system.kill("postgres")
    await asyncio.sleep(0.5)
    await system.wait_healthy(20)


async def test_everything_in_the_state_is_closed_to_others(make_system):
    system = make_system()
    await system.start()
    assert system.state.folder.stat().st_mode & 0o077 == 0
    for file in (system.state.secrets, *system.state.secrets.iterdir(), system.state.seed("0580")):
        assert file.stat().st_mode & 0o077 == 0, file
    for file in system.state.log.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


async def test_no_password_stands_on_a_command_line_or_in_a_log(make_system):
    system = make_system()
    status = await system.start()
    secrets = [file.read_text().strip() for file in system.state.secrets.iterdir()]
    assert secrets
    pids = [status.supervisor, *(process.pid for process in status.processes)]
    lines = [command_line(pid) for pid in pids]
    texts = lines + [file.read_text() for file in system.state.log.iterdir()]
    assert not [text for text in texts for secret in secrets if secret in text]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_can_run_it(tmp_path):
    """In a user namespace where we are user 1000: PostgreSQL then runs directly."""
    script = (
        "import asyncio, os, pathlib, sys\n"
        "from infra.supervisor.system import System\n"
        "assert os.geteuid() == 1000\n"
        "async def main():\n"
        "    options = {'has_identity': False, 'has_nodes': False}\n"
        "    system = System(pathlib.Path(sys.argv[1]), **options)\n"
        "    print((await system.start()).is_healthy)\n"
        "    await system.stop()\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [
            *("unshare", "-U", "--map-user=1000", "--map-group=1000"),
            *(sys.executable, "-c", script, str(tmp_path / "state")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "True\n", done.stderr
    assert left_after(tmp_path / "state", 5) == {}


def test_it_runs_with_the_network_cut_off(tmp_path):
    """Loopback only, and no name server."""
    script = (
        "ip link set lo up && exec "
        f"{sys.executable} -c 'import asyncio, pathlib, sys\n"
        "from infra.supervisor.system import System\n"
        "async def main():\n"
        "    system = System(pathlib.Path(sys.argv[1]), has_identity=False, has_nodes=False)\n"
        "    print((await system.start()).is_healthy)\n"
        "    await system.stop()\n"
        "asyncio.run(main())\n"
        f"' {tmp_path / 'state'}"
    )
    done = subprocess.run(
        ["unshare", "-n", "-U", "-r", "sh", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "True\n", done.stderr
