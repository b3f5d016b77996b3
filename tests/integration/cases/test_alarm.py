"""The threat rises at night: who is told, who is let in for how long, and what that opens."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from services.cases import api as cases
from services.cases.store import tables
from services.protection import store
from services.protection.api import room_of
from services.staff import api as staff
from shared.actor import WORKER_ID
from shared.db import StorageError
from shared.errors import AccessDenied, DomainError
from shared.ids import row_id
from tests.integration.cases.test_fence import writes
from tests.support.casework import GOTEBORG, open_bench
from tests.support.night import BOPS, HOUR, alarm_of, cards_of, on_call, raised, watched

pytestmark = pytest.mark.servers


@pytest.fixture
async def goteborg(postgres_server):
    """Göteborg's node: its policy has somebody on call."""
    made = await open_bench(await postgres_server.fresh_node_databases(GOTEBORG), GOTEBORG)
    made.hears_alarms()
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def jour(bench, **how):
    """Somebody on call who is in no case."""
    who = await bench.person("Jo", "case_worker")
    await on_call(bench, who, **how)
    return who


async def read(bench, case_id, actor):
    alarm = await alarm_of(bench, case_id, actor)
    await cases.read_alarm(bench.node, actor, cases.ReadAlarm(case_id, 1, alarm.alarm_id))


async def test_who_is_on_call_sees_the_case_when_bops_gives_high_and_not_before(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg)
    await raised(goteborg, case_id, "LOW")
    with pytest.raises(AccessDenied):
        await cases.read_case(goteborg.node, jo, case_id, "prov")
    assert await cases.open_alarms(goteborg.node, jo) == []
    await raised(goteborg, case_id)
    (row,) = await cases.open_alarms(goteborg.node, jo)
    assert (row.case_id, row.is_on_call) == (case_id, True)
    file = await cases.read_case(goteborg.node, jo, case_id, "prov")
    assert file.header.is_on_call
    assert [(each.holder, each.unit) for each in file.acute_protection] == [
        ("police", BOPS),
        ("municipality", "lpo-goteborg"),
    ]
    (alarm,) = file.alarms
    assert (alarm.level_before, alarm.level, alarm.readings) == ("LOW", "HIGH", ())
    gun = await goteborg.leader("Gerd")  # leads, and is no member
    assert "case.on_call_let_in" in await cards_of(goteborg, gun)
    async with goteborg.worker_node.db.begin(goteborg.worker) as uow:
        assert await cases.let_in_on_call(uow) == [goteborg.clock.now()]


async def test_being_on_call_opens_the_journal_and_nothing_else_that_is_written(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg)
    await raised(goteborg, case_id)
    for use_case, command in writes(case_id, 1, goteborg.today, jo.staff_id):
        if use_case is cases.write_note:
            await use_case(goteborg.node, jo, command)
            continue
        if use_case is cases.request_threat:
            command = replace(command, unit=BOPS)  # noqa: PLW2901 - one that is there
        refused = await refusal(use_case(goteborg.node, jo, command))
        assert refused == "case.on_call_may_not", use_case.__name__
    reveal = cases.RevealVault(case_id, "prov", uuid4())
    assert await refusal(cases.reveal_vault(goteborg.node, jo, reveal)) == "vault.not_approved"


async def test_the_database_closes_every_other_table_of_the_case_to_who_is_on_call(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg)
    await raised(goteborg, case_id)
    need = {"need_id": uuid4(), "case_id": case_id, "area": "housing", "sealed": b"x"}
    rows = (
        (tables.need, need | {"recorded_at": goteborg.clock.now(), "recorded_by": jo.staff_id}),
        (
            tables.contact,
            {"case_id": case_id, "sealed": b"x", "registered_at": goteborg.clock.now()},
        ),
        (
            tables.exclusion,
            {
                "exclusion_id": uuid4(),
                "case_id": case_id,
                "kind": "staff",
                "value": "x",
                "sealed": b"x",
                "set_at": goteborg.clock.now(),
                "set_by": jo.staff_id,
            },
        ),
    )
    for table, row in rows:
        async with goteborg.node.db.begin(jo, term=1) as uow:
            code = await refusal(uow.execute(insert(table).values(**row).inline()))
            assert code == "case.on_call_may_not", table.name


