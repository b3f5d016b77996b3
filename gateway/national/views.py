"""One view of a release: a finding in words, what the chart draws, and the table with the same figures.

A figure of None is kept back, and is said so; it is never drawn as nothing. Nothing is reckoned
that reaches further than the cells shown: no shares of a hidden total, no sums of what is shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.texts.jinja import number
from gateway.texts.words_national import (
    DIMENSIONS,
    KEPT_BACK,
    SERIES,
    UNKNOWN,
    category,
    period,
    short_period,
    table_title,
    weeks,
)
from services.statistics.api import ALL, KINDS, REST, Release, ShownTable
from services.statistics.api import SERIES as FIXED

Figure = int | None
ChartKind = Literal["bars", "lines"]
TREND_SHOWN = 10
"""Half-years in a trend: five years."""


@dataclass(frozen=True, slots=True)
class Point:
    """One mark of a chart: where, of which kind, how much."""

    label: str
    kind: str
    value: Figure


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart draws; how, is `charts`'.

    Args:
        unit: what is counted, for the axis.
    """

    kind: ChartKind
    unit: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What a reader sees of one question.

    Args:
        name: in addresses and file names.
        columns: the first is the row's label.
    """

    name: str
    title: str
    finding: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Figure, ...]], ...]
    chart: Chart | None

    @property
    def kept_back(self) -> int:
        """How many figures are not shown."""
        return sum(value is None for _, values in self.rows for value in values)


_MAIN = ("contacts", "identified", "assessed", "admitted", "completed", "ongoing")
_TREND = ("contacts", "admitted", "completed", "ongoing")
_HANDOVERS = ("proposed", "received", "declined", "disputed")
_WAITS = (
    "weeks_to_meeting",
    "weeks_to_decision",
    "weeks_to_threat",
    "weeks_to_answer",
    "weeks_to_take_over",
)
_FIRST_TABLES = (
    "contacts.county_group",
    "admitted.age",
    "admitted.sex",
    "admitted.group_type",
    "contacts.channel",
    "ended.ended_reason",
)
"""Shown on the release's own page; every other table has a page beside it."""


def front(releases: Sequence[Release]) -> list[View]:
    """The views of the newest of these releases, oldest first."""
    makers: list[Callable[[Sequence[Release]], View | None]] = [
        _totals,
        _trend,
        _handovers,
        _waiting,
    ]
    found = [make(releases) for make in makers]
    found += [table_view(releases[-1], kind) for kind in _FIRST_TABLES]
    return [each for each in found if each is not None]


def find(releases: Sequence[Release], name: str) -> View | None:
    """A view of the newest of these releases by its name, or None."""
    of_front = next((each for each in front(releases) if each.name == name), None)
    return of_front or table_view(releases[-1], name)


def table_names(release: Release) -> list[tuple[str, str]]:
    """Every table with breakdowns in a release: name and title, in the fixed order."""
    here = {each.kind for each in release.tables}
    return [
        (kind.id, table_title(kind.series, kind.dimensions))
        for kind in KINDS
        if kind.id in here and kind.dimensions and kind.shows == "counts"
    ]


def _half(release: Release, series: str) -> Figure:
    table = release.find(f"{series}.total", release.half_year)
    return table.total if table else None


COUNTED = [each for each in FIXED if ("weeks",) not in each.breakdowns]
"""Waits have a view of their own."""


def not_counted_yet() -> list[str]:
    """What no part of the system records yet: nobody is to take its noughts for an answer."""
    return [SERIES[each.id] for each in FIXED if each.fed_by is None]


def _totals(releases: Sequence[Release]) -> View:
    now, before = releases[-1], releases[-2:-1]
    rows = [
        (SERIES[each.id], tuple(_half(r, each.id) for r in (now, *before)))
        for each in COUNTED
        if each.fed_by is not None
    ]
    chart = Chart(
        "bars", "Antal", tuple(Point(SERIES[each], "", _half(now, each)) for each in _MAIN)
    )
    contacts, admitted = _half(now, "contacts"), _half(now, "admitted")
    return View(
        "totals",
        f"Totaler, {period(now.half_year)}",
        f"Under {period(now.half_year)} registrerades {_count(contacts, 'första kontakter')}, "
        f"och {_count(admitted, 'personer')} antogs.",
        ("Mått", *(_capital(period(each.half_year)) for each in (now, *before))),
        tuple(rows),
        chart,
    )


def _over_time(
    releases: Sequence[Release], series: Sequence[str]
) -> tuple[tuple[tuple[str, tuple[Figure, ...]], ...], tuple[Point, ...]]:
    shown = releases[-TREND_SHOWN:]
    rows = tuple(
        (_capital(period(each.half_year)), tuple(_half(each, s) for s in series)) for each in shown
    )
    points = tuple(
        Point(short_period(each.half_year), SERIES[s], _half(each, s))
        for s in series
        for each in shown
    )
    return rows, points


def _trend(releases: Sequence[Release]) -> View:
    rows, points = _over_time(releases, _TREND)
    now = releases[-1]
    year_ago = next((r for r in releases if r.half_year == _a_year_before(now.half_year)), None)
    return View(
        "trend",
        "Utveckling",
        _compared(now, year_ago),
        ("Halvår", *(SERIES[each] for each in _TREND)),
        rows,
        Chart("lines", "Antal", points) if len(releases) > 1 else None,
    )


