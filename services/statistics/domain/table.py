"""The tables: which are made, and what one holds before disclosure control has seen it.

A `Table` is exact and never shown as it is: `disclosure` decides which of its cells may be.

- **Nation, half-year:** each series' total.
- **Nation, year:** each series' total and breakdowns of one or two dimensions, the two half-years'
  released totals added; the stock of the year is that of its last half-year.
- **County groups, year:** totals only, of the series that are regional. The groups and what is left
  over (`REST`) add up to the nation's total, in which every municipality of the set is.

Every table of the same series and period has the same total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.statistics.domain.indicators import BY_ID, DIMENSIONS, SERIES, DimensionId
from services.statistics.domain.periods import Period

ALL = "*"
"""In a cell's key: summed over this dimension."""
REST = "rest"
"""In a table by county group: the municipalities whose group has no sum of its own."""

TableDimension = DimensionId | Literal["county_group"]
Key = tuple[str, ...]
Shows = Literal["counts", "median"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One exact sum, and how many municipalities are behind it.

    Args:
        persons: or cases, or events, as the series says.
        contributors: municipalities with at least one in this cell. For a year the higher of the
            two half-years': at least so many, perhaps more.
        others: municipalities with at least one in the table's total outside this cell; for the
            total itself 0. Likewise a lower bound for a year.
    """

    persons: int
    contributors: int
    others: int


@dataclass(frozen=True, slots=True)
class TableKind:
    """A table that is made for every period of its sort.

    Args:
        id: stable (`contacts.age.sex`, `contacts.total`, `contacts.county_group`).
        is_yearly: else for each half-year.
        shows: a table of waiting times shows its median and its total, never its cells.
    """

    id: str
    series: str
    dimensions: tuple[TableDimension, ...]
    is_yearly: bool
    shows: Shows = "counts"


@dataclass(frozen=True, slots=True)
class Table:
    """Exact sums of one kind for one period.

    Args:
        cells: every combination of categories and `ALL`, zeros included; a table without dimensions
            has the one cell `()`.
        version: of the release; a released table is never made anew.
    """

    kind: TableKind
    period: Period
    cells: Mapping[Key, Cell]
    version: int = 1

    @property
    def id(self) -> str:
        """Kind and period (`contacts.age.sex@2026`)."""
        return f"{self.kind.id}@{self.period.id}"

    @property
    def total(self) -> Cell:
        """The cell in which everything is."""
        return self.cells[(ALL,) * len(self.kind.dimensions)]


def _kinds() -> tuple[TableKind, ...]:
    halves = [TableKind(f"{each.id}.total", each.id, (), is_yearly=False) for each in SERIES]
    years = [
        TableKind(
            ".".join((each.id, *dimensions)),
            each.id,
            dimensions,
            is_yearly=True,
            shows="median" if dimensions == ("weeks",) else "counts",
        )
        for each in SERIES
        for dimensions in ((), *each.breakdowns)
    ]
    groups = [
        TableKind(f"{each.id}.county_group", each.id, ("county_group",), is_yearly=True)
        for each in SERIES
        if each.is_regional
    ]
    return (*halves, *years, *groups)


KINDS: tuple[TableKind, ...] = _kinds()
"""Every table that is ever published; there are no others, and none on demand."""


def categories(dimension: TableDimension, groups: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A dimension's categories in order, without `ALL`.

    Args:
        groups: those of this table's county groups that have a sum, `REST` last if it has one.
    """
    return groups if dimension == "county_group" else DIMENSIONS[dimension]


def meaning(kind: TableKind) -> str:
    """What one counts in it."""
    return BY_ID[kind.series].meaning
