import asyncio
import logging

import pytest
from sqlalchemy.exc import DBAPIError

from shared.bus import BusUnavailable
from shared.db import StorageError, StorageShortError, StorageUnavailableError, failpoints
from shared.db.faults import meaning
from shared.db.sql import Uuid, sql
from shared.loop import keep_running
from shared.node import Node
from shared.trace import trace_of


def test_a_failpoint_is_reached_at_its_count():
    with failpoints.armed("inbox.after_ack", 2):
        failpoints.reach("inbox.after_ack")
        failpoints.reach("inbox.after_stage")
        with pytest.raises(failpoints.Reached):
            failpoints.reach("inbox.after_ack")
    failpoints.reach("inbox.after_ack")


def test_a_failpoint_that_does_not_exist_cannot_be_armed():
    with pytest.raises(ValueError, match="no failpoint"), failpoints.armed("inbox.nowhere"):
        pass


def test_every_failpoint_is_somewhere_in_the_code():
    import pathlib

    text = "".join(
        file.read_text()
        for folder in ("shared", "services")
        for file in pathlib.Path(folder).rglob("*.py")
    )
    assert all(f'reach("{name}")' in text for name in failpoints.POINTS)


def quote(name):
    raise KeyError(name)


def explain():
    try:
        quote("Förnamn")
    except KeyError as error:
        raise ValueError("Efternamn") from error


def stumble():
    try:
        quote("Förnamn")
    except KeyError:
        quote("Efternamn")


@pytest.mark.parametrize(("fail", "kind"), [(explain, ValueError), (stumble, KeyError)])
def test_a_trace_names_places_and_no_texts(fail, kind):
    with pytest.raises(kind) as caught:
        fail()
    trace = trace_of(caught.value)
    assert "Efternamn" not in trace
    assert "Förnamn" not in trace
    assert trace.startswith(f"{kind.__name__} at test_kernel_parts.py:")
    assert "| from KeyError at test_kernel_parts.py:" in trace


def test_a_statement_knows_the_types_of_its_parameters():
    statement = sql("select :now, :wanted, '12:30', x::text", wanted=Uuid())
    assert set(statement._bindparams) == {"now", "wanted"}
    with pytest.raises(ValueError, match="no parameter"):
        sql("select 1", wanted=Uuid())


class DriverError(Exception):
    def __init__(self, sqlstate, **facts):
        super().__init__("quoting a row")
        self.sqlstate = sqlstate
        for name, value in facts.items():
            setattr(self, name, value)


def wrapped(sqlstate, *, gone=False, **facts):
    inner = DriverError(sqlstate, **facts)
    inner.__cause__ = DriverError(sqlstate, **facts)
    return DBAPIError("select", {}, inner, connection_invalidated=gone)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (wrapped("08006"), StorageUnavailableError, "08006"),
        (wrapped("57P03"), StorageUnavailableError, "57P03"),
        (wrapped("53100"), StorageShortError, "53100"),
        (wrapped("XX000", gone=True), StorageUnavailableError, "XX000"),
        (wrapped(None), StorageError, r"\?\?\?\?\?"),
        (wrapped("23503", constraint_name="a_fkey"), StorageError, "23503 a_fkey"),
        (wrapped("23502", table_name="card"), StorageError, "23502 card"),
        (wrapped("42P01", message="relation x does not exist"), StorageError, "relation x"),
        (wrapped("42P01"), StorageError, "42P01 DriverError"),
    ],
)
def test_what_the_driver_says_becomes_what_it_means(error, kind, words):
    with pytest.raises(kind, match=words):
        raise meaning(error)


def test_an_error_without_a_driver_is_still_one():
    with pytest.raises(StorageError, match=r"\?\?\?\?\?"):
        raise meaning(DBAPIError("select", {}, None))


async def run_loop(step, *, wait=None, **rests):
    stop = asyncio.Event()
    task = asyncio.create_task(
        keep_running("test", lambda: step(stop), stop, wait, **({"idle_s": 0.001} | rests))
    )
    async with asyncio.timeout(5):
        await task


async def test_a_loop_goes_on_at_once_while_there_is_work():
    seen = []

    async def step(stop):
        seen.append(1)
        if len(seen) == 50:
            stop.set()
        return 1

    async with asyncio.timeout(1):
        await run_loop(step, idle_s=60)
    assert len(seen) == 50


async def test_a_loop_survives_what_is_away_and_what_is_broken(caplog, monkeypatch):
    monkeypatch.setattr("shared.loop.FIRST_REST_S", 0.001)
    errors = [BusUnavailable(), BusUnavailable(), OSError(), ValueError("hemligt")]

    async def step(stop):
        if errors:
            raise errors.pop(0)
        stop.set()
        return 0

    with caplog.at_level(logging.WARNING):
        await run_loop(step)
    assert [record.getMessage().split(" at ")[0] for record in caplog.records] == [
        "test waits: BusUnavailable",  # once, however long
        "test waits: OSError",
        "test failed: ValueError",
        "test goes on",
    ]
    assert "hemligt" not in caplog.text


async def test_a_loop_is_woken():
    woken = []

    async def wait(_seconds):
        await asyncio.sleep(0)
        return True

    async def step(stop):
        woken.append(1)
        if len(woken) == 5:
            stop.set()
        return 0

    async with asyncio.timeout(1):
        await run_loop(step, wait=wait, idle_s=60)


async def test_a_loop_rests_longer_the_longer_it_is_idle():
    rests = []

    async def wait(seconds):
        rests.append(seconds)
        await asyncio.sleep(0)
        return False

    async def step(stop):
        if len(rests) == 5:
            stop.set()
        return 0

    await run_loop(step, wait=wait, idle_s=1, idle_most_s=5)
    assert rests[:5] == [1, 2, 4, 5, 5]


async def test_a_loop_that_is_cancelled_ends():
    async def step(_stop):
        return 0

    task = asyncio.create_task(run_loop(step, idle_s=60))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_node_hands_upward_what_was_provided_once():
    class Told:
        pass

    node = Node("0580", *[None] * 9)
    with pytest.raises(LookupError, match="Told"):
        node.find(Told)
    told = Told()
    node.provide(Told, told)
    assert node.find(Told) is told
    with pytest.raises(ValueError, match="already"):
        node.provide(Told, Told())
