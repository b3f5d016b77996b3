"""Scenario 5 at the services: a school reports, the route is followed, somebody competent judges."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.cases import api as cases
from services.decisions.api import decisions_of
from services.intake.api import (
    AssessConcern,
    DecideConcern,
    ReportConcern,
    SettleStep,
    assess_concern,
    decide_concern,
    read_concern,
    report_concern,
    settle_step,
)
from services.staff import api as staff
from shared.db.audit import audit_entry
from shared.db.cards import open_cards
from shared.errors import AccessDenied, Conflict, DomainError

pytestmark = pytest.mark.servers

CAME_OF_AGE_ON_17_NOVEMBER = "20081117-9936"
OBSERVED = "Eleven sprider hatbudskap på rasten."


def reported(**changes):
    given = {
        "kind": "radicalisation",
        "reporter": "school",
        "reporter_name": "Rektor vid Provskolan",
        "channel": "message",
        "personal_number": CAME_OF_AGE_ON_17_NOVEMBER,
        "given_name": "Ludde",
        "family_name": "Kanariefågel",
        "registered_municipality": "0580",
        "protected_identity": "EXIT_THREAT",
        "observed": OBSERVED,
    }
    return ReportConcern(**{**given, **changes})


async def begun(bench, **changes):
    """A reported concern whose team leader is a member too."""
    asta, gun = await bench.case_worker(), await bench.leader()
    case_id = await report_concern(bench.node, asta, reported(**changes))
    await bench.assign(case_id, gun, gun, "team_leader")
    return case_id


def step(case_id, name, ground="own_task", **changes):
    taken = SettleStep(case_id, 1, name, "taken", ground, "Kontaktad i dag.", "Samordnaren")
    return replace(taken, **changes)


async def followed(bench, **changes):
    """As `begun`, with every step of an adult's route taken or left."""
    case_id = await begun(bench, **changes)
    asta = await bench.case_worker()
    for each in (
        step(case_id, "safety_check", told=""),
        step(case_id, "extremism_coordinator"),
        step(case_id, "police", None, outcome="left", text="Inget brott att förebygga än."),
    ):
        await settle_step(bench.node, asta, each)
    return case_id


async def learnt(bench, actor, **changes):
    record = staff.RecordCompetence(
        actor.staff_id, "radicalisation", "Metodkurs", date(2025, 1, 1), date(2027, 6, 1)
    )
    return await staff.record_competence(
        bench.node, await bench.leader(), replace(record, **changes)
    )


async def judged(bench, case_id, opinion="open"):
    asta = await bench.case_worker()
    await learnt(bench, asta)
    command = AssessConcern(case_id, 1, opinion, "Tecken på radikalisering.")
    return await assess_concern(bench.node, asta, command)


async def test_a_report_begins_a_preliminary_assessment_with_its_route(bench):
    case_id = await begun(bench)
    asta = await bench.case_worker()
    concern = await read_concern(bench.node, asta, case_id)
    assert (concern.is_preliminary, concern.observed) == (True, OBSERVED)
    assert [(each.step.name, each.status) for each in concern.route] == [
        ("safety_check", "next"),
        ("extremism_coordinator", "later"),
        ("police", "later"),
        ("guardians", "not_for_adults"),
        ("reporter", "not_for_adults"),
    ]
    assert {each.since for each in concern.route[3:]} == {date(2026, 11, 17)}
    assert (concern.is_adult, concern.assess_by) == (True, None)


async def test_where_the_age_is_not_known_the_route_is_that_of_the_young(bench):
    case_id = await begun(bench, personal_number=None)
    concern = await read_concern(bench.node, await bench.case_worker(), case_id)
    assert concern.assess_by == bench.today + timedelta(days=14)
    assert (concern.route[3].status, concern.is_adult) == ("later", False)


