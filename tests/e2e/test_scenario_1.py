"""Scenario 1 by the API alone, as `utvag scenario 1` plays it, in one process."""

import pytest

from infra.demo import scenario1
from tests.support.exchange import LINKOPING, open_pair
from tests.support.leaks import open_harness
from tests.support.scenes import DeskCast

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_a_call_becomes_a_programme_completed_without_relapse(
    postgres_server, tmp_path, monkeypatch
):
    async with open_pair(postgres_server, tmp_path) as pair:
        desk = open_harness(pair.linkoping, tmp_path)
        cast = DeskCast(pair, {LINKOPING: desk})
        await cast.gather(LINKOPING, scenario1.UNIT)
        monkeypatch.setattr(scenario1, "set_clock", cast.set_clock)
        told = []
        try:
            outcome = await scenario1.play(cast, told.append)
        finally:
            await desk.client.aclose()
    assert outcome.is_right, (told, outcome.says)
    assert len(told) == 7
