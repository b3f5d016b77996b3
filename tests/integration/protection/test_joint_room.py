"""The joint room: who sees it, who may set what, how it ends. Checked in the database too."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from services.cases import api as cases
from services.protection import api as protection
from services.protection import store
from services.protection.api import (
    AnswerQuestion,
    GiveThreat,
    RaiseAlarm,
    SharedIdentity,
    ThreatEvents,
    room_of,
)
from shared.actor import Actor
from shared.db import StorageError
from shared.db.cards import open_cards
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import POLICE, SubjectId, row_id
from tests.support.casework import CANARY, GOTEBORG, NOW, nobody

pytestmark = pytest.mark.servers

ROOM_TABLES = (store.room, store.room_unit, store.threat, store.question)


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


@pytest.fixture
async def asked(bench):
    """A case whose threat the local police area has been asked to assess."""
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await bench.threat_asked(case_id)
    return case_id


def given(bench, case_id, level="MEDIUM", *, days=7, method="structured", term=1):
    review = bench.today + timedelta(days=days)
    return GiveThreat(room_of(SubjectId(case_id)), term, level, method, review)


async def give(bench, case_id, officer, level="MEDIUM", **changes):
    await protection.give_threat(bench.node, officer, given(bench, case_id, level, **changes))


async def level_of(bench, case_id):
    async with bench.node.db.begin(await bench.case_worker()) as uow:
        threat = await protection.current_threat(uow, SubjectId(case_id))
        await uow.commit()
    return threat.level if threat else None


async def rows_seen(bench, actor, table):
    async with bench.node.db.begin(actor) as uow:
        return len((await uow.execute(select(table.c.room_id))).all())


async def test_an_attached_officer_sees_code_name_identity_and_question_and_no_case(bench, asked):
    officer = await bench.officer()
    (row,) = await protection.joint_rooms(bench.node, officer)
    assert row.open_questions == ("threat",)
    assert CANARY not in repr(row)
    assert str(asked) not in repr(row)
    room = await protection.read_room(bench.node, officer, row.room_id, "bedömer")
    assert room.identity == SharedIdentity("Ture", CANARY, "199503149800")
    assert room.may_set == ("LOW", "MEDIUM")
    for attempt in (
        cases.read_case(bench.node, officer, asked, "läser"),
        cases.case_log(bench.node, officer, asked),
    ):
        with pytest.raises(AccessDenied):
            await attempt


@pytest.mark.parametrize(
    "stranger",
    [
        nobody("police_partner", home=POLICE, unit="bops-ost"),
        nobody("police_partner", home=POLICE, unit="lpo-goteborg"),
        nobody("police_partner", home=POLICE),
        nobody("police_partner", unit="lpo-linkoping"),
        nobody("case_worker", unit="lpo-linkoping"),
        nobody("case_worker", home=POLICE, unit="lpo-linkoping"),
        nobody(),
    ],
    ids=lambda a: f"{'+'.join(a.roles)}-{a.home}-{a.unit}",
)
async def test_nobody_else_sees_the_room(bench, asked, stranger):
    assert await protection.joint_rooms(bench.node, stranger) == []
    with pytest.raises(AccessDenied):
        await protection.read_room(bench.node, stranger, room_of(SubjectId(asked)), "läser")
    with pytest.raises(AccessDenied):
        await give(bench, asked, stranger)
    for table in ROOM_TABLES:
        assert await rows_seen(bench, stranger, table) == 0


async def test_a_room_that_is_not_answers_as_one_that_is_not_mine(bench, asked):
    with pytest.raises(AccessDenied):
        await protection.read_room(bench.node, await bench.officer(), uuid4(), "läser")


async def test_a_local_officer_gives_low_and_medium_and_never_high(bench, asked):
    officer = await bench.officer()
    assert await refusal(give(bench, asked, officer, "HIGH")) == "threat.unit_may_not_set"
    assert await level_of(bench, asked) is None
    await give(bench, asked, officer, "MEDIUM")
    assert await level_of(bench, asked) == "MEDIUM"
    assert (await protection.joint_rooms(bench.node, officer))[0].open_questions == ()


async def test_the_database_refuses_high_from_a_local_officer_who_writes_sql(bench, asked):
    officer = await bench.officer()
    values = {
        "room_id": room_of(SubjectId(asked)),
        "subject_id": asked,
        "unit": "lpo-linkoping",
        "method": "structured",
        "assessed_at": NOW,
        "assessed_by": officer.staff_id,
        "next_review_on": bench.today,
    }
    for changes in (
        {"level": "HIGH"},
        {"level": "LOW", "unit": "bops-ost"},
        {"level": "LOW", "assessed_by": uuid4()},
    ):
        async with bench.node.db.begin(officer, term=1) as uow:
            row = {"threat_id": row_id(NOW), **values, **changes}
            with pytest.raises(StorageError):
                await uow.execute(insert(store.threat).values(**row).inline())


async def test_bops_gives_high_and_bops_alone_ends_it(bench, asked):
    officer = await bench.officer()
    alarm = RaiseAlarm(room_of(SubjectId(asked)), 1)
    await protection.raise_alarm(bench.node, officer, alarm)
    bops = await bench.officer("bops-ost")
    (row,) = await protection.joint_rooms(bench.node, bops)
    assert row.open_questions == ("threat",)
    await give(bench, asked, bops, "HIGH", method="unstructured")
    assert await refusal(give(bench, asked, officer, "LOW")) == "threat.unit_may_not_set"
    bench.clock.move(timedelta(hours=1))
    await give(bench, asked, bops, "LOW")
    assert await level_of(bench, asked) == "LOW"
    bench.clock.move(timedelta(hours=1))
    await give(bench, asked, officer, "MEDIUM")
    assert await level_of(bench, asked) == "MEDIUM"


async def test_a_level_attaches_the_unit_that_answers_for_it(bench):
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await bench.threat_asked(case_id, "bops-ost")
    bops, officer = await bench.officer("bops-ost"), await bench.officer()
    assert await protection.joint_rooms(bench.node, officer) == []
    await give(bench, case_id, bops, "MEDIUM")
    assert len(await protection.joint_rooms(bench.node, officer)) == 1


async def test_the_next_review_is_in_time(bench, asked):
    officer = await bench.officer()
    assert await refusal(give(bench, asked, officer, days=0)) == "threat.review_in_past"
    assert await refusal(give(bench, asked, officer, days=400)) == "threat.review_too_late"


async def placement(bench, case_id, municipality=GOTEBORG):
    return await cases.ask_placement(
        bench.node, await bench.case_worker(), cases.AskPlacement(case_id, 1, municipality)
    )


async def answer(bench, case_id, question, officer, given="CLEAR"):
    await protection.answer_question(
        bench.node, officer, AnswerQuestion(room_of(SubjectId(case_id)), 1, question, given)
    )


async def test_a_placement_is_answered_once_by_the_unit_asked(bench, asked):
    officer = await bench.officer()
    await give(bench, asked, officer)
    question = await placement(bench, asked)
    assert await placement(bench, asked) == question
    asta = await bench.case_worker()
    async with bench.node.db.begin(asta) as uow:
        waiting = await protection.placement_answer(uow, SubjectId(asked), GOTEBORG)
        assert waiting.answer is None
        assert await protection.placement_answer(uow, SubjectId(asked), "0581") is None
        await uow.commit()
    with pytest.raises(AccessDenied):
        await answer(bench, asked, question, await bench.officer("bops-ost"))
    with pytest.raises(AccessDenied):
        await answer(bench, asked, uuid4(), officer)
    await answer(bench, asked, question, officer, "NOT_CLEAR")
    with pytest.raises(Conflict):
        await answer(bench, asked, question, officer)
    async with bench.node.db.begin(asta) as uow:
        known = await protection.placement_answer(uow, SubjectId(asked), GOTEBORG)
        assert known.answer == "NOT_CLEAR"
        cards = {card["kind"] for card in await open_cards(uow)}
        await uow.commit()
    assert cards == {"threat.given", "police.answered"}


async def test_a_threat_question_is_answered_by_an_assessment_or_that_no_threat_is_known(
    bench, asked
):
    officer, asta = await bench.officer(), await bench.case_worker()
    room = await protection.read_room(bench.node, officer, room_of(SubjectId(asked)), "bedömer")
    question = room.questions[0].question_id
    attempt = answer(bench, asked, question, officer, "NOT_CLEAR")
    assert await refusal(attempt) == "question.answered_by_assessment"
    await answer(bench, asked, question, officer, "CLEAR")

    async def without_threat():
        async with bench.node.db.begin(asta) as uow:
            return await protection.subjects_without_threat(uow, [asked])

    assert await without_threat() == {asked}
    assert (await cases.worklist(bench.node, asta))[0].next != "await_threat"
    await give(bench, asked, officer)
    assert await without_threat() == set()
    second = await bench.threat_asked(asked)
    attempt = answer(bench, asked, second, officer, "CLEAR")
    assert await refusal(attempt) == "question.answered_by_assessment"


async def test_a_placement_at_an_excluded_municipality_is_not_even_asked(bench, asked):
    officer = await bench.officer()
    await give(bench, asked, officer)
    exclusion = cases.SetExclusion(asked, 1, "authority", GOTEBORG, "släktingar")
    await cases.set_exclusion(bench.node, await bench.case_worker(), exclusion)
    assert await refusal(placement(bench, asked)) == "placement.excluded"
    assert await refusal(placement(bench, asked, "9999")) == "municipality.unknown"


async def test_a_question_needs_a_consent_for_its_purpose(bench):
    case_id = await bench.investigated()
    await bench.consent(case_id, purposes=("threat_assessment",))
    await bench.threat_asked(case_id)
    await give(bench, case_id, await bench.officer())
    assert await refusal(placement(bench, case_id)) == "placement.no_ground"
    await bench.consent(case_id, purposes=("placement",))
    await placement(bench, case_id)


async def test_statute_opens_the_room_without_consent_and_outlasts_it(bench):
    case_id = await bench.investigated()
    asta, officer = await bench.case_worker(), await bench.officer()
    request = cases.RequestThreat(case_id, 1, "lpo-linkoping", "osl.10_18c")
    await cases.request_threat(bench.node, asta, request)
    consent_id = await bench.consent(case_id)
    await cases.withdraw_consent(bench.node, asta, cases.WithdrawConsent(case_id, 1, consent_id))
    assert len(await protection.joint_rooms(bench.node, officer)) == 1
    await give(bench, case_id, officer)
    await placement(bench, case_id)


async def test_an_approval_to_pass_the_level_on_is_for_the_level_it_was_given_for(bench, asked):
    officer, asta = await bench.officer(), await bench.case_worker()
    await give(bench, asked, officer, "LOW")

    async def approved():
        async with bench.node.db.begin(asta) as uow:
            found = await protection.level_passing_approved(uow, SubjectId(asked), GOTEBORG)
            await uow.commit()
        return found

    assert not await approved()
    ask = cases.AskLevelPassing(asked, 1, GOTEBORG)
    question = await cases.ask_level_passing(bench.node, asta, ask)
    assert not await approved()
    await answer(bench, asked, question, officer)
    assert await approved()
    bench.clock.move(timedelta(hours=1))
    await give(bench, asked, officer, "MEDIUM")
    assert not await approved()


async def test_acute_protection_is_confirmed_for_a_handover_that_has_no_case_here(bench):
    handover_id = SubjectId(uuid4())
    asta, bops = await bench.case_worker(), await bench.officer("bops-ost")
    key = await bench.node.case_keys.ensure(room_of(handover_id))
    unit = protection.responsible_unit(bench.node, "HIGH")
    async with bench.node.db.begin(asta) as uow:
        assert not await protection.acute_protection_confirmed(uow, handover_id)
        attempt = protection.ask(uow, subject=handover_id, kind="acute_protection", unit=unit.code)
        assert await refusal(attempt) == "room.not_open"
        assert await refusal(protection.attach_unit(uow, handover_id, unit)) == "room.not_open"
        await protection.open_room(
            uow,
            key,
            subject=handover_id,
            term=0,
            code_name="Ek Dimma 70",
            identity=SharedIdentity("Ture", CANARY, None),
            is_incoming=True,
        )
        await protection.attach_unit(uow, handover_id, unit)
        question = await protection.ask(
            uow, subject=handover_id, kind="acute_protection", unit=unit.code
        )
        await uow.commit()
    command = AnswerQuestion(room_of(handover_id), 0, question, "CLEAR")
    await protection.answer_question(bench.node, bops, command)
    async with bench.node.db.begin(asta) as uow:
        assert await protection.acute_protection_confirmed(uow, handover_id)
        await protection.close_room(uow, handover_id)
        assert await protection.room_ground(uow, handover_id) is None
        await uow.commit()
    assert await protection.joint_rooms(bench.node, bops) == []


async def test_a_changed_level_is_told_upward_in_the_same_transaction(bench, asked):
    heard = []

    class Listener:
        async def on_threat_changed(self, uow, change):
            assert uow.is_open
            heard.append((change.subject, change.before, change.now))

    bench.node.provide(ThreatEvents, Listener())
    officer = await bench.officer()
    for level in ("LOW", "LOW", "MEDIUM"):
        bench.clock.move(timedelta(hours=1))
        await give(bench, asked, officer, level)
    assert heard == [(asked, None, "LOW"), (asked, "LOW", "MEDIUM")]


async def test_a_room_whose_key_is_gone_shows_no_identity(bench, asked):
    await bench.node.case_keys.destroy(room_of(SubjectId(asked)))
    room = await protection.read_room(
        bench.node, await bench.officer(), room_of(SubjectId(asked)), "bedömer"
    )
    assert room.identity is None


async def test_reading_a_room_is_in_the_cases_own_log(bench, asked):
    officer = await bench.officer()
    await protection.read_room(bench.node, officer, room_of(SubjectId(asked)), "bedömer")
    rows = await cases.case_log(bench.node, await bench.case_worker(), asked)
    reads = [(r.display_name, r.reason) for r in rows if r.action == "room.read"]
    assert reads == [("lpo-linkoping", "bedömer")]


async def test_only_units_that_cover_the_municipality_are_offered(bench):
    assert {unit.code for unit in protection.police_units(bench.node)} == {
        "bops-ost",
        "lpo-linkoping",
    }
    assert protection.responsible_unit(bench.node, "HIGH").code == "bops-ost"
    assert protection.responsible_unit(bench.node, "LOW").code == "lpo-linkoping"


async def test_a_level_without_a_unit_here_says_so(bench, monkeypatch):
    monkeypatch.setattr("services.protection.handlers.units.police_units", lambda _node: [])
    with pytest.raises(DomainError) as refused:
        protection.responsible_unit(bench.node, "HIGH")
    assert refused.value.code == "threat.no_unit_for_level"


async def test_a_second_unit_of_the_same_name_elsewhere_opens_nothing(bench, asked):
    """The claim comes from the police realm: the same unit's name in a local account is nothing."""
    local = Actor(
        uuid4(), bench.node.authority, bench.node.authority, frozenset({"police_partner"})
    )
    assert await protection.joint_rooms(bench.node, local) == []
