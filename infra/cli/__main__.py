"""`python -m infra.cli`: what the script `utvag` becomes once everything is ready."""

import sys

try:
    import click  # noqa: F401  # is the environment still that of this interpreter?
except ModuleNotFoundError:
    import os

    # The machine's Python was exchanged below the environment: make it anew with the new one.
    base = getattr(sys, "_base_executable", sys.executable)
    os.execv(base, [base, "-m", "infra.setup.bootstrap", *sys.argv[1:]])  # noqa: S606

from infra.cli.main import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
