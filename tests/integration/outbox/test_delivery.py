"""The way out: nothing committed is lost, whatever happens to the exchange, the keys or the relay."""

import asyncio
from datetime import timedelta

import pytest

from shared.bus import BusUnavailable
from shared.crypto import key_id_of
from shared.errors import DomainError
from shared.ids import AuthorityCode, ConversationId, SubjectId
from shared.outbox import Relay, enqueue, pair_conversation, undelivered
from shared.outbox.claims import FIRST_RESEND, LAST_RESEND, reopen
from tests.support.federation import new_conversation
from tests.support.notes import Note, notes_of

pytestmark = pytest.mark.servers

OUTCOMES = "select number, outcome from outbox where number > 0 order by number"


def lose(pair, code, stream="EXCHANGE"):
    """The exchange forgets what waits for this authority: a spoilt disk."""
    queue = pair.exchange.queue(stream, AuthorityCode(code))
    count = len(queue.waiting)
    queue.waiting.clear()
    return count


async def test_a_note_arrives_once_and_its_receipt_ends_it(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]
    assert await pair.a.rows("select number, outcome, attempts, sends from outbox") == [
        (1, "applied", 1, 1)
    ]
    assert await pair.b.rows("select kind, number, outcome from outbox") == [
        ("receipt", 0, "stored")
    ]
    pair.pass_time(timedelta(days=1))
    assert await pair.settle() == 0
    assert await notes_of(pair.b) == ["hej"]


async def test_notes_both_ways_are_numbered_apart(pair):
    conversation = new_conversation()
    for n in range(5):
        await pair.a.send("1480", conversation, "note", Note(f"dit {n}"))
        await pair.b.send("0580", conversation, "note", Note(f"hit {n}"), direction="back")
    await pair.settle()
    assert await notes_of(pair.b) == [f"dit {n}" for n in range(5)]
    assert await notes_of(pair.a) == [f"hit {n}" for n in range(5)]


async def test_a_rolled_back_transaction_sends_nothing_and_gives_its_number_back(pair):
    conversation = new_conversation()
    key = await pair.a.case_keys.ensure(SubjectId(conversation))
    async with pair.a.db.begin(pair.a.worker) as uow:
        await enqueue(
            uow,
            to=AuthorityCode("1480"),
            conversation=conversation,
            direction="forward",
            kind="note",
            version=1,
            body=Note("aldrig"),
            key=key,
            signer=pair.a.keyring.signing(uow.wall),
        )
    await pair.a.send("1480", conversation, "note", Note("först"))
    await pair.settle()
    assert await notes_of(pair.b) == ["först"]
    assert await pair.a.rows(OUTCOMES) == [(1, "applied")]


async def test_the_web_role_can_enqueue(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"), db=pair.a.web)
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]


async def test_the_body_is_closed_in_the_outbox_and_in_the_inbox(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("Förnamn Efternamn"))
    await pair.settle()
    for node, table in ((pair.a, "outbox"), (pair.b, "inbox")):
        ((row,),) = await node.rows(f"select t::text from {table} t where number = 1")
        assert "Efternamn" not in row
        assert b"Efternamn".hex() not in row


async def test_what_is_not_receipted_is_sent_again_under_another_transport_id(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    assert await pair.a.relay.run_once() == 1
    assert lose(pair, "1480") == 1
    await pair.settle()
    assert await notes_of(pair.b) == []
    pair.pass_time(FIRST_RESEND - timedelta(seconds=1))
    await pair.settle()
    assert await notes_of(pair.b) == []
    pair.pass_time(timedelta(seconds=1))
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]
    assert await pair.a.rows("select attempts, sends, outcome from outbox") == [(2, 2, "applied")]


async def test_a_lost_receipt_comes_again_within_the_exchanges_duplicate_window(pair):
    """R5: the resend of message and receipt must not be swallowed by the window."""
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    await pair.a.relay.run_once()
    await pair.b.inbox.receive_once()
    await pair.b.inbox.dispatch_once()
    await pair.b.relay.run_once()
    assert lose(pair, "0580") == 1
    pair.pass_time(timedelta(seconds=5))
    await pair.settle()
    assert await pair.a.rows(OUTCOMES) == [(1, "applied")]
    assert await notes_of(pair.b) == ["hej"]
    assert await pair.b.rows("select count(*), max(attempts) from outbox") == [(1, 2)]


