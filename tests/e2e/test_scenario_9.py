"""Scenario 9 by the API, in one process: the story that `utvag scenario 9` plays, step for step."""

from types import SimpleNamespace as Thing

import pytest
import pytest_asyncio

from infra.demo import scenario9
from infra.demo.caller import Caller
from infra.demo.clock import TODAY
from tests.support.exchange import open_pair
from tests.support.leaks import open_harness

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(postgres_server, tmp_path_factory):
    """One of its own: its clock is moved."""
    async with open_pair(postgres_server, tmp_path_factory.mktemp("pair")) as opened:
        yield opened


class AtDesk(Caller):
    """Somebody of the story, at an application in this process."""

    def __init__(self, desk, who):
        super().__init__(who, None, None, desk.client)
        self.desk = desk

    async def _send(self, method, path, body):
        return await self.desk.call(method, f"/api/v1{path}", self.name, body)


class Desks:
    """The story's cast, and its clock."""

    def __init__(self, desk, clock):
        self.desk, self.clock, self.folder = desk, clock, None

    def at(self, _node, username, _authority=None):
        return AtDesk(self.desk, username)

    def officer(self, _node, unit):
        return AtDesk(self.desk, unit)


async def test_the_threat_rises_at_night_and_everybody_does_their_part(pair, tmp_path, monkeypatch):
    town = pair.goteborg
    desk = open_harness(town, tmp_path)
    bench = town.bench
    desk.people = {
        "handlaggare1": await bench.case_worker("Asta"),
        "handlaggare2": await bench.case_worker("Jo"),
        "gruppledare": await bench.leader(),
        **{unit: await bench.officer(unit) for unit in (scenario9.LOCAL, scenario9.BOPS)},
    }
    cast = Desks(desk, pair.clock)
    monkeypatch.setattr(
        scenario9, "set_clock", lambda _, at: pair.clock.move(at - pair.clock.now())
    )
    told = []
    outcome = await scenario9.play(cast, told.append)
    assert outcome.is_right, told
    refused = await desk.call(
        "POST",
        f"/api/v1/cases/{(await _case(town)).case_id}/handovers",
        "handlaggare2",
        {"term": 1, "receiver": "0580"},
    )
    assert refused.status_code == 404
    pair.clock.move(TODAY - pair.clock.now())  # played again, as in a system that stays up
    assert (await scenario9.play(cast, told.append)).is_right, told
    await desk.client.aclose()


async def _case(town) -> Thing:
    (row,) = await town.rows("select case_id from case_header")
    return row
