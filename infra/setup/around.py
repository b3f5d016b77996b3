"""What `doctor` looks at around the checkout: the machine, its user, its disk."""

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator

from infra.setup import paths
from infra.setup.bootstrap import read_only, refuse_foreign_tree
from infra.setup.finding import BAD, NOTE, OK, Examination, Finding
from infra.setup.trouble import Trouble

USER_NAMESPACE = ("unshare", "-U", "--map-user=65534", "--map-group=65534", "true")


def machine() -> Iterator[Finding]:
    """The kind of machine that the wheels are made for."""
    here = os.uname()
    fits = here.sysname == "Linux" and here.machine in {"x86_64", "aarch64"}
    way_out = "" if fits else "Utväg på en maskin körs på Linux, x86_64 eller aarch64."
    yield Finding("Dator", OK if fits else BAD, f"{here.sysname} {here.machine}", way_out)


def python() -> Iterator[Finding]:
    """Whether a new environment could be made."""
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


def tree() -> Iterator[Finding]:
    """Whose the checkout is, and whether it can be written in."""
    try:
        refuse_foreign_tree()
        if not os.access(paths.MADE if paths.MADE.exists() else paths.ROOT, os.W_OK):
            raise read_only()
    except Trouble as trouble:
        yield Finding("Mappen", BAD, trouble.sentence, trouble.way_out)
        return
    closed = next(
        (p for p in (paths.ROOT, *paths.ROOT.parents) if not p.stat().st_mode & 0o001), None
    )
    where = f"{paths.ROOT}" + (f"; {closed} är stängd för andra, och det går bra" if closed else "")
    yield Finding("Mappen", OK, where)


def room() -> Iterator[Finding]:
    """Room on the disk."""
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


def certificates() -> Iterator[Finding]:
    """The site's own certificate authority, where one is named."""
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


def user() -> Iterator[Finding]:
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


def chromium() -> Iterator[Finding]:
    """The browser that tests drive."""
    from infra.cli.browser import WAY_OUT, find  # noqa: PLC0415  # no click in it

    browser = find()
    if browser:
        yield Finding("Chromium", OK, browser)
    else:
        way_out = "'utvag test' installerar den åt dig." if os.geteuid() == 0 else WAY_OUT
        yield Finding("Chromium", NOTE, "saknas; behövs bara av webbläsarproven", way_out)


AROUND: tuple[Examination, ...] = (machine, python, room, certificates, user, chromium)
