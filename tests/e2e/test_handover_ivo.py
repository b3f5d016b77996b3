"""The application to IVO, the appeal, and what both ends know of their dispute."""

from datetime import timedelta

import pytest

from services.handover import api as handover
from shared.clock import months_after
from shared.errors import AccessDenied, Conflict, DomainError

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def at_ivo(pair):
    """Declined, applied, noted."""
    case_id, handover_id, _ = await pair.declined()
    await pair.dispute(case_id, handover_id)
    await pair.settle()
    return case_id, handover_id


async def ruled(pair, handover_id, **changes):
    """Linköping records that IVO has ruled for Göteborg, final today."""
    today = pair.linkoping.bench.today
    ruling = handover.RecordRuling("receiver", "IVO 2026-123", today, today, **changes)
    await pair.linkoping.decide(handover_id, ruling, await pair.linkoping.bench.leader())
    await pair.settle()


async def appeal(town, actor, handover_id, **changes):
    command = handover.RecordAppeal(handover_id, "IVO 2026-123", town.bench.today, **changes)
    await handover.record_appeal(town.node, actor, command)


@pytest.mark.parametrize("end", ["linkoping", "goteborg"])
async def test_while_either_end_has_told_of_an_appeal_no_ruling_is_final(pair, end) -> None:
    _, handover_id = await at_ivo(pair)
    town = getattr(pair, end)
    await appeal(town, await town.bench.leader(), handover_id)
    await pair.settle()

    with pytest.raises(DomainError, match=r"handover\.ruling_appealed"):
        await ruled(pair, handover_id)
    assert await pair.goteborg.state(handover_id) == "disputed"

    await ruled(pair, handover_id, appeal_document="FR Karlstad 411-27")
    there = (await pair.goteborg.view(handover_id)).dispute
    assert there.ruling_document == "IVO 2026-123; FR Karlstad 411-27"
    assert await pair.goteborg.state(handover_id) == "ordered"


async def test_what_does_not_lie_with_ivo_cannot_be_appealed(pair) -> None:
    gun = await pair.linkoping.bench.leader()
    _, draft_id, _ = await pair.drafted()
    for handover_id in (draft_id, (await pair.proposed())[1], (await pair.declined())[1]):
        with pytest.raises(Conflict, match=r"handover\.not_in_this_state"):
            await appeal(pair.linkoping, gun, handover_id)
    assert await pair.goteborg.state(draft_id) == "none"


async def test_that_we_have_appealed_is_recorded_by_whom_the_delegation_order_names(pair) -> None:
    _, handover_id = await at_ivo(pair)
    gun = await pair.linkoping.bench.leader()
    with pytest.raises(DomainError, match=r"decision\.not_delegate"):
        await appeal(pair.linkoping, gun, handover_id, is_ours=True)
    await appeal(pair.linkoping, await pair.director(), handover_id, is_ours=True)
    assert (await pair.linkoping.view(handover_id)).dispute.appealed_document == "IVO 2026-123"


async def test_both_ends_know_both_statements_and_the_same_clock(pair) -> None:
    _, handover_id = await at_ivo(pair)
    ours = (await pair.linkoping.view(handover_id)).dispute
    theirs = (await pair.goteborg.view(handover_id)).dispute
    assert ours.statement == theirs.statement == "Vi delar inte bedömningen."
    assert ours.answer_text == theirs.answer_text == "Bor inte här."
    assert ours.answer_code == theirs.answer_code == "connection_not_here"
    assert ours.applied_on == theirs.applied_on == pair.linkoping.bench.today
    due_on = months_after(pair.linkoping.bench.today, 3)
    assert ours.ivo_due_on == theirs.ivo_due_on == due_on
    await ruled(pair, handover_id)
    for town in (pair.linkoping, pair.goteborg):
        known = (await town.view(handover_id)).dispute
        assert (known.ruled_for, known.final_on) == ("receiver", town.bench.today)


async def test_the_file_says_from_when_another_is_responsible_until_it_has_taken_over(pair) -> None:
    case_id, handover_id = await at_ivo(pair)
    asta = await pair.linkoping.bench.case_worker()

    async def ruled_away_on():
        return await handover.ruled_away_on(pair.linkoping.node, asta, case_id)

    assert await ruled_away_on() is None
    await ruled(pair, handover_id)
    today = pair.linkoping.bench.today
    assert await ruled_away_on() == today
    leader = await pair.goteborg.bench.leader()
    coordinator = await pair.goteborg.bench.person("Karin", "exit_coordinator")
    await pair.goteborg.decide(handover_id, handover.Agree(today), leader, coordinator)
    await pair.settle()
    assert await ruled_away_on() == today
    await pair.name_reader(handover_id)
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert await ruled_away_on() is None


