"""One set-up at a time, for the checkout."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from infra.setup import paths
from infra.setup.say import say


def _try(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held() -> bool:
    """Whether a set-up is running now."""
    try:
        handle = os.open(paths.LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _try(handle)
    finally:
        os.close(handle)


@contextmanager
def held() -> Iterator[int]:
    """Waits for its turn, and says so.

    Yields:
        the lock's descriptor: handed to every program that set-up starts, so that the lock outlives
        a killed set-up for as long as one of its programs still writes.
    """
    handle = os.open(paths.LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _try(handle):
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "okänt"
            say(f"Ett annat anrop gör redan i ordning här (process {holder}). Väntar på det …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield handle
    finally:
        os.close(handle)
