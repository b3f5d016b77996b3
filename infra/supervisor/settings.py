"""Writes what a node's own processes read: `nodes/<code>/settings.toml`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.settings import (
    DatabaseSettings,
    ExchangeSettings,
    IdentitySettings,
    KeySettings,
    NodeSettings,
    TrustSettings,
    WebSettings,
)
from infra.directory import trust_files
from infra.files import write_private
from infra.ports import LOOPBACK
from infra.postgres.databases import NodeDsns
from infra.setup import paths
from infra.supervisor.state import State
from shared.ids import POLICE
from shared.policy import Tenant


def web_address(port: int) -> str:
    """What people type to reach a node on this machine."""
    return f"http://{LOOPBACK}:{port}"


def node_settings(
    state: State,
    tenant: Tenant,
    tenants_dir: Path,
    dsns: NodeDsns,
    ports: Mapping[str, int],
    client_secret: str,
) -> NodeSettings:
    """One node's settings on one machine.

    Args:
        ports: of the whole system, by name.
        client_secret: of the node's own client in its realm.
    """
    code = tenant.code
    port = ports[f"web-{code}"]
    trust = trust_files(state.folder, code)
    is_municipality = tenant.authority.kind == "municipality"
    return NodeSettings(
        authority=code,
        is_demo=True,
        state_dir=state.folder,
        tenants_dir=tenants_dir.resolve(),
        assets_dir=paths.ASSETS,
        database=DatabaseSettings(
            web=dsns.web, worker=dsns.worker, owner=dsns.owner, keys=dsns.keys
        ),
        exchange=ExchangeSettings(
            servers=[f"nats://{LOOPBACK}:{ports['nats']}"], seed_file=state.seed(code)
        ),
        identity=IdentitySettings(
            base_url=f"http://localhost:{ports['keycloak']}",
            realm=code,
            client_id="utvag-web",
            client_secret=client_secret,
            api_client_id="utvag-api",
            police_realm=POLICE if is_municipality else None,
        ),
        web=WebSettings(host=LOOPBACK, port=port, base_url=web_address(port)),
        keys=KeySettings(folder=trust.keys, node_key_file=trust.node_key),
        trust=TrustSettings(directory_file=trust.directory, anchor_file=trust.anchor),
    )


def write_settings(state: State, settings: NodeSettings) -> Path:
    """Write them for their node, readable by the owner only."""
    file = state.settings(settings.authority)
    write_private(file, to_toml(settings))
    return file


def to_toml(settings: NodeSettings) -> str:
    """As TOML: one level of tables, no empty values."""
    content: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=str)
    plain = {key: value for key, value in content.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in content.items() if isinstance(value, dict)}
    lines = ["# Written by utvag at every start; holds passwords.", *_pairs(plain)]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *_pairs(table)]
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> list[str]:
    # A JSON string, number, boolean or list of strings is the same in TOML.
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in table.items()
        if value is not None
    ]
