"""Refusals are answers, bugs are parked, forgeries change nothing."""

from datetime import timedelta

import msgspec
import pytest

from shared.crypto import KeyRing
from shared.db import StorageUnavailableError, failpoints
from shared.errors import AccessDenied, Conflict, WireError
from shared.ids import AuthorityCode, SubjectId, random_id
from shared.inbox import Inbox
from shared.inbox.dispatch import DEATHS, LEASE
from shared.messages import compose, seal
from tests.support.federation import new_conversation
from tests.support.notes import Note, NoteHandler, notes_of

pytestmark = pytest.mark.servers

ANSWERS = "select number, outcome, refusal_code from outbox where number > 0 order by number"


class Note2(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    more: int


async def send(pair, words, conversation=None, **facts):
    conversation = conversation or new_conversation()
    await pair.a.send("1480", conversation, "note", Note(words), **facts)
    return conversation


async def test_a_refused_message_undoes_its_effect_uses_its_number_and_is_answered(pair):
    pair.b.handler.refuse.add("nej")
    conversation = await send(pair, "nej")
    await send(pair, "ja", conversation)
    await pair.settle()
    assert await notes_of(pair.b) == ["ja"]
    assert await pair.a.rows(ANSWERS) == [
        (1, "refused", "note.refused"),
        (2, "applied", None),
    ]
    assert pair.a.handler.refused == [("note", "note.refused")]


async def test_a_refusal_that_no_service_takes_becomes_a_card(pair):
    pair.b.handler.refuse.add("nej")
    pair.a.handlers.clear()
    pair.a.rebuild()
    conversation = await send(pair, "nej")
    await pair.settle()
    assert await pair.a.rows("select kind, audience, subject_id, facts from card") == [
        ("exchange.refused", "system_admin", conversation, {"kind": "note", "code": "note.refused"})
    ]


async def test_an_unknown_version_is_refused_by_name(pair):
    pair.a.registry.register("note", 2, Note2)
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note2("x", 1), version=2)
    await send(pair, "efter", conversation)
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [
        (1, "refused", "wire.unknown_version"),
        (2, "applied", None),
    ]
    assert await notes_of(pair.b) == ["efter"]


async def test_an_unknown_kind_is_refused(pair):
    await pair.a.send("1480", new_conversation(), "letter", Note("x"))
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "refused", "wire.unknown_kind")]


async def test_a_known_kind_without_a_handler_is_refused(pair):
    pair.b.handlers.clear()
    pair.b.rebuild()
    await send(pair, "x")
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "refused", "wire.unknown_kind")]


async def test_a_numbered_message_of_a_kernel_kind_is_refused(pair):
    from shared.messages import Missing

    await pair.a.send("1480", new_conversation(), "missing", Missing("forward", 1, 1))
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "refused", "wire.unknown_kind")]


async def test_an_unreadable_body_is_refused(pair):
    pair.a.registry.register("other", 1, Note2)
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note2("x", 1))
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "refused", "wire.body")]


@pytest.mark.parametrize(
    ("error", "code"),
    [(AccessDenied(), "inbox.not_found"), (WireError("wire.strange"), "wire.strange")],
)
async def test_what_a_handler_cannot_find_or_read_is_refused(pair, error, code):
    pair.b.handler.fail["x"] = error
    await send(pair, "x")
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "refused", code)]


async def test_keys_are_loaded_before_the_transaction_and_handed_over(pair):
    other = SubjectId(random_id())
    await pair.b.case_keys.ensure(other)
    pair.b.handler.wants = [other]
    conversation = await send(pair, "x")
    await pair.settle()
    assert pair.b.handler.keys_seen == [{conversation, other}]


async def test_a_subject_without_a_key_is_not_found(pair):
    pair.b.handler.wants = [SubjectId(random_id())]
    await send(pair, "x")
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "refused", "inbox.not_found")]


async def test_an_erased_subject_is_refused(pair):
    erased = SubjectId(random_id())
    await pair.b.case_keys.destroy(erased)
    pair.b.handler.wants = [erased]
    await send(pair, "x")
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "refused", "keys.erased")]


