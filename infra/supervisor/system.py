"""A system seen from outside: start it, ask it, break it, stop it. The demo and the tests use it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from infra.supervisor import control, leftovers
from infra.supervisor.logs import tail
from infra.supervisor.options import Options
from infra.supervisor.parts import ROOT
from infra.supervisor.process import ProcessSpec, environment
from infra.supervisor.state import State
from infra.supervisor.status import Status
from shared.ids import AuthorityCode

START_S = 240.0
_STOP_S = 120.0
_STEP_S = 0.1


class StartFailedError(Exception):
    """The system did not start, or did not become healthy; the text is for a person."""


class System:
    """One system, in processes of its own.

    Args:
        state: its folder.
        only: the nodes to run; all when empty.
        ports: fixed ones, by name.
        tenants: the folder of authorities; the product's own when None.
        has_identity: False goes without Keycloak.
        has_nodes: False starts the servers only.
        environment: more variables for nodes' processes, by name (`web-0580`).
        on_progress: given each new sentence about the start.
    """

    def __init__(
        self,
        state: Path,
        *,
        only: Iterable[str] = (),
        ports: Mapping[str, int] | None = None,
        tenants: Path | None = None,
        has_identity: bool = True,
        has_nodes: bool = True,
        environment: Mapping[str, Mapping[str, str]] | None = None,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.state = State.of(state)
        self.options = Options(
            state=str(self.state.folder),
            tenants=str(tenants.resolve()) if tenants else None,
            only=tuple(AuthorityCode(code) for code in only),
            ports=dict(ports or {}),
            has_identity=has_identity,
            has_nodes=has_nodes,
            environment={name: dict(more) for name, more in (environment or {}).items()},
        )
        self._on_progress = on_progress
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None

    async def start(self, *, is_tied: bool = True, timeout_s: float = START_S) -> Status:
        """Start it, unless it runs, and wait until its start is done.

        Args:
            is_tied: it stops by itself when this process ends, however it ends.

        Raises:
            StartFailedError: it could not be started.
        """
        if self.find() is None:
            self._launch(is_tied=is_tied)
        return await self._wait_started(timeout_s)

    async def wait_healthy(self, timeout_s: float = 60.0) -> Status:
        """Wait until every process is well.

        Raises:
            StartFailedError: not within the time.
        """
        limit = time.monotonic() + timeout_s
        while True:
            found = self.find()
            if found is not None and found.is_healthy:
                return found
            if time.monotonic() > limit:
                said = found.as_text() if found else "Inget körs."
                raise StartFailedError(f"Inte friskt inom {timeout_s:.0f} s. {said}")
            await asyncio.sleep(_STEP_S)

    async def stop(self, timeout_s: float = _STOP_S) -> bool:
        """Stop it in order, and whatever a killed one has left; whether anything ran."""
        was_running = await asyncio.to_thread(stop, self.state, timeout_s)
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)
            self._process = None
        return was_running

    async def kill(self, name: str) -> None:
        """SIGKILL to one process (`web-0580`, `postgres`, …); the supervisor starts it again."""
        await self._ask("kill", name)

    async def restart(self, name: str) -> None:
        """Stop one process in order and start it."""
        await self._ask("restart", name, timeout_s=_STOP_S)

    async def refresh(self) -> None:
        """Take in authorities whose folder came after the start, or that were left out then."""
        await self._ask("refresh", ",".join(self.options.only), timeout_s=START_S)

    def kill_supervisor(self) -> None:
        """SIGKILL to the supervisor itself."""
        found = self.status()
        assert found.supervisor is not None
        os.kill(found.supervisor, signal.SIGKILL)

    def status(self) -> Status:
        """How it is; phase `stopped` when nothing runs."""
        return self.find() or Status(phase="stopped", state=str(self.state.folder))

    def find(self) -> Status | None:
        """How it is; None when nothing answers."""
        try:
            return msgspec.convert(control.ask(self.state, "status"), Status)
        except control.NotRunningError:
            return None

    async def _ask(self, do: str, name: str = "", *, timeout_s: float = 5.0) -> None:
        told = await asyncio.to_thread(control.ask, self.state, do, name, timeout_s)
        if not told["ok"]:
            raise StartFailedError(str(told["why"]))

    def _launch(self, *, is_tied: bool) -> None:
        self.state.make()
        self.state.failure.unlink(missing_ok=True)
        given, kept = os.pipe() if is_tied else (None, None)
        options = msgspec.structs.replace(self.options, lifeline=given)
        try:
            file = self.state.log / "supervisor.out"
            file.touch(mode=0o600)
            with file.open("ab") as output:
                self._process = subprocess.Popen(
                    supervisor_command(options),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=ROOT,
                    env=supervisor_environment(self.state),
                    pass_fds=() if given is None else (given,),
                    start_new_session=True,
                )
        finally:
            if given is not None:
                os.close(given)
        self._lifeline = kept

    async def _wait_started(self, timeout_s: float) -> Status:
        limit = time.monotonic() + timeout_s
        said = ""
        while True:
            found = self.find()
            if found is not None and found.doing != said:
                said = found.doing
                self._on_progress(said)
            if found is not None and found.phase == "running":
                return found
            if self._process is not None and self._process.poll() is not None and found is None:
                raise StartFailedError(self._why())
            if time.monotonic() > limit:
                raise StartFailedError(f"Starten blev inte klar inom {timeout_s:.0f} s. {said}")
            await asyncio.sleep(_STEP_S)

    def _why(self) -> str:
        if self.state.failure.exists():
            return self.state.failure.read_text()
        last = tail(self.state.log / "supervisor.out", 1)
        return last[0] if last else f"Starten misslyckades. Se {self.state.log}."


def supervisor_command(options: Options) -> list[str]:
    """The guardian's command line; it holds no secret."""
    return [sys.executable, "-m", "infra.supervisor", msgspec.json.encode(options).decode()]


def supervisor_environment(state: State) -> dict[str, str]:
    """With the markers, so that it is found again after a `kill -9`."""
    spec = ProcessSpec(name="supervisor", command=(), env={"PYTHONUNBUFFERED": "1"})
    return environment(spec, state.folder)


def stop(state: State, timeout_s: float = _STOP_S) -> bool:
    """Stop the system of this folder in order, then end whatever is left; whether anything ran."""
    limit = time.monotonic() + timeout_s
    was_running = False
    try:
        control.ask(state, "stop")
        was_running = True
        while time.monotonic() < limit and leftovers.find(state):
            time.sleep(_STEP_S)
    except control.NotRunningError:
        pass
    return bool(leftovers.end(state)) or was_running
