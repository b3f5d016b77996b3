"""Questions, notices, refusals, doubles and disorder: what travels beside the two tables."""

import random
from datetime import timedelta

import pytest

from services.cases import api as cases
from services.handover import api as handover
from shared.errors import Conflict, DomainError
from shared.ids import random_id
from tests.support.cards import cards

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_a_question_is_asked_and_answered_both_ways(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    bo = await pair.goteborg.bench.case_worker()
    await handover.ask(pair.goteborg.node, bo, handover.Ask(handover_id, "Sedan när?"))
    await pair.settle()
    asta = await pair.linkoping.bench.case_worker()
    asked = (await pair.linkoping.view(handover_id, asta)).questions[0]
    assert (asked.question, asked.is_ours) == ("Sedan när?", False)
    command = handover.AnswerQuestion(handover_id, asked.question_id, "Sedan i maj.")
    await handover.answer(pair.linkoping.node, asta, command)
    await pair.settle()
    answered = (await pair.goteborg.view(handover_id, bo)).questions[0]
    assert (answered.answer, answered.is_ours) == ("Sedan i maj.", True)
    with pytest.raises(DomainError, match=r"handover\.question_unknown"):
        await handover.answer(pair.linkoping.node, asta, command)
    with pytest.raises(DomainError, match=r"handover\.text_missing"):
        await handover.ask(pair.goteborg.node, bo, handover.Ask(handover_id, " "))


async def test_a_proposal_makes_a_card_for_the_function_that_says_nothing_of_whom(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    leader = await pair.goteborg.bench.leader()
    assert "handover.proposed" in await cards(pair.goteborg, leader, handover_id)


async def test_a_signature_that_waits_is_a_card_until_the_second_person_confirms(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.sign(handover_id, handover.Propose())
    assert "handover.to_approve" in await cards(pair.linkoping, gun, handover_id)
    await pair.linkoping.confirm(handover_id, gun)
    assert "handover.to_approve" not in await cards(pair.linkoping, gun, handover_id)
    await pair.settle()
    leader = await pair.goteborg.bench.leader()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    assert "handover.proposed" not in await cards(pair.goteborg, leader, handover_id)


async def test_a_refused_proposal_is_declined_at_both_ends(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    await pair.linkoping.decide(handover_id, handover.Propose())
    registry = pair.goteborg.node.registry
    known = registry._types["proposed"].pop(1)
    try:
        await pair.settle()
    finally:
        registry._types["proposed"][1] = known
    view = await pair.linkoping.view(handover_id)
    assert view.row.state.value == "declined"
    assert view.row.answer_code == handover.MESSAGE_REFUSED
    assert view.messages[0].refusal_code == "wire.unknown_version"
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(handover_id, handover.Keep("Vi behåller."), gun)
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "kept"
    assert await pair.goteborg.state(handover_id) == "closed"
    theirs = await pair.goteborg.view(handover_id)
    assert theirs.proposal is None
    assert theirs.row.was_refused


async def test_what_begins_without_a_proposal_is_refused_and_notifies_nobody(pair) -> None:
    from services.handover import wire
    from shared.ids import ConversationId, SubjectId
    from shared.outbox import enqueue

    node = pair.linkoping.worker_node
    conversation = ConversationId(random_id())
    key = await node.case_keys.ensure(SubjectId(conversation))
    async with node.db.begin(pair.linkoping.bench.worker) as uow:
        for _ in range(2):
            await enqueue(
                uow, to=pair.goteborg.node.authority, conversation=conversation,
                direction="forward", kind="question", version=1,
                body=wire.Question(random_id(), "Vem är det?"), key=key,
                signer=node.keyring.signing(uow.wall),
            )  # fmt: skip
        await uow.commit()
    await pair.settle()
    refused = await pair.goteborg.rows(
        "select refusal_code from inbox where conversation_id = :id order by number",
        id=conversation,
    )
    assert refused == [("handover.unknown",)] * 2
    assert await pair.goteborg.state(conversation) == "none"
    assert (
        await pair.goteborg.rows("select 1 from card where subject_id = :id", id=conversation) == []
    )


async def test_what_was_refused_otherwise_leaves_the_state_and_is_sent_again(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    registry = pair.linkoping.node.registry
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    known = registry._types["accepted"].pop(1)
    try:
        await pair.settle()
    finally:
        registry._types["accepted"][1] = known
    assert await pair.linkoping.state(handover_id) == "proposed"
    assert await pair.goteborg.state(handover_id) == "accepted"
    leader = await pair.goteborg.bench.leader()
    assert "handover.message_refused" in await cards(pair.goteborg, leader, handover_id)
    view = await pair.goteborg.view(handover_id, leader)
    assert view.can_send_again
    command = handover.SendAgain(handover_id, view.row.revision)
    assert await handover.send_again(pair.goteborg.node, leader, command) == 1
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "sending"
    view = await pair.goteborg.view(handover_id, leader)
    assert not view.can_send_again
    command = handover.SendAgain(handover_id, view.row.revision)
    with pytest.raises(Conflict, match=r"handover\.nothing_to_send_again"):
        await handover.send_again(pair.goteborg.node, leader, command)


async def test_changed_facts_are_seen_before_any_button_counts(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    leader = await pair.goteborg.bench.leader()
    before = (await pair.goteborg.view(handover_id, leader)).row.revision
    asta = await pair.linkoping.bench.case_worker()
    told = handover.TellFacts(handover_id, ("threat",))
    await handover.tell_facts(pair.linkoping.node, asta, told)
    await pair.settle()
    bo = await pair.goteborg.bench.case_worker()
    accept = handover.Accept(pair.goteborg.bench.today)
    with pytest.raises(Conflict, match=r"handover\.changed_meanwhile"):
        await handover.sign(pair.goteborg.node, bo, handover.Sign(handover_id, before, accept))
    view = await pair.goteborg.view(handover_id, leader)
    assert view.row.is_threat_high is True
    assert "facts_changed" in [each.code for each in view.events]


async def test_doubles_and_disorder_change_nothing(pair) -> None:
    """Everything that the bus ever carried comes again, in any order."""
    _, handover_id, _ = await pair.accepted()
    rng = random.Random(7)
    for town in (pair.linkoping, pair.goteborg):
        async with town.worker_node.db.begin(town.bench.worker) as uow:
            from sqlalchemy import text

            await uow.execute(
                text(
                    "update outbox set done_at = null, outcome = null where number > 0"
                    " and conversation_id = :id"
                ),
                {"id": handover_id},
            )
            await uow.commit()
    towns = [pair.linkoping, pair.goteborg]
    for _ in range(3):
        pair.clock.move(timedelta(seconds=10))
        rng.shuffle(towns)
        for town in towns:
            await town.step()
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "sending"
    assert await pair.goteborg.state(handover_id) == "accepted"
    events = [each.code for each in (await pair.goteborg.view(handover_id)).events]
    assert events.count("dossier") == 1
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)


async def test_silence_makes_cards_and_moves_nothing(pair) -> None:
    case_id, handover_id, _ = await pair.proposed()
    pair.clock.move(timedelta(days=40))
    await pair.settle()
    asta = await pair.linkoping.bench.case_worker()
    leader = await pair.goteborg.bench.leader()
    for town, actor in ((pair.linkoping, asta), (pair.goteborg, leader)):
        found = await cards(town, actor, handover_id)
        assert {"handover.answer_overdue", "handover.month_passed"} <= found
    assert await pair.linkoping.state(handover_id) == "proposed"
    view = await pair.linkoping.view(handover_id, asta)
    assert view.ivo_opens_on is not None
    assert view.waits_for == "them"
    assert case_id == view.row.case_id


async def test_a_no_that_nobody_takes_up_is_locked_to_those_who_answer_disputes(pair) -> None:
    _, handover_id, _ = await pair.declined()
    pair.clock.move(timedelta(days=35))
    await pair.settle()
    leader, bo = await pair.goteborg.bench.leader(), await pair.goteborg.bench.case_worker()
    assert (await pair.goteborg.view(handover_id, leader)).row.is_locked
    from shared.errors import AccessDenied

    with pytest.raises(AccessDenied):
        await pair.goteborg.view(handover_id, bo)
    gun = await pair.linkoping.bench.leader()
    assert "handover.keep_or_dispute_leader" in await cards(pair.linkoping, gun, handover_id)


async def test_boards_show_whose_turn_it_is_and_nothing_of_the_person(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    asta, bo = await pair.linkoping.bench.case_worker(), await pair.goteborg.bench.case_worker()
    ours = {row.handover_id: row for row in await handover.board(pair.linkoping.node, asta)}
    theirs = {row.handover_id: row for row in await handover.board(pair.goteborg.node, bo)}
    assert (ours[handover_id].waits_for, theirs[handover_id].waits_for) == ("them", "us")
    assert ours[handover_id].code_name
    assert theirs[handover_id].code_name is None
    assert not theirs[handover_id].is_overdue


async def test_what_is_over_stays_on_both_boards(pair) -> None:
    _, handover_id, _ = await pair.taken_over()
    asta, bo = await pair.linkoping.bench.case_worker(), await pair.goteborg.bench.case_worker()
    for town, actor in ((pair.linkoping, asta), (pair.goteborg, bo)):
        over = {row.handover_id: row for row in await handover.finished(town.node, actor)}
        assert over[handover_id].waits_for == "nobody"
        assert over[handover_id].code_name
        assert handover_id not in {
            row.handover_id for row in await handover.board(town.node, actor)
        }


async def test_a_new_threat_level_is_a_card_while_the_case_is_on_its_way(pair) -> None:
    case_id, _, _ = await pair.proposed()
    asta = await pair.linkoping.bench.case_worker()
    await pair.assessed_high(case_id)
    assert "handover.threat_changed" in await cards(pair.linkoping, asta, case_id)
    at_rest = await pair.linkoping.bench.investigated()
    await pair.linkoping.bench.consent(
        at_rest, valid_until=pair.linkoping.bench.today + timedelta(days=90)
    )
    await pair.assessed_high(at_rest)
    assert "handover.threat_changed" not in await cards(pair.linkoping, asta, at_rest)


async def test_a_text_that_is_too_long_is_refused_before_anything_is_kept(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    asta = await pair.linkoping.bench.case_worker()
    view = await pair.linkoping.view(handover_id, asta)
    import msgspec

    for changes, code in (
        ({"wish": "å" * 100_000}, "handover.text_too_long"),
        ({"statute": "SoL 29:1"}, "handover.no_legal_ground"),
        ({"kinds": frozenset({"address"})}, "handover.unknown_kind"),
        ({"receiving_function": "vd"}, "handover.unknown_function"),
        ({"ground": "consent", "consent_id": None}, "handover.no_legal_ground"),
    ):
        draft = msgspec.structs.replace(view.draft, **changes)
        command = handover.UpdateDraft(handover_id, view.row.revision, draft)
        with pytest.raises(DomainError) as refusal:
            await handover.update_draft(pair.linkoping.node, asta, command)
        assert refusal.value.code == code
    with pytest.raises(DomainError, match=r"handover\.text_too_long"):
        await pair.linkoping.sign(handover_id, handover.Withdraw("å" * 20_001))


async def test_every_read_and_every_step_is_logged(pair) -> None:
    case_id, handover_id, _ = await pair.proposed()
    await pair.linkoping.view(handover_id)
    rows = await pair.linkoping.rows(
        "select action, reason from audit_entry where case_id = :id", id=case_id
    )
    actions = {row.action for row in rows}
    assert {"handover.draft_started", "handover.signed", "handover.propose"} <= actions
    assert ("handover.read", "prov") in {(row.action, row.reason) for row in rows}


async def test_a_case_that_is_closed_cannot_be_handed_over(pair) -> None:
    case_id, _, _ = await pair.taken_over()
    asta = await pair.linkoping.bench.case_worker()
    with pytest.raises(Conflict, match=r"handover\.case_closed"):
        await handover.start_draft(
            pair.linkoping.node, asta, handover.StartDraft(case_id, 1, "1480")
        )


async def test_a_handover_to_oneself_or_to_nobody_known_is_refused(pair) -> None:
    case_id = await pair.linkoping.bench.investigated()
    asta = await pair.linkoping.bench.case_worker()
    with pytest.raises(DomainError, match=r"handover\.to_oneself"):
        await handover.start_draft(
            pair.linkoping.node, asta, handover.StartDraft(case_id, 1, "0580")
        )
    with pytest.raises(DomainError, match=r"directory\.unknown_authority"):
        await handover.start_draft(
            pair.linkoping.node, asta, handover.StartDraft(case_id, 1, "9999")
        )


async def test_a_municipality_on_the_exclusion_list_cannot_be_chosen(pair) -> None:
    case_id, handover_id, _ = await pair.drafted()
    asta = await pair.linkoping.bench.case_worker()
    command = cases.SetExclusion(case_id, 1, "authority", "1480", "Hot därifrån.")
    await cases.set_exclusion(pair.linkoping.node, asta, command)
    with pytest.raises(DomainError, match=r"handover\.excluded"):
        await pair.linkoping.sign(handover_id, handover.Propose())


async def test_the_first_signature_can_be_taken_back(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    asta = await pair.linkoping.bench.case_worker()
    signed = await pair.linkoping.sign(handover_id, handover.Propose(), asta)
    assert signed.second_roles == {"team_leader"}
    with pytest.raises(Conflict, match=r"handover\.already_signed"):
        await pair.linkoping.sign(handover_id, handover.Propose(), asta)
    revision = (await pair.linkoping.view(handover_id, asta)).row.revision
    take_back = handover.TakeBack(handover_id, revision)
    await handover.take_back(pair.linkoping.node, asta, take_back)
    with pytest.raises(Conflict, match=r"handover\.nothing_to_confirm"):
        await pair.linkoping.confirm(handover_id)


@pytest.mark.parametrize("outcome", ["locked", "erased"])
async def test_nothing_is_erased_for_a_consent_that_nobody_took_back(pair, outcome) -> None:
    _, handover_id, consent_id = await pair.taken_over()
    bo = await pair.goteborg.bench.case_worker()
    for consent in (consent_id, random_id()):
        handled = handover.TellConsentHandled(
            handover_id, consent, outcome, "Egna beslut.", "file.purge"
        )
        with pytest.raises(Conflict, match=r"handover\.consent_not_withdrawn"):
            await handover.tell_consent_handled(pair.goteborg.node, bo, handled)
    assert (await pair.goteborg.view(handover_id, bo)).dossier is not None


async def test_notices_travel_both_ways_after_the_end_too(pair) -> None:
    case_id, handover_id, consent_id = await pair.taken_over()
    asta = await pair.linkoping.bench.case_worker()
    for tell, command in (
        (handover.tell_supplement, handover.TellSupplement(handover_id, "Samtal samma dag.")),
        (handover.tell_rectified, handover.TellRectified(handover_id, "residence", "Fel dag.")),
    ):
        await tell(pair.linkoping.node, asta, command)
    bo = await pair.goteborg.bench.case_worker()
    handled = handover.TellConsentHandled(handover_id, consent_id, "locked", "Beslut.")
    with pytest.raises(DomainError, match=r"handover\.remainder_without_law"):
        await handover.tell_consent_handled(pair.goteborg.node, bo, handled)
    handled = handover.TellConsentHandled(handover_id, consent_id, "locked", " ", "file.purge")
    with pytest.raises(DomainError, match=r"handover\.remainder_missing"):
        await handover.tell_consent_handled(pair.goteborg.node, bo, handled)
    handled = handover.TellConsentHandled(
        handover_id, consent_id, "locked", "Egna beslut.", "file.purge"
    )
    withdraw = cases.WithdrawConsent(case_id, 1, consent_id)
    await cases.withdraw_consent(pair.linkoping.node, asta, withdraw)
    await pair.settle()
    await handover.tell_consent_handled(pair.goteborg.node, bo, handled)
    await pair.settle()
    theirs = {each.code for each in (await pair.goteborg.view(handover_id, bo)).events}
    ours = {each.code for each in (await pair.linkoping.view(handover_id, asta)).events}
    assert {"supplement", "rectified"} <= theirs
    assert "consent_handled" in ours
    assert case_id
