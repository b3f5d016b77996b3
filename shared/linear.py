"""Whole numbers bound by equations: how small and how large may each be; and what costs least.

The solver (HiGHS) stays behind this module; who asks speaks of variables and sums. It computes and
does nothing else: the same question gets the same answer, by one thread, without file or network.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import highspy
import numpy as np

_NEAR = 1e-6
"""How far from a whole number the solver's own tolerance lets a whole number lie."""


class UnsolvedError(RuntimeError):
    """The solver gave up: neither an answer nor a proof that there is none."""


@dataclass(frozen=True, slots=True)
class Found:
    """A best answer: the objective, and each variable's value."""

    objective: float
    values: tuple[float, ...]


class Program:
    """Variables, sums over them that must lie within bounds, and questions about the extremes.

    A question is solved first as if fractions were allowed, which is fast; where the corner found
    is whole in every variable that must be whole, it is the answer, else it is solved anew by
    branching.
    """

    def __init__(self) -> None:
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("mip_rel_gap", 0.0),
            ("random_seed", 1),
        ):
            self._solver.setOptionValue(option, value)
        self._whole: list[int] = []
        self._count = 0
        self._objective: dict[int, float] = {}

    def add(self, low: float = 0, high: float = math.inf, *, is_whole: bool = True) -> int:
        """A new variable; its number."""
        self._solver.addVar(low, high)
        if is_whole:
            self._whole.append(self._count)
        self._count += 1
        return self._count - 1

    def bind(
        self, terms: Mapping[int, float], low: float = -math.inf, high: float = math.inf
    ) -> None:
        """The sum of these variables, each times its factor, lies within the bounds."""
        at = np.fromiter(terms.keys(), dtype=np.int32, count=len(terms))
        by = np.fromiter(terms.values(), dtype=np.float64, count=len(terms))
        self._solver.addRow(low, high, len(terms), at, by)

    def least(self, objective: Mapping[int, float]) -> Found | None:
        """The smallest value of a sum; None where nothing fits the bounds.

        Raises:
            UnsolvedError: it has no smallest value (bound your variables), or the solver gave up.
        """
        return self._best(objective, highspy.ObjSense.kMinimize)

    def most(self, objective: Mapping[int, float]) -> Found | None:
        """The largest value; otherwise as `least`."""
        return self._best(objective, highspy.ObjSense.kMaximize)

    def _best(self, objective: Mapping[int, float], sense: highspy.ObjSense) -> Found | None:
        for variable in self._objective.keys() - objective.keys():
            self._solver.changeColCost(variable, 0.0)
        for variable, cost in objective.items():
            self._solver.changeColCost(variable, cost)
        self._objective = dict(objective)
        self._solver.changeObjectiveSense(sense)
        found = self._run()
        if found is None or self._is_whole(found):
            return found
        self._set_whole(self._whole, highspy.HighsVarType.kInteger)
        try:
            return self._run()
        finally:
            self._set_whole(self._whole, highspy.HighsVarType.kContinuous)

    def _run(self) -> Found | None:
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise UnsolvedError(str(status))
        return Found(
            self._solver.getInfo().objective_function_value,
            tuple(self._solver.getSolution().col_value),
        )

    def _is_whole(self, found: Found) -> bool:
        values = found.values
        return all(abs(values[each] - round(values[each])) < _NEAR for each in self._whole)

    def _set_whole(self, variables: Iterable[int], kind: highspy.HighsVarType) -> None:
        for variable in variables:
            self._solver.changeColIntegrality(variable, kind)
