"""The joint entry assessment: when it may begin, who signs what, and what each outcome leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from services.cases import api as cases
from services.cases.api import Admit, Answered, AssessEntry, MarkReady, RefuseEntry
from services.protection import api as protection
from services.protection.api import room_of
from services.protection.store import paper
from shared.db import StorageError
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import SubjectId
from tests.support.casework import GOTEBORG, nobody, open_bench
from tests.support.entry import (
    answers,
    ask_and_answer,
    assessed,
    assessing,
    coordinator,
    investigated,
    police_sign,
    sign,
    view,
)
from tests.support.night import waits_for_review

pytestmark = pytest.mark.servers


@pytest.fixture
async def goteborg(postgres_server):
    """Göteborg's node without an exchange, fresh."""
    made = await open_bench(await postgres_server.fresh_node_databases("1480"), GOTEBORG)
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


async def refusal(attempt):
    with pytest.raises((DomainError, Conflict)) as error:
        await attempt
    return error.value.code


async def header(bench, case_id):
    return (await view(bench, case_id)).header


async def admit(bench, case_id, entry_id):
    await cases.admit(bench.node, await coordinator(bench), Admit(case_id, 1, entry_id))


async def refuse(bench, case_id, entry_id, reason="NO_PROTECTION_NEED"):
    command = RefuseEntry(case_id, 1, entry_id, reason)
    await cases.refuse_entry(bench.node, await coordinator(bench), command)


async def ready(bench, case_id):
    await cases.mark_ready(bench.node, await bench.case_worker(), MarkReady(case_id, 1))


async def test_the_assessment_begins_when_every_track_is_answered(bench):
    case_id = await investigated(bench, threat=None, finding=None, consents=False, needs=False)
    with pytest.raises(DomainError) as error:
        await ready(bench, case_id)
    assert error.value.code == "entry.not_ready"
    assert error.value.facts == {"tracks": "residence,threat,consent,needs"}
    assert (await view(bench, case_id)).missing == ("residence", "threat", "consent", "needs")
    await bench.consent(case_id, purposes=("threat_assessment", "cooperation"))
    await ask_and_answer(bench, case_id, "NONE_KNOWN")
    assert (await view(bench, case_id)).missing == ("residence", "needs")


async def test_a_consent_for_something_else_does_not_let_the_police_see_the_assessment(bench):
    case_id = await investigated(bench, consents=False, threat=None)
    await bench.consent(case_id, purposes=("threat_assessment", "handover"))
    await ask_and_answer(bench, case_id, "LOW")
    assert (await view(bench, case_id)).missing == ("consent",)


async def test_both_parties_sign_and_the_person_is_admitted(bench):
    case_id = await assessing(bench)
    entry_id = await assessed(bench, case_id)
    assert (await view(bench, case_id)).wanted == ("municipality", "police")
    assert await refusal(admit(bench, case_id, entry_id)) == "entry.unsigned"
    await sign(bench, case_id, entry_id)
    assert await refusal(admit(bench, case_id, entry_id)) == "entry.unsigned"
    await police_sign(bench, case_id, entry_id)
    await admit(bench, case_id, entry_id)
    seen = await view(bench, case_id)
    assert seen.header.state == "AGREEMENT_PENDING"
    assert [each.party for each in seen.signatures] == ["municipality", "police"]
    assert len({each.signed_by for each in seen.signatures}) == 2
    assert seen.decision.outcome == "ADMITTED"
    policy = bench.node.policies.on(bench.today)
    assert (seen.policy_from, seen.policy_sha256) == (policy.valid_from, policy.sha256)


