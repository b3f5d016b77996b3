"""Finds and ends what an earlier system of the same state folder left running.

A process is ours when its environment carries both markers, with our folder. PostgreSQL overwrites
its environment to show what it does, so its processes are known by program and working folder. No
process is ever chosen by its name alone, and every signal goes through a handle (pidfd) that was
opened before the check: a number that is reused in between is not hit.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.supervisor.process import MARKER, NAME
from infra.supervisor.state import State

_ASK_S = 25.0  # an orderly stop of the whole system
_END_S = 5.0
_STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class Leftover:
    """A process of the state folder, held by a handle."""

    pid: int
    name: str
    handle: int

    def send(self, number: signal.Signals) -> None:
        """The signal; nothing if it has ended."""
        try:
            signal.pidfd_send_signal(self.handle, number)
        except (ProcessLookupError, PermissionError):
            return


def find(state: State) -> list[tuple[int, str]]:
    """Process number and name of all that belong to this state folder, ourselves excepted."""
    own = _ourselves()
    return [(pid, name) for pid, name in _all(state) if pid not in own]


def end(state: State) -> list[str]:
    """End them all: first the supervisor, which stops the rest in order; returns their names.

    Blocks until none is left.
    """
    ended: list[str] = []
    ended += _round(state, ("supervisor",), signal.SIGTERM, _ASK_S)
    ended += _round(state, None, signal.SIGTERM, _END_S)
    while left := _round(state, None, signal.SIGKILL, _END_S):
        ended += left
    return ended


def _round(
    state: State, names: tuple[str, ...] | None, number: signal.Signals, wait_s: float
) -> list[str]:
    """Signal all, or those of a name, and wait until they are gone or the time is out."""
    found = [leftover for leftover in _held(state) if names is None or leftover.name in names]
    try:
        for leftover in found:
            # PostgreSQL waits for its clients at SIGTERM, and ends them at SIGINT.
            is_gentle = leftover.name == "postgres" and number == signal.SIGTERM
            leftover.send(signal.SIGINT if is_gentle else number)
        limit = time.monotonic() + wait_s
        while any(_lives(leftover.pid) for leftover in found) and time.monotonic() < limit:
            time.sleep(_STEP_S)
    finally:
        for leftover in found:
            os.close(leftover.handle)
    return [leftover.name for leftover in found]


def _held(state: State) -> Iterator[Leftover]:
    for pid, _ in find(state):
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            continue
        # Checked again, now that the number cannot change its owner.
        name = _name(pid, state)
        if name is None or not _lives(pid):
            os.close(handle)
            continue
        yield Leftover(pid, name, handle)


def _all(state: State) -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        name = _name(int(entry.name), state)
        if name is not None and _lives(int(entry.name)):
            yield int(entry.name), name


def _name(pid: int, state: State) -> str | None:
    """What the process is in the system of this state folder; None if it is not of it."""
    process = Path(f"/proc/{pid}")
    try:
        words = (process / "environ").read_bytes().split(b"\0")
        if f"{MARKER}={state.folder}".encode() in words:
            for word in words:
                if word.startswith(f"{NAME}=".encode()):
                    return word.partition(b"=")[2].decode("utf-8", "replace")
        program = (process / "exe").readlink()
        folder = (process / "cwd").readlink()
    except OSError:
        return None
    is_postgres = program.name == "postgres" and folder.is_relative_to(state.postgres)
    return "postgres" if is_postgres else None


def _lives(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def _ourselves() -> set[int]:
    """This process and those it descends from: a new `up` must not end itself."""
    found: set[int] = set()
    pid = os.getpid()
    while pid > 1 and pid not in found:
        found.add(pid)
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            break
        pid = int(stat.rpartition(")")[2].split()[1])
    return found
