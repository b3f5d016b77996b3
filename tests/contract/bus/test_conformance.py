"""What every exchange must do, shown on the one in memory and on the real one."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest

from shared.bus import MAX_FRAME_BYTES, BusUnavailable, MemoryExchange, Outgoing
from shared.bus.nats import NatsBus
from shared.db.work import current_work
from shared.ids import AuthorityCode, random_id

LINKOPING, GOTEBORG, NORRKOPING = (
    AuthorityCode("0580"),
    AuthorityCode("1480"),
    AuthorityCode("0581"),
)


@asynccontextmanager
async def in_memory(_server):
    exchange = MemoryExchange()

    async def bus(code):
        return exchange.bus(code)

    yield bus


@asynccontextmanager
async def on_nats(server):
    opened = []

    async def bus(code):
        made = await NatsBus.connect([server.url], server.seed_file(code), code)
        opened.append(made)
        return made

    yield bus
    for one in opened:
        # Other tests share the streams: nothing may be left waiting.
        for stream in ("EXCHANGE", "ATTACHMENT"):
            if one.is_connected:
                while deliveries := await one.fetch(stream, 100, 0):
                    for delivery in deliveries:
                        await delivery.ack()
        await one.close()


@pytest.fixture(params=["memory", pytest.param("nats", marks=pytest.mark.servers)])
def exchange(request):
    # Started here, outside the test's event loop.
    if request.param == "memory":
        return in_memory(None)
    return on_nats(request.getfixturevalue("nats_server"))


@pytest.fixture
async def buses(exchange):
    async with exchange as bus:
        yield SimpleNamespace(
            linkoping=await bus(LINKOPING),
            goteborg=await bus(GOTEBORG),
            norrkoping=await bus(NORRKOPING),
            new=bus,
        )


def transport_id():
    return f"{random_id()}.1"


async def take(bus, limit=100, stream="EXCHANGE"):
    deliveries = await bus.fetch(stream, limit, 1.0)
    for delivery in deliveries:
        await delivery.ack()
    return [(delivery.sender, delivery.frame) for delivery in deliveries]


async def test_a_frame_reaches_its_receiver_and_names_its_sender(buses):
    await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"hej", transport_id())
    assert await take(buses.goteborg) == [("0580", b"hej")]


async def test_a_frame_reaches_nobody_else(buses):
    await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"hej", transport_id())
    assert await buses.norrkoping.fetch("EXCHANGE", 10, 0) == []
    assert await buses.linkoping.fetch("EXCHANGE", 10, 0) == []
    assert await take(buses.goteborg) == [("0580", b"hej")]


async def test_the_streams_do_not_mix(buses):
    await buses.linkoping.publish("ATTACHMENT", GOTEBORG, b"del", transport_id())
    assert await buses.goteborg.fetch("EXCHANGE", 10, 0) == []
    assert await take(buses.goteborg, stream="ATTACHMENT") == [("0580", b"del")]


async def test_what_is_acknowledged_does_not_come_again(buses):
    await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"hej", transport_id())
    await take(buses.goteborg)
    again = await buses.new(GOTEBORG)
    assert await again.fetch("EXCHANGE", 10, 0) == []


async def test_a_transport_id_seen_before_is_swallowed_though_it_was_consumed(buses):
    """Why a resend carries another one."""
    same = transport_id()
    await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"en", same)
    assert len(await take(buses.goteborg)) == 1
    await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"en", same)
    assert await buses.goteborg.fetch("EXCHANGE", 10, 0) == []
    await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"en", same.replace(".1", ".2"))
    assert len(await take(buses.goteborg)) == 1


async def test_frames_wait_for_a_receiver_that_comes_later(buses):
    for n in range(3):
        await buses.goteborg.publish("EXCHANGE", NORRKOPING, b"%d" % n, transport_id())
    late = await buses.new(NORRKOPING)
    assert sorted(frame for _, frame in await take(late)) == [b"0", b"1", b"2"]


@pytest.mark.parametrize("count", [1, 3, 4, 40])
async def test_many_are_published_in_order(buses, count):
    frames = [Outgoing(GOTEBORG, b"%d" % n, transport_id()) for n in range(count)]
    assert await buses.linkoping.publish_many("EXCHANGE", frames) == count
    got = []
    while len(got) < count:
        got += [int(frame) for _, frame in await take(buses.goteborg)]
    assert got == list(range(count))


async def test_many_to_several_receivers_reach_each(buses):
    frames = [
        Outgoing(GOTEBORG if n % 2 else NORRKOPING, b"%d" % n, transport_id()) for n in range(10)
    ]
    assert await buses.linkoping.publish_many("EXCHANGE", frames) == 10
    assert {frame for _, frame in await take(buses.goteborg)} == {
        b"%d" % n for n in range(1, 10, 2)
    }
    assert {frame for _, frame in await take(buses.norrkoping)} == {
        b"%d" % n for n in range(0, 10, 2)
    }


async def test_a_batch_with_a_known_id_still_delivers_the_others(buses):
    """An atomic batch with one seen id is refused whole; its members then go singly."""
    known = transport_id()
    await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"0", known)
    frames = [Outgoing(GOTEBORG, b"0", known)]
    frames += [Outgoing(GOTEBORG, b"%d" % n, transport_id()) for n in range(1, 6)]
    assert await buses.linkoping.publish_many("EXCHANGE", frames) == 6
    got = []
    while len(got) < 6:
        got += [frame for _, frame in await take(buses.goteborg)]
    assert sorted(got) == [b"%d" % n for n in range(6)]


async def test_nothing_to_publish_is_nothing(buses):
    assert await buses.linkoping.publish_many("EXCHANGE", []) == 0


async def test_a_fetch_takes_no_more_than_it_asked_for(buses):
    frames = [Outgoing(GOTEBORG, b"%d" % n, transport_id()) for n in range(5)]
    await buses.linkoping.publish_many("EXCHANGE", frames)
    assert len(await take(buses.goteborg, limit=2)) == 2
    assert len(await take(buses.goteborg, limit=10)) == 3


async def test_an_idle_fetch_lingers_and_gives_the_first_at_once(buses):
    async def later():
        await asyncio.sleep(0.05)
        await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"hej", transport_id())

    sending = asyncio.create_task(later())
    started = asyncio.get_running_loop().time()
    deliveries = await buses.goteborg.fetch("EXCHANGE", 32, 5.0)
    elapsed_s = asyncio.get_running_loop().time() - started
    await sending
    for delivery in deliveries:
        await delivery.ack()
    assert [delivery.frame for delivery in deliveries] == [b"hej"]
    assert elapsed_s < 1.5


async def test_an_idle_fetch_ends_with_nothing_and_says_that_the_exchange_answered(buses):
    before = buses.goteborg.last_fetch_at
    assert await buses.goteborg.fetch("EXCHANGE", 32, 0.1) == []
    assert buses.goteborg.last_fetch_at is not None
    assert buses.goteborg.last_fetch_at != before


async def test_two_workers_of_one_authority_share_its_queue(buses):
    other = await buses.new(GOTEBORG)
    frames = [Outgoing(GOTEBORG, b"%d" % n, transport_id()) for n in range(20)]
    await buses.linkoping.publish_many("EXCHANGE", frames)
    first, second = await asyncio.gather(take(buses.goteborg, limit=10), take(other, limit=10))
    while len(first) + len(second) < 20:
        second += await take(other, limit=10)
    assert sorted(int(frame) for _, frame in first + second) == list(range(20))


async def test_the_largest_frame_passes_and_a_larger_one_is_a_bug(buses):
    await buses.linkoping.publish("EXCHANGE", GOTEBORG, bytes(MAX_FRAME_BYTES), transport_id())
    ((_, frame),) = await take(buses.goteborg)
    assert len(frame) == MAX_FRAME_BYTES
    with pytest.raises(ValueError, match="larger"):
        await buses.linkoping.publish(
            "EXCHANGE", GOTEBORG, bytes(MAX_FRAME_BYTES + 1), transport_id()
        )


async def test_the_exchange_is_not_asked_while_a_transaction_is_open(buses):
    before = current_work.get()
    current_work.set(SimpleNamespace(is_open=True))
    try:
        with pytest.raises(RuntimeError):
            await buses.linkoping.publish("EXCHANGE", GOTEBORG, b"x", transport_id())
        with pytest.raises(RuntimeError):
            await buses.linkoping.publish_many(
                "EXCHANGE", [Outgoing(GOTEBORG, b"x", transport_id())]
            )
        with pytest.raises(RuntimeError):
            await buses.linkoping.fetch("EXCHANGE", 1, 0)
    finally:
        current_work.set(before)


async def test_a_closed_connection_refuses(buses):
    bus = await buses.new(LINKOPING)
    await bus.close()
    assert not bus.is_connected
    with pytest.raises(BusUnavailable):
        await bus.publish("EXCHANGE", GOTEBORG, b"x", transport_id())
    with pytest.raises(BusUnavailable):
        await bus.fetch("EXCHANGE", 1, 0)
    assert await bus.publish_many("EXCHANGE", [Outgoing(GOTEBORG, b"x", transport_id())]) == 0


async def test_in_memory_what_is_not_acknowledged_comes_again():
    exchange = MemoryExchange(ack_wait=timedelta(0))
    sender, receiver = exchange.bus(LINKOPING), exchange.bus(GOTEBORG)
    await sender.publish("EXCHANGE", GOTEBORG, b"hej", "1.1")
    assert len(await receiver.fetch("EXCHANGE", 10, 0)) == 1
    (delivery,) = await receiver.fetch("EXCHANGE", 10, 0)
    await delivery.ack()
    assert await receiver.fetch("EXCHANGE", 10, 0) == []
    assert exchange.redeliver() == 0


async def test_in_memory_an_exchange_that_is_away_refuses_and_its_return_is_noticed():
    exchange = MemoryExchange()
    bus = exchange.bus(LINKOPING)
    exchange.go_away()
    assert not bus.is_connected
    with pytest.raises(BusUnavailable):
        await bus.fetch("EXCHANGE", 1, 0)
    exchange.come_back()
    assert bus.reconnects == 1
    assert await bus.fetch("EXCHANGE", 1, 0) == []
