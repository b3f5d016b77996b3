"""Log files: one a process, cut off when large, three old ones kept."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024
KEPT = 3
_TAIL_BYTES = 1024 * 1024
_FOLLOW_S = 0.3


def rotate(file: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Copy away and empty a file that has grown too large; the process keeps writing to it.

    The process has it open for appending, so it goes on at the new, empty end. What it writes in
    the moment between copying and emptying is lost; a pipe through us would instead lose the last
    words of everything when we die.
    """
    try:
        if file.stat().st_size <= max_bytes:
            return False
    except FileNotFoundError:
        return False
    for number in range(KEPT, 1, -1):
        older = file.with_name(f"{file.name}.{number - 1}")
        if older.exists():
            older.replace(file.with_name(f"{file.name}.{number}"))
    shutil.copyfile(file, file.with_name(f"{file.name}.1"))
    file.with_name(f"{file.name}.1").chmod(0o600)
    with file.open("r+b") as opened:
        opened.truncate(0)
    return True


def names(folder: Path) -> list[str]:
    """Of the processes that have written something."""
    return sorted(file.stem for file in folder.glob("*.log"))


def tail(file: Path, lines: int) -> list[str]:
    """The last lines, without their ends; none where there is no file."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - _TAIL_BYTES))
            text = opened.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return text.splitlines()[-lines:] if lines > 0 else []


def follow(file: Path, lines: int) -> Iterator[str]:
    """The last lines, then each new one as it comes; for ever."""
    yield from tail(file, lines)
    at = file.stat().st_size if file.exists() else 0
    rest = ""
    while True:
        size = file.stat().st_size if file.exists() else 0
        if size < at:  # cut off meanwhile
            at = 0
        if size > at:
            with file.open("rb") as opened:
                opened.seek(at)
                rest += opened.read(size - at).decode("utf-8", "replace")
            at = size
            *whole, rest = rest.split("\n")
            yield from whole
        time.sleep(_FOLLOW_S)
