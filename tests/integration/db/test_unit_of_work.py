import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from shared.actor import Actor
from shared.clock import FixedClock
from shared.db import (
    Database,
    StorageError,
    StorageUnavailableError,
    assert_no_transaction,
    changed_one,
    conflict_when,
)
from shared.errors import Conflict
from shared.ids import AuthorityCode, StaffId

pytestmark = pytest.mark.servers

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
OWN = AuthorityCode("0580")


def somebody(*roles, unit=None):
    return Actor(StaffId(uuid4()), OWN, OWN, frozenset(roles), unit=unit)


REVIEWER = somebody("log_reviewer")


@pytest.fixture
async def dsns(postgres_server):
    return await postgres_server.fresh_node_databases("0580")


@pytest.fixture
async def web(dsns):
    database = Database.open(dsns.web, clock=FixedClock(NOW), pool_size=3)
    yield database
    await database.close()


@pytest.fixture
async def worker_db(dsns):
    database = Database.open(dsns.worker, clock=FixedClock(NOW), pool_size=3)
    yield database
    await database.close()


async def audited_actions(database):
    async with database.begin(REVIEWER) as uow:
        return (
            (await uow.execute(text("select action from audit_entry order by id"))).scalars().all()
        )


async def who(uow):
    row = await uow.execute(
        text(
            "select app_actor(), app_has_role('case_worker'), app_unit(),"
            " app_home(), app_authority(), app_term()"
        )
    )
    return tuple(row.one())


async def test_postgresql_is_told_who_acts(web):
    actor = somebody("case_worker", "exit_coordinator", unit="Öst")
    async with web.begin(actor, term=3) as uow:
        assert await who(uow) == (actor.staff_id, True, "Öst", "0580", "0580", 3)
        assert uow.now == NOW


async def test_an_actor_without_unit_and_term_leaves_them_empty(web):
    async with web.begin(somebody()) as uow:
        assert (await who(uow))[1:] == (False, None, "0580", "0580", None)


async def test_a_connection_outside_a_unit_of_work_is_nobody(web):
    async with web.begin(somebody("case_worker")) as uow:
        await who(uow)
    # The same pooled connection, where the settings were once set: '' must not become an error.
    async with web._engine.connect() as connection:
        row = await connection.execute(text("select app_actor(), app_has_role('case_worker')"))
        assert tuple(row.one()) == (None, False)


async def test_leaving_without_commit_rolls_back(web):
    async with web.begin(somebody()) as uow:
        uow.audit("thing.done")
    assert await audited_actions(web) == []


