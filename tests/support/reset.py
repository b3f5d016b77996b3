"""Empties a database between tests, ten times as fast as making it anew.

Only when nothing but rows has changed: the schema, its rights and policies, the roles and their
passwords are summed up after the migration, and a difference says that the database must be made
anew. Tests that remove a policy or a trigger are thereby harmless to the next one.
"""

import io
from dataclasses import dataclass

import asyncpg

_MANY_ROWS = 300  # below it, deleting is quicker than a new file for the table and each index

_SUM = """
SELECT md5(string_agg(word, '|' ORDER BY word)) FROM (
  SELECT concat_ws(',', 'class', oid, relname, relkind, relnamespace, relowner, relacl,
                   relrowsecurity, relforcerowsecurity) AS word
    FROM pg_class WHERE relnamespace NOT IN (SELECT oid FROM system) AND relkind <> 't'
  UNION ALL
  SELECT concat_ws(',', 'column', attrelid, attname, atttypid, attnotnull, attacl)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
   WHERE relnamespace NOT IN (SELECT oid FROM system) AND c.relkind = 'r' AND NOT attisdropped
  UNION ALL
  SELECT concat_ws(',', 'policy', polrelid, polname, polcmd, polpermissive, polroles::text,
                   pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy
  UNION ALL
  SELECT concat_ws(',', 'trigger', tgenabled, pg_get_triggerdef(oid))
    FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL
  SELECT concat_ws(',', 'function', oid, md5(prosrc), proacl, proowner, prosecdef, proconfig::text)
    FROM pg_proc WHERE pronamespace NOT IN (SELECT oid FROM system)
  UNION ALL
  SELECT concat_ws(',', 'constraint', conrelid, conname, convalidated, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace NOT IN (SELECT oid FROM system)
  UNION ALL
  SELECT concat_ws(',', 'schema', nspname, nspowner, nspacl)
    FROM pg_namespace WHERE oid NOT IN (SELECT oid FROM system)
  UNION ALL
  SELECT concat_ws(',', 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb,
                   rolcanlogin, rolreplication, rolbypassrls, rolpassword)
    FROM pg_authid WHERE rolname LIKE $1 || '%'
  UNION ALL
  SELECT concat_ws(',', 'member', roleid, member, inherit_option, set_option, admin_option)
    FROM pg_auth_members WHERE roleid IN (SELECT oid FROM pg_roles WHERE rolname LIKE $1 || '%')
                            OR member IN (SELECT oid FROM pg_roles WHERE rolname LIKE $1 || '%')
  UNION ALL
  SELECT concat_ws(',', 'database', datdba, datacl) FROM pg_database
   WHERE datname = current_database()
  UNION ALL
  SELECT concat_ws(',', 'setting', setrole, setconfig) FROM pg_db_role_setting
   WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
) AS words
"""
_SYSTEM = """
WITH system AS (
  SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema'
)
"""
_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
ORDER BY relname
"""
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename) AS name, start_value FROM pg_sequences
WHERE last_value IS NOT NULL
"""
_STRANGERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Snapshot:
    """A database as the migration left it: its sum, its tables, and the rows they came with."""

    sum: str
    tables: tuple[str, ...]
    rows: dict[str, bytes]


async def snapshot(connection: asyncpg.Connection, roles: str) -> Snapshot:
    """Taken right after the migration, as superuser.

    Args:
        roles: what the names of the node's roles begin with.
    """
    tables = tuple(row["relname"] for row in await connection.fetch(_TABLES))
    rows = {name: await _rows(connection, name) for name in await _filled(connection, tables)}
    return Snapshot(await _sum(connection, roles), tables, rows)


async def reset(connection: asyncpg.Connection, roles: str, before: Snapshot) -> bool:
    """Back to the snapshot's rows, every other connection ended; False if more than rows changed."""
    while await connection.fetchval(_STRANGERS):
        pass
    if await _sum(connection, roles) != before.sum:
        return False
    async with connection.transaction():
        # No trigger and no foreign key speaks up: append-only tables are emptied, too.
        await connection.execute("SET LOCAL session_replication_role = replica")
        for name in await _filled(connection, before.tables):
            if name in before.rows and await _rows(connection, name) == before.rows[name]:
                continue
            is_long = f'SELECT EXISTS (SELECT 1 FROM "{name}" OFFSET {_MANY_ROWS})'
            if await connection.fetchval(is_long):
                await connection.execute(f'TRUNCATE "{name}" CASCADE')
            else:
                await connection.execute(f'DELETE FROM "{name}"')
        for name, rows in before.rows.items():
            if await _rows(connection, name) != rows:
                await connection.copy_to_table(name, source=io.BytesIO(rows), format="binary")
        for sequence in await connection.fetch(_SEQUENCES):
            await connection.execute(
                f"ALTER SEQUENCE {sequence['name']} RESTART WITH {sequence['start_value']}"
            )
    return True


async def _sum(connection: asyncpg.Connection, roles: str) -> str:
    return await connection.fetchval(_SYSTEM + _SUM, roles)


async def _filled(connection: asyncpg.Connection, tables: tuple[str, ...]) -> list[str]:
    each = [f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables]
    return [row["name"] for row in await connection.fetch(" UNION ALL ".join(each))]


async def _rows(connection: asyncpg.Connection, name: str) -> bytes:
    buffer = io.BytesIO()
    await connection.copy_from_table(name, output=buffer, format="binary")
    return buffer.getvalue()
