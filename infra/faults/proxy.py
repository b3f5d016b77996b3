"""One node's way to the exchange: a loopback proxy that cuts, delays, goes silent and repeats.

It reads NATS's text protocol as far as it must: where a message that the node publishes begins and
ends. A copy of it goes again under a transport id of its own, so that the exchange stores it as
another message: at once, or seconds later and thereby after what was sent meanwhile.
"""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

from infra.ports import LOOPBACK

_CHUNK = 65_536
_LATE_S = 8.0
_OF_STREAMS = (b"exchange.", b"attachment.")


@dataclass
class Way:
    """A node's proxy.

    Args:
        server_port: the exchange's.
        rng: decides what is repeated.
        repeats: the share of published messages that go twice.
    """

    server_port: int
    rng: random.Random
    repeats: float = 0.03
    port: int = 0
    cuts: int = 0
    connections: int = 0
    repeated: int = 0
    _server: asyncio.Server | None = None
    _links: "set[_Link]" = field(default_factory=set)
    _refuses: int = 0
    _silent: asyncio.Event = field(default_factory=asyncio.Event)
    _delay_s: float = 0.0
    _late: set["asyncio.Task[None]"] = field(default_factory=set)

    async def open(self, port: int = 0) -> None:
        """Listen."""
        self._silent.set()
        self._server = await asyncio.start_server(self._accept, LOOPBACK, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cut everything and listen no more."""
        if self._server is not None:
            self._server.close()
        self._silent.set()
        for task in self._late:
            task.cancel()
        self._cut_all()

    async def cut(self, seconds: float) -> None:
        """Reset what is connected, refuse what wants to connect."""
        self.cuts += 1
        self._refuses += 1
        self._cut_all()
        await asyncio.sleep(seconds)
        self._refuses -= 1

    async def silence(self, seconds: float) -> None:
        """Half-open: bytes are taken and go nowhere, in either direction; nobody is told."""
        self.cuts += 1
        self._silent.clear()
        await asyncio.sleep(seconds)
        self._silent.set()

    async def delay(self, seconds: float) -> None:
        """For so long each piece is held up by up to a quarter of a second."""
        self._delay_s = 0.25
        await asyncio.sleep(seconds)
        self._delay_s = 0.0

    async def pass_on(self) -> None:
        """Wait as long as this way is slow or silent."""
        if self._delay_s:
            await asyncio.sleep(self.rng.uniform(0, self._delay_s))
        await self._silent.wait()

    def repeat(self, copy: bytes) -> None:
        """Send a copy some time later, on whatever connection there is then."""
        self.repeated += 1
        task = asyncio.create_task(self._send_late(copy))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _send_late(self, copy: bytes) -> None:
        await asyncio.sleep(self.rng.choice((0.0, self.rng.uniform(0, _LATE_S))))
        for link in self._links:
            if link.is_in_step:
                link.between.append(copy)

    def _cut_all(self) -> None:
        for link in tuple(self._links):
            link.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self._refuses:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection(LOOPBACK, self.server_port)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(self, writer, there[1])
        self._links.add(link)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(link.out(reader))
                group.create_task(link.back(there[0]))
        except* (OSError, _EndedError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._links.discard(link)
            link.cut()


class _EndedError(Exception):
    """One side has left; the other is cut too."""


class _Link:
    """One connection of a node to the exchange."""

    def __init__(
        self, way: Way, node: asyncio.StreamWriter, exchange: asyncio.StreamWriter
    ) -> None:
        self.between: list[bytes] = []
        self.is_in_step = False
        self._way = way
        self._node = node
        self._exchange = exchange

    def cut(self) -> None:
        for writer in (self._node, self._exchange):
            with contextlib.suppress(OSError):
                writer.transport.abort()

    async def out(self, reader: asyncio.StreamReader) -> None:
        """From the node, message by message."""
        while True:
            line = await reader.readuntil(b"\r\n")
            message = line
            if line.startswith(b"HPUB "):
                size = int(line.split()[-1])
                message += await reader.readexactly(size + 2)
                if line[5:].startswith(_OF_STREAMS) and self._way.rng.random() < self._way.repeats:
                    self._way.repeat(copy_of(message, f"{self._way.port}.{self._way.repeated}"))
            elif line.startswith(b"PUB "):
                message += await reader.readexactly(int(line.split()[-1]) + 2)
            await self._way.pass_on()
            self.is_in_step = True
            late, self.between = self.between, []
            self._exchange.write(message + b"".join(late))
            await self._exchange.drain()

    async def back(self, reader: asyncio.StreamReader) -> None:
        """From the exchange, as it comes."""
        while True:
            piece = await reader.read(_CHUNK)
            if not piece:
                raise _EndedError
            await self._way.pass_on()
            self._node.write(piece)
            await self._node.drain()


def copy_of(message: bytes, name: str) -> bytes:
    """The same message to the same subject under another transport id; nobody waits for an answer.

    Args:
        message: `HPUB subject [reply] header-size size`, headers and body.
        name: unique among copies.
    """
    line, _, rest = message.partition(b"\r\n")
    words = line.split()
    body = rest[int(words[-2]) : int(words[-1])]
    headers = f"NATS/1.0\r\nNats-Msg-Id: repeated.{name}\r\n\r\n".encode()
    sizes = b"%d %d" % (len(headers), len(headers) + len(body))
    return b"HPUB " + words[1] + b" " + sizes + b"\r\n" + headers + body + b"\r\n"
