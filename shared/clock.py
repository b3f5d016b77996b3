"""Time is passed in. Two clocks run in a node.

The *domain clock* dates what people do (deadlines, consent, journal); a demo state may move it. The
*wall clock* dates what machines do (tokens, sessions, key validity, receipts, resends, sealing) and
is never moved.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Clock(Protocol):
    """Tells the time; nothing else does."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)


class FixedClock:
    """Stands still until moved: for tests.

    Args:
        at: aware start time.
    """

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The time it was last set to."""
        return self._at

    def move(self, by: timedelta) -> None:
        """Move forward, or back with a negative step."""
        self._at += by


class ShiftedClock:
    """The system clock moved by what a demo state's file says; 0 where the file is missing.

    Args:
        file: holds the shift in whole seconds as decimal text. Read at every call: a demo may move
            the clock of all processes at once.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """The system's time plus the shift."""
        try:
            shift_s = int(self._file.read_text())
        except FileNotFoundError:
            shift_s = 0
        return datetime.now(UTC) + timedelta(seconds=shift_s)


def local_date(at: datetime) -> date:
    """The calendar day in Stockholm at this time."""
    return at.astimezone(STOCKHOLM).date()


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
