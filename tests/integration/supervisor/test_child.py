"""One supervised process: waited for, watched, started again, and gone with all its own."""

import asyncio
import sys
import time

import pytest

from infra.supervisor.child import Child, Rescue, StartError
from infra.supervisor.process import ProcessSpec
from infra.supervisor.state import State
from tests.support.processes import left_after, processes_of

pytestmark = pytest.mark.servers


@pytest.fixture
async def make_child(tmp_path):
    state = State.of(tmp_path / "state")
    state.make()
    said: list[str] = []
    made: list[Child] = []

    def make(script, is_ready=None, rescue=None, patience_s=None, **options):
        async def at_once():
            return True

        spec = ProcessSpec(name="it", command=(sys.executable, "-c", script), **options)
        child = Child(
            spec, state, is_ready or at_once, said.append, rescue=rescue, patience_s=patience_s
        )
        made.append(child)
        return child

    make.said = said
    make.state = state
    yield make
    for child in made:
        await child.stop(at_once=True)
    assert left_after(state.folder, 5) == {}


async def restarted(child, times):
    for _ in range(300):
        if child.status().restarts >= times:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(child.status())


async def test_it_is_ready_when_it_says_so_itself(make_child):
    answers = iter([False, False, True])

    async def is_ready():
        return next(answers, True)

    child = make_child("import time; time.sleep(60)", is_ready)
    assert child.status().condition == "waiting"
    child.start()
    await child.wait_ready(10)
    assert child.status().condition == "ready"
    assert child.status().pid in processes_of(make_child.state.folder)


async def test_a_crash_is_told_with_its_code_and_the_pause_doubles(make_child):
    child = make_child("import sys; sys.exit(7)")
    child.start()
    await restarted(child, 3)
    assert make_child.said[:3] == [
        "it kraschade (kod 7). Startas om efter 0.2 s.",
        "it kraschade (kod 7). Startas om efter 0.4 s.",
        "it kraschade (kod 7). Startas om efter 0.8 s.",
    ]


async def test_one_that_never_starts_is_given_up_with_its_last_words(make_child):
    async def never():
        return False

    child = make_child("print('the port is taken'); raise SystemExit(1)", never)
    child.start()
    with pytest.raises(StartError, match=r"kraschar vid start.*the port is taken"):
        await child.wait_ready(20)


async def test_one_that_is_never_ready_is_given_up_after_its_time(make_child):
    async def never():
        return False

    child = make_child("import time; time.sleep(60)", never)
    child.start()
    with pytest.raises(StartError, match="blev inte redo inom 0 s"):
        await child.wait_ready(0.3)


async def test_what_it_started_itself_goes_with_it(make_child):
    """A web server's workers would hold the port that the next one needs."""
    script = (
        "import subprocess, sys, time\n"
        "subprocess.Popen(['sleep', '60'])\n"
        "print('started', flush=True)\n"
        "time.sleep(60)\n"
    )
    child = make_child(script)
    child.start()
    await child.wait_ready(10)
    for _ in range(100):
        if "started" in child.log.read_text():
            break
        await asyncio.sleep(0.02)
    assert "sleep" in processes_of(make_child.state.folder).values()
    await child.stop()
    assert left_after(make_child.state.folder, 2) == {}


async def test_one_that_does_not_hear_is_killed_after_its_time(make_child):
    script = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "time.sleep(60)\n"
    )

    async def is_deaf():
        return "deaf" in child.log.read_text()

    child = make_child(script, is_deaf, stop_timeout_s=0.3)
    child.start()
    await child.wait_ready(10)
    started = time.monotonic()
    await child.stop()
    assert 0.2 < time.monotonic() - started < 10
    assert "it stannade inte inom 0 s: dödas." in make_child.said


async def test_a_stop_during_the_pause_ends_the_waiting(make_child):
    child = make_child("raise SystemExit(1)")
    child.start()
    await restarted(child, 5)
    started = time.monotonic()
    await child.stop()
    assert time.monotonic() - started < 2
    assert child.status().condition == "stopped"


async def test_a_program_that_is_not_there_is_told(make_child):
    child = make_child("")
    child.spec = ProcessSpec(name="it", command=("/nowhere/program",))
    child.start()
    await restarted(child, 1)
    assert "it kan inte startas: No such file or directory." in make_child.said


async def test_one_that_stops_answering_is_told_and_is_ready_again_when_it_does(
    make_child, monkeypatch
):
    monkeypatch.setattr("infra.supervisor.child._CHECK_EVERY_S", 0.05)
    answers = {"now": True}

    async def is_ready():
        return answers["now"]

    child = make_child("import time; time.sleep(60)", is_ready)
    child.start()
    await child.wait_ready(10)
    answers["now"] = False
    for _ in range(200):
        if child.status().condition == "unwell":
            break
        await asyncio.sleep(0.02)
    assert make_child.said == ["it svarar inte."]
    answers["now"] = True
    for _ in range(200):
        if child.status().condition == "ready":
            break
        await asyncio.sleep(0.02)
    assert child.status().condition == "ready"
    assert child.status().restarts == 0


async def test_a_child_sees_little_of_our_environment(make_child, monkeypatch):
    monkeypatch.setenv("MY_SECRET", "canary")
    child = make_child("import os; print(dict(os.environ), flush=True); import time; time.sleep(9)")
    child.start()
    await child.wait_ready(10)
    for _ in range(200):
        if "UTVAG_STATE" in child.log.read_text():
            break
        await asyncio.sleep(0.02)
    assert "canary" not in child.log.read_text()
    assert str(make_child.state.folder) in child.log.read_text()


async def test_one_that_hangs_on_what_it_stored_starts_again_without_it(make_child, tmp_path):
    """As NATS does on a spoilt block: alive, never ready, and no crash that would tell."""
    stored = tmp_path / "stored"
    stored.touch()
    done: list[str] = []
    tries = iter([False, True])

    async def is_ready():
        return not stored.exists()

    async def after_start():
        done.append("set up")
        if not next(tries):
            raise StartError("inte än")

    rescue = Rescue(0.3, "Läggs åt sidan.", stored.unlink, after_start)
    child = make_child("import time; time.sleep(60)", is_ready, rescue=rescue)
    child.start()
    await child.wait_ready(20)
    assert done == ["set up", "set up"]
    assert child.status().restarts == 1
    assert make_child.said[0] == "it kommer inte igång. Läggs åt sidan."
    assert "inte än" in make_child.said


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ("import time; time.sleep(60)", {}),
        (
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
            {"stop_timeout_s": 0.2},
        ),
    ],
    ids=["ends when asked", "must be killed"],
)
async def test_one_that_stays_unwell_is_started_again(make_child, monkeypatch, script, options):
    monkeypatch.setattr("infra.supervisor.child._CHECK_EVERY_S", 0.05)
    is_spoilt = asyncio.Event()

    async def is_ready():
        return not is_spoilt.is_set() or child.status().restarts > 0

    child = make_child(script, is_ready, patience_s=0.1, **options)
    child.start()
    await child.wait_ready(10)
    first = child.status().pid
    is_spoilt.set()
    await restarted(child, 1)
    for _ in range(500):
        if child.status().condition == "ready":
            break
        await asyncio.sleep(0.02)
    assert child.status().condition == "ready"
    assert child.status().pid != first
    assert "it blir inte bra av sig själv och startas om." in make_child.said
