"""The way in: once, in order, and the same answer for ever, whatever the exchange does."""

import random
from datetime import timedelta

import pytest

from shared.ids import AuthorityCode, MessageId, SubjectId, random_id
from shared.inbox import Inbox
from shared.inbox.gaps import PATIENCE
from shared.messages import compose, seal
from shared.outbox import pair_conversation
from shared.outbox.conversations import STANDING
from tests.support.federation import new_conversation
from tests.support.notes import Note, NoteHandler, notes_of

pytestmark = pytest.mark.servers


def waiting(pair, code="1480"):
    return pair.exchange.queue("EXCHANGE", AuthorityCode(code)).waiting


async def send_all(pair, *texts, conversation=None):
    conversation = conversation or new_conversation()
    for words in texts:
        await pair.a.send("1480", conversation, "note", Note(words))
    await pair.a.relay.run_once()
    return conversation


async def publish(
    pair, *, number, words, conversation, sender="0580", message_id=None, direction="forward"
):
    """A message made by hand: what a faulty or hostile node would send."""
    node = pair[sender] if sender in pair.nodes else None
    keyring = pair.directory.keyrings[AuthorityCode(sender)]
    now = pair.wall.now()
    message = compose(
        sender=AuthorityCode(sender),
        receiver=AuthorityCode("1480"),
        conversation_id=conversation,
        direction=direction,
        number=number,
        kind="note",
        version=1,
        body=Note(words),
        key=keyring.signing(now),
        now=now,
        message_id=message_id,
    )
    frame = seal(message, pair.directory.sealing_key(AuthorityCode("1480"), now))
    bus = node.bus if node else pair.exchange.bus(AuthorityCode(sender))
    await bus.publish("EXCHANGE", AuthorityCode("1480"), frame, str(random_id()))
    return message


async def test_what_comes_in_reverse_is_applied_in_order(pair):
    texts = [f"{n}" for n in range(10)]
    await send_all(pair, *texts)
    waiting(pair).reverse()
    await pair.settle()
    assert await notes_of(pair.b) == texts


async def test_what_comes_early_waits_for_what_is_missing(pair):
    await send_all(pair, "ett", "två", "tre")
    first = waiting(pair).popleft()
    await pair.settle()
    assert await notes_of(pair.b) == []
    waiting(pair).append(first)
    await pair.settle()
    assert await notes_of(pair.b) == ["ett", "två", "tre"]
    assert await pair.b.rows(
        "select gap_since, asked from conversation_flow where applied = 3"
    ) == [(None, 0)]


async def test_conversations_do_not_wait_for_each_other(pair):
    await send_all(pair, "ett", "två")
    waiting(pair).popleft()
    await send_all(pair, "annat")
    await pair.settle()
    assert await notes_of(pair.b) == ["annat"]


async def test_doubles_are_applied_once_and_answered_with_the_first_answer(pair):
    await send_all(pair, "ett", "två")
    frames = list(waiting(pair))
    for _ in range(4):
        waiting(pair).extend(frames)
    random.Random(7).shuffle(waiting(pair))
    await pair.settle()
    assert await notes_of(pair.b) == ["ett", "två"]
    ((receipts, most),) = await pair.b.rows("select count(*), max(attempts) from outbox")
    assert receipts == 2
    answers = await pair.a.rows("select answer_jws, answer_body from outbox order by number")
    # A year later, the same double: the very same answer.
    pair.pass_time(timedelta(days=300))
    waiting(pair).extend(frames)
    await pair.settle()
    assert (
        await pair.a.rows("select answer_jws, answer_body from outbox order by number") == answers
    )
    assert await pair.b.rows("select count(*) from outbox") == [(2,)]
    assert (await pair.b.rows("select max(attempts) from outbox"))[0][0] > most
    assert await notes_of(pair.b) == ["ett", "två"]


async def test_a_double_of_a_refused_message_is_refused_again_with_the_same_words(pair):
    pair.b.handler.refuse.add("nej")
    await send_all(pair, "nej")
    (frame,) = waiting(pair)
    await pair.settle()
    pair.b.handler.refuse.clear()
    waiting(pair).append(frame)
    await pair.settle()
    assert await notes_of(pair.b) == []
    assert await pair.b.rows("select kind, attempts from outbox") == [("refusal", 2)]
    assert await pair.a.rows("select outcome, refusal_code from outbox") == [
        ("refused", "note.refused")
    ]