async def test_resends_back_off_to_an_hour_and_never_end(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    waits, clock = [], pair.wall.now()
    for _ in range(14):
        await pair.a.relay.run_once()
        lose(pair, "1480")
        ((due,),) = await pair.a.rows("select not_before from outbox")
        waits.append(due - clock)
        pair.pass_time(due - clock)
        clock = due
    assert waits[:4] == [FIRST_RESEND * 2**n for n in range(4)]
    assert set(waits[10:]) == {LAST_RESEND}
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]


async def test_a_sign_of_life_makes_what_waits_due_at_once(pair):
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note("dit"))
    for _ in range(8):
        await pair.a.relay.run_once()
        lose(pair, "1480")
        ((due,),) = await pair.a.rows("select not_before from outbox")
        pair.pass_time(due - pair.wall.now())
    await pair.a.relay.run_once()
    lose(pair, "1480")
    pair.pass_time(timedelta(seconds=30))  # due in ten minutes
    await pair.settle()
    assert await notes_of(pair.b) == []
    await pair.b.send("0580", conversation, "note", Note("hit"), direction="back")
    await pair.settle()
    assert await notes_of(pair.b) == ["dit"]


async def test_what_was_just_sent_is_not_sent_again_at_each_sign_of_life(pair):
    conversation = new_conversation()
    for n in range(20):
        await pair.a.send("1480", conversation, "note", Note(f"{n}"))
    await pair.settle()
    assert await pair.a.rows("select max(attempts) from outbox") == [(1,)]


async def test_an_exchange_that_is_away_for_two_weeks_costs_nothing_but_time(pair):
    conversation = new_conversation()
    pair.exchange.go_away()
    for n in range(150):
        await pair.a.send("1480", conversation, "note", Note(f"{n}"))
    for _ in range(14):
        await pair.settle()
        pair.pass_time(timedelta(days=1))
    assert await pair.a.rows("select max(attempts) from outbox") == [(0,)]
    pair.exchange.come_back()
    await pair.settle(rounds=400)
    assert await notes_of(pair.b) == [f"{n}" for n in range(150)]
    assert await pair.a.rows("select count(*), min(outcome), max(outcome) from outbox") == [
        (150, "applied", "applied")
    ]


async def test_a_reconnect_makes_due_what_failed_before(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    for _ in range(9):
        await pair.a.relay.run_once()
        lose(pair, "1480")
        ((due,),) = await pair.a.rows("select not_before from outbox")
        pair.pass_time(due - pair.wall.now())
    await pair.a.relay.run_once()
    lose(pair, "1480")
    pair.exchange.go_away()
    pair.pass_time(timedelta(seconds=10))
    pair.exchange.come_back()
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]


