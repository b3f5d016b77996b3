"""What only the store in PostgreSQL can do wrong."""

import asyncio
import logging
from datetime import timedelta

import asyncpg
import pytest

from shared.clock import FixedClock
from shared.crypto import NodeKey, PostgresCaseKeys, keys_schema, postgres_case_keys
from shared.db import StorageError, StorageUnavailableError
from shared.errors import AccessDenied, DomainError
from shared.ids import SubjectId, random_id
from tests.support.trust import NOW

pytestmark = pytest.mark.servers


class Ticks:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
async def dsn(postgres_server):
    return (await postgres_server.fresh_node_databases("0580")).keys


@pytest.fixture
def node_key(tmp_path):
    return NodeKey.create(tmp_path / "node.key")


@pytest.fixture
def erasures(tmp_path):
    return tmp_path / "erasures.list"


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
async def keys(dsn, node_key, erasures, ticks):
    store = PostgresCaseKeys(
        dsn, node_key, erasure_file=erasures, wall=FixedClock(NOW), ticks=ticks
    )
    yield store
    await store.close()


@pytest.fixture
async def other_process(dsn, node_key, erasures):
    store = PostgresCaseKeys(dsn, node_key, erasure_file=erasures)
    yield store
    await store.close()


@pytest.fixture
async def rows(dsn):
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


def subject():
    return SubjectId(random_id())


async def test_a_key_is_kept_wrapped_and_an_erased_one_not_at_all(keys, rows):
    case = subject()
    key = await keys.ensure(case)
    row = await rows.fetchrow("select * from subject_key where subject = $1", case)
    assert key.key not in row["wrapped"]
    assert (row["made_at"], row["erased_at"]) == (NOW, None)
    await keys.destroy(case)
    row = await rows.fetchrow("select * from subject_key where subject = $1", case)
    assert (row["wrapped"], row["erased_at"]) == (None, NOW)


async def test_another_process_forgets_an_erased_key_within_a_minute(keys, other_process, ticks):
    case = subject()
    await keys.ensure(case)
    await other_process.destroy(case)
    assert postgres_case_keys.TTL_S <= 60
    ticks.now = postgres_case_keys.TTL_S
    assert (await keys.get(case)).subject == case
    ticks.now += 0.001
    with pytest.raises(DomainError, match=r"keys\.erased"):
        await keys.get(case)


async def test_a_key_on_its_way_while_it_is_destroyed_is_not_kept(keys, monkeypatch):
    case = subject()
    await keys.ensure(case)
    keys._held.clear()
    reads, arrived = keys._read, asyncio.Event()

    async def slow_read(wanted, before=None):
        row = await reads(wanted, before)
        arrived.set()
        await asyncio.sleep(0)
        await destroyed.wait()
        return row

    destroyed = asyncio.Event()
    monkeypatch.setattr(keys, "_read", slow_read)
    getting = asyncio.create_task(keys.get(case))
    await arrived.wait()
    await keys.destroy(case)
    destroyed.set()
    with pytest.raises(DomainError, match=r"keys\.erased"):
        await getting
    assert case not in keys._held


async def test_keys_held_in_memory_are_bounded(keys, monkeypatch):
    monkeypatch.setattr(postgres_case_keys, "MAX_HELD", 3)
    first, *others = [subject() for _ in range(4)]
    await keys.ensure(first)
    for other in others[:2]:
        await keys.ensure(other)
    await keys.get(first)  # used again: not the one to go
    await keys.ensure(others[2])
    assert list(keys._held) == [others[1], first, others[2]]


