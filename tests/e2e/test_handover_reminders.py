"""Silence moves no state and escapes nobody: cards at both ends, by both clocks."""

from datetime import timedelta

import pytest

from services.handover import api as handover
from tests.support.exchange import open_pair

pytestmark = pytest.mark.servers

OPEN = """
    select kind, audience from card where done_at is null and subject_id = :about
    order by kind, audience
"""
TIMED = {
    "answer_due_soon",
    "answer_overdue",
    "month_passed",
    "keep_or_dispute",
    "keep_or_dispute_leader",
    "accepted_not_opened",
    "accepted_without_dossier",
    "not_taken_over",
    "not_delivered",
    "not_delivered_leader",
    "locked_to_disputes",
    "unaccounted",
}


@pytest.fixture
async def pair(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as pair:
        yield pair


async def cards(town, handover_id) -> set[str]:
    """The reminders that are open, without their prefix."""
    found = {row.kind.removeprefix("handover.") for row in await town.rows(OPEN, about=handover_id)}
    return found & TIMED


async def audiences(town, handover_id, kind) -> set[str]:
    rows = await town.rows(OPEN, about=handover_id)
    return {row.audience for row in rows if row.kind == f"handover.{kind}"}


async def both(pair, handover_id) -> tuple[set[str], set[str]]:
    return await cards(pair.linkoping, handover_id), await cards(pair.goteborg, handover_id)


async def pass_days(pair, days: int) -> None:
    pair.clock.move(timedelta(days=days))
    await pair.settle()


async def test_an_accepted_handover_that_nobody_opens_is_an_alarm_at_both_ends(pair):
    _, handover_id, _ = await pair.accepted()
    await pass_days(pair, 3)
    assert await both(pair, handover_id) == (set(), set())
    await pass_days(pair, 1)
    assert await both(pair, handover_id) == ({"not_taken_over"}, {"accepted_not_opened"})
    assert await audiences(pair.linkoping, handover_id, "not_taken_over") == {"case_worker"}
    assert "team_leader" in await audiences(pair.goteborg, handover_id, "accepted_not_opened")
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert await both(pair, handover_id) == (set(), set())


async def test_a_dossier_that_does_not_arrive_is_an_alarm_at_its_receiver(pair):
    _, handover_id, _ = await pair.proposed()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    for _ in range(10):  # every chunk is lost on its way, whatever else arrives
        await pair.linkoping.step()
        pair.exchange.queue("ATTACHMENT", pair.goteborg.node.authority).waiting.clear()
        await pair.goteborg.step()
    pair.clock.move(timedelta(days=4))
    await handover.tick(pair.goteborg.worker_node)
    assert "accepted_without_dossier" in await cards(pair.goteborg, handover_id)


async def test_a_month_of_silence_reminds_both_ends_and_moves_nothing(pair):
    _, handover_id, _ = await pair.proposed()
    view = await pair.linkoping.view(handover_id)
    answer_on = view.row.answer_on
    await pass_days(pair, (answer_on - pair.linkoping.bench.today).days - 3)
    assert await both(pair, handover_id) == ({"answer_due_soon"}, {"answer_due_soon"})
    await pass_days(pair, 4)
    assert await both(pair, handover_id) == ({"answer_overdue"}, {"answer_overdue"})
    await pass_days(pair, 31)
    silent = {"answer_overdue", "month_passed"}
    assert await both(pair, handover_id) == (silent, silent)
    assert await pair.linkoping.state(handover_id) == "proposed"
    assert await pair.goteborg.state(handover_id) == "received"
    assert await pair.responsible(handover_id) == (True, False)


async def test_a_no_that_nobody_acts_on_is_brought_up_weekly_and_then_to_the_leader(pair):
    _, handover_id, _ = await pair.declined()
    made = "select count(*) from handover_reminder where reminder = 'keep_or_dispute'"
    for week in range(1, 5):
        await pass_days(pair, 7)
        assert await pair.linkoping.rows(made) == [(week,)]
        assert await cards(pair.linkoping, handover_id) == {"keep_or_dispute"}
    await pass_days(pair, 2)
    assert await audiences(pair.linkoping, handover_id, "keep_or_dispute_leader") == {"team_leader"}
    await pass_days(pair, 1)
    assert "locked_to_disputes" in await cards(pair.goteborg, handover_id)
    locked = "select is_locked from incoming_handover"
    assert await pair.goteborg.rows(locked) == [(True,)]


async def test_a_proposal_that_does_not_arrive_is_told_of_and_then_to_the_leader(pair):
    _, handover_id, _ = await pair.drafted()
    pair.exchange.go_away()
    await pair.linkoping.decide(handover_id, handover.Propose())
    for days, expected in (
        (0, set()),
        (1, {"not_delivered"}),
        (6, {"not_delivered", "not_delivered_leader"}),
    ):
        pair.clock.move(timedelta(days=days))
        await handover.tick(pair.linkoping.worker_node)
        found = await cards(pair.linkoping, handover_id)
        assert found & {"not_delivered", "not_delivered_leader"} == expected
    assert await audiences(pair.linkoping, handover_id, "not_delivered_leader") == {"team_leader"}
    pair.exchange.come_back()
    await pair.settle()
    assert "not_delivered" not in await cards(pair.linkoping, handover_id)
    assert "not_delivered_leader" not in await cards(pair.linkoping, handover_id)
    assert await pair.goteborg.state(handover_id) == "received"


async def test_a_take_over_that_the_sender_does_not_learn_of_is_told_of_at_its_receiver(pair):
    """Over at the receiver, not at the sender: until then both work with the case."""
    _, handover_id, _ = await pair.accepted()
    pair.exchange.go_away()
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    pair.clock.move(timedelta(days=1))
    await handover.tick(pair.goteborg.worker_node)
    assert await cards(pair.goteborg, handover_id) == {"not_delivered"}
    pair.exchange.come_back()
    await pair.settle()
    assert await both(pair, handover_id) == (set(), set())
    assert await pair.responsible(handover_id) == (False, True)


async def test_a_message_that_the_other_end_cannot_open_has_a_time_limit(pair):
    """Quarantined again and again: both ends' people know, by the day and by the week."""
    _, handover_id, _ = await pair.drafted()
    await pair.linkoping.decide(handover_id, handover.Propose())
    queue = pair.exchange.queue("EXCHANGE", pair.goteborg.node.authority)
    for _ in range(20):
        await pair.linkoping.relay.run_once()
        for waiting in queue.waiting:
            waiting.frame = waiting.frame[:-1] + bytes([waiting.frame[-1] ^ 1])
        await pair.goteborg.step()
        await pair.linkoping.inbox.receive_once()
        await handover.tick(pair.linkoping.worker_node)
        pair.clock.move(timedelta(hours=9))
    quarantined = "select count(*) from card where kind = 'exchange.quarantined'"
    assert await pair.goteborg.rows(quarantined) == [(1,)]
    found = await cards(pair.linkoping, handover_id)
    assert {"not_delivered", "not_delivered_leader"} <= found
    await pair.settle()
    found = await cards(pair.linkoping, handover_id)
    assert not found & {"not_delivered", "not_delivered_leader"}
    assert await pair.goteborg.state(handover_id) == "received"


@pytest.mark.parametrize(
    ("end", "spoil"),
    [
        ("0580", "delete from outbox where kind = 'proposed'"),
        ("0580", "delete from case_open_handover"),
        ("0580", "update handover set state = 'kept'"),
        ("1480", "delete from incoming_handover"),
    ],
)
async def test_a_handover_of_which_a_part_is_gone_is_named(pair, postgres_server, end, spoil):
    _, handover_id, _ = await pair.proposed()
    town = pair.linkoping if end == "0580" else pair.goteborg
    assert "unaccounted" not in await cards(town, handover_id)
    async with postgres_server.admin(f"utvag_{end}") as admin:
        await admin.execute("set session_replication_role = replica")
        await admin.execute(spoil)
    await handover.tick(town.worker_node)
    assert await cards(town, handover_id) >= {"unaccounted"}
    assert await audiences(town, handover_id, "unaccounted") == {"system_admin"}
