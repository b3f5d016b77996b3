"""How the system is, for people and for programs."""

from typing import Literal

import msgspec

Phase = Literal["stopped", "starting", "running", "stopping"]
Condition = Literal["waiting", "starting", "ready", "unwell", "restarting", "stopping", "stopped"]

_PHASES = {
    "stopped": "Inget körs här.",
    "starting": "Startar.",
    "running": "Igång.",
    "stopping": "Stoppar.",
}
_CONDITIONS = {
    "waiting": "väntar på annat",
    "starting": "startar",
    "ready": "frisk",
    "unwell": "svarar inte",
    "restarting": "kraschade, startas om",
    "stopping": "stoppar",
    "stopped": "stoppad",
}


class ProcessStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One process.

    Args:
        restarts: how many times it was started again after a crash, since `up`.
        last_exit: exit code of the last crash; negative is the signal's number.
        seconds: since it was started.
        address: where people reach it, if they do.
    """

    name: str
    condition: Condition
    pid: int | None = None
    restarts: int = 0
    last_exit: int | None = None
    seconds: float = 0.0
    address: str | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The whole system.

    Args:
        doing: what the start is at, in Swedish; empty when it is done.
        state: the folder.
        supervisor: its process number.
    """

    phase: Phase
    state: str
    doing: str = ""
    supervisor: int | None = None
    processes: tuple[ProcessStatus, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """Whether everything is up and answers."""
        return (
            self.phase == "running"
            and bool(self.processes)
            and all(process.condition == "ready" for process in self.processes)
        )

    def process(self, name: str) -> ProcessStatus:
        """One of them.

        Raises:
            KeyError: no such process.
        """
        for process in self.processes:
            if process.name == name:
                return process
        raise KeyError(name)

    def as_facts(self) -> dict[str, object]:
        """For JSON."""
        facts: dict[str, object] = msgspec.to_builtins(self)
        return {"healthy": self.is_healthy, **facts}

    def as_text(self) -> str:
        """For people."""
        healthy = "Allt är friskt." if self.is_healthy else _PHASES[self.phase]
        lines = [f"{healthy} {self.doing}".strip()]
        width = max((len(process.name) for process in self.processes), default=0)
        for process in self.processes:
            words = [f"  {process.name:<{width}}  {_CONDITIONS[process.condition]}"]
            if process.pid is not None:
                words.append(f"pid {process.pid}")
            if process.restarts:
                words.append(f"omstartad {process.restarts} gånger")
            if process.address:
                words.append(process.address)
            lines.append(", ".join(words))
        return "\n".join(lines)
