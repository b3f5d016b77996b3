"""Ports: found free, kept for the next start, and a clear sentence when one is taken."""

import errno
import itertools
import json
import random
import socket
from pathlib import Path

from infra.files import write_private

LOOPBACK = "127.0.0.1"
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 20_000
_TRIES = 1_000


class PortTakenError(Exception):
    """A port that was asked for is used by another program.

    Args:
        name: what the port is for.
        port: the number.
    """

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"Porten {port} (för {name}) används redan av ett annat program. "
            f"Stoppa det programmet, eller välj en annan port för {name}."
        )
        self.name = name
        self.port = port


def is_free(port: int) -> bool:
    """Whether a server could listen there now, on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
        return True


def free_port() -> int:
    """A port that the system hands out now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """That many different free ports, drawn below those that the system itself hands out.

    A port from the system's own range may go to any outgoing connection while the process that it
    was chosen for is being started again, which then never comes back.
    """
    drawn = random.SystemRandom().sample(range(_LOWEST, _handed_out_from()), _TRIES)
    found = list(itertools.islice(filter(is_free, drawn), count))
    return found if len(found) == count else _any_ports(count)


def _handed_out_from() -> int:
    """The first port of outgoing connections; Linux's own choice where it cannot be read."""
    try:
        first = int(_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        first = 0
    return first if first > _LOWEST + _TRIES else 32768


def _any_ports(count: int) -> list[int]:
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class PortBook:
    """Which part of the system has which port, in one file.

    Args:
        file: JSON object from name to port; made when missing.
        wanted: ports that a person set; they are used or refused, never replaced.
    """

    def __init__(self, file: Path, wanted: dict[str, int] | None = None) -> None:
        self._file = file
        self._wanted = wanted or {}
        self._known = self._read()

    def take(self, *names: str) -> dict[str, int]:
        """A port for each name: the wanted one, else the last one if free, else any; written down.

        Raises:
            PortTakenError: a wanted port is in use.
        """
        chosen: dict[str, int] = {}
        for name in names:
            port = self._wanted.get(name)
            if port is not None and not is_free(port):
                raise PortTakenError(name, port)
            last = self._known.get(name)
            if port is None and last is not None and last not in chosen.values() and is_free(last):
                port = last
            if port is not None:
                chosen[name] = port
        missing = [name for name in names if name not in chosen]
        taken = set(chosen.values()) | set(self._known.values())
        fresh = [port for port in free_ports(len(missing) + len(taken)) if port not in taken]
        chosen.update(zip(missing, fresh, strict=False))
        self._known.update(chosen)
        write_private(self._file, json.dumps(self._known, indent=2, sort_keys=True) + "\n")
        return chosen

    def _read(self) -> dict[str, int]:
        try:
            content = json.loads(self._file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return {name: port for name, port in content.items() if isinstance(port, int)}
