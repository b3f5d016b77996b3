"""Additive secret sharing modulo 2^64: two shares, each of which alone is pure chance.

A share is a packed vector, or a part of one. Whoever has one of a pair can work out nothing of the
sum, whatever else it knows: for every vector there is exactly one other share that fits, and all are
as likely (`PRIVACY.md`). Adding shares adds what they hide.
"""

from collections.abc import Iterable, Sequence
from struct import pack, unpack

from services.statistics.domain.vector import MODULUS

WORD_BYTES = 8


def split(values: Sequence[int], mask: bytes) -> tuple[bytes, bytes]:
    """The two shares.

    Args:
        mask: as many times eight bytes from the system's source of chance; used once, for this.

    Raises:
        ValueError: the mask is of another length.
    """
    if len(mask) != len(values) * WORD_BYTES:
        raise ValueError("the mask is not as long as the vector")
    drawn = _read(mask)
    rest = [(value - word) % MODULUS for value, word in zip(values, drawn, strict=True)]
    return mask, _write(rest)


def add(shares: Iterable[bytes]) -> bytes:
    """The sum of shares of equal length.

    Raises:
        ValueError: there are none, or their lengths differ.
    """
    read = [_read(share) for share in shares]
    if not read or len({len(words) for words in read}) != 1:
        raise ValueError("shares of equal length, at least one")
    return _write([sum(words) % MODULUS for words in zip(*read, strict=True)])


def pick(share: bytes, places: Sequence[int]) -> bytes:
    """The part of a share at these places."""
    words = _read(share)
    return _write([words[place] for place in places])


def total(first: bytes, second: bytes) -> tuple[int, ...]:
    """What two sums hide together."""
    return _read(add((first, second)))


def _read(packed: bytes) -> tuple[int, ...]:
    if len(packed) % WORD_BYTES:
        raise ValueError("a share is made of words of eight bytes")
    return unpack(f"<{len(packed) // WORD_BYTES}Q", packed)


def _write(words: Sequence[int]) -> bytes:
    return pack(f"<{len(words)}Q", *words)
