"""R11: two ends whose clocks disagree, and a clock that goes back a day in the middle."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.handover import api as handover
from shared.messages import verify_evidence
from tests.support.exchange import open_pair

MINUTES, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
SKEWS = [-HOUR, -MINUTES, MINUTES, HOUR]

_NUMBERS = """
    select direction, number, kind, outcome from outbox
    where conversation_id = :id and number > 0 order by direction, number
"""
_CHAIN = "select link from case_link where case_id = :id order by number"
# What an end writes of the other's clock is what the other signed, inside bodies and links.
_DATED = {
    "handover": ("since", "created_at", "proposed_at", "receipt_at"),
    "incoming_handover": ("since", "received_at", "dossier_at"),
}


@asynccontextmanager
async def skewed(postgres_server, folder, skew):
    async with open_pair(postgres_server, folder, skew=skew) as pair:
        yield pair


async def told(town):
    """The cards about clocks: what our people are told of ours, and of the other's."""
    found = await town.rows(
        "select kind, facts->>'code' as code from card"
        " where kind in ('exchange.not_believed', 'exchange.clock_differs') order by kind"
    )
    return [tuple(row) for row in found]


async def demand_whole(pair, handover_id):
    """One responsible, the numbers without holes, the chain the same and whole at both ends."""
    assert await pair.responsible(handover_id) == (False, True)
    assert [tuple(row) for row in await pair.linkoping.rows(_NUMBERS, id=handover_id)] == [
        ("forward", 1, "proposed", "applied"),
        ("forward", 2, "dossier", "applied"),
    ]
    assert [tuple(row) for row in await pair.goteborg.rows(_NUMBERS, id=handover_id)] == [
        ("back", 1, "accepted", "applied"),
        ("back", 2, "completed", "applied"),
    ]
    chains = []
    for town in (pair.linkoping, pair.goteborg):
        view = await town.view(handover_id, await town.bench.case_worker())
        chains.append([row.link for row in await town.rows(_CHAIN, id=view.row.case_id)])
        content = await handover.export_evidence(
            town.node, await town.bench.case_worker(), handover_id
        )
        report = verify_evidence(content, town.node.directory, handover.follows_protocol)
        assert report.failures == ()
    assert chains[0] == chains[1] != []


@pytest.mark.parametrize("skew", SKEWS, ids=str)
async def test_a_clock_that_differs_changes_nothing_and_beyond_five_minutes_is_told(
    postgres_server, tmp_path, skew
):
    async with skewed(postgres_server, tmp_path, skew) as pair:
        _, handover_id, _ = await pair.taken_over()
        await demand_whole(pair, handover_id)
        wrong = [("exchange.not_believed", "wire.clock_ahead")]
        ahead = {HOUR: pair.goteborg, -HOUR: pair.linkoping}.get(skew)
        for town in (pair.linkoping, pair.goteborg):
            differs = [("exchange.clock_differs", None)]
            expected = [] if ahead is None else wrong if town is ahead else differs
            assert await told(town) == expected
        # Each end dates by its own clock: no deadline begins at the other's time.
        for town, table in (
            (pair.linkoping, "handover"),
            (pair.goteborg, "incoming_handover"),
        ):
            (row,) = await town.rows(
                f"select {', '.join(_DATED[table])} from {table} where handover_id = :id",
                id=handover_id,
            )
            assert set(row) == {town.bench.clock.now()}


_OPEN = "select count(*) as open from {} where done_at is null"


@pytest.mark.parametrize(
    ("end", "place"),
    [
        ("linkoping", "at rest"),
        ("goteborg", "at rest"),
        ("goteborg", "in its outbox"),
        ("linkoping", "in its inbox"),
    ],
)
async def test_a_clock_that_goes_back_a_day_holds_up_and_breaks_nothing(
    postgres_server, tmp_path, end, place
):
    """Where the acceptance is when the clock of one end goes back; nobody waits for the day."""
    async with skewed(postgres_server, tmp_path, timedelta(0)) as pair:
        _, handover_id, _ = await pair.proposed()
        await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
        if place == "in its inbox":
            await pair.goteborg.relay.run_once()
            await pair.linkoping.inbox.receive_once()
        elif place == "at rest":
            await pair.settle()
        clock = getattr(pair, end).bench.clock
        clock.move(-DAY)
        await pair.settle()
        for town in (pair.linkoping, pair.goteborg):
            for table in ("outbox", "inbox"):
                assert (await town.rows(_OPEN.format(table)))[0].open == 0, table
        assert await pair.linkoping.state(handover_id) == "sending"
        clock.move(DAY)  # what was agreed on for a day is done on that day
        await pair.goteborg.decide(handover_id, await pair.take_over_facts())
        clock.move(-DAY + timedelta(minutes=1))  # the worker looks once a minute
        await pair.settle()
        await demand_whole(pair, handover_id)
