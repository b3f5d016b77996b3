"""A node's worker, as a child of the nursery: the very `gateway.worker.run`."""

import asyncio
import ctypes
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from gateway import worker
from gateway.log import start_log
from gateway.settings import load_settings

_PR_SET_PDEATHSIG = 1


def begin(name: str, settings_file: Path) -> None:
    """What every child does first: a log of its own, and no life after its parent's."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    log = os.open(
        settings_file.with_name(f"{name}.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
    )
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def work(settings_file: Path, pipe: Connection) -> None:
    """Run until killed, or told to end by SIGTERM."""
    pipe.close()
    begin("worker", settings_file)
    settings = load_settings(settings_file)
    start_log(settings.code, "worker")
    asyncio.run(worker.run(settings))
