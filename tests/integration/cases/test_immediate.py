"""Help decided at once: by whom, of what, and how the ordinary delegate reads it the next day."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, update

from services.cases import api as cases
from services.cases.domain.immediate import check_review
from services.cases.store import plan_tables
from services.cases.store.immediate import immediate
from services.decisions import api as decisions
from services.decisions.store.register import decision
from shared.db import StorageError
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import row_id
from tests.support.casework import GOTEBORG, LINKOPING, open_bench
from tests.support.night import BOPS, HOUR, cards_of, on_call, raised, watched

pytestmark = pytest.mark.servers
HOUSING = "aid.emergency_housing"


@pytest.fixture
async def goteborg(postgres_server):
    made = await open_bench(await postgres_server.fresh_node_databases(GOTEBORG), GOTEBORG)
    made.hears_alarms()
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


@pytest.fixture
async def at_night(goteborg):
    """A case whose threat was raised, and who is on call in it."""
    case_id = await watched(goteborg)
    jo = await goteborg.person("Jo", "case_worker")
    await on_call(goteborg, jo)
    await raised(goteborg, case_id)
    return case_id, jo


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


def wanted(bench, case_id, kind=HOUSING, days=3, **changes):
    last = bench.today + timedelta(days=days - 1)
    given = {
        "area": "housing",
        "matter": "Boende i natt.",
        "reasons": "Kan inte sova hemma.",
        "granted_from": bench.today,
        "granted_until": last,
    }
    return cases.DecideAtOnce(case_id, 1, kind, **{**given, **changes})


async def decide(bench, case_id, who, **changes):
    return await cases.decide_at_once(bench.node, who, wanted(bench, case_id, **changes))


async def review(bench, case_id, aid_id, who, outcome="CONFIRMED", reasons=""):
    bench.clock.move(timedelta(minutes=1))
    command = cases.ReviewImmediate(case_id, 1, aid_id, outcome, reasons)
    await cases.review_immediate(bench.node, who, command)


async def seen(bench, case_id):
    asta = await bench.case_worker()
    return await cases.read_case(bench.node, asta, case_id, "prov")


async def register(bench, case_id):
    asta = await bench.case_worker()
    key = await bench.node.case_keys.get(case_id)
    async with bench.node.db.begin(asta) as uow:
        found = await decisions.decisions_of(uow, key, case_id)
        await uow.commit()
    return found


async def test_who_is_on_call_decides_at_once_and_it_waits_for_the_ordinary_delegate(
    goteborg, at_night
):
    case_id, jo = at_night
    aid_id = await decide(goteborg, case_id, jo)
    (found,) = (await seen(goteborg, case_id)).immediate
    assert (found.aid_id, found.decided_by, found.outcome) == (aid_id, jo.staff_id, None)
    assert found.review_by == goteborg.today + timedelta(days=1)  # Monday after that Sunday
    (made,) = await register(goteborg, case_id)
    assert (made.about, made.outcome, made.law_ref) == (aid_id, "GRANTED", "aid.right")
    assert made.document == "Göteborgs Stads policy för arbete med avhoppare"
    assert made.reasons == "Kan inte sova hemma."
    gerd = await goteborg.leader("Gerd")
    assert "case.immediate_waits" in await cards_of(goteborg, gerd)
    (row,) = await cases.immediate_waiting(goteborg.node, gerd)
    assert not row.is_member
    assert await cases.immediate_waiting(goteborg.node, jo) == []


async def test_nobody_else_decides_at_once(goteborg, at_night):
    case_id, jo = at_night
    asta, gun = await goteborg.case_worker(), await goteborg.leader()
    assert await refusal(decide(goteborg, case_id, asta)) == "decision.not_on_call"
    assert await refusal(decide(goteborg, case_id, gun)) == "decision.delegate_already"
    for stranger in (
        await goteborg.person("Stig", "case_worker"),
        await goteborg.person("Disa", "social_director"),
        await goteborg.officer(BOPS),
    ):
        with pytest.raises(AccessDenied):
            await decide(goteborg, case_id, stranger)
    assert await register(goteborg, case_id) == []
    for kind, code in (
        ("aid.counselling", "decision.not_at_once"),
        ("aid.protected_housing", "decision.not_at_once"),
    ):
        assert await refusal(decide(goteborg, case_id, jo, kind=kind)) == code
    assert await refusal(decide(goteborg, case_id, jo, days=8)) == "decision.beyond_limit"
    assert (
        await refusal(decide(goteborg, case_id, jo, granted_until=None)) == "decision.beyond_limit"
    )
    assert await refusal(decide(goteborg, case_id, jo, reasons=" ")) == "aid.reasons_missing"


async def test_the_right_ends_with_the_access(goteborg, at_night):
    case_id, jo = at_night
    goteborg.clock.move(12 * HOUR)
    with pytest.raises(AccessDenied):
        await decide(goteborg, case_id, jo)


async def test_the_right_ends_with_the_duty_and_is_of_its_unit(goteborg, at_night):
    case_id, jo = at_night
    asta = await goteborg.case_worker()
    goteborg.clock.move(8 * HOUR)  # the access has an hour left, for telling
    assert await refusal(decide(goteborg, case_id, jo)) == "decision.not_on_call"
    await on_call(goteborg, asta, unit="norr")
    assert await refusal(decide(goteborg, case_id, asta)) == "decision.not_on_call"


async def test_where_policy_lets_nothing_be_decided_at_once_nothing_is(bench):
    case_id = await bench.investigated()
    refused = await refusal(decide(bench, case_id, await bench.case_worker()))
    assert refused == "decision.not_at_once"


async def test_the_ordinary_delegate_confirms_it_once(goteborg, at_night):
    case_id, jo = at_night
    aid_id = await decide(goteborg, case_id, jo)
    asta, gun = await goteborg.case_worker(), await goteborg.leader()
    assert await refusal(review(goteborg, case_id, aid_id, asta)) == "decision.not_delegate"
    for stranger in (await goteborg.leader("Gerd"), await goteborg.officer(BOPS)):
        with pytest.raises(AccessDenied):
            await review(goteborg, case_id, aid_id, stranger)
    with pytest.raises(AccessDenied):
        await review(goteborg, case_id, uuid4(), gun)
    await review(goteborg, case_id, aid_id, gun)
    assert [each.outcome for each in await register(goteborg, case_id)] == ["GRANTED", "CONFIRMED"]
    assert "case.immediate_waits" not in await cards_of(goteborg, gun)
    assert await refusal(review(goteborg, case_id, aid_id, gun)) == "immediate.reviewed_already"


async def test_what_is_set_aside_ends_with_reasons(goteborg, at_night):
    case_id, jo = at_night
    aid_id = await decide(goteborg, case_id, jo)
    gun = await goteborg.leader()
    refused = await refusal(review(goteborg, case_id, aid_id, gun, "SET_ASIDE"))
    assert refused == "aid.reasons_missing"
    await review(goteborg, case_id, aid_id, gun, "SET_ASIDE", "Har en säker plats.")
    assert (await seen(goteborg, case_id)).immediate[0].outcome == "SET_ASIDE"
    made = await register(goteborg, case_id)
    assert [each.outcome for each in made] == ["GRANTED", "SET_ASIDE"]
    async with goteborg.node.db.begin(gun) as uow:
        rows = await uow.execute(
            plan_tables.aid.select().where(plan_tables.aid.c.case_id == case_id)
        )
        assert {(row.outcome, row.ends) for row in rows} == {("GRANTED", None), ("ENDED", aid_id)}


async def test_who_decided_is_never_the_one_who_confirms(goteborg, at_night):
    case_id, jo = at_night
    aid_id = await decide(goteborg, case_id, jo)
    (found,) = (await seen(goteborg, case_id)).immediate
    with pytest.raises(DomainError) as refused:
        check_review(found, jo.staff_id)
    assert refused.value.code == "decision.same_person"
    async with goteborg.node.db.begin(await goteborg.leader(), term=1) as uow:
        own = update(immediate).where(immediate.c.aid_id == aid_id)
        with pytest.raises(StorageError):
            await uow.execute(
                own.values(
                    reviewed_by=jo.staff_id, reviewed_at=goteborg.clock.now(), outcome="CONFIRMED"
                )
            )


async def test_a_decision_that_nobody_reads_in_time_calls_the_delegates_once(goteborg, at_night):
    case_id, jo = at_night
    await decide(goteborg, case_id, jo)
    gerd = await goteborg.leader("Gerd")
    goteborg.clock.move(24 * HOUR)  # Monday: its last day
    await cases.tick(goteborg.worker_node)
    assert "case.immediate_overdue" not in await cards_of(goteborg, gerd)
    goteborg.clock.move(24 * HOUR)
    await cases.tick(goteborg.worker_node)
    assert "case.immediate_overdue" in await cards_of(goteborg, gerd)
    assert await cases.tick(goteborg.worker_node) == 0


async def ended_by_the_person(bench, case_id):
    asta = await bench.case_worker()
    ending = cases.EndAtPersonsWish(case_id, 1, "Vill inte ha mer hjälp.", "samtal")
    await cases.end_at_persons_wish(bench.node, asta, ending)


async def gone(bench, case_id):
    handover_id = uuid4()
    async with bench.node.db.begin(await bench.case_worker(), term=1) as uow:
        await cases.mark_open_handover(uow, case_id, handover_id)
        await uow.commit()
    async with bench.worker_node.db.begin(bench.worker) as uow:
        await cases.enter_term(uow, case_id, 1)
        await cases.end_transferred(uow, case_id, handover_id, to=LINKOPING)
        await uow.commit()


@pytest.mark.parametrize("close", [ended_by_the_person, gone])
@pytest.mark.parametrize("outcome", ["CONFIRMED", "SET_ASIDE"])
async def test_a_case_that_ends_first_hides_no_decision_from_its_delegate(
    goteborg, at_night, close, outcome
):
    case_id, jo = at_night
    aid_id = await decide(goteborg, case_id, jo)
    await close(goteborg, case_id)
    gun = await goteborg.leader()
    goteborg.clock.move(48 * HOUR)
    await cases.tick(goteborg.worker_node)
    assert "case.immediate_overdue" in await cards_of(goteborg, gun)
    assert [row.aid_id for row in await cases.immediate_waiting(goteborg.node, gun)] == [aid_id]
    await review(goteborg, case_id, aid_id, gun, outcome, "Har en säker plats.")
    assert await cases.immediate_waiting(goteborg.node, gun) == []
    assert "case.immediate_overdue" not in await cards_of(goteborg, gun)
    assert [each.outcome for each in await register(goteborg, case_id)] == ["GRANTED", outcome]


async def test_a_closed_case_takes_nothing_but_the_review_that_waits(goteborg, at_night):
    case_id, jo = at_night
    aid_id = await decide(goteborg, case_id, jo)
    await ended_by_the_person(goteborg, case_id)
    gun = await goteborg.leader()

    async def write(outcome, ends, first=None):
        async with goteborg.node.db.begin(gun, term=1) as uow:
            values = {
                "aid_id": row_id(uow.now),
                "case_id": case_id,
                "kind": HOUSING,
                "outcome": outcome,
                "sealed": b"x",
                "granted_from": goteborg.today if outcome == "GRANTED" else None,
                "ends": ends,
                "decided_at": uow.now,
            }
            with pytest.raises(Conflict) as refused:
                await uow.execute(insert(plan_tables.aid).values(**values).inline())
        return refused.value.code

    assert await write("GRANTED", None) == "case.responsibility_moved"
    await review(goteborg, case_id, aid_id, gun)
    assert await write("ENDED", aid_id) == "case.responsibility_moved"


async def test_the_database_lets_who_is_on_call_refuse_and_end_nothing(goteborg, at_night):
    case_id, jo = at_night
    async with goteborg.node.db.begin(jo, term=1) as uow:
        with pytest.raises((StorageError, Conflict)):
            await uow.execute(
                insert(plan_tables.aid)
                .values(
                    aid_id=row_id(goteborg.clock.now()),
                    case_id=case_id,
                    kind=HOUSING,
                    outcome="REFUSED",
                    sealed=b"x",
                    decided_at=goteborg.clock.now(),
                )
                .inline()
            )


async def test_the_database_lets_who_is_on_call_decide_on_their_own_help_alone(goteborg, at_night):
    case_id, jo = at_night
    granted = await decide(goteborg, case_id, jo)
    row = {
        "subject_id": case_id,
        "kind": HOUSING,
        "outcome": "GRANTED",
        "decided_by": jo.staff_id,
        "decided_at": goteborg.clock.now(),
        "document": "x",
        "section": "x",
        "law_ref": "",
        "policy_from": goteborg.today,
        "policy_sha256": "0" * 64,
        "sealed": b"x",
    }
    for about, kind in ((granted, HOUSING), (uuid4(), HOUSING), (case_id, "handover.propose")):
        async with goteborg.node.db.begin(jo, term=1) as uow:
            values = row | {"decision_id": uuid4(), "about": about, "kind": kind}
            code = await refusal(uow.execute(insert(decision).values(**values).inline()))
            assert code == "case.on_call_may_not", kind
    assert len(await register(goteborg, case_id)) == 1
