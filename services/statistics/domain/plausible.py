"""Figures that cannot be true: looked for at home before anything is sent, and in the totals.

A share is pure chance, so nobody can see a lie in it; a total is no longer. What is checked holds
for every true vector and for every sum of true vectors. A fault names a series and a rule, never a
number.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product

from services.statistics.domain.indicators import DIMENSIONS, SERIES, DimensionId, Series
from services.statistics.domain.vector import LAYOUT, PLACE, PLACES, REGIONAL, Measure, Slot, cuts

_At = Callable[[tuple[DimensionId, ...], tuple[str, ...], Measure], int]

NATION_TIMES = 20
"""A total for the nation is at most so many times what one municipality may have: 20,000 contacts in
a half-year, where about 400 a year were known (`domain.md` 5.1)."""
JUMP_TIMES = 5
JUMP_FROM = 100
"""A total of at least 100 is no more than five times the half-year's before it, nor a fifth of it.
Product rule: what grows so fast is looked at by a person first."""


def own_faults(vector: Sequence[int]) -> tuple[str, ...]:
    """What cannot be true of one municipality (`contacts:most`), in the series' order."""
    return tuple(dict.fromkeys(_faults(vector, municipalities=1)))


def total_faults(
    totals: Sequence[int], municipalities: int, before: Sequence[int] | None = None
) -> tuple[str, ...]:
    """What cannot be true of the nation.

    Args:
        municipalities: in the set.
        before: the half-year's before, where it was released.
    """
    jumps = () if before is None else _jumps(totals, before)
    return tuple(dict.fromkeys([*_faults(totals, municipalities), *jumps]))


def group_faults(
    totals: Sequence[int], groups: Mapping[str, Sequence[int]], members: Mapping[str, int]
) -> tuple[str, ...]:
    """What cannot be true of the groups' totals beside the nation's.

    Args:
        groups: a group's totals, in the order of `REGIONAL`.
        members: how many municipalities of each group are in the set.
    """
    found = []
    for index, place in enumerate(REGIONAL):
        slot = LAYOUT[place]
        parts = [values[index] for values in groups.values()]
        if sum(parts) > totals[place]:
            found.append(f"{slot.series}:groups")
        if slot.measure == "contributors":
            found += [
                f"{slot.series}:groups"
                for group, values in groups.items()
                if values[index] > members[group]
            ]
    return tuple(dict.fromkeys(found))


def _faults(values: Sequence[int], municipalities: int) -> Iterator[str]:
    for series in SERIES:
        if not any(values[place] for place in PLACES[series.id]):
            continue  # nobody, nowhere: nothing to be wrong
        for rule, is_broken in _rules(series, values, municipalities):
            if is_broken:
                yield f"{series.id}:{rule}"


def _rules(
    series: Series, values: Sequence[int], municipalities: int
) -> Iterable[tuple[str, bool]]:
    def at(dimensions: tuple[DimensionId, ...], key: tuple[str, ...], measure: Measure) -> int:
        return values[PLACE[Slot(series.id, dimensions, key, measure)]]

    everybody, behind = at((), (), "persons"), at((), (), "contributors")
    yield "most", everybody > series.most * min(municipalities, NATION_TIMES)
    yield "contributors", not _fits(everybody, behind, municipalities, series.most)
    for dimensions in cuts(series):
        if not dimensions:
            continue
        keys = list(product(*(DIMENSIONS[each] for each in dimensions)))
        yield "margin", sum(at(dimensions, key, "persons") for key in keys) != everybody
        for key in keys:
            here, with_any = at(dimensions, key, "persons"), at(dimensions, key, "contributors")
            others = at(dimensions, key, "others")
            yield "contributors", not _fits(here, with_any, behind, series.most)
            yield "others", not _fits(everybody - here, others, behind, series.most)
            yield "others", with_any + others < behind
        if len(dimensions) == 2:
            yield "margin", any(_unequal_margins(dimensions, at))


def _unequal_margins(
    dimensions: tuple[DimensionId, ...],
    at: _At,
) -> Iterator[bool]:
    first, second = dimensions
    for one in DIMENSIONS[first]:
        parts = (at(dimensions, (one, other), "persons") for other in DIMENSIONS[second])
        yield sum(parts) != at((first,), (one,), "persons")
    for other in DIMENSIONS[second]:
        parts = (at(dimensions, (one, other), "persons") for one in DIMENSIONS[first])
        yield sum(parts) != at((second,), (other,), "persons")


def _fits(persons: int, contributors: int, municipalities: int, most: int) -> bool:
    """Everybody is somewhere, and whoever counts has at least one."""
    return contributors <= min(municipalities, persons) and persons <= contributors * most


def _jumps(totals: Sequence[int], before: Sequence[int]) -> Iterator[str]:
    for series in SERIES:
        place = PLACE[Slot(series.id, (), (), "persons")]
        lower, higher = sorted((totals[place], before[place]))
        if higher >= JUMP_FROM and higher > JUMP_TIMES * lower:
            yield f"{series.id}:jump"