async def test_poison_is_tried_three_times_then_parked_while_others_pass(pair):
    pair.b.handler.fails["gift"] = 99
    conversation = await send(pair, "gift")
    await send(pair, "efter", conversation)
    await send(pair, "annat")
    await pair.settle()
    assert await notes_of(pair.b) == ["annat"]
    for _ in range(3):
        pair.pass_time(timedelta(seconds=1))
        await pair.settle()
    assert len(pair.b.handler.keys_seen) == 3 + 2
    assert sorted(await notes_of(pair.b)) == ["annat", "efter"]
    assert (1, "refused", "inbox.failed") in await pair.a.rows(ANSWERS)
    assert await pair.b.rows("select kind, subject_id, facts from card") == [
        ("exchange.parked", conversation, {"kind": "note", "authority": "0580"})
    ]
    assert pair.a.handler.refused == [("note", "inbox.failed")]


async def test_a_bug_that_passes_is_no_poison(pair):
    pair.b.handler.fails["x"] = 2
    await send(pair, "x")
    for _ in range(3):
        await pair.settle()
        pair.pass_time(timedelta(seconds=1))
    assert await notes_of(pair.b) == ["x"]


async def test_a_message_that_kills_the_worker_is_parked_too(pair):
    await send(pair, "gift")
    for _ in range(DEATHS):
        with (
            failpoints.armed("inbox.in_dispatch"),
            pytest.raises((failpoints.Reached, BaseExceptionGroup)),
        ):
            await pair.settle()
        pair.b.rebuild()
        pair.pass_time(LEASE * (DEATHS + 1))
    await pair.settle()
    assert await notes_of(pair.b) == []
    assert await pair.a.rows(ANSWERS) == [(1, "refused", "inbox.failed")]


async def test_a_message_in_whose_time_the_worker_died_by_chance_is_applied(pair):
    await send(pair, "oskyldig")
    for _ in range(DEATHS - 1):
        with (
            failpoints.armed("inbox.in_dispatch"),
            pytest.raises((failpoints.Reached, BaseExceptionGroup)),
        ):
            await pair.settle()
        pair.b.rebuild()
        pair.pass_time(LEASE * (DEATHS + 1))
    await pair.settle()
    assert await notes_of(pair.b) == ["oskyldig"]
    assert await pair.a.rows(ANSWERS) == [(1, "applied", None)]


async def test_a_server_that_is_away_is_no_fault_of_the_message(pair):
    pair.b.handler.fail["x"] = StorageUnavailableError("08006")
    await send(pair, "x")
    for _ in range(6):
        await pair.a.step()
        await pair.b.step()
    assert await pair.b.rows("select outcome from inbox") == [(None,)]
    pair.b.handler.fail.clear()
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "applied", None)]


async def test_a_lost_race_is_tried_again(pair):
    pair.b.handler.fail["x"] = Conflict("db.changed_meanwhile")
    await send(pair, "x")
    await pair.settle()
    pair.b.handler.fail.clear()
    pair.pass_time(timedelta(seconds=1))
    await pair.settle()
    assert await pair.a.rows(ANSWERS) == [(1, "applied", None)]


async def test_two_handlers_for_one_kind_are_a_mistake(pair):
    with pytest.raises(ValueError, match="two handlers"):
        Inbox(
            pair.b.db, pair.b.bus, pair.directory, pair.b.keyring, pair.b.case_keys, pair.b.registry,
            [NoteHandler(), NoteHandler()], pair.wall,
        )  # fmt: skip


async def publish(pair, frame, sender="0580", stream="EXCHANGE"):
    bus = pair[sender].bus if sender in pair.nodes else pair.exchange.bus(AuthorityCode(sender))
    await bus.publish(stream, AuthorityCode("1480"), frame, str(random_id()))


