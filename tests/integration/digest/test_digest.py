"""The daily digest finds what neither end can see alone, names it, and heals it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.digest import sending, wire
from shared.ids import AuthorityCode, ConversationId, SubjectId
from shared.outbox import pair_conversation
from shared.outbox.enqueue import context_of
from tests.support.digests import cards_of, open_gaps
from tests.support.federation import new_conversation
from tests.support.notes import Note, notes_of

pytestmark = pytest.mark.servers

DAY = timedelta(days=1)
TO_B = pair_conversation(AuthorityCode("0580"), AuthorityCode("1480"), wire.PURPOSE)


async def told(pair, *texts, sender=None, conversation=None):
    """Sent, applied and receipted."""
    sender = sender or pair.a
    conversation = conversation or new_conversation()
    to = "1480" if sender is pair.a else "0580"
    direction = "forward" if sender is pair.a else "back"
    for words in texts:
        await sender.send(to, conversation, "note", Note(words), direction=direction)
    await pair.settle()
    return conversation


async def change(node, *statements, **facts):
    """What a restored backup or a spoilt disk makes of a database."""
    async with node.db.begin(node.worker) as uow:
        for statement in statements:
            await uow.execute(text(statement), facts)
        await uow.commit()


async def destroy(pair, code, *statements):
    """The same where even the worker may not: past all roles."""
    async with pair.postgres.admin(f"utvag_{code}") as admin:
        await admin.execute("set session_replication_role = replica")
        for statement in statements:
            await admin.execute(statement)


@pytest.fixture
def pair(pair, postgres_server):
    pair.postgres = postgres_server
    return pair


async def exchange_digests(pair):
    await pair.a.digester.run_once()
    await pair.b.digester.run_once()
    await pair.settle()


async def test_a_digest_goes_once_a_day_to_whom_something_is_open_with(pair):
    assert await pair.a.digester.run_once() == 0  # nothing is open with anybody
    await told(pair, "hej")
    assert await pair.a.digester.run_once() == 1
    assert await pair.a.digester.run_once() == 0
    pair.pass_time(DAY)
    assert await pair.a.digester.run_once() == 1
    await pair.settle()
    numbers = "select number, outcome from outbox where kind = 'digest' order by number"
    assert await pair.a.rows(numbers) == [(1, "applied"), (2, "applied")]
    assert (await pair.b.rows("select came_on from exchange_peer")) != []


async def test_two_workers_send_one_digest(pair):
    await told(pair, "hej")
    both = await asyncio.gather(pair.a.digester.run_once(), pair.a.digester.run_once())
    assert sum(both) == 1


async def test_two_ends_that_agree_name_no_gap(pair):
    conversation = await told(pair, "ett", "två")
    await told(pair, "svar", sender=pair.b, conversation=conversation)
    await pair.a.send("1480", conversation, "note", Note("på väg"))
    await exchange_digests(pair)
    for node in (pair.a, pair.b):
        assert await open_gaps(node) == []
        assert await node.watch.run_once() == 0
    assert await pair.b.rows("select differing from exchange_peer") == [(0,)]


async def test_a_lost_last_message_is_named_at_its_receiver_and_comes_again(pair):
    """The receiver's database was restored: it had answered, nothing later shows the hole."""
    conversation = await told(pair, "ett", "två", "tre")
    await change(pair.b, "update conversation_flow set applied = 2")
    await destroy(pair, "1480", "delete from inbox where number = 3")
    await pair.settle()
    pair.pass_time(DAY)
    await pair.settle()
    assert await notes_of(pair.b, conversation) == ["ett", "två", "tre"]  # not applied again yet
    await pair.a.digester.run_once()
    await pair.a.relay.run_once()
    await pair.b.inbox.receive_once()
    await pair.b.inbox.dispatch_once()
    assert await open_gaps(pair.b) == [("lost_here", conversation, 3, 3)]
    assert await cards_of(pair.b, "exchange.gap_named") == ["exchange.gap_named"]
    await pair.settle()
    assert await notes_of(pair.b, conversation) == ["ett", "två", "tre", "tre"]
    await pair.b.watch.run_once()
    assert await open_gaps(pair.b) == []
    assert await cards_of(pair.b, "exchange.gap_named") == []