async def test_a_gap_that_lasts_is_asked_for_and_a_restored_receiver_gets_all_again(pair):
    """R14: the receiver was restored from a backup; the sender believes all of it done."""
    conversation = await send_all(pair, "ett", "två", "tre")
    await pair.settle()
    async with pair.b.db.begin(pair.b.worker) as uow:
        from sqlalchemy import text

        await uow.execute(text("update conversation_flow set applied = 0"))
        await uow.commit()
    await _forget_inbox(pair)
    await send_all(pair, "fyra", conversation=conversation)
    await pair.settle()
    assert (await notes_of(pair.b))[3:] == []
    pair.pass_time(PATIENCE)
    await pair.settle()
    assert (await notes_of(pair.b))[3:] == ["ett", "två", "tre", "fyra"]
    assert await pair.a.rows("select number, outcome from outbox where number > 0 order by 1") == [
        (n, "applied") for n in range(1, 5)
    ]


async def _forget_inbox(pair):
    from infra.postgres.databases import database_name

    async with pair.postgres.admin(database_name("1480")) as admin:
        await admin.execute("delete from inbox; delete from outbox")


async def test_a_gap_that_nobody_fills_becomes_a_card(pair):
    await send_all(pair, "ett", "två")
    waiting(pair).popleft()
    await pair.b.step()
    pair.exchange.bus(AuthorityCode("0580"))
    for _ in range(8):
        pair.pass_time(PATIENCE * 4)
        await pair.b.inbox.ask_once()
    cards = await pair.b.rows("select kind, audience, facts from card")
    assert cards == [
        ("exchange.gap", "system_admin", {"authority": "0580", "from_number": 1, "to_number": 1})
    ]
    ((asked,),) = await pair.b.rows("select count(*) from outbox where kind = 'missing'")
    assert 3 <= asked <= 6


async def test_numbers_that_the_sender_does_not_have_become_its_card(pair):
    """R15: the sender was restored, the receiver asks for what it never wrote again."""
    conversation = new_conversation()
    await publish(pair, number=5, words="fem", conversation=conversation)
    await pair.settle()
    pair.pass_time(PATIENCE)
    await pair.settle()
    assert await pair.a.rows("select kind from card") == [("exchange.numbers_lost",)]


async def test_the_same_number_with_another_content_is_an_equivocation(pair):
    conversation = await send_all(pair, "ett")
    await pair.settle()
    second = await publish(pair, number=1, words="annat", conversation=conversation)
    (frame,) = waiting(pair)
    await pair.settle()
    assert await notes_of(pair.b) == ["ett"]
    assert await pair.b.rows(
        "select message_id, number, sealed is not null from inbox_equivocation"
    ) == [(second.message_id, 1, True)]
    assert await pair.b.rows("select kind, facts from card") == [
        ("exchange.equivocation", {"authority": "0580", "number": 1})
    ]
    assert await pair.b.rows("select kind, refers_to from outbox order by kind") == [
        ("receipt", (await pair.b.rows("select message_id from inbox"))[0][0]),
        ("refusal", second.message_id),
    ]
    waiting(pair).append(frame)  # again: the same refusal, no second card
    await pair.settle()
    assert await pair.b.rows("select count(*) from inbox_equivocation") == [(1,)]
    assert await pair.b.rows("select attempts from outbox where kind = 'refusal'") == [(2,)]


async def test_the_same_id_with_another_content_is_an_equivocation(pair):
    conversation = await send_all(pair, "ett")
    await pair.settle()
    ((first,),) = await pair.b.rows("select message_id from inbox")
    await publish(
        pair, number=1, words="annat", conversation=conversation, message_id=MessageId(first)
    )
    await pair.settle()
    assert await pair.b.rows("select message_id from inbox_equivocation") == [(first,)]
    assert await notes_of(pair.b) == ["ett"]


async def test_two_workers_apply_each_message_once_and_in_order(pair):
    import asyncio

    other = NoteHandler()
    second = Inbox(
        pair.b.db, pair.b.bus, pair.directory, pair.b.keyring, pair.b.case_keys, pair.b.registry, [other], pair.wall
    )  # fmt: skip
    conversations = [new_conversation() for _ in range(6)]
    for n in range(10):
        for conversation in conversations:
            await pair.a.send("1480", conversation, "note", Note(f"{n}"))
    while await pair.a.relay.run_once():
        pass
    random.Random(3).shuffle(waiting(pair))

    async def run(inbox):
        for _ in range(80):
            await inbox.receive_once()
            await inbox.dispatch_once()

    await asyncio.gather(run(pair.b.inbox), run(second))
    for conversation in conversations:
        assert await notes_of(pair.b, conversation) == [f"{n}" for n in range(10)]
    assert await pair.b.rows("select count(*), count(distinct refers_to) from outbox") == [(60, 60)]


