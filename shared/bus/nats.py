"""The exchange over NATS JetStream, as the node's own user there.

Streams and consumers are the operator's; a node only names them. The server's permissions let it
publish as itself, pull from its own durable consumer and acknowledge there, and nothing else.

What the library leaves open is decided here:

- **Connecting never ends.** A node starts and works while the exchange is away; `is_connected` says
  so, and every call raises `BusUnavailable` at once instead of buffering what might be sent twice.
- **A pull is one request with a reply subject of its own.** `no_wait` takes what is there; where the
  last message said that none waits behind it, the request lingers at once, for one message. A batch that lingers would hold the
  first message back until the batch is full or the time is up. Nothing is bound to a connection:
  after a restart of the server the next pull simply asks the consumer by name. A pull that hears
  nothing at all, not even "no messages", counts as the exchange being away.
- **Batches are atomic where the stream allows it**: one sync for the batch instead of one for each
  message. A batch that is refused (a transport id seen before refuses it whole, error 10201) is
  published singly; what a lost answer left in doubt is swallowed by its transport id.
"""

import asyncio
import contextlib
import json
import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.bus.port import MAX_FRAME_BYTES, BusUnavailable, Delivery, Outgoing, Stream
from shared.db import assert_no_transaction
from shared.ids import AuthorityCode, authority_code, random_id

logger = logging.getLogger(__name__)

_PREFIX: Final = {"EXCHANGE": "exchange", "ATTACHMENT": "attachment"}
_ANSWER_S = 5.0
_SILENCE_S = 1.0  # a pull is answered when its time is up; later than that nobody is there
_SMALLEST_BATCH = 4  # below it the batch's own round trips cost as much as they save
_ATOMIC: Final = frozenset({"EXCHANGE"})
_LOST = (nats.errors.Error, OSError, TimeoutError)
_NOTHING = frozenset({"404", "408"})  # no messages; the request's time is up


@dataclass(frozen=True)
class NatsDelivery:
    """A message of our queue."""

    sender: AuthorityCode
    frame: bytes
    _message: Msg

    async def ack(self) -> None:
        """Acknowledge, and wait until the server has noted it."""
        assert_no_transaction()
        try:
            await self._message.ack_sync(timeout=_ANSWER_S)
        except _LOST:
            raise BusUnavailable from None