async def test_an_exchange_that_fails_in_the_middle_leaves_the_rest_due(pair, monkeypatch):
    conversation = new_conversation()
    for n in range(6):
        await pair.a.send("1480", conversation, "note", Note(f"{n}"))
    publish_many = type(pair.a.bus).publish_many

    async def half(self, stream, frames):
        return await publish_many(self, stream, frames[: len(frames) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(type(pair.a.bus), "publish_many", half)
        with pytest.raises(BusUnavailable):
            await pair.a.relay.run_once()
    assert await pair.a.rows("select count(*) from outbox where sent_at is null") == [(3,)]
    await pair.settle()
    assert await notes_of(pair.b) == ["0", "1", "2"]
    pair.pass_time(FIRST_RESEND)
    await pair.settle()
    assert await notes_of(pair.b) == [f"{n}" for n in range(6)]


async def test_two_relays_keep_each_conversations_order(pair):
    """Plain `skip locked` put a quarter out of order."""
    published = []
    publish = type(pair.exchange).put

    def seen(stream, sender, outgoing):
        published.append(outgoing.transport_id)
        publish(pair.exchange, stream, sender, outgoing)

    pair.exchange.put = seen
    conversations = [new_conversation() for _ in range(8)]
    order = []
    for n in range(25):
        for conversation in conversations:
            message_id = await pair.a.send("1480", conversation, "note", Note(f"{n}"))
            order.append((str(message_id), n))
    relays = [
        Relay(
            pair.a.db,
            pair.a.bus,
            pair.directory,
            pair.a.keyring,
            pair.a.case_keys,
            pair.wall,
            batch=5,
        )
        for _ in range(3)
    ]

    async def run(relay):
        for _ in range(60):
            await relay.run_once()
            await asyncio.sleep(0)

    await asyncio.gather(*(run(relay) for relay in relays))
    number_of = dict(order)
    assert len(published) == len(set(published)) == 200
    sequence = {}
    rows = await pair.a.rows("select message_id::text, conversation_id from outbox")
    conversation_of = {row[0]: row[1] for row in rows}
    for transport_id in published:
        message = transport_id.split(".")[0]
        sequence.setdefault(conversation_of[message], []).append(number_of[message])
    assert all(numbers == sorted(numbers) for numbers in sequence.values())


async def test_an_authority_that_may_not_receive_is_not_published_to(pair):
    pair.directory.inactive.add("1480")
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    await pair.settle()
    assert lose(pair, "1480") == 0
    pair.directory.inactive.clear()
    pair.pass_time(FIRST_RESEND * 2)
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]


async def test_a_message_is_signed_anew_when_the_key_has_changed(pair):
    message = await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    ((before, hash_before),) = await pair.a.rows("select jws, content_hash from outbox")
    pair.a.keyring.rotate(pair.wall.now(), 365, lead=timedelta(0))
    pair.pass_time(timedelta(seconds=1))
    await pair.settle()
    ((after, hash_after, kept),) = await pair.a.rows(
        "select jws, content_hash, message_id from outbox"
    )
    assert key_id_of(before) != key_id_of(after) == pair.a.keyring.signing_keys[-1].kid
    assert (hash_after, kept) == (hash_before, message)
    assert await notes_of(pair.b) == ["hej"]


async def test_a_receiver_that_lost_its_sealing_key_gets_it_under_the_new_one(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    await pair.a.relay.run_once()  # sealed to the key that will be lost
    pair.b.keyring.rotate(pair.wall.now(), 365, lead=timedelta(0))
    del pair.b.keyring._sealing[0]
    await pair.settle()
    assert await notes_of(pair.b) == []
    assert await pair.b.rows("select code, claimed_id is not null from quarantine") == [
        ("wire.unknown_key", True)
    ]
    # The notice made it due again, no sooner than the first resend would have been.
    pair.pass_time(FIRST_RESEND)
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]
    assert await pair.a.rows("select kind from card") == [("exchange.not_believed",)]


async def test_a_message_whose_key_was_erased_before_it_was_sent_ends_with_a_card(pair):
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note("hej"))
    await pair.a.case_keys.destroy(SubjectId(conversation))
    await pair.settle()
    assert await pair.a.rows(OUTCOMES) == [(1, "erased")]
    assert await pair.a.rows("select kind, audience from card") == [
        ("exchange.erased_unsent", "system_admin")
    ]


@pytest.mark.parametrize(("says", "outcome"), [("hej", "applied"), ("nej", "refused")])
async def test_a_late_asking_after_the_erasure_leaves_what_was_answered(pair, says, outcome):
    conversation = new_conversation()
    pair.b.handler.refuse.add("nej")
    await pair.a.send("1480", conversation, "note", Note(says))
    await pair.settle()
    before = await pair.a.rows("select outcome, refusal_code from outbox")
    assert before[0][0] == outcome
    await pair.a.case_keys.destroy(SubjectId(conversation))
    async with pair.a.db.begin(pair.a.worker) as uow:  # as a late copy of `missing` does
        assert await reopen(uow, AuthorityCode("1480"), conversation, "forward", 1, 1) == 1
        await uow.commit()
    pair.pass_time(FIRST_RESEND)
    await pair.settle()
    assert await pair.a.rows("select outcome, refusal_code from outbox") == before
    assert await pair.a.rows("select kind from card where kind = 'exchange.erased_unsent'") == []


