"""The Python environment: exactly the pinned packages, each checked against its hash."""

import importlib.metadata
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from infra.setup import paths, stamps
from infra.setup.run import run
from infra.setup.say import Bar, megabytes, say
from infra.setup.trouble import explain

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")
_DOWNLOADING = re.compile(r"^\s+(?:Downloading|Using cached) (\S+) \(([\d.]+) ([kMG]?)B\)")
_UNITS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}
_COLLECTING = re.compile(r"^Collecting ([A-Za-z0-9._-]+)")
_KEPT = frozenset({"pip", "setuptools", "wheel"})  # the environment's own
_FROM_SOURCE = frozenset({"nkeys"})  # no wheel exists; pure Python, built by the pinned setuptools


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(requirements: Path) -> dict[str, frozenset[str]]:
    """Normalised name to its versions: one for each Python where they differ; markers are pip's."""
    found: dict[str, frozenset[str]] = {}
    for line in requirements.read_text("utf-8").splitlines():
        if pin := _PIN.match(line):
            name = _plain(pin[1])
            found[name] = found.get(name, frozenset()) | {pin[2]}
    return found


def _installed() -> Iterable[importlib.metadata.Distribution]:
    return importlib.metadata.distributions(path=[str(_site_packages())])


def _site_packages() -> Path:
    found = sorted(paths.VENV.glob("lib/python3.*/site-packages"))
    return found[-1] if found else paths.VENV / "missing"


def is_whole(requirements: Path) -> bool:
    """Whether what is installed agrees with the pins and no file of it is missing or cut.

    A pin that is not installed is no fault in itself, for its marker may rule it out here; a second
    `pip install` would settle that, and costs the network. So: most are there, none differs, and
    every file has the size that its package's own record says.
    """
    wanted = pinned(requirements)
    found = 0
    for distribution in _installed():
        name = _plain(distribution.metadata["Name"] or "")
        if distribution.version not in wanted.get(name, {distribution.version}):
            return False
        found += name in wanted
        for file in distribution.files or ():
            path = Path(str(distribution.locate_file(file)))
            if file.size is not None and (not path.is_file() or path.stat().st_size != file.size):
                return False
    return found >= len(wanted) * 0.9 and paths.python().exists()


def python_is_the_same() -> bool:
    """Whether the environment's interpreter is there, of the version its packages are for."""
    same = _site_packages().parent.name == f"python3.{sys.version_info.minor}"
    return same and paths.python().exists()


def make(lock: int, *, developing: bool) -> None:
    """Make or mend the environment until it is exactly what is pinned, then stamp it.

    Args:
        lock: set-up's lock.
        developing: with what tests and checks need. What was once installed so stays so.
    """
    developing = developing or stamps.exists(stamps.DEVELOPING)
    requirements = paths.REQUIREMENTS_DEV if developing else paths.REQUIREMENTS
    stamped = stamps.exists(stamps.VENV) and python_is_the_same()
    if paths.VENV.exists() and not stamped:
        if python_is_the_same() and is_whole(requirements):
            _finish(developing=developing)
            return
        was_cut = python_is_the_same()
        why = "Förra gången blev inte Python-miljön klar" if was_cut else "Datorns Python har bytts"
        say(f"{why}; gör om miljön.")
        shutil.rmtree(paths.VENV)
    stamps.clear(stamps.READY, stamps.VENV, stamps.DEVELOPING)
    if not paths.VENV.exists():
        say("1/4 Python-miljö.")
        code, said = run([sys.executable, "-m", "venv", paths.VENV], lock=lock)
        if code:
            raise explain(said, "Att göra Python-miljön")
    size = "200 MB" if developing else "90 MB"
    say(f"2/4 Python-paket, nålade med kontrollsumma; omkring {size} att hämta första gången.")
    _install(requirements, lock)
    _remove_others(requirements, lock)
    _finish(developing=developing)


def _finish(*, developing: bool) -> None:
    if developing:
        stamps.stamp(stamps.DEVELOPING)
    stamps.stamp(stamps.VENV)


def _install(requirements: Path, lock: int) -> None:
    total = len(pinned(requirements))
    temporary = paths.TEMPORARY / "pip"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    wheels, sources = _split(requirements, temporary)
    pip: list[str | Path] = [paths.python(), "-m", "pip", "install", "--require-hashes"]
    pip += ["--no-deps", "--retries", "3", "--progress-bar", "off"]
    with Bar("Python-paket", total) as bar:
        seen: set[str] = set()
        size = 0.0

        def on_line(line: str) -> None:
            nonlocal size
            if match := _COLLECTING.match(line):
                seen.add(_plain(match[1]))
            elif match := _DOWNLOADING.match(line):
                size += float(match[2]) * _UNITS[match[3]]
            else:
                return
            bar.at(
                len(seen), f"{len(seen)} av {total}, {megabytes(size)}: {match[1].split('-')[0]}"
            )

        where = {"TMPDIR": str(temporary)}
        only = [*pip, "--only-binary", ":all:", "-r", wheels]
        code, said = run(only, lock=lock, environment=where, on_line=on_line)
        if not code:
            # Nothing unseen is fetched to build with: the setuptools just installed does it.
            build = [*pip, "--no-build-isolation", "--no-binary", ",".join(_FROM_SOURCE)]
            code, said = run([*build, "-r", sources], lock=lock, environment=where)
    if code:
        raise explain(said, "Att hämta Python-paketen")
    say(f"  Python-paket: {total} på plats, {megabytes(size)} hämtade, {bar.seconds:.0f} s.")
    shutil.rmtree(temporary, ignore_errors=True)


def _split(requirements: Path, folder: Path) -> tuple[Path, Path]:
    """The pins that come as wheels, and those that must be built, each in a file of its own."""
    wheels, sources = folder / "wheels.txt", folder / "sources.txt"
    blocks = re.split(r"^(?=[A-Za-z0-9])", requirements.read_text("utf-8"), flags=re.MULTILINE)
    built = [block for block in blocks if (m := _PIN.match(block)) and _plain(m[1]) in _FROM_SOURCE]
    wheels.write_text("".join(block for block in blocks if block not in built), "utf-8")
    sources.write_text("".join(built), "utf-8")
    return wheels, sources


def _remove_others(requirements: Path, lock: int) -> None:
    """What an earlier set of pins left behind must not be there for tests to lean on."""
    wanted = pinned(requirements)
    names = {_plain(d.metadata["Name"] or "") for d in _installed()}
    others = sorted(name for name in names - set(wanted) - _KEPT if name)
    if others:
        command: list[str | Path] = [paths.python(), "-m", "pip", "uninstall", "--yes", *others]
        code, said = run(command, lock=lock)
        if code:
            raise explain(said, "Att ta bort paket som inte längre behövs")
