"""R10: the exchange is away for thirty days; what was written meanwhile arrives when it is back."""

import asyncio
import resource
import time
from datetime import timedelta

from tests.support.federation import Federation, new_conversation
from tests.support.notes import KINDS, Note, NoteHandler, notes_of
from tests.support.spoilt import RealExchange, connected

DAYS = 30
BACK_WITHIN_S = 60.0
MOST_GROWTH_MB = 50.0


def memory_mb() -> float:
    """This process's largest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def away_for_thirty_days(
    postgres_server, nats_server, *, messages: int, conversations: int
) -> tuple[float, float]:
    """Both ends write all the while, their workers running; the real server is down.

    Returns:
        Seconds from its return until the last receipt, and megabytes that the process grew by.
    """
    await nats_server.fresh()
    async with Federation.open(
        postgres_server,
        "0580",
        "1480",
        handlers={"0580": [NoteHandler()], "1480": [NoteHandler()]},
        kinds=KINDS,
        exchange=RealExchange(nats_server),
        is_kernel_only=True,
    ) as pair:
        await connected(pair)
        told = {new_conversation(): [] for _ in range(conversations)}
        nats_server.kill()
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for node in pair.nodes.values():
                group.create_task(node.relay.run(stop))
                group.create_task(node.inbox.run(stop))
            before = memory_mb()
            await _write(pair, told, messages)
            undone = await pair["0580"].rows("select 1 from outbox where done_at is not null")
            assert undone == []  # no false "delivered"
            began = time.monotonic()
            await nats_server.restart()
            await _all_receipted(pair)
            took = time.monotonic() - began
            growth = memory_mb() - before
            stop.set()
        for (conversation, texts), (here, there) in zip(
            told.items(), [("0580", "1480")] * len(told), strict=True
        ):
            forward, back = texts[::2], texts[1::2]
            assert await notes_of(pair[there], conversation) == forward
            assert await notes_of(pair[here], conversation) == back
        return took, growth


async def _write(pair, told, messages: int) -> None:
    """So many in all, spread over the days; in each conversation both ends in turn."""
    for day in range(DAYS):
        for number in range(day * messages // DAYS, (day + 1) * messages // DAYS):
            conversation = list(told)[number % len(told)]
            is_forward = len(told[conversation]) % 2 == 0
            here, there, direction = (
                ("0580", "1480", "forward") if is_forward else ("1480", "0580", "back")
            )
            told[conversation].append(f"{number}")
            note = Note(f"{number}")
            await pair[here].send(there, conversation, "note", note, direction=direction)
        pair.pass_time(timedelta(days=1))
        await asyncio.sleep(0)  # the loops look, and find nobody


async def _all_receipted(pair) -> None:
    async with asyncio.timeout(5 * BACK_WITHIN_S):
        for node in pair.nodes.values():
            while await node.rows("select 1 from outbox where done_at is null limit 1"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
