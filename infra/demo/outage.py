"""The exchange stands still for a while, in a demo: what is sent meanwhile comes late, and twice."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.demo.caller import Caller, Cast, StoryError
from infra.supervisor.system import System

TRIED_TWICE_WITHIN_S = 40.0
"""The first publishing waits 5 s for its answer, and the second comes 5 s after it was claimed."""
_ON_ITS_WAY_S = 0.2


@contextmanager
def exchange_stands_still(folder: Path) -> Iterator[None]:
    """Stop the NATS server where it stands and let it go on at the end; nothing of it is lost.

    The supervisor sees that it does not answer, and does nothing about it: it has not ended.
    """
    server = System(folder).status().process("nats").pid
    if server is None:
        raise StoryError("utbytet körs inte")
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


async def tried_twice(cast: Cast, *codes: str) -> None:
    """Wait until each of these nodes has put what waits on the wire twice.

    Raises:
        StoryError: it has not, in the time that two tries take.
    """
    limit = time.monotonic() + TRIED_TWICE_WITHIN_S
    for monitor in [cast.at(code, "administrator") for code in codes]:
        while await _tries(monitor) < 2:
            if time.monotonic() > limit:
                raise StoryError("inget skickades två gånger")
            await asyncio.sleep(0.1)
    await asyncio.sleep(_ON_ITS_WAY_S)  # claimed is a moment before written


async def _tries(monitor: Caller) -> int:
    waiting = await monitor.get("/undelivered")
    return min((each["most_attempts"] for each in waiting["items"]), default=0)
