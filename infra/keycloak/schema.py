"""A shortcut to Keycloak's first start: its empty schema, and its loaded classes, kept beside it.

On an empty database Keycloak takes some twenty seconds to make its tables, change by change.
`keep` does that once for a distribution, when it is set up, and keeps the tables' definitions and
the list of changes; no realm, no key, no account. `fill` puts them into a new system's database.
Without the files everything works, slower.
"""

import subprocess
from pathlib import Path

import asyncpg

_FILE = "utvag-schema.sql"


def schema_file(distribution: Path) -> Path:
    """Where the definitions lie; beside the distribution, gone with it."""
    return distribution.with_name(f"{distribution.name}-{_FILE}")


async def fill(dsn: str, distribution: Path) -> bool:
    """Make the tables in an empty database, if they were kept; whether it was done."""
    file = schema_file(distribution)
    if not file.exists():
        return False
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('databasechangelog')") is not None:
            return False
        async with connection.transaction():
            await connection.execute(file.read_text())
        return True
    finally:
        await connection.close()


def dump(binaries: Path, dsn: str) -> str:
    """The tables' definitions and the list of changes, as SQL without psql's own commands."""
    common = (str(binaries / "pg_dump"), "--no-owner", "--no-privileges", f"--dbname={dsn}")
    parts = (
        ("--schema-only",),
        ("--data-only", "--inserts", "--rows-per-insert=100", "--table=databasechangelog"),
    )
    texts = (
        subprocess.run([*common, *part], capture_output=True, text=True, check=True).stdout
        for part in parts
    )
    return "\n".join(_plain(text) for text in texts)


def _plain(dump: str) -> str:
    kept = [
        line
        for line in dump.splitlines()
        # `set_config('search_path', '', …)` would leave our connection without a schema.
        if not line.startswith(("\\", "--")) and "search_path" not in line
    ]
    return "\n".join(line for line in kept if line)
