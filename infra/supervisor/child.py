"""One supervised process: started, watched, started again after a crash, stopped."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from infra.supervisor.logs import tail
from infra.supervisor.process import ProcessSpec, kill_group, spawn
from infra.supervisor.state import State
from infra.supervisor.status import Condition, ProcessStatus

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
CALM_AFTER_S = 60.0
"""A process that has been ready this long starts its next pauses from the shortest again."""
_CHECK_EVERY_S = 5.0
_STEP_S = 0.05
_LONGEST_STEP_S = 0.4


class StartError(Exception):
    """A process that everything else needs did not start; the text is for a person."""


def pause_s(crashes: int) -> float:
    """How long to wait before the start after this many crashes in a row (1, 2, …)."""
    return float(min(FIRST_PAUSE_S * 2 ** (min(crashes, 16) - 1), LONGEST_PAUSE_S))


@dataclass(frozen=True)
class Rescue:
    """What to do with a process that does not get ready, once, before it is started again.

    Args:
        after_s: so long it may take to start.
        sentence: told to a person.
        do: run when the process has been ended.
        after_start: run when it is ready again, before it counts as such.
    """

    after_s: float
    sentence: str
    do: Callable[[], object]
    after_start: Callable[[], Awaitable[object]]


class Child:
    """A process and its keeper.

    Args:
        spec: what to run.
        state: where its log lies.
        is_ready: asks the process itself.
        say: tells a person what happened, one sentence.
        before_start: run before each start (PostgreSQL forgets a dead postmaster's lock).
        rescue: for a process that hangs on what it stored; None where there is nothing to do.
        patience_s: started again when it has been unwell so long; None for one that gets well by
            itself.
        address: where people reach it.
    """

    def __init__(
        self,
        spec: ProcessSpec,
        state: State,
        is_ready: Callable[[], Awaitable[bool]],
        say: Callable[[str], None],
        before_start: Callable[[], object] = lambda: None,
        address: str | None = None,
        rescue: Rescue | None = None,
        patience_s: float | None = None,
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self.condition: Condition = "waiting"
        self.address = address
        self._state = state
        self._is_ready = is_ready
        self._say = say
        self._before_start = before_start
        self._process: subprocess.Popen[bytes] | None = None
        self._rescue = rescue
        self._patience_s = patience_s
        self._unwell_since = 0.0
        self._is_rescued = False
        self._started = 0.0
        self._restarts = 0
        self._last_exit: int | None = None
        self._is_wanted = True
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self._state.log / f"{self.name}.log"

    def status(self) -> ProcessStatus:
        """How it is now."""
        is_alive = self._process is not None and self._process.poll() is None
        return ProcessStatus(
            name=self.name,
            condition=self.condition,
            pid=self._process.pid if self._process and is_alive else None,
            restarts=self._restarts,
            last_exit=self._last_exit,
            seconds=round(time.monotonic() - self._started, 1) if is_alive else 0.0,
            address=self.address,
        )

    def start(self) -> None:
        """Start it, and keep it running until `stop`."""
        self._task = asyncio.create_task(self._keep(), name=self.name)

    async def wait_ready(self, timeout_s: float, *, crashes: int = 3) -> None:
        """Return when it is ready for the first time.

        Raises:
            StartError: time out, or that many crashes; with the end of its log.
        """
        limit = time.monotonic() + timeout_s
        while not self._ready.is_set():
            if time.monotonic() > limit:
                raise StartError(
                    f"{self.name} blev inte redo inom {timeout_s:.0f} s. {self._why()}"
                )
            if self._restarts >= crashes:
                raise StartError(f"{self.name} kraschar vid start. {self._why()}")
            await asyncio.sleep(_STEP_S)  # no event tells of crashes and of time at once

    def _why(self) -> str:
        last = [line for line in tail(self.log, 5) if line.strip()]
        said = f" Sist i loggen: {last[-1][:300]}" if last else ""
        return f"Se {self.log}.{said}"

    async def stop(self, *, at_once: bool = False) -> None:
        """End it in order, or at once; returns when it is gone."""
        self._is_wanted = False
        self._wake.set()
        process = self._process
        if process is not None and process.poll() is None:
            self.condition = "stopping"
            process.send_signal(signal.SIGKILL if at_once else self.spec.stop_signal)
            try:
                async with asyncio.timeout(self.spec.stop_timeout_s):
                    await ended(process)
            except TimeoutError:
                self._say(
                    f"{self.name} stannade inte inom {self.spec.stop_timeout_s:.0f} s: dödas."
                )
                process.kill()
                await ended(process)
        if self._task is not None:
            await self._task
        self.condition = "stopped"

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    async def restart(self) -> None:
        """Stop it in order and start it again."""
        await self.stop()
        self._is_wanted = True
        self._wake.clear()
        self._ready.clear()
        self.start()

    async def _keep(self) -> None:
        crashes = 0
        while self._is_wanted:
            started = time.monotonic()
            code = await self._run_once()
            if not self._is_wanted:
                return
            if self._ready.is_set() and time.monotonic() - started > CALM_AFTER_S:
                crashes = 0
            crashes += 1
            self._last_exit = code
            self._restarts += 1
            pause = pause_s(crashes)
            self.condition = "restarting"
            self._say(f"{self.name} kraschade ({_meaning(code)}). Startas om efter {pause:.1f} s.")
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _run_once(self) -> int | None:
        """From start to end; None if it could not even be started."""
        self.condition = "starting"
        self._started = time.monotonic()
        self._state.log.mkdir(exist_ok=True, mode=0o700)
        handle = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._before_start()
            process = spawn(self.spec, self._state.folder, handle)
        except OSError as error:
            self._say(f"{self.name} kan inte startas: {error.strerror}.")
            return None
        finally:
            os.close(handle)
        self._process = process
        watch = asyncio.create_task(self._watch())
        try:
            return await ended(process)
        finally:
            watch.cancel()
            # Its own children (a web server's workers) would hold the port.
            kill_group(process.pid)

    async def _watch(self) -> None:
        """Ask it how it is: often until it is ready, then seldom."""
        pause = _STEP_S
        while True:
            is_well = await self._is_ready()
            if is_well and self._is_rescued:
                is_well = await self._is_set_up_again()
            if is_well and self.condition in ("starting", "unwell"):
                self.condition = "ready"
                self._ready.set()
            elif not is_well and self.condition == "ready":
                self.condition = "unwell"
                self._unwell_since = time.monotonic()
                self._say(f"{self.name} svarar inte.")
            if self.condition == "ready":
                await asyncio.sleep(_CHECK_EVERY_S)
            else:
                if self.condition == "starting" and self._is_hanging():
                    return self._give_up()
                if self.condition == "unwell" and self._is_out_of_patience():
                    await self._end()
                # Asking costs what the starting process could use: less and less often.
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, _LONGEST_STEP_S)

    def _is_hanging(self) -> bool:
        if self._rescue is None or self._is_rescued:
            return False
        return time.monotonic() - self._started > self._rescue.after_s

    def _is_out_of_patience(self) -> bool:
        if self._patience_s is None:
            return False
        return time.monotonic() - self._unwell_since > self._patience_s

    async def _end(self) -> None:
        """Ask it to end, and end it if it does not: it is started again as after a crash."""
        assert self._process is not None
        self._say(f"{self.name} blir inte bra av sig själv och startas om.")
        self._process.send_signal(self.spec.stop_signal)
        await asyncio.sleep(self.spec.stop_timeout_s)  # cancelled when it has ended
        self._process.kill()

    async def _is_set_up_again(self) -> bool:
        assert self._rescue is not None
        try:
            await self._rescue.after_start()
        except StartError as error:
            self._say(str(error))
            return False
        self._is_rescued = False
        return True

    def _give_up(self) -> None:
        """End it; what it hangs on is put aside, and it starts again as after a crash."""
        assert self._rescue is not None
        assert self._process is not None
        self._say(f"{self.name} kommer inte igång. {self._rescue.sentence}")
        self._process.kill()
        self._process.wait()
        self._rescue.do()
        self._is_rescued = True


async def ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for the end without blocking and without polling; the exit code."""
    code = process.poll()
    if code is not None:
        return code
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    handle = os.pidfd_open(process.pid)
    try:
        loop.add_reader(handle, gone.set)
        await gone.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)
    return process.wait()


def _meaning(code: int | None) -> str:
    if code is None:
        return "kunde inte startas"
    if code < 0:
        return signal.Signals(-code).name
    return f"kod {code}"
