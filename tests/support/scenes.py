"""Scenarios of the demo against two towns in process: the same story, its calls by the API itself."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from infra.demo.caller import Caller
from tests.support.exchange import Pair
from tests.support.leaks import Harness

ROLES = {
    "handlaggare1": "case_worker",
    "handlaggare2": "case_worker",
    "gruppledare": "team_leader",
    "samordnare": "exit_coordinator",
    "socialchef": "social_director",
}


@dataclass
class DeskCaller(Caller):
    """Somebody whose calls go to a town's application without a server between.

    Args:
        desk: the application.
        who: the name the desk knows them by.
    """

    desk: Harness | None = None
    who: str = ""

    async def _send(self, method: str, path: str, body: Any) -> httpx.Response:
        assert self.desk is not None
        return await self.desk.call(method, f"/api/v1{path}", self.who, body)


@dataclass
class DeskCast:
    """Everybody of a story, made as it asks for them."""

    pair: Pair
    desks: dict[str, Harness]
    folder: Path = Path("nowhere")
    known: dict[tuple[str, str], DeskCaller] = field(default_factory=dict)

    async def gather(self, node: str, *units: str) -> None:
        """Sign everybody in: the roles of an office, and officers of these units."""
        bench = self.desks[node].town.bench
        for name, role in ROLES.items():
            self._keep(node, name, await bench.person(name, role))
        for unit in units:
            self._keep(node, f"{unit}-1", await bench.officer(unit))

    def _keep(self, node: str, name: str, actor: Any) -> None:
        desk = self.desks[node]
        desk.people[name] = actor
        nothing: Any = None
        self.known[node, name] = DeskCaller(name, nothing, nothing, nothing, desk=desk, who=name)

    def at(self, node: str, username: str, _authority: str | None = None) -> DeskCaller:
        return self.known[node, username]

    def officer(self, node: str, unit: str) -> DeskCaller:
        return self.known[node, f"{unit}-1"]

    def set_clock(self, _folder: Path, at: datetime | None = None) -> None:
        """The story moves time; here the pair's one clock moves."""
        if at is not None:
            self.pair.clock.move(at - self.pair.clock.now())
