from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.statistics.domain.sets import (
    SMALLEST_SET,
    Sets,
    check_no_difference,
    check_sets,
    county_groups,
    group_of,
    sets_of,
)
from services.statistics.domain.shares import add, pick, split, total
from shared.errors import DomainError
from shared.ids import AuthorityCode
from shared.policy.municipality import municipality_register

_MODULUS = 2**64


@cache
def groups() -> dict[str, tuple[AuthorityCode, ...]]:
    return county_groups({code: m.county_code for code, m in municipality_register().items()})


def everybody() -> list[AuthorityCode]:
    return sorted(municipality_register())


# -- shares ----------------------------------------------------------------------------------------
words = st.lists(st.integers(0, _MODULUS - 1), min_size=3, max_size=3)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(words, st.binary(min_size=24, max_size=24)), min_size=1, max_size=6))
def test_the_two_sums_together_are_the_sum_of_what_was_split(drawn: list) -> None:
    pairs = [split(values, mask) for values, mask in drawn]
    first, second = add(a for a, _ in pairs), add(b for _, b in pairs)
    wanted = [sum(column) % _MODULUS for column in zip(*(v for v, _ in drawn), strict=True)]
    assert list(total(first, second)) == wanted


@settings(max_examples=15, deadline=None)
@given(words, words, st.binary(min_size=24, max_size=24))
def test_whatever_share_a_collector_holds_fits_every_vector(
    one: list[int], other: list[int], mask: bytes
) -> None:
    """For each of the two collectors: another mask makes the same share out of another vector."""
    first, second = split(one, mask)
    assert split(other, first)[0] == first
    shift = [(b - a) % _MODULUS for a, b in zip(one, other, strict=True)]
    moved = b"".join(
        ((int.from_bytes(mask[8 * i : 8 * i + 8], "little") + shift[i]) % _MODULUS).to_bytes(
            8, "little"
        )
        for i in range(3)
    )
    assert split(other, moved)[1] == second


def test_a_mask_of_another_length_splits_nothing() -> None:
    with pytest.raises(ValueError, match="mask"):
        split([1, 2], bytes(8))
    with pytest.raises(ValueError, match="equal length"):
        add([bytes(8), bytes(16)])
    with pytest.raises(ValueError, match="equal length"):
        add([])
    with pytest.raises(ValueError, match="eight bytes"):
        add([bytes(7)])


def test_a_part_of_the_sum_is_the_sum_of_the_parts() -> None:
    a, b = split([5, 6, 7], bytes(range(24)))
    assert total(pick(a, [2, 0]), pick(b, [2, 0])) == (7, 5)


# -- sets ------------------------------------------------------------------------------------------
def test_gotland_goes_with_stockholm_and_every_group_has_at_least_five() -> None:
    assert len(groups()) == 20
    assert AuthorityCode("0980") in groups()["01"]
    assert group_of("09") == "01"
    assert min(len(members) for members in groups().values()) >= SMALLEST_SET
    assert sum(len(members) for members in groups().values()) == 290


def test_a_county_of_four_with_nobody_to_go_with_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 5"):
        county_groups(dict.fromkeys([AuthorityCode("0180"), AuthorityCode("0181")], "01"))


def test_all_290_make_20_groups_and_no_rest() -> None:
    sets = sets_of(everybody(), groups())
    assert len(sets.nation) == 290
    assert len(sets.groups) == 20
    assert sets.rest == ()


def test_fewer_than_five_make_no_sum() -> None:
    with pytest.raises(DomainError, match="too_few"):
        sets_of(everybody()[:4], groups())


def test_a_group_that_lost_one_below_five_takes_another_group_into_the_rest() -> None:
    """Blekinge has five: without one of them its four would be the nation less all the others."""
    blekinge = groups()["10"]
    sets = sets_of([code for code in everybody() if code != blekinge[0]], groups())
    assert "10" not in sets.groups
    assert "13" not in sets.groups  # Halland, six: the smallest that was left
    assert set(sets.rest) == {*blekinge[1:], *groups()["13"]}


subsets = st.lists(st.sampled_from(sorted(municipality_register())), unique=True, min_size=5)


@settings(max_examples=25, deadline=None)
@given(subsets)
def test_no_two_sums_of_any_half_year_differ_by_fewer_than_five(contributors: list) -> None:
    sets = sets_of(contributors, groups())
    check_no_difference([sets.nation, *sets.groups.values()])
    assert all(len(members) >= SMALLEST_SET for members in sets.groups.values())
    assert len(sets.rest) == 0 or len(sets.rest) >= SMALLEST_SET
    members = [code for group in sets.groups.values() for code in group] + list(sets.rest)
    assert sorted(members) == list(sets.nation)


def test_two_county_sums_that_differ_by_one_municipality_are_refused() -> None:
    skane = groups()["12"]
    with pytest.raises(DomainError, match="sets_differ_by_few"):
        check_no_difference([skane, skane[1:]])
    with pytest.raises(DomainError, match="sets_differ_by_few"):
        check_no_difference([everybody(), everybody()[1:]])
    check_no_difference([skane, skane])


def test_an_order_names_what_follows_from_the_lists_and_nothing_else() -> None:
    wanted = sets_of(everybody(), groups())
    check_sets(sets_of(reversed(everybody()), groups()), wanted)
    for changed in (
        sets_of(everybody()[1:], groups()),
        Sets(wanted.nation, {**wanted.groups, "12": wanted.groups["12"][1:]}),
        Sets(wanted.nation, {}),
    ):
        with pytest.raises(DomainError, match="set_not_fixed"):
            check_sets(changed, wanted)
