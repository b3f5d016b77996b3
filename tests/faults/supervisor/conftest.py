import contextlib

import pytest

from infra.supervisor.system import System
from tests.support.processes import left_after


@pytest.fixture
async def make_system(tmp_path):
    """Systems of servers only, each in a folder of its own; stopped afterwards."""
    made = []

    def make(name="state", **options):
        options = {"has_identity": False, "has_nodes": False, "only": ("0580",)} | options
        system = System(tmp_path / name, **options)
        made.append(system)
        return system

    yield make
    for system in made:
        with contextlib.suppress(FileNotFoundError):
            await system.stop()
        assert left_after(system.state.folder, 10) == {}
