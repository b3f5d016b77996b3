"""A withdrawal asks; the receiver's committed answer decides, and both ends keep that outcome."""

import pytest

from services.cases import api as cases
from services.handover import api as handover
from shared.errors import AccessDenied, DomainError
from shared.messages.evidence import verify_evidence
from tests.support.casework import GOTEBORG

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def withdraw_consent(pair, case_id, consent_id) -> None:
    asta = await pair.linkoping.bench.case_worker()
    command = cases.WithdrawConsent(case_id, 1, consent_id)
    await cases.withdraw_consent(pair.linkoping.node, asta, command)


async def test_consent_withdrawn_before_the_dossier_keeps_it_from_leaving(pair) -> None:
    case_id, handover_id, consent_id = await pair.proposed()
    await withdraw_consent(pair, case_id, consent_id)
    assert await pair.linkoping.state(handover_id) == "withdrawing"
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "withdrawn"
    assert await pair.goteborg.state(handover_id) == "cancelled"
    kinds = [each.kind for each in (await pair.linkoping.view(handover_id)).messages]
    assert "dossier" not in kinds
    sent = await pair.linkoping.rows(
        "select count(*) as n from attachment_out where conversation_id = :id", id=handover_id
    )
    assert sent[0].n == 0
    assert await pair.responsible(handover_id) == (True, False)


async def test_what_is_cancelled_is_erased_with_its_key_and_a_signed_confirmation(pair) -> None:
    case_id, handover_id, consent_id = await pair.proposed()
    await withdraw_consent(pair, case_id, consent_id)
    await pair.settle()
    view = await pair.goteborg.view(handover_id)
    assert view.proposal is None
    assert dict(view.bodies) == {}
    assert view.row.key_destroyed_at is not None
    with pytest.raises(DomainError, match=r"keys\.erased"):
        await pair.goteborg.node.case_keys.get(handover_id)
    ours = await pair.linkoping.view(handover_id)
    said = [body for body in ours.bodies.values() if type(body).__name__ == "Cancelled"]
    assert said[0].erased == ("proposal",)
    assert [each.kind for each in view.messages] == ["proposed", "withdrawn", "cancelled"]


async def test_a_withdrawal_that_crosses_an_acceptance_ends_the_same_at_both(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    await pair.linkoping.decide(handover_id, handover.Withdraw("Flyttar inte."))
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "withdrawn"
    assert await pair.goteborg.state(handover_id) == "cancelled"
    assert await pair.responsible(handover_id) == (True, False)


async def test_a_withdrawal_that_crosses_a_take_over_comes_too_late(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    await pair.linkoping.decide(handover_id, handover.Withdraw("Flyttar inte."))
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "completed"
    assert await pair.goteborg.state(handover_id) == "taken_over"
    assert await pair.responsible(handover_id) == (False, True)


async def test_consent_withdrawn_while_the_receiver_takes_over_is_told_to_it(pair) -> None:
    case_id, handover_id, consent_id = await pair.accepted()
    await withdraw_consent(pair, case_id, consent_id)
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)
    there = await pair.goteborg.bench.case_worker()
    events = [each.code for each in (await pair.goteborg.view(handover_id, there)).events]
    assert "consent_withdrawn" in events


async def test_consent_does_not_move_a_handover_that_rests_on_statute(pair) -> None:
    case_id, handover_id, _ = await pair.drafted(consent=False)
    consent_id = await pair.linkoping.bench.consent(case_id)
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    await withdraw_consent(pair, case_id, consent_id)
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "proposed"


async def test_consent_withdrawn_after_a_no_keeps_the_case(pair) -> None:
    case_id, handover_id, consent_id = await pair.declined()
    await withdraw_consent(pair, case_id, consent_id)
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "kept"
    assert await pair.goteborg.state(handover_id) == "closed"


async def test_after_the_end_the_case_can_be_handed_over_anew(pair) -> None:
    case_id, handover_id, _ = await pair.proposed()
    await pair.linkoping.decide(handover_id, handover.Withdraw("Ångrat."))
    await pair.settle()
    asta = await pair.linkoping.bench.case_worker()
    again = await handover.start_draft(
        pair.linkoping.node, asta, handover.StartDraft(case_id, 1, "1480")
    )
    assert again != handover_id


async def test_a_draft_that_rested_on_the_consent_cannot_be_sent(pair) -> None:
    case_id, handover_id, consent_id = await pair.drafted()
    await withdraw_consent(pair, case_id, consent_id)
    with pytest.raises(DomainError, match=r"handover\.consent_withdrawn"):
        await pair.linkoping.sign(handover_id, handover.Propose())


async def test_a_dropped_draft_leaves_the_case_as_it_was(pair) -> None:
    case_id, handover_id, _ = await pair.drafted()
    await pair.linkoping.decide(handover_id, handover.Drop())
    assert await pair.linkoping.state(handover_id) == "dropped"
    header = (
        await cases.read_case(
            pair.linkoping.node, await pair.linkoping.bench.case_worker(), case_id, "prov"
        )
    ).header
    assert header.open_handover is None
    with pytest.raises(AccessDenied):
        await pair.goteborg.view(handover_id)


async def test_evidence_holds_though_a_file_came_after_the_handover_was_cancelled(pair) -> None:
    """The late file is answered; its answer is about no message, and stays out of the export."""
    _, handover_id, _ = await pair.proposed()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.goteborg.relay.run_once()
    await pair.linkoping.inbox.receive_once()
    await pair.linkoping.inbox.dispatch_once()
    while not (files := pair.exchange.queue("ATTACHMENT", GOTEBORG)).waiting:
        await pair.linkoping.relay.run_once()
    late = list(files.waiting)
    files.waiting.clear()
    await pair.linkoping.decide(handover_id, handover.Withdraw("Flyttar inte."))
    await pair.settle()
    assert await pair.goteborg.state(handover_id) == "cancelled"
    files.waiting.extend(late)
    await pair.settle()
    answered = await pair.goteborg.rows(
        "select count(*) as n from outbox where conversation_id = :id and kind = 'refusal'",
        id=handover_id,
    )
    assert answered[0].n == 1
    leader = await pair.goteborg.bench.leader()
    content = await handover.export_evidence(pair.goteborg.node, leader, handover_id)
    report = verify_evidence(content, pair.goteborg.node.directory, handover.follows_protocol)
    assert report.failures == ()
