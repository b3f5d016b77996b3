"""The tables as migrated are the tables as the code describes them."""

import importlib
import pkgutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

import services
from shared.db import metadata
from shared.db.sql import XID8

pytestmark = pytest.mark.servers


def every_table():
    for package in (
        "gateway.auth.store",
        "shared.db.audit",
        "shared.db.cards",
        "shared.db.figures",
        "shared.outbox.tables",
        "shared.inbox.tables",
        "shared.digest.tables",
    ):
        importlib.import_module(package)
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if ".store" in found.name:
            importlib.import_module(found.name)


ischema_names["xid8"] = XID8  # so that reflection knows it


# Set by default and read by row policies alone: the code has no use for them.
OF_THE_DATABASE_ALONE = {("case_header", "created_in")}


def is_described(described, name, kind, _is_reflected, _other):
    if kind == "column":
        return (described.table.name, name) not in OF_THE_DATABASE_ALONE
    # Indexes serve the database's speed and row rules; migrations alone say them.
    return name != "alembic_version" and kind != "index"


def differences(connection):
    every_table()
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_object": is_described}
    )
    found = []
    for difference in compare_metadata(context, metadata):
        several = difference if isinstance(difference, list) else [difference]
        found += [str(one) for one in several if "comment" not in one[0]]
    return found


async def test_migrations_and_metadata_agree(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    engine = create_async_engine(dsns.owner.replace("postgresql://", "postgresql+asyncpg://"))
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(differences)
    finally:
        await engine.dispose()
    assert found == []


async def test_every_table_and_column_is_explained(postgres_server):
    await postgres_server.fresh_node_databases("0580")
    async with postgres_server.admin("utvag_0580") as admin:
        silent = await admin.fetch("""
            select c.relname, a.attname from pg_class c
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relkind = 'r' and c.relname <> 'alembic_version'
              and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)
        """)
    assert silent == []
