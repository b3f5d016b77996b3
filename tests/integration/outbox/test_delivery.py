from datetime import timedelta

import pytest

from tests.support.federation import Federation, new_conversation
from tests.support.notes import KINDS, Note, NoteHandler, notes_of

pytestmark = pytest.mark.servers


@pytest.fixture
async def pair(postgres_server):
    handler = NoteHandler()
    async with Federation.open(
        postgres_server, "0580", "1480", handlers={"1480": [handler], "0580": [NoteHandler()]}, kinds=KINDS
    ) as federation:
        federation.handler = handler
        yield federation


async def test_a_note_arrives_once_and_its_receipt_ends_it(pair):
    conversation = new_conversation()
    await pair["0580"].send("1480", conversation, "note", Note("hej"))
    await pair.settle()
    assert await notes_of(pair["1480"]) == ["hej"]
    assert await pair["0580"].rows("select number, outcome, attempts, sends from outbox") == [(1, "applied", 1, 1)]
    assert await pair["1480"].rows("select kind, number, outcome from outbox") == [("receipt", 0, "stored")]
    pair.pass_time(timedelta(days=1))
    await pair.settle()
    assert await notes_of(pair["1480"]) == ["hej"]


async def test_notes_both_ways_are_numbered_apart(pair):
    conversation = new_conversation()
    for n in range(5):
        await pair["0580"].send("1480", conversation, "note", Note(f"dit {n}"))
        await pair["1480"].send("0580", conversation, "note", Note(f"hit {n}"), direction="back")
    await pair.settle()
    assert await notes_of(pair["1480"]) == [f"dit {n}" for n in range(5)]
    assert await notes_of(pair["0580"]) == [f"hit {n}" for n in range(5)]
