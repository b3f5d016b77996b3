"""S12: everything that a finished handover ever put on the exchange comes again, much later."""

import random
from datetime import timedelta

import msgspec
import pytest
import pytest_asyncio

from shared.bus import Outgoing
from shared.ids import random_id
from shared.messages import compose, seal
from tests.support.exchange import GOTEBORG, LINKOPING, open_pair
from tests.support.recording import recording


@pytest_asyncio.fixture
async def pair(postgres_server, tmp_path):
    """One of its own for each test: two years of one clock would outlive the keys."""
    async with open_pair(postgres_server, tmp_path) as opened:
        yield opened


# What a double moves: when the first answer was sent again, and how often.
_TRANSPORT = "attempts", "sends", "attempted_at", "not_before", "sent_at", "done_at"


async def contents(town):
    """Every row of the node but what sending again moves."""
    tables = await town.rows(
        "select table_name as name from information_schema.tables"
        " where table_schema = 'public' and table_type = 'BASE TABLE'"
    )
    dump = {}
    for name in sorted(table.name for table in tables):
        rows = await town.rows(f"select to_jsonb(t) as row from {name} t")
        ignored = _TRANSPORT if name == "outbox" else ()
        dump[name] = sorted(str(row.row | dict.fromkeys(ignored)) for row in rows)
    return dump


async def replay(pair, taken, rng):
    """Twice each, in any order, under transport ids that the broker has not seen."""
    frames = [*taken, *taken]
    rng.shuffle(frames)
    for stream, sender, frame in frames:
        again = Outgoing(frame.to, frame.frame, f"replay-{random_id()}")
        pair.exchange.put(stream, sender, again)
    await pair.settle()


async def test_a_replay_a_day_and_a_year_later_changes_nothing(pair):
    with recording(pair.exchange) as taken:
        _, handover_id, _ = await pair.taken_over()
    assert len(taken) >= 8  # four messages and their receipts
    towns = (pair.linkoping, pair.goteborg)
    for later in (timedelta(days=1), timedelta(days=365)):
        pair.clock.move(later)
        await pair.settle()
        before = [await contents(town) for town in towns]
        await replay(pair, taken, random.Random(7))
        after = [await contents(town) for town in towns]
        for old, new in zip(before, after, strict=True):
            assert {name for name in new if old[name] != new[name]} == set()
        assert await pair.responsible(handover_id) == (False, True)
    # The replay did arrive, and was answered with what was said the first time.
    answers = "select max(attempts) from outbox where kind = 'receipt' and conversation_id = :id"
    for town in towns:
        assert (await town.rows(answers, id=handover_id))[0].max > 2


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(days=365)])
async def test_another_proposal_under_the_old_number_is_named_and_both_are_kept(pair, later):
    _, handover_id, _ = await pair.taken_over()
    pair.clock.move(later)
    await pair.settle()
    view = await pair.goteborg.view(handover_id)
    first = next(view.bodies[each.message_id] for each in view.messages if each.kind == "proposed")
    ours = pair.linkoping.node
    other = compose(
        sender=LINKOPING,
        receiver=GOTEBORG,
        conversation_id=handover_id,
        direction="forward",
        number=1,
        kind="proposed",
        version=1,
        body=msgspec.structs.replace(first, need="Något helt annat."),
        key=ours.keyring.signing(ours.wall.now()),
        now=ours.wall.now(),
    )
    frame = seal(other, ours.directory.sealing_key(GOTEBORG, ours.wall.now()))
    for _ in range(2):
        pair.exchange.put("EXCHANGE", LINKOPING, Outgoing(GOTEBORG, frame, str(random_id())))
        await pair.settle()
    kept = await pair.goteborg.rows(
        "select content_hash, sealed is not null as is_kept from inbox"
        " where conversation_id = :id and number = 1"
        " union all select content_hash, sealed is not null from inbox_equivocation"
        " where conversation_id = :id and number = 1",
        id=handover_id,
    )
    assert len({row.content_hash for row in kept}) == 2
    assert [row.is_kept for row in kept] == [True, True]
    told = await pair.goteborg.rows(
        "select facts from card where kind = 'exchange.equivocation' and subject_id = :id",
        id=handover_id,
    )
    assert [row.facts for row in told] == [{"authority": LINKOPING, "number": 1}]
    refusals = await pair.goteborg.rows(
        "select refers_to from outbox where kind = 'refusal' and conversation_id = :id",
        id=handover_id,
    )
    assert [row.refers_to for row in refusals] == [other.message_id]
    assert (await pair.goteborg.view(handover_id)).bodies[view.messages[0].message_id] == first
    assert await pair.responsible(handover_id) == (False, True)
