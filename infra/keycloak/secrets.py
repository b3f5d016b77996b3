"""Secrets that two sides must know: a client's, drawn once and kept in the state folder."""

import fcntl
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.files import private_folder, write_private


@dataclass(frozen=True, slots=True)
class ClientSecrets:
    """An authority's clients' secrets.

    Args:
        web: of `utvag-web`, for the node's settings.
        client: of `utvag-client`, the API client with its own token.
        broker: of `broker-<code>` in the police realm.
    """

    web: str
    client: str
    broker: str


def client_secrets(state_dir: Path, codes: Iterable[str]) -> dict[str, ClientSecrets]:
    """The secrets of these authorities, drawn where missing, from `secrets/realms.json` (0600)."""
    wanted = list(codes)
    file = private_folder(state_dir / "secrets") / "realms.json"
    # Node settings and realms are made side by side: two that draw must not draw twice.
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept: dict[str, dict[str, str]] = json.loads(file.read_text()) if file.exists() else {}
        missing = [code for code in wanted if code not in kept]
        for code in missing:
            kept[code] = asdict(ClientSecrets(*(secrets.token_urlsafe(32) for _ in range(3))))
        if missing:
            write_private(file, json.dumps(kept, indent=2, sort_keys=True) + "\n")
    return {code: ClientSecrets(**kept[code]) for code in wanted}