async def test_a_sender_sends_again_what_the_others_digest_does_not_have(pair):
    conversation = await told(pair, "ett", "två", "tre")
    await change(pair.b, "update conversation_flow set applied = 1")
    await destroy(pair, "1480", "delete from inbox where number > 1")
    pair.pass_time(DAY)
    await pair.b.digester.run_once()
    await pair.b.relay.run_once()
    await pair.a.inbox.receive_once()
    await pair.a.inbox.dispatch_once()
    assert await open_gaps(pair.a) == [("lost_there", conversation, 2, 3)]
    await pair.settle()
    assert (await notes_of(pair.b, conversation))[3:] == ["två", "tre"]
    await pair.a.watch.run_once()
    assert await open_gaps(pair.a) == []


async def test_a_whole_conversation_that_one_end_has_lost_comes_again(pair):
    conversation = await told(pair, "ett", "två")
    await destroy(
        pair,
        "1480",
        "truncate inbox",
        "truncate conversation_flow",
        "truncate conversation cascade",
    )
    pair.pass_time(DAY)
    await pair.a.digester.run_once()
    await pair.settle()
    assert (await notes_of(pair.b, conversation))[2:] == ["ett", "två"]


async def test_a_silent_conversation_is_compared_as_long_as_a_service_holds_it_for_open(pair):
    conversation = await told(pair, "ett", "två")
    await destroy(pair, "1480", "delete from inbox where number = 2")
    await change(pair.b, "update conversation_flow set applied = 1")
    pair.pass_time(timedelta(days=90))
    await pair.a.digester.run_once()
    await pair.settle()
    assert len(await notes_of(pair.b, conversation)) == 2  # nobody speaks of it any more
    pair.a.opened = {conversation}
    pair.pass_time(DAY)
    await pair.a.digester.run_once()
    await pair.settle()
    assert len(await notes_of(pair.b, conversation)) == 3


async def test_numbers_that_the_other_end_knows_are_never_given_again(pair):
    """The sender's database was restored: it has forgotten what it sent."""
    conversation = await told(pair, "ett", "två")
    await destroy(pair, "0580", "delete from outbox where number = 2 and kind = 'note'")
    await change(pair.a, "update conversation_flow set sent = 1")
    pair.pass_time(DAY)
    await pair.b.digester.run_once()
    await pair.settle()
    assert await open_gaps(pair.a) == [("numbers_lost", conversation, 2, 2)]
    await told(pair, "efter", conversation=conversation)
    assert await notes_of(pair.b, conversation) == ["ett", "två", "efter"]
    await pair.a.watch.run_once()
    assert await open_gaps(pair.a) == [("numbers_lost", conversation, 2, 2)]  # a person's to close


async def test_the_same_numbers_with_another_content_are_named_and_left_to_a_person(pair):
    conversation = await told(pair, "ett", "två")
    await change(pair.a, "update outbox set content_hash = repeat('a', 64) where number = 2")
    pair.pass_time(DAY)
    await exchange_digests(pair)
    assert await open_gaps(pair.b) == [("content", conversation, 1, 2)]
    assert await open_gaps(pair.a) == [("content", conversation, 1, 2)]
    assert len(await notes_of(pair.b, conversation)) == 2


async def test_what_is_on_its_way_is_no_gap(pair):
    conversation = await told(pair, "ett")
    await pair.a.send("1480", conversation, "note", Note("två"))
    await pair.a.relay.run_once()
    pair.exchange.queue("EXCHANGE", AuthorityCode("1480")).waiting.clear()
    await pair.a.digester.run_once()
    await pair.settle()
    assert await open_gaps(pair.b) == []


