"""What authorities tell each other about their logs: a signed place in the chain, nothing else."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.messages import Registry

KIND = "checkpoint"
VERSION = 1
PURPOSE = "checkpoint"
"""The standing conversation from each authority to each of its witnesses."""

_Code = Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
_SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Place = Annotated[int, Meta(ge=1)]
_Moment = Annotated[datetime, Meta(tz=True)]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed: how far an authority's log has come, and from where.

    Args:
        previous_number, previous_hash: the checkpoint before; None for the first.
    """

    authority: _Code
    number: _Place
    hash: _SHA256
    previous_number: _Place | None
    previous_hash: _SHA256 | None
    signed_at: _Moment


class CheckpointSigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint to be kept by a witness.

    Args:
        jws: a `Statement` under the authority's signing key; proof by itself, without the message.
    """

    jws: Annotated[str, Meta(max_length=4000)]


def register(registry: Registry) -> None:
    """Make a registry read what this service sends."""
    registry.register(KIND, VERSION, CheckpointSigned)
