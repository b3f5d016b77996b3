"""As whom PostgreSQL runs: ourselves, nobody in a user namespace, or a system user."""

import functools
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534  # the kernel's own overflow id, present on every Linux
_SYSTEM_FOLDER = Path("/var/lib/utvag")


class NoAccountError(Exception):
    """Root, and no way to become anybody else; the text is for a person."""


@dataclass(frozen=True, slots=True)
class Account:
    """How to become the one who may run PostgreSQL.

    Args:
        kind: `direct`, `namespace` or `system_user`.
        prefix: command words before the program.
        home: the folder that this account can reach.
        binaries: the programs that this account can reach.
    """

    kind: str
    prefix: tuple[str, ...]
    home: Path
    binaries: Path

    @property
    def parent_watch(self) -> tuple[str, ...]:
        """Ask anew for the signal at the death of this process, which starts the server.

        The kernel forgets the wish when credentials change, so it is asked after the prefix; and
        whoever died before that sends no signal any more, so it is looked for once after it.
        """
        if not self.prefix:
            return ()
        lives = ("sh", "-c", 'test "$PPID" = "$0" && exec "$@"', str(os.getpid()))
        return ("setpriv", "--pdeathsig", "INT", *lives)

    def adopt(self, folder: Path) -> None:
        """Give what is in the folder to a system user; the other two own it already."""
        if self.kind != "system_user":
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


@functools.cache
def has_user_namespaces() -> bool:
    """Whether the kernel lets us be nobody in a namespace of our own."""
    if shutil.which("unshare") is None or shutil.which("setpriv") is None:
        return False
    done = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)
    return done.returncode == 0


_NAMESPACE = ("unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
_SYSTEM_USER = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def find_account(home: Path, binaries: Path, *, wanted: str | None = None) -> Account:
    """The first way that works here.

    Args:
        home: the wanted folder for the data.
        binaries: where the programs are.
        wanted: `namespace` or `system_user` to choose; tests do.

    Raises:
        NoAccountError: root, without user namespaces and without `setpriv`.
    """
    if os.geteuid() != 0:
        return Account("direct", (), home, binaries)
    if wanted != "system_user" and has_user_namespaces():
        return Account("namespace", _NAMESPACE, home, binaries)
    if shutil.which("setpriv") is None:
        raise NoAccountError(
            "PostgreSQL vägrar köra som root, och här finns varken användarnamnrymder eller "
            "setpriv. Kör ./utvag som en vanlig användare."
        )
    return _system_user(home, binaries)


def _system_user(home: Path, binaries: Path) -> Account:
    """Nobody needs a folder it can reach: below /var/lib, one for each state folder."""
    own = _SYSTEM_FOLDER / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    own.mkdir(parents=True, exist_ok=True)
    _SYSTEM_FOLDER.chmod(0o711)
    own.chmod(0o700)
    os.chown(own, NOBODY, NOBODY)
    reachable = binaries
    # `initdb` and not `postgres`: it needs the shared libraries beside the programs, which a private
    # folder hides even where the kernel lets the program itself start.
    probe = [*_SYSTEM_USER, str(binaries / "initdb"), "--version"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        reachable = _copied(binaries)
    return Account("system_user", _SYSTEM_USER, own, reachable)


def _copied(binaries: Path) -> Path:
    """The programs copied to where a system user may read them; once for each version.

    The shared libraries lie beside the install folder and are found by relative paths.
    """
    package = binaries.parent.parent
    stamp = hashlib.sha256(f"{package} {package.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = _SYSTEM_FOLDER / f"program-{stamp}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(package, fresh / package.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(fresh)], check=True)
        fresh.rename(target)
    return target / package.name / binaries.parent.name / binaries.name
