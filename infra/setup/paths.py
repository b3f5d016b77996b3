"""Where set-up puts things."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / ".utvag"
VENV = MADE / "venv"
SERVERS = MADE / "servers"
ASSETS = MADE / "assets"
CACHE = MADE / "cache"
STAMPS = MADE / "stamps"
LOG = MADE / "log" / "setup.log"
LOCK = MADE / "lock"
TEMPORARY = MADE / "tmp"
DEFAULT_STATE = MADE / "state"

REQUIREMENTS = ROOT / "requirements.txt"
REQUIREMENTS_DEV = ROOT / "requirements-dev.txt"
REQUIREMENTS_ASSETS = ROOT / "requirements-assets.txt"
PACKAGE = ROOT / "package.json"
PACKAGE_LOCK = ROOT / "package-lock.json"
PINS = Path(__file__).with_name("pins.toml")
ASSET_LIST = Path(__file__).with_name("assets.toml")


def python() -> Path:
    """The environment's interpreter."""
    return VENV / "bin" / "python"


def pins() -> dict[str, dict[str, Any]]:
    """What `pins.toml` says, by server."""
    return tomllib.loads(PINS.read_text("utf-8"))


def keycloak_home() -> Path:
    """The unpacked distribution, built for PostgreSQL; shared by all states, never written to."""
    return SERVERS / f"keycloak-{pins()['keycloak']['version']}"
