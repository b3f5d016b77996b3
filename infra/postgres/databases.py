"""A database and its roles for each node, and a keys database beside it.

Four roles a node: `owner` owns the tables and runs migrations; `web` and `worker` own nothing and
are bound by row security; `guard` cannot log in and owns the few functions that must look past row
security. The keys database has one role of its own. No role may connect to another node's database.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from infra.files import secret
from infra.postgres.server import dsn

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)
LOGINS = ("owner", "web", "worker")


@dataclass(frozen=True, slots=True)
class NodeDsns:
    """The addresses of one node's databases, password included: never logged."""

    owner: str
    web: str
    worker: str
    keys: str

    def __repr__(self) -> str:
        """Without the passwords."""
        return "NodeDsns(…)"


def database_name(code: str) -> str:
    """The node's database; its roles are named after it."""
    return f"utvag_{code}"


async def ensure_node(admin_dsn: str, name: str, port: int, secrets: Path) -> NodeDsns:
    """Make the node's databases and roles where missing, and set right what a person changed.

    Args:
        admin_dsn: the superuser's address.
        name: from `database_name`.
        port: what goes into the addresses.
        secrets: folder with one password file a role, drawn when missing.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("not a database name")
    keys = f"{name}_keys"
    passwords = {
        role: secret(secrets / role) for role in [*(f"{name}_{login}" for login in LOGINS), keys]
    }
    admin = await asyncpg.connect(admin_dsn)
    try:
        await _ensure_roles(admin, name, passwords)
        await _ensure_database(admin, name, owner=f"{name}_owner", users=passwords.keys() - {keys})
        await _ensure_database(admin, keys, owner=keys, users=())
    finally:
        await admin.close()
    await _open_schema(re.sub(r"[^/]+$", name, admin_dsn), name)
    owner, web, worker = (
        dsn(f"{name}_{login}", passwords[f"{name}_{login}"], port, name) for login in LOGINS
    )
    return NodeDsns(owner, web, worker, keys=dsn(keys, passwords[keys], port, keys))


async def ensure_database(admin_dsn: str, name: str, port: int, secrets: Path) -> str:
    """A database with one role of the same name that owns it (Keycloak's); returns its address."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a database name")
    password = secret(secrets / name)
    admin = await asyncpg.connect(admin_dsn)
    try:
        await _ensure_role(admin, name, f"LOGIN PASSWORD '{password}'")
        await _ensure_database(admin, name, owner=name, users=())
    finally:
        await admin.close()
    return dsn(name, password, port, name)


async def close_to_strangers(admin_dsn: str) -> None:
    """Nobody but the superuser may connect to the databases that the server itself brought."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(
            "REVOKE ALL ON DATABASE postgres FROM PUBLIC; REVOKE ALL ON DATABASE template1 FROM PUBLIC"
        )
    finally:
        await admin.close()


async def _ensure_roles(admin: "asyncpg.Connection", name: str, passwords: dict[str, str]) -> None:
    for role, password in passwords.items():
        await _ensure_role(admin, role, f"LOGIN PASSWORD '{password}'")
    # BYPASSRLS, but nobody can be it: only functions that the owner gave to it run as guard.
    await _ensure_role(admin, f"{name}_guard", "NOLOGIN BYPASSRLS")
    await admin.execute(
        f'GRANT "{name}_guard" TO "{name}_owner" WITH INHERIT FALSE, SET TRUE, ADMIN FALSE'
    )


async def _ensure_role(admin: "asyncpg.Connection", role: str, attributes: str) -> None:
    exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    bypass = "" if "BYPASSRLS" in attributes else "NOBYPASSRLS"
    verb = "ALTER" if exists else "CREATE"
    await admin.execute(
        f'{verb} ROLE "{role}" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT '
        f"{bypass} {attributes}"
    )


async def _ensure_database(
    admin: "asyncpg.Connection", name: str, *, owner: str, users: Iterable[str]
) -> None:
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0')
    await admin.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    for user in users:
        await admin.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{user}"')


async def _open_schema(admin_dsn: str, name: str) -> None:
    """Who may see and make things in the node's one schema."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f"""
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO "{name}_web", "{name}_worker", "{name}_guard";
            GRANT USAGE, CREATE ON SCHEMA public TO "{name}_owner";
            -- A function can only be given to a role that may make things in its schema.
            GRANT CREATE ON SCHEMA public TO "{name}_guard";
        """)
    finally:
        await admin.close()
