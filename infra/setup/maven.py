"""Files from the Java registry, each with a known hash; the registry is named by its own client."""

from pathlib import Path
from typing import Any

from infra.setup import paths
from infra.setup.fetch import fetch
from infra.setup.trouble import AGAIN, Trouble

FOLDER = paths.CACHE / "maven"


def fetched(pin: dict[str, Any], *, packaging: str, what: str) -> Path:
    """The pinned file, in the cache.

    Args:
        pin: group, artifact, version, sha256, size_bytes.
        packaging: "zip" or "jar".
        what: its name for the person.

    Raises:
        Trouble: no registry has it, or not with that hash.
    """
    from jgo.maven import MavenContext  # noqa: PLC0415  # installed by this very set-up

    context = MavenContext(repo_cache=FOLDER)
    component = context.project(pin["group"], pin["artifact"]).at_version(pin["version"])
    artifact = component.artifact(packaging=packaging)
    refused: Trouble | None = None
    for registry in context.remote_repos.values():
        address = f"{registry}/{component.path_prefix.as_posix()}/{artifact.filename}"
        try:
            return fetch(
                address,
                FOLDER / artifact.filename,
                sha256=pin["sha256"],
                size_bytes=pin["size_bytes"],
                what=f"{what} {pin['version']}",
            )
        except Trouble as trouble:
            refused = trouble
    raise refused or Trouble(f"Här finns inget Java-paketförråd att hämta {what} från.", AGAIN)