async def test_an_exception_rolls_back(web):
    async def fail():
        async with web.begin(somebody()) as uow:
            uow.audit("thing.done")
            await uow.execute(text("select 1"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await audited_actions(web) == []


async def test_a_read_is_audited_by_its_commit(web):
    actor = somebody("case_worker", unit="Norr")
    case_id = uuid4()
    async with web.begin(actor) as uow:
        uow.audit("case.read", case_id=case_id, reason="worklist", rows=3, is_open=True)
        await uow.commit()
    async with web.begin(REVIEWER) as uow:
        row = (await uow.execute(text("select * from audit_entry"))).mappings().one()
    assert row["actor_id"] == actor.staff_id
    assert (row["home"], row["roles"], row["unit"]) == ("0580", ["case_worker"], "Norr")
    assert (row["action"], row["case_id"], row["reason"]) == ("case.read", case_id, "worklist")
    assert (row["facts"], row["at"]) == ({"rows": 3, "is_open": True}, NOW)


async def test_a_read_fails_when_its_row_cannot_be_written(web):
    async with web.begin(somebody()) as uow:
        uow.audit("NOT A DOTTED NAME")
        with pytest.raises(StorageError) as caught:
            await uow.commit()
    assert caught.value.sqlstate == "23514"
    assert await audited_actions(web) == []


async def test_nothing_is_executed_after_commit(web):
    async with web.begin(somebody()) as uow:
        await uow.commit()
        assert not uow.is_open
        with pytest.raises(RuntimeError):
            await uow.execute(text("select 1"))
        with pytest.raises(RuntimeError):
            uow.audit("thing.done")
        with pytest.raises(RuntimeError):
            await uow.commit()


async def test_nothing_is_executed_after_leaving(web):
    async with web.begin(somebody()) as uow:
        pass
    with pytest.raises(RuntimeError):
        await uow.execute(text("select 1"))


async def test_a_savepoint_takes_its_audit_rows_back(web):
    async with web.begin(somebody()) as uow:
        uow.audit("thing.begun")

        async def fail():
            async with uow.savepoint():
                uow.audit("thing.done")
                await uow.execute(
                    text(
                        "insert into card (id, kind, audience, created_at) values"
                        " (gen_random_uuid(), 'a.b', 'x', now())"
                    )
                )
                raise Conflict("thing.taken")

        with pytest.raises(Conflict):
            await fail()
        async with uow.savepoint():
            uow.audit("thing.refused")
        await uow.commit()
    # Rows of one millisecond stand in no order of their own.
    assert sorted(await audited_actions(web)) == ["thing.begun", "thing.refused"]


async def test_a_failed_statement_in_a_savepoint_leaves_the_transaction_usable(web):
    async with web.begin(somebody()) as uow:
        with pytest.raises(StorageError):
            async with uow.savepoint():
                await uow.execute(text("select 1/0"))
        assert (await uow.execute(text("select 2"))).scalar_one() == 2
        await uow.commit()


async def test_a_hidden_row_is_a_conflict_and_not_silence(web, worker_db):
    card = uuid4()
    async with worker_db.begin(somebody()) as uow:
        await uow.execute(
            text(
                "insert into card (id, kind, audience, created_at)"
                " values (:id, 'a.b', 'team_leader', now())"
            ),
            {"id": card},
        )
        await uow.commit()
    finish = text(
        "update card set done_at = now(), done_by = app_actor() where id = :id"
    ).bindparams(id=card)
    async with web.begin(somebody("case_worker")) as uow:
        with pytest.raises(Conflict, match=r"db\.changed_meanwhile"):
            await changed_one(uow, finish)
    async with web.begin(somebody("team_leader")) as uow:
        await changed_one(uow, finish)


async def test_an_error_of_the_database_names_no_value(web):
    async with web.begin(somebody()) as uow:
        with pytest.raises(StorageError) as caught:
            await uow.execute(
                text("select cast(:secret as uuid)"), {"secret": uuid4().hex + "secret"}
            )
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_a_mistaken_statement_says_what_was_wrong(web):
    async with web.begin(somebody()) as uow:
        with pytest.raises(StorageError, match="no_such_table"):
            await uow.execute(text("select * from no_such_table"))


async def test_a_named_constraint_is_a_conflict_with_its_code(web, worker_db):
    conflict_when("conversation_pkey", "conversation.taken")
    conflict_when("conversation_pkey", "conversation.taken")
    with pytest.raises(ValueError, match="already means"):
        conflict_when("conversation_pkey", "conversation.other")
    insert = text("insert into conversation (id, peer) values (:id, '1480')")
    chosen = {"id": uuid4()}
    async with worker_db.begin(somebody()) as uow:
        await uow.execute(insert, chosen)
        with pytest.raises(Conflict, match=r"conversation\.taken"):
            await uow.execute(insert, chosen)


async def test_the_fence_is_a_conflict(worker_db):
    async with worker_db.begin(somebody()) as uow:
        with pytest.raises(Conflict, match=r"case\.responsibility_moved"):
            await uow.execute(
                text("do $$ begin raise exception 'x' using errcode = 'UV001'; end $$")
            )


async def test_a_deadlock_is_a_lost_race(worker_db):
    first, second = uuid4(), uuid4()
    async with worker_db.begin(somebody()) as uow:
        for card in (first, second):
            await uow.execute(
                text(
                    "insert into card (id, kind, audience, created_at, subject_id)"
                    " values (:id, 'a.b', 'x', now(), :id)"
                ),
                {"id": card},
            )
        await uow.commit()
    lock = text("select 1 from card where id = :id for update")
    ready = [asyncio.Event(), asyncio.Event()]

    async def take(own, other, order):
        async with worker_db.begin(somebody()) as uow:
            await uow.execute(lock, {"id": own})
            ready[order].set()
            await ready[1 - order].wait()
            await uow.execute(lock, {"id": other})

    results = await asyncio.gather(
        take(first, second, 0), take(second, first, 1), return_exceptions=True
    )
    lost = [result for result in results if result is not None]
    assert [(type(result), result.code) for result in lost] == [(Conflict, "db.changed_meanwhile")]


async def test_the_audit_log_is_append_only_even_for_its_owner(dsns, web):
    async with web.begin(somebody()) as uow:
        uow.audit("thing.done")
        await uow.commit()
    owner = Database.open(dsns.owner, clock=FixedClock(NOW))
    for statement in (
        "update audit_entry set reason = 'x'",
        "delete from audit_entry",
        "truncate audit_entry cascade",
    ):
        async with owner.begin(REVIEWER) as uow:
            with pytest.raises(StorageError, match="UV002"):
                await uow.execute(text(statement))
    await owner.close()
    for statement in (
        "update audit_entry set reason = 'x'",
        "delete from audit_entry",
        "truncate audit_entry",
    ):
        async with web.begin(REVIEWER) as uow:
            with pytest.raises(StorageError, match="42501"):
                await uow.execute(text(statement))


async def test_an_audit_row_in_another_name_is_refused(web):
    async with web.begin(somebody()) as uow:
        uow.audit("thing.done")
        uow._entries[0]["actor_id"] = uuid4()
        with pytest.raises(StorageError, match="42501"):
            await uow.commit()


async def test_only_the_log_reviewer_reads_the_log(web):
    async with web.begin(somebody()) as uow:
        uow.audit("thing.done")
        await uow.commit()
    async with web.begin(somebody("team_leader")) as uow:
        assert (await uow.execute(text("select 1 from audit_entry"))).all() == []
    assert await audited_actions(web) == ["thing.done"]


async def test_the_network_is_refused_while_a_transaction_is_open(web):
    assert_no_transaction()
    async with web.begin(somebody()) as uow:
        with pytest.raises(RuntimeError):
            assert_no_transaction()
        with pytest.raises(RuntimeError):  # a task started inside sees it too
            await asyncio.create_task(_ask())
        await uow.commit()
        assert_no_transaction()
    assert_no_transaction()


async def _ask():
    assert_no_transaction()


async def test_two_thousand_mixed_actors_over_three_connections_never_meet(web):
    """Also cancelled and failing ones; none may see, or leave, another's name."""
    actors = [somebody("case_worker") if n % 2 else somebody(unit=f"u{n}") for n in range(200)]
    gate = asyncio.Semaphore(40)

    async def one(n):
        actor = actors[n % 200]
        async with gate, web.begin(actor, term=n) as uow:
            if n % 10 == 3:
                async with asyncio.timeout(0.001):
                    await uow.execute(text("select pg_sleep(0.05)"))
            if n % 10 == 5:
                raise LookupError
            if n % 10 == 7:
                async with uow.savepoint():
                    await uow.execute(text("select 1"))
            seen = await who(uow)
            assert seen == (
                actor.staff_id,
                "case_worker" in actor.roles,
                actor.unit,
                "0580",
                "0580",
                n,
            )
            return "right"

    results = await asyncio.gather(*(one(n) for n in range(2000)), return_exceptions=True)
    kinds = {type(result) for result in results}
    assert kinds <= {str, TimeoutError, LookupError}, [
        r for r in results if isinstance(r, AssertionError)
    ][:1]
    assert results.count("right") >= 1600
    assert web._engine.pool.checkedout() == 0


async def test_a_cancelled_transaction_gives_its_connection_back(web):
    async def slow():
        async with web.begin(somebody()) as uow:
            await uow.execute(text("select pg_sleep(10)"))

    for _ in range(6):
        task = asyncio.create_task(slow())
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(1):
        async with web.begin(somebody()) as uow:
            await uow.execute(text("select 1"))
    assert web._engine.pool.checkedout() == 0


async def test_a_connection_that_died_is_replaced_before_anybody_notices(web, postgres_server):
    for _ in range(3):
        async with web.begin(somebody()) as uow:
            await uow.execute(text("select 1"))
    async with postgres_server.admin() as admin:
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'utvag_0580_web'"
        )
    async with web.begin(somebody()) as uow:
        assert (await uow.execute(text("select 1"))).scalar_one() == 1


async def test_a_connection_that_dies_inside_is_unavailable(web, postgres_server):
    async with web.begin(somebody()) as uow:
        pid = (await uow.execute(text("select pg_backend_pid()"))).scalar_one()
        async with postgres_server.admin() as admin:
            await admin.execute("select pg_terminate_backend($1)", pid)
        with pytest.raises(StorageUnavailableError):
            await uow.execute(text("select 1"))


@pytest.mark.parametrize("was_wrong", [False, True])
async def test_a_connection_that_dies_before_the_end_says_nothing_of_its_own(
    web, postgres_server, was_wrong
):
    """Nothing was to be committed: the server has rolled back, and the pool has its place again."""
    with pytest.raises(ValueError, match="ours") if was_wrong else contextlib.nullcontext():
        async with web.begin(somebody()) as uow:
            pid = (await uow.execute(text("select pg_backend_pid()"))).scalar_one()
            async with postgres_server.admin() as admin:
                await admin.execute("select pg_terminate_backend($1, 5000)", pid)
            if was_wrong:
                raise ValueError("ours")
    assert web._engine.pool.checkedout() == 0
    async with web.begin(somebody()) as uow:
        assert (await uow.execute(text("select 1"))).scalar_one() == 1


@pytest.mark.parametrize("step", ["execute", "commit"])
async def test_the_drivers_own_confusion_is_a_server_away_too(web, monkeypatch, step):
    """asyncpg, of a connection whose server died between two of its own steps."""

    async def broken(*_):
        raise asyncpg.InternalClientError("cannot switch to state 12")

    async with web.begin(somebody()) as uow:
        place = (uow._quick, "execute") if step == "execute" else (uow._quick.raw, "execute")
        monkeypatch.setattr(type(place[0]), place[1], broken)
        with pytest.raises(StorageUnavailableError):
            await (uow.commit() if step == "commit" else uow.execute(text("select 1")))
        monkeypatch.undo()


async def test_a_server_that_is_not_there_is_unavailable(dsns):
    nowhere = Database.open("postgresql://a:b@127.0.0.1:1/x", clock=FixedClock(NOW))
    with pytest.raises(StorageUnavailableError):
        async with nowhere.begin(somebody()):
            pass
    await nowhere.close()


async def test_the_worker_and_web_roles_own_nothing(dsns, postgres_server):
    async with postgres_server.admin("utvag_0580") as admin:
        owned = await admin.fetch(
            "select relname from pg_class c join pg_roles r on r.oid = c.relowner"
            " where rolname in ('utvag_0580_web', 'utvag_0580_worker')"
        )
        loose = await admin.fetch(
            "select rolname from pg_roles where (rolbypassrls or rolsuper)"
            " and rolname in ('utvag_0580_web', 'utvag_0580_worker', 'utvag_0580_owner')"
        )
    assert (owned, loose) == ([], [])


async def test_every_table_with_rows_of_a_case_forces_row_security(dsns, postgres_server):
    async with postgres_server.admin("utvag_0580") as admin:
        unforced = await admin.fetch("""
            select distinct c.relname from pg_class c
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
            join pg_attribute a on a.attrelid = c.oid and a.attname in
                ('case_id', 'subject_id', 'conversation_id')
            where c.relkind = 'r' and not (c.relrowsecurity and c.relforcerowsecurity)
        """)
    assert unforced == []


async def test_a_policy_without_force_would_let_the_owner_past(dsns, web, postgres_server):
    """What FORCE is for: the same query before and after it is taken away."""
    async with web.begin(somebody()) as uow:
        uow.audit("thing.done")
        await uow.commit()
    owner = Database.open(dsns.owner, clock=FixedClock(NOW))
    count = text("select count(*) from audit_entry")
    async with owner.begin(REVIEWER) as uow:
        assert (await uow.execute(count)).scalar_one() == 0
        await uow.execute(text("alter table audit_entry no force row level security"))
        assert (await uow.execute(count)).scalar_one() == 1
    await owner.close()


async def test_commit_in_one_name_is_seen_under_another_by_policy_only(web):
    leader, other = somebody("team_leader"), somebody("case_worker")
    async with web.begin(leader) as uow:
        await uow.execute(
            text(
                "insert into card (id, kind, audience, created_at)"
                " values (gen_random_uuid(), 'a.b', 'team_leader', now())"
            )
        )
        await uow.commit()
    for actor, seen in ((leader, 1), (other, 0), (replace(other, roles=leader.roles), 1)):
        async with web.begin(actor) as uow:
            assert len((await uow.execute(text("select 1 from card"))).all()) == seen
