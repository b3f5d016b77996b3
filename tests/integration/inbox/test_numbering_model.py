"""R4: whatever the exchange does to the frames, each conversation ends as a list that was appended to."""

import random
from datetime import timedelta

import pytest

from shared.ids import AuthorityCode
from tests.support.federation import new_conversation
from tests.support.notes import Note, notes_of

pytestmark = pytest.mark.servers

DROPPED = 0.05
WINDOW = 50


def disturb(pair, chance):
    """Each frame 1 to 5 times, shuffled within a window, some lost: both queues."""
    for code in ("0580", "1480"):
        waiting = pair.exchange.queue("EXCHANGE", AuthorityCode(code)).waiting
        frames = [frame for frame in waiting if chance.random() >= DROPPED]
        frames = [frame for frame in frames for _ in range(chance.choice((1, 1, 1, 2, 5)))]
        waiting.clear()
        while frames:
            window, frames = frames[:WINDOW], frames[WINDOW:]
            chance.shuffle(window)
            waiting.extend(window)


@pytest.mark.parametrize("seed", range(3))
async def test_every_disturbed_conversation_ends_as_it_was_written(pair, seed):
    chance = random.Random(seed)
    model = {}
    conversations = [new_conversation() for _ in range(6)]
    refused = {f"{n}" for n in range(0, 60, 7)}
    pair.a.handler.refuse = pair.b.handler.refuse = refused
    for n in range(60):
        conversation = chance.choice(conversations)
        is_forward = chance.random() < 0.6
        node, to, direction = (
            (pair.a, "1480", "forward") if is_forward else (pair.b, "0580", "back")
        )
        await node.send(to, conversation, "note", Note(f"{n}"), direction=direction)
        model.setdefault((conversation, direction), []).append(f"{n}")
        if chance.random() < 0.4:
            for one in (pair.a, pair.b):
                await one.relay.run_once()
            disturb(pair, chance)
            for one in (pair.a, pair.b):
                await one.inbox.receive_once()
                await one.inbox.dispatch_once()
        if chance.random() < 0.2:
            pair.pass_time(timedelta(seconds=chance.choice((1, 5, 20))))
        if chance.random() < 0.1:
            chance.choice((pair.a, pair.b)).rebuild()
    for _ in range(12):
        await pair.settle()
        pair.exchange.redeliver()
        pair.pass_time(timedelta(seconds=30))
    for (conversation, direction), texts in model.items():
        node = pair.b if direction == "forward" else pair.a
        expected = [words for words in texts if words not in refused]
        assert await notes_of(node, conversation) == expected
    for node in (pair.a, pair.b):
        numbered = await node.rows(
            "select outcome = 'refused', count(*) from outbox where number > 0 group by 1"
        )
        assert None not in dict(numbered)
        assert await node.rows("select 1 from quarantine union all select 1 from card") == []
    sent = len(await pair.a.rows("select 1 from outbox where number > 0"))
    taken = await pair.b.rows(
        "select count(*), count(distinct (conversation_id, number)) from inbox where number > 0"
    )
    assert taken == [(sent, sent)]
