from datetime import date

import pytest

from services.statistics.domain.indicators import BY_ID, DIMENSIONS, SERIES, Series
from services.statistics.domain.periods import HalfYear, Year, half_year, half_year_of, period
from services.statistics.domain.table import ALL, KINDS, Cell, Table


def test_every_indicator_of_the_design_has_a_series() -> None:
    assert {each.indicator for each in SERIES} == {f"I{number}" for number in range(1, 19)}


def test_no_table_has_more_than_two_dimensions_and_none_by_county_has_any_besides() -> None:
    assert all(len(kind.dimensions) <= 2 for kind in KINDS)
    by_county = [kind for kind in KINDS if "county_group" in kind.dimensions]
    assert by_county
    assert all(kind.dimensions == ("county_group",) and kind.is_yearly for kind in by_county)
    assert all(BY_ID[kind.series].is_regional for kind in by_county)


def test_every_table_and_every_series_has_an_id_of_its_own() -> None:
    assert len({kind.id for kind in KINDS}) == len(KINDS)
    assert len(BY_ID) == len(SERIES)


def test_categories_are_distinct_and_none_is_the_margin() -> None:
    for categories in DIMENSIONS.values():
        assert len(set(categories)) == len(categories)
        assert ALL not in categories


def test_a_table_names_its_kind_and_period_and_knows_its_total() -> None:
    kind = next(kind for kind in KINDS if kind.id == "contacts.sex")
    cells = {("woman",): Cell(3, 2, 4), ("man",): Cell(7, 3, 2), (ALL,): Cell(10, 4, 0)}
    table = Table(kind, Year(2026), cells)
    assert table.id == "contacts.sex@2026"
    assert table.total == Cell(10, 4, 0)


def test_a_half_year_is_counted_fifteen_and_closed_thirty_days_after_its_last_day() -> None:
    first = HalfYear(2026, 1)
    assert (first.first_day, first.last_day) == (date(2026, 1, 1), date(2026, 6, 30))
    assert (first.counted_on, first.closed_on) == (date(2026, 7, 15), date(2026, 7, 30))
    assert first.following == HalfYear(2026, 2)
    assert first.following.following.previous == HalfYear(2026, 2)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)])
def test_a_day_belongs_to_the_half_year_that_holds_it(day: date) -> None:
    found = half_year_of(day)
    assert found.first_day <= day <= found.last_day


def test_a_period_is_read_as_it_is_written() -> None:
    assert period("2026") == Year(2026)
    assert period("2026H2") == HalfYear(2026, 2)
    assert Year(2026).halves == (HalfYear(2026, 1), HalfYear(2026, 2))


@pytest.mark.parametrize("text", ["2026H3", "26H1", "2026h1", "", "2026H1 ", "２０２６H1"])
def test_what_is_no_half_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="half-year"):
        half_year(text)


def test_a_series_with_three_dimensions_cannot_be_defined(monkeypatch: pytest.MonkeyPatch) -> None:
    from services.statistics.domain import indicators

    bad = Series("x", "I1", "event", "x", (("age", "sex", "threat"),))
    monkeypatch.setattr(indicators, "SERIES", (bad,))
    with pytest.raises(ValueError, match="two different dimensions"):
        indicators._by_id()
    monkeypatch.setattr(indicators, "SERIES", (SERIES[0], SERIES[0]))
    with pytest.raises(ValueError, match="same id"):
        indicators._by_id()
