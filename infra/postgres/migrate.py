"""Brings a node's two databases to the newest schema; safe to run twice and by two at once."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.crypto import keys_schema

_T = TypeVar("_T")

SCRIPTS = Path(__file__).parent / "migrations"

# Any constant of our own: two migrators of one database wait for each other on it.
_LOCK = 0x75747661

# Alembic keeps the migration that runs in module globals: two databases upgraded by one process
# at once would run each other's statements, so within a loop they take turns.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def _config() -> Config:
    config = Config()
    # "%" is interpolated by the parser behind Config.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def newest() -> str | None:
    """The revision that this release wants."""
    return ScriptDirectory.from_config(_config()).get_current_head()


async def migrate(owner_dsn: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Run what is missing, as the owner.

    Returns:
        The revision before and after.
    """
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        return await _with_connection(owner_dsn, lambda connection: _upgrade(connection, revision))


async def revision_of(dsn: str) -> str | None:
    """At which revision the database is; None where nothing was ever run."""
    return await _with_connection(dsn, _current)


async def migrate_keys(keys_dsn: str) -> None:
    """Make the key store's own tables."""
    await keys_schema.migrate(keys_dsn)


async def _with_connection(dsn: str, work: Callable[[Connection], _T]) -> _T:
    engine = create_async_engine(
        dsn.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool
    )
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, revision: str) -> tuple[str | None, str | None]:
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    # The lock belongs to the session and outlives the transactions of the migrations.
    connection.commit()
    before = _current(connection)
    connection.commit()
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    connection.commit()
    after = _current(connection)
    connection.commit()
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
    connection.commit()
    return before, after
