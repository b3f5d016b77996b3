"""What is finished. A stamp holds the digest of the pins it was made from, and is written last."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from infra.setup import paths

READY = "ready"
VENV = "venv"
DEVELOPING = "venv-dev"
KEYCLOAK = "keycloak"
ASSETS = "assets"

# In the order of the script `utvag`, which reckons the same digest with sha256sum.
_FILES = {
    READY: (paths.REQUIREMENTS, paths.PACKAGE_LOCK, paths.PINS, paths.ASSET_LIST),
    VENV: (paths.REQUIREMENTS,),
    DEVELOPING: (paths.REQUIREMENTS_DEV,),
    KEYCLOAK: (paths.PINS,),
    ASSETS: (paths.PACKAGE_LOCK, paths.ASSET_LIST),
}


def digest(files: Iterable[Path]) -> str:
    """SHA-256 of the files' contents, one after the other."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def is_current(name: str) -> bool:
    """Whether it is finished, and made from the pins that are here now."""
    try:
        return (paths.STAMPS / name).read_text().strip() == digest(_FILES[name])
    except (FileNotFoundError, PermissionError):
        return False


def exists(name: str) -> bool:
    """Whether it was once finished, perhaps from other pins."""
    return (paths.STAMPS / name).is_file()


def clear(*names: str) -> None:
    """About to be changed: until stamped anew it counts as half-made."""
    for name in names:
        (paths.STAMPS / name).unlink(missing_ok=True)


def stamp(name: str) -> None:
    """Finished."""
    paths.STAMPS.mkdir(parents=True, exist_ok=True)
    temporary = paths.STAMPS / f".{name}"
    temporary.write_text(digest(_FILES[name]) + "\n")
    temporary.replace(paths.STAMPS / name)