async def test_the_access_ends_by_itself_also_where_no_worker_runs(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg, hours=12.5)
    await raised(goteborg, case_id)
    goteborg.clock.move(12 * HOUR - timedelta(seconds=1))
    await cases.read_case(goteborg.node, jo, case_id, "prov")
    goteborg.clock.move(timedelta(seconds=1))
    with pytest.raises(AccessDenied):
        await cases.read_case(goteborg.node, jo, case_id, "prov")
    await cases.tick(goteborg.worker_node)
    asta = await goteborg.case_worker()
    file = await cases.read_case(goteborg.node, asta, case_id, "prov")
    (member,) = [each for each in file.members if each.staff_id == jo.staff_id]
    assert member.ended_at == goteborg.clock.now()
    assert "case.on_call_ended" in {event.code for event in file.events}


async def test_the_access_ends_an_hour_after_the_duty(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg, hours=3)
    await raised(goteborg, case_id)  # a minute into the two hours that are left
    goteborg.clock.move(3 * HOUR - timedelta(minutes=1, seconds=1))
    await cases.read_case(goteborg.node, jo, case_id, "prov")
    goteborg.clock.move(timedelta(seconds=1))
    with pytest.raises(AccessDenied):
        await cases.read_case(goteborg.node, jo, case_id, "prov")


async def test_who_is_taken_off_call_loses_the_case(goteborg):
    case_id, jo = await watched(goteborg), await goteborg.person("Jo", "case_worker")
    duty_id = await on_call(goteborg, jo)
    await raised(goteborg, case_id)
    assert await cases.tick(goteborg.worker_node) == 0
    await cases.read_case(goteborg.node, jo, case_id, "prov")
    goteborg.clock.move(timedelta(minutes=1))
    leader = await goteborg.leader()
    await staff.take_off_call(goteborg.node, leader, staff.TakeOffCall(duty_id))
    await cases.tick(goteborg.worker_node)
    with pytest.raises(AccessDenied):
        await cases.read_case(goteborg.node, jo, case_id, "prov")


async def test_who_is_kept_from_the_case_is_not_let_in_and_the_leaders_are_called(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg)
    exclusion = cases.SetExclusion(case_id, 1, "staff", str(jo.staff_id), "granne")
    await cases.set_exclusion(goteborg.node, await goteborg.case_worker(), exclusion)
    await raised(goteborg, case_id)
    with pytest.raises(AccessDenied):
        await cases.read_case(goteborg.node, jo, case_id, "prov")
    assert "case.nobody_on_call" in await cards_of(goteborg, await goteborg.leader("Gerd"))


async def test_with_nobody_on_the_roster_the_leaders_are_called_at_once(goteborg):
    case_id = await watched(goteborg)
    await raised(goteborg, case_id)
    assert "case.nobody_on_call" in await cards_of(goteborg, await goteborg.leader("Gerd"))
    assert [
        each.case_id
        for each in await cases.open_alarms(goteborg.node, await goteborg.case_worker())
    ] == [case_id]


async def test_an_alarm_that_nobody_reads_calls_the_leaders_once(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg)
    await raised(goteborg, case_id)
    gerd = await goteborg.leader("Gerd")
    goteborg.clock.move(timedelta(minutes=29))
    await cases.tick(goteborg.worker_node)
    assert "case.alarm_unanswered" not in await cards_of(goteborg, gerd)
    goteborg.clock.move(timedelta(minutes=1))
    assert await cases.tick(goteborg.worker_node) == 1
    assert await cases.tick(goteborg.worker_node) == 0
    assert "case.alarm_unanswered" in await cards_of(goteborg, gerd)
    assert (await alarm_of(goteborg, case_id, jo)).escalated_at == goteborg.clock.now()