async def application(pair, handover_id, actor=None):
    actor = actor or await pair.linkoping.bench.leader()
    return await handover.ivo_application(pair.linkoping.node, actor, handover_id)


async def test_the_application_holds_the_request_the_answer_and_both_statements(pair) -> None:
    case_id, handover_id, _ = await pair.declined()
    before = await application(pair, handover_id)
    assert before.request.belonging.wish == "Vill till Göteborg."
    assert before.dispute.answer_text == "Bor inte här."
    assert (before.applied_on, before.statement) == (None, "")

    bench = pair.linkoping.bench
    gun, dag = await bench.leader(), await pair.director()
    await bench.assign(case_id, gun, dag, "team_leader")
    payload = handover.ApplyToIVO(bench.today, "Sover i Göteborg.", "SN 2026-17")
    await pair.linkoping.sign(handover_id, payload, gun)
    read_by_second = await application(pair, handover_id, dag)
    assert read_by_second.waits_for_second
    assert read_by_second.statement == "Sover i Göteborg."
    assert read_by_second.register_number == "SN 2026-17"

    await pair.linkoping.confirm(handover_id, dag)
    await pair.settle()
    after = await application(pair, handover_id)
    assert (after.statement, after.register_number) == ("Sover i Göteborg.", "SN 2026-17")
    assert after.applied_on == bench.today
    assert not after.waits_for_second
    assert [each.kind for each in after.decisions] == ["handover.propose", "handover.dispute"]
    assert after.decisions[1].second == dag.staff_id


async def test_the_way_to_ivo_is_closed_until_a_no_or_a_month_of_silence(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    with pytest.raises(Conflict, match=r"handover\.ivo_not_open"):
        await application(pair, handover_id)
    pair.clock.move(timedelta(days=32))
    await pair.settle()
    silent = await application(pair, handover_id)
    assert silent.dispute.answer_code is None
    assert silent.receipt_at is not None


async def test_the_application_is_the_senders_and_its_members_alone(pair) -> None:
    _, handover_id = await at_ivo(pair)
    with pytest.raises(AccessDenied):
        await handover.ivo_application(
            pair.goteborg.node, await pair.goteborg.bench.leader(), handover_id
        )
    with pytest.raises(AccessDenied):
        await application(pair, handover_id, await pair.linkoping.bench.case_worker("Nils"))


async def test_whoever_fetches_the_application_stands_in_the_log(pair) -> None:
    case_id, handover_id = await at_ivo(pair)
    await application(pair, handover_id)
    found = await pair.linkoping.rows(
        "select count(*) as n from audit_entry"
        " where action = 'handover.ivo_application_read' and case_id = :id",
        id=case_id,
    )
    assert found[0].n == 1


async def cards(town, handover_id) -> set[tuple[str, str]]:
    rows = await town.rows(
        "select kind, audience from card where subject_id = :id and done_at is null",
        id=handover_id,
    )
    return {(row.kind.removeprefix("handover."), row.audience) for row in rows}


async def test_a_dispute_that_nobody_hears_of_makes_cards_at_both_ends(pair) -> None:
    _, handover_id = await at_ivo(pair)
    pair.clock.move(timedelta(days=95))
    await pair.settle()
    for town in (pair.linkoping, pair.goteborg):
        assert ("ivo_overdue", "case_worker") in await cards(town, handover_id)
    await ruled(pair, handover_id)
    pair.clock.move(timedelta(days=31))
    await pair.settle()
    ours, theirs = await cards(pair.linkoping, handover_id), await cards(pair.goteborg, handover_id)
    assert {("ruled_not_agreed", "case_worker"), ("ruled_not_agreed_leader", "team_leader")} <= ours
    assert ("ruled_not_agreed", "team_leader") in theirs
    assert ("ivo_overdue", "case_worker") not in ours | theirs


async def test_a_no_that_is_locked_can_still_be_disputed_agreed_to_and_taken_over(pair) -> None:
    """The sender goes to IVO after the month in which the receiver's copy is locked."""
    case_id, handover_id, _ = await pair.declined()
    pair.clock.move(timedelta(days=32))
    await pair.settle()
    bo = await pair.goteborg.bench.case_worker()
    with pytest.raises(AccessDenied):
        await pair.goteborg.view(handover_id, bo)
    await pair.dispute(case_id, handover_id)
    await pair.settle()
    await ruled(pair, handover_id)
    leader = await pair.goteborg.bench.leader()
    coordinator = await pair.goteborg.bench.person("Karin", "exit_coordinator")
    agreed = handover.Agree(pair.goteborg.bench.today)
    await pair.goteborg.decide(handover_id, agreed, leader, coordinator)
    await pair.settle()
    await pair.name_reader(handover_id, bo)
    await pair.goteborg.decide(handover_id, await pair.take_over_facts(bo), bo)
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)
