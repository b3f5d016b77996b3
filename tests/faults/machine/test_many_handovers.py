"""R1 in short: a hundred handovers among three real nodes while everything dies by `kill -9`."""

import os
import re
import subprocess
import sys

import pytest

from infra.faults.plan import Branch
from infra.setup import paths
from tests.support.processes import left_after

pytestmark = [pytest.mark.servers, pytest.mark.faults]
_WITHIN_S = 900
_LINE = r"handovers=(\d+) lost=0 twice=0 nobody=0 stuck=0 kills=([1-9]\d*)"


def test_no_handover_is_lost_doubled_abandoned_or_stuck_while_everything_dies(
    tmp_path, record_testsuite_property
) -> None:
    """A hundred; on a machine with much else to do as many as two minutes let begin."""
    words = "faults --handovers 100 --nodes 3 --in-flight 40 --seed 7 --minutes 2"
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", *words.split()],
        cwd=paths.ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )
    last = done.stdout.splitlines()[-1] if done.stdout else done.stderr[-2000:]
    record_testsuite_property("summary", last)
    found = re.fullmatch(_LINE, last)
    assert found, done.stdout + done.stderr
    assert int(found[1]) >= len(Branch)  # each branch is among the first
    assert done.returncode == 0
    assert left_after(tmp_path, 10.0) == {}
