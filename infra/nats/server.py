"""The NATS server that comes with the packages: who may say what on it."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from infra.files import private_folder, write_private
from infra.nats.permissions import EXCHANGE, account_of, permissions_of
from infra.ports import LOOPBACK
from infra.supervisor.health import answers_ok, wait_until
from infra.supervisor.process import ProcessSpec
from shared.ids import OPERATOR, AuthorityCode

# Unset, the server takes three quarters of what is free when it starts: started on a full disk it
# goes on refusing (10023) when there is room, and says that it is healthy. The disk is the limit.
_MOST_STORED = 1 << 40

# Security holes were published for what is older: reliability notes, point 8.
OLDEST = (2, 14, 3)


class NATSServerError(Exception):
    """The server could not be made or did not start; the text is for a person."""


def program() -> Path:
    """The server of the wheel, else one on PATH."""
    beside = Path(sys.executable).parent / "nats-server"
    if beside.exists():
        return beside
    found = shutil.which("nats-server")
    if found is None:
        raise NATSServerError("Programmet nats-server saknas. Kör ./utvag igen.")
    return Path(found)


def version() -> str:
    """The server's own version text, as `2.15.1`."""
    done = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().removeprefix("nats-server: v")


def refuse_old(found: str) -> None:
    """Raise unless the version is free of the holes we know.

    Raises:
        NATSServerError: too old.
    """
    if tuple(int(part) for part in found.split("-", maxsplit=1)[0].split(".")) < OLDEST:
        raise NATSServerError(
            f"nats-server {found} har kända säkerhetshål. "
            f"Lägst {'.'.join(map(str, OLDEST))} krävs. Kör ./utvag igen för att hämta rätt version."
        )


def config(
    port: int, health_port: int, home: Path, users: Mapping[AuthorityCode, str]
) -> dict[str, object]:
    """The server's whole configuration; JSON is what NATS reads, too.

    Args:
        users: public nkey of each authority that runs a node, and the operator's.
    """
    return {
        "server_name": "utvag",
        "listen": f"{LOOPBACK}:{port}",
        "http": f"{LOOPBACK}:{health_port}",
        "max_payload": 1024 * 1024,  # the streams' own limit is lower and answers with an error
        "ping_interval": "20s",
        "write_deadline": "10s",
        "lame_duck_duration": "30s",
        "lame_duck_grace_period": "1s",
        "jetstream": {
            "store_dir": str(home / "store"),
            "sync_interval": "always",
            "max_file_store": _MOST_STORED,
        },
        "accounts": _accounts(users),
        "system_account": "SYS",
    }


def _accounts(users: Mapping[AuthorityCode, str]) -> dict[str, object]:
    """The exchange, one account a node that may use exactly its own part of it, and a locked one.

    Why not one account with permissions alone: see `infra.nats.permissions`.
    """
    nodes = sorted(code for code in users if code != OPERATOR)
    exports = [
        {"service": subject, "accounts": [account_of(code)], **_answers(subject)}
        for code in nodes
        for subject in permissions_of(code).publish
    ]
    accounts: dict[str, object] = {
        EXCHANGE: {
            "jetstream": "enabled",
            "exports": exports,
            "users": [_user(OPERATOR, users[OPERATOR])],
        },
        # Without users nobody can sign in to it: the server's events stay its own.
        "SYS": {"users": []},
    }
    for code in nodes:
        imports = [
            {"service": {"account": EXCHANGE, "subject": subject}}
            for subject in permissions_of(code).publish
        ]
        accounts[account_of(code)] = {"imports": imports, "users": [_user(code, users[code])]}
    return accounts


def _answers(subject: str) -> dict[str, str]:
    # A pull is answered by as many messages as were asked for; all else by one.
    return {"response_type": "Stream"} if ".MSG.NEXT." in subject else {}


def _user(code: AuthorityCode, public: str) -> dict[str, object]:
    allowed = permissions_of(code)
    return {
        "nkey": public,
        "permissions": {
            "publish": {"allow": list(allowed.publish)},
            "subscribe": {"allow": list(allowed.subscribe)},
        },
    }


class NATSServer:
    """One server with its store, users and address.

    Args:
        home: folder of its own.
        port: where nodes connect, on loopback.
        health_port: HTTP for health only, on loopback.
    """

    name = "nats"

    def __init__(self, home: Path, port: int, health_port: int) -> None:
        self.home = home
        self.port = port
        self.health_port = health_port
        self.config_file = home / "nats.conf"

    @property
    def url(self) -> str:
        """Where nodes connect."""
        return f"nats://{LOOPBACK}:{self.port}"

    def configure(self, users: Mapping[AuthorityCode, str]) -> bool:
        """Write the configuration.

        Returns:
            Whether it changed: then a running server must be started again. Its `SIGHUP` does
            not do: seen in 2.15.1, accounts that import from another lose JetStream (10039).
        """
        refuse_old(version())
        private_folder(self.home)
        content = config(self.port, self.health_port, self.home, users)
        # Letters as they are: NATS reads JSON, but not its escapes for letters.
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        if self.config_file.exists() and self.config_file.read_text() == text:
            return False
        write_private(self.config_file, text)
        return True

    def set_aside_store(self) -> Path | None:
        """Start without what was stored, and keep it beside for a person; where it lies now.

        One flipped bit in the length of a record makes the server (2.15.1) read for ever at its
        start. Nothing is lost by it: every node's outbox repeats what has no receipt.
        """
        store = self.home / "store"
        if not store.exists():
            return None
        aside = self.home / f"store-set-aside-{time.time_ns()}"
        store.rename(aside)
        return aside

    def spec(self) -> ProcessSpec:
        """How to run it."""
        return ProcessSpec(
            name=self.name,
            command=(str(program()), "--config", str(self.config_file)),
            cwd=self.home,
            stop_signal=signal.SIGTERM,
        )

    async def is_ready(self) -> bool:
        """Whether the server says that it and JetStream are healthy."""
        return await answers_ok(f"http://{LOOPBACK}:{self.health_port}/healthz")

    async def wait_ready(self, timeout_s: float = 20.0) -> None:
        """Return when it is healthy.

        Raises:
            NATSServerError: not within the time.
        """
        if not await wait_until(self.is_ready, timeout_s):
            raise NATSServerError(f"NATS svarade inte på port {self.port} inom {timeout_s:.0f} s")
