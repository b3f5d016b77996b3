"""`python -m infra.supervisor`, with the options as JSON: guardian and supervisor."""

import sys

from infra.supervisor.guardian import guard


def _supervise() -> int:
    # Imported after the fork: the guardian stays small.
    from infra.supervisor.supervisor import run  # noqa: PLC0415

    return run(_OPTIONS)


_OPTIONS = sys.argv[1].encode()
sys.exit(guard(_supervise))
