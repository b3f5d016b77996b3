"""A simulated nation: 290 municipalities with realistic volumes, for any half-years, from a seed.

Nobody in it exists. The volumes follow what is known (`domain.md` 5.1): some hundreds of contacts a
year in the nation, tens in a large city, none in most municipalities. A person who is handed over
leaves one municipality and is received by another in the same half-year.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.statistics.api import DIMENSIONS, DimensionId, HalfYear, Happening
from shared.ids import AuthorityCode
from shared.policy.municipality import municipality_register

LARGE: dict[str, float] = {"0180": 60, "1480": 50, "1280": 40, "0380": 18, "0580": 14, "1880": 14}
"""Contacts in a half-year: Stockholm, Göteborg, Malmö, Uppsala, Linköping, Örebro."""
ELSEWHERE = 0.9
Person = Mapping[DimensionId, str]
WHO: tuple[DimensionId, ...] = ("age", "sex", "group_type", "channel", "threat")
_WEIGHTS: dict[DimensionId, tuple[float, ...]] = {
    "age": (12, 20, 30, 28, 9, 1),
    "sex": (12, 86, 2),
    "group_type": (62, 10, 12, 9, 5, 2),
    "channel": (40, 18, 4, 30, 6, 2),
    "threat": (20, 30, 22, 28),
}


@dataclass
class _Town:
    rng: random.Random
    mean: float
    ongoing: list[Person] = field(default_factory=list)


class SimulatedNation:
    """Draws one half-year after the other.

    Args:
        seed: the same seed, the same nation.
    """

    def __init__(self, seed: int, codes: Sequence[AuthorityCode] | None = None) -> None:
        self.codes = sorted(municipality_register()) if codes is None else sorted(codes)
        self._rng = random.Random(seed)  # noqa: S311 - nobody's secret
        self._towns = {
            code: _Town(random.Random(f"{seed}|{code}"), LARGE.get(code, ELSEWHERE))  # noqa: S311
            for code in self.codes
        }

    def half_years(
        self, first: HalfYear, count: int
    ) -> Iterator[tuple[HalfYear, dict[AuthorityCode, list[Happening]]]]:
        """What happens in each municipality, half-year by half-year."""
        half = first
        for _ in range(count):
            yield half, self._draw()
            half = half.following

    def _draw(self) -> dict[AuthorityCode, list[Happening]]:
        found: dict[AuthorityCode, list[Happening]] = defaultdict(list)
        for code, town in self._towns.items():
            found[code] += self._flow(code, town, found)
        for code, town in self._towns.items():
            found[code] += [Happening("ongoing", person) for person in town.ongoing]
        return dict(found)

    def _flow(
        self, code: AuthorityCode, town: _Town, found: Mapping[AuthorityCode, list[Happening]]
    ) -> Iterator[Happening]:
        rng = town.rng
        for _ in range(_poisson(rng, town.mean)):
            person: Person = {
                each: rng.choices(DIMENSIONS[each], _WEIGHTS[each])[0] for each in WHO
            }
            yield Happening("contacts", person)
            if rng.random() < 0.8:
                yield Happening("identified")
            town.ongoing.append(person)
        for person in list(town.ongoing):
            fate = rng.random()
            if fate < 0.25:
                yield Happening("assessed")
                if fate < 0.15:
                    yield Happening("admitted", person)
                else:
                    reason = rng.choice(DIMENSIONS["not_admitted_reason"])
                    yield Happening("not_admitted", {"not_admitted_reason": reason})
                    yield from _end(town, person, "NOT_ADMITTED")
                    continue
            if fate > 0.86:
                yield Happening("completed", person)
                yield from _end(town, person, "COMPLETED")
            elif fate > 0.76:
                yield from _end(town, person, rng.choice(("WITHDRAWN", "LOST_CONTACT")))
            elif fate > 0.72:
                yield from self._hand_over(code, town, person, found)

    def _hand_over(
        self,
        code: AuthorityCode,
        town: _Town,
        person: Person,
        found: Mapping[AuthorityCode, list[Happening]],
    ) -> Iterator[Happening]:
        rng = town.rng
        yield Happening("proposed")
        yield Happening("weeks_to_answer", {"weeks": str(rng.randrange(1, 9))})
        fate, other = rng.random(), self._rng.choice(self.codes)
        if fate < 0.75 and other != code:
            yield Happening("weeks_to_take_over", {"weeks": str(rng.randrange(2, 16))})
            yield from _end(town, person, "TRANSFERRED")
            self._towns[other].ongoing.append(person)
            found[other].append(Happening("received"))
        else:
            yield Happening("declined" if fate < 0.9 else "disputed")


def _end(town: _Town, person: Person, reason: str) -> Iterator[Happening]:
    town.ongoing.remove(person)
    yield Happening("ended", {"ended_reason": reason})


def _poisson(rng: random.Random, mean: float) -> int:
    """Knuth's way; the means are small."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
