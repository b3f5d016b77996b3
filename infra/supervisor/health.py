"""Waiting for a server to say that it is well."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable

_STEP_S = 0.05


async def wait_until(
    check: Callable[[], Awaitable[bool]], timeout_s: float, *, every_s: float = _STEP_S
) -> bool:
    """Ask again and again until the answer is yes; False when the time is out."""
    try:
        async with asyncio.timeout(timeout_s):
            while not await check():  # noqa: ASYNC110 - another process tells nobody when it is ready
                await asyncio.sleep(every_s)
    except TimeoutError:
        return False
    return True


async def answers_ok(url: str, timeout_s: float = 2.0) -> bool:
    """Whether this loopback address answers 200."""
    return await asyncio.to_thread(_answers_ok, url, timeout_s)


def _answers_ok(url: str, timeout_s: float) -> bool:
    # No proxy from the environment: what we ask is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout_s) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
