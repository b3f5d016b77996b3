import pytest

from tests.support.nation import open_nation


@pytest.fixture
async def nation(postgres_server):
    async with open_nation(postgres_server) as found:
        yield found
