"""Where the operator's post meets the real exchange."""

import asyncio
import json
from pathlib import Path

from infra.ports import LOOPBACK
from infra.post import Delivered, Post
from infra.supervisor.state import State
from services.directory.api import Directory
from shared.bus import BusUnavailable, MemoryExchange
from shared.bus.nats import NatsBus
from shared.clock import SystemClock
from shared.ids import OPERATOR, AuthorityCode


def send(state: Path, wait_s: float, exchange: str | None = None) -> list[Delivered] | None:
    """Send the list in force to whoever lacks it; None where the exchange does not answer.

    Args:
        exchange: its address; this system's own where None.
    """
    place = State.of(state)
    address = exchange or _own_exchange(place)
    if address is None or not place.seed(OPERATOR).exists():
        return None
    return asyncio.run(_send(place, address, wait_s))


async def _send(place: State, address: str, wait_s: float) -> list[Delivered] | None:
    bus = await NatsBus.connect([address], place.seed(OPERATOR), OPERATOR)
    try:
        return await Post(place.folder, bus, SystemClock()).deliver(wait_s)
    except BusUnavailable:
        return None
    finally:
        await bus.close()


def confirmed(state: Path, directory: Directory) -> dict[AuthorityCode, int]:
    """Which list each authority has receipted; without asking anybody."""
    post = Post(state, MemoryExchange().bus(OPERATOR), SystemClock())
    books = {code: post.book(code).confirmed for code in directory.entries}
    return {code: version for code, version in books.items() if version}


def _own_exchange(place: State) -> str | None:
    try:
        return f"nats://{LOOPBACK}:{json.loads(place.ports.read_text())['nats']}"
    except (OSError, ValueError, KeyError):
        return None
