"""R2 and R4 in full: ten thousand handovers among ten nodes, three seeds; ten thousand conversations."""

import re
import subprocess
import sys

import pytest

from infra.setup import paths
from services.handover.domain.table import RECEIVER, SENDER
from tests.unit.handover.test_network_by_chance import play

pytestmark = [pytest.mark.servers, pytest.mark.faults]
_WITHIN_S = 4 * 3_600
_LINE = r"handovers=(\d+) lost=0 twice=0 nobody=0 stuck=0 kills=([1-9]\d*)"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_ten_thousand_handovers_none_is_lost_while_everything_dies(seed) -> None:
    words = f"faults --handovers 10000 --nodes 10 --seed {seed}"
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", *words.split()],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )
    print(done.stdout)  # noqa: T201 - the figures are what the night is for
    found = re.fullmatch(_LINE, done.stdout.splitlines()[-1])
    assert found, done.stdout + done.stderr
    assert int(found[1]) >= 10_000
    assert done.returncode == 0


def test_ten_thousand_conversations_end_as_the_walk_allows() -> None:
    rows = set()
    for seed in range(10_000):
        rows |= play(seed, 100).used
    assert len(rows) / len((*SENDER, *RECEIVER)) >= 0.99
