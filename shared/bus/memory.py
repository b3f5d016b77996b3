"""An exchange inside the process: for tests, and to show what the real one must do.

It keeps the real one's promises and no more: at least once, again until acknowledged, and a
transport id seen before is swallowed.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.bus.port import MAX_FRAME_BYTES, BusUnavailable, Delivery, Outgoing, Stream
from shared.db import assert_no_transaction
from shared.ids import AuthorityCode


@dataclass
class _Queue:
    waiting: deque["_Frame"] = field(default_factory=deque)
    out: set["_Frame"] = field(default_factory=set)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False)
class _Frame:
    sender: AuthorityCode
    frame: bytes
    delivered_at: datetime | None = None


class MemoryExchange:
    """All authorities' queues.

    Args:
        ack_wait: what is not acknowledged within it is handed over again.
    """

    def __init__(self, ack_wait: timedelta = timedelta(seconds=30)) -> None:
        self.is_away = False
        self._ack_wait = ack_wait
        self._queues: dict[tuple[Stream, AuthorityCode], _Queue] = {}
        self._seen: set[tuple[Stream, str]] = set()
        self._buses: list[MemoryBus] = []

    def bus(self, authority: AuthorityCode) -> "MemoryBus":
        """This authority's connection."""
        bus = MemoryBus(self, authority)
        self._buses.append(bus)
        return bus

    def go_away(self) -> None:
        """Refuse everything until `come_back`."""
        self.is_away = True

    def come_back(self) -> None:
        """Take and give again; every connection notices that it was away."""
        self.is_away = False
        for bus in self._buses:
            bus.reconnects += 1

    def redeliver(self) -> int:
        """Put back everything that was handed over and not acknowledged, as after `ack_wait`."""
        return sum(self._put_back(queue, None) for queue in self._queues.values())

    def put(self, stream: Stream, sender: AuthorityCode, frame: Outgoing) -> None:
        """Store a frame unless its transport id was seen."""
        if (stream, frame.transport_id) in self._seen:
            return
        self._seen.add((stream, frame.transport_id))
        queue = self.queue(stream, frame.to)
        queue.waiting.append(_Frame(sender, frame.frame))
        queue.arrived.set()

    def queue(self, stream: Stream, authority: AuthorityCode) -> _Queue:
        """One authority's queue; overdue frames are back in it."""
        queue = self._queues.setdefault((stream, authority), _Queue())
        self._put_back(queue, datetime.now(UTC) - self._ack_wait)
        return queue

    def _put_back(self, queue: _Queue, before: datetime | None) -> int:
        late = [
            frame
            for frame in queue.out
            if before is None or (frame.delivered_at and frame.delivered_at <= before)
        ]
        queue.out.difference_update(late)
        queue.waiting.extendleft(late)
        return len(late)


@dataclass(frozen=True)
class _MemoryDelivery:
    sender: AuthorityCode
    frame: bytes
    _bus: "MemoryBus"
    _queue: _Queue
    _kept: _Frame

    async def ack(self) -> None:
        self._bus.check()
        self._queue.out.discard(self._kept)


class MemoryBus:
    """One authority's connection to a `MemoryExchange`."""

    def __init__(self, exchange: MemoryExchange, authority: AuthorityCode) -> None:
        self.last_fetch_at: datetime | None = None
        self.reconnects = 0
        self._exchange = exchange
        self._authority = authority
        self._is_closed = False

    @property
    def is_connected(self) -> bool:
        """Whether the exchange is there."""
        return not (self._exchange.is_away or self._is_closed)

    def check(self) -> None:
        """Refuse when the exchange is away or a transaction is open."""
        assert_no_transaction()
        if not self.is_connected:
            raise BusUnavailable

    async def publish(
        self, stream: Stream, to: AuthorityCode, frame: bytes, transport_id: str
    ) -> None:
        """Store one frame."""
        self.check()
        if len(frame) > MAX_FRAME_BYTES:
            raise ValueError("the frame is larger than the exchange takes")
        self._exchange.put(stream, self._authority, Outgoing(to, frame, transport_id))

    async def publish_many(self, stream: Stream, frames: Sequence[Outgoing]) -> int:
        """Store frames in order; how many."""
        for count, outgoing in enumerate(frames):
            try:
                await self.publish(stream, outgoing.to, outgoing.frame, outgoing.transport_id)
            except BusUnavailable:
                return count
        return len(frames)

    async def fetch(self, stream: Stream, limit: int, timeout_s: float) -> list[Delivery]:
        """Hand over what waits."""
        self.check()
        queue = self._exchange.queue(stream, self._authority)
        if not queue.waiting and timeout_s > 0:
            queue.arrived.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await queue.arrived.wait()
            except TimeoutError:
                pass
            self.check()
            queue = self._exchange.queue(stream, self._authority)
        self.last_fetch_at = datetime.now(UTC)
        given: list[Delivery] = []
        while queue.waiting and len(given) < limit:
            kept = queue.waiting.popleft()
            kept.delivered_at = self.last_fetch_at
            queue.out.add(kept)
            given.append(_MemoryDelivery(kept.sender, kept.frame, self, queue, kept))
        return given

    async def close(self) -> None:
        """Leave; what was not acknowledged comes again to the next connection."""
        self._is_closed = True
