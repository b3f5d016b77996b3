"""Which cells may not be seen for what they are; the solver's part is tested with the attacker."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.statistics.domain.disclosure import (
    Cell,
    Relation,
    Thresholds,
    median_weeks,
    sensitive,
)
from services.statistics.domain.indicators import SERIES
from services.statistics.domain.release import (
    Release,
    ShownTable,
    contributor_band,
    decode,
    encode,
    encode_kept,
)

LIMITS = Thresholds()


def kept(total, *parts, municipalities=None):
    """The parts of one margin that are sensitive, by their place; each is (count, municipalities)."""
    whole = Cell("all", total, municipalities or total, is_total=True)
    cells = {at: Cell(at, count, towns) for at, (count, towns) in enumerate(parts)}
    margin = Relation(("all",), tuple(cells))
    return sensitive({"all": whole, **cells}, [margin], LIMITS)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_a_cell_of_fewer_than_five_is_sensitive(count):
    assert kept(40 + count, (count, count), (20, 9), (20, 9)) == {0}


def test_five_from_three_municipalities_may_be_seen():
    assert kept(45, (5, 3), (20, 9), (20, 9)) == set()


def test_many_persons_of_two_municipalities_are_sensitive():
    assert kept(240, (200, 2), (20, 9), (20, 9)) == {0}


@pytest.mark.parametrize(("rest", "is_kept"), [(0, True), (4, True), (5, False)])
def test_what_leaves_fewer_than_five_beside_it_is_sensitive_too(rest, is_kept):
    assert (0 in kept(40 + rest, (40, 12), (rest, 3), municipalities=15)) is is_kept


def test_what_leaves_two_municipalities_beside_it_is_sensitive_too():
    assert 0 in kept(60, (40, 12), (20, 2), municipalities=13)


def test_only_a_whole_tables_total_may_be_none():
    assert kept(0, (0, 0), (0, 0)) == set()
    assert 1 in kept(30, (30, 9), (0, 0))


def test_the_same_figure_under_another_name_leaves_nothing_over():
    cells = {each: Cell(each, 60, 30, is_total=True) for each in ("completed", "by reason")}
    assert not sensitive(cells, [Relation(("completed",), ("by reason",))], LIMITS)


def test_a_total_of_a_few_is_sensitive():
    assert "all" in kept(3, (3, 3), (0, 0))


def test_what_only_follows_is_judged_by_its_persons_alone():
    cells = {
        "contacts": Cell("contacts", 300, 90, is_total=True),
        "identified": Cell("identified", 297, 90, is_total=True),
        "not": Cell("not", 3, None, is_shown=False),
    }
    margin = Relation(("contacts",), ("identified", "not"))
    assert sensitive(cells, [margin], LIMITS) == {"identified", "not"}


@pytest.mark.parametrize(
    ("weeks", "median"),
    [((5, 4), None), ((0, 9, 1), 1), ((5, 5), 0), ((4, 1, 0, 6), 3), ((0, 0, 10), 2)],
)
def test_a_median_is_of_ten_or_more_and_in_whole_weeks(weeks, median):
    assert median_weeks(weeks, LIMITS) == median


@given(st.lists(st.integers(0, 50), min_size=1, max_size=53))
def test_no_more_than_half_wait_less_and_no_more_than_half_wait_longer(weeks):
    median = median_weeks(weeks, LIMITS)
    if median is None:
        assert sum(weeks) < 10
    else:
        assert 2 * sum(weeks[:median]) <= sum(weeks)
        assert 2 * sum(weeks[median + 1 :]) <= sum(weeks)


def test_the_nations_breakdowns_hang_together_as_a_tree():
    """Three tables in a ring bound each other beyond their margins; the audit reckons with none."""
    for series in SERIES:
        leader = {each: each for pair in series.breakdowns for each in pair}

        def root(each, leader=leader):
            return each if leader[each] == each else root(leader[each])

        for pair in series.breakdowns:
            for one, two in itertools.pairwise(pair):
                assert root(one) != root(two), f"{series.id}: {pair} closes a ring"
                leader[root(one)] = root(two)


@pytest.mark.parametrize("contributors", range(280, 291))
def test_one_municipality_more_is_seen_only_when_it_opens_a_new_step(contributors):
    low, high = contributor_band(contributors)
    assert low <= contributors <= high
    assert high - low == 4
    assert low % 5 == 0


def test_a_release_is_read_back_as_it_was_signed_and_as_it_was_kept():
    table = ShownTable(kind="weeks_to_threat.weeks", period="2027", cells={("*",): 41}, median=3)
    release = Release(
        half_year="2027H2",
        contributors=(285, 289),
        tables=(table,),
        sensitive=(("admitted", "2027", (("age", "0-17"),)),),
    )
    assert decode(encode(release), encode_kept(release)) == release
    assert decode(encode(release)).sensitive == ()
    assert decode(encode(release)).tables == (table,)


def test_what_is_signed_says_neither_which_cells_were_small_nor_how_many_contributed():
    table = ShownTable(kind="contacts.total", period="2027H1", cells={(): 412})
    release = Release(
        half_year="2027H1",
        contributors=contributor_band(288),
        tables=(table,),
        sensitive=(("identified", "2027H1", ()),),
        implied=(("contacts-identified", "2027H1", ()),),
    )
    signed = msgspec.json.decode(encode(release))
    assert signed["tables"][0]["cells"] == [[412]]
    assert signed["contributors"] == [285, 289]
    assert not {"sensitive", "implied"} & signed.keys()
