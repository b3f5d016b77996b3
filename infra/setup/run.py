"""Start a program, read what it says, keep it in the log, and end it when set-up ends."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.setup import paths

_KEPT_LINES = 400


def run(
    command: Sequence[str | Path],
    *,
    lock: int,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    on_line: Callable[[str], None] = lambda _: None,
) -> tuple[int, str]:
    """Run to the end.

    Args:
        command: program and arguments.
        lock: set-up's lock, inherited by the program.
        environment: added to the process' own.
        folder: its current folder.
        on_line: called with each line it prints.

    Returns:
        exit code, and the last lines printed.
    """
    paths.LOG.parent.mkdir(parents=True, exist_ok=True)
    last: list[str] = []
    with (
        paths.LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            cwd=folder,
            env={**os.environ, **(environment or {})},
            pass_fds=(lock,),
        ) as program,
    ):
        log.write(f"\n{time.strftime('%F %T')} {' '.join(str(part) for part in command)}\n")
        try:
            assert program.stdout is not None
            for line in program.stdout:
                log.write(line)
                last = [*last[-_KEPT_LINES:], line]
                on_line(line.rstrip("\n"))
        except BaseException:
            program.terminate()
            raise
    return program.returncode, "".join(last)
