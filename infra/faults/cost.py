"""What the run costs: processor seconds of everything below this process, the dead included."""

import os
from collections import defaultdict
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_NAMES = {"postgres": "postgres", "nats-server": "nats"}


def processor_seconds() -> dict[str, float]:
    """By sort of process: `postgres`, `nats`, and `python` for nodes and the run itself."""
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            before, _, after = (entry / "stat").read_text().rpartition(")")
        except OSError:
            continue
        words = after.split()
        pid = int(entry.name)
        parents[pid] = int(words[1])
        names[pid] = before.partition("(")[2]
        # Own time, and that of children that have ended and were waited for.
        seconds[pid] = sum(map(int, words[11:15])) / _TICKS
    total: dict[str, float] = defaultdict(float)
    for pid, spent in seconds.items():
        if _is_below(pid, parents):
            total[_NAMES.get(names[pid], "python")] += spent
    return dict(total)


def _is_below(pid: int, parents: dict[int, int]) -> bool:
    while pid in parents and pid != os.getpid():
        pid = parents[pid]
    return pid == os.getpid()
