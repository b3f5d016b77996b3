"""Scenario 5 by the API alone, as `utvag scenario 5` plays it, in one process."""

import pytest

from infra.demo import scenario5
from tests.support.exchange import LINKOPING, open_pair
from tests.support.leaks import open_harness
from tests.support.scenes import DeskCast

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_a_concern_is_followed_step_by_step_and_judged_by_who_has_learnt_it(
    postgres_server, tmp_path
):
    async with open_pair(postgres_server, tmp_path) as pair:
        desk = open_harness(pair.linkoping, tmp_path)
        cast = DeskCast(pair, {LINKOPING: desk})
        await cast.gather(LINKOPING)
        told = []
        try:
            outcome = await scenario5.play(cast, told.append)
        finally:
            await desk.client.aclose()
    assert outcome.is_right, (told, outcome.says)
