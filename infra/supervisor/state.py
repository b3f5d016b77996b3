"""Where a system keeps what on disk: one folder, closed to others."""

import os
from dataclasses import dataclass
from pathlib import Path

from infra.files import private_folder


@dataclass(frozen=True, slots=True)
class State:
    """The state folder and the places in it.

    Args:
        folder: absolute; two systems differ in nothing else.
    """

    folder: Path

    @classmethod
    def of(cls, folder: Path) -> "State":
        """With the real path, as processes carry it in their environment."""
        return cls(folder.resolve())

    def make(self) -> None:
        """All folders that the supervisor itself needs."""
        for folder in (self.folder, self.run, self.log, self.secrets, self.nodes):
            private_folder(folder)

    @property
    def run(self) -> Path:
        """Sockets and locks: worthless once nothing runs."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        """One file a process, and `supervisor.log`."""
        return self.folder / "log"

    @property
    def secrets(self) -> Path:
        """Passwords, one a file."""
        return self.folder / "secrets"

    @property
    def nodes(self) -> Path:
        """One folder for each authority that runs a node."""
        return self.folder / "nodes"

    @property
    def postgres(self) -> Path:
        """The cluster of all nodes."""
        return self.folder / "postgres"

    @property
    def nats(self) -> Path:
        """The exchange's configuration and store."""
        return self.folder / "nats"

    @property
    def keycloak(self) -> Path:
        """Links into the distribution, and a data folder."""
        return self.folder / "keycloak"

    @property
    def ports(self) -> Path:
        """Which part has which port."""
        return self.folder / "ports.json"

    @property
    def lock(self) -> Path:
        """Held while a guardian or its supervisor lives."""
        return self.run / "supervisor.lock"

    @property
    def failure(self) -> Path:
        """Why the last start failed, in a sentence; gone when it did not."""
        return self.run / "failure"

    def node(self, code: str) -> Path:
        """One authority's folder."""
        return self.nodes / code

    def seed(self, code: str) -> Path:
        """The authority's nkey seed for the exchange."""
        return self.node(code) / "exchange.seed"

    def settings(self, code: str) -> Path:
        """What the node's own processes read."""
        return self.node(code) / "settings.toml"

    def postgres_password(self) -> Path:
        """The superuser's."""
        return self.secrets / "postgres"

    def keycloak_password(self) -> Path:
        """The first administrator's."""
        return self.secrets / "keycloak_admin"

    def socket_address(self) -> tuple[str, int]:
        """Address of the control socket, and a folder handle to close when done with it.

        A socket's path may have 107 bytes only, a state folder any number: the way through the
        folder's handle is short.
        """
        handle = os.open(self.run, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{handle}/control", handle