def forged(
    pair,
    *,
    signer=None,
    receiver="1480",
    sender="0580",
    number=1,
    sealed_for="1480",
    key_of=None,
    kind="note",
):
    now = pair.wall.now()
    keyring = pair.directory.keyrings[AuthorityCode(key_of or sender)]
    message = compose(
        sender=AuthorityCode(sender),
        receiver=AuthorityCode(receiver),
        conversation_id=new_conversation(),
        direction="forward",
        number=number,
        kind=kind,
        version=1,
        body=Note("falskt"),
        key=signer or keyring.signing(now),
        now=now,
    )
    return seal(message, pair.directory.sealing_key(AuthorityCode(sealed_for), now)), message


async def test_rubbish_is_quarantined_and_the_named_sender_told_once_a_minute(pair):
    for n in range(3):
        await publish(pair, b"rubbish %d" % n)
    await pair.settle()
    assert (
        await pair.b.rows("select sender, code, claimed_id from quarantine")
        == [("0580", "wire.frame", None)] * 3
    )
    assert await pair.b.rows("select count(*) from outbox where kind = 'resign_wanted'") == [(1,)]
    assert await pair.b.rows("select count(*) from card where kind = 'exchange.quarantined'") == [
        (1,)
    ]
    assert await pair.a.rows("select kind, facts->>'code' from card") == [
        ("exchange.not_believed", "wire.frame")
    ]
    pair.pass_time(timedelta(minutes=2))
    await publish(pair, b"rubbish 9")
    await pair.settle()
    assert await pair.b.rows("select count(*) from outbox where kind = 'resign_wanted'") == [(2,)]


async def test_the_same_rubbish_is_kept_once(pair):
    for _ in range(3):
        await publish(pair, b"rubbish")
    await pair.settle()
    assert await pair.b.rows("select count(*) from quarantine") == [(1,)]


async def test_a_forged_signature_changes_nothing_and_does_not_use_up_the_number(pair):
    other = KeyRing.in_memory(AuthorityCode("0580"), pair.wall.now())
    frame, _ = forged(pair, signer=other.signing(pair.wall.now()))
    await publish(pair, frame)
    await send(pair, "äkta")
    await pair.settle()
    assert await notes_of(pair.b) == ["äkta"]
    assert await pair.b.rows("select code from quarantine") == [("wire.unknown_key",)]


async def test_a_message_to_a_third_sealed_anew_to_us_is_quarantined(pair):
    """Surreptitious forwarding: the signature names another addressee."""
    pair.directory.keyrings[AuthorityCode("0581")] = KeyRing.in_memory(
        AuthorityCode("0581"), pair.wall.now() - timedelta(days=1)
    )
    frame, _ = forged(pair, receiver="0581")
    await publish(pair, frame)
    await pair.settle()
    ((code,),) = await pair.b.rows("select code from quarantine")
    assert code in {"wire.addressee", "wire.sealed"}
    assert await notes_of(pair.b) == []


async def test_a_message_of_another_published_as_ours_is_quarantined(pair):
    pair.directory.keyrings[AuthorityCode("0581")] = KeyRing.in_memory(
        AuthorityCode("0581"), pair.wall.now() - timedelta(days=1)
    )
    frame, _ = forged(pair)
    await publish(pair, frame, sender="0581")
    await pair.settle()
    assert await notes_of(pair.b) == []
    assert (await pair.b.rows("select sender from quarantine")) == [("0581",)]


async def test_an_unnumbered_message_of_a_service_is_quarantined(pair):
    frame, _ = forged(pair, number=0)
    await publish(pair, frame)
    await pair.settle()
    assert await pair.b.rows("select code from quarantine") == [("wire.unnumbered",)]


async def test_a_kernel_message_with_a_strange_body_is_quarantined(pair):
    frame, _ = forged(pair, number=0, kind="receipt")
    await publish(pair, frame)
    await pair.settle()
    assert await pair.b.rows("select code from quarantine") == [("wire.body",)]


