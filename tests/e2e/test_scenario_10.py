"""Scenario 10 by the API, in one process: the story that `utvag scenario 10` plays, step for step."""

import asyncio

import pytest

from infra.demo import scenario10
from infra.demo.caller import Caller
from services.follow_up import api as follow_up
from tests.support.exchange import open_pair
from tests.support.leaks import open_harness

pytestmark = pytest.mark.servers


class AtDesk(Caller):
    """Somebody of the story, at an application in this process."""

    def __init__(self, desk, who):
        super().__init__(who, None, None, desk.client)
        self.desk = desk

    async def _send(self, method, path, body):
        return await self.desk.call(method, f"/api/v1{path}", self.name, body)


class Desks:
    """The story's cast."""

    def __init__(self, desk):
        self.desk, self.folder = desk, None

    def at(self, _node, username, _authority=None):
        return AtDesk(self.desk, username)

    def officer(self, _node, unit):
        return AtDesk(self.desk, unit)


async def test_the_year_is_followed_up_by_both_parties_and_reported(
    postgres_server, tmp_path, monkeypatch
):
    async with open_pair(postgres_server, tmp_path) as pair:
        town = pair.linkoping
        bench = town.bench
        desk = open_harness(town, tmp_path)
        desk.people = {
            "handlaggare1": await bench.case_worker("Asta"),
            "samordnare": await bench.person("Sam", "exit_coordinator"),
            "socialchef": await bench.person("Sonja", "social_director"),
            scenario10.UNIT: await bench.officer(scenario10.UNIT),
        }
        monkeypatch.setattr(
            scenario10, "set_clock", lambda _, at: pair.clock.move(at - pair.clock.now())
        )
        worker = asyncio.create_task(_counting(bench.worker_node))
        told = []
        try:
            assert (await scenario10.play(Desks(desk), told.append)).is_right, told
            # Played again, as in a system that stays up: the year has its report.
            assert (await scenario10.play(Desks(desk), told.append)).is_right, told
        finally:
            worker.cancel()
        await desk.client.aclose()


async def _counting(node):
    while True:
        await follow_up.count_reports(node)
        await asyncio.sleep(0.1)
