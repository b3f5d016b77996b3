"""R9: either node, or both, are cut off from the exchange, at once or half-open; nothing is lost.

Through a loopback proxy each; time limits are the product's own, cuts last seconds.
"""

import asyncio
import random
import time
from datetime import UTC, datetime

import pytest

from infra.faults.proxy import Way
from shared.bus.nats import NatsBus
from shared.clock import FixedClock
from tests.support.federation import Federation, new_conversation
from tests.support.notes import KINDS, Note, NoteHandler, notes_of

pytestmark = [
    pytest.mark.servers,
    pytest.mark.faults,
    # nats-py leaves the halves of a connection that was cut to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

LASTS_S = 3.0
DRAINED_WITHIN_S = 30.0
WRITTEN_WITHIN_S = 5.0
"""A person's write does not wait for the network; the rest is a laden machine."""
CUTS = [
    (who, how) for how in ("cut", "silence") for who in (("0580",), ("1480",), ("0580", "1480"))
]


class Ways:
    """The real exchange, each node's way to it through a proxy."""

    def __init__(self, server) -> None:
        self._server = server
        self.ways: dict[str, Way] = {}

    async def bus(self, code) -> NatsBus:
        way = Way(self._server.server.port, random.Random(1), repeats=0.1)
        await way.open()
        self.ways[code] = way
        url = f"nats://127.0.0.1:{way.port}"
        return await NatsBus.connect([url], self._server.seed_file(code), code)


class RunningClock(FixedClock):
    """The machine's own time: what was cut off is sent again by itself."""

    def now(self) -> datetime:
        return datetime.now(UTC)


async def write(pair, conversation, told) -> None:
    """Both ends write while the cut lasts."""
    for number in range(4):
        began = time.monotonic()
        await pair["0580"].send("1480", conversation, "note", Note(f"fram {number}"))
        await pair["1480"].send(
            "0580", conversation, "note", Note(f"åter {number}"), direction="back"
        )
        assert time.monotonic() - began < WRITTEN_WITHIN_S
        told.append(number)
        await asyncio.sleep(LASTS_S / 5)


async def demand_no_false_delivery(pair, conversation) -> None:
    """What its sender calls done is applied at its receiver; read in this order, that is safe."""
    for here, there in (("0580", "1480"), ("1480", "0580")):
        done = await pair[here].rows(
            "select message_id from outbox where conversation_id = :id and number > 0"
            " and done_at is not null",
            id=conversation,
        )
        applied = await pair[there].rows(
            "select message_id from inbox where conversation_id = :id and outcome = 'applied'",
            id=conversation,
        )
        assert {row[0] for row in done} <= {row[0] for row in applied}


async def drained(pair) -> None:
    async with asyncio.timeout(DRAINED_WITHIN_S):
        for node in pair.nodes.values():
            while await node.rows("select 1 from outbox where done_at is null limit 1"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def one_cut(pair, exchange, who, how) -> None:
    conversation, told = new_conversation(), []
    before = {code: way.connections for code, way in exchange.ways.items()}
    began = time.monotonic()
    async with asyncio.TaskGroup() as cutting:
        for code in who:
            cutting.create_task(getattr(exchange.ways[code], how)(LASTS_S))
        cutting.create_task(write(pair, conversation, told))
    await demand_no_false_delivery(pair, conversation)
    await drained(pair)
    for code, way in exchange.ways.items():
        # One at once, then no more than one a second.
        assert way.connections - before[code] <= time.monotonic() - began + 2, (who, how, code)
    assert await notes_of(pair["1480"], conversation) == [f"fram {n}" for n in told]
    assert await notes_of(pair["0580"], conversation) == [f"åter {n}" for n in told]


async def test_through_every_partition_people_work_and_all_is_delivered_once(
    postgres_server, nats_server
):
    await nats_server.fresh()
    exchange, stop = Ways(nats_server), asyncio.Event()
    async with Federation.open(
        postgres_server,
        "0580",
        "1480",
        handlers={"0580": [NoteHandler()], "1480": [NoteHandler()]},
        kinds=KINDS,
        exchange=exchange,
        is_kernel_only=True,
        start=datetime.now(UTC),
        clock=RunningClock(datetime.now(UTC)),
        wall=RunningClock(datetime.now(UTC)),
    ) as pair:
        try:
            async with asyncio.TaskGroup() as group:
                for node in pair.nodes.values():
                    group.create_task(node.relay.run(stop))
                    group.create_task(node.inbox.run(stop))
                for who, how in CUTS:
                    await one_cut(pair, exchange, who, how)
                stop.set()
        finally:
            for way in exchange.ways.values():
                await way.close()
