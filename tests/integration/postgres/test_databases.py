"""A database and its roles for each node: nobody reaches another's."""

import asyncio
import contextlib
import itertools
import sys

import asyncpg
import pytest

from infra.postgres.databases import database_name, ensure_node
from infra.postgres.migrate import migrate, newest, revision_of

pytestmark = pytest.mark.servers


@contextlib.asynccontextmanager
async def connected(dsn):
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def refused(dsn):
    try:
        connection = await asyncpg.connect(dsn)
    except asyncpg.PostgresError as error:
        return type(error)
    await connection.close()
    return None


def elsewhere(dsn, database):
    return dsn.rpartition("/")[0] + "/" + database


async def test_every_role_reaches_its_own_database_and_no_other(postgres_server):
    ours = await postgres_server.fresh_node_databases("0580")
    theirs = await postgres_server.fresh_node_databases("1480")
    databases = {
        name: (dsns.owner, dsns.web, dsns.worker)
        for name, dsns in (("utvag_0580", ours), ("utvag_1480", theirs))
    } | {"utvag_0580_keys": (ours.keys,), "utvag_1480_keys": (theirs.keys,)}
    for home, dsns in databases.items():
        for dsn, target in itertools.product(dsns, [*databases, "postgres", "template1"]):
            said = await refused(elsewhere(dsn, target))
            if target == home:
                assert said is None, (home, target)
            else:
                assert said is asyncpg.InsufficientPrivilegeError, (home, target)


async def test_a_wrong_password_is_refused(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    head, _, tail = dsns.web.rpartition("@")
    assert await refused(f"{head[:-1]}@{tail}") is asyncpg.InvalidPasswordError


async def test_guard_cannot_log_in_and_only_the_owner_may_become_it(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    for dsn in (dsns.web, dsns.worker):
        async with connected(dsn) as connection:
            for role in ("utvag_0580_guard", "utvag_0580_owner", "postgres"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(f"SET ROLE {role}")
    async with postgres_server.admin() as admin:
        rows = await admin.fetch(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper FROM pg_roles"
            " WHERE rolname LIKE 'utvag_0580%'"
        )
    found = {row["rolname"].removeprefix("utvag_0580_"): tuple(row)[1:] for row in rows}
    assert found == {
        "owner": (True, False, False),
        "web": (True, False, False),
        "worker": (True, False, False),
        "keys": (True, False, False),
        "guard": (False, True, False),
    }


async def test_web_and_worker_own_nothing_and_make_nothing(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    for dsn in (dsns.web, dsns.worker):
        async with connected(dsn) as connection:
            owned = await connection.fetchval(
                "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
            )
            assert owned == 0
            for statement in (
                "CREATE TABLE mine (a int)",
                "CREATE TEMPORARY TABLE mine (a int)",
                "CREATE SCHEMA mine",
                "CREATE ROLE mine",
                "CREATE DATABASE mine",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "ALTER TABLE alembic_version DISABLE TRIGGER ALL",
                "COPY (SELECT 1) TO '/tmp/x'",
                "COPY (SELECT 1) TO PROGRAM 'true'",
            ):
                with pytest.raises(asyncpg.PostgresError):
                    await connection.execute(statement)


async def test_making_a_node_again_keeps_everything_and_sets_right_what_was_opened(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    async with postgres_server.admin() as admin:
        await admin.execute("GRANT CONNECT ON DATABASE utvag_0580 TO PUBLIC")
        await admin.execute("ALTER ROLE utvag_0580_web BYPASSRLS CREATEDB")
    again = await ensure_node(
        postgres_server.admin_dsn,
        database_name("0580"),
        postgres_server.port,
        postgres_server.state / "secrets",
    )
    assert again == dsns
    other = await postgres_server.fresh_node_databases("1480")
    assert await refused(elsewhere(other.web, "utvag_0580")) is asyncpg.InsufficientPrivilegeError
    async with postgres_server.admin() as admin:
        row = await admin.fetchrow(
            "SELECT rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = 'utvag_0580_web'"
        )
    assert tuple(row) == (False, False)


async def test_dsns_do_not_show_their_passwords(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    assert repr(dsns) == "NodeDsns(…)"


async def test_two_migrators_at_once_take_turns(postgres_server):
    dsns = await postgres_server.empty_node_databases("0581")
    assert await revision_of(dsns.owner) is None
    script = (
        "import asyncio, sys; from infra.postgres.migrate import migrate;"
        "print(asyncio.run(migrate(sys.stdin.readline())))"
    )
    both = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", script),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = await asyncio.gather(*(one.communicate(dsns.owner.encode()) for one in both))
    head = newest()
    assert sorted(line.decode().strip() for line, _ in said) == [
        f"('{head}', '{head}')",
        f"(None, '{head}')",
    ]


async def test_two_databases_are_brought_up_by_one_process_at_once(postgres_server):
    owners = [(await postgres_server.empty_node_databases(code)).owner for code in ("0580", "0581")]
    ways = await asyncio.gather(*map(migrate, owners))
    assert ways == [(None, newest())] * 2
    assert [await revision_of(owner) for owner in owners] == [newest()] * 2


async def test_migrating_twice_does_nothing_the_second_time(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    assert await migrate(dsns.owner) == (newest(), newest())


async def test_fresh_databases_have_no_rows_of_the_test_before(postgres_server):
    for _ in range(2):
        dsns = await postgres_server.fresh_node_databases("0580")
        async with connected(dsns.keys) as keys:
            assert await keys.fetchval("SELECT count(*) FROM subject_key") == 0
            await keys.execute(
                "INSERT INTO subject_key VALUES (gen_random_uuid(), 'x', now(), NULL)"
            )


async def test_the_log_names_no_value(postgres_server):
    """A broken unique key, a bad parameter, a failing statement: none of their values are logged."""
    dsns = await postgres_server.fresh_node_databases("0580")
    async with connected(dsns.keys) as keys:
        with pytest.raises(asyncpg.PostgresError):
            await keys.fetch("SELECT 1 / (length($1) - 7)", "canary2")
        with pytest.raises(asyncpg.PostgresError):
            await keys.execute("SELECT 'canary3' FROM nowhere")
        await keys.execute("CREATE TABLE own (word text UNIQUE)")
        await keys.execute("INSERT INTO own VALUES ('canary4')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await keys.execute("INSERT INTO own VALUES ('canary4')")
    log = (postgres_server.state / "postgres.log").read_text()
    assert "duplicate key value" in log
    for word in ("canary2", "canary3", "canary4"):
        assert word not in log


async def test_the_server_has_checksums_and_listens_on_loopback_only(postgres_server):
    async with postgres_server.admin() as admin:
        shown = {
            name: await admin.fetchval(f"SHOW {name}")
            for name in (
                "data_checksums",
                "listen_addresses",
                "unix_socket_directories",
                "password_encryption",
            )
        }
        methods = await admin.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    assert shown == {
        "data_checksums": "on",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
    }
    assert [row["auth_method"] for row in methods] == ["scram-sha-256"]
