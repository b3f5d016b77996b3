"""The measurement itself, at its smallest: that it measures what it says, not how fast that is."""

import os
from pathlib import Path

import pytest

from infra.bench.measure import Wanted, measure
from infra.setup import paths

pytestmark = pytest.mark.servers


def left() -> set[str]:
    """Our child processes, and folders of measurements."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {*children, *(folder.name for folder in paths.MADE.glob("bench-*"))}


async def test_the_smallest_measurement_compares_floor_and_product_and_leaves_nothing():
    before = left()
    said: list[str] = []
    figures = await measure(Wanted(rounds=1, one=3, many=8, in_flight=4, whole=1), said.append)
    # Three commits make one command at the least; the product has its own and no fewer.
    assert figures.transactions.floor >= 3
    assert figures.transactions.product >= figures.transactions.floor
    for found in (figures.one_p50_ms, figures.rate, figures.cpu_ms):
        assert min(found.floor, found.product, found.ratio) > 0
    assert figures.whole_p50_ms > figures.proposal_p50_ms > 0
    assert len(figures.costs) == 5
    assert "server postgres" in {cost.name for cost in figures.costs}
    assert said[0].startswith("Startar")
    assert left() <= before
