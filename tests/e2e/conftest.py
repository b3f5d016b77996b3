"""Two municipalities, kept for a module: each test makes cases of its own."""

import pytest_asyncio

from tests.support.exchange import open_pair


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(postgres_server, tmp_path_factory):
    async with open_pair(postgres_server, tmp_path_factory.mktemp("pair")) as opened:
        yield opened
