"""From released sums to exact tables: nothing is chosen here, and nothing is shown yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from services.statistics.domain.indicators import BY_ID, DimensionId
from services.statistics.domain.periods import HalfYear, Year
from services.statistics.domain.table import (
    ALL,
    KINDS,
    REST,
    Cell,
    Key,
    Table,
    TableDimension,
    TableKind,
    categories,
)
from services.statistics.domain.vector import LAYOUT, PLACE, REGIONAL, Measure, Slot


@dataclass(frozen=True, slots=True)
class Totals:
    """What one half-year came to.

    Args:
        nation: in the layout's order.
        groups: of each county group that has a sum, in the order of `REGIONAL`.
        municipalities: in the nation's set.
        has_rest: whether any of them is in no group with a sum.
    """

    half_year: HalfYear
    nation: Sequence[int]
    groups: Mapping[str, Sequence[int]]
    municipalities: int
    has_rest: bool


def tables_due(now: Totals, before: Totals | None) -> tuple[Table, ...]:
    """Every table that is made when a half-year is released.

    Args:
        before: the half-year's before, if it was released. A year whose first half was not has
            those events in its second: they were counted there.
    """
    half = now.half_year
    found = [Table(kind, half, _cells(kind, [now])) for kind in KINDS if not kind.is_yearly]
    if half.half == 2:
        is_first_in = before is not None and before.half_year == half.previous
        halves = [before, now] if before is not None and is_first_in else [now]
        year = Year(half.year)
        found += [Table(kind, year, _yearly(kind, halves)) for kind in KINDS if kind.is_yearly]
    return tuple(found)


def _yearly(kind: TableKind, halves: Sequence[Totals]) -> dict[Key, Cell]:
    counted = halves[-1:] if BY_ID[kind.series].rule == "stock" else halves
    if kind.dimensions == ("county_group",):
        return _county_cells(kind, counted)
    return _cells(kind, counted)


def _cells(kind: TableKind, halves: Sequence[Totals]) -> dict[Key, Cell]:
    choices = [(*categories(each), ALL) for each in kind.dimensions]
    return {
        key: _together([_cell(kind, each.nation, key) for each in halves])
        for key in product(*choices)
    }


def _cell(kind: TableKind, values: Sequence[int], key: Key) -> Cell:
    dimensions, narrowed = _narrowed(kind.dimensions, key)

    def at(measure: Measure) -> int:
        return values[PLACE[Slot(kind.series, dimensions, narrowed, measure)]]

    return Cell(at("persons"), at("contributors"), at("others") if dimensions else 0)


def _narrowed(
    dimensions: Sequence[TableDimension], key: Key
) -> tuple[tuple[DimensionId, ...], tuple[str, ...]]:
    """Without the dimensions that are summed over: a margin's own place in the vector."""
    pairs = [
        (dimension, category)
        for dimension, category in zip(dimensions, key, strict=True)
        if category != ALL and dimension != "county_group"
    ]
    return tuple(dimension for dimension, _ in pairs), tuple(category for _, category in pairs)


def _together(cells: Sequence[Cell]) -> Cell:
    """Two half-years: persons add up; of municipalities only the higher number is certain."""
    return Cell(
        sum(each.persons for each in cells),
        max(each.contributors for each in cells),
        max(each.others for each in cells),
    )


def _county_cells(kind: TableKind, halves: Sequence[Totals]) -> dict[Key, Cell]:
    """Only groups that have a sum in each half; whoever has not is in the rest."""
    groups = sorted(set.intersection(*(set(each.groups) for each in halves)))
    by_half = [_of_half(kind, each, groups) for each in halves]
    names = [*groups, ALL]
    if any(each.has_rest or set(each.groups) - set(groups) for each in halves):
        names.insert(-1, REST)
    return {(name,): _together([cells[name] for cells in by_half]) for name in names}


def _of_half(kind: TableKind, totals: Totals, groups: Sequence[str]) -> dict[str, Cell]:
    whole = _cell(kind, totals.nation, (ALL,))
    persons = _regional(kind.series, "persons")
    behind = _regional(kind.series, "contributors")
    found = {
        group: _apart(
            totals.groups[group][persons], totals.groups[group][behind], whole.contributors
        )
        for group in groups
    }
    rest_persons = whole.persons - sum(each.persons for each in found.values())
    rest_behind = whole.contributors - sum(each.contributors for each in found.values())
    found[REST] = _apart(rest_persons, rest_behind, whole.contributors)
    found[ALL] = whole
    return found


def _apart(persons: int, behind: int, all_behind: int) -> Cell:
    """A group's cell: nobody is in two groups, so all others' contributors are outside it."""
    return Cell(persons, behind, all_behind - behind)


_IN_REGIONAL = {LAYOUT[place]: index for index, place in enumerate(REGIONAL)}


def _regional(series: str, measure: Measure) -> int:
    return _IN_REGIONAL[Slot(series, (), (), measure)]
