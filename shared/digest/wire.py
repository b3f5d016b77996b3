"""What two nodes tell each other of what is between them: ids, numbers and hashes, nothing else."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.messages import Direction, Registry

KIND = "digest"
VERSION = 1
PURPOSE = "digest"
"""The standing conversation from each authority to each other."""
MOST_FLOWS = 500
"""Of each sort in one message: 500 of both are 170 kB, and a message may have 512 KiB."""

_SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Number = Annotated[int, Meta(ge=0, lt=2**31)]


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A flow of the digest's sender.

    Args:
        number: the highest that was given.
        answered: so far, without a hole, the other end's receipts and refusals are in.
        waiting_s: how long the oldest unanswered one has waited, by the sender's own clock; a span,
            so that nobody's clock is compared with another's.
        hash: over the content hashes of 1 to `number`.
    """

    conversation: UUID
    direction: Direction
    number: _Number
    answered: _Number
    waiting_s: Annotated[int, Meta(ge=0)]
    hash: _SHA256


class Applied(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A flow of the digest's receiver, as far as the sender has applied or refused it.

    Args:
        hash: over the content hashes of 1 to `number`.
    """

    conversation: UUID
    direction: Direction
    number: _Number
    hash: _SHA256


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is open between two authorities, or a part of it, as one of them sees it.

    Args:
        on: the sender's day.
        part, parts: a digest of more than `MOST_FLOWS` flows goes in several messages.
    """

    on: date
    part: Annotated[int, Meta(ge=1)]
    parts: Annotated[int, Meta(ge=1)]
    sent: Annotated[tuple[Sent, ...], Meta(max_length=MOST_FLOWS)]
    applied: Annotated[tuple[Applied, ...], Meta(max_length=MOST_FLOWS)]


def register(registry: Registry) -> None:
    """Make a registry read digests."""
    registry.register(KIND, VERSION, Digest)
