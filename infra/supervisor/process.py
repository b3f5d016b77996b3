"""One process of the system: what to run, and how to start it so that it cannot be orphaned."""

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

MARKER = "UTVAG_STATE"
"""Environment variable that tells to which state folder a process belongs."""
NAME = "UTVAG_PROCESS"
"""And which of the system's processes it is, or descends from. A person may have the first in a
shell of their own; only what we started has both."""

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)

# What a child may see of our environment. Secrets and proxies of the caller stay out.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """What to run.

    Args:
        name: unique in the system; also the log file's name.
        command: absolute program path first.
        env: added to the few inherited variables.
        stop_signal: what asks it to end in order.
        stop_timeout_s: after this it is killed.
        death_signal: what it gets from the kernel when its parent dies.
        wants_group: whether the stop signal goes to the whole process group.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10.0
    death_signal: signal.Signals = signal.SIGTERM
    wants_group: bool = False


def environment(spec: ProcessSpec, state: Path) -> dict[str, str]:
    """The whole environment of the process: little, and the marker."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, **spec.env, MARKER: str(state.resolve()), NAME: spec.name}


def spawn(
    spec: ProcessSpec, state: Path, output: IO[bytes] | int, *, given: bytes = b""
) -> "subprocess.Popen[bytes]":
    """Start it in a process group of its own; both outputs go to `output`.

    Args:
        given: a few lines for its standard input; at most 64 KiB, a pipe's room.

    The kernel sends the death signal when the *thread* that called this ends: call it from a
    thread that lives as long as the process should.
    """
    parent = os.getpid()
    death = int(spec.death_signal)

    def before_exec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, death, 0, 0, 0)
        # The parent may have died before the line above.
        if os.getppid() != parent:
            os._exit(125)

    process = subprocess.Popen(
        spec.command,
        stdin=subprocess.PIPE if given else subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=spec.cwd,
        env=environment(spec, state),
        process_group=0,
        close_fds=True,
        preexec_fn=before_exec,  # noqa: PLW1509 - makes two system calls, takes no lock
    )
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(given)
    return process


def end(process: "subprocess.Popen[bytes]", spec: ProcessSpec) -> int:
    """Ask it to stop, wait its time, kill what is left of its group; blocks."""
    if process.poll() is None:
        process.send_signal(spec.stop_signal)
        try:
            process.wait(spec.stop_timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
    code = process.wait()
    kill_group(process.pid)
    return code


def kill_group(pid: int) -> None:
    """Kill what a process that we started has left in its own group."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
