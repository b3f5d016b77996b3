"""People of a scenario who do what people do when a server dies under them: wait, look, try again.

A read is simply repeated. A change is repeated only when it was refused before anything could be
done, or when the file, read anew, shows that it was not done. Nobody presses a button twice blindly.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from infra.demo.caller import Caller, Cast, StoryError
from infra.demo.signin import SignInFailedError

PATIENCE_S = 120.0
"""Longer than the slowest server takes to come back on a machine with much else to do."""
_PAUSE_S = 0.2
_NOT_NOW = frozenset({502, 503, 504})
_BUG = 500
_AWAY = frozenset({"auth.unavailable"})
"""Refused on the way in: nothing can have been done."""

Body = Mapping[str, Any]


@dataclass
class Memory:
    """What everybody of a cast has lived through.

    Args:
        on_step: told of each decision: `accept.signed`, `accept.confirming`, `accept.confirmed`.
        bugs: answers that call a server's death a bug of ours.
        tries_again: changes that were made a second time.
        looks: changes whose answer was lost, and that had been made all the same.
    """

    on_step: Callable[[str], None] = lambda _: None
    decision: str = ""
    bugs: list[str] = field(default_factory=list)
    tries_again: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)


@dataclass
class PatientCaller(Caller):
    """One person with time."""

    memory: Memory = field(default_factory=Memory)

    async def ask(self, method: str, path: str, body: Body | None = None) -> httpx.Response:
        """One call, however often it must be made; a change once."""
        step = self._begins(method, path, body)
        limit = time.monotonic() + PATIENCE_S
        response, is_unclear = await self._try(method, path, body)
        while response is None:
            if time.monotonic() > limit:
                raise StoryError(f"{method}: inget svar på {PATIENCE_S:.0f} s")
            await asyncio.sleep(_PAUSE_S)
            what = path.rpartition("/")[2]
            if method != "GET" and is_unclear and await self._was_done(path, body or {}):
                self.memory.looks.append(what)
                response = httpx.Response(204)
                break
            if method != "GET":
                self.memory.tries_again.append(what)
            response, is_unclear = await self._try(method, path, body)
        if step and response.is_success:
            self.memory.on_step(f"{self.memory.decision}.{step}")
        return response

    async def _try(
        self, method: str, path: str, body: Body | None
    ) -> tuple[httpx.Response | None, bool]:
        """The answer; None when a server was away, and then whether it may have been done."""
        try:
            response = await super().ask(method, path, body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return None, False  # nothing was sent
        except httpx.TransportError:
            return None, True
        if response.status_code == _BUG:
            self.memory.bugs.append(f"{method} {path.rpartition('/')[2]}")
        elif response.status_code not in _NOT_NOW:
            return response, False
        return None, _code(response) not in _AWAY

    def _begins(self, method: str, path: str, body: Body | None) -> str:
        """What the call will have brought about when it is through, if it is part of a decision."""
        if method != "POST" or not path.startswith("/handovers/"):
            return ""
        match path.rpartition("/")[2]:
            case "signatures":
                self.memory.decision = str((body or {})["payload"]["type"])
                return "signed"
            case "confirmation":
                self.memory.on_step(f"{self.memory.decision}.confirming")
                return "confirmed"
        return ""

    async def _was_done(self, path: str, body: Body) -> bool:
        """Look for the trace that the change leaves; only changes of the handover itself have one."""
        place, _, what = path.rpartition("/")
        if what == "answers":
            room = await self.get(place)
            return any(
                each["question_id"] == body["question_id"] and each["answered_at"] is not None
                for each in room["questions"]
            )
        if not place.startswith("/handovers/"):
            raise StoryError(f"oklart om {what} blev gjort")
        view = await self.get(place)
        match what:
            case "signatures":
                return view["pending"] is not None
            case "confirmation":
                return bool(view["row"]["revision"] != body["revision"])
            case "acute-protection-question":
                return any(each["code"] == "acute_protection_asked" for each in view["events"])
        raise StoryError(f"oklart om {what} blev gjort")

    async def _sign_in(self) -> str:
        return await _patiently(super()._sign_in)


class PatientCast(Cast):
    """Everybody, with one memory of the play."""

    def __init__(self, folder: Path, client: httpx.AsyncClient) -> None:
        super().__init__(folder, client)
        self.memory = Memory()

    def play_anew(self, memory: Memory) -> None:
        """Forget what was; whoever has signed in stays so."""
        self.memory = memory
        for caller in self._callers.values():
            if isinstance(caller, PatientCaller):
                caller.memory = memory

    def at(self, node: str, username: str, authority: str | None = None) -> Caller:
        """Somebody with time."""
        known = super().at(node, username, authority)
        if isinstance(known, PatientCaller):
            return known
        key = (node, authority or node, username)
        patient = PatientCaller(
            known.name, known.account, known.settings, known.client, memory=self.memory
        )
        self._callers[key] = patient
        return patient


async def _patiently(do: Callable[[], Awaitable[str]]) -> str:
    """Signing in changes nothing that lasts: again until it works."""
    limit = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await do()
        except (httpx.TransportError, SignInFailedError):
            if time.monotonic() > limit:
                raise
            await asyncio.sleep(_PAUSE_S)


def _code(response: httpx.Response) -> str:
    try:
        return str(response.json().get("code", ""))
    except ValueError:
        return ""
