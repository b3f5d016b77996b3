"""From exact tables to what is shown of them: one decision for all tables of a release together.

The same sum stands in several tables (everybody who was admitted, by age and by sex), and follows
from others (a year is its halves). So cells are named by what they count, not by where they stand,
and every way in which one follows from others is a relation that the audit reckons with:

- margins within a table, county groups and the rest included;
- a year's event total is the sum of its two half-years' totals; a year's stock is its last half's;
- the same events under two names (`completed` and `ended` by that reason), part and whole
  (`identified` of `contacts`), and what flows in and out of what is ongoing. These hold by
  definition, but each municipality counts them apart: one is reckoned with where it is true of the
  sums, since only then does it lead a reader right.

The nation's breakdowns hang together as a tree (age with sex, age with group, group with threat):
tables that do, say nothing about each other beyond the margins that they share. A test holds the
fixed tables to it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from services.statistics.domain.disclosure import (
    Cell,
    Frozen,
    Relation,
    Thresholds,
    median_weeks,
)
from services.statistics.domain.disclosure_audit import InconsistentError
from services.statistics.domain.disclosure_choice import choose
from services.statistics.domain.indicators import BY_ID
from services.statistics.domain.periods import HalfYear, Period, Year
from services.statistics.domain.periods import period as read_period
from services.statistics.domain.release import Release, ShownTable, contributor_band
from services.statistics.domain.table import ALL, Key, Table, TableKind
from services.statistics.domain.table import Cell as Sum
from shared.errors import DomainError

Name = tuple[str, str, tuple[tuple[str, str], ...]]
"""What a cell counts: series, period, and the categories that it is narrowed to, by dimension."""

SAME = (
    ("completed", ("ended", "ended_reason", "COMPLETED")),
    ("excluded_relapse", ("ended", "ended_reason", "EXCLUDED_RELAPSE")),
    ("not_admitted", ("ended", "ended_reason", "NOT_ADMITTED")),
)
"""The same events counted under two names."""

PARTS = (
    ("contacts", "identified"),
    ("checked_at_closing", "no_offence_at_closing"),
    ("checked_after_a_year", "no_offence_after_a_year"),
    ("money_applied", "money_granted"),
)
"""Whole and part: what is left over is known to whoever sees both."""

_WORTH = {0: 10_000, 1: 200, 2: 10}
"""What a reader loses by a hidden total, margin or inner cell: totals go last."""


def publish(
    tables: Sequence[Table],
    earlier: Sequence[Release],
    *,
    half_year: HalfYear,
    contributors: int,
    limits: Thresholds,
    with_complementary: bool = True,
) -> Release:
    """What is shown of these tables, given everything that was ever shown.

    Args:
        tables: all that are due with this half-year; a year's come with its second half.
        earlier: every earlier release.
        contributors: how many municipalities are in the set.
        with_complementary: as in `choose`.

    Raises:
        DomainError: `statistics.released_already`.
        UnprotectedError, InconsistentError: nothing may be shown.
    """
    frozen = frozen_by(earlier)
    cells = cells_of(tables)
    if known := cells.keys() & (frozen.shown.keys() | frozen.hidden):
        raise DomainError("statistics.released_already", table=min(known)[0])
    left, follows = _by_definition(cells, frozen)
    cells |= left
    names = cells.keys() | frozen.shown.keys() | frozen.hidden
    relations = sorted(
        {*margins(_layouts(tables, earlier)), *_years(names), *follows, *_followed(earlier)},
        key=lambda each: each.keys,
    )
    _must_add_up(cells, relations)
    choice = choose(cells, relations, frozen, limits, with_complementary=with_complementary)
    return Release(
        half_year=half_year.id,
        contributors=contributor_band(contributors),
        tables=tuple(
            _shown(each, choice.hidden, limits) for each in sorted(tables, key=lambda t: t.id)
        ),
        sensitive=tuple(sorted(choice.sensitive)),
        implied=tuple(sorted(left)),
        follows=tuple((each.left, each.right) for each in follows),
    )


def _must_add_up(cells: Mapping[Name, Cell[Name]], relations: Iterable[Relation[Name]]) -> None:
    """What every reader takes for granted holds of the exact sums, or they are wrong."""
    for each in relations:
        if not all(key in cells for key in each.keys):
            continue
        if sum(sign * cells[key].count for key, sign in each.terms):
            raise InconsistentError(f"{each.left} is not the sum of its parts")


def name_of(kind: TableKind, period: Period, key: Key) -> Name:
    """What a cell of a table counts."""
    narrowed = tuple(sorted((d, c) for d, c in zip(kind.dimensions, key, strict=True) if c != ALL))
    if not narrowed and isinstance(period, Year) and BY_ID[kind.series].rule == "stock":
        return kind.series, period.halves[1].id, ()
    return kind.series, period.id, narrowed


def cells_of(tables: Iterable[Table]) -> dict[Name, Cell[Name]]:
    """Each cell once, by what it counts; of waiting times only the total, which is all that shows.

    Raises:
        InconsistentError: two tables say different things of the same.
    """
    found: dict[Name, Cell[Name]] = {}
    for table in tables:
        for key, each in _countable(table).items():
            name = name_of(table.kind, table.period, key)
            if name in found and found[name].count != each.persons:
                raise InconsistentError(f"{name} is two numbers")
            found[name] = Cell(
                name,
                each.persons,
                each.contributors,
                each.others,
                is_total=not name[2],
                worth=_WORTH[len(name[2])] + min(each.persons, 99),
            )
    return dict(sorted(found.items()))


def _countable(table: Table) -> Mapping[Key, Sum]:
    if table.kind.shows == "counts":
        return table.cells
    return {(ALL,) * len(table.kind.dimensions): table.total}


Layout = tuple[TableKind, Period, Collection[Key]]
"""A table without its numbers."""


def _layouts(tables: Iterable[Table], earlier: Iterable[Release]) -> Iterable[Layout]:
    """Of these tables, and of all that have been released: their margins hold for ever."""
    for table in tables:
        yield table.kind, table.period, _countable(table)
    for release in earlier:
        for shown in release.tables:
            yield shown.about, read_period(shown.period), shown.cells


def margins(layouts: Iterable[Layout]) -> set[Relation[Name]]:
    """Every margin of every table; of waiting times only the total shows, and it has none."""
    found: set[Relation[Name]] = set()
    for kind, period, keys in layouts:
        for at in range(len(kind.dimensions)):
            parts: dict[Key, list[Name]] = defaultdict(list)
            for key in keys:
                if key[at] != ALL:
                    parts[(*key[:at], ALL, *key[at + 1 :])].append(name_of(kind, period, key))
            for key, each in parts.items():
                found.add(Relation((name_of(kind, period, key),), tuple(sorted(each))))
    return found


def _followed(earlier: Iterable[Release]) -> Iterable[Relation[Name]]:
    return (Relation(*each) for release in earlier for each in release.follows)


def frozen_by(releases: Iterable[Release]) -> Frozen[Name]:
    """All that has been shown and kept back. In a table of nobody every cell is known to be none."""
    shown: dict[Name, int] = {}
    hidden: set[Name] = set()
    kept: set[Name] = set()
    for release in releases:
        for table in release.tables:
            for key, count in table.cells.items():
                name = name_of(table.about, read_period(table.period), key)
                if count is not None:
                    shown[name] = count
                elif table.total == 0:
                    shown[name] = 0
                else:
                    hidden.add(name)
        hidden.update(release.implied)
        kept.update(release.sensitive)
    return Frozen(shown, frozenset(hidden), frozenset(kept))


def _years(names: AbstractSet[Name]) -> Iterable[Relation[Name]]:
    """A year's events are those of its halves."""
    for series, period, narrowed in names:
        year = read_period(period)
        if narrowed or not isinstance(year, Year):
            continue
        # Where nothing was released of the first half, its late events are in the second.
        halves: list[Name] = [(series, each.id, ()) for each in year.halves]
        if parts := tuple(each for each in halves if each in names):
            yield Relation(((series, period, ()),), parts)


