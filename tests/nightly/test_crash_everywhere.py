"""R3 in full: each place where a worker may die, at either end, in every step of every story."""

import pytest
import pytest_asyncio

from tests.support.crashing import EVERYWHERE, demand_the_same_with_deaths
from tests.support.exchange import open_pair

pytestmark = [
    pytest.mark.servers,
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(postgres_server, tmp_path_factory):
    async with open_pair(postgres_server, tmp_path_factory.mktemp("pair")) as opened:
        yield opened


@pytest.mark.parametrize(("place", "end", "name"), EVERYWHERE)
async def test_a_worker_that_dies_anywhere_changes_nothing(pair, place, end, name) -> None:
    await demand_the_same_with_deaths(pair, place, end, name)
