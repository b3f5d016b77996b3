"""The demo's national coordination with half-years of a simulated nation behind it.

Refused where the node is no demo: invented totals beside real ones would be worse than none.
"""

from pathlib import Path

from gateway.node import open_node
from gateway.policies import load_federation
from gateway.settings import load_settings
from infra.demo.caller import StoryError
from infra.demo.nation import SimulatedNation
from infra.supervisor.state import State
from services.statistics.api import HalfYear, release_simulated

NATION = "9002"
SEED = 2025
FIRST = HalfYear(2025, 1)


async def load_releases(folder: Path, count: int = 2) -> int:
    """Release so many half-years, 2025's first being the first; how many were not there before.

    Raises:
        StoryError: the state is no demo, or runs no national coordination.
    """
    file = State.of(folder).settings(NATION)
    if not file.exists():
        raise StoryError("den nationella samordningen körs inte här")
    settings = load_settings(file)
    if not settings.is_demo:
        raise StoryError("påhittad statistik läggs bara i ett övningssystem")
    done = 0
    async with open_node(settings, "worker", load_federation(settings.tenants_dir)) as node:
        for half_year, happened in SimulatedNation(SEED).half_years(FIRST, count):
            done += await release_simulated(node, half_year, happened)
    return done
