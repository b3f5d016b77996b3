"""What crosses between authorities for the national statistics.

Everything travels in the standing conversation `statistics` of each pair and way: numbered, signed,
sealed to the receiver, receipted. Nothing here is about a person, and no message but `SumsSent`
holds anything but chance and who took part.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.messages import Registry

SHARE = "statistics_share"
CLOSING = "statistics_closing"
CONTRIBUTORS = "statistics_contributors"
ORDER = "statistics_order"
SUMS = "statistics_sums"
SETTLED = "statistics_settled"
VERSION = 1
PURPOSE = "statistics"
"""The standing conversation from each authority to each other."""

_HalfYear = Annotated[str, Meta(pattern=r"\A20[0-9]{2}H[12]\Z")]
_Code = Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
_Group = Annotated[str, Meta(pattern=r"\A[0-9]{2}\Z")]
_SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Words = Annotated[bytes, Meta(max_length=200_000)]
_Codes = Annotated[tuple[_Code, ...], Meta(max_length=400)]


class ShareSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A municipality's share of one half-year, for one collector.

    Args:
        layout: what it was counted by.
        split_id: drawn at random with the mask; the same in both shares of a pair, so that shares
            of two different splits are never added.
        share: eight bytes a number.
    """

    half_year: _HalfYear
    layout: _SHA256
    split_id: UUID
    share: _Words


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The coordinator: nothing more is taken for this half-year; tell who has contributed."""

    half_year: _HalfYear


class Contributor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One whose share a collector holds."""

    authority: _Code
    split_id: UUID


class ContributorsListed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A collector, to the other and to the coordinator: whose shares it holds, frozen."""

    half_year: _HalfYear
    contributors: Annotated[tuple[Contributor, ...], Meta(max_length=400)]


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the coordinator signs, once: over whom is added.

    Args:
        nation: sorted.
        groups: of each county group that has a sum of its own; sorted.
    """

    half_year: _HalfYear
    layout: _SHA256
    nation: _Codes
    groups: dict[_Group, _Codes]


class OrderGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The order as it is signed; proof by itself, without the message.

    Args:
        jws: a `ReleaseOrder` under the coordinator's signing key.
    """

    jws: Annotated[str, Meta(max_length=60_000)]


class SumsSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A collector's sums of the shares that the order names; chance without the other's.

    Args:
        order_sha256: of the order's `jws`.
        nation: all numbers of the layout.
        groups: the regional numbers of each county group that the order names.
    """

    half_year: _HalfYear
    order_sha256: _SHA256
    nation: _Words
    groups: dict[_Group, _Words]


class Settled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The coordinator, to each municipality: whether its half-year is in the nation's.

    Args:
        is_counted: where not, the same events belong to its next half-year.
    """

    half_year: _HalfYear
    is_counted: bool


KINDS: dict[str, type[msgspec.Struct]] = {
    SHARE: ShareSent,
    CLOSING: Closing,
    CONTRIBUTORS: ContributorsListed,
    ORDER: OrderGiven,
    SUMS: SumsSent,
    SETTLED: Settled,
}


def register(registry: Registry) -> None:
    """Make a registry read what this service sends."""
    for kind, body in KINDS.items():
        registry.register(kind, VERSION, body)
