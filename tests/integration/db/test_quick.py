"""The short way to the server and SQLAlchemy's own say and mean the same."""

import gc
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Interval,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import create_async_engine

from shared.actor import Actor
from shared.clock import FixedClock
from shared.db import Database, StorageError
from shared.db.quick import Quick, QuickConnection, Rows
from shared.db.sql import IDS, sql
from shared.ids import AuthorityCode, StaffId

pytestmark = pytest.mark.servers

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)

thing = Table(
    "thing",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("name", Text),
    Column("at", DateTime(timezone=True)),
    Column("day", Date),
    Column("span", Interval),
    Column("facts", JSONB),
    Column("roles", ARRAY(Text)),
    Column("sealed", LargeBinary),
    Column("number", BigInteger, server_default=text("7")),
)
FULL = {
    "id": FIRST,
    "name": "Å'; drop table thing; --",
    "at": NOW,
    "day": date(2026, 2, 28),
    "span": timedelta(hours=1, microseconds=3),
    "facts": {"code": "å", "count": 1, "is": None},
    "roles": ["a", "b,c", 'd"e'],
    "sealed": b"\x00\xff'",
    "number": 2**40,
}
EMPTY = dict.fromkeys(FULL) | {"id": SECOND}
other = thing.alias("other")

READS = {
    "all columns": select(thing).order_by(thing.c.id),
    "a condition": select(thing.c.name).where(thing.c.id == FIRST, thing.c.number > 5),
    "is null": select(thing.c.id).where(thing.c.name.is_(None)),
    "labels and functions": select(
        func.count().label("many"), func.max(thing.c.at).label("last"), literal("x").label("x")
    ),
    "JSON inside": select(thing.c.facts["code"].astext.label("code")).order_by(thing.c.id),
    "an array": select(thing.c.id).where(thing.c.roles.contains(["a"])),
    "a join of itself": select(thing.c.id, other.c.id.label("there")).join(
        other, thing.c.id == other.c.id
    ),
    "a list that expands": select(thing.c.id).where(thing.c.id.in_([FIRST, SECOND, uuid4()])),
    "an empty list": select(thing.c.id).where(thing.c.id.in_([])),
    "two of one name": select(thing.c.id, other.c.id).join(other, thing.c.id == other.c.id),
    "plain text": text("select id, facts, roles, sealed from thing order by id"),
    "nothing found": select(thing).where(thing.c.name == "nobody"),
}