async def test_a_third_authority_cannot_speak_in_a_conversation_of_two(pair, postgres_server):
    from shared.crypto import KeyRing

    stranger = AuthorityCode("0581")
    pair.directory.keyrings[stranger] = KeyRing.in_memory(
        stranger, pair.wall.now() - timedelta(days=1)
    )
    conversation = await send_all(pair, "ett")
    await pair.settle()
    await publish(pair, number=2, words="falskt", conversation=conversation, sender="0581")
    await pair.settle()
    assert await notes_of(pair.b) == ["ett"]
    assert await pair.b.rows("select sender, code from quarantine") == [
        ("0581", "wire.conversation")
    ]
    await send_all(pair, "två", conversation=conversation)
    await pair.settle()
    assert await notes_of(pair.b) == ["ett", "två"]


@pytest.mark.parametrize("purpose", ["digest", "directory"])
async def test_a_third_authority_cannot_take_what_two_others_will_speak_in(
    pair, purpose, monkeypatch
):
    from shared.crypto import KeyRing

    monkeypatch.setitem(STANDING, purpose, frozenset({"note"}))
    stranger = AuthorityCode("0581")
    pair.directory.keyrings[stranger] = KeyRing.in_memory(
        stranger, pair.wall.now() - timedelta(days=1)
    )
    conversation = pair_conversation(AuthorityCode("0580"), AuthorityCode("1480"), purpose)
    await publish(pair, number=1, words="falskt", conversation=conversation, sender="0581")
    await pair.settle()
    assert await pair.b.rows("select sender, code from quarantine") == [
        ("0581", "wire.conversation")
    ]
    await send_all(pair, "hej", conversation=conversation)
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]


async def test_nobody_can_number_our_own_direction(pair):
    conversation = new_conversation()
    await pair.b.send("0580", conversation, "note", Note("hit"), direction="back")
    await pair.settle()
    await publish(pair, number=2, words="falskt", conversation=conversation, direction="back")
    await pair.settle()
    assert await notes_of(pair.b) == []
    assert await pair.b.rows("select code from quarantine") == [("wire.direction",)]


async def test_a_message_to_an_erased_conversation_is_refused_and_its_body_not_kept(pair):
    conversation = await send_all(pair, "ett")
    (frame,) = waiting(pair)
    await pair.settle()
    await pair.b.case_keys.destroy(SubjectId(conversation))
    await send_all(pair, "två", conversation=conversation)
    waiting(pair).append(frame)
    await pair.settle()
    assert await notes_of(pair.b) == ["ett"]
    assert await pair.b.rows(
        "select number, outcome, refusal_code, sealed is null from inbox order by 1"
    ) == [
        (1, "applied", None, False),
        (2, "refused", "inbox.erased", True),
    ]
    assert await pair.a.rows("select number, outcome from outbox order by number") == [
        (1, "applied"),
        (2, "refused"),
    ]


async def test_a_key_destroyed_between_staging_and_dispatch_is_a_refusal(pair):
    conversation = await send_all(pair, "ett")
    await pair.b.inbox.receive_once()
    await pair.b.case_keys.destroy(SubjectId(conversation))
    await pair.settle()
    assert await pair.a.rows("select outcome, refusal_code from outbox") == [
        ("refused", "inbox.erased")
    ]


@pytest.mark.parametrize("purpose", sorted(STANDING))
async def test_what_people_have_between_them_is_refused_in_a_standing_conversation_and_logged(
    pair, purpose
):
    here, there = AuthorityCode("0580"), AuthorityCode("1480")
    conversation = pair_conversation(here, there, purpose)
    with pytest.raises(ValueError, match="does not belong"):
        await pair.a.send("1480", conversation, "note", Note("smyg"))
    await publish(pair, number=1, words="smyg", conversation=conversation)
    await pair.settle()
    assert await notes_of(pair.b) == []
    assert await pair.b.rows("select outcome, refusal_code from inbox") == [
        ("refused", "wire.kind_not_here")
    ]
    answered = await pair.b.rows("select kind from outbox where number = 0")
    assert answered == [("refusal",)]
    logged = "select facts->>'kind' from audit_entry where action = 'message.refused'"
    assert await pair.b.rows(logged) == [("note",)]


async def test_the_standing_conversation_needs_no_opening(pair, monkeypatch):
    monkeypatch.setitem(STANDING, "digest", frozenset({"note"}))
    conversation = pair_conversation(AuthorityCode("0580"), AuthorityCode("1480"), "digest")
    await send_all(pair, "hej", conversation=conversation)
    await pair.settle()
    assert await notes_of(pair.b) == ["hej"]
