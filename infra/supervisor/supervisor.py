"""The supervisor's process: starts all in order, keeps it running, stops all in order."""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from infra.supervisor import control, leftovers, logs
from infra.supervisor.child import Child, StartError
from infra.supervisor.options import Options
from infra.supervisor.parts import Parts
from infra.supervisor.state import State
from infra.supervisor.status import Phase, Status
from shared.ids import authority_code

FAILED = 1
_ROTATE_EVERY_S = 10.0
_LOCK_WAIT_S = 40.0
_SECOND_SIGNAL_S = 1.0


class LockedError(Exception):
    """Another supervisor of the same state folder neither runs nor ends."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Ett annat system håller mappen {folder} låst utan att svara. "
            "Kör 'utvag down' för samma mapp, och sedan 'utvag up' igen."
        )


class Supervisor:
    """One system.

    Args:
        options: what to run.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.state = State.of(options.state_folder)
        self.phase: Phase = "starting"
        self.doing = ""
        self.children: dict[str, Child] = {}
        self._stop = asyncio.Event()
        self._is_hurried = False
        self._asked_at = 0.0
        self._parts = Parts(self)

    async def run(self) -> int:
        """From start to stop; the exit code."""
        self._listen_to_signals()
        server = await control.serve(self.state, self._answer)
        rotation = asyncio.create_task(self._rotate())
        start = asyncio.create_task(self._start())
        stop = asyncio.create_task(self._stop.wait())
        code = 0
        try:
            await asyncio.wait({start, stop}, return_when=asyncio.FIRST_COMPLETED)
            if start.done() and (error := start.exception()) is not None:
                self._tell_failure(error)
                code = FAILED
            else:
                await stop
        finally:
            self.phase = "stopping"
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            await self._stop_all()
            rotation.cancel()
            stop.cancel()
            self.phase = "stopped"
            server.close()
        self.say("Stoppat.")
        return code

    def say(self, sentence: str) -> None:
        """Tell a person: in the log, and on the screen when in the foreground."""
        line = f"{time.strftime('%H:%M:%S')} {sentence}"
        with contextlib.suppress(OSError), (self.state.log / "supervisor.log").open("a") as log:
            log.write(f"{time.strftime('%Y-%m-%d')} {line}\n")
        if self.options.is_foreground:
            with contextlib.suppress(OSError):
                print(line, flush=True)

    def add(self, child: Child) -> Child:
        """Take a process into the system."""
        self.children[child.name] = child
        return child

    def status(self) -> Status:
        """How the system is now."""
        return Status(
            phase=self.phase,
            state=str(self.state.folder),
            doing=self.doing if self.phase == "starting" else "",
            supervisor=os.getpid(),
            processes=tuple(child.status() for child in self.children.values()),
        )

    async def _start(self) -> None:
        started = time.monotonic()
        self.doing = "Avslutar det som kan vara kvar sedan förra gången."
        for name in await asyncio.to_thread(leftovers.end, self.state):
            self.say(f"{name} var kvar sedan förra gången och har avslutats.")
        await self._parts.start()
        self.phase = "running"
        self.say(f"Allt är startat, på {time.monotonic() - started:.1f} s.")

    def _tell_failure(self, error: BaseException) -> None:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        sentence = str(error) or type(error).__name__
        if type(error).__module__.partition(".")[0] != "infra":
            sentence = f"{type(error).__name__}: {sentence}"
        self.state.failure.write_text(sentence)
        self.say(f"Starten misslyckades. {sentence}")

    async def _stop_all(self) -> None:
        """Nodes first, then what they stand on; each step at once for all in it."""
        for step in self._parts.stop_order():
            children = [self.children[name] for name in step if name in self.children]
            await asyncio.gather(*(child.stop(at_once=self._is_hurried) for child in children))

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._on_signal)
        # Ctrl-C and a closed terminal reach the guardian, which turns them into SIGTERM.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if self.options.lifeline is not None:
            lifeline = self.options.lifeline

            def on_lifeline() -> None:
                loop.remove_reader(lifeline)
                self._on_signal()

            loop.add_reader(lifeline, on_lifeline)

    def _on_signal(self) -> None:
        now = time.monotonic()
        if not self._stop.is_set():
            self.phase = "stopping"
            self.say("Stoppar.")
            self._asked_at = now
            self._stop.set()
        elif now - self._asked_at > _SECOND_SIGNAL_S and not self._is_hurried:
            self._is_hurried = True
            self.say("Stoppar genast.")
            for child in self.children.values():
                child.signal(signal.SIGKILL)

    async def _rotate(self) -> None:
        while True:
            await asyncio.sleep(_ROTATE_EVERY_S)
            for file in self.state.log.glob("*.log"):
                with contextlib.suppress(OSError):  # a full disk must not stop the system
                    await asyncio.to_thread(logs.rotate, file)

    async def _answer(self, do: str, name: str) -> control.Answer:
        if do == "status":
            facts: dict[str, Any] = msgspec.to_builtins(self.status())
            return facts
        if do == "stop":
            self._on_signal()
            return {"ok": True}
        try:
            if do == "refresh":
                return {"ok": True, "added": await self._refresh(name)}
            await self._act(do, name)
        except StartError as error:
            return {"ok": False, "why": str(error)}
        return {"ok": True}

    async def _act(self, do: str, name: str) -> None:
        """Do something to one process.

        Raises:
            StartError: no such process, or no such thing to do.
        """
        child = self.children.get(name)
        if child is None:
            raise StartError(f"Det finns ingen process som heter {name}.")
        if do == "kill":
            child.signal(signal.SIGKILL)
        elif do == "restart":
            await child.restart()
        else:
            raise StartError(f"Okänt: {do}.")

    async def _refresh(self, names: str) -> list[str]:
        if self.phase != "running":
            return []
        only = tuple(authority_code(name) for name in names.split(",") if name)
        return await self._parts.refresh(only)


@contextlib.contextmanager
def locked(state: State) -> Iterator[bool]:
    """Be the only supervisor of this folder; False when another one runs and answers.

    Raises:
        LockedError: another one holds the lock and neither answers nor ends.
    """
    handle = os.open(state.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    limit = time.monotonic() + _LOCK_WAIT_S
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if _answers(state):
                    yield False
                    return
                if time.monotonic() > limit:
                    raise LockedError(state.folder) from None
                time.sleep(0.1)
            else:
                yield True
                return
    finally:
        os.close(handle)


def _answers(state: State) -> bool:
    try:
        return control.ask(state, "status")["phase"] in ("starting", "running")
    except control.NotRunningError:
        return False


def run(options: bytes) -> int:
    """What the guardian's child does."""
    chosen = msgspec.json.decode(options, type=Options)
    os.umask(0o077)
    state = State.of(chosen.state_folder)
    state.make()
    try:
        with locked(state) as is_ours:
            if not is_ours:
                return 0
            state.failure.unlink(missing_ok=True)
            return asyncio.run(_main(chosen))
    except LockedError as error:
        print(error, file=sys.stderr)
        return FAILED


async def _main(options: Options) -> int:
    return await Supervisor(options).run()
