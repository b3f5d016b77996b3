"""A municipality's units side by side: what is shown betrays no small figure, in any half-year."""

import pytest

from services.statistics.domain.disclosure import Relation, Thresholds
from services.statistics.domain.disclosure_audit import exposures
from services.statistics.domain.own import (
    OWN_COUNTS,
    OWN_WAITS,
    UnitFigures,
    figures_of,
    side_by_side,
)
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.vector import Happening

FIRST, SECOND = HalfYear(2026, 1), HalfYear(2026, 2)
LIMITS = Thresholds()


def unit(name, **counts):
    zeros = dict.fromkeys((*OWN_COUNTS, *OWN_WAITS), 0)
    return UnitFigures(name, zeros | counts, {series: [0] * 53 for series in OWN_WAITS})


NOW = [
    unit("centrum", contacts=22, ended=9, completed=7, ongoing=30),
    unit("nordost", contacts=3, ended=6, completed=2, ongoing=12),
    unit("hisingen", contacts=14, ongoing=8),
]
LATER = [
    unit("centrum", contacts=12, ended=10, completed=8, ongoing=32),
    unit("nordost", contacts=9, ended=6, completed=1, ongoing=15),
    unit("hisingen", contacts=14, ended=7, completed=7, ongoing=15),
]


def exposed(*halves):
    """What an attacker who has read every half-year bounds closer than the threshold."""
    shown = {
        (each.shown.half_year, series, name): count
        for each in halves
        for series, name, count in each.shown.cells
        if count is not None
    }
    relations = [Relation(*one) for each in halves for one in each.kept.relations]
    protected = {name for each in halves for name in each.kept.sensitive}
    return {each.key for each in exposures(relations, shown, protected, LIMITS.width)}


def test_a_small_figure_is_kept_back_with_another_that_it_could_be_reckoned_from():
    made = side_by_side(FIRST, NOW, [], [], LIMITS)
    row = [made.shown.count("contacts", name) for name in ("centrum", "nordost", "hisingen", "*")]
    assert row == [22, None, None, 39]
    assert exposed(made) == set()


def test_without_complementary_suppression_the_attacker_has_it():
    made = side_by_side(FIRST, NOW, [], [], LIMITS, with_complementary=False)
    assert (FIRST.id, "contacts", "nordost") in exposed(made)


def test_a_half_year_after_another_betrays_neither():
    first = side_by_side(FIRST, NOW, [], [], LIMITS)
    second = side_by_side(SECOND, LATER, NOW, [first], LIMITS)
    assert any(len(left) == 2 for left, _ in second.kept.relations)  # what flows is reckoned with
    assert exposed(first, second) == set()


def test_a_municipality_without_units_has_totals_and_small_ones_are_kept_back():
    made = side_by_side(FIRST, [unit("", contacts=14, admitted=4, ongoing=9)], [], [], LIMITS)
    assert made.shown.units == ()
    assert [made.shown.count(s, "*") for s in ("contacts", "admitted", "ended")] == [14, None, 0]


@pytest.mark.parametrize(("count", "median"), [(9, None), (10, 3)])
def test_fewer_than_ten_waits_have_no_median(count, median):
    made = figures_of("", [Happening("weeks_to_threat", {"weeks": "3"})] * count)
    assert made.counts["weeks_to_threat"] == count
    assert made.median("weeks_to_threat", LIMITS) == median
