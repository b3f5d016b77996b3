"""The review after a relapse on a real database: heard, assessed anew, tried again, then decided."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.cases import api as cases
from services.cases.store import headers
from services.protection import api as protection
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import SubjectId
from tests.support.cards import cards
from tests.support.casework import GOTEBORG, nobody, open_bench, started
from tests.support.entry import admitted, coordinator

pytestmark = pytest.mark.servers


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


@pytest.fixture
async def goteborg(postgres_server):
    made = await open_bench(await postgres_server.fresh_node_databases("1480"), "1480")
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


async def reported(bench, **changes):
    """A case of the programme whose relapse is reported."""
    case_id = await admitted(bench)
    aid_id = await started(bench, case_id)
    given = {"suspicion": "CRIME", "source": "POLICE", "text": "Gripen i går.", **changes}
    command = cases.ReportRelapse(case_id, 1, **given)
    return (
        case_id,
        aid_id,
        await cases.report_relapse(bench.node, await bench.case_worker(), command),
    )


async def heard(bench, case_id, review_id, **changes):
    given = {"heard_on": bench.today, "words": "Det stämmer inte.", **changes}
    command = cases.HearPerson(case_id, 1, review_id, **given)
    await cases.hear_person(bench.node, await bench.case_worker(), command)


async def prepared(bench):
    """Everything before a proposal is done."""
    case_id, aid_id, review_id = await reported(bench)
    await heard(bench, case_id, review_id)
    bench.clock.move(timedelta(hours=1))
    await bench.assessed(case_id, "LOW", "lpo-linkoping")
    tried = cases.RetryAid(case_id, 1, review_id, aid_id, "CHANGED", "Tätare träffar.")
    await cases.retry_aid(bench.node, await bench.case_worker(), tried)
    return case_id, aid_id, review_id


def proposal(case_id, review_id, **changes):
    given = {
        "reason": "EXCLUDED_RELAPSE",
        "broken": ("no_crime",),
        "reasons": "Villkoret har brutits flera gånger.",
        "safety_plan": "Ny bostad finns, socialjouren vet.",
    }
    return cases.ProposeExclusion(case_id, 1, review_id, **{**given, **changes})


async def police_say(bench, case_id, word):
    officer = await bench.officer()
    room = protection.room_of(SubjectId(case_id))
    seen = await protection.read_room(bench.node, officer, room, "svar")
    paper = next(each for each in seen.papers if each.kind == "exclusion")
    await protection.sign_paper(
        bench.node, officer, protection.SignPaper(room, 1, paper.paper_id, word)
    )
    return paper


async def view(bench, case_id, actor=None):
    return await cases.read_relapse(bench.node, actor or await bench.case_worker(), case_id, "prov")


async def test_a_person_is_excluded_by_two_and_the_police_after_everything_else_is_tried(bench):
    siv, gun = await coordinator(bench), await bench.leader()
    case_id, aid_id, review_id = await prepared(bench)
    first = await cases.propose_exclusion(bench.node, siv, proposal(case_id, review_id))
    support = cases.SupportExclusion(case_id, 1, review_id, first)
    ending = cases.ExcludePerson(case_id, 1, review_id, first)
    assert await refusal(cases.exclude_person(bench.node, siv, ending)) == "relapse.not_supported"
    assert await refusal(cases.support_exclusion(bench.node, siv, support)) == "relapse.same_person"
    for other in ("Asta", "Bo"):
        attempt = cases.support_exclusion(bench.node, await bench.case_worker(other), support)
        assert await refusal(attempt) == "decision.not_second"
    await cases.support_exclusion(bench.node, gun, support)
    assert await refusal(cases.exclude_person(bench.node, siv, ending)) == "relapse.police_wait"
    paper = await police_say(bench, case_id, "NOT_AGREED")
    assert [line.text for line in paper.lines if line.text] == [
        "Villkoret har brutits flera gånger.",
        "Ny bostad finns, socialjouren vet.",
    ]
    assert await refusal(cases.exclude_person(bench.node, siv, ending)) == "relapse.police_disagree"
    second = await cases.propose_exclusion(
        bench.node, siv, proposal(case_id, review_id, reasons="Villkoret bröts i går och i maj.")
    )
    assert await refusal(cases.support_exclusion(bench.node, gun, support)) == (
        "relapse.proposal_replaced"
    )
    assert (await view(bench, case_id)).missing == ("support", "police")
    await cases.support_exclusion(bench.node, gun, replace(support, proposal_id=second))
    await police_say(bench, case_id, "AGREED")
    for wrong in (gun, await bench.case_worker()):
        attempt = cases.exclude_person(bench.node, wrong, replace(ending, proposal_id=second))
        assert await refusal(attempt) == "case.role_may_not"
    await cases.exclude_person(bench.node, siv, replace(ending, proposal_id=second))

    file = await cases.read_case(bench.node, siv, case_id, "prov")
    assert (file.header.state, file.header.ended_reason) == ("ENDED", "EXCLUDED_RELAPSE")
    found = await cases.read_programme(bench.node, siv, case_id, "prov")
    assert found.running == (aid_id,)
    made = found.decisions[-1]
    assert (made.kind, made.decided_by, made.second) == (
        "exclusion.decide",
        siv.staff_id,
        gun.staff_id,
    )
    assert (await view(bench, case_id)).reviews[0].decided == "Villkoret bröts i går och i maj."
    assert await protection.joint_rooms(bench.node, await bench.officer()) == []
    # Aid is decided on in the same file; nothing else is.
    more = cases.DecideAid(
        case_id, 1, "aid.financial_within_norm", "GRANTED", "economy", "x", "y", bench.today
    )
    asta = await bench.case_worker()
    await cases.decide_aid(bench.node, asta, more)
    goal = cases.SetGoal(case_id, 1, "housing", "x", bench.today + timedelta(days=9))
    assert await refusal(cases.set_goal(bench.node, asta, goal)) == "case.closed"


async def test_the_polices_no_outlives_the_consent_that_let_them_say_it(bench):
    siv, gun, asta = await coordinator(bench), await bench.leader(), await bench.case_worker()
    case_id, _, review_id = await prepared(bench)
    first = await cases.propose_exclusion(bench.node, siv, proposal(case_id, review_id))
    support = cases.SupportExclusion(case_id, 1, review_id, first)
    await cases.support_exclusion(bench.node, gun, support)
    await police_say(bench, case_id, "NOT_AGREED")
    for given in (await cases.read_case(bench.node, asta, case_id, "prov")).consents:
        withdrawn = cases.WithdrawConsent(case_id, 1, given.consent_id)
        await cases.withdraw_consent(bench.node, asta, withdrawn)
    seen = await view(bench, case_id)
    assert (seen.is_police_wanted, seen.police, seen.missing) == (False, "NOT_AGREED", ())
    ending = cases.ExcludePerson(case_id, 1, review_id, first)
    assert await refusal(cases.exclude_person(bench.node, siv, ending)) == "relapse.police_disagree"
    # Nor does a new proposal, which they never read, take it back.
    again = await cases.propose_exclusion(
        bench.node, siv, proposal(case_id, review_id, reasons="Omskrivet.")
    )
    await cases.support_exclusion(bench.node, gun, replace(support, proposal_id=again))
    ending = replace(ending, proposal_id=again)
    assert await refusal(cases.exclude_person(bench.node, siv, ending)) == "relapse.police_disagree"
    assert (await view(bench, case_id)).is_refused_by_police


async def test_the_register_names_who_decided_and_the_level_must_still_hold(bench):
    siv, gun = await coordinator(bench), await bench.leader()
    ulf = await coordinator(bench, "Ulf")
    case_id, _, review_id = await prepared(bench)
    await bench.assign(case_id, gun, ulf, "exit_coordinator")
    made = await cases.propose_exclusion(bench.node, siv, proposal(case_id, review_id))
    await cases.support_exclusion(
        bench.node, gun, cases.SupportExclusion(case_id, 1, review_id, made)
    )
    await police_say(bench, case_id, "AGREED")
    ending = cases.ExcludePerson(case_id, 1, review_id, made)
    bench.clock.move(timedelta(days=8))
    assert (await view(bench, case_id)).missing == ("threat",)
    assert await refusal(cases.exclude_person(bench.node, ulf, ending)) == "relapse.threat_first"
    await bench.assessed(case_id, "LOW", "lpo-linkoping", days=3)
    await cases.exclude_person(bench.node, ulf, ending)
    decided = (await cases.read_programme(bench.node, siv, case_id, "prov")).decisions[-1]
    assert (decided.decided_by, decided.second) == (ulf.staff_id, gun.staff_id)


async def test_the_programme_goes_on_with_a_changed_plan(bench):
    siv, asta = await coordinator(bench), await bench.case_worker()
    case_id, _, review_id = await reported(bench)
    assert (await cases.read_case(bench.node, asta, case_id, "prov")).next == "review_relapse"
    assert "relapse.reported" in await cards(bench, siv, case_id)
    soon = bench.today + timedelta(days=30)
    going_on = cases.ContinueProgramme(case_id, 1, review_id, "Möten varje vecka.", soon)
    assert await refusal(cases.continue_programme(bench.node, siv, going_on)) == "relapse.not_heard"
    await heard(bench, case_id, review_id, is_refused=True, words="Tillfrågad i telefon.")
    await cases.continue_programme(bench.node, siv, going_on)
    found = await cases.read_programme(bench.node, asta, case_id, "prov")
    assert (found.header.state, found.follow_up_on) == ("ACTIVE", soon)
    with pytest.raises(Conflict):
        await heard(bench, case_id, review_id)
    again = cases.ReportRelapse(case_id, 1, "DRUGS", "REGISTER_CHECK", "x")
    assert await refusal(cases.report_relapse(bench.node, asta, again)) == "relapse.no_such_answer"
    bench.clock.move(timedelta(minutes=1))
    await cases.report_relapse(bench.node, asta, replace(again, source="PERSON"))
    reviews = (await view(bench, case_id)).reviews
    assert [each.outcome for each in reviews] == [None, "CONTINUED"]
    assert reviews[1].decided == "Möten varje vecka."


async def test_a_review_ends_with_the_case_and_keeps_no_later_one_out(bench):
    siv, gun, asta = await coordinator(bench), await bench.leader(), await bench.case_worker()
    case_id, _, review_id = await reported(bench)
    wish = cases.EndAtPersonsWish(case_id, 1, "Vill inte mer.", "samtal")
    await cases.end_at_persons_wish(bench.node, asta, wish)
    (ended,) = (await view(bench, case_id)).reviews
    assert (ended.outcome, ended.ended_by, ended.decided) == (
        "ENDED_OTHERWISE",
        asta.staff_id,
        "",
    )
    await cases.reopen_case(bench.node, gun, cases.ReopenCase(case_id, 1, "Har ångrat sig."))
    async with bench.node.db.begin(asta, term=1) as uow:
        header = await headers.load(uow, case_id, lock=True)
        await headers.change_state(uow, header, "ACTIVE")
        await uow.commit()
    bench.clock.move(timedelta(minutes=1))
    again = cases.ReportRelapse(case_id, 1, "DRUGS", "PERSON", "Berättar själv.")
    second = await cases.report_relapse(bench.node, siv, again)
    assert [each.review_id for each in (await view(bench, case_id)).reviews] == [second, review_id]


async def test_a_review_ends_when_the_case_is_taken_over_elsewhere(bench):
    case_id, _, _ = await reported(bench)
    handover_id = uuid4()
    async with bench.node.db.begin(await bench.case_worker(), term=1) as uow:
        await cases.mark_open_handover(uow, case_id, handover_id)
        await uow.commit()
    async with bench.worker_node.db.begin(bench.worker) as uow:
        await cases.enter_term(uow, case_id, 1)
        await cases.end_transferred(uow, case_id, handover_id, to=GOTEBORG)
        await uow.commit()
    seen = await view(bench, case_id)
    assert (seen.open, [each.outcome for each in seen.reviews]) == (None, ["ENDED_OTHERWISE"])


async def test_what_is_known_of_a_relapse_is_sealed_and_for_members_only(bench, postgres_server):
    case_id, _, review_id = await reported(bench, text="Kanariefågel gripen")
    for actor in (nobody("case_worker"), nobody("police_partner", home="9001")):
        with pytest.raises(AccessDenied):
            await cases.read_relapse(bench.node, actor, case_id, "prov")
    async with bench.node.db.begin(nobody("case_worker")) as uow:
        for table in ("case_relapse", "case_relapse_hearing", "case_relapse_aid"):
            assert (await uow.execute(text(f"select count(*) from {table}"))).scalar_one() == 0
    async with bench.node.db.begin(await bench.case_worker()) as uow:
        row = (await uow.execute(text("select * from case_relapse"))).one()
    assert row.review_id == review_id
    assert "Kanariefågel".encode() not in bytes(row.sealed)
    assert b"CRIME" not in bytes(row.sealed)


async def test_in_goteborg_whose_documents_say_nothing_of_it_nobody_is_excluded(goteborg):
    bench = goteborg
    case_id = await bench.admitted(registered_municipality="1480")
    siv = await coordinator(bench)
    await bench.assign(case_id, await bench.leader(), siv, "exit_coordinator")
    await started(bench, case_id)
    report = cases.ReportRelapse(case_id, 1, "DRUGS", "PERSON", "Berättar själv.")
    review_id = await cases.report_relapse(bench.node, await bench.case_worker(), report)
    await heard(bench, case_id, review_id)
    attempt = cases.propose_exclusion(bench.node, siv, proposal(case_id, review_id))
    assert await refusal(attempt) == "relapse.no_rule"
    seen = await view(bench, case_id)
    assert (seen.has_rule, seen.is_police_wanted, seen.verified) == (False, False, True)
    going_on = cases.ContinueProgramme(
        case_id, 1, review_id, "Nytt stöd.", bench.today + timedelta(days=30)
    )
    await cases.continue_programme(bench.node, siv, going_on)
