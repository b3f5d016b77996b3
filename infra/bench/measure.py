"""Runs floor and product in turn, and says how they compare."""

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from infra.bench.lines import Run, Took
from infra.bench.sampling import Sampled
from infra.bench.stage import Side, Stage, open_stage

SIDES: Final[tuple[Side, Side]] = ("floor", "product")
TOP: Final = 5

# The great column of the project's reliability notes: p50, p99, rate, processor time.
AIMS: Final = {"p50": 2.0, "p99": 3.0, "rate": 0.5, "cpu": 2.0}


class Wanted(msgspec.Struct, frozen=True):
    """How much is measured.

    Args:
        rounds: how often both are run in turn.
        one: commands a run, one in flight.
        many: commands a run, `in_flight` at a time.
        whole: whole handovers, one in flight, product only.
    """

    rounds: int = 5
    one: int = 60
    many: int = 320
    in_flight: int = 64
    whole: int = 10


class Compared(msgspec.Struct, frozen=True):
    """One figure of both: the median of the rounds, and the median of the rounds' ratios.

    Args:
        ratio: product to floor, round by round.
    """

    floor: float
    product: float
    ratio: float

    @classmethod
    def of(cls, floor: Sequence[float], product: Sequence[float]) -> "Compared":
        """Of a figure's values, in the order of the rounds."""
        ratios = [theirs / ours for ours, theirs in zip(floor, product, strict=True)]
        return cls(*(statistics.median(values) for values in (floor, product, ratios)))


class Cost(msgspec.Struct, frozen=True):
    """What costs processor time in the product.

    Args:
        ms: for one command.
    """

    name: str
    ms: float
    share: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured; milliseconds, and commands a second.

    Args:
        cpu_parts_ms: by side and part, for one command with many in flight.
        transactions: that wrote, savepoints counted, for one command with many in flight.
        costs: the product's, largest first.
        places: the functions seen most often in its processes, with their share.
    """

    wanted: Wanted
    one_p50_ms: Compared
    one_p99_ms: Compared
    many_p50_ms: Compared
    many_p99_ms: Compared
    rate: Compared
    cpu_ms: Compared
    cpu_parts_ms: dict[str, dict[str, float]]
    transactions: Compared
    whole_p50_ms: float
    whole_p99_ms: float
    proposal_p50_ms: float
    costs: list[Cost]
    places: dict[str, float]

    @property
    def reached(self) -> dict[str, bool]:
        """Which aims are."""
        return {
            "p50": self.one_p50_ms.ratio <= AIMS["p50"],
            "p99": self.one_p99_ms.ratio <= AIMS["p99"],
            "rate": self.rate.ratio >= AIMS["rate"],
            "cpu": self.cpu_ms.ratio <= AIMS["cpu"],
        }


class _Measured(msgspec.Struct, frozen=True):
    took: Took
    cpu_ms: dict[str, float]
    transactions: float


async def measure(wanted: Wanted, tell: Callable[[str], None]) -> Figures:
    """Set up, measure, take down.

    Raises:
        BenchError: something did not run.
    """
    tell("Startar PostgreSQL, NATS, golvet och två noder.")
    async with open_stage(wanted.in_flight) as stage:
        one, many = Run("command", wanted.one, 1), Run("command", wanted.many, wanted.in_flight)
        for side in SIDES:  # caches fill, connections open
            for warm in (Run("command", 5, 1), Run("command", wanted.in_flight, wanted.in_flight)):
                await _measured(stage, side, warm)
        singly: dict[Side, list[_Measured]] = {side: [] for side in SIDES}
        together: dict[Side, list[_Measured]] = {side: [] for side in SIDES}
        seen: list[Sampled] = []
        for number in range(wanted.rounds):
            tell(f"Omgång {number + 1} av {wanted.rounds}.")
            for side in SIDES:
                singly[side].append(await _measured(stage, side, one))
            await stage.sampled()  # only what many in flight cost is profiled
            for side in SIDES:
                together[side].append(await _measured(stage, side, many))
            seen += await stage.sampled()
        tell(f"{wanted.whole} hela överlämningar.")
        whole = (await _measured(stage, "product", Run("whole", wanted.whole, 1))).took
    return _figures(wanted, singly, together, seen, whole)


async def _measured(stage: Stage, side: Side, run: Run) -> _Measured:
    cpu, before = stage.cpu_s(side), await stage.transactions()
    took = await (stage.floor if side == "floor" else stage.product).run(run)
    used = stage.cpu_s(side)
    return _Measured(
        took,
        {part: (used[part] - cpu[part]) * 1000 / run.count for part in cpu},
        (await stage.transactions() - before) / run.count,
    )


def _figures(
    wanted: Wanted,
    singly: Mapping[Side, Sequence[_Measured]],
    together: Mapping[Side, Sequence[_Measured]],
    seen: Sequence[Sampled],
    whole: Took,
) -> Figures:
    def compared(
        runs: Mapping[Side, Sequence[_Measured]], of: Callable[[_Measured], float]
    ) -> Compared:
        return Compared.of(*([of(run) for run in runs[side]] for side in SIDES))

    parts = {
        str(side): {
            part: statistics.median(run.cpu_ms[part] for run in together[side])
            for part in together[side][0].cpu_ms
        }
        for side in SIDES
    }
    return Figures(
        wanted=wanted,
        one_p50_ms=compared(singly, lambda run: percentile(run.took.each_ms, 50)),
        one_p99_ms=compared(singly, lambda run: percentile(run.took.each_ms, 99)),
        many_p50_ms=compared(together, lambda run: percentile(run.took.each_ms, 50)),
        many_p99_ms=compared(together, lambda run: percentile(run.took.each_ms, 99)),
        rate=compared(together, lambda run: len(run.took.each_ms) / run.took.wall_s),
        cpu_ms=compared(together, lambda run: sum(run.cpu_ms.values())),
        cpu_parts_ms=parts,
        transactions=compared(together, lambda run: run.transactions),
        whole_p50_ms=percentile(whole.each_ms, 50),
        whole_p99_ms=percentile(whole.each_ms, 99),
        proposal_p50_ms=percentile(whole.proposal_ms, 50),
        costs=costs_of(parts["product"], seen)[:TOP],
        places=_places(seen),
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def costs_of(parts: Mapping[str, float], seen: Sequence[Sampled]) -> list[Cost]:
    """The servers as measured, the programs' measured time by the shares sampled; largest first.

    The kernel rounds the sampler's step up to its own, so that looks count shares and not time.
    """
    looks: Counter[str] = Counter()
    for sampled in seen:
        looks.update(sampled.costs)
    programs = parts.get("programs", 0.0)
    found = {name: programs * count / looks.total() for name, count in looks.items()}
    found |= {f"server {name}": ms for name, ms in parts.items() if name != "programs"}
    total = sum(found.values()) or 1.0
    ordered = sorted(found.items(), key=lambda each: -each[1])
    return [Cost(name, ms, ms / total) for name, ms in ordered]


def _places(seen: Sequence[Sampled]) -> dict[str, float]:
    looks: Counter[str] = Counter()
    for sampled in seen:
        looks.update(sampled.places)
    total = looks.total() or 1
    return {name: count / total for name, count in looks.most_common(TOP * 2)}
