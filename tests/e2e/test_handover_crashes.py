"""R3: whoever dies, wherever: the handover ends as if nobody had.

In short: each place once, ends and stories in turn. All of them, for each kind of message: nightly.
"""

import itertools

import pytest

from services.handover import api as handover
from shared.db import failpoints
from shared.errors import Conflict
from tests.support.crashing import ENDS, PLACES, demand_the_same_with_deaths
from tests.support.stories import KINDS, STORIES, play

pytestmark = [
    pytest.mark.servers,
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="module"),
]
IN_TURN = list(zip(PLACES, itertools.cycle(ENDS), itertools.cycle(STORIES), strict=False))


async def test_the_stories_send_every_kind_of_message(pair) -> None:
    kinds = set()
    for name in STORIES:
        story = await play(pair, name, pair.settle)
        for town in (pair.linkoping, pair.goteborg):
            rows = await town.rows(
                "select kind from outbox where conversation_id = :id", id=story.handover_id
            )
            kinds |= {row.kind for row in rows}
    assert kinds >= KINDS


@pytest.mark.parametrize(("place", "end", "name"), IN_TURN)
async def test_a_worker_that_dies_anywhere_changes_nothing(pair, place, end, name) -> None:
    assert await demand_the_same_with_deaths(pair, place, end, name)


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
