"""Processes that are killed on purpose, and stand up again by themselves."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from infra.setup import paths
from infra.supervisor.child import StartError, ended
from infra.supervisor.health import wait_until
from infra.supervisor.process import ProcessSpec, end, kill_group, spawn

PAUSE_S = 0.2
"""As the supervisor's first."""
_READY_S = 60.0
_GRACE_S = 2.0
_PRELOADED = ["infra.faults.desk", "infra.faults.labour"]


class KeptServer:
    """PostgreSQL or NATS.

    Args:
        before_start: called before each start.
        grace_s: so long it is spared after it has stood up: who kills a server before it answers
            tries nothing but patience.
    """

    def __init__(
        self,
        spec: ProcessSpec,
        state: Path,
        is_ready: Callable[[], Awaitable[bool]],
        before_start: Callable[[], object] = lambda: None,
        grace_s: float = 2.0,
    ) -> None:
        self.kills = 0
        self._grace_s = grace_s
        self._ready_at: float | None = None
        self._spec = spec
        self._state = state
        self._is_ready = is_ready
        self._before_start = before_start
        self._process: subprocess.Popen[bytes] | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_wanted = True

    async def start(self) -> None:
        """Start it, keep it, return when it is ready for the first time."""
        self._task = asyncio.create_task(self._keep())
        if not await wait_until(self._is_ready, _READY_S):
            raise StartError(f"{self._spec.name} blev inte redo inom {_READY_S:.0f} s.")

    def kill(self) -> bool:
        """SIGKILL, unless it is still on its feet again too shortly; whether it was."""
        ready_at = self._ready_at
        if self._process is None or ready_at is None or time.monotonic() < ready_at + self._grace_s:
            return False
        self._ready_at = None
        self._process.kill()
        self.kills += 1
        return True

    async def stop(self) -> None:
        """End it in order."""
        self._is_wanted = False
        if self._process is not None:
            await asyncio.to_thread(end, self._process, self._spec)
        if self._task is not None:
            await self._task

    async def _note_ready(self) -> None:
        if await wait_until(self._is_ready, _READY_S):
            self._ready_at = time.monotonic()

    async def _keep(self) -> None:
        while self._is_wanted:
            self._before_start()
            with (self._state / f"{self._spec.name}.log").open("ab") as log:
                self._process = spawn(self._spec, self._state, log)
            noting = asyncio.create_task(self._note_ready())
            await ended(self._process)
            noting.cancel()
            kill_group(self._process.pid)
            if self._is_wanted:
                await asyncio.sleep(PAUSE_S)


def nursery() -> ForkServerContext:
    """Where node processes are forked from: everything is imported there once."""
    # Python 3.11's fork server looks for what it preloads in its own path only.
    os.environ["PYTHONPATH"] = str(paths.ROOT)
    context = get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


class KeptProcess:
    """One process of a node, forked from the nursery.

    Args:
        target: what it runs; takes `arguments`, and then its end of a pipe.
    """

    def __init__(
        self, context: ForkServerContext, target: Callable[..., None], *arguments: Any
    ) -> None:
        self.kills = 0
        self.starts = 0
        self.on_start: Callable[[Connection], None] = lambda _: None
        self.on_end: Callable[[], None] = lambda: None
        self._stands_since: float | None = None
        self._context = context
        self._target = target
        self._arguments = arguments
        self._process: ForkServerProcess | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_wanted = True

    def start(self) -> None:
        """Start it and keep it."""
        self._task = asyncio.create_task(self._keep())

    def kill(self) -> bool:
        """SIGKILL, unless it stands too shortly; whether it was."""
        since = self._stands_since
        if self._process is None or since is None or time.monotonic() < since + _GRACE_S:
            return False
        self._stands_since = None
        self._process.kill()
        self.kills += 1
        return True

    async def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        self._is_wanted = False
        process = self._process
        if process is not None and process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGTERM)
            await asyncio.to_thread(process.join, 10.0)
            process.kill()
        if self._task is not None:
            await self._task

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while self._is_wanted:
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=self._target, args=(*self._arguments, theirs))
            self._process = process
            process.start()
            self.starts += 1
            self._stands_since = time.monotonic()
            theirs.close()
            self.on_start(ours)
            gone = asyncio.Event()
            loop.add_reader(process.sentinel, gone.set)
            await gone.wait()
            loop.remove_reader(process.sentinel)
            process.join()
            self.on_end()
            ours.close()
            if self._is_wanted:
                await asyncio.sleep(PAUSE_S)
