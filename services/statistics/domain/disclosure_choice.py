"""Which further cells to hide, so that the sensitive ones cannot be reckoned from the rest.

One sensitive cell at a time: the cheapest cells whose hiding leaves room for two tables that both
fit everything still shown and lie `width` apart in that cell. Then all are audited together, and
whatever is still exposed is seen to again. That it ended well is what the audit says, not this
search: it is asked last, and of everything that was ever released.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from services.statistics.domain.disclosure import (
    Cell,
    Frozen,
    K,
    Relation,
    Thresholds,
    sensitive,
)
from services.statistics.domain.disclosure_audit import EVERYBODY, exposures
from shared.linear import Program

_REACHES = (1, 4)
"""How far a shown cell's number is let move in the search, in widths: near first, which is quick."""


@dataclass(frozen=True, slots=True)
class Choice(Generic[K]):
    """What of a release is kept back: the sensitive cells, and those hidden for their sake."""

    sensitive: frozenset[K]
    hidden: frozenset[K]


class UnprotectedError(RuntimeError):
    """No choice keeps every sensitive cell: earlier releases have said too much. Nothing is shown."""


def choose(
    cells: Mapping[K, Cell[K]],
    relations: Sequence[Relation[K]],
    earlier: Frozen[K],
    limits: Thresholds,
    *,
    with_complementary: bool = True,
) -> Choice[K]:
    """Decide for a whole release at once which of its cells are shown.

    Args:
        cells: this release's; none of them is in `earlier`.
        relations: between these, and between these and earlier ones.
        with_complementary: False hides the sensitive cells alone, for the test that shows why
            that is not enough.

    Raises:
        UnprotectedError: something sensitive would be known however much is hidden.
        InconsistentError: the cells do not fit the relations.
    """
    own = sensitive(cells, [each for each in relations if _is_within(each, cells)], limits)
    hidden = own | {key for key, cell in cells.items() if not cell.is_shown}
    if with_complementary:
        protected = own | earlier.sensitive
        search = _Search(cells, relations, earlier, limits.width)
        while exposed := exposures(
            relations, _shown(cells, hidden, earlier), protected, limits.width
        ):
            more = hidden
            for each in exposed:
                if more == hidden or not search.is_safe(each.key, more):
                    more |= search.hide_for(each.key, more)
            if more <= hidden:
                raise UnprotectedError(", ".join(repr(each.key) for each in exposed))
            hidden = more
    return Choice(own, frozenset(hidden))


def _is_within(relation: Relation[K], cells: Mapping[K, Cell[K]]) -> bool:
    return all(key in cells for key in relation.keys)


def _shown(cells: Mapping[K, Cell[K]], hidden: frozenset[K], earlier: Frozen[K]) -> dict[K, int]:
    now = {key: cell.count for key, cell in cells.items() if key not in hidden}
    return {**earlier.shown, **now}


class _Search(Generic[K]):
    """The cheapest cells to hide beside those that are hidden already, for one cell's sake."""

    def __init__(
        self,
        cells: Mapping[K, Cell[K]],
        relations: Sequence[Relation[K]],
        earlier: Frozen[K],
        width: int,
    ) -> None:
        self._cells = cells
        self._earlier = earlier
        self._width = width
        self._by_key: dict[K, list[Relation[K]]] = {}
        for each in relations:
            for key in each.keys:
                self._by_key.setdefault(key, []).append(each)

    def is_safe(self, key: K, hidden: frozenset[K]) -> bool:
        """Whether what has been hidden for others' sake protects this cell as well."""
        found: dict[Relation[K], None] = {}
        seen, waiting = {key}, [key]
        for current in waiting:
            for each in self._by_key.get(current, ()):
                found[each] = None
                new = [k for k in each.keys if k not in seen and self._is_unknown(k, hidden)]
                seen.update(new)
                waiting += new
        shown = {
            k: self._earlier.shown[k] if k in self._earlier.shown else self._cells[k].count
            for each in found
            for k in each.keys
            if not self._is_unknown(k, hidden)
        }
        return not exposures(found, shown, {key}, self._width)

    def _is_unknown(self, key: K, hidden: frozenset[K]) -> bool:
        return key in hidden or (key not in self._cells and key not in self._earlier.shown)

    def hide_for(self, key: K, hidden: frozenset[K]) -> frozenset[K]:
        """All that hangs with it where no choice is found; whether that helps, the audit says."""
        near = self._hanging_with(key)
        for reach in _REACHES:
            found = self._cheapest(key, hidden, near, reach * self._width)
            if found is not None:
                return found
        return frozenset(k for each in near for k in each.keys if k in self._cells) - hidden

    def _hanging_with(self, key: K) -> list[Relation[K]]:
        """The relations that lead to the cell over cells that are not known once for all.

        In an order that follows from the data alone: of two choices as cheap the same one is made
        every time.
        """
        found: dict[Relation[K], None] = {}
        seen, waiting = {key}, [key]
        for current in waiting:
            for each in self._by_key.get(current, ()):
                found[each] = None
                for other in each.keys:
                    if other not in seen and other not in self._earlier.shown:
                        seen.add(other)
                        waiting.append(other)
        return list(found)

    def _cheapest(
        self, key: K, hidden: frozenset[K], near: Iterable[Relation[K]], reach: int
    ) -> frozenset[K] | None:
        """Two tables, `a` and `b`, that fit what stays shown and differ by the width in `key`."""
        program = Program()
        tables: tuple[dict[K, int], dict[K, int]] = ({}, {})
        switches: dict[K, int] = {}
        for relation in near:
            for each in relation.keys:
                if each not in tables[0] and each not in self._earlier.shown:
                    self._add(program, each, hidden, tables, switches, reach)
            known = -sum(
                sign * self._earlier.shown[k]
                for k, sign in relation.terms
                if k in self._earlier.shown
            )
            for table in tables:
                terms = {table[k]: sign for k, sign in relation.terms if k in table}
                if terms:
                    program.bind(terms, known, known)
        program.bind({tables[1][key]: 1, tables[0][key]: -1}, self._width)
        found = program.least({number: self._cells[k].worth for k, number in switches.items()})
        if found is None:
            return None
        return frozenset(k for k, number in switches.items() if found.values[number] > 0.5)

    def _add(
        self,
        program: Program,
        key: K,
        hidden: frozenset[K],
        tables: tuple[dict[K, int], dict[K, int]],
        switches: dict[K, int],
        reach: int,
    ) -> None:
        """The cell in both tables; one that is shown moves only when its switch hides it."""
        if key in hidden or key not in self._cells:
            for table in tables:
                table[key] = program.add(0, EVERYBODY, is_whole=False)
            return
        count = self._cells[key].count
        switch = switches[key] = program.add(0, 1)
        below = min(count, reach)
        for table in tables:
            number = table[key] = program.add(count - below, count + reach, is_whole=False)
            program.bind({number: 1, switch: -reach}, high=count)
            program.bind({number: 1, switch: below}, low=count)
