"""Somebody who reads every published table, knows what each word means, and has a solver.

Shares nothing with what it attacks but the files that everybody may read: it takes the releases as
the signed bytes, knows the layout of the tables by their names, and writes down every equation
that it can think of. For each figure that is kept back it then asks a solver for the least and the
most that it can be.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np

Fact = tuple[str, str, frozenset[tuple[str, str]]]
"""Series, period, and what it is narrowed to."""

STOCKS = {"ongoing", "external_providers"}
ALIASES = {
    "completed": "COMPLETED",
    "excluded_relapse": "EXCLUDED_RELAPSE",
    "not_admitted": "NOT_ADMITTED",
}
WITHIN = {
    "identified": "contacts",
    "no_offence_at_closing": "checked_at_closing",
    "no_offence_after_a_year": "checked_after_a_year",
    "money_granted": "money_applied",
}
MANY = 1e6


@dataclass(frozen=True)
class Bound:
    low: int
    high: int

    @property
    def width(self) -> int:
        return self.high - self.low


class Attacker:
    """Reads, then answers how much of a figure it knows."""

    def __init__(self, published: Iterable[bytes]) -> None:
        self.known: dict[Fact, int] = {}
        self.kept_back: set[Fact] = set()
        self._sums: set[tuple[Fact, frozenset[Fact]]] = set()
        for each in published:
            for table in json.loads(each)["tables"]:
                self._read(table)
        self._definitions()
        self._systems = self._split()
        self._solvers: dict[int, tuple[highspy.Highs, dict[Fact, int]]] = {}

    def _read(self, table: dict) -> None:
        series, *dimensions = table["kind"].split(".")
        if dimensions == ["total"]:
            dimensions = []
        facts = {}
        for *key, count in table["cells"]:
            what = frozenset((d, c) for d, c in zip(dimensions, key, strict=True) if c != "*")
            period = table["period"]
            if series in STOCKS and not what and "H" not in period:
                period += "H2"
            facts[tuple(key)] = fact = (series, period, what)
            if count is None:
                self.kept_back.add(fact)
            else:
                self.known[fact] = count
        self._margins(facts)
        if self.known.get(facts[("*",) * len(dimensions)]) == 0:
            for fact in facts.values():
                self.known[fact] = 0

    def _margins(self, facts: dict[tuple[str, ...], Fact]) -> None:
        for key, fact in facts.items():
            for at, category in enumerate(key):
                beside = key[:at] + key[at + 1 :]
                parts = [
                    other
                    for place, other in facts.items()
                    if place[at] != "*" and place[:at] + place[at + 1 :] == beside
                ]
                if category == "*" and parts:
                    self._sums.add((fact, frozenset(parts)))

    def _definitions(self) -> None:
        facts = self.known.keys() | self.kept_back
        for series, period, what in list(facts):
            if what:
                continue
            fact = (series, period, what)
            halves = [(series, f"{period}{half}", what) for half in ("H1", "H2")]
            if "H" not in period and any(half in facts for half in halves):
                self._sums.add((fact, frozenset(half for half in halves if half in facts)))
            if series in ALIASES:
                other = ("ended", period, frozenset({("ended_reason", ALIASES[series])}))
                if other in facts:
                    self._sums.add((fact, frozenset({other})))
            if series in WITHIN:
                whole = (WITHIN[series], period, what)
                self._sums.add((whole, frozenset({fact, (f"not {series}", period, what)})))
        self.kept_back -= self.known.keys()

    def _split(self) -> dict[Fact, tuple]:
        """Figures that hang together, each group with its equations."""
        leader: dict[Fact, Fact] = {}

        def root(fact: Fact) -> Fact:
            while leader.setdefault(fact, fact) != fact:
                fact = leader[fact]
            return fact

        rows = []
        for whole, parts in self._sums:
            unknown = [f for f in (whole, *parts) if f not in self.known]
            total = self.known.get(whole, 0) - sum(self.known.get(f, 0) for f in parts)
            rows.append((unknown, whole, total))
            for one, two in itertools.pairwise(unknown):
                leader[root(one)] = root(two)
        groups: dict[Fact, list] = defaultdict(list)
        for row in rows:
            if row[0]:
                groups[root(row[0][0])].append(row)
        return {fact: groups[root(fact)] for fact in leader}

    def what_is_known_of(self, fact: Fact) -> Bound:
        """The least and the most that the figure can be."""
        if fact in self.known:
            return Bound(self.known[fact], self.known[fact])
        rows = self._systems.get(fact)
        if not rows:
            return Bound(0, int(MANY))
        if id(rows) not in self._solvers:
            self._solvers[id(rows)] = _solver(rows)
        solver, number = self._solvers[id(rows)]
        ends = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            solver.changeObjectiveSense(sense)
            solver.changeColCost(number[fact], 1.0)
            ends.append(_end(solver, len(number)))
            solver.changeColCost(number[fact], 0.0)
        return Bound(*ends)


def _solver(rows: list) -> tuple[highspy.Highs, dict[Fact, int]]:
    names = sorted({f for unknown, _, _ in rows for f in unknown}, key=repr)
    number = {f: at for at, f in enumerate(names)}
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(names), len(rows)
    lp.col_cost_ = np.zeros(len(names))
    lp.col_lower_, lp.col_upper_ = np.zeros(len(names)), np.full(len(names), MANY)
    lp.row_lower_ = lp.row_upper_ = np.array([float(total) for _, _, total in rows])
    starts, index, value = [0], [], []
    for unknown, whole, _ in rows:
        index += [number[f] for f in unknown]
        value += [-1.0 if f == whole else 1.0 for f in unknown]
        starts.append(len(index))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts)
    lp.a_matrix_.index_ = np.array(index)
    lp.a_matrix_.value_ = np.array(value)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(lp)
    return solver, number


def _end(solver: highspy.Highs, size: int) -> int:
    """Fractions first; people come whole, so a corner with halves in it is looked at again."""
    kinds = np.arange(size, dtype=np.int32)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    corner = np.array(solver.getSolution().col_value)
    if np.abs(corner - corner.round()).max() > 1e-6:
        whole = np.full(size, highspy.HighsVarType.kInteger)
        solver.changeColsIntegrality(size, kinds, whole)
        solver.run()
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        found = round(solver.getInfo().objective_function_value)
        solver.changeColsIntegrality(size, kinds, np.full(size, highspy.HighsVarType.kContinuous))
        return found
    return round(solver.getInfo().objective_function_value)
