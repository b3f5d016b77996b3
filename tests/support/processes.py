"""Looks for processes of a state folder in every way there is, independently of the product."""

import os
import time
from pathlib import Path


def processes_of(state: Path) -> dict[int, str]:
    """Every living process whose environment, command line or working folder names the folder."""
    folder = str(state.resolve()).encode()
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "environ").read_bytes() + b"\0" + (entry / "cmdline").read_bytes()
            stat = (entry / "stat").read_text()
            where = os.fsencode((entry / "cwd").readlink())
        except OSError:
            continue
        is_alive = stat.rpartition(")")[2].split()[0] not in "ZX"
        if is_alive and (folder in words or where.startswith(folder)):
            name = stat[stat.index("(") + 1 : stat.rindex(")")]
            found[int(entry.name)] = name
    return found


def left_after(state: Path, timeout_s: float) -> dict[int, str]:
    """What is still there when all should be gone; empty as soon as nothing is."""
    limit = time.monotonic() + timeout_s
    while found := processes_of(state):
        if time.monotonic() > limit:
            return found
        time.sleep(0.05)
    return {}