async def test_a_changed_answer_takes_away_every_signature(bench):
    case_id = await assessing(bench)
    first = await assessed(bench, case_id)
    await sign(bench, case_id, first)
    await police_sign(bench, case_id, first)
    second = await assessed(bench, case_id)
    seen = await view(bench, case_id)
    assert (seen.signatures, seen.police_word) == ((), None)
    assert await refusal(sign(bench, case_id, first)) == "entry.superseded"
    assert await refusal(police_sign(bench, case_id, first)) == "paper.replaced"
    assert await refusal(admit(bench, case_id, first)) == "entry.superseded"
    await sign(bench, case_id, second)
    assert await refusal(admit(bench, case_id, second)) == "entry.unsigned"


async def test_the_police_may_disagree_and_then_nothing_is_decided(bench):
    case_id = await assessing(bench)
    entry_id = await assessed(bench, case_id)
    await sign(bench, case_id, entry_id)
    await police_sign(bench, case_id, entry_id, "NOT_AGREED")
    assert (await view(bench, case_id)).police_word == "NOT_AGREED"
    assert await refusal(admit(bench, case_id, entry_id)) == "entry.police_disagree"
    assert await refusal(police_sign(bench, case_id, entry_id)) == "db.changed_meanwhile"


async def test_a_refusal_takes_a_second_person_and_names_what_failed(bench):
    case_id = await assessing(bench, threat="NONE_KNOWN")
    entry_id = await assessed(bench, case_id, "violent_extremism", target_group="no")
    seen = await view(bench, case_id)
    assert seen.wanted == ("municipality", "police", "second")
    assert seen.assessment.outcome.failed == ("target_group", "threat", "protection_need")
    siv, gun = await coordinator(bench), await bench.leader()
    assert await refusal(sign(bench, case_id, entry_id, gun, "second")) == (
        "entry.first_signs_first"
    )
    await sign(bench, case_id, entry_id)
    assert await refusal(sign(bench, case_id, entry_id, siv, "second")) == "entry.same_person"
    await sign(bench, case_id, entry_id, gun, "second")
    await police_sign(bench, case_id, entry_id)
    assert await refusal(admit(bench, case_id, entry_id)) == "entry.not_met"
    assert await refusal(refuse(bench, case_id, entry_id, "NO_CONSENT")) == (
        "entry.reason_not_failed"
    )
    await refuse(bench, case_id, entry_id)
    seen = await view(bench, case_id)
    assert (seen.header.state, seen.header.ended_reason) == ("ENDED", "NOT_ADMITTED")
    assert (seen.decision.outcome, seen.decision.second) == ("NO_PROTECTION_NEED", gun.staff_id)
    with pytest.raises(AccessDenied):
        await protection.read_room(
            bench.node, await bench.officer(), room_of(SubjectId(case_id)), "läser"
        )


async def test_a_refused_entry_leaves_the_application_for_assistance_open(bench):
    case_id = await assessing(bench, threat="NONE_KNOWN")
    entry_id = await assessed(bench, case_id)
    siv, gun = await coordinator(bench), await bench.leader()
    await sign(bench, case_id, entry_id)
    await sign(bench, case_id, entry_id, gun, "second")
    await police_sign(bench, case_id, entry_id)
    await refuse(bench, case_id, entry_id)
    assert len((await view(bench, case_id)).open_applications) == 1
    (row,) = await cases.worklist(bench.node, siv)
    assert (row.state, row.next) == ("ENDED", "decide_aid")
    bench.clock.move(timedelta(minutes=1))
    note = cases.WriteNote(case_id, 1, "judgement", "x", "", bench.today)
    assert await refusal(cases.write_note(bench.node, siv, note)) == "case.closed"
    decision = cases.DecideAid(
        case_id,
        1,
        "aid.counselling",
        "REFUSED",
        "occupation",
        "Stöd att hitta arbete.",
        "Behovet tillgodoses på annat sätt.",
    )
    aid_id = await cases.decide_aid(bench.node, gun, decision)
    await cases.record_told(bench.node, siv, cases.RecordTold(case_id, 1, aid_id, bench.today))
    assert (await view(bench, case_id)).open_applications == ()
    assert (await cases.worklist(bench.node, siv))[0].next is None


