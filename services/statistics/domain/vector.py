"""The vector: every number that a municipality counts, in one fixed order, zeros included.

The same length and order for everybody, so that nothing is told by what is sent but that it was.
For every cell of every table there are three numbers: the persons, whether there are any here (1 or
0: added up, the municipalities behind the cell), and whether there are any in the total outside the
cell. Margins have numbers of their own, since "any" does not add up within a municipality.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations, product
from struct import Struct
from typing import Literal

from services.statistics.domain.indicators import DIMENSIONS, SERIES, DimensionId, Series

Measure = Literal["persons", "contributors", "others"]
MODULUS = 2**64
"""All arithmetic is modulo this: a share of 64 bits that is drawn at random says nothing."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One number's place.

    Args:
        dimensions: none for the total.
        key: a category for each dimension.
        measure: the total has no `others`.
    """

    series: str
    dimensions: tuple[DimensionId, ...]
    key: tuple[str, ...]
    measure: Measure


@dataclass(frozen=True, slots=True)
class Happening:
    """One that is counted, in one series.

    Args:
        attributes: a category for every dimension of the series' breakdowns.
    """

    series: str
    attributes: Mapping[DimensionId, str] = field(default_factory=dict)


def cuts(series: Series) -> tuple[tuple[DimensionId, ...], ...]:
    """The total, and all breakdowns with their margins: what the series is counted by."""
    found: dict[tuple[DimensionId, ...], None] = {}
    for dimensions in ((), *series.breakdowns):
        for size in range(len(dimensions) + 1):
            found |= dict.fromkeys(combinations(dimensions, size))
    return tuple(sorted(found, key=len))


def _layout() -> tuple[Slot, ...]:
    return tuple(
        Slot(series.id, dimensions, key, measure)
        for series in SERIES
        for dimensions in cuts(series)
        for key in product(*(DIMENSIONS[each] for each in dimensions))
        for measure in _measures(dimensions)
    )


def _measures(dimensions: Sequence[DimensionId]) -> tuple[Measure, ...]:
    return ("persons", "contributors", "others") if dimensions else ("persons", "contributors")


LAYOUT: tuple[Slot, ...] = _layout()
PLACE: dict[Slot, int] = {slot: place for place, slot in enumerate(LAYOUT)}
LAYOUT_ID: str = sha256(
    "\n".join(
        f"{each.series}|{','.join(each.dimensions)}|{','.join(each.key)}|{each.measure}"
        for each in LAYOUT
    ).encode()
).hexdigest()
"""What a vector was counted by: shares of two layouts are never added."""

_REGIONAL = {series.id for series in SERIES if series.is_regional}
REGIONAL: tuple[int, ...] = tuple(
    place for place, slot in enumerate(LAYOUT) if slot.series in _REGIONAL and not slot.dimensions
)
"""The places that are added for county groups too: totals, nothing else."""

_PACKED = Struct(f"<{len(LAYOUT)}Q")
SIZE_BYTES = _PACKED.size

_CUTS = {series.id: cuts(series) for series in SERIES}
PLACES: Mapping[str, Sequence[int]] = {
    series.id: [place for place, slot in enumerate(LAYOUT) if slot.series == series.id]
    for series in SERIES
}
"""The places of each series."""

Vector = tuple[int, ...]


def tally(happenings: Iterable[Happening]) -> Vector:
    """Count.

    Raises:
        KeyError: a happening has no category for a dimension of its series, or one that is none: a
            bug in what gathers them.
    """
    persons: Counter[Slot] = Counter()
    for each in happenings:
        for dimensions in _CUTS[each.series]:
            key = tuple(each.attributes[one] for one in dimensions)
            slot = Slot(each.series, dimensions, key, "persons")
            if slot not in PLACE:
                raise KeyError(f"{each.series}: a category that is none")
            persons[slot] += 1
    values = [0] * len(LAYOUT)
    for series in {slot.series for slot in persons}:
        for place in PLACES[series]:
            values[place] = _value(LAYOUT[place], persons)
    return tuple(values)


def _value(slot: Slot, persons: Counter[Slot]) -> int:
    here = persons[Slot(slot.series, slot.dimensions, slot.key, "persons")]
    match slot.measure:
        case "persons":
            return here
        case "contributors":
            return int(here > 0)
        case "others":
            return int(persons[Slot(slot.series, (), (), "persons")] > here)


def pack(values: Sequence[int]) -> bytes:
    """Eight bytes a number, little-endian, in the layout's order."""
    return _PACKED.pack(*values)


def unpack(packed: bytes) -> Vector:
    """What `pack` made.

    Raises:
        ValueError: another length.
    """
    if len(packed) != SIZE_BYTES:
        raise ValueError("not as long as the layout")
    return _PACKED.unpack(packed)
