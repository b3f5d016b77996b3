"""Five years of exact tables from a seed: people who never were, counted in every fixed table.

Small enough to be computed in a moment and sparse as the real ones are: most breakdowns have cells
of one or two. Each series' events are drawn apart, so nothing holds between series but what a
definition says (`completed` are the ended by that reason).
"""

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

from services.statistics.domain.indicators import BY_ID, DIMENSIONS, SERIES
from services.statistics.domain.periods import HalfYear, Period, Year
from services.statistics.domain.table import ALL, KINDS, REST, Cell, Key, Table, TableKind

MUNICIPALITIES = 290
GROUPS = (
    "01",
    "03",
    "04",
    "05",
    "06",
    "07",
    "08",
    "10",
    "12",
    "13",
    "14",
    "17",
    "18",
    "19",
    "20",
    "21",
    "22",
    "23",
)
"""Counties by their codes; 24 and 25 are in the rest here."""
VOLUMES = {
    "contacts": 420,
    "identified": 400,
    "assessed": 170,
    "admitted": 120,
    "not_admitted": 40,
    "ongoing": 500,
    "ended": 130,
    "received": 18,
    "completed": 60,
    "relapse_reviews": 14,
    "excluded_relapse": 6,
    "weeks_to_decision": 70,
    "weeks_to_threat": 90,
    "proposed": 25,
    "declined": 6,
    "disputed": 2,
    "weeks_to_answer": 22,
    "weeks_to_take_over": 16,
}
"""Events in the nation and half-year; about the double of `domain.md` 5.1. Others are nobody's."""


@dataclass(frozen=True)
class Event:
    """One of those who are counted."""

    municipality: int
    what: dict[str, str]


class Nation:
    """All events of a nation, by series and half-year.

    Args:
        scale: of the volumes.
        of: these series alone have events.
    """

    def __init__(
        self, seed: int, years: range, scale: float = 1.0, of: Container[str] = VOLUMES
    ) -> None:
        self._chance = random.Random(seed)
        self._sizes = [self._chance.paretovariate(1.1) for _ in range(MUNICIPALITIES)]
        self._weights = {
            name: [self._chance.random() ** 2 + 0.01 for _ in codes]
            for name, codes in DIMENSIONS.items()
        }
        self.events: dict[tuple[str, str], list[Event]] = {}
        for year in years:
            for half in Year(year).halves:
                for series, volume in VOLUMES.items():
                    if series in of:
                        self._draw(series, half, round(volume * scale))

    def _draw(self, series: str, half: HalfYear, about: int) -> None:
        if series in {"completed", "excluded_relapse"}:
            reason = {"completed": "COMPLETED", "excluded_relapse": "EXCLUDED_RELAPSE"}[series]
            ended = self.events["ended", half.id]
            found = [each for each in ended if each.what["ended_reason"] == reason]
        elif series == "identified":
            found = [
                each for each in self.events["contacts", half.id] if self._chance.random() < 0.98
            ]
        else:
            number = max(0, round(self._chance.gauss(about, about**0.5)))
            found = [self._event() for _ in range(number)]
        self.events[series, half.id] = found

    def _event(self) -> Event:
        what = {
            name: self._chance.choices(codes, self._weights[name])[0]
            for name, codes in DIMENSIONS.items()
        }
        return Event(self._chance.choices(range(MUNICIPALITIES), self._sizes)[0], what)

    def due_with(self, half: HalfYear, kinds: Iterable[TableKind] = KINDS) -> list[Table]:
        """The half-year's tables, and with the second half the year's."""
        found = [self._table(kind, half) for kind in kinds if not kind.is_yearly]
        if half.half == 2:
            found += [self._table(kind, Year(half.year)) for kind in kinds if kind.is_yearly]
        return found

    def _table(self, kind: TableKind, period: Period) -> Table:
        halves = (period,) if isinstance(period, HalfYear) else period.halves
        if BY_ID[kind.series].rule == "stock":
            halves = halves[-1:]
        events = [e for half in halves for e in self.events.get((kind.series, half.id), [])]
        cells = {key: Cell(0, 0, 0) for key in _keys(kind)}
        persons: Counter[Key] = Counter()
        towns: dict[Key, Counter[int]] = defaultdict(Counter)
        for event in events:
            place = tuple(_category(event, name) for name in kind.dimensions)
            for key in itertools.product(*((each, ALL) for each in place)):
                persons[key] += 1
                towns[key][event.municipality] += 1
        total = towns[(ALL,) * len(kind.dimensions)]
        for key, count in persons.items():
            others = sum(1 for town, all_of in total.items() if all_of > towns[key][town])
            cells[key] = Cell(count, len(towns[key]), others)
        return Table(kind, period, cells)


def _category(event: Event, dimension: str) -> str:
    if dimension != "county_group":
        return event.what[dimension]
    # The last fifteen municipalities lie in groups that are too small for a sum of their own.
    group = event.municipality * len(GROUPS) // (MUNICIPALITIES - 15)
    return GROUPS[group] if group < len(GROUPS) else REST


def _keys(kind: TableKind) -> list[Key]:
    names = [
        (*GROUPS, REST, ALL) if each == "county_group" else (*DIMENSIONS[each], ALL)
        for each in kind.dimensions
    ]
    return list(itertools.product(*names))


assert set(VOLUMES) <= {each.id for each in SERIES}
