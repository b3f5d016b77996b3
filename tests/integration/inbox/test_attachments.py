"""Files in chunks: all of it, once, or not at all."""

import os
import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.errors import AccessDenied, DomainError, WireError
from shared.ids import AuthorityCode, SubjectId, random_id
from shared.inbox import attachments_in_hand, read_attachment
from shared.inbox.attachments import check
from shared.messages import compose, seal
from shared.outbox import AttachmentChunk, Manifest, enqueue_attachment, pair_conversation
from shared.outbox.attachments import CHUNK_BYTES, MAX_BYTES
from tests.support.federation import new_conversation

pytestmark = pytest.mark.servers


async def send_file(pair, content, conversation=None):
    conversation = conversation or new_conversation()
    key = await pair.a.case_keys.ensure(SubjectId(conversation))
    async with pair.a.web.begin(pair.a.worker) as uow:
        manifest = await enqueue_attachment(
            uow,
            to=AuthorityCode("1480"),
            conversation=conversation,
            attachment_id=random_id(),
            content=content,
            key=key,
        )
        await uow.commit()
    return conversation, manifest


async def read(pair, conversation, manifest):
    key = await pair.b.case_keys.get(SubjectId(conversation))
    async with pair.b.db.begin(pair.b.worker) as uow:
        return await read_attachment(uow, key, manifest)


async def in_hand(pair, manifest):
    async with pair.b.web.begin(pair.b.worker) as uow:
        return await attachments_in_hand(uow, [manifest.attachment_id]) == {manifest.attachment_id}


def chunks(pair, code="1480"):
    return pair.exchange.queue("ATTACHMENT", AuthorityCode(code)).waiting


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]
)
async def test_a_file_arrives_as_it_was(pair, size):
    content = os.urandom(size)
    conversation, manifest = await send_file(pair, content)
    assert not await in_hand(pair, manifest)
    await pair.settle()
    assert await in_hand(pair, manifest)
    assert await read(pair, conversation, manifest) == content
    assert await pair.a.rows("select outcome from attachment_out") == [("received",)]
    assert await pair.b.rows("select kind from outbox") == [("attachment_received",)]


async def test_the_chunks_are_closed_at_both_ends_and_on_the_way(pair):
    content = b"Efternamn" * 100
    await send_file(pair, content)
    await pair.a.relay.run_once()
    assert b"Efternamn" not in chunks(pair)[0].frame
    await pair.settle()
    for node, table in ((pair.a, "attachment_out_chunk"), (pair.b, "attachment_in_chunk")):
        ((sealed,),) = await node.rows(f"select sealed from {table}")
        assert b"Efternamn" not in sealed


async def test_chunks_in_any_order_and_doubled_make_the_same_file(pair):
    content = os.urandom(5 * CHUNK_BYTES + 17)
    conversation, manifest = await send_file(pair, content)
    await pair.a.relay.run_once()
    chunks(pair).extend(list(chunks(pair)))
    random.Random(5).shuffle(chunks(pair))
    await pair.settle()
    assert await read(pair, conversation, manifest) == content
    assert await pair.b.rows("select count(*) from attachment_in_chunk") == [(6,)]


async def test_only_the_chunks_that_were_lost_go_again(pair):
    content = os.urandom(6 * CHUNK_BYTES)
    conversation, manifest = await send_file(pair, content)
    await pair.a.relay.run_once()
    kept = [frame for n, frame in enumerate(chunks(pair)) if n not in {2, 4}]
    chunks(pair).clear()
    chunks(pair).extend(kept)
    await pair.settle()
    assert not await in_hand(pair, manifest)
    pair.pass_time(timedelta(minutes=1))
    await pair.a.relay.run_once()
    assert len(chunks(pair)) == 1  # it knocks with one
    await pair.b.step()
    await pair.b.relay.run_once()
    await pair.a.inbox.receive_once()
    assert await pair.a.rows(
        "select number from attachment_out_chunk where is_wanted order by number"
    ) == [(2,), (4,)]
    await pair.settle()
    assert await read(pair, conversation, manifest) == content


