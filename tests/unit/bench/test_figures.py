"""What a measurement says, from what was measured."""

import asyncio

import msgspec
import pytest

from infra.bench.lines import Run, flights
from infra.bench.measure import AIMS, Compared, Figures, Wanted, costs_of, percentile
from infra.bench.sampling import Sampled
from infra.bench.words import as_text


@pytest.mark.parametrize(("percent", "wanted"), [(50, 5), (99, 10), (1, 1)])
def test_a_percentile_is_one_of_the_values(percent, wanted):
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == wanted


def test_a_ratio_is_taken_round_by_round_and_not_of_the_medians():
    # The machine was twice as slow in the second round: the ratio is the same in both.
    found = Compared.of([4.0, 8.0, 4.0], [8.0, 16.0, 8.0])
    assert found.ratio == 2.0
    slow = Compared.of([1.0, 10.0, 2.0], [9.0, 20.0, 8.0])
    assert (slow.floor, slow.product, slow.ratio) == (2.0, 9.0, 4.0)


def test_costs_are_of_one_command_and_the_servers_are_among_them():
    seen = [Sampled({"crypto": 100, "sqlalchemy": 300}, {}), Sampled({"crypto": 100}, {})]
    found = costs_of({"programs": 5.0, "postgres": 2.5, "nats": 0.5}, seen)
    assert [cost.name for cost in found] == [
        "sqlalchemy",
        "server postgres",
        "crypto",
        "server nats",
    ]
    assert found[0].ms == pytest.approx(5.0 * 300 / 500)
    assert sum(cost.share for cost in found) == pytest.approx(1)


def figures(**changes) -> Figures:
    same = Compared(4.0, 8.0, 2.0)
    given = {
        "wanted": Wanted(),
        "one_p50_ms": same,
        "one_p99_ms": same,
        "many_p50_ms": same,
        "many_p99_ms": same,
        "rate": Compared(500.0, 300.0, 0.6),
        "cpu_ms": same,
        "cpu_parts_ms": {"floor": {"programs": 3.0}, "product": {"programs": 6.0}},
        "transactions": same,
        "whole_p50_ms": 100.0,
        "whole_p99_ms": 200.0,
        "proposal_p50_ms": 20.0,
        "costs": costs_of({"programs": 2.0, "postgres": 2.5}, [Sampled({"crypto": 1}, {})]),
        "places": {},
    }
    return Figures(**{**given, **changes})


def test_an_aim_is_reached_at_its_limit_and_not_beyond():
    assert all(figures().reached.values())
    beyond = Compared(4.0, 8.1, AIMS["p50"] + 0.01)
    assert not figures(one_p50_ms=beyond).reached["p50"]
    assert not figures(rate=Compared(500.0, 200.0, AIMS["rate"] - 0.01)).reached["rate"]
    assert "inte nått" in as_text(figures(cpu_ms=beyond))
    assert "inte nått" not in as_text(figures())


def test_the_table_names_the_costs_in_words():
    assert "1. krypto: signera, försegla, öppna: 2.00 ms" not in as_text(figures())
    assert "1. servern PostgreSQL: 2.50 ms (56%)" in as_text(figures())


async def test_no_more_are_in_flight_than_asked_for():
    in_work, most = set(), 0

    async def one(place: int) -> None:
        nonlocal most
        assert place not in in_work
        in_work.add(place)
        most = max(most, len(in_work))
        await asyncio.sleep(0)
        in_work.discard(place)

    took = await flights(one, 20, 4)
    assert (len(took.each_ms), most) == (20, 4)


def test_a_run_survives_the_line_between_two_processes():
    run = Run("whole", 3, 1)
    assert msgspec.json.decode(msgspec.json.encode(run), type=Run) == run
