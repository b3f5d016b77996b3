"""What is shown of two simulated years, and what somebody with a solver makes of it.

Five years, where a period more is a hundred equations more: `tests/nightly/test_five_years.py`.
"""

import random
from dataclasses import replace

import pytest

from services.statistics.domain.disclosure_audit import InconsistentError
from services.statistics.domain.periods import HalfYear, Year
from services.statistics.domain.publication import publish
from services.statistics.domain.release import encode
from services.statistics.domain.table import ALL, Cell
from shared.errors import DomainError
from tests.support.attacker import Attacker
from tests.support.given_away import LIMITS, closest, given_away_by_a_pair, protected
from tests.support.simulated_tables import Nation

YEARS = range(2027, 2029)


def released(nation, years, *, with_complementary=True, of=None):
    found = []
    for year in years:
        for half in Year(year).halves:
            found.append(
                publish(
                    [each for each in nation.due_with(half) if of in {None, each.kind.series}],
                    found,
                    half_year=half,
                    contributors=288,
                    limits=LIMITS,
                    with_complementary=with_complementary,
                )
            )
    return found


def released_alone(tables, half, before=()):
    return publish(tables, before, half_year=half, contributors=288, limits=LIMITS)


@pytest.fixture(scope="module")
def nation():
    return Nation(1, YEARS)


@pytest.fixture(scope="module")
def secrets(nation):
    halves = [half for year in YEARS for half in Year(year).halves]
    return protected([table for half in halves for table in nation.due_with(half)])


@pytest.fixture(scope="module")
def two_years(nation):
    return released(nation, YEARS)


def test_nobody_bounds_a_protected_cell_closer_than_the_threshold(two_years, secrets):
    assert len(secrets) > 400
    assert not closest(Attacker(map(encode, two_years)), secrets)


def test_without_complementary_suppression_the_attacker_knows_hundreds(nation, secrets):
    bare = released(nation, YEARS, with_complementary=False)
    found = closest(Attacker(map(encode, bare)), secrets)
    exactly = [each for each, bound in found.items() if bound.width == 0]
    assert len(found) > 100
    assert len(exactly) > 50


def test_most_of_the_totals_and_something_of_the_breakdowns_is_seen(two_years):
    """A release that hides everything is safe, and of no use."""
    shown = {0: [], 1: [], 2: []}
    for release in two_years:
        for table in release.tables:
            for key, count in table.cells.items():
                if table.kind.partition(".")[0] in {"contacts", "admitted", "ongoing"}:
                    shown[sum(each != ALL for each in key)].append(count is not None)
    shares = {depth: sum(each) / len(each) for depth, each in shown.items()}
    assert shares[0] == 1
    assert shares[1] > 0.6
    assert shares[2] > 0.2


def test_no_figure_below_the_threshold_is_shown_but_a_total_of_none(two_years):
    for release in two_years:
        for table in release.tables:
            for key, count in table.cells.items():
                assert count is None or count >= 5 or (count == 0 and set(key) <= {ALL})


def test_medians_come_with_a_shown_number_of_ten_or_more(two_years):
    medians = [t for r in two_years for t in r.tables if t.median is not None]
    assert medians
    assert all(t.cells[(ALL,)] is not None and t.cells[(ALL,)] >= 10 for t in medians)


def test_what_is_shown_is_exact_and_the_order_of_the_tables_means_nothing():
    nation = Nation(1, range(2027, 2028), of={"admitted"})
    spring, autumn = Year(2027).halves
    before = [released_alone(nation.due_with(spring), spring)]
    tables = nation.due_with(autumn)
    first = released_alone(tables, autumn, before)
    exact = {each.id: each for each in tables}
    for table in first.tables:
        cells = exact[f"{table.kind}@{table.period}"].cells
        assert all(n is None or n == cells[key].persons for key, n in table.cells.items())
    random.Random(1).shuffle(tables)
    assert encode(released_alone(tables, autumn, before)) == encode(first)


def test_a_year_is_kept_back_when_it_would_tell_an_earlier_half():
    """Three received before summer were kept back; the year's total less the autumn's is those."""
    nation = Nation(5, range(2027, 2028))
    first, second = Year(2027).halves
    nation.events["received", first.id] = nation.events["received", first.id][:3]
    spring, autumn = released(nation, range(2027, 2028), of="received")
    assert spring.find("received.total", "2027H1").cells[()] is None
    in_autumn = autumn.find("received.total", second.id).cells[()]
    in_the_year = autumn.find("received", "2027").cells[()]
    assert None in (in_autumn, in_the_year)


def test_a_year_that_is_one_half_alone_is_kept_back_with_it():
    """Nothing was released of the spring: the year's few are the autumn's few."""
    nation = Nation(5, range(2027, 2028), of={"received"})
    autumn = Year(2027).halves[1]
    few = nation.events["received", autumn.id][:3]
    nation.events = {("received", autumn.id): few}
    release = released_alone(nation.due_with(autumn), autumn)
    assert release.find("received.total", autumn.id).cells[()] is None
    assert release.find("received", "2027").cells[()] is None


def test_a_released_table_is_never_released_again(nation, two_years):
    half = HalfYear(2028, 1)
    with pytest.raises(DomainError, match=r"statistics\.released_already"):
        released_alone(nation.due_with(half), half, two_years)


@pytest.mark.parametrize(
    ("wrong_in", "says"),
    [("ongoing.sex", "is two numbers"), ("ongoing.county_group", "is not the sum of its parts")],
)
def test_sums_that_do_not_add_up_stop_the_release(wrong_in, says):
    nation = Nation(1, range(2027, 2028), of={"ongoing"})
    spring, autumn = Year(2027).halves
    before = [released_alone(nation.due_with(spring), spring)]
    tables = nation.due_with(autumn)
    released_alone(tables, autumn, before)
    at = next(n for n, each in enumerate(tables) if each.kind.id == wrong_in)
    key = next(key for key in tables[at].cells if ALL not in key)
    tables[at] = replace(tables[at], cells={**tables[at].cells, key: Cell(90, 50, 50)})
    with pytest.raises(InconsistentError, match=says):
        released_alone(tables, autumn, before)


@pytest.mark.parametrize("seed", range(10))
def test_no_random_pair_of_tables_gives_a_protected_cell_away(seed):
    """Two tables that share a margin, of a nation of any size. A thousand of them at night."""
    assert not given_away_by_a_pair(seed)
