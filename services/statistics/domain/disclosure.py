"""What of a table may be shown: which cells betray somebody, and which others must hide with them.

A release is cells (counts of persons) and relations between them (a margin is the sum of its
parts; what is ongoing now is what was ongoing then, and came, and did not end). The rules decide
which cells are *sensitive*; a hidden cell that can be reckoned from what is shown is no more hidden
than a shown one, so further cells are hidden (`choose`), as cheaply as possible, until an audit
that knows nothing of how they were chosen finds no sensitive cell whose possible values span less
than `Thresholds.width` (`disclosure_audit.exposures`).

What is shown is exact; there is no noise and no rounding, and no cell is ever shown in two forms.
Cells of earlier releases are *frozen*: shown ones stay shown, hidden ones stay hidden, and those
that were sensitive must stay so hidden when new cells come beside them.

Sources: `domain model` 5.4 (thresholds, width, complement, earlier periods).
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which size on a cell may be seen.

    Args:
        persons: fewer are never shown, and never left over beside what is shown.
        municipalities: the same, of municipalities that have somebody in the cell.
        width: the possible values of a sensitive cell span at least this much.
        median_of: fewer durations have no median.
    Source: domain model 5.4, rules 2, 4 and 6.
    """

    persons: int = 5
    municipalities: int = 3
    width: int = 5
    median_of: int = 10


@dataclass(frozen=True, slots=True)
class Cell(Generic[K]):
    """A count of persons, and of municipalities that have any of them.

    Args:
        others: municipalities in the table's total outside this cell; None where nobody knows.
        is_total: the total of a whole table: the only place where none at all may be said.
        is_shown: False for what is in no table but is known from those that are (the 3 of 40 that
            are left when 37 are shown): it can only be protected by hiding others.
        worth: what hiding it would cost the reader; whoever must hide something hides the cheapest.
    """

    key: K
    count: int
    municipalities: int | None
    others: int | None = None
    is_total: bool = False
    is_shown: bool = True
    worth: int = 1


@dataclass(frozen=True, slots=True)
class Relation(Generic[K]):
    """Two sums that are equal. A margin has one cell to the left, and its parts to the right.

    One to the left and one to the right are the same figure under two names.
    """

    left: tuple[K, ...]
    right: tuple[K, ...]

    @property
    def keys(self) -> tuple[K, ...]:
        """All cells that it speaks of."""
        return self.left + self.right

    @property
    def terms(self) -> tuple[tuple[K, int], ...]:
        """Cell and sign: they add up to zero."""
        return tuple(chain(((k, 1) for k in self.left), ((k, -1) for k in self.right)))


@dataclass(frozen=True, slots=True)
class Frozen(Generic[K]):
    """What earlier releases have said: it is never said otherwise, and never said again.

    Args:
        shown: what everybody may read.
        hidden: what was kept back.
        sensitive: the part of it that had to be; the rest was hidden beside it.
    """

    shown: Mapping[K, int] = field(default_factory=dict)
    hidden: frozenset[K] = frozenset()
    sensitive: frozenset[K] = frozenset()


def sensitive(
    cells: Mapping[K, Cell[K]], relations: Iterable[Relation[K]], limits: Thresholds
) -> frozenset[K]:
    """The cells that may not be seen for what they are, or for what they leave over.

    A cell is sensitive when it is too small, or the rest of a margin beside it is: who knows that
    39 of 40 are men knows of the one woman. Nothing is sensitive in a table of nobody.
    """
    margins = [each for each in relations if len(each.left) == 1 and len(each.right) > 1]
    empty = {
        part
        for each in margins
        if cells[each.left[0]].is_total and not cells[each.left[0]].count
        for part in each.right
    }
    empty = _all_within(empty, margins)
    found = {key for key, cell in cells.items() if key not in empty and _is_small(cell, limits)}
    for margin in margins:
        whole = cells[margin.left[0]]
        for part in margin.right:
            if part not in empty and _leaves_few(cells, whole, margin.right, part, limits):
                found.add(part)
    return frozenset(found)


def _all_within(keys: set[K], margins: Sequence[Relation[K]]) -> set[K]:
    """These cells and all that are parts of them."""
    found = set(keys)
    while (
        more := {part for each in margins if each.left[0] in found for part in each.right} - found
    ):
        found |= more
    return found


def _is_small(cell: Cell[K], limits: Thresholds) -> bool:
    if cell.count == 0:
        return not cell.is_total
    return cell.count < limits.persons or _are_few(cell.municipalities, limits)


def _are_few(municipalities: int | None, limits: Thresholds) -> bool:
    """None: in no table is it said how many they are, so nobody can reckon with it."""
    return municipalities is not None and municipalities < limits.municipalities


def _leaves_few(
    cells: Mapping[K, Cell[K]],
    whole: Cell[K],
    parts: Sequence[K],
    part: K,
    limits: Thresholds,
) -> bool:
    """Whether the rest of the margin is a few persons, or may come from a few municipalities."""
    cell = cells[part]
    return whole.count - cell.count < limits.persons or _are_few(
        _behind_the_rest(cells, whole, parts, cell), limits
    )


def _behind_the_rest(
    cells: Mapping[K, Cell[K]], whole: Cell[K], parts: Sequence[K], cell: Cell[K]
) -> int | None:
    """At least so many municipalities are in the rest of the margin.

    One municipality may be in the cell and in the rest. In a table's total the number has been
    summed; in a smaller margin they are at least as many as in any other part, and at least what
    the cell lacks of the whole.
    """
    others = [cells[each].municipalities for each in parts if each != cell.key]
    known = [each for each in others if each is not None]
    if whole.municipalities is None or cell.municipalities is None or len(known) < len(others):
        return None
    found = [*known, whole.municipalities - cell.municipalities]
    if whole.is_total and cell.others is not None:
        found.append(cell.others)
    return max(found)


def median_weeks(weeks: Sequence[int], limits: Thresholds) -> int | None:
    """The middle duration in whole weeks, the lower of two; None when they are too few.

    Args:
        weeks: how many took 0, 1, 2 … weeks.
    """
    total = sum(weeks)
    if total < limits.median_of:
        return None
    seen = 0
    for week, count in enumerate(weeks):
        seen += count
        if 2 * seen >= total:
            return week
    raise AssertionError("the middle lies within")
