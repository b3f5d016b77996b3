"""Each end watches itself: what waits too long, what is not there, who has fallen silent."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.actor import Actor
from shared.db import StorageError
from shared.digest import LATE, Watch, deliveries, wire
from shared.digest.board import open_gaps as gaps_for_people
from shared.ids import AuthorityCode, StaffId, random_id
from shared.outbox import pair_conversation
from shared.outbox.claims import make_due
from tests.support.digests import cards_of, open_gaps
from tests.support.federation import new_conversation
from tests.support.notes import Note

pytestmark = pytest.mark.servers

UNDELIVERED = "exchange.undelivered"
NAMED = "exchange.gap_named"
LINKOPING = AuthorityCode("0580")


async def test_what_is_not_answered_is_named_once_with_one_card_for_the_authority(pair):
    first, second = sorted([new_conversation(), new_conversation()])
    for conversation in (first, second):
        await pair.a.send("1480", conversation, "note", Note("hej"))
    pair.pass_time(LATE - timedelta(seconds=1))
    assert await pair.a.watch.run_once() == 0
    pair.pass_time(timedelta(seconds=1))
    assert await pair.a.watch.run_once() == 2
    assert await pair.a.watch.run_once() == 0
    assert await open_gaps(pair.a) == [("unanswered", first, 1, 1), ("unanswered", second, 1, 1)]
    assert await cards_of(pair.a, UNDELIVERED, NAMED) == [UNDELIVERED]
    await pair.a.send("1480", second, "note", Note("igen"))
    pair.pass_time(LATE)
    assert await pair.a.watch.run_once() == 0
    assert await open_gaps(pair.a) == [("unanswered", first, 1, 1), ("unanswered", second, 1, 2)]
    await pair.settle()
    await pair.a.watch.run_once()
    assert await open_gaps(pair.a) == []
    assert await cards_of(pair.a, UNDELIVERED, NAMED) == []


async def test_what_came_and_could_not_be_applied_is_named(pair):
    conversation = new_conversation()
    for words in ("ett", "två"):
        await pair.a.send("1480", conversation, "note", Note(words))
    await pair.a.relay.run_once()
    pair.exchange.queue("EXCHANGE", AuthorityCode("1480")).waiting.popleft()
    await pair.b.inbox.receive_once()
    pair.wall.move(LATE)
    assert await pair.b.watch.run_once() == 1
    assert await open_gaps(pair.b) == [("held_back", conversation, 1, 2)]
    pair.clock.move(LATE)
    await pair.settle()
    await pair.b.watch.run_once()
    assert await open_gaps(pair.b) == []


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("0580", "delete from outbox where number = 2 and kind = 'note'"),
        ("1480", "delete from inbox where number = 2"),
    ],
)
async def test_a_number_without_its_message_is_named(pair, postgres_server, code, statement):
    conversation = new_conversation()
    for words in ("ett", "två", "tre"):
        await pair.a.send("1480", conversation, "note", Note(words))
    await pair.settle()
    node = pair[code]
    assert await node.watch.run_once() == 0
    async with postgres_server.admin(f"utvag_{code}") as admin:
        await admin.execute("set session_replication_role = replica")
        await admin.execute(statement)
    assert await Watch(node.db, node.authority).run_once() == 1  # a start, or the next day
    assert await open_gaps(node) == [("hole", conversation, 1, 3)]


async def test_an_authority_that_stops_sending_digests_is_named(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    await pair.settle()
    for _ in range(3):
        await pair.a.digester.run_once()
        await pair.settle()
        assert await pair.a.watch.run_once() == 0
        pair.pass_time(timedelta(days=1))
    await pair.a.digester.run_once()
    await pair.settle()
    assert await pair.a.watch.run_once() == 1
    theirs = pair_conversation(AuthorityCode("1480"), AuthorityCode("0580"), wire.PURPOSE)
    assert await open_gaps(pair.a) == [("silent", theirs, 0, 0)]
    pair.pass_time(timedelta(minutes=1))
    await pair.b.digester.run_once()
    await pair.settle()
    await pair.a.watch.run_once()
    assert await open_gaps(pair.a) == []
    assert await cards_of(pair.a, NAMED) == []


async def test_the_board_counts_what_waits_and_what_was_compared(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    await pair.settle()
    await pair.a.digester.run_once()
    await pair.b.digester.run_once()
    await pair.settle()
    await pair.a.send("1480", new_conversation(), "note", Note("väntar"))
    pair.wall.move(LATE)
    await pair.a.watch.run_once()
    async with pair.a.db.begin(pair.a.worker) as uow:
        (row,) = await deliveries(uow)
        (gap,) = await gaps_for_people(uow)
    assert (row.authority, row.messages, row.flows, row.differing, row.gaps) == (
        "1480",
        1,
        1,
        0,
        1,
    )
    assert (gap.code, gap.peer, gap.first_number) == ("unanswered", "1480", 1)


async def test_only_who_runs_the_node_hurries_a_message(pair):
    """The web may move the time of sending, and nothing else, for this role alone."""
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    await pair.a.relay.run_once()
    pair.pass_time(timedelta(seconds=6))
    await pair.a.relay.run_once()
    pair.pass_time(timedelta(seconds=6))  # due 4 s later
    for role, count in (("case_worker", 0), ("system_admin", 1)):
        actor = Actor(StaffId(random_id()), LINKOPING, LINKOPING, frozenset({role}))
        async with pair.a.web.begin(actor) as uow:
            assert await make_due(uow, AuthorityCode("1480")) == count
            await uow.commit()
        async with pair.a.web.begin(actor) as uow:
            with pytest.raises(StorageError):
                await uow.execute(text("update outbox set done_at = now(), outcome = 'applied'"))
