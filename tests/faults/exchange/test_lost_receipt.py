"""R5 on the real exchange: what is sent again within its duplicate window must not be swallowed."""

import time
from datetime import timedelta

import pytest

from shared.outbox.claims import FIRST_RESEND
from tests.support.digests import open_digesting
from tests.support.federation import new_conversation
from tests.support.notes import Note, notes_of
from tests.support.spoilt import RealExchange

pytestmark = [pytest.mark.servers, pytest.mark.faults]

ROUNDS = 3
WITHIN_S = 10.0


async def lose_what_waits(node) -> int:
    """The exchange hands it over, and nobody keeps it."""
    lost = 0
    while deliveries := await node.bus.fetch("EXCHANGE", 10, 0.2):
        for delivery in deliveries:
            await delivery.ack()
        lost += len(deliveries)
    return lost


async def test_a_receipt_that_was_lost_comes_again_within_ten_seconds(postgres_server, nats_server):
    await nats_server.fresh()
    async with open_digesting(postgres_server, exchange=RealExchange(nats_server)) as pair:
        conversation = new_conversation()
        await pair.a.send("1480", conversation, "note", Note("hej"))
        for attempt in range(ROUNDS):
            assert await pair.a.relay.run_once() == 1
            await pair.b.inbox.receive_once(2.0)
            await pair.b.inbox.dispatch_once()
            assert await pair.b.relay.run_once() == 1
            assert await lose_what_waits(pair.a) == 1
            pair.pass_time(FIRST_RESEND * 2**attempt)
        began = time.monotonic()
        while not await pair.a.rows("select 1 from outbox where done_at is not null"):
            await pair.settle()
            assert time.monotonic() - began < WITHIN_S
            pair.pass_time(timedelta(seconds=1))
        assert await notes_of(pair.b, conversation) == ["hej"]
        assert await pair.a.rows("select outcome from outbox") == [("applied",)]
