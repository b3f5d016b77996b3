"""Residence, consent, needs, journal, vault, exclusion, duplicates: what the file keeps, and how."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from services.cases import api as cases
from services.cases.api import (
    ApproveReveal,
    AssignMember,
    CaseEvents,
    ConfirmResidence,
    Counterparty,
    RecordNeed,
    RecordResidence,
    RevealVault,
    SetExclusion,
    SetVault,
    VaultContent,
    WithdrawConsent,
    WriteNote,
)
from services.decisions import api as decisions
from services.protection import api as protection
from services.staff import api as staff
from shared.db.cards import open_cards
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import SubjectId
from tests.support.casework import GOTEBORG, LINKOPING

pytestmark = pytest.mark.servers


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def read(bench, case_id, name="Asta"):
    return await cases.read_case(bench.node, await bench.case_worker(name), case_id, "läser")


def finding(case_id, **changes):
    given = {
        "case_id": case_id,
        "term": 1,
        "finding": "OTHER",
        "municipality": GOTEBORG,
        "ground": "nights_rest",
        "facts": "Sover där.",
    }
    return RecordResidence(**{**given, **changes})


async def test_a_finding_counts_when_another_person_has_read_it(bench):
    case_id = await bench.investigated()
    asta, gun = await bench.case_worker(), await bench.leader()
    first = await cases.record_residence(bench.node, asta, finding(case_id))
    file = await read(bench, case_id)
    assert (file.residence.confirmed_at, file.next) == (None, "confirm_residence")
    for reader, code in (
        (asta, "residence.same_reader"),
        (await bench.case_worker("Bo"), "decision.not_second"),
    ):
        attempt = cases.confirm_residence(bench.node, reader, ConfirmResidence(case_id, 1, first))
        assert await refusal(attempt) == code
    await cases.confirm_residence(bench.node, gun, ConfirmResidence(case_id, 1, first))
    assert (await read(bench, case_id)).residence.confirmed_by == gun.staff_id
    again = cases.confirm_residence(bench.node, gun, ConfirmResidence(case_id, 1, first))
    assert await refusal(again) == "residence.already_confirmed"


async def test_a_confirmed_finding_is_a_decision_with_policy_delegation_and_both_persons(bench):
    case_id = await bench.investigated()
    await bench.found_elsewhere(case_id)
    asta, gun = await bench.case_worker(), await bench.leader()
    key = await bench.node.case_keys.get(SubjectId(case_id))
    async with bench.node.db.begin(asta) as uow:
        (decision,) = await decisions.decisions_of(uow, key, case_id)
        await uow.commit()
    policy = bench.node.policies.on(bench.today)
    assert (decision.kind, decision.outcome) == ("residence.find", "OTHER")
    assert (decision.decided_by, decision.second) == (asta.staff_id, gun.staff_id)
    assert (decision.policy_sha256, decision.policy_from) == (policy.sha256, policy.valid_from)
    assert decision.section
    assert "flesta nätter" in decision.reasons


@pytest.mark.parametrize(
    ("role", "changes", "code"),
    [
        ("team_leader", {}, "decision.not_delegate"),
        ("exit_coordinator", {}, "case.role_may_not"),
        ("case_worker", {"facts": "  "}, "residence.facts_missing"),
        ("case_worker", {"municipality": "9999"}, "municipality.unknown"),
        ("case_worker", {"municipality": LINKOPING}, "residence.not_elsewhere"),
    ],
)
async def test_a_finding_is_refused_with_its_reason(bench, role, changes, code):
    case_id = await bench.investigated()
    gun = await bench.leader()
    actor = gun
    if role != "team_leader":
        actor = await bench.person(f"En {role}", role)
        await bench.assign(case_id, gun, actor, role)
    attempt = cases.record_residence(bench.node, actor, finding(case_id, **changes))
    assert await refusal(attempt) == code


async def test_a_newer_finding_replaces_one_that_waits_for_its_reader(bench):
    case_id = await bench.investigated()
    asta, gun = await bench.case_worker(), await bench.leader()
    first = await cases.record_residence(bench.node, asta, finding(case_id))
    bench.clock.move(timedelta(minutes=1))
    await cases.record_residence(
        bench.node, asta, finding(case_id, finding="UNCLEAR", municipality=None, ground=None)
    )
    late = cases.confirm_residence(bench.node, gun, ConfirmResidence(case_id, 1, first))
    assert await refusal(late) == "residence.superseded"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"counterparties": ()}, "consent.counterparty_missing"),
        ({"counterparties": (Counterparty(LINKOPING, "police"),)}, "consent.counterparty_unknown"),
        ({"purposes": ()}, "consent.purpose_missing"),
        ({"kinds": ()}, "consent.kind_missing"),
    ],
)
async def test_a_consent_without_scope_is_refused(bench, changes, code):
    case_id = await bench.investigated()
    assert await refusal(bench.consent(case_id, **changes)) == code


async def test_a_consent_ends_when_policy_says_at_the_latest(bench):
    case_id = await bench.investigated()
    late = bench.consent(case_id, valid_until=bench.today + timedelta(days=400))
    assert await refusal(late) == "consent.too_long"
    early = bench.consent(case_id, valid_until=bench.today - timedelta(days=1))
    assert await refusal(early) == "consent.ends_in_past"


async def test_withdrawal_closes_the_joint_room_and_is_done_once(bench):
    case_id = await bench.investigated()
    consent_id = await bench.consent(case_id)
    await bench.threat_asked(case_id)
    asta, officer = await bench.case_worker(), await bench.officer()
    (room,) = await protection.joint_rooms(bench.node, officer)
    withdrawal = WithdrawConsent(case_id, 1, consent_id)
    await cases.withdraw_consent(bench.node, asta, withdrawal)
    assert await protection.joint_rooms(bench.node, officer) == []
    with pytest.raises(AccessDenied):
        await protection.read_room(bench.node, officer, room.room_id, "läser")
    again = cases.withdraw_consent(bench.node, asta, withdrawal)
    assert await refusal(again) == "consent.already_withdrawn"
    unknown = cases.withdraw_consent(bench.node, asta, WithdrawConsent(case_id, 1, uuid4()))
    assert await refusal(unknown) == "consent.unknown"
    assert not (await read(bench, case_id)).consents[0].is_active(bench.today)


async def test_another_consent_to_the_police_keeps_the_room_for_as_long_as_it_lasts(bench):
    case_id = await bench.investigated()
    first = await bench.consent(case_id)
    until = bench.today + timedelta(days=10)
    await bench.consent(case_id, valid_until=until)
    await bench.threat_asked(case_id)
    asta, officer = await bench.case_worker(), await bench.officer()
    await cases.withdraw_consent(bench.node, asta, WithdrawConsent(case_id, 1, first))
    assert len(await protection.joint_rooms(bench.node, officer)) == 1
    bench.clock.move(timedelta(days=11))
    assert await protection.joint_rooms(bench.node, officer) == []


async def test_a_consent_that_never_named_the_police_leaves_the_room(bench):
    case_id = await bench.investigated()
    await bench.consent(case_id)
    other = await bench.consent(
        case_id, counterparties=(Counterparty(GOTEBORG, "social_services"),)
    )
    await bench.threat_asked(case_id)
    withdrawal = WithdrawConsent(case_id, 1, other)
    await cases.withdraw_consent(bench.node, await bench.case_worker(), withdrawal)
    assert len(await protection.joint_rooms(bench.node, await bench.officer())) == 1


async def test_the_service_above_is_told_in_the_same_transaction(bench):
    case_id = await bench.investigated()
    consent_id = await bench.consent(case_id)
    other = SubjectId(uuid4())
    await bench.node.case_keys.ensure(other)
    heard = []

    class Listener:
        fails = True

        async def subjects(self, uow, case_id):
            return [other]

        async def on_consent_withdrawn(self, uow, keys, case_id, consent):
            heard.append((set(keys), consent.consent_id))
            if self.fails:
                raise Conflict("handover.stopped")

    listener = Listener()
    bench.node.provide(CaseEvents, listener)
    asta = await bench.case_worker()
    withdrawal = WithdrawConsent(case_id, 1, consent_id)
    assert await refusal(cases.withdraw_consent(bench.node, asta, withdrawal)) == "handover.stopped"
    assert (await read(bench, case_id)).consents[0].withdrawn_at is None
    listener.fails = False
    await cases.withdraw_consent(bench.node, asta, withdrawal)
    assert heard == [({other}, consent_id)] * 2


async def test_a_consent_taken_back_elsewhere_is_locked_here_once(bench):
    case_id = await bench.investigated()
    consent_id = await bench.consent(case_id)
    key = await bench.node.case_keys.get(SubjectId(case_id))
    async with bench.worker_node.db.begin(bench.worker) as uow:
        await cases.enter_term(uow, case_id, 1)
        locked = await cases.lock_consent(uow, key, case_id, consent_id)
        assert locked.consent_id == consent_id
        assert await cases.lock_consent(uow, key, case_id, consent_id) is None
        assert await cases.lock_consent(uow, key, case_id, uuid4()) is None
        await uow.commit()
    assert (await read(bench, case_id)).consents[0].withdrawn_at is not None


async def test_the_journal_keeps_everything_and_a_correction_points_back(bench):
    case_id = await bench.investigated()
    asta = await bench.case_worker()
    text = "مرحبا 👩‍👩‍👧 å" * 8000
    note = WriteNote(case_id, 1, "fact", text, "samtal", bench.today)
    first = await cases.write_note(bench.node, asta, note)
    bench.clock.move(timedelta(minutes=1))
    correction = WriteNote(case_id, 1, "judgement", "Rättelse.", "", bench.today, corrects=first)
    await cases.write_note(bench.node, asta, correction)
    file = await read(bench, case_id)
    assert [(n.corrects, n.kind) for n in file.notes] == [(first, "judgement"), (None, "fact")]
    assert file.notes[1].text == text
    assert len(text) > 100_000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": " \x00"}, "note.text_missing"),
        ({"source": ""}, "note.source_missing"),
        ({"text": "x" * 200_001}, "text.too_long"),
        ({"days": 1}, "note.in_future"),
        ({"corrects": uuid4()}, "note.corrects_unknown"),
    ],
)
async def test_a_note_is_refused_with_its_reason(bench, changes, code):
    case_id = await bench.investigated()
    happened_on = bench.today + timedelta(days=changes.pop("days", 0))
    given = {"kind": "fact", "text": "x", "source": "y", "happened_on": happened_on}
    note = WriteNote(case_id, 1, **{**given, **changes})
    attempt = cases.write_note(bench.node, await bench.case_worker(), note)
    assert await refusal(attempt) == code


async def test_a_correction_does_not_point_into_another_case(bench):
    one, other = await bench.investigated(), await bench.investigated(personal_number=None)
    asta = await bench.case_worker()
    note = WriteNote(one, 1, "judgement", "x", "", bench.today)
    note_id = await cases.write_note(bench.node, asta, note)
    wrong = WriteNote(other, 1, "judgement", "x", "", bench.today, corrects=note_id)
    assert await refusal(cases.write_note(bench.node, asta, wrong)) == "note.corrects_unknown"


async def test_two_who_write_at_once_lose_nothing(bench):
    case_id = await bench.investigated()
    names = ("Asta", "Bo")
    authors = {name: await bench.case_worker(name) for name in names}
    await asyncio.gather(
        *(
            cases.write_note(
                bench.node,
                authors[name],
                WriteNote(case_id, 1, "judgement", f"{name} {n}", "", bench.today),
            )
            for name in names
            for n in range(4)
        )
    )
    texts = {note.text for note in (await read(bench, case_id)).notes}
    assert texts == {f"{name} {n}" for name in names for n in range(4)}


async def test_two_who_save_the_same_form_at_once_do_not_overwrite_each_other(bench):
    """Both findings are kept, the newest counts, and what it rests on is never lost."""
    case_id = await bench.investigated()
    authors = [await bench.case_worker(name) for name in ("Asta", "Bo")]
    await asyncio.gather(
        *(
            cases.record_residence(bench.node, author, finding(case_id, facts=author.display_name))
            for author in authors
        )
    )
    assert (await read(bench, case_id)).residence.facts in {"Asta", "Bo"}


async def test_the_newest_text_of_an_area_counts_and_the_log_does_not_name_the_area(bench):
    case_id = await bench.investigated()
    asta = await bench.case_worker()
    for text in ("Först", "Sedan"):
        bench.clock.move(timedelta(minutes=1))
        await cases.record_need(bench.node, asta, RecordNeed(case_id, 1, "health_care", text))
    file = await read(bench, case_id)
    assert [(need.area, need.text) for need in file.needs] == [("health_care", "Sedan")]
    rows = await cases.case_log(bench.node, asta, case_id)
    assert "health_care" not in repr(rows)
    assert "health_care" not in repr(file.events)
    empty = cases.record_need(bench.node, asta, RecordNeed(case_id, 1, "housing", " "))
    assert await refusal(empty) == "need.text_missing"


async def test_the_vault_opens_once_for_the_one_whom_a_colleague_let_in(bench):
    case_id = await bench.investigated()
    asta, gun = await bench.case_worker(), await bench.leader()
    content = VaultContent(address="Hemliga gatan 1", phone="070")
    await cases.set_vault(bench.node, asta, SetVault(case_id, 1, content))
    file = await read(bench, case_id)
    assert file.has_vault
    assert "Hemliga" not in repr(file)

    async def approve(by, whom):
        approval = ApproveReveal(case_id, 1, whom.staff_id, "ska ringa")
        return await cases.approve_reveal(bench.node, by, approval)

    async def look(approval_id, actor=asta, reason="ringer"):
        return await cases.reveal_vault(
            bench.node, actor, RevealVault(case_id, reason, approval_id)
        )

    assert await refusal(approve(gun, gun)) == "decision.same_person"
    assert await refusal(approve(asta, gun)) == "decision.not_second"
    assert await cases.approval_in_hand(bench.node, asta, case_id) is None
    approval = await approve(gun, asta)
    assert await cases.approval_in_hand(bench.node, asta, case_id) == approval
    assert await cases.approval_in_hand(bench.node, gun, case_id) is None
    assert await refusal(look(approval, reason="")) == "reason.missing"
    assert await refusal(look(approval, actor=gun)) == "vault.not_approved"
    assert await refusal(look(uuid4())) == "vault.not_approved"
    assert await look(approval) == content
    assert await refusal(look(approval)) == "vault.not_approved"
    assert await cases.approval_in_hand(bench.node, asta, case_id) is None
    old = await approve(gun, asta)
    bench.clock.move(timedelta(hours=2))
    assert await refusal(look(old)) == "vault.not_approved"
    log = await cases.case_log(bench.node, asta, case_id)
    assert [row.reason for row in log if row.action == "case.vault_revealed"] == ["ringer"]


async def test_an_empty_vault_says_so(bench):
    case_id = await bench.investigated()
    asta, gun = await bench.case_worker(), await bench.leader()
    approval = await cases.approve_reveal(
        bench.node, gun, ApproveReveal(case_id, 1, asta.staff_id, "ringa")
    )
    attempt = cases.reveal_vault(bench.node, asta, RevealVault(case_id, "ringer", approval))
    assert await refusal(attempt) == "vault.empty"


async def test_the_vault_stays_shut_with_the_files_key(bench):
    case_id = await bench.investigated()
    asta, gun = await bench.case_worker(), await bench.leader()
    await cases.set_vault(bench.node, asta, SetVault(case_id, 1, VaultContent("Hemliga gatan")))
    await bench.node.case_keys.destroy(cases.vault_of(case_id))
    approval = await cases.approve_reveal(
        bench.node, gun, ApproveReveal(case_id, 1, asta.staff_id, "ringa")
    )
    attempt = cases.reveal_vault(bench.node, asta, RevealVault(case_id, "ringer", approval))
    assert await refusal(attempt) == "keys.erased"


async def test_who_is_excluded_is_never_offered_and_never_assigned(bench):
    case_id = await bench.investigated()
    asta, gun = await bench.case_worker(), await bench.leader()
    cy = await bench.person("Cy", "case_worker", unit="barn")
    di = await bench.case_worker("Di")
    await bench.officer()
    offered = {c.display_name for c in await cases.assignable(bench.node, gun, case_id)}
    assert offered == {"Cy", "Di"}
    for kind, value in (("staff", str(di.staff_id)), ("unit", "barn"), ("authority", GOTEBORG)):
        exclusion = SetExclusion(case_id, 1, kind, value, "granne")
        await cases.set_exclusion(bench.node, asta, exclusion)
    assert await cases.assignable(bench.node, gun, case_id) == []
    for excluded in (cy, di):
        attempt = bench.assign(case_id, gun, excluded, "case_worker")
        assert await refusal(attempt) == "assignment.not_a_choice"
    known = SetExclusion(case_id, 1, "unit", "barn", "igen")
    assert await refusal(cases.set_exclusion(bench.node, asta, known)) == "exclusion.known_already"
    empty = SetExclusion(case_id, 1, "unit", " ", "tom")
    assert await refusal(cases.set_exclusion(bench.node, asta, empty)) == "exclusion.value_missing"
    async with bench.node.db.begin(asta) as uow:
        assert await cases.is_excluded(uow, case_id, GOTEBORG)
        assert not await cases.is_excluded(uow, case_id, LINKOPING)
        await uow.commit()
    async with bench.node.db.begin(cy) as uow:
        assert not await cases.is_excluded(uow, case_id, GOTEBORG)
        await uow.commit()
    assert [e[2] for e in (await read(bench, case_id)).exclusions] == ["granne"] * 3


@pytest.mark.parametrize(
    ("name", "role", "changes", "code"),
    [
        ("Cy", "team_leader", {}, "assignment.role_not_held"),
        ("Asta", "case_worker", {}, "assignment.already_member"),
        (
            "Cy",
            "case_worker",
            {"no_conflict_of_interest": False},
            "assignment.conflict_of_interest",
        ),
        ("Cy", "case_worker", {"reason": " "}, "reason.missing"),
        ("officer", "case_worker", {}, "assignment.not_a_choice"),
    ],
)
async def test_an_assignment_is_refused_with_its_reason(bench, name, role, changes, code):
    case_id = await bench.investigated()
    whom = await (bench.officer() if name == "officer" else bench.case_worker(name))
    given = {
        "case_id": case_id,
        "term": 1,
        "staff_id": whom.staff_id,
        "role": role,
        "reason": "behövs",
        "no_conflict_of_interest": True,
    }
    attempt = cases.assign_member(
        bench.node, await bench.leader(), AssignMember(**{**given, **changes})
    )
    assert await refusal(attempt) == code


async def test_the_first_case_worker_of_an_intake_starts_the_investigation(bench):
    contact = await bench.register(wants_to_apply=False)
    asta, gun = await bench.case_worker(), await bench.leader()
    (row,) = await cases.worklist(bench.node, asta)
    assert (row.state, row.next) == ("CONTACT", "take_application")
    await bench.assign(contact, gun, await bench.case_worker("Bo"), "case_worker")
    assert (await read(bench, contact)).header.state == "CONTACT"
    await cases.apply(bench.node, asta, cases.Apply(contact, 1))
    again = cases.apply(bench.node, asta, cases.Apply(contact, 1))
    assert await refusal(again) == "case.event_not_allowed"
    await bench.assign(contact, gun, await bench.case_worker("Cy"), "case_worker")
    assert (await read(bench, contact)).header.state == "INVESTIGATION"


async def test_a_known_person_is_told_to_the_team_leader_and_never_to_the_asker(bench):
    first = await bench.register()
    bo, gun = await bench.case_worker("Bo"), await bench.leader()
    second = await bench.register(bo)
    third = await bench.register(bo, personal_number="19790930-9903")
    (row,) = [r for r in await cases.worklist(bench.node, bo) if r.case_id == second]
    assert not row.suspected_duplicate
    file = await cases.read_case(bench.node, bo, second, "läser")
    assert str(first) not in repr(file)
    seen = {r.case_id: r.suspected_duplicate for r in await cases.unit_cases(bench.node, gun)}
    assert seen == {first: True, second: True, third: False}
    for actor, expected in ((gun, ["case.duplicate_suspected"]), (bo, [])):
        async with bench.node.db.begin(actor) as uow:
            assert [card["kind"] for card in await open_cards(uow)] == expected
            await uow.commit()


async def test_every_read_of_a_file_is_in_its_log_with_who_and_why(bench):
    case_id = await bench.investigated()
    asta, gun = await bench.case_worker(), await bench.leader()
    await cases.read_case(bench.node, gun, case_id, "andra läsare")
    rows = await cases.case_log(bench.node, asta, case_id)
    reads = [(r.display_name, r.reason) for r in rows if r.action == "case.read"]
    assert reads == [("Gun", "andra läsare")]
    again = await cases.case_log(bench.node, asta, case_id)
    assert "case.log_read" in {row.action for row in again}
    with pytest.raises(DomainError) as refused:
        await cases.read_case(bench.node, asta, case_id, "  ")
    assert refused.value.code == "reason.missing"


async def test_a_list_is_logged_and_police_have_none(bench):
    await bench.register()
    assert await cases.worklist(bench.node, await bench.officer()) == []
    assert await staff.colleagues(bench.node, await bench.officer()) == []


async def test_the_file_says_what_is_asked_of_the_police_and_the_history_not_about_where(bench):
    case_id = await bench.investigated()
    asta = await bench.case_worker()
    ask = cases.ask_placement(bench.node, asta, cases.AskPlacement(case_id, 1, GOTEBORG))
    assert await refusal(ask) == "threat.not_assessed"
    assert await refusal(bench.threat_asked(case_id)) == "threat.no_ground"
    await bench.consent(case_id)
    assert await refusal(bench.threat_asked(case_id, "lpo-goteborg")) == "threat.unit_unknown"
    await bench.threat_asked(case_id)
    file = await read(bench, case_id)
    assert [q.kind for q in file.questions] == ["threat"]
    assert file.next == "record_residence"
    assert GOTEBORG not in repr(file.events)
