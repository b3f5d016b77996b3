"""How set-up speaks: short lines, and a bar where something takes long."""

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import Self

_EVERY_S = 10.0  # between two lines where there is no terminal to redraw on


def say(line: str) -> None:
    """One line on standard error, so that `--json` on standard output stays clean."""
    print(line, file=sys.stderr, flush=True)


def megabytes(size: float) -> str:
    """As a person reads it, with a decimal comma."""
    return f"{size / 1e6:.1f} MB".replace(".", ",")


class Bar:
    """A progress bar on a terminal; else a line now and then.

    Args:
        what: shown before the bar.
        total: what is the whole; 0 where not known.
    """

    def __init__(self, what: str, total: float = 0) -> None:
        self._what = what
        self._total = total
        self._terminal = sys.stderr.isatty()
        self._started = time.monotonic()
        self._shown_at = self._started if not self._terminal else 0.0
        self._open = False
        self._note = ""
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        """Shows the empty bar; where the whole is not known, the seconds tick by themselves."""
        self.at(0, "")
        if not self._total:
            threading.Thread(target=self._tick, daemon=True).start()
        return self

    def _tick(self) -> None:
        while not self._ended.wait(1.0):
            self.at(0, self._note)

    def at(self, done: float, note: str) -> None:
        """Now this much is done; `note` says what in words (sizes, a file's name)."""
        self._note = note
        now = time.monotonic()
        if now - self._shown_at < (0.1 if self._terminal else _EVERY_S):
            return
        self._shown_at = now
        if self._total:
            share = min(1.0, done / self._total)
            much, drawn = f"{share:.0%}".replace("%", " %"), f"[{'█' * int(share * 24):░<24}] "
        else:
            much, drawn = f"{self.seconds:.0f} s", ""
        if not self._terminal:
            say(f"  {self._what}: {much} {note}".rstrip())
            return
        width = shutil.get_terminal_size().columns - 1
        line = f"  {self._what} {drawn}{much} {note}"
        print(f"\r{line[:width]:<{width}}", end="", file=sys.stderr, flush=True)
        self._open = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Takes the bar away; what came of it is told by who drew it."""
        self._ended.set()
        if self._open:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{'':<{width}}\r", end="", file=sys.stderr, flush=True)

    @property
    def seconds(self) -> float:
        """Since it was drawn first."""
        return time.monotonic() - self._started
