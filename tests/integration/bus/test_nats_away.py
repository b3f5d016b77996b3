"""The exchange stops, dies and comes back under a node's connection."""

import asyncio

import pytest

from shared.bus import BusUnavailable, Outgoing
from shared.bus.nats import NatsBus
from shared.ids import AuthorityCode, random_id

pytestmark = pytest.mark.servers

LINKOPING, GOTEBORG = AuthorityCode("0580"), AuthorityCode("1480")


@pytest.fixture(autouse=True)
async def empty_exchange(nats_server):
    """Tests share the server: what another left waiting is not ours."""
    await nats_server.fresh()


@pytest.fixture
async def buses(nats_server):
    made = [
        await NatsBus.connect([nats_server.url], nats_server.seed_file(code), code)
        for code in (LINKOPING, GOTEBORG)
    ]
    yield made
    for bus in made:
        await bus.close()


async def until(condition, timeout_s=15.0):
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the library tells nobody
            await asyncio.sleep(0.02)


async def drain(bus):
    got = []
    while deliveries := await bus.fetch("EXCHANGE", 100, 0.2):
        for delivery in deliveries:
            await delivery.ack()
            got.append(delivery.frame)
    return got


async def test_what_was_stored_survives_a_kill_of_the_server(nats_server, buses):
    linkoping, goteborg = buses
    await linkoping.publish("EXCHANGE", GOTEBORG, b"kvar", f"{random_id()}.1")
    seen = linkoping.reconnects, goteborg.reconnects
    nats_server.kill()
    await until(lambda: not linkoping.is_connected)
    with pytest.raises(BusUnavailable):
        await linkoping.publish("EXCHANGE", GOTEBORG, b"nej", f"{random_id()}.1")
    assert (
        await linkoping.publish_many("EXCHANGE", [Outgoing(GOTEBORG, b"nej", f"{random_id()}.1")])
        == 0
    )
    with pytest.raises(BusUnavailable):
        await goteborg.fetch("EXCHANGE", 10, 0)
    await nats_server.restart()
    await until(lambda: linkoping.is_connected and goteborg.is_connected)
    assert linkoping.reconnects > seen[0]
    assert goteborg.reconnects > seen[1]
    assert await drain(goteborg) == [b"kvar"]


async def test_a_fetch_that_lingers_while_the_server_dies_says_so(nats_server, buses):
    _, goteborg = buses
    waiting = asyncio.create_task(goteborg.fetch("EXCHANGE", 10, 6.0))
    await asyncio.sleep(0.3)
    nats_server.kill()
    await nats_server.restart()
    with pytest.raises(BusUnavailable):
        await waiting
    await until(lambda: goteborg.is_connected)


async def test_a_node_starts_while_the_exchange_is_away(nats_server):
    nats_server.stop()
    bus = await NatsBus.connect(
        [nats_server.url], nats_server.seed_file(LINKOPING), LINKOPING, wait_s=0.2
    )
    try:
        assert not bus.is_connected
        assert bus.last_fetch_at is None
        await nats_server.restart()
        await until(lambda: bus.is_connected)
        assert await bus.fetch("EXCHANGE", 1, 0) == []
        assert bus.last_fetch_at is not None
    finally:
        await bus.close()


async def test_an_unacknowledged_frame_is_not_lost_by_a_cancelled_fetch(nats_server, buses):
    linkoping, goteborg = buses
    waiting = asyncio.create_task(goteborg.fetch("EXCHANGE", 10, 5.0))
    await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await linkoping.publish("EXCHANGE", GOTEBORG, b"hej", f"{random_id()}.1")
    # The cancelled request may still hold it at the server; it is redelivered or comes at once.
    frames = await drain(goteborg)
    assert frames in ([b"hej"], [])
    if not frames:
        waits = await goteborg._client.jetstream().consumer_info("EXCHANGE", GOTEBORG)
        assert waits.num_ack_pending + waits.num_pending == 1


async def test_an_atomic_batch_is_taken_whole(buses, monkeypatch):
    linkoping, goteborg = buses
    singly = []
    publish_one = NatsBus._publish_one

    async def counted(self, stream, outgoing):
        singly.append(outgoing)
        await publish_one(self, stream, outgoing)

    monkeypatch.setattr(NatsBus, "_publish_one", counted)
    frames = [Outgoing(GOTEBORG, b"%d" % n, f"{random_id()}.1") for n in range(20)]
    assert await linkoping.publish_many("EXCHANGE", frames) == 20
    assert singly == []
    again = [*frames[:1], *(Outgoing(GOTEBORG, b"ny", f"{random_id()}.1") for _ in range(4))]
    assert await linkoping.publish_many("EXCHANGE", again) == 5
    assert len(singly) == 5
    assert len(await drain(goteborg)) == 24