@pytest.fixture
async def both(postgres_server):
    """SQLAlchemy's connection, and the short way on the same one, with two rows."""
    dsn = postgres_server.admin_dsn.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(dsn, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        await raw.execute("begin")
        quick = QuickConnection(raw, Quick(engine.dialect))
        await raw.execute(
            "create temporary table thing (id uuid primary key, name text, at timestamptz,"
            ' day date, span interval, facts jsonb, roles text[], sealed bytea, "number" bigint'
            " default 7)"
        )
        for row in (FULL, EMPTY):
            await quick.execute(insert(thing), row)
        yield connection, quick
        await raw.execute("rollback")
    await engine.dispose()


async def anyhow(both, statement, parameters=None):
    """By the short way, or by the long one where that is the only."""
    connection, quick = both
    return await quick.execute(statement, parameters) or await connection.execute(
        statement, parameters
    )


@pytest.mark.parametrize("name", READS)
async def test_a_read_gives_the_same_rows_both_ways(both, name):
    connection, _ = both
    quick = await anyhow(both, READS[name])
    slow = await connection.execute(READS[name])
    assert list(quick.keys()) == list(slow.keys())
    ours, theirs = quick.all(), slow.all()
    assert ours == theirs
    assert [[type(value) for value in row] for row in ours] == [
        [type(value) for value in row] for row in theirs
    ]
    assert (len(ours) == 0) == (name in {"nothing found", "an empty list"})


async def test_every_value_comes_back_as_it_went_in(both):
    rows = (await anyhow(both, select(thing).order_by(thing.c.id))).mappings().all()
    assert [dict(row) for row in rows] == [FULL, EMPTY]


LONG = {"a list that expands", "an empty list"}


@pytest.mark.parametrize("name", READS)
async def test_only_what_it_does_not_know_goes_the_long_way(both, name):
    _, quick = both
    assert (await quick.execute(READS[name], None) is None) == (name in LONG)


async def test_rows_are_asked_for_in_every_way_that_the_services_ask(both):
    found = [await anyhow(both, select(thing.c.id, thing.c.name)) for _ in range(8)]
    assert all(isinstance(rows, Rows) for rows in found)
    assert found[0].mappings().all()[0]["id"] in (FIRST, SECOND)
    assert set(found[1].scalars()) == {FIRST, SECOND}
    assert found[2].rowcount == 2
    assert {row.id for row in found[3]} == {FIRST, SECOND}
    assert found[4].first() is not None
    one = select(thing.c.number).where(thing.c.id == FIRST)
    assert (await anyhow(both, one)).scalar_one() == 2**40
    assert (await anyhow(both, one)).one().number == 2**40
    nobody = select(thing.c.number).where(thing.c.name == "nobody")
    assert (await anyhow(both, nobody)).scalar_one_or_none() is None
    assert (await anyhow(both, nobody)).one_or_none() is None
    assert (await anyhow(both, nobody)).first() is None


async def test_a_change_says_how_many_it_hit(both):
    changed = update(thing).where(thing.c.name.is_(None)).values(name="nu")
    assert (await anyhow(both, changed)).rowcount == 1
    assert (await anyhow(both, changed)).rowcount == 0
    gone = delete(thing).where(thing.c.id == SECOND).returning(thing.c.name)
    rows = await anyhow(both, gone)
    assert (rows.rowcount, rows.scalar_one()) == (1, "nu")


async def test_the_same_form_with_other_values_means_the_other_values(both):
    for wanted in (FIRST, SECOND, FIRST):
        found = await anyhow(both, select(thing.c.id).where(thing.c.id == wanted))
        assert found.scalar_one() == wanted


async def test_one_statement_takes_other_columns_the_second_time(both):
    adding = insert(thing).on_conflict_do_nothing()
    assert (await anyhow(both, adding, {"id": UUID(int=3)})).rowcount == 1
    assert (await anyhow(both, adding, {"id": UUID(int=4), "name": "x"})).rowcount == 1
    assert (await anyhow(both, adding, {"id": UUID(int=4), "name": "y"})).rowcount == 0
    rows = await anyhow(both, select(thing.c.name, thing.c.number).where(thing.c.id > SECOND))
    assert set(rows.all()) == {(None, 7), ("x", 7)}


async def test_many_rows_go_in_one_statement(both):
    rows = [FULL | {"id": UUID(int=number)} for number in range(10, 15)]
    await anyhow(both, insert(thing).inline(), rows)
    found = await anyhow(both, select(thing.c.facts).where(thing.c.id >= UUID(int=10)))
    assert found.scalars().all() == [FULL["facts"]] * 5


async def test_plain_sql_takes_its_parameters_by_name(both):
    wanted = sql(
        "select id from thing where id = any(:ids) and at <= :now and name <> :name", ids=IDS
    )
    given = {"ids": [FIRST, SECOND], "now": NOW, "name": "x"}
    assert (await anyhow(both, wanted, given)).scalars().all() == [FIRST]
    assert (await anyhow(both, wanted, given | {"ids": []})).all() == []
    bound = select(thing.c.id).where(thing.c.name == bindparam("wanted"))
    assert (await anyhow(both, bound, {"wanted": FULL["name"]})).scalar_one() == FIRST


async def test_statements_made_for_one_call_are_not_kept(both):
    _, quick = both
    for number in range(200):
        await quick.execute(select(thing.c.id).where(thing.c.number == number), None)
    gc.collect()
    assert len(quick._quick._made_once) < 20
    assert len(quick._prepared) < 20


@pytest.fixture
async def web(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    database = Database.open(dsns.web, clock=FixedClock(NOW), pool_size=1)
    yield database
    await database.close()


HOSTILE = "x', true); select pg_sleep(9); select set_config('app.roles', 'log_reviewer"


@pytest.mark.parametrize("name", [HOSTILE, "\\'; commit; --", "''", "a\nb", "å'$1"])
async def test_a_name_is_quoted_whatever_it_holds(web, name):
    actor = Actor(
        StaffId(uuid4()), AuthorityCode("0580"), AuthorityCode("0580"), frozenset(), unit=name
    )
    async with web.begin(actor) as uow:
        told = await uow.execute(
            text("select current_setting('app.unit'), current_setting('app.roles')")
        )
        assert told.one() == (name, "")


async def test_a_commit_that_the_server_makes_a_rollback_is_no_commit(web):
    actor = Actor(StaffId(uuid4()), AuthorityCode("0580"), AuthorityCode("0580"), frozenset())
    async with web.begin(actor) as uow:
        with pytest.raises(StorageError):
            await uow.execute(text("select 1/0"))
        with pytest.raises(StorageError, match="25P02"):
            await uow.commit()
    async with web.begin(actor) as uow:  # the connection is whole again
        assert (await uow.execute(text("select 1"))).scalar_one() == 1
