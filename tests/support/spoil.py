"""Spoils what the exchange keeps on disk while it is down: bits flip, tails are cut, blocks vanish."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

How = Literal["flip", "cut", "delete"]


@dataclass(frozen=True)
class Place:
    """What is done to a stream's message files, and where.

    Args:
        at: how far into all of its bytes together, from 0 (the oldest) to 1.
    """

    how: How
    at: float

    def __str__(self) -> str:
        return f"{self.how}-{self.at:.2f}"


SHORT = (
    Place("flip", 0.0),  # in a record's length: the server may never get ready with such a store
    Place("flip", 0.52),
    Place("flip", 0.97),
    Place("cut", 0.6),
    Place("delete", 0.0),
)
"""The five of `./utvag test`: R6."""


def twenty() -> Iterator[Place]:
    """The twenty of `./utvag test nightly`: with more messages these are other bytes."""
    yield from (Place("flip", at / 10) for at in range(10))
    yield from (Place("cut", at) for at in (0.0, 0.2, 0.4, 0.6, 0.8, 0.99))
    yield from (Place("delete", at) for at in (0.0, 0.4, 0.7, 0.99))


def spoil(store: Path, stream: str, place: Place) -> int:
    """Do it; how many bytes are others, or gone. At least one.

    Args:
        store: JetStream's folder, the server stopped.
    """
    blocks = sorted(store.rglob(f"streams/{stream}/msgs/*.blk"), key=lambda one: int(one.stem))
    sizes = [block.stat().st_size for block in blocks]
    target = min(int(place.at * sum(sizes)), sum(sizes) - 1)
    for block, size in zip(blocks, sizes, strict=True):
        if target < size:
            return _spoil(block, place.how, target)
        target -= size
    raise AssertionError("the stream holds nothing to spoil")


def _spoil(block: Path, how: How, at: int) -> int:
    content = bytearray(block.read_bytes())
    if how == "delete":
        block.unlink()
        return len(content)
    if how == "cut":
        block.write_bytes(content[:at])
        return len(content) - at
    content[at] ^= 0b0001_0000
    block.write_bytes(content)
    return 1
