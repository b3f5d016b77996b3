"""Many handovers at once while workers die by chance, at named places: R1 of the reliability notes."""

import random
from collections import Counter
from datetime import timedelta

import pytest
import pytest_asyncio

from services.handover import api as handover
from shared.db import failpoints
from tests.support.exchange import open_pair

pytestmark = [
    pytest.mark.servers,
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="module"),
]
PLACES = sorted(name for name in failpoints.POINTS if not name.startswith("audit."))
HANDOVERS = 12
SEED = 1
MOST_STEPS = 2_000
TAKEN_OVER = "select count(*) as done from incoming_handover where state = 'taken_over'"
MESSAGES = ["proposed", "accepted", "dossier", "completed"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(postgres_server, tmp_path_factory):
    async with open_pair(postgres_server, tmp_path_factory.mktemp("pair")) as opened:
        yield opened


async def people_act(pair, rng, handovers) -> None:
    """Göteborg decides what is on its table, now and then."""
    today = pair.goteborg.bench.today
    for handover_id in handovers:
        if rng.random() < 0.85:
            continue
        state = await pair.goteborg.state(handover_id)
        if state == "received":
            await pair.goteborg.decide(handover_id, handover.Accept(today))
        elif state == "accepted":
            view = await pair.goteborg.view(handover_id, await pair.goteborg.bench.case_worker())
            if view.dossier is not None:
                await pair.goteborg.decide(handover_id, await pair.take_over_facts())


async def work_until_death(pair, rng) -> bool:
    """One worker works for a while; whether it died of it."""
    town = rng.choice([pair.linkoping, pair.goteborg])
    died: BaseException | None = None
    with failpoints.armed(rng.choice(PLACES), rng.randrange(1, 6)):
        try:
            for _ in range(rng.randrange(1, 4)):
                await town.step()
        except (failpoints.Reached, BaseExceptionGroup) as error:
            died = error
    if isinstance(died, BaseExceptionGroup):
        assert died.subgroup(failpoints.Reached)
    if died is not None:
        town.restart()
        pair.exchange.redeliver()
    pair.clock.move(timedelta(seconds=rng.randrange(8)))
    return died is not None


async def end_of(pair, handover_id) -> str:
    """One word for how it ended: `right`, or what is wrong."""
    is_theirs, is_ours = await pair.responsible(handover_id)
    if is_theirs and is_ours:
        return "twice"
    if not is_theirs and not is_ours:
        return "nobody"
    if not is_ours:
        return "stuck"
    for town, actor in (
        (pair.linkoping, await pair.linkoping.bench.case_worker()),
        (pair.goteborg, await pair.goteborg.bench.case_worker()),
    ):
        seen = [each.kind for each in (await town.view(handover_id, actor)).messages]
        if seen != MESSAGES:
            return "twice" if len(seen) > len(MESSAGES) else "lost"
    return "right"


async def test_no_handover_is_lost_doubled_or_stuck_when_workers_die(
    pair, record_testsuite_property
) -> None:
    rng = random.Random(SEED)
    handovers = []
    for _ in range(HANDOVERS):
        _, handover_id, _ = await pair.drafted()
        await pair.linkoping.decide(handover_id, handover.Propose())
        handovers.append(handover_id)
    deaths = 0
    for _ in range(MOST_STEPS):
        deaths += await work_until_death(pair, rng)
        await people_act(pair, rng, handovers)
        left = await pair.goteborg.rows(TAKEN_OVER)
        if left[0].done == HANDOVERS:
            break
    pair.exchange.redeliver()
    pair.clock.move(timedelta(seconds=30))
    await pair.settle()
    ends = Counter([await end_of(pair, handover_id) for handover_id in handovers])
    wrong = " ".join(f"{word}={ends[word]}" for word in ("lost", "twice", "nobody", "stuck"))
    record_testsuite_property("summary", f"handovers={HANDOVERS} {wrong} kills={deaths}")
    assert deaths >= HANDOVERS // 2
    assert ends == {"right": HANDOVERS}
