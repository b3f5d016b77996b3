import pytest

from tests.support.notes import open_note_pair


@pytest.fixture
async def pair(postgres_server):
    """Linköping and Göteborg; `a` sends, `b.handler` takes."""
    async with open_note_pair(postgres_server) as federation:
        yield federation
