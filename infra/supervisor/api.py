"""What the command line asks of the supervisor."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from infra.supervisor import logs as files
from infra.supervisor.control import NotRunningError
from infra.supervisor.control import ask as _ask
from infra.supervisor.state import State
from infra.supervisor.status import ProcessStatus, Status
from infra.supervisor.system import (
    StartFailedError,
    System,
    stop,
    supervisor_command,
    supervisor_environment,
)

__all__ = [
    "NotRunningError",
    "ProcessStatus",
    "StartFailedError",
    "Status",
    "System",
    "UnknownLogError",
    "down",
    "log_names",
    "logs",
    "status",
    "up",
]


class UnknownLogError(Exception):
    """No process of that name has written anything."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"Det finns ingen logg för {name}. De som finns: {', '.join(known) or 'inga än'}."
        )


def up(
    state: Path,
    *,
    only: Iterable[str] | None = None,
    ports: Mapping[str, int] | None = None,
    foreground: bool = False,
) -> Status:
    """Start the system, or take in new authorities where it runs; how it is then.

    Args:
        state: its folder.
        only: the nodes to run; all when None.
        ports: fixed ones, by name.
        foreground: become the system, until Ctrl-C; does not return.
    """
    system = System(state, only=only or (), ports=ports, on_progress=_show)
    if foreground and system.find() is None:
        _become(system)
    return asyncio.run(_up(system))


async def _up(system: System) -> Status:
    if system.find() is not None:
        started = await system.start()
        await system.refresh()
        return system.find() or started
    try:
        await system.start(is_tied=False)
    except asyncio.CancelledError:  # Ctrl-C while it starts: leave nothing behind
        await asyncio.to_thread(stop, system.state)
        raise
    return system.status()


def _show(sentence: str) -> None:
    if sentence:
        print(sentence, flush=True)


def _become(system: System) -> None:
    """This process turns into the guardian: no third one stands in between."""
    system.state.make()
    options = msgspec.structs.replace(system.options, is_foreground=True)
    command = supervisor_command(options)
    os.chdir(Path(__file__).resolve().parents[2])
    os.execve(  # noqa: S606 - no shell is wanted
        command[0], command, supervisor_environment(system.state)
    )


def down(state: Path) -> bool:
    """Stop it, and what a killed one left; whether anything ran."""
    return stop(State.of(state))


def status(state: Path) -> Status:
    """How it is."""
    return System(state).status()


def log_names(state: Path) -> list[str]:
    """Processes that have written something."""
    return files.names(State.of(state).log)


def logs(state: Path, process: str, *, lines: int = 100, follow: bool = False) -> Iterator[str]:
    """The end of a process's log, and with `follow` what comes, for ever.

    Raises:
        UnknownLogError: no such log.
    """
    known = log_names(state)
    if process not in known:
        raise UnknownLogError(process, known)
    file = State.of(state).log / f"{process}.log"
    return files.follow(file, lines) if follow else iter(files.tail(file, lines))


def is_running(state: Path) -> bool:
    """Whether a supervisor answers."""
    try:
        _ask(State.of(state), "status")
    except NotRunningError:
        return False
    return True
