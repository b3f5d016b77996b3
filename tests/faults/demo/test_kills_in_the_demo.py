"""Each process in turn dies by SIGKILL in the middle of the demo's handover: it ends the same."""

import asyncio
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from infra.demo import scenario2, story
from infra.demo.clock import set_clock
from infra.directory import trust_files
from infra.supervisor import control
from infra.supervisor.system import System
from infra.verify import verify_file
from services.handover.api import follows_protocol
from shared.ids import AuthorityCode
from tests.support.patient import PATIENCE_S, Memory, PatientCast
from tests.support.processes import left_after, processes_of
from tests.support.two_ends import demand_one_handover

pytestmark = [
    pytest.mark.servers,
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="module"),
]
NODES = ("0580", "1480")
_ERROR = '"level": "error"'


@dataclass(frozen=True)
class Blow:
    """Who dies, and when.

    Args:
        at: the step of a decision, see `Memory.on_step`.
        after_s: so long into it; within the request where the step is `confirming`.
    """

    whom: str
    at: str
    after_s: float = 0.0


BLOWS = (
    Blow("web-0580", "propose.confirming", 0.03),
    Blow("worker-0580", "propose.confirmed", 0.01),
    Blow("keycloak", "propose.confirmed"),
    Blow("nats", "accept.confirmed", 0.01),
    Blow("worker-1480", "accept.confirmed", 0.05),
    Blow("postgres", "take_over.confirming", 0.03),
    Blow("web-1480", "take_over.confirming", 0.03),
)


@dataclass
class World:
    """A whole system, its people, and everything that was started for it."""

    systems: list[System]
    cast: PatientCast

    @property
    def system(self) -> System:
        return self.systems[-1]

    async def play(self, blow: Blow, strike) -> story.Outcome:
        """Scenario 2 with one blow; it must fall."""
        loop = asyncio.get_running_loop()
        fallen = asyncio.Event()

        def fall() -> None:
            strike()
            fallen.set()

        def on_step(step: str) -> None:
            if step == blow.at:
                loop.call_later(blow.after_s, fall)

        self.cast.play_anew(Memory(on_step))
        outcome = await scenario2.play(self.cast, lambda _: None)
        assert fallen.is_set()
        return outcome

    def logged_bugs(self) -> list[str]:
        """A server that is away is waited for; only a bug is an error in a node's log."""
        logs = [*self.system.state.log.glob("web-*"), *self.system.state.log.glob("worker-*")]
        return [line for log in logs for line in log.read_text().splitlines() if _ERROR in line]

    async def demand_the_same_end(self, outcome: story.Outcome) -> None:
        """What a handover without deaths comes to."""
        assert outcome.is_right
        assert self.cast.memory.bugs == []
        assert self.logged_bugs() == []
        await demand_one_handover(self.system.state, *NODES, outcome.handover_id)
        file = self.system.state.folder / "test.utvag-evidence.jsonl"
        file.write_bytes(outcome.evidence[NODES[1]])
        trust = trust_files(self.system.state.folder, AuthorityCode(NODES[1]))
        assert verify_file(file, trust, follows_protocol).holds


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills") / "state"
    systems = [System(folder, only=NODES)]
    try:
        await systems[0].start()
        await systems[0].wait_healthy(PATIENCE_S)
        set_clock(folder)
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            yield World(systems, PatientCast(folder, client))
    finally:
        for system in systems:
            await system.stop()
        assert left_after(folder, 10) == {}


@pytest.fixture(autouse=True)
def _people_wait_longer(monkeypatch):
    """A machine with much else to do takes its time to start a process again."""
    monkeypatch.setattr(story, "ARRIVES_WITHIN_S", PATIENCE_S)


@pytest.mark.parametrize("blow", BLOWS, ids=lambda blow: blow.whom)
async def test_a_killed_process_comes_back_and_the_handover_ends_the_same(world, blow) -> None:
    system = world.system
    before = (await system.wait_healthy(PATIENCE_S)).process(blow.whom)
    outcome = await world.play(blow, lambda: control.ask(system.state, "kill", blow.whom))
    after = (await system.wait_healthy(PATIENCE_S)).process(blow.whom)
    assert after.restarts > before.restarts
    assert after.pid != before.pid
    await world.demand_the_same_end(outcome)


async def test_the_supervisor_is_killed_and_a_new_start_ends_it_the_same(world) -> None:
    old = world.system
    before = set(processes_of(old.state.folder))
    again = System(old.state.folder, only=NODES)
    starts = []

    def strike() -> None:
        old.kill_supervisor()
        world.systems.append(again)
        starts.append(asyncio.get_running_loop().create_task(again.start()))

    outcome = await world.play(Blow("supervisor", "accept.confirmed", 0.02), strike)
    await starts[0]
    await again.wait_healthy(PATIENCE_S)
    assert not before & set(processes_of(old.state.folder))
    await world.demand_the_same_end(outcome)