async def test_the_next_on_call_is_let_in_while_nobody_has_read_it(goteborg):
    case_id = await watched(goteborg)
    jo, ida = await jour(goteborg, hours=2), await goteborg.person("Ida", "case_worker")
    await on_call(goteborg, ida, begins=1, hours=8)
    await raised(goteborg, case_id)
    goteborg.clock.move(HOUR)
    await cases.tick(goteborg.worker_node)
    assert await cases.open_alarms(goteborg.node, ida)
    await read(goteborg, case_id, ida)
    assert [each.staff_id for each in (await alarm_of(goteborg, case_id, jo)).readings] == [
        ida.staff_id
    ]


async def test_only_a_case_worker_of_the_case_stops_the_clock(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg)
    asta, gerd = await goteborg.case_worker(), await goteborg.leader("Gerd")
    await raised(goteborg, case_id)
    await read(goteborg, case_id, jo)
    goteborg.clock.move(48 * HOUR)  # the next working day is over
    await cases.tick(goteborg.worker_node)
    assert "case.alarm_overdue" in await cards_of(goteborg, gerd)
    await read(goteborg, case_id, asta)
    assert (await alarm_of(goteborg, case_id, asta)).is_confirmed
    assert await cases.open_alarms(goteborg.node, asta) == []


async def test_nobody_outside_the_case_reads_its_alarm(goteborg):
    case_id = await watched(goteborg)
    await raised(goteborg, case_id)
    alarm = await alarm_of(goteborg, case_id, await goteborg.case_worker())
    command = cases.ReadAlarm(case_id, 1, alarm.alarm_id)
    for stranger in (
        await goteborg.leader("Gerd"),
        await goteborg.person("Stig", "case_worker"),
        await goteborg.officer(BOPS),
    ):
        with pytest.raises(AccessDenied):
            await cases.read_alarm(goteborg.node, stranger, command)
        assert await cases.open_alarms(goteborg.node, stranger) == []


async def test_who_is_on_call_and_is_given_the_case_has_it_as_everybody_else(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg)
    await raised(goteborg, case_id)
    await goteborg.assign(case_id, await goteborg.leader(), jo, "case_worker")
    goteborg.clock.move(24 * HOUR)
    assert not (await cases.read_case(goteborg.node, jo, case_id, "prov")).header.is_on_call


async def test_where_policy_has_nobody_on_call_the_members_and_the_leaders_are_told(bench):
    bench.hears_alarms()
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await bench.threat_asked(case_id, "bops-ost")
    await bench.assessed(case_id, "HIGH")
    assert await cases.open_alarms(bench.node, await bench.case_worker())
    assert "case.nobody_on_call" in await cards_of(bench, await bench.leader("Gerd"))


async def test_an_officer_lets_in_nobody_but_who_is_on_call_and_never_for_longer(goteborg):
    case_id, jo = await watched(goteborg), await jour(goteborg)
    stig, bops = await goteborg.person("Stig", "case_worker"), await goteborg.officer(BOPS)
    now = goteborg.clock.now()
    row = {
        "case_id": case_id,
        "staff_id": jo.staff_id,
        "role": "on_call",
        "given_by": WORKER_ID,
        "reason": "x",
        "started_at": now,
        "until_at": now + HOUR,
    }

    async def let_in(**changes):
        async with goteborg.node.db.begin(bops, term=1) as uow:
            values = {"member_id": row_id(now), **row, **changes}
            await uow.execute(insert(tables.member).values(**values).inline())

    with pytest.raises(StorageError):
        await let_in()  # the level is not HIGH
    await raised(goteborg, case_id, "LOW")
    with pytest.raises(StorageError):
        await let_in()
    goteborg.clock.move(HOUR)
    async with goteborg.node.db.begin(bops, term=1) as uow:
        await store.add_threat(
            uow,
            room_id=room_of(case_id),
            subject_id=case_id,
            level="HIGH",
            method="structured",
            next_review_on=goteborg.today,
        )
        await uow.commit()
    now = goteborg.clock.now()
    row |= {"started_at": now, "until_at": now + HOUR}
    for changes in (
        {"staff_id": stig.staff_id},
        {"until_at": now + 25 * HOUR},
        {"started_at": now - HOUR},
        {"role": "case_worker", "until_at": None},
        {"given_by": bops.staff_id},
    ):
        with pytest.raises(StorageError):
            await let_in(**changes)
    await let_in()
