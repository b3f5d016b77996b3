"""The kernel's own kinds: unnumbered, answered by nothing, sent again on demand.

The message they are about is `refers_to` in their header; they belong to its conversation.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.errors import Fact
from shared.messages.envelope import Direction
from shared.messages.registry import Registry

_SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_ErrorCode = Annotated[str, Meta(pattern=r"\A[a-z_]+(\.[a-z_]+)+\Z", max_length=80)]
_FactName = Annotated[str, Meta(max_length=40)]
_Number = Annotated[int, Meta(ge=1, lt=2**31)]
_Moment = Annotated[datetime, Meta(tz=True)]


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Committed here, and done as the message asks: this is what "delivered" means.

    Args:
        outcome: always `applied`; what was not is a `Refusal`.
        content_hash: of the message, so that the receipt vouches for what was read.
        applied_at: the receiver's wall clock at its commit; stays when the receipt is signed anew.
    """

    outcome: Literal["applied"]
    content_hash: _SHA256
    applied_at: _Moment


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Read, and against a rule here: the number is used up, nothing was changed.

    Args:
        code: a `DomainError`'s, or `wire.unknown_version` and its like.
        facts: what its text needs; never personal data.
    """

    code: _ErrorCode
    facts: Annotated[dict[_FactName, Fact], Meta(max_length=16)]
    content_hash: _SHA256
    refused_at: _Moment


class Missing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """These numbers have not come; send them again.

    Args:
        direction: of the numbers asked for, so the opposite of this message's own.
        from_number, to_number: both included.
    """

    direction: Direction
    from_number: _Number
    to_number: _Number


class ResignWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something under your name could not be opened or believed; sign and seal it anew.

    Args:
        message_id: what the frame claimed to be; None when not even that could be read.
        code: of the `WireError`.
    """

    message_id: UUID | None
    code: _ErrorCode


class AttachmentReceived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every chunk has come and the whole matches the manifest."""

    attachment_id: UUID
    sha256: _SHA256
    received_at: _Moment


class AttachmentMissing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """These chunks have not come; send them again.

    Args:
        chunks: numbers from 0; at most 100 make the largest attachment (25 MiB by 256 KiB).
    """

    attachment_id: UUID
    chunks: Annotated[
        tuple[Annotated[int, Meta(ge=0, lt=100)], ...], Meta(min_length=1, max_length=100)
    ]


KERNEL_KINDS: dict[str, type[msgspec.Struct]] = {
    "receipt": Receipt,
    "refusal": Refusal,
    "missing": Missing,
    "resign_wanted": ResignWanted,
    "attachment_received": AttachmentReceived,
    "attachment_missing": AttachmentMissing,
}


def register_kernel_kinds(registry: Registry) -> None:
    """Make a registry read the kernel's kinds, version 1."""
    for kind, body_type in KERNEL_KINDS.items():
        registry.register(kind, 1, body_type)