async def test_a_receipt_for_another_content_is_no_receipt(pair):
    from shared.messages import Receipt

    conversation = await send(pair, "x")
    await pair.a.relay.run_once()
    pair.exchange.queue("EXCHANGE", AuthorityCode("1480")).waiting.clear()
    ((message_id,),) = await pair.a.rows("select message_id from outbox")
    now = pair.wall.now()
    message = compose(
        sender=AuthorityCode("1480"),
        receiver=AuthorityCode("0580"),
        conversation_id=conversation,
        direction="back",
        number=0,
        kind="receipt",
        version=1,
        body=Receipt("applied", "0" * 64, now),
        key=pair.b.keyring.signing(now),
        now=now,
        refers_to=message_id,
    )
    frame = seal(message, pair.directory.sealing_key(AuthorityCode("0580"), now))
    await pair.b.bus.publish("EXCHANGE", AuthorityCode("0580"), frame, "1.1")
    await pair.a.step()
    assert await pair.a.rows(ANSWERS) == [(1, None, None)]
    assert await pair.a.rows("select kind from card") == [("exchange.receipt_differs",)]


async def test_a_receipt_from_a_third_ends_nothing(pair):
    from shared.messages import Receipt

    stranger = AuthorityCode("0581")
    pair.directory.keyrings[stranger] = KeyRing.in_memory(
        stranger, pair.wall.now() - timedelta(days=1)
    )
    conversation = await send(pair, "x")
    ((message_id, content_hash),) = await pair.a.rows("select message_id, content_hash from outbox")
    now = pair.wall.now()
    message = compose(
        sender=stranger,
        receiver=AuthorityCode("0580"),
        conversation_id=conversation,
        direction="back",
        number=0,
        kind="receipt",
        version=1,
        body=Receipt("applied", content_hash, now),
        key=pair.directory.keyrings[stranger].signing(now),
        now=now,
        refers_to=message_id,
    )
    frame = seal(message, pair.directory.sealing_key(AuthorityCode("0580"), now))
    await pair.exchange.bus(stranger).publish("EXCHANGE", AuthorityCode("0580"), frame, "1.1")
    await pair.a.inbox.receive_once()
    assert await pair.a.rows(ANSWERS) == [(1, None, None)]


async def test_a_bug_in_staging_one_message_does_not_hold_back_the_batch(pair, monkeypatch):
    from shared.inbox import staging

    insert = staging._insert

    async def faulty(uow, one):
        if b"trasig" in one.message.body:
            raise RuntimeError("a bug")
        return await insert(uow, one)

    await send(pair, "hel")
    await send(pair, "trasig")
    await send(pair, "också hel")
    monkeypatch.setattr(staging, "_insert", faulty)
    await pair.a.relay.run_once()
    await pair.b.step()
    assert sorted(await notes_of(pair.b)) == ["hel", "också hel"]
    assert await pair.b.rows("select code from quarantine") == [("inbox.unstageable",)]
    monkeypatch.setattr(staging, "_insert", insert)
    pair.pass_time(timedelta(seconds=5))
    await pair.settle()
    assert sorted(await notes_of(pair.b)) == ["hel", "också hel", "trasig"]


async def test_no_card_and_no_log_line_quotes_a_message(pair, caplog):
    pair.b.handler.fail["hemligt"] = RuntimeError("hemligt namn")
    await send(pair, "hemligt")
    for _ in range(4):
        await pair.settle()
        pair.pass_time(timedelta(seconds=2))
    assert "RuntimeError" in caplog.text
    assert "hemligt" not in caplog.text
    assert all(
        "hemligt" not in str(row) for row in await pair.b.rows("select card::text from card")
    )


@pytest.mark.parametrize(
    ("ahead", "is_told"), [(timedelta(minutes=5), False), (timedelta(hours=1), True)]
)
async def test_a_clock_that_is_far_ahead_is_told_of_once_and_changes_nothing(pair, ahead, is_told):
    """R11: five minutes are nothing; beyond them the sender's people are told."""
    for words in ("ett", "två"):
        await send(pair, words)
        await pair.a.relay.run_once()
    pair.wall.move(-ahead)
    await pair.b.inbox.receive_once()
    pair.wall.move(ahead)
    await pair.settle()
    assert sorted(await notes_of(pair.b)) == ["ett", "två"]
    expected = [("exchange.not_believed", "wire.clock_ahead")] if is_told else []
    assert await pair.a.rows("select kind, facts->>'code' from card") == expected
    assert await pair.b.rows("select kind from card") == [("exchange.clock_differs",)] * is_told
