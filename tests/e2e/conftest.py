"""Two municipalities, kept for a module: each test makes cases of its own."""

import pytest_asyncio

from tests.support.exchange import open_pair
from tests.support.leaks import open_harness


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(postgres_server, tmp_path_factory):
    async with open_pair(postgres_server, tmp_path_factory.mktemp("pair")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(pair, tmp_path_factory):
    """Both towns' applications; `gun` leads, `dag` directs, `asta` works."""
    found = []
    for town in (pair.linkoping, pair.goteborg):
        desk = open_harness(town, tmp_path_factory.mktemp("desk"))
        desk.people = {
            "asta": await town.bench.case_worker(),
            "gun": await town.bench.leader(),
            "dag": await town.bench.person("Dag", "social_director", "team_leader"),
        }
        found.append(desk)
    yield found
    for desk in found:
        await desk.client.aclose()