async def test_what_has_been_on_its_way_for_too_long_is_named_by_both_ends(pair):
    """Every copy is lost on the way: the resends do not heal it, the digest still names it."""
    conversation = await told(pair, "ett")
    await pair.a.send("1480", conversation, "note", Note("två"))
    pair.pass_time(DAY)
    assert await pair.a.watch.run_once() == 1
    assert await open_gaps(pair.a) == [("unanswered", conversation, 2, 2)]
    await pair.a.relay.run_once()
    pair.exchange.queue("EXCHANGE", AuthorityCode("1480")).waiting.clear()
    await pair.a.digester.run_once()
    await pair.a.relay.run_once()  # the digest comes through alone
    await pair.b.inbox.receive_once()
    await pair.b.inbox.dispatch_once()
    assert await open_gaps(pair.b) == [("not_arrived", conversation, 2, 2)]
    await pair.b.relay.run_once()
    pair.pass_time(timedelta(seconds=10))
    await pair.settle()
    assert await notes_of(pair.b, conversation) == ["ett", "två"]
    for node in (pair.a, pair.b):
        await node.watch.run_once()
        assert await open_gaps(node) == []


@pytest.mark.parametrize("is_begun", [True, False])
async def test_a_digest_that_names_anothers_conversation_is_refused(pair, is_begun):
    foreign = pair_conversation(AuthorityCode("0180"), AuthorityCode("1480"), wire.PURPOSE)
    if is_begun:
        foreign = new_conversation()
        await change(pair.b, f"insert into conversation (id, peer) values ('{foreign}', '0180')")
    key = await pair.a.case_keys.ensure(SubjectId(TO_B))
    assert key is not None
    body = wire.Digest(
        on=pair.clock.now().date(),
        part=1,
        parts=1,
        sent=(wire.Sent(foreign, "forward", 1, 1, 0, "a" * 64),),
        applied=(),
    )
    await pair.a.send("1480", ConversationId(TO_B), "digest", body)
    await pair.settle()
    assert await pair.a.rows("select refusal_code from outbox where kind = 'digest'") == [
        ("digest.another_conversation",)
    ]
    assert await cards_of(pair.a, "exchange.refused") == ["exchange.refused"]
    others = f"select count(*) from conversation where id = '{foreign}'"
    assert await pair.b.rows(others) == [(int(is_begun),)]


async def test_a_large_digest_goes_in_parts(pair, monkeypatch):
    monkeypatch.setattr(sending, "MOST_FLOWS", 2)
    for number in range(5):
        await told(pair, f"{number}")
    await pair.a.digester.run_once()
    await pair.settle()
    assert await pair.b.rows("select flows, differing from exchange_peer") == [(5, 0)]
    assert await pair.a.rows("select count(*) from outbox where kind = 'digest'") == [(3,)]


async def test_a_node_that_was_away_asks_everybody_at_once_what_it_missed(pair):
    """The exchange has lost what waited, and the sender's next resend is almost an hour away."""
    await pair.b.digester.run_once()  # looked after: it is up
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note("hej"))
    for _ in range(14):
        await pair.a.relay.run_once()
        pair.exchange.queue("EXCHANGE", AuthorityCode("1480")).waiting.clear()
        pair.pass_time(timedelta(hours=1))
    await pair.a.relay.run_once()
    pair.exchange.queue("EXCHANGE", AuthorityCode("1480")).waiting.clear()
    pair.pass_time(timedelta(minutes=11))
    await pair.settle()
    assert await notes_of(pair.b) == []
    await change(pair.b, "update exchange_watch set looked_at = looked_at - interval '21 days'")
    assert (
        await pair.b.digester.run_once() == 1
    )  # nothing is open with Linköping, so far as it knows
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]


async def test_an_older_release_is_sent_no_digests(pair):
    pair.directory.versions["digest"] = frozenset()
    await told(pair, "hej")
    assert await pair.a.digester.run_once() == 0


async def test_a_digest_says_nothing_of_kinds_or_persons(pair):
    await told(pair, "Förnamn Efternamn")
    await pair.a.digester.run_once()
    key = await pair.a.case_keys.get(SubjectId(TO_B))
    ((sealed, message_id),) = await pair.a.rows(
        "select sealed, message_id from outbox where kind = 'digest'"
    )
    body = key.open(sealed, context_of(message_id))
    assert b"note" not in body
    assert b"Efternamn" not in body
