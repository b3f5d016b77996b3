"""The worker's loops in real time, and the corners that only a disturbed worker reaches."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.actor import Actor
from shared.crypto import KeyRing
from shared.db import StorageUnavailableError
from shared.db.cards import add_card, finish_card, finish_cards_about, open_cards
from shared.errors import Conflict, DomainError
from shared.ids import AuthorityCode, ConversationId, SubjectId, random_id
from shared.inbox import staging
from shared.messages import AttachmentMissing, Missing, Receipt, compose, seal
from shared.outbox import enqueue, enqueue_attachment
from tests.support.federation import new_conversation
from tests.support.notes import Note, notes_of

pytestmark = pytest.mark.servers


async def until(condition, timeout_s=20.0):
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110 - another connection writes it
            await asyncio.sleep(0.05)


async def test_running_nodes_deliver_through_an_absence_and_end_when_told(pair):
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(run(stop))
        for node in (pair.a, pair.b)
        for run in (node.relay.run, node.inbox.run)
    ]
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note("före"))

    async def arrived(*texts):
        return await notes_of(pair.b, conversation) == list(texts)

    await until(lambda: arrived("före"))
    pair.exchange.go_away()
    await pair.a.send("1480", conversation, "note", Note("under"))
    await asyncio.sleep(0.3)
    assert await arrived("före")
    pair.exchange.come_back()
    await until(lambda: arrived("före", "under"))
    stop.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks)


async def test_a_server_away_while_staging_leaves_all_to_the_exchange(pair, monkeypatch):
    await pair.a.send("1480", new_conversation(), "note", Note("x"))
    await pair.a.relay.run_once()

    async def away(_uow, _one):
        raise StorageUnavailableError("08006")

    with monkeypatch.context() as patch:
        patch.setattr(staging, "_insert", away)
        with pytest.raises(StorageUnavailableError):
            await pair.b.inbox.receive_once()
    assert await pair.b.rows("select 1 from quarantine") == []
    pair.exchange.redeliver()
    await pair.settle()
    assert await notes_of(pair.b) == ["x"]


async def test_a_server_that_goes_away_while_staging_singly_leaves_the_rest(pair, monkeypatch):
    await pair.a.send("1480", new_conversation(), "note", Note("x"))
    await pair.a.relay.run_once()
    errors = [RuntimeError(), StorageUnavailableError("08006")]

    async def failing(_uow, _one):
        raise errors.pop(0)

    with monkeypatch.context() as patch:
        patch.setattr(staging, "_insert", failing)
        with pytest.raises(StorageUnavailableError):
            await pair.b.inbox.receive_once()
    pair.exchange.redeliver()
    await pair.settle()
    assert await notes_of(pair.b) == ["x"]


async def test_a_key_store_that_fails_oddly_is_no_erasure(pair, monkeypatch):
    await pair.a.send("1480", new_conversation(), "note", Note("x"))
    await pair.a.relay.run_once()

    async def odd(_subject):
        raise DomainError("keys.damaged")

    with monkeypatch.context() as patch:
        patch.setattr(pair.b.case_keys, "ensure", odd)
        with pytest.raises(DomainError, match=r"keys\.damaged"):
            await pair.b.inbox.receive_once()
    pair.exchange.redeliver()
    await pair.settle()
    assert await notes_of(pair.b) == ["x"]


async def test_a_race_while_asking_for_keys_is_tried_again(pair):
    subjects, lost = pair.b.handler.subjects, [Conflict("db.changed_meanwhile")]

    async def once(uow, message):
        if lost:
            raise lost.pop()
        return await subjects(uow, message)

    pair.b.handler.subjects = once
    await pair.a.send("1480", new_conversation(), "note", Note("x"))
    await pair.settle()
    assert await notes_of(pair.b) == []
    pair.pass_time(timedelta(seconds=1))
    await pair.settle()
    assert await notes_of(pair.b) == ["x"]


async def test_a_worker_that_was_overtaken_does_nothing(pair):
    """Its lease ran out while it slept; another has applied the message since."""
    await pair.a.send("1480", new_conversation(), "note", Note("x"))
    await pair.a.relay.run_once()
    await pair.b.inbox.receive_once()
    dispatcher = pair.b.inbox._dispatcher
    slow, prepared = dispatcher._prepare, []

    async def overtaken(row):
        made = await slow(row)
        if not prepared:
            prepared.append(made)
            pair.pass_time(timedelta(minutes=1))
            await dispatcher.run_once()
        return made

    dispatcher._prepare = overtaken
    await pair.settle()
    assert await notes_of(pair.b) == ["x"]
    assert await pair.b.rows("select count(*) from outbox where kind = 'receipt'") == [(1,)]


async def to_a(pair, kind, body, *, refers_to=None, sender="1480"):
    now = pair.wall.now()
    keyring = pair.directory.keyrings[AuthorityCode(sender)]
    message = compose(
        sender=AuthorityCode(sender),
        receiver=AuthorityCode("0580"),
        conversation_id=new_conversation(),
        direction="back",
        number=0,
        kind=kind,
        version=1,
        body=body,
        key=keyring.signing(now),
        now=now,
        refers_to=refers_to,
    )
    frame = seal(message, pair.directory.sealing_key(AuthorityCode("0580"), now))
    await pair.exchange.bus(AuthorityCode(sender)).publish(
        "EXCHANGE", AuthorityCode("0580"), frame, str(random_id())
    )


async def test_answers_about_what_is_unknown_change_nothing(pair):
    await to_a(
        pair, "receipt", Receipt("applied", "0" * 64, pair.wall.now()), refers_to=random_id()
    )
    await to_a(pair, "attachment_missing", AttachmentMissing(random_id(), (0,)))
    await pair.settle()
    assert await pair.a.rows("select 1 from card union all select 1 from quarantine") == []


async def test_a_third_cannot_ask_for_what_was_sent_to_another(pair):
    stranger = AuthorityCode("0581")
    pair.directory.keyrings[stranger] = KeyRing.in_memory(
        stranger, pair.wall.now() - timedelta(days=1)
    )
    await pair.a.send("1480", new_conversation(), "note", Note("x"))
    await pair.settle()
    before = await pair.a.rows("select done_at, attempts from outbox")
    await to_a(pair, "missing", Missing("forward", 1, 1), sender="0581")
    await pair.settle()
    assert await pair.a.rows("select done_at, attempts from outbox") == before


async def test_a_file_waits_for_a_key_store_that_is_not_restored_yet(pair):
    conversation = new_conversation()
    key = await pair.a.case_keys.ensure(SubjectId(conversation))
    async with pair.a.db.begin(pair.a.worker) as uow:
        await enqueue_attachment(
            uow,
            to=AuthorityCode("1480"),
            conversation=conversation,
            attachment_id=random_id(),
            content=b"fil",
            key=key,
        )
        await uow.commit()
    kept = pair.a.case_keys._keys.pop(SubjectId(conversation))
    await pair.settle()
    assert await pair.a.rows("select outcome from attachment_out") == [(None,)]
    pair.a.case_keys._keys[SubjectId(conversation)] = kept
    pair.pass_time(timedelta(minutes=2))
    await pair.settle()
    assert await pair.a.rows("select outcome from attachment_out") == [("received",)]


async def test_a_file_in_a_strangers_conversation_is_quarantined(pair):
    from shared.outbox import AttachmentChunk, Manifest

    stranger = AuthorityCode("0581")
    pair.directory.keyrings[stranger] = KeyRing.in_memory(
        stranger, pair.wall.now() - timedelta(days=1)
    )
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note("x"))
    await pair.settle()
    now = pair.wall.now()
    message = compose(
        sender=stranger,
        receiver=AuthorityCode("1480"),
        conversation_id=conversation,
        direction="forward",
        number=0,
        kind="attachment_chunk",
        version=1,
        body=AttachmentChunk(Manifest(random_id(), "0" * 64, 1, 1), 0, b"x"),
        key=pair.directory.keyrings[stranger].signing(now),
        now=now,
    )
    frame = seal(message, pair.directory.sealing_key(AuthorityCode("1480"), now))
    await pair.exchange.bus(stranger).publish("ATTACHMENT", AuthorityCode("1480"), frame, "1.1")
    await pair.settle()
    assert await pair.b.rows("select code from quarantine") == [("wire.conversation",)]


async def test_an_unnumbered_message_opens_a_conversation_too(pair):
    conversation = new_conversation()
    await pair.a.send(
        "1480", conversation, "missing", Missing("back", 1, 1), numbered=False, direction="forward"
    )
    await pair.settle()
    assert await pair.b.rows("select kind from card") == [("exchange.numbers_lost",)]


async def test_two_that_open_one_conversation_at_once_both_see_it(pair):
    """The first message of a conversation, staged by two workers in the same moment."""
    conversation = ConversationId(new_conversation())
    key = await pair.b.case_keys.ensure(SubjectId(conversation))
    await pair.a.send("1480", conversation, "note", Note("x"))
    await pair.a.relay.run_once()
    async with pair.b.db.begin(pair.b.worker) as uow:
        await enqueue(
            uow,
            to=AuthorityCode("0580"),
            conversation=conversation,
            direction="back",
            kind="note",
            version=1,
            body=Note("y"),
            key=key,
            signer=pair.b.keyring.signing(uow.wall),
        )
        staging_it = asyncio.create_task(_receive(pair.b))
        await asyncio.sleep(0.2)
        await uow.commit()
    await staging_it
    await pair.settle()
    assert (await notes_of(pair.b), await notes_of(pair.a)) == (["x"], ["y"])


async def _receive(node):
    # A task of its own: the caller's transaction is not this one's.
    from shared.db.work import current_work

    current_work.set(None)
    return await node.inbox.receive_once()


def leader(pair):
    own = AuthorityCode("0580")
    return Actor(uuid4(), own, own, frozenset({"team_leader"}))


async def test_a_card_is_one_until_somebody_has_seen_to_it(pair):
    subject, who = uuid4(), leader(pair)
    async with pair.a.web.begin(who) as uow:
        assert await add_card(uow, "case.due", "team_leader", subject=subject, facts={"days": 3})
        assert not await add_card(uow, "case.due", "team_leader", subject=subject)
        await uow.commit()
    async with pair.a.web.begin(who) as uow:
        (card,) = await open_cards(uow)
        assert (card["kind"], card["facts"]) == ("case.due", {"days": 3})
        await finish_card(uow, card["id"])
        with pytest.raises(Conflict, match=r"db\.changed_meanwhile"):
            await finish_card(uow, card["id"])
        assert await open_cards(uow) == []
        assert await add_card(uow, "case.due", "team_leader", subject=subject)
        assert await finish_cards_about(uow, "case.due", subject) == 1
        await uow.commit()


async def test_a_card_is_not_seen_by_another_role(pair):
    who = leader(pair)
    async with pair.a.web.begin(who) as uow:
        await add_card(uow, "case.due", "team_leader")
        await uow.commit()
    async with pair.a.web.begin(replace(who, roles=frozenset({"case_worker"}))) as uow:
        assert await open_cards(uow) == []
