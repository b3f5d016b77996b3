"""Declined, disputed, ruled: IVO decides, and responsibility moves only at take-over."""

from datetime import timedelta

import pytest

from services.handover import api as handover
from shared.errors import Conflict, DomainError

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


def ruling(town, responsible):
    today = town.bench.today
    return handover.RecordRuling(responsible, "IVO 2026-123", today, today)


async def test_ivo_rules_for_the_receiver_and_it_takes_over(pair) -> None:
    case_id, handover_id, _ = await pair.declined()
    assert (await pair.linkoping.view(handover_id)).row.answer_code == "connection_not_here"
    await pair.dispute(case_id, handover_id)
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "disputed"
    assert await pair.goteborg.state(handover_id) == "disputed"
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(handover_id, ruling(pair.linkoping, "receiver"), gun)
    await pair.settle()
    assert await pair.goteborg.state(handover_id) == "ordered"
    assert await pair.responsible(handover_id) == (True, False)
    leader = await pair.goteborg.bench.leader()
    coordinator = await pair.goteborg.bench.person("Karin", "exit_coordinator")
    await pair.goteborg.decide(
        handover_id, handover.Agree(pair.goteborg.bench.today), leader, coordinator
    )
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "sending"
    await pair.name_reader(handover_id)
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)
    content = await handover.export_evidence(
        pair.goteborg.node, await pair.goteborg.bench.case_worker(), handover_id
    )
    from shared.messages.evidence import verify_evidence

    report = verify_evidence(content, pair.goteborg.node.directory, handover.follows_protocol)
    assert report.failures == ()


async def test_ivo_rules_for_the_sender_and_the_receiver_erases(pair) -> None:
    case_id, handover_id, _ = await pair.declined()
    await pair.dispute(case_id, handover_id)
    await pair.settle()
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(handover_id, ruling(pair.linkoping, "sender"), gun)
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "kept"
    assert await pair.goteborg.state(handover_id) == "closed"
    view = await pair.goteborg.view(handover_id)
    assert view.proposal is None
    assert view.row.erased_at is not None
    assert await pair.responsible(handover_id) == (True, False)


async def test_after_a_ruling_the_sender_withdraws_only_with_the_receivers_word(pair) -> None:
    case_id, handover_id, _ = await pair.declined()
    await pair.dispute(case_id, handover_id)
    await pair.settle()
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(handover_id, ruling(pair.linkoping, "receiver"), gun)
    await pair.settle()
    with pytest.raises(DomainError, match=r"handover\.withdrawal_not_agreed"):
        await pair.linkoping.sign(handover_id, handover.Withdraw("Ångrat."))
    leader = await pair.goteborg.bench.leader()
    revision = (await pair.goteborg.view(handover_id)).row.revision
    await handover.agree_to_withdrawal(
        pair.goteborg.node, leader, handover.AgreeToWithdrawal(handover_id, revision, "Ja.")
    )
    await pair.settle()
    await pair.linkoping.decide(handover_id, handover.Withdraw("Ångrat."))
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "withdrawn"
    assert await pair.goteborg.state(handover_id) == "cancelled"


async def test_silence_opens_the_way_to_ivo_after_a_month_and_not_before(pair) -> None:
    case_id, handover_id, _ = await pair.proposed()
    with pytest.raises(DomainError, match=r"handover\.month_not_passed"):
        await pair.dispute(case_id, handover_id)
    pair.clock.move(timedelta(days=32))
    await pair.settle()
    gun, dag = await pair.linkoping.bench.leader(), await pair.director()
    payload = handover.ApplyToIVO(pair.linkoping.bench.today, "Inget svar.")
    await pair.linkoping.decide(handover_id, payload, gun, dag)
    assert await pair.linkoping.state(handover_id) == "escalating"
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "sending"
    assert await pair.goteborg.state(handover_id) == "accepted"


async def test_the_sender_keeps_a_declined_case_and_the_receiver_closes(pair) -> None:
    _, handover_id, _ = await pair.declined()
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(handover_id, handover.Keep("Vi behåller."), gun)
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "kept"
    assert await pair.goteborg.state(handover_id) == "closed"


async def test_a_returned_dossier_is_erased_and_the_case_stays(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    assert (await pair.goteborg.view(handover_id)).dossier is not None
    await pair.goteborg.decide(handover_id, handover.ReturnIt("facts_differ", "Stämmer inte."))
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "declined"
    assert await pair.goteborg.state(handover_id) == "returned"
    view = await pair.goteborg.view(handover_id)
    assert view.dossier is None
    assert view.row.dossier is None
    left = await pair.goteborg.rows(
        "select count(*) as n from attachment_in_chunk c join attachment_in a"
        " using (attachment_id) where a.conversation_id = :id",
        id=handover_id,
    )
    assert left[0].n == 0


async def test_a_decline_without_reasons_or_with_an_unknown_code_is_refused(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    with pytest.raises(DomainError, match=r"handover\.reason_code_unknown"):
        await pair.goteborg.sign(handover_id, handover.Decline("tired", "Nej."))
    with pytest.raises(DomainError, match=r"handover\.reasons_missing"):
        await pair.goteborg.sign(handover_id, handover.Decline("place_not_safe", "  "))


async def test_a_ruling_that_is_appealed_is_told_to_the_other_end(pair) -> None:
    case_id, handover_id, _ = await pair.declined()
    await pair.dispute(case_id, handover_id)
    await pair.settle()
    leader = await pair.goteborg.bench.leader()
    command = handover.RecordAppeal(handover_id, "IVO 2026-123", pair.goteborg.bench.today)
    await handover.record_appeal(pair.goteborg.node, leader, command)
    await pair.settle()
    events = [each.code for each in (await pair.linkoping.view(handover_id)).events]
    assert "ruling_appealed" in events


async def test_what_the_state_does_not_allow_is_a_conflict(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    gun = await pair.linkoping.bench.leader()
    with pytest.raises(Conflict, match=r"handover\.not_in_this_state"):
        await pair.linkoping.sign(handover_id, handover.Keep("Nej."), gun)