async def test_no_entry_is_refused_while_a_decision_at_once_waits(bench):
    case_id = await assessing(bench, threat="NONE_KNOWN")
    entry_id = await assessed(bench, case_id)
    asta, gun = await bench.case_worker(), await bench.leader()
    await sign(bench, case_id, entry_id)
    await sign(bench, case_id, entry_id, gun, "second")
    await police_sign(bench, case_id, entry_id)
    grant = cases.DecideAid(
        case_id, 1, "aid.counselling", "GRANTED", "housing", "Samtal.", "Behövs.", bench.today
    )
    aid_id = await cases.decide_aid(bench.node, asta, grant)
    await waits_for_review(bench, case_id, aid_id)
    assert await refusal(refuse(bench, case_id, entry_id)) == "immediate.waits"
    bench.clock.move(timedelta(minutes=1))
    command = cases.ReviewImmediate(case_id, 1, aid_id, "CONFIRMED")
    await cases.review_immediate(bench.node, asta, command)
    await refuse(bench, case_id, entry_id)
    assert (await header(bench, case_id)).ended_reason == "NOT_ADMITTED"


async def test_an_unclear_condition_is_signed_by_nobody_and_decides_nothing(bench):
    case_id = await assessing(bench)
    entry_id = await assessed(bench, case_id, motivation="unclear")
    seen = await view(bench, case_id)
    assert (seen.assessment.outcome.verdict, seen.wanted) == ("UNCLEAR", ())
    assert await refusal(sign(bench, case_id, entry_id)) == "entry.unclear_unsigned"
    assert await refusal(police_sign(bench, case_id, entry_id)) == "paper.draft"
    assert await refusal(admit(bench, case_id, entry_id)) == "entry.unclear"
    assert await refusal(refuse(bench, case_id, entry_id)) == "entry.unclear"


async def test_what_the_file_says_is_not_answered_otherwise(bench):
    case_id = await assessing(bench, finding="OTHER")
    given = [
        Answered("residence", "yes", "Vi tycker det.") if each.criterion == "residence" else each
        for each in await answers(bench, case_id)
    ]
    command = AssessEntry(case_id, 1, "criminal_network", tuple(given))
    attempt = cases.assess_entry(bench.node, await coordinator(bench), command)
    assert await refusal(attempt) == "entry.against_facts"


async def test_a_newer_fact_in_the_file_asks_for_a_new_assessment(bench):
    case_id = await assessing(bench)
    entry_id = await assessed(bench, case_id)
    await sign(bench, case_id, entry_id)
    await police_sign(bench, case_id, entry_id)
    bench.clock.move(timedelta(minutes=1))
    await bench.found_elsewhere(case_id)
    assert not (await view(bench, case_id)).assessment.is_current
    assert await refusal(admit(bench, case_id, entry_id)) == "entry.facts_changed"


async def test_only_whom_the_delegation_order_names_signs(bench):
    case_id = await assessing(bench)
    entry_id = await assessed(bench, case_id)
    for who in (await bench.case_worker(), await bench.leader()):
        assert await refusal(sign(bench, case_id, entry_id, who)) == "decision.not_delegate"
    with pytest.raises(AccessDenied):
        await sign(bench, case_id, entry_id, nobody("exit_coordinator"))
    with pytest.raises(AccessDenied):
        await police_sign(bench, case_id, entry_id, unit="bops-ost")
    with pytest.raises(AccessDenied):
        await view(bench, case_id, await bench.leader("Ulla"))


async def test_goteborg_admits_without_a_threat_by_its_own_decision(goteborg):
    case_id = await assessing(goteborg, threat=None, consents=False)
    entry_id = await assessed(goteborg, case_id, "violent_extremism", protection_need="no")
    seen = await view(goteborg, case_id)
    assert [row.code for row in seen.criteria if row.is_condition] == ["target_group"]
    assert (seen.assessment.outcome.verdict, seen.wanted) == ("MET", ("municipality",))
    await sign(goteborg, case_id, entry_id)
    await admit(goteborg, case_id, entry_id)
    assert (await header(goteborg, case_id)).state == "AGREEMENT_PENDING"


