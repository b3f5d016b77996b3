"""Complaints 14 to 16: the recipient has left, delivery gives up, receipts that lie."""

from datetime import timedelta

import pytest

from services.handover import api as handover
from shared.bus import Outgoing
from shared.db import failpoints
from shared.ids import random_id
from tests.support.complaints import undelivered, withdraw
from tests.support.recording import recording

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_complaint_14_a_function_answers_when_the_person_has_left(pair) -> None:
    """Primero R2-3526, R2-3518: a referral to a disabled user could not be revoked."""
    _, handover_id, _ = await pair.proposed()
    leaver = await pair.goteborg.bench.case_worker("Sven")
    await pair.goteborg.sign(handover_id, handover.Accept(pair.goteborg.bench.today), leaver)
    # Sven leaves with the answer half signed; another takes it back and answers anew.
    bo, leader = await pair.goteborg.bench.case_worker(), await pair.goteborg.bench.leader()
    revision = (await pair.goteborg.view(handover_id, bo)).row.revision
    await handover.take_back(pair.goteborg.node, bo, handover.TakeBack(handover_id, revision))
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today), bo, leader)
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "sending"


async def test_complaint_14_a_recall_needs_nobody_at_the_other_end(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    await withdraw(pair, handover_id)
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "withdrawn"
    assert await pair.goteborg.state(handover_id) == "cancelled"


async def test_complaint_15_delivery_never_gives_up_and_says_what_waits(pair) -> None:
    """open-zaak#1204, phase4-peppol-standalone#6: given up after minutes, a new id at each try."""
    _, handover_id, _ = await pair.drafted()
    of_this = "select message_id, attempts, done_at from outbox where conversation_id = :id"
    pair.exchange.go_away()
    try:
        await pair.linkoping.decide(handover_id, handover.Propose())
        (written,) = await pair.linkoping.rows(of_this, id=handover_id)
        for _ in range(21):
            pair.clock.move(timedelta(days=1))
            assert await pair.linkoping.relay.run_once() == 0
        (waiting,) = await pair.linkoping.rows(of_this, id=handover_id)
        assert (waiting.message_id, waiting.done_at) == (written.message_id, None)
        assert await undelivered(pair.linkoping) >= 1
    finally:
        pair.exchange.come_back()
    await pair.settle()
    (arrived,) = await pair.goteborg.rows(
        "select message_id from inbox where conversation_id = :id and number = 1", id=handover_id
    )
    assert arrived.message_id == written.message_id
    assert await undelivered(pair.linkoping) == 0
    assert await pair.goteborg.state(handover_id) == "received"


async def test_complaint_16_a_receipt_comes_after_the_commit_and_not_before(pair) -> None:
    """holodeck-b2b#142, #128; phase4#371: receipts for what had failed, doubles rejected."""
    _, handover_id, _ = await pair.drafted()
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.linkoping.step()
    with failpoints.armed("inbox.after_apply", 1):
        try:
            await pair.goteborg.step()
        except (failpoints.Reached, BaseExceptionGroup):
            pass
        else:
            pytest.fail("the receiver did not die")
    await pair.linkoping.step()
    of_this = "select outcome from outbox where conversation_id = :id and number = 1"
    assert (await pair.linkoping.rows(of_this, id=handover_id))[0].outcome is None
    assert await pair.goteborg.state(handover_id) == "none"
    pair.goteborg.restart()
    pair.exchange.redeliver()
    pair.clock.move(timedelta(seconds=21))
    await pair.settle()
    assert (await pair.linkoping.rows(of_this, id=handover_id))[0].outcome == "applied"
    assert await pair.goteborg.state(handover_id) == "received"


async def test_complaint_16_a_double_gets_the_first_answer_also_when_that_was_no(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    registry = pair.goteborg.node.registry
    known = registry._types["proposed"].pop(1)
    try:
        await pair.linkoping.decide(handover_id, handover.Propose())
        with recording(pair.exchange) as taken:
            await pair.settle()
    finally:
        registry._types["proposed"][1] = known
    of_this = "select outcome, refusal_code from outbox where conversation_id = :id and number = 1"
    (first,) = await pair.linkoping.rows(of_this, id=handover_id)
    assert (first.outcome, first.refusal_code) == ("refused", "wire.unknown_version")
    # The receiver could read it by now; the same message again gets the same no, and no receipt.
    pair.clock.move(timedelta(seconds=21))
    for stream, sender, frame in taken:
        if sender == "0580":
            pair.exchange.put(stream, sender, Outgoing(frame.to, frame.frame, str(random_id())))
    await pair.settle()
    answers = await pair.goteborg.rows(
        "select kind, attempts from outbox where conversation_id = :id and number = 0",
        id=handover_id,
    )
    assert [(answer.kind, answer.attempts) for answer in answers] == [("refusal", 2)]
    assert await pair.linkoping.rows(of_this, id=handover_id) == [first]
    assert await pair.linkoping.state(handover_id) == "declined"
