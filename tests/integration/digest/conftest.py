import pytest

from tests.support.digests import open_digesting


@pytest.fixture
async def pair(postgres_server):
    """Linköping and Göteborg on an exchange in memory, with digests and watches."""
    async with open_digesting(postgres_server) as federation:
        yield federation