async def test_what_is_unclear_counts_for_the_person_in_goteborg(goteborg):
    case_id = await assessing(goteborg, threat=None, consents=False)
    await assessed(goteborg, case_id, "other", target_group="unclear")
    seen = await view(goteborg, case_id)
    assert (seen.assessment.outcome.verdict, seen.assessment.outcome.unclear) == (
        "MET",
        ("target_group",),
    )


async def shared(bench, until=None):
    """An assessment before the police, who have two consents; the one to cooperate can go."""
    case_id = await investigated(bench, consents=False, threat=None)
    await bench.consent(case_id, purposes=("threat_assessment",))
    until = {} if until is None else {"valid_until": until}
    cooperation = await bench.consent(case_id, purposes=("cooperation",), **until)
    await ask_and_answer(bench, case_id, "MEDIUM")
    await ready(bench, case_id)
    return case_id, await assessed(bench, case_id), cooperation


async def papers(bench, case_id):
    officer = await bench.officer("lpo-linkoping")
    room = room_of(SubjectId(case_id))
    return (await protection.read_room(bench.node, officer, room, "prov")).papers


async def kept(bench, case_id):
    async with bench.worker_node.db.begin(bench.worker) as uow:
        found = await uow.execute(select(paper.c.sealed).where(paper.c.subject_id == case_id))
        return [row.sealed for row in found]


async def test_the_police_lose_the_assessment_with_the_consent_to_cooperate(bench):
    case_id, entry_id, cooperation = await shared(bench)
    (seen,) = await papers(bench, case_id)
    assert seen.lines
    taken_back = cases.WithdrawConsent(case_id, 1, cooperation)
    await cases.withdraw_consent(bench.node, await bench.case_worker(), taken_back)
    assert await papers(bench, case_id) == ()  # the room is open: it has another consent
    with pytest.raises(AccessDenied):
        await police_sign(bench, case_id, entry_id)
    (room,) = await protection.joint_rooms(bench.node, await bench.officer("lpo-linkoping"))
    assert room.open_papers == ()
    assert await kept(bench, case_id) == [None]


async def test_the_police_lose_the_assessment_when_the_consent_to_cooperate_ends(bench):
    case_id, entry_id, _ = await shared(bench, bench.today + timedelta(days=3))
    bench.clock.move(timedelta(days=3))
    assert await papers(bench, case_id)
    bench.clock.move(timedelta(days=1))
    assert await papers(bench, case_id) == ()
    with pytest.raises(AccessDenied):
        await police_sign(bench, case_id, entry_id)


async def test_a_room_that_closes_keeps_no_paper(bench):
    case_id = await assessing(bench)
    first = await assessed(bench, case_id)
    await police_sign(bench, case_id, first)
    await assessed(bench, case_id)
    async with bench.node.db.begin(await bench.case_worker(), term=1) as uow:
        await protection.close_room(uow, SubjectId(case_id))
        await uow.commit()
    assert await kept(bench, case_id) == [None, None]


async def test_the_database_lets_nobody_rewrite_a_paper_or_say_the_polices_word(bench):
    _, entry_id, _ = await shared(bench)
    asta, officer = await bench.case_worker(), await bench.officer("lpo-linkoping")
    said = {"word": "AGREED", "given_at": bench.clock.now(), "given_by": officer.staff_id}
    for actor, values in (
        (asta, {"sealed": b"x"}),
        (asta, said),
        (asta, said | {"sealed": None}),
        (officer, said | {"sealed": None}),
        (officer, {"shared_until": bench.today + timedelta(days=900)}),
    ):
        async with bench.node.db.begin(actor, term=1) as uow:
            with pytest.raises(StorageError):
                await uow.execute(
                    update(paper).where(paper.c.paper_id == entry_id).values(**values)
                )
