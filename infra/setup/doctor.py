"""What is missing or wrong on this machine, in plain words, each with what to do about it.

Changes nothing and needs nothing but the standard library: it must answer where nothing works.
"""

import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from infra.setup import lock, paths, stamps, venv, versions
from infra.setup.bootstrap import check_tree, is_ready
from infra.setup.trouble import ENVIRONMENT, Trouble

OK: Literal["ok"] = "ok"
NOTE: Literal["obs"] = "obs"
BAD: Literal["fel"] = "fel"

USER_NAMESPACE = ("unshare", "-U", "--map-user=65534", "--map-group=65534", "true")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Args:
        what: its short name.
        level: `ok`; `obs` for what one should know; `fel` for what stops something.
        says: what was found.
        way_out: what to do; empty where all is well.
    """

    what: str
    level: Literal["ok", "obs", "fel"]
    says: str
    way_out: str = ""


def _python() -> Iterator[Finding]:
    version = sys.version.split()[0]
    base = getattr(sys, "_base_executable", sys.executable)
    code = "import ensurepip, ssl, venv"
    has_venv = not subprocess.run([base, "-c", code], capture_output=True, check=False).returncode
    if has_venv:
        yield Finding("Python", OK, f"{version} med venv ({base})")
    else:
        yield Finding(
            "Python",
            BAD,
            f"{version} saknar venv eller ensurepip",
            "Installera paketet python3-venv.",
        )


def _machine() -> Iterator[Finding]:
    machine = os.uname()
    fits = machine.sysname == "Linux" and machine.machine in {"x86_64", "aarch64"}
    way_out = "" if fits else "Utväg på en maskin körs på Linux, x86_64 eller aarch64."
    yield Finding("Dator", OK if fits else BAD, f"{machine.sysname} {machine.machine}", way_out)


def _tree() -> Iterator[Finding]:
    try:
        if paths.MADE.exists() or not os.access(paths.ROOT, os.W_OK):
            check_tree()
    except Trouble as trouble:
        yield Finding("Mappen", BAD, trouble.sentence, trouble.way_out)
        return
    closed = next(
        (p for p in (paths.ROOT, *paths.ROOT.parents) if not p.stat().st_mode & 0o001), None
    )
    where = f"{paths.ROOT}" + (f"; {closed} är stängd för andra, och det går bra" if closed else "")
    yield Finding("Mappen", OK, where)


def _room() -> Iterator[Finding]:
    free = shutil.disk_usage(paths.ROOT).free
    says = f"{free / 1e9:.1f} GB ledigt".replace(".", ",")
    if free < 1_000_000_000:
        yield Finding("Disk", BAD, says, "Frigör minst 3 GB där utcheckningen ligger.")
    elif free < 3_000_000_000:
        yield Finding(
            "Disk", NOTE, says, "Frigör minst 3 GB: så mycket tar första gången med proven."
        )
    else:
        yield Finding("Disk", OK, says)


def _certificates() -> Iterator[Finding]:
    named = os.environ.get("SSL_CERT_FILE")
    if not named:
        yield Finding("Certifikat", OK, "datorns egna (SSL_CERT_FILE är inte satt)")
        return
    try:
        ssl.create_default_context(cafile=named)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or "innehåller inga certifikat"
        yield Finding(
            "Certifikat",
            BAD,
            f"SSL_CERT_FILE={named}: {reason}",
            "Peka ut en fil i PEM-format med er certifikatutgivare, eller ta bort variabeln.",
        )
        return
    yield Finding("Certifikat", OK, f"SSL_CERT_FILE={named}")


def _user() -> Iterator[Finding]:
    """PostgreSQL refuses root: how it is run then."""
    if os.geteuid():
        yield Finding("Användare", OK, "en vanlig användare; PostgreSQL körs som den")
        return
    unshare = shutil.which(USER_NAMESPACE[0])
    works = (
        unshare and not subprocess.run(USER_NAMESPACE, capture_output=True, check=False).returncode
    )
    if works:
        yield Finding("Användare", OK, "root; PostgreSQL körs som nobody i en egen användarrymd")
    elif shutil.which("runuser") or shutil.which("setpriv"):
        yield Finding(
            "Användare",
            NOTE,
            "root, och kärnan nekar användarrymder: PostgreSQL körs som systemanvändaren nobody",
            "Då måste nobody nå utcheckningen. Ligger den under en stängd mapp (0700): kör i stället "
            "som en vanlig användare.",
        )
    else:
        yield Finding(
            "Användare",
            BAD,
            "root, och varken 'unshare -U', 'runuser' eller 'setpriv' fungerar",
            "Kör som en vanlig användare, eller installera paketet util-linux.",
        )


def _made() -> Iterator[Finding]:
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


def _servers() -> Iterator[Finding]:
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


def _packages() -> Iterator[Finding]:
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


def _loopback() -> Iterator[Finding]:
    import socket  # noqa: PLC0415  # only here

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


def _state() -> Iterator[Finding]:
    state = paths.DEFAULT_STATE
    if not state.exists():
        return
    mode = state.stat().st_mode & 0o077
    if mode:
        yield Finding(
            "Systemets data",
            BAD,
            f"{state} kan läsas av andra användare",
            f"Stäng mappen: chmod 700 {state}",
        )
    elif not (state / "ports.json").is_file():
        yield Finding(
            "Systemets data",
            NOTE,
            f"{state} är halvgjort: starten blev inte klar",
            "Kör './utvag up' igen. Går det inte: flytta undan mappen, så görs en ny.",
        )
    else:
        yield Finding("Systemets data", OK, str(state))


def _chromium() -> Iterator[Finding]:
    from infra.cli.browser import WAY_OUT, find  # noqa: PLC0415  # no click in it

    browser = find()
    if browser:
        yield Finding("Chromium", OK, browser)
    else:
        way_out = "'utvag test' installerar den åt dig." if os.geteuid() == 0 else WAY_OUT
        yield Finding("Chromium", NOTE, "saknas; behövs bara av webbläsarproven", way_out)


_EXAMINATIONS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _machine,
    _python,
    _tree,
    _room,
    _certificates,
    _user,
    _made,
    _packages,
    _servers,
    _loopback,
    _state,
    _chromium,
)


def examine() -> list[Finding]:
    """Look at everything; an examination that breaks is itself a finding."""
    findings: list[Finding] = []
    for examination in _EXAMINATIONS:
        try:
            findings += examination()
        except OSError as error:
            name = examination.__name__.strip("_")
            findings.append(
                Finding(
                    name,
                    BAD,
                    f"gick inte att undersöka: {error}",
                    "Se efter rättigheterna i .utvag.",
                )
            )
    return findings


def main(*, as_json: bool) -> int:
    """Print what was found; the exit code."""
    findings = examine()
    is_well = all(finding.level != BAD for finding in findings)
    if as_json:
        facts = {"well": is_well, "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(f"{finding.level:<4}{finding.what}: {finding.says}")
            if finding.way_out:
                print(f"      Gör så här: {finding.way_out}")
        print("Inget hindrar Utväg här." if is_well else "Något hindrar: se raderna märkta 'fel'.")
    return 0 if is_well else ENVIRONMENT