async def test_a_key_store_without_the_key_leaves_the_message_and_tells_a_person(pair):
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note("hej"))
    kept = pair.a.case_keys._keys.pop(SubjectId(conversation))
    await pair.settle()
    assert await pair.a.rows("select kind, facts->>'code' from card") == [
        ("exchange.cannot_send", "keys.missing")
    ]
    pair.a.case_keys._keys[SubjectId(conversation)] = kept  # restored
    pair.pass_time(timedelta(minutes=1))
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]


async def test_a_receiver_without_a_sealing_key_is_told_of_and_waited_for(pair):
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    key = pair.b.keyring._sealing.pop()
    await pair.a.relay.run_once()
    assert await pair.a.rows("select facts->>'code' from card") == [("directory.no_sealing_key",)]
    pair.b.keyring._sealing.append(key)
    pair.pass_time(timedelta(minutes=1))
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]


async def test_people_can_ask_what_is_undelivered(pair):
    pair.exchange.go_away()
    for _ in range(3):
        await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    async with pair.a.web.begin(pair.a.worker) as uow:
        (row,) = await undelivered(uow)
    assert (row["receiver"], row["messages"], row["oldest_at"]) == ("1480", 3, pair.wall.now())


async def test_a_conversation_never_changes_its_peer(pair):
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note("hej"))
    with pytest.raises(ValueError, match="another authority"):
        await pair.a.send("0581", conversation, "note", Note("hej"))
    with pytest.raises(ValueError, match="another authority"):
        await pair.a.send("0581", conversation, "note", Note("hej"), numbered=False)


async def test_a_message_to_oneself_is_refused(pair):
    with pytest.raises(ValueError, match="oneself"):
        await pair.a.send("0580", new_conversation(), "note", Note("hej"))


async def test_a_body_that_does_not_fit_is_refused_before_anything_is_stored(pair):
    with pytest.raises(DomainError, match=r"messages\.too_large"):
        await pair.a.send("1480", new_conversation(), "note", Note("x" * 600_000))
    assert await pair.a.rows("select 1 from outbox") == []


async def test_the_standing_conversation_of_a_pair_is_the_same_at_both_ends(pair):
    codes = AuthorityCode("0580"), AuthorityCode("1480")
    assert pair_conversation(*codes, "checkpoint") == pair_conversation(*codes, "checkpoint")
    assert pair_conversation(*codes, "checkpoint") != pair_conversation(*codes[::-1], "checkpoint")
    assert pair_conversation(*codes, "checkpoint") != pair_conversation(*codes, "digest")


async def test_the_running_relay_is_woken_by_the_commit(pair):
    """Real time: a commit is on the exchange long before any poll."""
    stop = asyncio.Event()
    task = asyncio.create_task(pair.a.relay.run(stop))
    await asyncio.sleep(3.0)  # the poll is at its slowest now
    await pair.a.send("1480", new_conversation(), "note", Note("hej"))
    started = asyncio.get_running_loop().time()
    async with asyncio.timeout(2):
        while not pair.exchange.queue("EXCHANGE", AuthorityCode("1480")).waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert asyncio.get_running_loop().time() - started < 0.5
    stop.set()
    async with asyncio.timeout(2):
        await task


async def test_what_waits_for_a_paused_authority_does_not_stand_before_the_rest(pair):
    conversations = [new_conversation() for _ in range(100)]
    for conversation in conversations:
        await pair.a.send("1480", conversation, "note", Note("vänta"))
    pair.directory.inactive.add("1480")
    for _ in range(5):
        await pair.settle()
        pair.pass_time(timedelta(seconds=5))
    # Tried at 0 and 10 seconds, next at 30: not at each of the five.
    assert await pair.a.rows("select min(attempts), max(attempts) from outbox") == [(2, 2)]
    pair.directory.inactive.clear()
    late = ConversationId(new_conversation())
    await pair.a.send("1480", late, "note", Note("ny"))
    assert await pair.a.relay.run_once() == 1
    pair.pass_time(LAST_RESEND)
    await pair.settle()
    assert len(await notes_of(pair.b)) == 101
