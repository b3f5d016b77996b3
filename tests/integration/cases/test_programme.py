"""From the agreement to the closing, on a real database: who may, what is kept, what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from gateway.policies import load_federation
from services.cases import api as cases
from services.cases.domain.counting import Bought
from services.cases.store import files, headers, plan_tables, tables
from services.decisions import api as decisions
from services.protection import api as protection
from shared.db import StorageError, add_row
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import SubjectId, random_id, row_id
from tests.support.cards import cards
from tests.support.casework import CANARY, GOTEBORG
from tests.support.night import waits_for_review

pytestmark = pytest.mark.servers


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def coordinator(bench):
    return await bench.person("Karin", "exit_coordinator")


def signed(case_id, bench, **changes):
    given = {"conditions": ("no_crime", "keep_contact"), "signed_on": bench.today}
    return cases.SignAgreement(case_id, 1, **{**given, **changes})


def counselling(case_id, bench, **changes):
    given = {
        "kind": "aid.counselling",
        "outcome": "GRANTED",
        "area": "occupation",
        "matter": "Kontaktperson två gånger i veckan.",
        "reasons": "Behovet kan inte tillgodoses på annat sätt.",
        "granted_from": bench.today,
    }
    return cases.DecideAid(case_id, 1, **{**given, **changes})


async def decide(bench, case_id, actor=None, **changes):
    actor = actor or await bench.case_worker()
    return await cases.decide_aid(bench.node, actor, counselling(case_id, bench, **changes))


async def read(bench, case_id):
    return await cases.read_programme(bench.node, await bench.case_worker(), case_id, "prov")


async def state(bench, case_id):
    file = await cases.read_case(bench.node, await bench.case_worker(), case_id, "prov")
    return file.header.state, file.next


async def started(bench):
    """A case in the programme: agreement, decision, plan."""
    asta = await bench.case_worker()
    case_id = await bench.admitted()
    await cases.sign_agreement(bench.node, asta, signed(case_id, bench))
    aid_id = await decide(bench, case_id)
    start = cases.StartProgramme(case_id, 1, bench.today + timedelta(days=60))
    await cases.start_programme(bench.node, asta, start)
    goal = cases.SetGoal(case_id, 1, "housing", "Egen bostad.", bench.today + timedelta(days=90))
    return case_id, aid_id, await cases.set_goal(bench.node, asta, goal)


async def follow_up(bench, case_id, goal_id, score):
    command = cases.RecordFollowUp(
        case_id,
        1,
        bench.today,
        (cases.GoalScore(goal_id, score),),
        "Det går framåt.",
        "Jag vill fortsätta.",
        bench.today + timedelta(days=80),
    )
    return await cases.record_follow_up(bench.node, await bench.case_worker(), command)


async def low_threat(bench, case_id):
    await bench.threat_asked(case_id)
    officer = await bench.officer()
    room = protection.room_of(SubjectId(case_id))
    given = protection.GiveThreat(room, 1, "MEDIUM", "structured", bench.today + timedelta(days=30))
    await protection.give_threat(bench.node, officer, given)
    return officer, room


async def test_a_case_goes_from_agreement_to_completion_and_each_step_is_in_the_file(bench):
    asta, karin = await bench.case_worker(), await coordinator(bench)
    case_id = await bench.admitted()
    assert await state(bench, case_id) == ("AGREEMENT_PENDING", "sign_agreement")
    await bench.assign(case_id, await bench.leader(), karin, "exit_coordinator")
    start = cases.StartProgramme(case_id, 1, bench.today + timedelta(days=60))
    assert await refusal(cases.start_programme(bench.node, asta, start)) == (
        "programme.agreement_missing"
    )
    paper = await bench.document(case_id, title="Överenskommelse", section="journal")
    await cases.sign_agreement(bench.node, asta, signed(case_id, bench, paper=paper))
    assert await refusal(cases.start_programme(bench.node, asta, start)) == (
        "programme.decision_missing"
    )
    aid_id = await decide(bench, case_id)
    await cases.start_programme(bench.node, asta, start)
    assert await state(bench, case_id) == ("ACTIVE", "carry_out_decision")
    await cases.record_told(bench.node, asta, cases.RecordTold(case_id, 1, aid_id, bench.today))
    measure = cases.StartMeasure(case_id, 1, aid_id, "Kontaktperson", bench.today, "Stöd AB")
    measure_id = await cases.start_measure(bench.node, asta, measure)
    goal = cases.SetGoal(case_id, 1, "housing", "Egen bostad.", bench.today + timedelta(days=90))
    goal_id = await cases.set_goal(bench.node, asta, goal)
    assert await state(bench, case_id) == ("ACTIVE", "record_follow_up")

    await bench.consent(case_id, purposes=("threat_assessment", "cooperation"))
    officer, room = await low_threat(bench, case_id)
    await cases.ask_register_check(bench.node, asta, cases.AskRegisterCheck(case_id, 1))
    ending = cases.CompleteProgramme(case_id, 1, "Lever utan brott.", "Öppenvård i kommunen.")
    assert await refusal(cases.complete_programme(bench.node, karin, ending)) == (
        "closing.goals_open"
    )
    await follow_up(bench, case_id, goal_id, "MET")
    assert await refusal(cases.complete_programme(bench.node, karin, ending)) == (
        "closing.check_waits"
    )
    seen = await protection.read_room(bench.node, officer, room, "svar")
    question = next(q for q in seen.questions if q.kind == "register_check")
    for answer, code in (("CLEAR", "question.other_answer"), ("NOTHING_TO_REPORT", None)):
        command = protection.AnswerQuestion(room, 1, question.question_id, answer)
        attempt = protection.answer_question(bench.node, officer, command)
        if code:
            assert await refusal(attempt) == code
        else:
            await attempt
    await cases.end_measure(bench.node, asta, cases.EndMeasure(case_id, 1, measure_id, bench.today))
    await cases.complete_programme(bench.node, karin, ending)

    assert await state(bench, case_id) == ("ENDED", None)
    found = await read(bench, case_id)
    assert (found.closing.threat_level, found.closing.register_check, found.closing.goals_met) == (
        "MEDIUM",
        "NOTHING_TO_REPORT",
        1,
    )
    assert (found.agreements[0].paper, found.aids[0].told_on) == (paper, bench.today)
    assert {d.kind for d in found.decisions} == {"aid.counselling", "case.close"}
    assert await protection.joint_rooms(bench.node, officer) == []
    rows = await cases.worklist(bench.node, asta)
    assert (rows[0].state, rows[0].ended_reason) == ("ENDED", "COMPLETED")
    (counted,) = await cases.cases_to_count(bench.worker_node)
    assert [(each.on, each.register_check) for each in counted.closings] == [
        (bench.today, "NOTHING_TO_REPORT")
    ]
    assert counted.bought == (Bought(bench.today, bench.today),)


async def test_aid_is_decided_by_the_delegate_of_its_kind_and_refused_to_every_other(bench):
    case_id = await bench.investigated()
    gun = await bench.leader()
    members = {"case_worker": await bench.case_worker(), "team_leader": gun}
    for role in ("exit_coordinator", "social_director"):
        members[role] = await bench.person(f"Medlem {role}", role)
        await bench.assign(case_id, gun, members[role], role)
    policy = bench.node.policies.on(bench.today)
    until = bench.today + timedelta(days=9)
    for kind in cases.AID_KINDS:
        for outcome in ("GRANTED", "REFUSED"):
            days = {"granted_from": bench.today, "granted_until": until}
            given = days if outcome == "GRANTED" else {"granted_from": None}
            row = (
                decisions.delegation(policy, kind)
                if outcome == "GRANTED"
                else decisions.refusal_of(policy, kind)
            )
            for role, actor in members.items():
                attempt = decide(bench, case_id, actor, kind=kind, outcome=outcome, **given)
                if role in row.roles:
                    await attempt
                else:
                    assert await refusal(attempt) == "decision.not_delegate", (kind, outcome, role)
    found = await read(bench, case_id)
    made = {(a.kind, a.outcome) for a in found.aids}
    assert ("aid.protected_housing", "GRANTED") not in made
    assert ("aid.protected_housing", "REFUSED") not in made
    assert len(made) == 8
    refused = next(a for a in found.aids if a.outcome == "REFUSED")
    register = {d.about: d for d in found.decisions}
    assert register[refused.aid_id].kind == "aid.refuse"
    assert register[refused.aid_id].law_ref == "aid.right"
    assert register[refused.aid_id].policy_sha256 == policy.sha256


async def test_what_the_committee_decided_is_recorded_from_its_minutes_as_the_committees(bench):
    case_id = await bench.investigated()
    given = {"kind": "aid.protected_housing", "minutes": "Individutskottet 2026-11-20, § 118"}
    await decide(bench, case_id, **given)
    found = await read(bench, case_id)
    assert found.decisions[-1].decided_by == decisions.COMMITTEE_ID
    assert found.aids[-1].minutes == given["minutes"]
    attempt = decide(bench, case_id, minutes=given["minutes"])
    assert await refusal(attempt) == "decision.not_committees"


async def test_emergency_housing_is_granted_for_the_days_that_the_order_lets(bench):
    case_id = await bench.investigated()
    gun = await bench.leader()
    for until, code in (
        (bench.today + timedelta(days=29), None),
        (bench.today + timedelta(days=30), "decision.beyond_limit"),
        (None, "decision.beyond_limit"),
    ):
        attempt = decide(bench, case_id, gun, kind="aid.emergency_housing", granted_until=until)
        if code:
            assert await refusal(attempt) == code
        else:
            await attempt


async def test_no_case_is_completed_while_a_decision_at_once_waits(bench):
    case_id, aid_id, goal_id = await started(bench)
    await bench.consent(case_id, purposes=("threat_assessment", "cooperation"))
    await low_threat(bench, case_id)
    await follow_up(bench, case_id, goal_id, "MET")
    karin = await coordinator(bench)
    await bench.assign(case_id, await bench.leader(), karin, "exit_coordinator")
    await waits_for_review(bench, case_id, aid_id)
    ending = cases.CompleteProgramme(case_id, 1, "Lever utan brott.", "Öppenvård i kommunen.")
    assert await refusal(cases.complete_programme(bench.node, karin, ending)) == "immediate.waits"
    await cases.review_immediate(
        bench.node,
        await bench.case_worker(),
        cases.ReviewImmediate(case_id, 1, aid_id, "CONFIRMED"),
    )
    await cases.complete_programme(bench.node, karin, ending)


async def test_a_decision_is_ended_once_by_another(bench):
    case_id = await bench.investigated()
    gun = await bench.leader()
    aid_id = await decide(bench, case_id)
    given = {"outcome": "ENDED", "granted_from": None, "ends": aid_id}
    assert await refusal(decide(bench, case_id, **given)) == "decision.not_delegate"
    await decide(bench, case_id, gun, **given)
    assert (await read(bench, case_id)).running == ()
    assert await refusal(decide(bench, case_id, gun, **given)) == "aid.ended_already"


async def test_what_the_committee_granted_is_not_ended_under_the_name_of_another_kind(bench):
    case_id = await bench.investigated()
    gun = await bench.leader()
    minutes = "Individutskottet 2026-11-20, § 118"
    aid_id = await decide(bench, case_id, kind="aid.protected_housing", minutes=minutes)
    given = {"outcome": "ENDED", "granted_from": None, "ends": aid_id}
    other = {**given, "kind": "aid.counselling"}
    attempt = cases.rehearse_aid(bench.node, gun, counselling(case_id, bench, **other))
    assert await refusal(attempt) == "aid.ends_other_kind"
    assert await refusal(decide(bench, case_id, gun, **other)) == "aid.ends_other_kind"
    own = {**given, "kind": "aid.protected_housing"}
    assert await refusal(decide(bench, case_id, gun, **own)) == "decision.not_delegate"
    assert (await read(bench, case_id)).running == (aid_id,)
    await decide(bench, case_id, gun, minutes="Individutskottet 2026-12-01, § 4", **own)
    assert (await read(bench, case_id)).running == ()


async def test_the_database_ends_nothing_under_the_name_of_another_kind(bench):
    case_id = await bench.investigated()
    gun = await bench.leader()
    aid_id = await decide(bench, case_id)
    async with bench.node.db.begin(gun, term=1) as uow:
        ending = insert(plan_tables.aid).values(
            aid_id=row_id(uow.now),
            case_id=case_id,
            kind="aid.financial_within_norm",
            outcome="ENDED",
            sealed=b"x",
            ends=aid_id,
            decided_at=uow.now,
        )
        with pytest.raises((StorageError, Conflict)):
            await uow.execute(ending.inline())


async def test_a_taken_over_measure_is_decided_anew(bench):
    case_id = await bench.investigated()
    asta = await bench.case_worker()
    async with bench.node.db.begin(asta, term=1) as uow:
        await add_row(
            uow,
            tables.redecision,
            redecision_id=random_id(),
            case_id=case_id,
            area="occupation",
            sealed=b"",
            listed_at=uow.now,
        )
        await uow.commit()
    await decide(bench, case_id)
    async with bench.node.db.begin(asta) as uow:
        rows = await files.redecisions(uow, case_id)
    assert [row.decided_at for row in rows] == [bench.clock.now()]


async def test_the_person_takes_the_agreement_back_and_aid_goes_on(bench):
    case_id, aid_id, _ = await started(bench)
    asta, karin = await bench.case_worker(), await coordinator(bench)
    await bench.assign(case_id, await bench.leader(), karin, "exit_coordinator")
    back = cases.WithdrawAgreement(case_id, 1, "Vill inte längre.", "samtal")
    await cases.withdraw_agreement(bench.node, asta, back)
    found = await read(bench, case_id)
    assert not found.agreements[0].is_in_force
    assert found.running == (aid_id,)
    assert (await state(bench, case_id))[0] == "ACTIVE"
    assert await refusal(cases.withdraw_agreement(bench.node, asta, back)) == (
        "agreement.none_in_force"
    )
    assert "agreement.withdrawn" in await cards(bench, karin, case_id)


async def test_a_pause_has_a_day_and_nothing_is_followed_up_meanwhile(bench):
    case_id, _, goal_id = await started(bench)
    asta = await bench.case_worker()
    review_on = bench.today + timedelta(days=14)
    pause = cases.PauseProgramme(case_id, 1, "HOSPITAL", "Inlagd.", review_on)
    await cases.pause_programme(bench.node, asta, pause)
    file = await cases.read_case(bench.node, asta, case_id, "prov")
    assert (file.header.state, file.next, file.next_due_on) == (
        "PAUSED",
        "resume_programme",
        review_on,
    )
    (row,) = await cases.worklist(bench.node, asta)
    assert (row.next, row.due_on) == ("resume_programme", review_on)
    assert (await read(bench, case_id)).pause.cause == "HOSPITAL"
    assert await refusal(follow_up(bench, case_id, goal_id, "PARTLY")) == "case.event_not_allowed"
    resume = cases.ResumeProgramme(case_id, 1, bench.today + timedelta(days=30))
    await cases.resume_programme(bench.node, asta, resume)
    assert (await read(bench, case_id)).pause is None
    assert (await state(bench, case_id))[0] == "ACTIVE"


async def test_an_ended_case_is_opened_again_by_the_leader_and_by_nobody_else(bench):
    case_id, _, _ = await started(bench)
    asta, gun = await bench.case_worker(), await bench.leader()
    again = cases.ReopenCase(case_id, 1, "Personen har hört av sig.")
    assert await refusal(cases.reopen_case(bench.node, gun, again)) == "case.event_not_allowed"
    wish = cases.EndAtPersonsWish(case_id, 1, "Vill inte längre.", "samtal")
    await cases.end_at_persons_wish(bench.node, asta, wish)
    assert await refusal(cases.reopen_case(bench.node, asta, again)) == "case.role_may_not"
    stranger = await bench.person("Gerd", "team_leader")
    with pytest.raises(AccessDenied):
        await cases.reopen_case(bench.node, stranger, again)
    await cases.reopen_case(bench.node, gun, again)
    assert (await state(bench, case_id))[0] == "INVESTIGATION"


async def test_who_comes_back_signs_anew_before_the_programme_begins_anew(bench):
    case_id, _, _ = await started(bench)
    asta, gun = await bench.case_worker(), await bench.leader()
    wish = cases.EndAtPersonsWish(case_id, 1, "Vill inte längre.", "samtal")
    await cases.end_at_persons_wish(bench.node, asta, wish)
    await cases.reopen_case(bench.node, gun, cases.ReopenCase(case_id, 1, "Hör av sig."))
    bench.clock.move(timedelta(hours=1))
    async with bench.node.db.begin(asta, term=1) as uow:  # the assessment has tests of its own
        found = await headers.load(uow, case_id, lock=True)
        await headers.insert_event(uow, case_id, "case.admitted", {})
        await headers.change_state(uow, found, "AGREEMENT_PENDING")
        await uow.commit()
    assert await state(bench, case_id) == ("AGREEMENT_PENDING", "sign_agreement")
    start = cases.StartProgramme(case_id, 1, bench.today + timedelta(days=60))
    attempt = cases.start_programme(bench.node, asta, start)
    assert await refusal(attempt) == "programme.agreement_old"
    await cases.sign_agreement(bench.node, asta, signed(case_id, bench))
    assert await state(bench, case_id) == ("AGREEMENT_PENDING", "start_programme")
    await cases.start_programme(bench.node, asta, start)
    assert (await state(bench, case_id))[0] == "ACTIVE"


EVENTS = {
    "start_programme": ("case_worker", lambda c, d: cases.StartProgramme(c, 1, d)),
    "pause_programme": (
        "case_worker",
        lambda c, d: cases.PauseProgramme(c, 1, "CUSTODY", "x", d),
    ),
    "resume_programme": ("case_worker", lambda c, d: cases.ResumeProgramme(c, 1, d)),
    "complete_programme": (
        "exit_coordinator",
        lambda c, _: cases.CompleteProgramme(c, 1, "x", "x"),
    ),
    "reopen_case": ("team_leader", lambda c, _: cases.ReopenCase(c, 1, "x")),
}


async def test_each_event_of_the_programme_is_refused_to_every_role_but_its_own(bench):
    case_id = await bench.investigated()
    gun = await bench.leader()
    members = {}
    for role in ("case_worker", "exit_coordinator", "team_leader", "social_director"):
        members[role] = await bench.person(f"Som {role}", role)
        await bench.assign(case_id, gun, members[role], role)
    for do, (own, command) in EVENTS.items():
        for role, actor in members.items():
            attempt = getattr(cases, do)(bench.node, actor, command(case_id, bench.today))
            expected = "case.event_not_allowed" if role == own else "case.role_may_not"
            assert await refusal(attempt) == expected, (do, role)


async def test_nothing_of_the_programme_stands_in_clear_or_is_seen_by_a_stranger(bench):
    case_id, _, _ = await started(bench)
    stranger = await bench.case_worker("Stig")
    with pytest.raises(AccessDenied):
        await cases.read_programme(bench.node, stranger, case_id, "nyfiken")
    with pytest.raises(AccessDenied):
        await cases.decide_aid(bench.node, stranger, counselling(case_id, bench))
    told = cases.RecordTold(case_id, 1, random_id(), bench.today)
    with pytest.raises(AccessDenied):
        await cases.record_told(bench.node, await bench.case_worker(), told)
    async with bench.worker_node.db.begin(bench.worker) as uow:
        for table in ("case_aid", "case_agreement", "case_goal", "case_event", "decision"):
            shown = str((await uow.execute(text(f"select * from {table}"))).all())
            for word in (CANARY, "Kontaktperson", "Egen bostad", "no_crime", "tillgodoses"):
                assert word not in shown, table


async def test_the_programme_is_fenced_on_the_term(bench):
    case_id, aid_id, _ = await started(bench)
    asta = await bench.case_worker()
    for do, command in (
        (cases.sign_agreement, cases.SignAgreement(case_id, 2, ("no_crime",), bench.today)),
        (cases.record_told, cases.RecordTold(case_id, 2, aid_id, bench.today)),
        (cases.set_goal, cases.SetGoal(case_id, 2, "housing", "x", bench.today)),
        (cases.reopen_case, cases.ReopenCase(case_id, 2, "x")),
    ):
        actor = await bench.leader() if do is cases.reopen_case else asta
        with pytest.raises(Conflict) as stale:
            await do(bench.node, actor, command)
        assert stale.value.code == "case.responsibility_moved"


async def test_no_register_check_is_asked_for_where_the_documents_are_silent(bench):
    case_id = await bench.admitted()
    silent = replace(bench.node, policies=load_federation()[GOTEBORG].policies)
    attempt = cases.ask_register_check(
        silent, await bench.case_worker(), cases.AskRegisterCheck(case_id, 1)
    )
    assert await refusal(attempt) == "register_check.not_in_policy"
