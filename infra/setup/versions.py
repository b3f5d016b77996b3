"""Servers older than these have published security holes: they must not start."""

import importlib.metadata
import re
import sys

from infra.setup import paths
from infra.setup.trouble import Trouble


def as_numbers(version: str) -> tuple[int, ...]:
    """`v2.15.1-beta` as (2, 15, 1), for comparing."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def found(site_packages: str | None = None) -> dict[str, str]:
    """Server to version, as installed; empty text where it is not.

    Args:
        site_packages: the environment's folder; our own interpreter's where not given.
    """
    versions = {}
    where = [site_packages] if site_packages else sys.path
    for server, pin in paths.pins().items():
        if "version" in pin:
            versions[server] = pin["version"] if paths.keycloak_home().is_dir() else ""
            continue
        installed = importlib.metadata.distributions(name=pin["distribution"], path=where)
        versions[server] = next((one.version for one in installed), "")
    return versions


def refuse_old(versions: dict[str, str] | None = None) -> None:
    """Say no to a server below its floor.

    Args:
        versions: server to version; what is installed where not given.

    Raises:
        Trouble: names the server, its version and the floor.
    """
    for server, version in (versions or found()).items():
        floor = paths.pins()[server]["floor"]
        if version and as_numbers(version) < as_numbers(floor):
            raise Trouble(
                f"{server} {version} är äldre än {floor} och har kända säkerhetshål.",
                "Hämta en senare utgåva av Utväg, eller höj nålen och kör './utvag pin'.",
            )
