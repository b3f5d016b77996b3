"""The roster: kept by the unit's team leader where policy has anybody on call; in the database too."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from services.staff import api as staff
from services.staff.api import PutOnCall, TakeOffCall
from services.staff.store import duty as store
from shared.db import StorageError
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import row_id
from tests.support.casework import GOTEBORG, NOW, open_bench

pytestmark = pytest.mark.servers
HOUR = timedelta(hours=1)


@pytest.fixture
async def goteborg(postgres_server):
    """Göteborg's node: its policy has somebody on call."""
    made = await open_bench(await postgres_server.fresh_node_databases(GOTEBORG), GOTEBORG)
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


async def put(bench, who=None, by=None, begins=0, hours=8):
    whom = who or await bench.case_worker()
    start = bench.clock.now() + begins * HOUR
    command = PutOnCall(whom.staff_id, start, start + hours * HOUR)
    return await staff.put_on_call(bench.node, by or await bench.leader(), command)


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def test_everybody_with_cases_sees_who_is_on_call_and_when_nobody_is(goteborg):
    asta = await goteborg.case_worker()
    await put(goteborg, asta, begins=2)
    found = await staff.roster(goteborg.node, asta)
    assert (found.is_kept, found.may_change, found.now) == (True, False, None)
    assert [each.display_name for each in found.duties] == ["Asta"]
    assert [(each.until_at - each.from_at) / HOUR for each in found.gaps] == [2, 14 * 24 - 10]
    goteborg.clock.move(3 * HOUR)
    assert (await staff.roster(goteborg.node, asta)).now.staff_id == asta.staff_id


async def test_the_team_leader_alone_keeps_the_roster(goteborg):
    asta = await goteborg.case_worker()
    assert await refusal(put(goteborg, by=asta)) == "duty.not_keeper"
    duty_id = await put(goteborg)
    command = TakeOffCall(duty_id)
    assert await refusal(staff.take_off_call(goteborg.node, asta, command)) == "duty.not_keeper"
    bops = await goteborg.officer("bops-vast")
    for attempt in (
        staff.roster(goteborg.node, bops),
        put(goteborg, by=bops),
        staff.take_off_call(goteborg.node, bops, command),
    ):
        with pytest.raises(AccessDenied):
            await attempt


async def test_a_leader_of_another_unit_takes_no_duty_back(goteborg):
    duty_id = await put(goteborg)
    other = await goteborg.person("Gerd", "team_leader", unit="annan")
    with pytest.raises(AccessDenied):
        await staff.take_off_call(goteborg.node, other, TakeOffCall(duty_id))


async def test_a_duty_that_is_taken_back_ends_then_and_once(goteborg):
    asta, gun = await goteborg.case_worker(), await goteborg.leader()
    duty_id = await put(goteborg, asta)
    goteborg.clock.move(HOUR)
    await staff.take_off_call(goteborg.node, gun, TakeOffCall(duty_id))
    assert (await staff.roster(goteborg.node, asta)).now is None
    with pytest.raises(Conflict):
        await staff.take_off_call(goteborg.node, gun, TakeOffCall(duty_id))
    await put(goteborg, await goteborg.case_worker("Bo"))
    assert (await staff.roster(goteborg.node, asta)).now.display_name == "Bo"


async def test_of_two_who_write_the_same_night_at_once_one_is_refused(goteborg):
    asta, gun = await goteborg.case_worker(), await goteborg.leader()
    async with goteborg.node.db.begin(gun) as first:
        await store.lock(first)
        second = asyncio.create_task(put(goteborg))
        while not second.done() and not await is_waiting(first):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        await store.add(first, asta.staff_id, NOW, NOW + HOUR)
        await first.commit()
    assert await refusal(second) == "duty.overlaps"


async def is_waiting(uow):
    held = text(
        "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
        " where d.datname = current_database() and l.locktype = 'advisory' and not l.granted"
    )
    return bool((await uow.execute(held)).scalar_one())


async def test_where_policy_names_nobody_on_call_no_roster_is_kept(bench):
    assert await refusal(put(bench)) == "duty.not_in_policy"
    found = await staff.roster(bench.node, await bench.leader())
    assert (found.is_kept, found.may_change, found.gaps) == (False, False, ())


async def test_the_database_lets_nobody_else_write_the_roster(goteborg):
    asta, gun = await goteborg.case_worker(), await goteborg.leader()
    bops = await goteborg.officer("bops-vast")
    row = {"staff_id": asta.staff_id, "from_at": NOW, "until_at": NOW + HOUR, "set_at": NOW}
    for actor, changes in (
        (asta, {"set_by": asta.staff_id}),
        (bops, {"set_by": bops.staff_id}),
        (gun, {"set_by": asta.staff_id}),
        (gun, {"set_by": gun.staff_id, "unit": "annan"}),
    ):
        async with goteborg.node.db.begin(actor) as uow:
            with pytest.raises(StorageError):
                await uow.execute(
                    insert(store.duty).values(duty_id=row_id(NOW), **{**row, **changes}).inline()
                )