async def test_a_restored_backup_is_erased_anew_before_anybody_reads(
    keys, rows, dsn, node_key, erasures
):
    erased, kept = subject(), subject()
    await keys.ensure(erased)
    await keys.ensure(kept)
    backup = await rows.fetch("select * from subject_key")
    await keys.destroy(erased)
    await rows.execute("delete from subject_key")
    await rows.copy_records_to_table("subject_key", records=[tuple(row) for row in backup])

    restored = PostgresCaseKeys(dsn, node_key, erasure_file=erasures)
    try:
        assert (await restored.get(erased)).subject == erased  # the restore brought it back
        assert await restored.replay_erasures() == postgres_case_keys.Replayed(1, 0)
        with pytest.raises(DomainError, match=r"keys\.erased"):
            await restored.get(erased)
        assert (await restored.get(kept)).subject == kept
    finally:
        await restored.close()
    row = await rows.fetchrow("select * from subject_key where subject = $1", erased)
    assert (row["wrapped"], row["erased_at"]) == (None, NOW)


async def test_a_line_cut_short_spoils_only_itself(keys, erasures):
    before, after = subject(), subject()
    await keys.destroy(before)
    with erasures.open("a") as file:
        file.write("\n01234567-89ab")  # a crash in the middle of a line
    await keys.destroy(after)
    assert await keys.replay_erasures() == postgres_case_keys.Replayed(2, 1)


async def test_a_full_disk_refuses_the_erasure_before_anything_is_destroyed(keys, monkeypatch):
    case = subject()
    await keys.ensure(case)
    monkeypatch.setattr(postgres_case_keys.os, "write", lambda handle, line: 3)
    with pytest.raises(OSError, match="list of erasures"):
        await keys.destroy(case)
    monkeypatch.undo()
    assert (await keys.get(case)).subject == case


async def test_without_a_list_there_is_nothing_to_replay(dsn, node_key, keys):
    assert await keys.replay_erasures() == postgres_case_keys.Replayed(0, 0)
    bare = PostgresCaseKeys(dsn, node_key)
    try:
        case = subject()
        await bare.destroy(case)
        assert await bare.replay_erasures() == postgres_case_keys.Replayed(0, 0)
        with pytest.raises(DomainError, match=r"keys\.erased"):
            await bare.get(case)
    finally:
        await bare.close()


async def test_another_nodes_key_opens_nothing(keys, dsn, tmp_path):
    case = subject()
    await keys.ensure(case)
    thief = PostgresCaseKeys(dsn, NodeKey.create(tmp_path / "thief.key"))
    try:
        with pytest.raises(DomainError, match=r"keys\.damaged"):
            await thief.get(case)
    finally:
        await thief.close()


async def test_an_error_of_the_database_shows_no_key(keys, rows, caplog):
    case = subject()
    await rows.execute(
        "alter table subject_key add constraint no check (subject is null) not valid"
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(StorageError) as refused:
        await keys.ensure(case)
    assert str(case) not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_a_key_store_that_is_away_says_so(node_key):
    away = PostgresCaseKeys("postgresql://nobody@127.0.0.1:1/none", node_key)
    with pytest.raises(StorageUnavailableError):
        await away.get(subject())
    await away.close()


async def test_a_closed_store_holds_no_key(keys):
    await keys.ensure(subject())
    await keys.close()
    assert not keys._held


async def test_a_key_destroyed_here_is_refused_without_asking(keys, rows):
    case = subject()
    await keys.destroy(case)
    await rows.execute("delete from subject_key")
    with pytest.raises(DomainError, match=r"keys\.erased"):
        await keys.get(case)


async def test_the_table_is_made_once_however_often_it_is_asked_for(dsn, keys):
    case = subject()
    await keys.ensure(case)
    await asyncio.gather(*(keys_schema.migrate(dsn) for _ in range(3)))
    assert (await keys.get(case)).subject == case


async def test_the_table_is_as_its_description_says(rows):
    columns = await rows.fetch(
        "select column_name, is_nullable from information_schema.columns"
        " where table_name = 'subject_key' order by ordinal_position"
    )
    described = [
        (column.name, "YES" if column.nullable else "NO")
        for column in keys_schema.subject_key.columns
    ]
    assert [tuple(column) for column in columns] == described


async def test_an_unknown_subject_is_not_found_after_the_clock_moved(keys, ticks):
    ticks.now += timedelta(days=1).total_seconds()
    with pytest.raises(AccessDenied):
        await keys.get(subject())
