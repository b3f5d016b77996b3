"""How a measured process is told what to run and says what it took: one JSON line each way.

A process ends when its input does, so that none is left behind by a measurement that was cut off.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal, TypeVar

import msgspec

Kind = Literal["command", "whole"]
T = TypeVar("T")


class Run(msgspec.Struct, frozen=True):
    """One run.

    Args:
        kind: `command`, to its receipt; `whole`, a handover from the second signature on the
            proposal until the sender's file is closed.
        in_flight: how many at a time.
    """

    kind: Kind
    count: int
    in_flight: int


class Took(msgspec.Struct, frozen=True):
    """What it took.

    Args:
        each_ms: one for each command or handover.
        wall_s: from the first begun to the last done.
        proposal_ms: of a whole handover, until the proposal's receipt.
    """

    each_ms: list[float]
    wall_s: float
    proposal_ms: list[float] = []


async def lines(kind: type[T]) -> AsyncIterator[T]:
    """Standard input, decoded line by line, until it ends."""
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while text := await reader.readline():
        yield msgspec.json.decode(text, type=kind)


def answer(value: object) -> None:
    """One line on standard output."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


async def flights(one: Callable[[int], Awaitable[None]], count: int, in_flight: int) -> Took:
    """Do `one` so many times, so many at once."""
    each_ms: list[float] = []
    numbers = iter(range(count))

    async def lane(place: int) -> None:
        for _ in numbers:
            started = time.perf_counter()
            await one(place)
            each_ms.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for place in range(in_flight):
            group.create_task(lane(place))
    return Took(each_ms, time.perf_counter() - started)