async def test_each_hand_off_stands_with_its_ground_and_who_and_when(bench):
    case_id = await followed(bench)
    asta = await bench.case_worker()
    concern = await read_concern(bench.node, asta, case_id)
    told, left = concern.route[1].settled, concern.route[2].settled
    assert (told.ground, told.told, told.by) == ("own_task", "Samordnaren", asta.staff_id)
    assert (left.ground, left.outcome) == (None, "left")
    async with bench.worker_node.db.begin(bench.worker) as uow:
        rows = (await uow.execute(audit_entry.select())).mappings().all()
    mine = [row for row in rows if row["case_id"] == case_id]
    actions = [row["action"] for row in mine]
    assert actions.count("concern.step_taken") == 2
    assert actions.count("concern.step_left") == 1
    assert "police" not in str([row["facts"] for row in mine])


async def test_a_step_out_of_turn_or_twice_is_refused(bench):
    case_id = await begun(bench)
    asta = await bench.case_worker()
    with pytest.raises(DomainError) as refused:
        await settle_step(bench.node, asta, step(case_id, "police", "secrecy.necessary"))
    assert refused.value.code == "concern.step_before"
    await settle_step(bench.node, asta, step(case_id, "safety_check"))
    with pytest.raises(Conflict, match=r"concern\.step_settled"):
        await settle_step(bench.node, asta, step(case_id, "safety_check"))


async def test_who_has_not_learnt_it_does_not_assess_nor_when_it_has_expired(bench):
    case_id = await followed(bench)
    asta = await bench.case_worker()
    command = AssessConcern(case_id, 1, "open", "Skäl.")
    await learnt(bench, asta, kind="exit_work")
    await learnt(bench, asta, valid_until=bench.today - timedelta(days=1))
    with pytest.raises(DomainError) as refused:
        await assess_concern(bench.node, asta, command)
    assert refused.value.code == "concern.competence_missing"
    assert (await read_concern(bench.node, asta, case_id)).may_assess is False
    bench.clock.move(timedelta(seconds=1))  # the newest record of a kind counts
    await learnt(bench, asta)
    await assess_concern(bench.node, asta, command)
    assert (await read_concern(bench.node, asta, case_id)).assessment.opinion == "open"


async def test_no_case_is_opened_without_an_assessment(bench):
    case_id = await followed(bench)
    with pytest.raises(DomainError) as refused:
        await decide_concern(
            bench.node,
            await bench.leader(),
            DecideConcern(case_id, 1, "open", True, "Skäl."),
        )
    assert refused.value.code == "concern.assessment_missing"
    file = await cases.read_case(bench.node, await bench.case_worker(), case_id, "läser")
    assert file.header.state == "PRELIMINARY"


async def test_an_adult_who_does_not_want_it_is_not_investigated(bench):
    case_id = await followed(bench)
    await judged(bench, case_id)
    gun = await bench.leader()
    with pytest.raises(DomainError) as refused:
        await decide_concern(bench.node, gun, DecideConcern(case_id, 1, "open", False, "Skäl."))
    assert refused.value.code == "concern.adult_must_agree"


async def test_whose_age_is_unknown_is_not_investigated_against_their_will(bench):
    case_id = await followed(bench, personal_number=None)
    asta, gun = await bench.case_worker(), await bench.leader()
    concern = await read_concern(bench.node, asta, case_id)
    assert (concern.is_adult, concern.must_agree) == (False, True)
    for each in concern.route:  # the young's steps apply all the same
        if each.status in {"next", "later"}:
            left = step(case_id, each.step.name, None, outcome="left", text="Åldern är inte känd.")
            await settle_step(bench.node, asta, left)
    await judged(bench, case_id)
    with pytest.raises(DomainError) as refused:
        await decide_concern(bench.node, gun, DecideConcern(case_id, 1, "open", False, "Skäl."))
    assert refused.value.code == "concern.adult_must_agree"
    await decide_concern(bench.node, gun, DecideConcern(case_id, 1, "open", True, "Vill."))


