"""How closely a hidden cell can be reckoned from everything that is shown, earlier releases included.

For each sensitive cell the smallest and the largest whole number is computed that it could have
while every shown cell and every relation holds. The audit is told neither the true value of a
hidden cell nor why it was hidden, so it is as strong as a reader with a solver who knows every
definition, and it says the same of a release however its cells were chosen.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic

from services.statistics.domain.disclosure import K, Relation
from shared.linear import Program

EVERYBODY = 10_700_000
"""No cell counts more people than live in Sweden (Statistics Sweden, end of 2025, rounded up).
A bound that every reader knows; it also keeps the computation bounded."""


@dataclass(frozen=True, slots=True)
class Exposure(Generic[K]):
    """A sensitive cell that what is shown pins down too closely."""

    key: K
    low: int
    high: int


class InconsistentError(ValueError):
    """No numbers fit what is shown: the figures are wrong, and nothing may be released on them."""


@dataclass(frozen=True, slots=True)
class Equation(Generic[K]):
    """What a relation says of the hidden cells alone: these, with their signs, add up to a number."""

    terms: tuple[tuple[K, int], ...]
    value: int


def equations(relations: Iterable[Relation[K]], shown: Mapping[K, int]) -> list[Equation[K]]:
    """The relations with the shown cells' numbers put in.

    Raises:
        InconsistentError: shown cells alone do not add up.
    """
    found = []
    for each in relations:
        terms = tuple((key, sign) for key, sign in each.terms if key not in shown)
        value = -sum(sign * shown[key] for key, sign in each.terms if key in shown)
        if terms:
            found.append(Equation(terms, value))
        elif value:
            raise InconsistentError(str(each))
    return found


def components(system: Sequence[Equation[K]]) -> dict[K, list[Equation[K]]]:
    """For each hidden cell the equations that it hangs together with; the lists are shared."""
    group: dict[K, list[Equation[K]]] = {}
    for each in system:
        joined = [each]
        seen: set[int] = set()
        for key, _ in each.terms:
            old = group.get(key)
            if old is not None and id(old) not in seen:
                seen.add(id(old))
                joined.extend(old)
        for member in joined:
            for key, _ in member.terms:
                group[key] = joined
    return group


def exposures(
    relations: Iterable[Relation[K]],
    shown: Mapping[K, int],
    wanted: AbstractSet[K],
    width: int,
) -> list[Exposure[K]]:
    """The cells of `wanted` whose possible values span less than `width`; in the order of keys.

    Raises:
        InconsistentError: no numbers fit what is shown.
    """
    hanging = components(equations(relations, shown))
    programs: dict[int, tuple[Program, dict[K, int]]] = {}
    found = []
    for key in sorted(wanted, key=repr):
        if key in shown:
            found.append(Exposure(key, shown[key], shown[key]))
            continue
        system = hanging.get(key)
        if system is None:
            continue  # no relation speaks of it with anything shown: it may be anything
        if id(system) not in programs:
            programs[id(system)] = _program(system)
        program, number = programs[id(system)]
        low, high = _reach(program, number[key])
        if high - low < width:
            found.append(Exposure(key, low, high))
    return found


def _program(system: Sequence[Equation[K]]) -> tuple[Program, dict[K, int]]:
    program = Program()
    number: dict[K, int] = {}
    for each in system:
        for key, _ in each.terms:
            if key not in number:
                number[key] = program.add(0, EVERYBODY)
    for each in system:
        program.bind({number[k]: sign for k, sign in each.terms}, each.value, each.value)
    return program, number


def _reach(program: Program, variable: int) -> tuple[int, int]:
    least, most = program.least({variable: 1}), program.most({variable: 1})
    if least is None or most is None:
        raise InconsistentError("no numbers fit what is shown")
    return round(least.objective), round(most.objective)