class NatsBus:
    """One authority's connection; made by `connect`."""

    def __init__(self, servers: Sequence[str], seed_file: Path, authority: AuthorityCode) -> None:
        self.last_fetch_at: datetime | None = None
        self.reconnects = 0
        self._is_more: dict[Stream, bool] = defaultdict(bool)
        self._servers = list(servers)
        self._seed_file = seed_file
        self._authority = authority
        self._client = Client()
        self._keeper: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._closed = asyncio.Event()

    @classmethod
    async def connect(
        cls,
        servers: Sequence[str],
        seed_file: Path,
        authority: AuthorityCode,
        *,
        wait_s: float = 2.0,
    ) -> "NatsBus":
        """Begin to connect; returns when connected, or after `wait_s` and goes on behind.

        Args:
            servers: `nats://host:port`, any of the cluster.
            seed_file: the authority's nkey seed.
        """
        bus = cls(servers, seed_file, authority)
        bus._keeper = asyncio.create_task(bus._keep_connected(), name=f"nats {authority}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await bus._connected.wait()
        return bus

    @property
    def is_connected(self) -> bool:
        """Whether the server is there and knows us."""
        return bool(self._client.is_connected)

    async def publish(
        self, stream: Stream, to: AuthorityCode, frame: bytes, transport_id: str
    ) -> None:
        """Store one frame; the server's own answer says so."""
        self._check()
        await self._publish_one(stream, Outgoing(to, frame, transport_id))

    async def publish_many(self, stream: Stream, frames: Sequence[Outgoing]) -> int:
        """Store frames in order, in one atomic batch where that pays; how many of the first."""
        assert_no_transaction()
        if not self.is_connected:
            return 0
        is_batch = stream in _ATOMIC and len(frames) >= _SMALLEST_BATCH
        if is_batch and await self._publish_batch(stream, frames):
            return len(frames)
        for count, outgoing in enumerate(frames):
            try:
                await self._publish_one(stream, outgoing)
            except BusUnavailable:
                return count
        return len(frames)

    async def fetch(self, stream: Stream, limit: int, timeout_s: float) -> list[Delivery]:
        """What waits for us; lingers for the first when nothing does."""
        self._check()
        messages: list[Msg] = []
        if timeout_s <= 0 or self._is_more[stream]:
            messages = await self._pull(stream, limit, 0)
        if not messages and timeout_s > 0:
            messages = await self._pull(stream, 1, timeout_s)
            # Each message says how many wait behind it: most often none, and nobody need ask.
            if limit > 1 and _waiting_behind(messages):
                messages += await self._pull(stream, limit - 1, 0)
        self._is_more[stream] = _waiting_behind(messages)
        self.last_fetch_at = datetime.now(UTC)
        return [NatsDelivery(_sender(message), message.data, message) for message in messages]

    async def close(self) -> None:
        """Send what is in the buffer and leave."""
        self._closed.set()
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await self._leave()

    def _check(self) -> None:
        assert_no_transaction()
        if not self.is_connected:
            raise BusUnavailable

    async def _publish_one(self, stream: Stream, outgoing: Outgoing) -> None:
        answer = await self._ask(stream, outgoing, {"Nats-Msg-Id": outgoing.transport_id})
        if "error" in answer:
            # The stream is full or not there: both pass, and the outbox waits.
            logger.warning("the exchange refused a frame: %s", answer["error"].get("err_code"))
            raise BusUnavailable

    async def _publish_batch(self, stream: Stream, frames: Sequence[Outgoing]) -> bool:
        """Whether all were stored; if not, none was, or nobody knows."""
        batch_id = str(random_id())
        try:
            for place, outgoing in enumerate(frames[:-1], start=1):
                await self._client.publish(
                    self._subject(stream, outgoing),
                    outgoing.frame,
                    headers=_batch_headers(batch_id, place, outgoing),
                )
            headers = _batch_headers(batch_id, len(frames), frames[-1]) | {"Nats-Batch-Commit": "1"}
            answer = await self._ask(stream, frames[-1], headers)
        except (*_LOST, BusUnavailable):
            return False
        return "error" not in answer and answer.get("count") == len(frames)

    async def _ask(
        self, stream: Stream, outgoing: Outgoing, headers: dict[str, str]
    ) -> dict[str, Any]:
        if len(outgoing.frame) > MAX_FRAME_BYTES:
            raise ValueError("the frame is larger than the exchange takes")
        try:
            answer = await self._client.request(
                self._subject(stream, outgoing),
                outgoing.frame,
                timeout=_ANSWER_S,
                headers=headers | {"Nats-Expected-Stream": stream},
            )
        except _LOST:
            raise BusUnavailable from None
        content: dict[str, Any] = json.loads(answer.data)
        return content

    def _subject(self, stream: Stream, outgoing: Outgoing) -> str:
        return f"{_PREFIX[stream]}.{authority_code(outgoing.to)}.{self._authority}.m"

    async def _pull(self, stream: Stream, limit: int, linger_s: float) -> list[Msg]:
        """One request to the consumer, answered on a subject of its own."""
        request: dict[str, object] = {"batch": limit}
        if linger_s:
            request["expires"] = int(linger_s * 1_000_000_000)
        else:
            request["no_wait"] = True
        messages: list[Msg] = []
        try:
            inbox = self._client.new_inbox()
            subscription = await self._client.subscribe(inbox)
            try:
                await self._client.publish(
                    f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{self._authority}",
                    json.dumps(request).encode(),
                    reply=inbox,
                )
                while len(messages) < limit:
                    message = await subscription.next_msg(timeout=linger_s + _SILENCE_S)
                    status = _status(message)
                    if status is None:
                        messages.append(message)
                    elif status in _NOTHING:
                        break
                    else:  # the consumer is gone, or JetStream is not up yet
                        raise BusUnavailable
            finally:
                with contextlib.suppress(nats.errors.Error):
                    await subscription.unsubscribe()
        except _LOST:
            if messages:
                return messages
            raise BusUnavailable from None
        return messages

    async def _keep_connected(self) -> None:
        """Connect, and connect anew when the library gave up."""
        while not self._closed.is_set():
            gone = asyncio.Event()
            try:
                await self._connect_once(gone)
                await gone.wait()
            except _LOST as error:
                logger.warning("the exchange is away: %s", type(error).__name__)
            await self._leave()
            await asyncio.sleep(_spread_s())

    async def _connect_once(self, gone: asyncio.Event) -> None:
        async def noticed() -> None:
            self.reconnects += 1

        async def ended() -> None:
            gone.set()

        async def told(error: Exception) -> None:
            logger.warning("the exchange: %s", type(error).__name__)

        client = Client()
        self._client = client
        await client.connect(
            servers=self._servers,
            nkeys_seed=str(self._seed_file),
            inbox_prefix=f"_INBOX.{self._authority}".encode(),
            name=f"utvag {self._authority}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=_spread_s(),  # type: ignore[arg-type]  # it sleeps so long
            connect_timeout=2,
            ping_interval=10,
            max_outstanding_pings=2,  # a half-open connection is given up after 30 s
            pending_size=-1,  # nothing is buffered while away: the outbox waits
            reconnected_cb=noticed,
            closed_cb=ended,
            error_cb=told,
        )
        self.reconnects += 1
        self._connected.set()

    async def _leave(self) -> None:
        with contextlib.suppress(*_LOST):
            if self._client.is_connected:
                await self._client.flush(timeout=1)
            await self._client.close()


def _spread_s() -> float:
    """A good second: no more than one try a second, and a nation's nodes not in step (R9)."""
    return random.uniform(1.0, 1.5)  # noqa: S311 - spreads load, guards nothing


def _waiting_behind(messages: Sequence[Msg]) -> bool:
    """Whether the server had more for us when it handed over the last of these."""
    return bool(messages) and messages[-1].metadata.num_pending > 0


def _sender(message: Msg) -> AuthorityCode:
    # <stream>.<to>.<from>.m: the server let only <from> publish it.
    return authority_code(message.subject.split(".")[2])


def _status(message: Msg) -> str | None:
    """The server's word instead of a message, or None for a message."""
    headers = message.headers or {}
    return headers.get("Status") if not message.reply else None


def _batch_headers(batch_id: str, place: int, outgoing: Outgoing) -> dict[str, str]:
    return {
        "Nats-Msg-Id": outgoing.transport_id,
        "Nats-Batch-Id": batch_id,
        "Nats-Batch-Sequence": str(place),
    }
