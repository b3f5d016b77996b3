"""What `doctor` looks at inside the checkout: what set-up made, and the system's own folder."""

import json
import socket
from collections.abc import Iterator

from infra.setup import lock, paths, stamps, venv, versions
from infra.setup.bootstrap import is_ready
from infra.setup.finding import BAD, NOTE, OK, Examination, Finding
from infra.setup.trouble import Trouble


def made() -> Iterator[Finding]:
    """How far set-up has come."""
    if lock.is_held():
        yield Finding(
            "I ordning", NOTE, "Utväg görs i ordning just nu av ett annat anrop", "Vänta på det."
        )
        return
    if is_ready(developing=False):
        with_tests = stamps.is_current(stamps.DEVELOPING)
        more = "med provens paket" if with_tests else "utan provens paket (hämtas av 'utvag test')"
        yield Finding("I ordning", OK, f"allt är gjort, {more}")
        return
    begun = [
        name for name in (stamps.VENV, stamps.KEYCLOAK, stamps.ASSETS) if stamps.is_current(name)
    ]
    if paths.VENV.exists():
        says = f"halvgjort: klart är {', '.join(begun) or 'inget än'}"
        yield Finding(
            "I ordning", NOTE, says, "Kör vilket kommando som helst igen, så görs resten."
        )
    else:
        yield Finding("I ordning", NOTE, "inte gjort än", "Kör './utvag demo' eller './utvag up'.")


def packages() -> Iterator[Finding]:
    """Whether each installed file is as its package recorded it."""
    if not is_ready(developing=False):
        return
    developing = stamps.is_current(stamps.DEVELOPING)
    requirements = paths.REQUIREMENTS_DEV if developing else paths.REQUIREMENTS
    if venv.is_whole(requirements):
        yield Finding("Paket", OK, "varje fil finns och har rätt storlek")
    else:
        yield Finding(
            "Paket",
            BAD,
            "ett paket i .utvag/venv är ändrat, kapat eller av fel version",
            f"Ta bort mappen {paths.VENV} och kör samma kommando igen.",
        )


def servers() -> Iterator[Finding]:
    """Whether the three servers are there and not below their floors."""
    if not is_ready(developing=False):
        return
    site = str(next(paths.VENV.glob("lib/python3.*/site-packages")))
    found = versions.found(site)
    try:
        versions.refuse_old(found)
    except Trouble as trouble:
        yield Finding("Servrar", BAD, trouble.sentence, trouble.way_out)
    missing = [server for server, version in found.items() if not version]
    if missing:
        yield Finding(
            "Servrar",
            BAD,
            f"{', '.join(missing)} saknas",
            f"Ta bort mappen {paths.STAMPS} och kör samma kommando igen.",
        )
        return
    yield Finding(
        "Servrar", OK, ", ".join(f"{server} {version}" for server, version in found.items())
    )


def loopback() -> Iterator[Finding]:
    """Whether ports can be opened, and which were chosen."""
    try:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
    except OSError as error:
        yield Finding(
            "Portar",
            BAD,
            f"ingen port på 127.0.0.1 gick att öppna: {error.strerror}",
            "Slå på loopback: 'ip link set lo up'.",
        )
        return
    for file in sorted(paths.DEFAULT_STATE.glob("ports.json")):
        try:
            ports = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            yield Finding(
                "Portar", BAD, f"{file} går inte att läsa", "Stoppa systemet och ta bort filen."
            )
            return
        yield Finding("Portar", OK, f"fria söks; valda förra gången: {len(ports)} stycken i {file}")
        return
    yield Finding("Portar", OK, "fria söks på 127.0.0.1 vid start")


def state() -> Iterator[Finding]:
    """The system's own folder."""
    folder = paths.DEFAULT_STATE
    if not folder.exists():
        return
    mode = folder.stat().st_mode & 0o077
    if mode:
        yield Finding(
            "Systemets data",
            BAD,
            f"{folder} kan läsas av andra användare",
            f"Stäng mappen: chmod 700 {folder}",
        )
    elif not (folder / "ports.json").is_file():
        yield Finding(
            "Systemets data",
            NOTE,
            f"{folder} är halvgjort: starten blev inte klar",
            "Kör './utvag up' igen. Går det inte: flytta undan mappen, så görs en ny.",
        )
    else:
        yield Finding("Systemets data", OK, str(folder))


INSIDE: tuple[Examination, ...] = (made, packages, servers, loopback, state)
