"""Who stands on a case's exclusion list neither sees it, nor can be chosen, nor finds it in a count."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from services.cases import api as cases
from services.protection import api as protection
from shared.db.cards import open_cards
from shared.errors import AccessDenied, DomainError
from shared.ids import SubjectId
from tests.support.casework import GOTEBORG

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def exclude(bench, case_id, kind, value) -> None:
    asta = await bench.case_worker()
    await cases.set_exclusion(
        bench.node, asta, cases.SetExclusion(case_id, 1, kind, str(value), "Nära anhörig.")
    )


async def test_an_excluded_leader_of_the_unit_does_not_see_that_the_case_is_there(bench) -> None:
    case_id = await bench.investigated()
    other = await bench.leader("Leda")
    before = {row.case_id for row in await cases.unit_cases(bench.node, other)}
    assert case_id in before
    await exclude(bench, case_id, "staff", other.staff_id)
    after = await cases.unit_cases(bench.node, other)
    assert {row.case_id for row in after} == before - {case_id}
    with pytest.raises(AccessDenied):
        await cases.assignable(bench.node, other, case_id)
    with pytest.raises(AccessDenied):
        await bench.assign(case_id, other, other, "team_leader")


async def test_an_excluded_colleague_cannot_be_chosen(bench) -> None:
    case_id = await bench.investigated()
    gun, other = await bench.leader(), await bench.case_worker("Olle")
    await exclude(bench, case_id, "staff", other.staff_id)
    chosen = await cases.assignable(bench.node, gun, case_id)
    assert other.staff_id not in {each.staff_id for each in chosen}
    with pytest.raises(DomainError, match=r"assignment\.not_a_choice"):
        await bench.assign(case_id, gun, other, "case_worker")


async def test_whoever_has_access_must_lose_it_before_the_exclusion(bench) -> None:
    case_id = await bench.investigated()
    bo = await bench.case_worker("Bo")
    with pytest.raises(DomainError, match=r"exclusion\.is_member"):
        await exclude(bench, case_id, "staff", bo.staff_id)


async def rows(bench, query, **facts):
    async with bench.worker_node.db.begin(bench.worker) as uow:
        return list((await uow.execute(text(query), facts)).all())


async def cards(bench, actor, case_id) -> set[str]:
    async with bench.node.db.begin(actor) as uow:
        return {row.kind for row in await open_cards(uow) if row.subject_id == case_id}


async def member_ids(bench, case_id) -> set:
    found = await rows(
        bench,
        "select staff_id from case_member where case_id = :id and ended_at is null",
        id=case_id,
    )
    return {row.staff_id for row in found}


async def test_a_unit_that_is_excluded_loses_the_case_at_once_and_a_leader_is_told(bench) -> None:
    """Whoever sets it is a case worker: no right to assign is needed to shut a unit out."""
    case_id = await bench.investigated()
    gun = await bench.leader()
    asta, bo = await bench.case_worker(), await bench.case_worker("Bo")
    there = await bench.person("Nära", "case_worker", unit="soder")
    await bench.assign(case_id, gun, there, "case_worker")
    await cases.read_case(bench.node, there, case_id, "prov")
    await exclude(bench, case_id, "unit", "soder")
    assert await member_ids(bench, case_id) == {asta.staff_id, bo.staff_id, gun.staff_id}
    with pytest.raises(AccessDenied):
        await cases.read_case(bench.node, there, case_id, "prov")
    with pytest.raises(DomainError, match=r"assignment\.not_a_choice"):
        await bench.assign(case_id, gun, there, "case_worker")
    logged = await rows(
        bench,
        "select facts->>'staff' as staff from audit_entry"
        " where case_id = :id and action = 'case.member_ended'",
        id=case_id,
    )
    assert [row.staff for row in logged] == [str(there.staff_id)]
    assert "case.nobody_left" not in await cards(bench, gun, case_id)


async def test_a_leader_is_told_when_an_excluded_unit_leaves_nobody(bench) -> None:
    case_id = await bench.investigated()
    gun, near = await bench.leader(), await bench.person("Nära", "case_worker", unit="soder")
    await bench.assign(case_id, gun, near, "case_worker")
    for name in ("Asta", "Bo"):
        other = await bench.case_worker(name)
        command = cases.EndMembership(case_id, 1, other.staff_id, "byter enhet")
        await cases.end_membership(bench.node, gun, command)
    await cases.set_exclusion(
        bench.node, gun, cases.SetExclusion(case_id, 1, "unit", "soder", "Nära anhörig.")
    )
    assert "case.nobody_left" in await cards(bench, gun, case_id)
    olle = await bench.case_worker("Olle")
    await bench.assign(case_id, gun, olle, "case_worker")
    assert "case.nobody_left" not in await cards(bench, gun, case_id)


async def test_nobody_shuts_themselves_out(bench) -> None:
    case_id = await bench.investigated()
    gun, near = await bench.leader(), await bench.person("Nära", "case_worker", unit="soder")
    await bench.assign(case_id, gun, near, "case_worker")
    with pytest.raises(DomainError, match=r"exclusion\.own_unit"):
        await cases.set_exclusion(
            bench.node, near, cases.SetExclusion(case_id, 1, "unit", "soder", "Nära.")
        )


async def test_an_excluded_police_unit_no_longer_sees_the_room_and_is_not_let_in_again(
    bench,
) -> None:
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await bench.threat_asked(case_id, "lpo-linkoping")
    officer = await bench.officer("lpo-linkoping")
    room = protection.room_of(SubjectId(case_id))
    await protection.read_room(bench.node, officer, room, "prov")
    await exclude(bench, case_id, "unit", "lpo-linkoping")
    with pytest.raises(AccessDenied):
        await protection.read_room(bench.node, officer, room, "prov")
    logged = await rows(
        bench,
        "select facts->>'unit' as unit from audit_entry where action = 'room.unit_detached'"
        " and case_id = :id",
        id=case_id,
    )
    assert [row.unit for row in logged] == ["lpo-linkoping"]


async def test_a_level_stands_though_the_unit_that_answers_for_it_is_kept_out(bench) -> None:
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await bench.threat_asked(case_id, "bops-ost")
    officer = await bench.officer("bops-ost")
    room = protection.room_of(SubjectId(case_id))
    answering = protection.responsible_unit(bench.node, "LOW")
    await exclude(bench, case_id, "unit", answering.code)
    soon = bench.today + timedelta(days=14)
    give = protection.GiveThreat(room, 1, "LOW", "structured", soon)
    await protection.give_threat(bench.node, officer, give)
    attached = await rows(bench, "select unit from room_unit where room_id = :id", id=room)
    assert [row.unit for row in attached] == ["bops-ost"]
    asta = await bench.case_worker()
    assert "threat.unit_kept_out" in await cards(bench, asta, case_id)


async def test_an_alarm_is_kept_and_told_though_the_unit_that_shall_assess_is_kept_out(
    bench,
) -> None:
    bops = protection.responsible_unit(bench.node, "HIGH").code
    officer = await bench.officer("lpo-linkoping")
    answered = []
    for is_kept_out in (False, True):
        case_id = await bench.investigated()
        await bench.consent(case_id)
        await bench.threat_asked(case_id, "lpo-linkoping")
        if is_kept_out:
            await exclude(bench, case_id, "unit", bops)
        room = protection.room_of(SubjectId(case_id))
        question_id = await protection.raise_alarm(
            bench.node, officer, protection.RaiseAlarm(room, 1)
        )
        query = "select question_id, unit from room_question where room_id = :id"
        asked = await rows(bench, query, id=room)
        assert (question_id, bops) in [(row.question_id, row.unit) for row in asked]
        attached = await rows(bench, "select unit from room_unit where room_id = :id", id=room)
        assert (bops in {row.unit for row in attached}) is not is_kept_out
        seen = await protection.read_room(bench.node, officer, room, "prov")
        answered.append((seen.threat, [each.kind for each in seen.questions], seen.papers))
        for actor in (await bench.case_worker(), await bench.leader("Gerd")):
            assert ("threat.alarm_unseen" in await cards(bench, actor, case_id)) is is_kept_out
        told = await cards(bench, await bench.case_worker(), case_id)
        assert ("threat.alarm_raised" in told) is not is_kept_out
    assert answered[0] == answered[1]


async def test_no_consent_and_no_question_names_an_excluded_municipality(bench) -> None:
    case_id = await bench.investigated()
    await exclude(bench, case_id, "authority", GOTEBORG)
    with pytest.raises(DomainError, match=r"consent\.counterparty_excluded"):
        await bench.consent(case_id)
    asta = await bench.case_worker()
    with pytest.raises(DomainError, match=r"placement\.excluded"):
        await cases.ask_placement(bench.node, asta, cases.AskPlacement(case_id, 1, GOTEBORG))


async def test_an_excluded_police_unit_is_not_asked(bench) -> None:
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await exclude(bench, case_id, "unit", "lpo-linkoping")
    with pytest.raises(DomainError, match=r"threat\.unit_excluded"):
        await bench.threat_asked(case_id, "lpo-linkoping")
