"""R6: what the exchange has stored is spoilt while it is down; nothing that was committed is lost."""

import asyncio
from datetime import timedelta

from shared.bus.nats import NatsBus
from shared.digest import LATE
from tests.support.digests import open_digesting, open_gaps
from tests.support.federation import new_conversation
from tests.support.notes import Note, notes_of
from tests.support.spoil import Place, spoil

CONVERSATIONS = 4
_CONNECTED_WITHIN_S = 20.0


class RealExchange:
    """The NATS server that the tests start."""

    def __init__(self, server) -> None:
        self._server = server

    async def bus(self, code) -> NatsBus:
        return await NatsBus.connect([self._server.url], self._server.seed_file(code), code)


async def spoil_and_recover(
    postgres_server, nats_server, place: Place, *, each: int = 5, size: int = 1000
):
    """Send, spoil, come back; all arrives in order, and each gap is named before it heals.

    Args:
        each: messages of each conversation.
        size: bytes of each message.

    Returns:
        How many of the messages the exchange had lost.
    """
    await nats_server.fresh()
    async with open_digesting(postgres_server, exchange=RealExchange(nats_server)) as pair:
        told = {new_conversation(): [f"{n}" + "x" * size for n in range(each)] for _ in range(4)}
        for conversation, texts in told.items():
            for words in texts:
                await pair.a.send("1480", conversation, "note", Note(words))
        while await pair.a.relay.run_once():
            pass
        nats_server.stop()
        assert spoil(nats_server.server.home / "store", "EXCHANGE", place) > 0
        await nats_server.bring_back()
        await connected(pair)
        await settle_but_resend_nothing(pair)
        lost = await pair.a.rows(
            "select conversation_id, min(number), max(number), count(*) from outbox"
            " where done_at is null and number > 0 group by 1 order by 1"
        )
        await name_and_tell(pair, [tuple(row[:3]) for row in lost])
        await heal(pair)
        for conversation, texts in told.items():
            assert await notes_of(pair.b, conversation) == texts
        return sum(row.count for row in lost)


async def connected(pair) -> None:
    async with asyncio.timeout(_CONNECTED_WITHIN_S):
        while not all(node.bus.is_connected for node in pair.nodes.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def settle_but_resend_nothing(pair) -> None:
    """What survived is applied and answered; no time passes, so no resend is due."""
    for _ in range(200):
        done = await pair.b.inbox.receive_once()
        done += await pair.b.inbox.dispatch_once()
        done += await pair.b.relay.run_once()
        done += await pair.a.inbox.receive_once()
        if not done:
            return
    raise AssertionError("not quiet")


async def name_and_tell(pair, lost: list[tuple]) -> None:
    """Within one digest each hole is named: at the sender, which waits for an answer."""
    pair.wall.move(LATE)
    pair.clock.move(timedelta(days=1))
    await pair.a.watch.run_once()
    assert await open_gaps(pair.a) == [("unanswered", *row) for row in lost]
    assert await pair.a.digester.run_once() == 1


async def heal(pair) -> None:
    """The outbox is the truth: what has no receipt is sent again, and the gaps close."""
    await pair.settle()
    for _ in range(4):
        if not await pair.a.rows("select 1 from outbox where done_at is null"):
            break
        pair.pass_time(timedelta(minutes=2))
        await pair.settle()
    for node in (pair.a, pair.b):
        await node.watch.run_once()
        assert await open_gaps(node) == []