def _compared(now: Release, before: Release | None) -> str:
    new = _half(now, "contacts")
    old = _half(before, "contacts") if before else None
    if before is None:
        return "Det finns ännu inget halvår året före att jämföra med."
    if new is None or old is None:
        return "Antalet första kontakter går inte att jämföra: något av talen visas inte."
    if new == old:
        return f"Lika många första kontakter som {period(before.half_year)}: {number(new)}."
    how = "fler" if new > old else "färre"
    return (
        f"{_capital(number(abs(new - old)))} {how} första kontakter än {period(before.half_year)}: "
        f"{number(new)} mot {number(old)}."
    )


def _a_year_before(half_year: str) -> str:
    return f"{int(half_year[:4]) - 1}{half_year[4:]}"


def _handovers(releases: Sequence[Release]) -> View:
    rows, points = _over_time(releases, _HANDOVERS)
    now = releases[-1]
    proposed, disputed = _half(now, "proposed"), _half(now, "disputed")
    return View(
        "handovers",
        "Överlämningar och tvister",
        f"Kommunerna föreslog {_count(proposed, 'överlämningar')} under {period(now.half_year)}. "
        + (
            "Hur många som blev en tvist hos IVO visas inte."
            if disputed is None
            else f"{_capital(number(disputed))} blev en tvist hos IVO."
            if disputed
            else "Ingen blev en tvist hos IVO."
        ),
        ("Halvår", *(SERIES[each] for each in _HANDOVERS)),
        rows,
        Chart("lines", "Antal", points) if len(releases) > 1 else None,
    )


def _waiting(releases: Sequence[Release]) -> View | None:
    now = releases[-1]
    year = now.half_year[:4]
    tables = {each: now.find(f"{each}.weeks", year) for each in _WAITS}
    found = {each: table for each, table in tables.items() if table is not None}
    if not found:
        return None
    medians = {each: table.median for each, table in found.items() if table.median is not None}
    longest = max(medians, key=lambda each: medians[each], default=None)
    return View(
        "waiting",
        f"Väntetider, {year}",
        "För få för att någon väntetid ska kunna visas."
        if longest is None
        else f"Längst är väntan {_lower(SERIES[longest])}: hälften väntade "
        f"{weeks(medians[longest])} eller kortare.",
        ("Väntan", "Hälften väntade högst (hela veckor)", "Antal"),
        tuple((SERIES[each], (table.median, table.total)) for each, table in found.items()),
        Chart(
            "bars",
            "Veckor, median",
            tuple(Point(SERIES[each], "", medians.get(each)) for each in found),
        ),
    )


def table_view(release: Release, name: str) -> View | None:
    """A fixed table with breakdowns; None where the release has it not."""
    table = next((each for each in release.tables if each.kind == name), None)
    if table is None or not table.about.dimensions or table.about.shows != "counts":
        return None
    title = f"{table_title(table.about.series, table.about.dimensions)}, {table.period}"
    return _one_way(table, title) if len(table.about.dimensions) == 1 else _two_way(table, title)


def _one_way(table: ShownTable, title: str) -> View:
    (dimension,) = table.about.dimensions
    named = [(category(dimension, key[0]), value, key[0]) for key, value in table.cells.items()]
    if dimension == "county_group":
        named.sort(key=lambda each: (each[2] in {ALL, REST}, each[2] == ALL, each[0]))
    points = [Point(label, "", value) for label, value, key in named if key != ALL]
    return View(
        table.kind,
        title,
        _largest(table, [(p.label, p.value) for p in points if p.label not in _NOBODY]),
        (DIMENSIONS[dimension], "Antal"),
        tuple((label, (value,)) for label, value, _ in named),
        Chart("bars", "Antal", tuple(points)),
    )


def _two_way(table: ShownTable, title: str) -> View:
    down, across = table.about.dimensions
    rows = list(dict.fromkeys(key[0] for key in table.cells))
    columns = list(dict.fromkeys(key[1] for key in table.cells))
    inner = [
        (f"{category(down, r)}, {_lower(category(across, c))}", table.cells[r, c])
        for r in rows
        for c in columns
        if ALL not in {r, c} and UNKNOWN not in {category(down, r), category(across, c)}
    ]
    points = tuple(
        Point(category(down, r), category(across, c), table.cells[r, c])
        for c in columns
        for r in rows
        if ALL not in {r, c}
    )
    return View(
        table.kind,
        title,
        _largest(table, inner),
        (DIMENSIONS[down], *(category(across, c) for c in columns)),
        tuple((category(down, r), tuple(table.cells[r, c] for c in columns)) for r in rows),
        Chart("bars", "Antal", points),
    )


_NOBODY = {UNKNOWN, category("county_group", REST)}
"""Categories that a finding does not speak of: they say nothing about anybody."""


def _largest(table: ShownTable, cells: Sequence[tuple[str, Figure]]) -> str:
    """What most have in common, among the figures that are shown."""
    if table.total == 0:
        return "Ingen i hela tabellen."
    shown = [(value, label) for label, value in cells if value]
    if not shown:
        return "Talen är för små för att visas uppdelade."
    value, label = max(shown)
    whole = f" av {number(table.total)}" if table.total is not None else ""
    are_all = all(value is not None for _, value in cells)
    what = "Störst är" if are_all else "Störst av de tal som visas är"
    named = label if "county_group" in table.about.dimensions else _lower(label)
    return f"{what} {named}, {number(value)}{whole}."


def _count(value: Figure, noun: str) -> str:
    return f"{number(value)} {noun}" if value is not None else f"ett antal {noun} som inte visas"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def shown(value: Figure) -> str:
    """A figure as text."""
    return KEPT_BACK if value is None else number(value)
