"""Pin the packages anew: exact versions, hashes, and no registry's name."""

import shutil
import subprocess
import sys
from pathlib import Path

from infra.setup import assets, lock, paths
from infra.setup.say import say
from infra.setup.trouble import explain

_HEADER = "./utvag pin"


def pin_all(*, upgrade: bool) -> None:
    """Write the three requirements files and the lock of the browser's packages.

    Args:
        upgrade: take the newest that the `.in` files allow; else only what they no longer allow.
    """
    _compile("requirements", upgrade=upgrade)
    _compile("requirements-dev", "--constraint", "requirements.txt", upgrade=upgrade)
    _compile("requirements-assets", upgrade=upgrade)
    with lock.held() as handle:
        assets.lock_packages(handle)
    say("Nålat. Se efter med 'git diff', och kör 'utvag test'.")


def _compile(name: str, *more: str, upgrade: bool) -> None:
    command = [sys.executable, "-m", "uv", "pip", "compile", f"{name}.in", "-o", f"{name}.txt"]
    command += [
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-emit-index-url",
    ]
    command += ["--no-emit-find-links", "--custom-compile-command", _HEADER, "--quiet", *more]
    if upgrade:
        command.append("--upgrade")
    cache = ["--cache-dir", str(paths.CACHE / "uv")]
    done = subprocess.run(
        [*command, *cache], cwd=paths.ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        raise explain(done.stderr, f"Att nåla {name}.in")
    shutil.rmtree(paths.CACHE / "uv", ignore_errors=True)
    say(f"  {name}.txt: {_count(paths.ROOT / f'{name}.txt')} paket.")


def _count(file: Path) -> int:
    return sum(
        "==" in line and not line.startswith(" ") for line in file.read_text("utf-8").splitlines()
    )
