"""A failpoint that the environment names, in a process of its own."""

import subprocess
import sys


def test_a_failpoint_from_the_environment_ends_the_process_as_a_kill_would():
    script = (
        "import sys; from shared.db import failpoints as f;"
        "f.reach('outbox.after_claim'); print('once', flush=True);"
        "f.reach('outbox.after_claim'); print('twice')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"UTVAG_FAILPOINT": "outbox.after_claim:2", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (137, "once\n")
