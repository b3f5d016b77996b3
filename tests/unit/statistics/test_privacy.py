"""What each body sees of two nations with equal totals is the same (PRIVACY.md says why).

The masks are chance. For each body there is a one-to-one way to exchange the masks that makes what
it sees of the one nation byte for byte what it sees of the other: whatever it could work out of the
one, it would work out of the other too, so it works out nothing but the totals.
"""

import random
from collections.abc import Callable, Mapping
from functools import cache

import msgspec
import pytest

from services.statistics import wire
from services.statistics.domain.sets import sets_of
from services.statistics.domain.shares import split, total
from services.statistics.domain.vector import (
    LAYOUT_ID,
    MODULUS,
    SIZE_BYTES,
    Happening,
    Vector,
    pack,
    tally,
    unpack,
)
from services.statistics.handlers.bodies import groups
from services.statistics.handlers.ordering import sums_of
from shared.ids import AuthorityCode, random_id

WHO = {"age": "21-25", "sex": "man", "group_type": "other", "channel": "phone", "threat": "LOW"}
CODES = [*groups()["10"], *groups()["13"]]
COLLUDING = CODES[8:10]
Masks = Mapping[AuthorityCode, bytes]
Nation = Mapping[AuthorityCode, Vector]


def of(contacts: int, completed: int = 0) -> Vector:
    many = [Happening("contacts", WHO)] * contacts + [Happening("completed", WHO)] * completed
    return tally(many)


ONE: Nation = dict(
    zip(CODES, [of(n, n % 3) for n in (1, 9, 0, 4, 4, 7, 2, 0, 5, 5, 1)], strict=True)
)
# Another nation: in each county group other municipalities have them. Totals, and how many are
# behind them, are the same; the two that collude have what they had.
OTHER: Nation = dict(
    zip(CODES, [of(n, n % 3) for n in (4, 0, 9, 4, 1, 1, 0, 7, 5, 5, 2)], strict=True)
)
SPLITS = {code: random_id() for code in CODES}


@cache
def masks() -> Masks:
    rng = random.Random(7)
    return {code: rng.randbytes(SIZE_BYTES) for code in CODES}


def views(nation: Nation, masks: Masks) -> dict[str, list[bytes]]:
    """Everything that each body receives or sends in a half-year, as bytes."""
    shares = {code: split(nation[code], masks[code]) for code in CODES}
    sets = sets_of(CODES, groups())
    order = wire.ReleaseOrder("2026H1", LAYOUT_ID, sets.nation, dict(sets.groups))
    listed = wire.ContributorsListed(
        "2026H1", tuple(wire.Contributor(code, SPLITS[code]) for code in CODES)
    )
    common = [msgspec.json.encode(each) for each in (wire.Closing("2026H1"), listed, listed, order)]
    sums = [
        sums_of(order, "jws", {code: pair[turn] for code, pair in shares.items()})
        for turn in (0, 1)
    ]
    seen = {
        name: [
            *(
                msgspec.json.encode(
                    wire.ShareSent("2026H1", LAYOUT_ID, SPLITS[code], shares[code][turn])
                )
                for code in CODES
            ),
            *common,
            msgspec.json.encode(sums[turn]),
        ]
        for turn, name in enumerate(("first", "second"))
    }
    told = [pack(nation[code]) + masks[code] for code in COLLUDING]
    found = {
        **seen,
        "first and two municipalities": [*seen["first"], *told],
        "second and two municipalities": [*seen["second"], *told],
        "coordinator": [*common, *(msgspec.json.encode(each) for each in sums)],
    }
    sizes = [len(each) for body in found.values() for each in body]
    return {**found, "operator": [str(sizes).encode()]}


def kept(masks: Masks) -> Masks:
    """The same masks: the first shares, and their sums, say nothing of the vectors."""
    return masks


def moved(masks: Masks) -> Masks:
    """Each mask moved by the difference of the two vectors: the second shares stay what they were."""
    return {
        code: pack(
            [
                (word + there - here) % MODULUS
                for word, here, there in zip(
                    unpack(masks[code]), ONE[code], OTHER[code], strict=True
                )
            ]
        )
        for code in CODES
    }


@pytest.mark.parametrize(
    ("body", "exchange"),
    [
        ("first", kept),
        ("first and two municipalities", kept),
        ("second", moved),
        ("second and two municipalities", moved),
        ("coordinator", kept),
        ("operator", kept),
    ],
)
def test_a_body_sees_of_two_nations_with_equal_totals_the_same(
    body: str, exchange: Callable[[Masks], Masks]
) -> None:
    assert seen_of_one()[body] == seen_of_other(exchange)[body]


@cache
def seen_of_one() -> dict[str, list[bytes]]:
    return views(ONE, masks())


@cache
def seen_of_other(exchange: Callable[[Masks], Masks]) -> dict[str, list[bytes]]:
    return views(OTHER, exchange(masks()))


def test_the_exchange_of_masks_is_one_to_one() -> None:
    """Undone by the opposite difference: as many chances lead to the one view as to the other."""
    back = {
        code: pack(
            [
                (word + here - there) % MODULUS
                for word, here, there in zip(
                    unpack(moved(masks())[code]), ONE[code], OTHER[code], strict=True
                )
            ]
        )
        for code in CODES
    }
    assert back == masks()


def test_the_two_nations_differ_in_what_must_not_be_seen_and_only_there() -> None:
    assert sum(ONE[code] != OTHER[code] for code in CODES) == 8
    for members in (CODES, groups()["10"], groups()["13"]):
        one, other = (
            [sum(c) for c in zip(*(n[m] for m in members), strict=True)] for n in (ONE, OTHER)
        )
        assert one == other
    assert all(ONE[code] == OTHER[code] for code in COLLUDING)


def test_both_collectors_together_see_everything() -> None:
    """So they must be different bodies."""
    seen = seen_of_one()
    first, second = (
        [msgspec.json.decode(each, type=wire.ShareSent).share for each in seen[name][: len(CODES)]]
        for name in ("first", "second")
    )
    assert [total(a, b) for a, b in zip(first, second, strict=True)] == [ONE[c] for c in CODES]


def test_a_nation_with_other_totals_looks_different_to_the_coordinator() -> None:
    more = {**ONE, CODES[0]: of(2)}
    assert seen_of_one()["coordinator"] != views(more, masks())["coordinator"]
