"""The key store's one table, in a database of its own.

A row is a key or, for ever after, the mark that it was destroyed: the two cannot both be true, so
no order of events brings an erased subject back.
"""

from typing import Final

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Table, Uuid, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

keys_metadata = MetaData()

subject_key = Table(
    "subject_key",
    keys_metadata,
    Column("subject", Uuid, primary_key=True),
    Column("wrapped", LargeBinary),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("erased_at", DateTime(timezone=True)),
)

_LOCK: Final = 0x7574_7661_6701  # "utvag", 1: two processes that start together take turns

_STATEMENTS: Final = (
    """
    create table if not exists subject_key (
        subject uuid primary key,
        wrapped bytea,
        made_at timestamptz not null,
        erased_at timestamptz,
        constraint subject_key_is_kept_or_erased check ((wrapped is null) = (erased_at is not null))
    )
    """,
    "comment on table subject_key is 'data keys, wrapped by the node key; or the mark of erasure'",
    "comment on column subject_key.subject is 'the case, or the handover without a case here'",
    "comment on column subject_key.wrapped is 'AES-256-GCM under the node key; null once erased'",
    "comment on column subject_key.made_at is 'wall clock; when erased unseen, the same as erased_at'",
    "comment on column subject_key.erased_at is 'wall clock; kept for ever, so that nothing comes back'",
)


async def migrate(keys_dsn: str) -> None:
    """Make the table where it is missing; safe to run twice and by two at once.

    Args:
        keys_dsn: `postgresql://…` of the role that owns the key store.
    """
    engine = create_async_engine(
        make_url(keys_dsn).set(drivername="postgresql+asyncpg"), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("set local lock_timeout = '4s'"))
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            for statement in _STATEMENTS:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()
