"""A municipality's own figures, unit by unit: exact for who leads the unit, controlled for others.

Who may see the cases of a unit may see how many they are: those cases, and no case more. A case that
is kept from a leader is in no figure that the leader reads, else its being there could be read from
the difference. Who answers for the work without being in
any case (the social director) sees the units side by side, with what would point at somebody kept
back: the same rules and the same solver as the nation's tables, held against every half-year that
was shown before. A half-year is decided on once, when it is over, and never changed.

Pure; the solver is loaded where it is used.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from services.statistics.domain.disclosure import Cell, Frozen, Relation, Thresholds, median_weeks
from services.statistics.domain.indicators import DIMENSIONS
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.table import ALL
from services.statistics.domain.vector import Happening

OWN_COUNTS = (
    "contacts",
    "received",
    "admitted",
    "not_admitted",
    "ended",
    "completed",
    "ongoing",
)
OWN_WAITS = ("weeks_to_meeting", "weeks_to_decision", "weeks_to_threat")
OWN_PARTS = (("ended", "completed"),)
ONLY_UNIT = ""
"""The unit of a municipality that has no others."""

Name = tuple[str, str, str]
"""Half-year, series, unit; `*` is all units."""


class UnitFigures(msgspec.Struct, frozen=True):
    """What was counted in one unit in one half-year; exact.

    Args:
        counts: every series of `OWN_COUNTS` and `OWN_WAITS`, zeros included.
        weeks: of each wait how many took 0, 1, 2 … weeks.
    """

    unit: str
    counts: Mapping[str, int]
    weeks: Mapping[str, Sequence[int]]

    def median(self, series: str, limits: Thresholds) -> int | None:
        """In whole weeks; None for too few."""
        return median_weeks(self.weeks[series], limits)


class SideBySide(msgspec.Struct, frozen=True):
    """One half-year as it is shown, for ever.

    Args:
        units: in order; none where the municipality has only one.
        cells: series and unit (`*`: all), and the count; None is kept back.
        medians: likewise, in weeks.
    """

    half_year: str
    units: tuple[str, ...]
    cells: tuple[tuple[str, str, int | None], ...]
    medians: tuple[tuple[str, str, int | None], ...]

    def count(self, series: str, unit: str) -> int | None:
        """One cell."""
        return next((count for s, u, count in self.cells if (s, u) == (series, unit)), None)

    def median(self, series: str, unit: str) -> int | None:
        """One median."""
        return next((weeks for s, u, weeks in self.medians if (s, u) == (series, unit)), None)


class Kept(msgspec.Struct, frozen=True):
    """What is not shown but goes on being protected: for the worker alone."""

    sensitive: tuple[Name, ...]
    implied: tuple[Name, ...]
    relations: tuple[tuple[tuple[Name, ...], tuple[Name, ...]], ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A half-year that was shown before, and what was exact in it."""

    shown: SideBySide
    kept: Kept


def figures_of(unit: str, happened: Iterable[Happening]) -> UnitFigures:
    """Count one unit's."""
    counts = dict.fromkeys((*OWN_COUNTS, *OWN_WAITS), 0)
    weeks = {series: [0] * len(DIMENSIONS["weeks"]) for series in OWN_WAITS}
    for each in happened:
        if each.series in counts:
            counts[each.series] += 1
        if each.series in weeks:
            weeks[each.series][DIMENSIONS["weeks"].index(each.attributes["weeks"])] += 1
    return UnitFigures(unit, counts, weeks)


def without(whole: UnitFigures, kept_back: UnitFigures) -> UnitFigures:
    """What is left when the cases that are kept from a reader are taken away."""
    return UnitFigures(
        whole.unit,
        {s: max(0, count - kept_back.counts[s]) for s, count in whole.counts.items()},
        {
            s: [max(0, a - b) for a, b in zip(counts, kept_back.weeks[s], strict=True)]
            for s, counts in whole.weeks.items()
        },
    )


def least(one: UnitFigures, other: UnitFigures) -> UnitFigures:
    """The smaller of each: of a half-year that is over, no figure grows again.

    A case that was kept back and then erased would otherwise come forth as a one more.
    """
    return UnitFigures(
        one.unit,
        {s: min(count, other.counts[s]) for s, count in one.counts.items()},
        {
            s: [min(a, b) for a, b in zip(counts, other.weeks[s], strict=True)]
            for s, counts in one.weeks.items()
        },
    )


def together(figures: Sequence[UnitFigures]) -> UnitFigures:
    """All units' as one."""
    return UnitFigures(
        ALL,
        {s: sum(each.counts[s] for each in figures) for s in (*OWN_COUNTS, *OWN_WAITS)},
        {
            s: [sum(column) for column in zip(*(each.weeks[s] for each in figures), strict=True)]
            for s in OWN_WAITS
        },
    )


