"""Whoever dies, wherever: the handover ends as if nobody had."""

from datetime import timedelta

import pytest

from services.cases import api as cases
from services.handover import api as handover
from shared.db import failpoints
from shared.errors import Conflict

pytestmark = [
    pytest.mark.servers,
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="module"),
]
PLACES = sorted(name for name in failpoints.POINTS if not name.startswith("audit."))


RESEND = timedelta(seconds=21)
"""Longer than a claim is held, here and in the inbox."""


async def settle_through(pair, place, count) -> bool:
    """Settle with one death on the way; whether the place was reached."""
    died = None
    with failpoints.armed(place, count):
        try:
            await pair.settle()
        except (failpoints.Reached, BaseExceptionGroup) as error:
            died = error
    if isinstance(died, BaseExceptionGroup):
        assert died.subgroup(failpoints.Reached)
    for town in (pair.linkoping, pair.goteborg):
        town.restart()
    pair.exchange.redeliver()
    pair.clock.move(RESEND)
    await pair.settle()
    return died is not None


@pytest.mark.parametrize("place", PLACES)
async def test_a_worker_that_dies_anywhere_changes_nothing(pair, place) -> None:
    deaths = 0
    case_id, handover_id, _ = await pair.drafted()
    await pair.linkoping.decide(handover_id, handover.Propose())
    deaths += await settle_through(pair, place, 1)
    assert await pair.goteborg.state(handover_id) == "received"
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    deaths += await settle_through(pair, place, 2)
    assert await pair.linkoping.state(handover_id) == "sending"
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    assert await pair.responsible(handover_id) in {(True, True), (False, True)}
    deaths += await settle_through(pair, place, 1)
    assert deaths
    assert await pair.responsible(handover_id) == (False, True)
    there = await pair.goteborg.bench.case_worker()
    view = await pair.goteborg.view(handover_id, there)
    async with pair.linkoping.worker_node.db.begin(pair.linkoping.bench.worker) as uow:
        ours = await cases.chain(uow, case_id)
    async with pair.goteborg.worker_node.db.begin(pair.goteborg.bench.worker) as uow:
        theirs = await cases.chain(uow, view.row.case_id)
    assert ours == theirs
    assert [each.kind for each in view.messages] == [
        "proposed",
        "accepted",
        "dossier",
        "completed",
    ]


@pytest.mark.parametrize("place", ["db.before_commit", "db.after_commit"])
async def test_a_page_that_dies_has_done_all_or_nothing(pair, place) -> None:
    _, handover_id, _ = await pair.accepted()
    await pair.goteborg.sign(handover_id, await pair.take_over_facts())
    leader = await pair.goteborg.bench.leader()
    rows = await pair.goteborg.rows(
        "select revision from incoming_handover where handover_id = :id", id=handover_id
    )
    command = handover.Confirm(handover_id, rows[0].revision)
    with (
        failpoints.armed(place, 2),
        pytest.raises(failpoints.Reached),
    ):  # the first reads colleagues
        await handover.confirm(pair.goteborg.node, leader, command)
    is_done = place == "db.after_commit"
    assert (await pair.goteborg.state(handover_id) == "taken_over") is is_done
    if is_done:
        with pytest.raises(Conflict):
            await pair.goteborg.confirm(handover_id)
    else:
        await pair.goteborg.confirm(handover_id)
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)
