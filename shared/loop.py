"""The worker's loops: step, rest, back off, and end when told.

This is the one place where any exception is caught (`conventions`): it is logged by where it
struck, never by what it said, and the step comes again.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable

from shared.bus import BusUnavailable
from shared.db import StorageUnavailableError
from shared.trace import trace_of

logger = logging.getLogger(__name__)

FIRST_REST_S = 0.2
LONGEST_REST_S = 5.0

Wait = Callable[[float], Awaitable[object]]
"""Returns after so many seconds, or sooner when there may be something to do."""


async def keep_running(
    name: str,
    step: Callable[[], Awaitable[int]],
    stop: asyncio.Event,
    wait: Wait | None = None,
    *,
    idle_s: float = 1.0,
    idle_most_s: float = LONGEST_REST_S,
    trouble_most_s: float = LONGEST_REST_S,
) -> None:
    """Call `step` until told to stop: at once again while it finds work, more rarely when idle.

    Args:
        name: for the log.
        step: returns how much it did.
        stop: ends the loop after the step in hand.
        wait: how to rest; to be woken early by something else than `stop`.
        idle_s, idle_most_s: rests between polls that find nothing, doubling.
        trouble_most_s: longest rest after a step that failed; short where the step itself waits for
            its answer, so that what comes back is noticed within that time.
    """
    rest_s = idle_s
    trouble_s = FIRST_REST_S
    away: str | None = None
    while not stop.is_set():
        try:
            done = await step()
        except (BusUnavailable, StorageUnavailableError, OSError) as error:
            # Said once: an exchange may be away for weeks.
            if away != (away := type(error).__name__):
                logger.warning("%s waits: %s", name, away)
            trouble_s = await _back_off(stop, trouble_s, trouble_most_s)
        except Exception as error:  # noqa: BLE001 - the outermost loop records and re-schedules
            logger.error("%s failed: %s", name, trace_of(error))  # noqa: TRY400 - see the module
            trouble_s = await _back_off(stop, trouble_s, trouble_most_s)
        else:
            if away:
                logger.warning("%s goes on", name)
            away, trouble_s = None, FIRST_REST_S
            if done:
                rest_s = idle_s
                continue
            was_woken = await _rest(stop, rest_s, wait)
            rest_s = idle_s if was_woken else min(rest_s * 2, idle_most_s)


async def _back_off(stop: asyncio.Event, seconds: float, most_s: float) -> float:
    # Chance keeps a nation's nodes from coming back in step.
    await _rest(stop, seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, guards nothing
    return min(seconds * 2, most_s)


async def _rest(stop: asyncio.Event, seconds: float, wait: Wait | None = None) -> bool:
    """Rest until told to stop, woken, or the time is up; whether something woke it."""
    stopping = asyncio.ensure_future(stop.wait())
    resting = asyncio.ensure_future(wait(seconds) if wait else asyncio.sleep(seconds, False))
    try:
        await asyncio.wait({stopping, resting}, return_when=asyncio.FIRST_COMPLETED)
        return resting.done() and bool(resting.result())
    finally:
        for task in (stopping, resting):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
