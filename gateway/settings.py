"""What a node must be told to run, read once at start from one file.

On one machine the supervisor writes the file; in production whoever runs the node does. Naming
servers that exist is all it takes to run beyond one machine.
"""

from pathlib import Path
from typing import Annotated

import msgspec

from shared.ids import AuthorityCode, authority_code

Dsn = Annotated[str, msgspec.Meta(pattern=r"^postgresql://")]


class SettingsError(Exception):
    """The settings file is missing, readable by others, or names something wrong."""


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Login addresses, one for each role, `postgresql://role:password@host:port/database`."""

    web: Dsn
    worker: Dsn
    owner: Dsn
    keys: Dsn


class ExchangeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the bus is, and the file with this authority's nkey seed."""

    servers: list[str]
    seed_file: Path


class IdentitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where Keycloak is, and which clients of the authority's realm are ours."""

    base_url: str
    realm: str
    client_id: str
    client_secret: str
    api_client_id: str
    police_realm: str | None = None


class WebSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the web process listens, and the address people use."""

    host: str
    port: int
    base_url: str


class KeySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The folder of the authority's private keys, and the key that wraps case keys."""

    folder: Path
    node_key_file: Path


class TrustSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The signed directory of the set-up, and the operator key that it must be signed with."""

    directory_file: Path
    anchor_file: Path


class NodeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything one node needs.

    Args:
        is_demo: made by `./utvag` on one machine; only then may the domain clock move and demo
            accounts exist.
        state_dir: the state's folder; in a demo it holds the domain clock's shift.
        tenants_dir: the folder with one folder for each authority.
        assets_dir: where set-up put the design system and htmx.
    """

    authority: str
    is_demo: bool
    state_dir: Path
    tenants_dir: Path
    assets_dir: Path
    database: DatabaseSettings
    exchange: ExchangeSettings
    identity: IdentitySettings
    web: WebSettings
    keys: KeySettings
    trust: TrustSettings

    @property
    def code(self) -> AuthorityCode:
        """The authority's code, checked."""
        return authority_code(self.authority)


def load_settings(path: Path) -> NodeSettings:
    """Read one node's settings.

    Raises:
        SettingsError: missing, unreadable, open to other users, or a field is wrong; the message
            names the field and the file's name, never a value.
    """
    try:
        stat = path.stat()
        text = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path.name}: {error.strerror}") from error
    if stat.st_mode & 0o077:
        raise SettingsError(f"{path.name}: others may read it; it holds secrets (mode 0600)")
    try:
        return msgspec.toml.decode(text, type=NodeSettings, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path.name}: {error}") from error


def _decode(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)