async def test_a_lost_confirmation_is_given_again(pair):
    await send_file(pair, b"hej")
    await pair.a.relay.run_once()
    await pair.b.step()
    await pair.b.relay.run_once()
    pair.exchange.queue("EXCHANGE", AuthorityCode("0580")).waiting.clear()
    pair.pass_time(timedelta(minutes=1))
    await pair.settle()
    assert await pair.a.rows("select outcome from attachment_out") == [("received",)]


async def test_an_exchange_that_goes_away_in_the_middle_resumes(pair, monkeypatch):
    from shared.bus import BusUnavailable

    content = os.urandom(4 * CHUNK_BYTES)
    conversation, manifest = await send_file(pair, content)
    publish, count = type(pair.a.bus).publish, 0

    async def twice(self, *args):
        nonlocal count
        count += 1
        if count > 2:
            raise BusUnavailable
        await publish(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(type(pair.a.bus), "publish", twice)
        with pytest.raises(BusUnavailable):
            await pair.a.relay.run_once()
    assert await pair.a.rows("select count(*) from attachment_out_chunk where is_wanted") == [(2,)]
    pair.pass_time(timedelta(seconds=5))
    await pair.settle()
    assert await read(pair, conversation, manifest) == content


async def test_a_file_over_the_limit_is_refused_before_anything_is_stored(pair):
    with pytest.raises(DomainError, match=r"attachment\.too_large"):
        await send_file(pair, bytes(MAX_BYTES + 1))
    assert await pair.a.rows("select 1 from attachment_out") == []


async def test_the_largest_file_arrives(pair):
    content = bytes(MAX_BYTES)
    _, manifest = await send_file(pair, content)
    assert manifest.chunks == 100
    await pair.settle()
    assert await in_hand(pair, manifest)


async def test_a_conversation_with_another_authority_takes_no_file(pair):
    conversation, _ = await send_file(pair, b"x")
    key = await pair.a.case_keys.ensure(SubjectId(conversation))
    async with pair.a.db.begin(pair.a.worker) as uow:
        with pytest.raises(ValueError, match="another authority"):
            await enqueue_attachment(
                uow, to=AuthorityCode("0581"), conversation=conversation,
                attachment_id=random_id(), content=b"x", key=key,
            )  # fmt: skip


async def test_another_file_than_the_message_speaks_of_is_not_read(pair):
    conversation, manifest = await send_file(pair, b"x")
    await pair.settle()
    other = Manifest(manifest.attachment_id, "0" * 64, 1, 1)
    with pytest.raises(AccessDenied):
        await read(pair, conversation, other)


async def publish(pair, conversation, chunk):
    now = pair.wall.now()
    message = compose(
        sender=AuthorityCode("0580"),
        receiver=AuthorityCode("1480"),
        conversation_id=conversation,
        direction="forward",
        number=0,
        kind="attachment_chunk",
        version=1,
        body=chunk,
        key=pair.a.keyring.signing(now),
        now=now,
    )
    frame = seal(message, pair.directory.sealing_key(AuthorityCode("1480"), now))
    await pair.a.bus.publish("ATTACHMENT", AuthorityCode("1480"), frame, str(random_id()))


async def test_a_standing_conversation_takes_no_file_at_either_end(pair):
    conversation = pair_conversation(AuthorityCode("0580"), AuthorityCode("1480"), "digest")
    with pytest.raises(ValueError, match="takes no file"):
        await send_file(pair, b"hej", conversation)
    await publish(
        pair, conversation, AttachmentChunk(Manifest(random_id(), "0" * 64, 3, 1), 0, b"hej")
    )
    await pair.settle()
    assert await pair.b.rows("select code from quarantine") == [("wire.conversation",)]
    assert await pair.b.rows("select 1 from attachment_in") == []


async def test_a_whole_that_does_not_match_its_hash_is_thrown_away_with_a_card(pair):
    conversation = new_conversation()
    await publish(
        pair, conversation, AttachmentChunk(Manifest(random_id(), "0" * 64, 3, 1), 0, b"hej")
    )
    await pair.settle()
    assert await pair.b.rows("select completed_at from attachment_in") == [(None,)]
    assert await pair.b.rows("select 1 from attachment_in_chunk") == []
    assert await pair.b.rows("select kind from card") == [("exchange.attachment_differs",)]


async def test_a_whole_that_does_not_match_is_asked_for_again_at_once(pair):
    content = os.urandom(2 * CHUNK_BYTES)
    conversation, manifest = await send_file(pair, content)
    await pair.a.relay.run_once()
    last = chunks(pair).pop()
    await pair.b.inbox.receive_once(stream="ATTACHMENT")
    async with pair.b.db.begin(pair.b.worker) as uow:
        await uow.execute(text("update attachment_in_chunk set sealed = sealed || '\\x00'"))
        await uow.commit()
    chunks(pair).append(last)
    await pair.settle()
    assert await read(pair, conversation, manifest) == content
    assert await pair.b.rows("select kind from card") == [("exchange.attachment_differs",)]


async def test_a_piece_that_spoils_before_it_is_sent_is_not_sent_and_a_person_is_told(pair):
    await send_file(pair, b"hej")
    async with pair.a.db.begin(pair.a.worker) as uow:
        await uow.execute(text("update attachment_out_chunk set sealed = sealed || '\\x00'"))
        await uow.commit()
    await pair.settle()
    assert not chunks(pair)
    assert await pair.a.rows("select kind from card") == [("exchange.attachment_spoilt",)]


async def test_a_chunk_that_contradicts_the_first_is_quarantined(pair):
    conversation, attachment_id = new_conversation(), random_id()
    await publish(
        pair,
        conversation,
        AttachmentChunk(Manifest(attachment_id, "0" * 64, CHUNK_BYTES + 3, 2), 1, b"hej"),
    )
    await publish(
        pair, conversation, AttachmentChunk(Manifest(attachment_id, "1" * 64, 3, 1), 0, b"hej")
    )
    await pair.settle()
    assert await pair.b.rows("select code from quarantine") == [("wire.attachment",)]


@pytest.mark.parametrize(
    ("size", "count", "number", "length"),
    [
        (3, 1, 1, 3),
        (3, 1, 0, 2),
        (CHUNK_BYTES + 3, 2, 0, 3),
        (CHUNK_BYTES + 3, 2, 1, 4),
        (3, 2, 1, 3),
    ],
)
def test_a_chunk_that_does_not_fit_its_whole_is_spoilt(size, count, number, length):
    with pytest.raises(WireError, match=r"wire\.attachment"):
        check(AttachmentChunk(Manifest(random_id(), "0" * 64, size, count), number, bytes(length)))


async def test_a_file_for_an_erased_conversation_is_refused(pair):
    conversation = new_conversation()
    await pair.b.case_keys.destroy(SubjectId(conversation))
    await send_file(pair, b"x", conversation)
    await pair.settle()
    assert await pair.a.rows("select outcome from attachment_out") == [("refused",)]
    assert await pair.b.rows("select 1 from attachment_in") == []


async def test_a_file_whose_key_was_erased_before_it_was_sent_is_not_sent(pair):
    conversation, _ = await send_file(pair, b"x")
    await pair.a.case_keys.destroy(SubjectId(conversation))
    await pair.settle()
    assert await pair.a.rows("select outcome from attachment_out") == [("erased",)]
    assert not chunks(pair)


async def test_a_file_to_an_authority_that_may_not_receive_waits(pair):
    pair.directory.inactive.add("1480")
    conversation, manifest = await send_file(pair, b"x")
    await pair.settle()
    assert not chunks(pair)
    pair.directory.inactive.clear()
    pair.pass_time(timedelta(minutes=1))
    await pair.settle()
    assert await read(pair, conversation, manifest) == b"x"