def _by_definition(
    cells: Mapping[Name, Cell[Name]], frozen: Frozen[Name]
) -> tuple[dict[Name, Cell[Name]], list[Relation[Name]]]:
    """What follows by the series' definitions: cells that no table shows, and relations."""
    counts = {**frozen.shown, **{name: cell.count for name, cell in cells.items()}}
    left: dict[Name, Cell[Name]] = {}
    found: list[Relation[Name]] = []
    for period in sorted({period for _, period, _ in cells}):
        for whole, part in PARTS:
            names = (whole, period, ()), (part, period, ())
            rest = counts.get(names[0], -1) - counts.get(names[1], 0)
            if all(each in cells for each in names) and rest >= 0 and counts[names[0]]:
                other: Name = (f"{whole}-{part}", period, ())
                left[other] = Cell(other, rest, None, is_shown=False)
                found.append(Relation((names[0],), (names[1], other)))
        found += [each for each in _same(period) if _is_true(each, counts)]
        found += [each for each in _flow(read_period(period)) if _is_true(each, counts)]
    return left, found


def _same(period: str) -> Iterable[Relation[Name]]:
    for series, (of, dimension, category) in SAME:
        yield Relation(((series, period, ()),), ((of, period, ((dimension, category),)),))


def _flow(period: Period) -> Iterable[Relation[Name]]:
    if isinstance(period, HalfYear):
        now, before = period.id, period.previous.id
        yield Relation(
            (("ongoing", now, ()), ("ended", now, ())),
            (("ongoing", before, ()), ("contacts", now, ()), ("received", now, ())),
        )


def _is_true(relation: Relation[Name], counts: Mapping[Name, int]) -> bool:
    return all(key in counts for key in relation.keys) and not sum(
        sign * counts[key] for key, sign in relation.terms
    )


def _shown(table: Table, hidden: frozenset[Name], limits: Thresholds) -> ShownTable:
    total = table.total
    names = {key: name_of(table.kind, table.period, key) for key in _countable(table)}
    is_empty = total.persons == 0
    cells = {
        key: None if name in hidden or (is_empty and name[2]) else table.cells[key].persons
        for key, name in names.items()
    }
    median = None
    if table.kind.shows == "median" and names[(ALL,)] not in hidden:
        # Where the number is kept back, that it is enough for a median would say something of it.
        weeks = [cell.persons for key, cell in table.cells.items() if key != (ALL,)]
        median = median_weeks(weeks, limits)
    return ShownTable(kind=table.kind.id, period=table.period.id, cells=cells, median=median)
