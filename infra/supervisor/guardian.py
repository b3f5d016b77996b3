"""The outermost process of a system: starts the supervisor, and ends whatever outlives it.

It does as little as possible, so that nothing in it can fail. The kernel gives it, as the nearest
reaper (`PR_SET_CHILD_SUBREAPER`), every descendant whose parent has died; so when the supervisor is
gone, killed or not, all that is left of the system are children of the guardian, whatever their
names. If the guardian itself is killed, the kernel tells the supervisor, which stops in order.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_GRACE_S = 4.0
"""Children got their own signal from the kernel when the supervisor died; so long they may use it."""


def guard(supervise: Callable[[], int]) -> int:
    """Fork; run `supervise` in the child; return its exit code when nothing is left of it."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    guardian = os.getpid()
    child = os.fork()
    if child == 0:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != guardian:
            os._exit(125)
        # A group of its own: Ctrl-C in the terminal reaches the guardian alone, which passes it on.
        os.setpgid(0, 0)
        os._exit(_run(supervise))

    def pass_on(number: int, frame: FrameType | None) -> None:
        del number, frame
        try:
            os.kill(child, signal.SIGTERM)
        except ProcessLookupError:
            return

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    code = _wait_for(child)
    _end_the_rest()
    return code


def _run(supervise: Callable[[], int]) -> int:
    try:
        return supervise()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the last frame of the process: said, then out
        import traceback  # noqa: PLC0415 - only when needed

        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()


def _wait_for(child: int) -> int:
    """Reap everything that dies until the child does; its exit code."""
    while True:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            return 70
        if pid == child:
            return os.waitstatus_to_exitcode(status) % 256


def _end_the_rest() -> None:
    """Reap, then kill, until no descendant is left."""
    limit = time.monotonic() + _GRACE_S
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid:
            continue
        if time.monotonic() > limit:
            for left in _children():
                os.kill(left, signal.SIGKILL)
        time.sleep(0.02)


def _children() -> list[int]:
    own = str(os.getpid())
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        if stat.rpartition(")")[2].split()[1] == own:
            found.append(int(entry.name))
    return found
