import pytest

from tests.support.federation import Federation
from tests.support.notes import KINDS, NoteHandler


@pytest.fixture
async def pair(postgres_server):
    """Linköping and Göteborg; `a` sends, `b.handler` takes."""
    here, there = NoteHandler(), NoteHandler()
    async with Federation.open(
        postgres_server,
        "0580",
        "1480",
        handlers={"0580": [here], "1480": [there]},
        kinds=KINDS,
        is_kernel_only=True,
    ) as federation:
        federation.postgres = postgres_server
        federation.a, federation.b = federation["0580"], federation["1480"]
        federation.a.handler, federation.b.handler = here, there
        yield federation
