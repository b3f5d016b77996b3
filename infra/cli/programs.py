"""Programs of one part of the tests, side by side, and what they took of the processor."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import click

from infra.setup import paths

_STEP_S = 0.05
_ENDS_WITHIN_S = 30


class Programs:
    """Started at once; `wait` tells their exit codes.

    Args:
        commands: one each.
        folder: for what they say.
        environment: more variables.
        heard: where the first one speaks as it goes; None keeps what all say for the end.
        to_stderr: where the rest is said.
    """

    def __init__(
        self,
        commands: Sequence[Sequence[str]],
        folder: Path,
        environment: Mapping[str, str],
        heard: IO[str] | None,
        *,
        to_stderr: bool,
    ) -> None:
        self._to_stderr = to_stderr
        is_quiet = heard is None
        self._said = [folder / f"said-{n}" for n in range(0 if is_quiet else 1, len(commands))]
        self.cpu_seconds = 0.0
        self._turn = threading.Lock()  # one thread waits, another may end them
        self._running: list[subprocess.Popen[bytes]] = []
        with ExitStack() as stack:
            outs: list[IO[str] | IO[bytes]] = [] if heard is None else [heard]
            outs += [stack.enter_context(file.open("wb")) for file in self._said]
            for command, out in zip(commands, outs, strict=True):
                self._running.append(
                    subprocess.Popen(
                        command,
                        cwd=paths.ROOT,
                        env={**os.environ, **environment},
                        stdin=subprocess.DEVNULL,
                        stdout=out,
                        stderr=subprocess.STDOUT if is_quiet else None,
                    )
                )

    def wait(self, limit_s: float) -> list[int] | None:
        """Their exit codes; None when they were ended at the limit."""
        until = time.monotonic() + limit_s
        for program in self._running:
            while not self._is_over(program):
                if time.monotonic() > until:
                    self.end()
                    return None
                time.sleep(_STEP_S)
        return [program.returncode for program in self._running]

    def end(self) -> None:
        """Ask each to stop: pytest tears its servers down."""
        for program in self._running:
            if program.returncode is None:
                program.terminate()
        until = time.monotonic() + _ENDS_WITHIN_S
        for program in self._running:
            while not self._is_over(program):
                if time.monotonic() > until:
                    program.kill()
                time.sleep(_STEP_S)

    def say(self) -> None:
        """What was kept until now."""
        for file in self._said:
            click.echo(file.read_text(errors="replace").rstrip(), err=self._to_stderr)

    def _is_over(self, program: subprocess.Popen[bytes]) -> bool:
        """Takes in what it cost when it has ended, everything that it started and saw end counted."""
        with self._turn:
            if program.returncode is None:
                found, status, usage = os.wait4(program.pid, os.WNOHANG)
                if found:
                    program.returncode = os.waitstatus_to_exitcode(status)
                    self.cpu_seconds += usage.ru_utime + usage.ru_stime
            return program.returncode is not None
