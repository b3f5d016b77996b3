"""R8: disks that fill up under PostgreSQL, under the exchange, under the log, and get room again.

A case's documents lie in PostgreSQL too, so they share its fate.
"""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.supervisor import child as supervised
from infra.supervisor.child import Child
from infra.supervisor.parts import _NATS_UNWELL_S
from infra.supervisor.state import State
from shared.bus import BusUnavailable
from shared.bus.nats import NatsBus
from shared.db import StorageShortError, StorageUnavailableError
from shared.ids import AuthorityCode, random_id
from shared.inbox.dispatch import LEASE
from tests.support.federation import Federation, new_conversation
from tests.support.notes import KINDS, Note, NoteHandler, notes_of
from tests.support.server_processes import NatsForTests, PostgresForTests
from tests.support.small_disk import small_disk

pytestmark = [pytest.mark.servers, pytest.mark.faults]

A, B = AuthorityCode("0580"), AuthorityCode("1480")
BACK_WITHIN_S = 60.0
MUCH = 190_000  # characters of a note


@pytest.fixture
def postgres(tmp_path):
    """A server of its own on a disk of its own."""
    server = PostgresForTests(tmp_path)
    with small_disk(server.server.home, 220) as disk:
        server.server.spec = lambda spec=server.server.spec: disk.hold(spec())
        server.disk = disk
        server.start()
        yield server
        server.close()


def words(n):
    """A long note that cannot be pressed together."""
    return f"{n} {random.Random(n).randbytes(MUCH // 2).hex()}"


async def written_until_full(node, conversation, written):
    while len(written) < 500:
        await node.send("1480", conversation, "note", Note(words(len(written))))
        written.append(words(len(written)))


async def worked_for_a_while(federation, a, b):
    """What the workers try meanwhile, longer than three tries last; how often the disk said no."""
    refused = 0
    for _ in range(8):
        for step in (a.relay.run_once, b.inbox.receive_once, b.inbox.dispatch_once):
            try:
                await step()
            except StorageUnavailableError:
                refused += 1
        federation.pass_time(LEASE * 4)
    return refused


async def test_a_full_disk_under_postgres_refuses_writes_and_loses_and_spoils_nothing(postgres):
    async with Federation.open(
        postgres, "0580", "1480", handlers={"1480": [NoteHandler()]}, kinds=KINDS
    ) as federation:
        a, b = federation["0580"], federation["1480"]
        conversation, written = new_conversation(), []
        for n in range(4):  # one done, one staged, one at the exchange, one in the outbox
            await a.send("1480", conversation, "note", Note(words(n)))
            written.append(words(n))
            if n == 0:
                await federation.settle()
            if n in (1, 2):
                await a.relay.run_once()
            if n == 1:
                await b.inbox.receive_once()
        postgres.disk.fill()
        with pytest.raises(StorageShortError):
            await written_until_full(a, conversation, written)
        # Reads go on at both; the workers wait, and nothing is parked or refused for want of room.
        assert (await a.rows("select count(*) from outbox"))[0][0] == len(written)
        assert await worked_for_a_while(federation, a, b) > 0
        seen = await notes_of(b)
        assert seen == written[: len(seen)] != written
        postgres.disk.make_room()
        began = time.monotonic()
        await a.send("1480", conversation, "note", Note("rum igen"))
        assert time.monotonic() - began < BACK_WITHIN_S
        federation.exchange.redeliver()
        for _ in range(5):
            await federation.settle()
            federation.pass_time(LEASE)
        assert await notes_of(b) == [*written, "rum igen"]
        outcomes = "select distinct outcome from outbox where number > 0"
        assert await a.rows(outcomes) == [("applied",)]
        for node in (a, b):
            assert await node.rows("select count(*) from quarantine") == [(0,)]
            assert await node.rows("select kind from card") == []


async def published(bus, count, size):
    for _ in range(count):
        await bus.publish("EXCHANGE", B, bytes(size), str(random_id()))


async def until(check, within_s):
    limit = time.monotonic() + within_s
    while not await check():
        assert time.monotonic() < limit, f"not within {within_s} s"
        await asyncio.sleep(0.2)


async def test_a_full_disk_under_the_exchange_refuses_frames_and_it_comes_back(
    tmp_path, monkeypatch
):
    """JetStream (2.15.1) goes on refusing when there is room again: the supervisor starts it anew."""
    nats, state, said = NatsForTests(tmp_path, [A, B]), State.of(tmp_path / "state"), []
    state.make()
    nats._configure()
    store = nats.server.home / "store"
    with small_disk(store, 24) as disk:
        spec = disk.hold(nats.server.spec())
        longest = supervised._CHECK_EVERY_S + supervised.LONGEST_PAUSE_S
        assert longest + _NATS_UNWELL_S + spec.stop_timeout_s < BACK_WITHIN_S
        # All of it in small, for a test that has no minute.
        monkeypatch.setattr(supervised, "_CHECK_EVERY_S", 0.3)
        child = Child(spec, state, nats.server.is_ready, said.append, patience_s=1.0)
        child.start()
        try:
            await child.wait_ready(60)
            await nats._apply()
            sender = await NatsBus.connect([nats.url], nats.seed_file(A), A)
            receiver = await NatsBus.connect([nats.url], nats.seed_file(B), B)

            async def is_taken():
                try:
                    await published(sender, 1, 100_000)
                except BusUnavailable:
                    return False
                return True

            await published(sender, 5, 4096)
            disk.fill()
            with pytest.raises(BusUnavailable):
                await published(sender, 60, 100_000)
            kept = await receiver.fetch("EXCHANGE", 100, 2.0)  # reading goes on
            assert len(kept) >= 5
            assert {len(each.frame) for each in kept} <= {4096, 100_000}

            async def is_started_anew():
                return child.status().restarts >= 1 and child.status().condition == "ready"

            await until(
                is_started_anew, BACK_WITHIN_S
            )  # on the full disk, which is the worse start
            disk.make_room()
            await until(is_taken, BACK_WITHIN_S)
            for bus in (sender, receiver):
                await bus.close()
        finally:
            await child.stop(at_once=True)
            nats._log.close()


_PROGRAM = """
import logging, sys
from gateway.log import start_log
start_log("0580", "worker")
for n in range(1000):
    logging.getLogger("utvag").warning("record %d", n)
print("worked on")
"""


def test_a_log_on_a_full_disk_does_not_stop_the_work():
    with Path("/dev/full").open("wb") as full:  # every write to it ends with ENOSPC
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], stderr=full, stdout=subprocess.PIPE, check=False
        )
    assert done.stdout == b"worked on\n"