async def test_the_leader_opens_and_the_decision_stands_with_its_delegation(bench):
    case_id = await followed(bench)
    assessment_id = await judged(bench, case_id)
    gun = await bench.leader()
    async with bench.node.db.begin(gun) as uow:
        assert [card["kind"] for card in await open_cards(uow)] == ["concern.assessed"]
    await decide_concern(bench.node, gun, DecideConcern(case_id, 1, "open", True, "Vill ha hjälp."))
    file = await cases.read_case(bench.node, gun, case_id, "läser")
    assert file.header.state == "INTAKE"
    key = await bench.node.case_keys.get(cases.subject_of(case_id))
    async with bench.node.db.begin(gun) as uow:
        assert await open_cards(uow) == []
        (decision,) = await decisions_of(uow, key, case_id)
    assert (decision.kind, decision.about) == ("investigation.open", assessment_id)
    assert decision.decided_by == gun.staff_id


async def test_what_is_not_opened_ends_with_its_reasons(bench):
    case_id = await followed(bench)
    await judged(bench, case_id, "not_open")
    gun = await bench.leader()
    await decide_concern(bench.node, gun, DecideConcern(case_id, 1, "not_open", False, "Inget."))
    file = await cases.read_case(bench.node, gun, case_id, "läser")
    assert (file.header.state, file.header.ended_reason) == ("ENDED", "NOT_OPENED")


async def test_only_a_leader_decides(bench):
    case_id = await followed(bench)
    await judged(bench, case_id)
    command = DecideConcern(case_id, 1, "open", True, "Skäl.")
    with pytest.raises(DomainError) as refused:
        await decide_concern(bench.node, await bench.case_worker(), command)
    assert refused.value.code == "case.role_may_not"


async def test_a_stranger_gets_the_answer_of_a_case_that_is_not(bench):
    case_id = await followed(bench)
    bo = await bench.case_worker("Bo")
    lena = await bench.leader("Lena")
    for who in (bo, lena):
        with pytest.raises(AccessDenied):
            await read_concern(bench.node, who, case_id)
        with pytest.raises(AccessDenied):
            await settle_step(bench.node, who, step(case_id, "guardians"))
        with pytest.raises(AccessDenied):
            await assess_concern(bench.node, who, AssessConcern(case_id, 1, "open", "Skäl."))
    with pytest.raises(AccessDenied):
        await decide_concern(bench.node, lena, DecideConcern(case_id, 1, "open", True, "Skäl."))


async def test_a_case_that_began_otherwise_has_no_route(bench):
    asta = await bench.case_worker()
    case_id = await bench.register()
    with pytest.raises(AccessDenied):
        await read_concern(bench.node, asta, case_id)


async def test_once_it_is_decided_the_route_is_closed(bench):
    case_id = await followed(bench)
    await judged(bench, case_id)
    gun = await bench.leader()
    await decide_concern(bench.node, gun, DecideConcern(case_id, 1, "open", True, "Skäl."))
    with pytest.raises(DomainError) as refused:
        await settle_step(bench.node, gun, step(case_id, "guardians"))
    assert refused.value.code == "case.event_not_allowed"


async def test_nobody_records_their_own_competence_and_only_leaders_record(bench):
    asta, gun = await bench.case_worker(), await bench.leader()
    record = staff.RecordCompetence(
        gun.staff_id, "radicalisation", "Kurs", date(2025, 1, 1), date(2026, 12, 31)
    )
    with pytest.raises(DomainError) as refused:
        await staff.record_competence(bench.node, gun, record)
    assert refused.value.code == "competence.own"
    with pytest.raises(AccessDenied):
        await staff.record_competence(bench.node, asta, record)
    await learnt(bench, asta)
    assert [each.display_name for each in await staff.competences(bench.node, asta)] == ["Asta"]
    assert len(await staff.competences(bench.node, gun)) == 1
    assert await staff.competences(bench.node, await bench.case_worker("Bo")) == []