def side_by_side(
    half: HalfYear,
    figures: Sequence[UnitFigures],
    before: Sequence[UnitFigures],
    earlier: Sequence[Earlier],
    limits: Thresholds,
    *,
    with_complementary: bool = True,
) -> Earlier:
    """Decide, once, what of a half-year is shown.

    Args:
        figures: every unit's, at least one.
        before: the exact figures of the half-year before, where it was shown.
        with_complementary: as in `choose`.
    """
    # The solver takes a fifth of a second and 30 MB: only where a half-year is decided on.
    from services.statistics.domain.disclosure_choice import (  # noqa: PLC0415
        UnprotectedError,
        choose,
    )

    exact = {each.unit: each for each in figures} if len(figures) > 1 else {}
    exact[ALL] = together(figures)
    cells = dict(_cells(half, exact))
    implied, relations = _relations(half, exact, before)
    cells |= implied
    frozen = _frozen(earlier)
    known = [Relation(*each) for one in earlier for each in one.kept.relations]
    try:
        choice = choose(
            cells, [*relations, *known], frozen, limits, with_complementary=with_complementary
        )
        hidden, sensitive = choice.hidden, choice.sensitive
    except UnprotectedError:
        # Earlier half-years have said too much: nothing of this one is shown.
        hidden = frozenset(cells)
        sensitive = frozenset(name for name in cells if name not in implied)
    shown = SideBySide(
        half.id,
        tuple(each.unit for each in figures) if len(figures) > 1 else (),
        tuple(
            (series, unit, None if name in hidden else cells[name].count)
            for unit in exact
            for series in exact[unit].counts
            for name in [(half.id, series, unit)]
        ),
        tuple(
            (
                series,
                unit,
                None if (half.id, series, unit) in hidden else each.median(series, limits),
            )
            for unit, each in exact.items()
            for series in OWN_WAITS
        ),
    )
    kept = Kept(
        tuple(sorted(sensitive)),
        tuple(sorted(implied)),
        tuple((each.left, each.right) for each in relations),
    )
    return Earlier(shown, kept)


def _cells(half: HalfYear, exact: Mapping[str, UnitFigures]) -> Iterable[tuple[Name, Cell[Name]]]:
    for unit, each in exact.items():
        for series, count in each.counts.items():
            name = (half.id, series, unit)
            is_total = unit == ALL
            worth = (1000 if is_total else 10) + min(count, 99)
            yield name, Cell(name, count, None, is_total=is_total, worth=worth)


def _relations(
    half: HalfYear,
    exact: Mapping[str, UnitFigures],
    before: Sequence[UnitFigures],
) -> tuple[dict[Name, Cell[Name]], list[Relation[Name]]]:
    """What follows from what: units and total, part and whole, and what flows in and out."""
    units = [unit for unit in exact if unit != ALL]
    found = [
        Relation(((half.id, series, ALL),), tuple((half.id, series, unit) for unit in units))
        for series in exact[ALL].counts
        if units
    ]
    implied: dict[Name, Cell[Name]] = {}
    for whole, part in OWN_PARTS:
        for unit, each in exact.items():
            rest = each.counts[whole] - each.counts[part]
            if each.counts[whole] and rest >= 0:
                other = (half.id, f"{whole}-{part}", unit)
                implied[other] = Cell(other, rest, None, is_shown=False)
                found.append(Relation(((half.id, whole, unit),), ((half.id, part, unit), other)))
    then = {each.unit: each.counts for each in before}
    if before:
        then[ALL] = together(before).counts
    for unit, each in exact.items():
        was = then.get(unit)
        if was is None or (unit != ALL and len(before) == 1):
            continue
        came = was["ongoing"] + each.counts["contacts"] + each.counts["received"]
        if came == each.counts["ongoing"] + each.counts["ended"]:
            found.append(
                Relation(
                    ((half.id, "ongoing", unit), (half.id, "ended", unit)),
                    (
                        (half.previous.id, "ongoing", unit),
                        (half.id, "contacts", unit),
                        (half.id, "received", unit),
                    ),
                )
            )
    return implied, found


def _frozen(earlier: Sequence[Earlier]) -> Frozen[Name]:
    shown: dict[Name, int] = {}
    hidden: set[Name] = set()
    sensitive: set[Name] = set()
    for each in earlier:
        for series, unit, count in each.shown.cells:
            name = (each.shown.half_year, series, unit)
            if count is None:
                hidden.add(name)
            else:
                shown[name] = count
        hidden.update(each.kept.implied)
        sensitive.update(each.kept.sensitive)
    return Frozen(shown, frozenset(hidden), frozenset(sensitive))
