"""A place for a file on its way in is not held by waiting, nor all places by one person."""

import asyncio
from uuid import UUID

import pytest

from services.documents import handlers
from services.documents.api import receive
from shared.crypto import MemoryCaseKeys
from shared.errors import TooMany, TooSlow
from shared.ids import StaffId, SubjectId

ASTA, BO = StaffId(UUID(int=1)), StaffId(UUID(int=2))


@pytest.fixture
async def key():
    return await MemoryCaseKeys().ensure(SubjectId(UUID(int=9)))


@pytest.fixture(autouse=True)
def places(monkeypatch):
    """Of this test's own event loop."""
    monkeypatch.setattr(handlers, "_AT_A_TIME", asyncio.Semaphore(3))


async def stuck(*parts, until=None):
    for part in parts:
        yield part
    await (until or asyncio.Event()).wait()


async def whole(content=b"hej"):
    yield content


async def test_a_file_that_stops_coming_gives_its_place_back(key, monkeypatch):
    monkeypatch.setattr(handlers, "GRACE_S", 0.01)
    for who in (ASTA, BO) * 4:
        with pytest.raises(TooSlow, match=r"document\.too_slow") as refused:
            await receive(key, who, stuck(b"hej"))
        assert refused.value.status == 408
    assert (await receive(key, ASTA, whole())).size_bytes == 3


async def test_what_has_come_buys_time_at_the_least_rate(key, monkeypatch):
    """Drop by drop is too slow, however long it has been going on."""
    monkeypatch.setattr(handlers, "GRACE_S", 0.02)
    monkeypatch.setattr(handlers, "LEAST_RATE", 1_000_000)

    async def drops():
        while True:
            await asyncio.sleep(0.005)
            yield b"a"

    with pytest.raises(TooSlow):
        await receive(key, ASTA, drops())


async def test_one_person_takes_two_places_and_others_find_one(key):
    until = asyncio.Event()
    sending = [
        asyncio.create_task(receive(key, ASTA, stuck(b"hej", until=until)))
        for _ in range(handlers.MOST_OF_ONE)
    ]
    await asyncio.sleep(0)
    with pytest.raises(TooMany, match=r"document\.too_many_at_once") as refused:
        await receive(key, ASTA, whole())
    assert refused.value.status == 429
    assert (await receive(key, BO, whole())).size_bytes == 3
    until.set()
    await asyncio.gather(*sending)
    assert (await receive(key, ASTA, whole())).size_bytes == 3
    assert not handlers._OF_ONE


async def test_who_finds_no_place_is_told_so(key, monkeypatch):
    monkeypatch.setattr(handlers, "_AT_A_TIME", asyncio.Semaphore(0))
    monkeypatch.setattr(handlers, "WAIT_S", 0.01)
    with pytest.raises(TooMany, match=r"document\.no_place"):
        await receive(key, ASTA, whole())
