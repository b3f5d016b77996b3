"""An order, read and held against the two lists; and the sums that answer it."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from services.statistics import wire
from services.statistics.domain.sets import Sets, check_no_difference, check_sets, sets_of
from services.statistics.domain.shares import add, pick
from services.statistics.domain.vector import LAYOUT_ID, REGIONAL
from services.statistics.handlers.bodies import groups
from shared.crypto import KeyDirectory, key_id_of
from shared.errors import WireError
from shared.ids import AuthorityCode


def sums_of(
    order: wire.ReleaseOrder, jws: str, shares: Mapping[AuthorityCode, bytes]
) -> wire.SumsSent:
    """The sums over exactly the ordered sets; of county groups only the regional totals."""
    return wire.SumsSent(
        half_year=order.half_year,
        order_sha256=hashlib.sha256(jws.encode()).hexdigest(),
        nation=add(shares[AuthorityCode(code)] for code in order.nation),
        groups={
            group: add(pick(shares[AuthorityCode(code)], REGIONAL) for code in members)
            for group, members in order.groups.items()
        },
    )


def read_order(jws: str, coordinator: AuthorityCode, directory: KeyDirectory) -> wire.ReleaseOrder:
    """An order that the coordinator signed.

    Raises:
        WireError: `wire.order` and what verifying raises.
    """
    payload = directory.signing_key(coordinator, key_id_of(jws)).verify(jws)
    try:
        order = msgspec.json.decode(payload, type=wire.ReleaseOrder)
    except msgspec.DecodeError as error:
        raise WireError("wire.order") from error
    if order.layout != LAYOUT_ID:
        raise WireError("wire.order")
    return order


def check_order(
    order: wire.ReleaseOrder, ours: Mapping[AuthorityCode, UUID], theirs: Mapping[str, str]
) -> None:
    """Raise unless the order names just what follows from the two collectors' lists.

    Raises:
        DomainError: `statistics.set_not_fixed`, `statistics.sets_differ_by_few`,
            `statistics.too_few`.
    """
    both = in_both({code: str(split_id) for code, split_id in ours.items()}, theirs)
    named = Sets(_codes(order.nation), {g: _codes(m) for g, m in order.groups.items()})
    check_no_difference([named.nation, *named.groups.values()])
    check_sets(named, sets_of(both, groups()))


def in_both(one: Mapping[str, str], other: Mapping[str, str]) -> list[AuthorityCode]:
    """Whose two shares, of one split, the collectors hold."""
    return [AuthorityCode(code) for code, split in one.items() if other.get(code) == split]


def _codes(codes: Sequence[str]) -> tuple[AuthorityCode, ...]:
    return tuple(AuthorityCode(code) for code in codes)
