"""A municipality's node with the national bodies: it counts on the day, once, and knows what became of it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.statistics.domain.counting import Since
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.shares import total
from services.statistics.domain.vector import Happening, tally, unpack
from shared.ids import AuthorityCode
from tests.support.nation import DUE, FEW, FIRST, NOW, SECOND, clear, open_nation, vectors_of

pytestmark = pytest.mark.servers

OWN = AuthorityCode(FEW[0])
THREE = [Happening("assessed")] * 3


class Counting:
    """What the municipality would gather, and what it was asked."""

    def __init__(self):
        self.asked = []
        self.happened = THREE

    async def __call__(self, half, since, known_until):
        self.asked.append((half, since))
        return self.happened


@pytest.fixture
def counting():
    return Counting()


@pytest.fixture
async def nation(postgres_server, counting):
    async with open_nation(postgres_server, OWN, gather={OWN: counting}) as found:
        yield found


async def contribution(nation, due=DUE):
    rows = await nation[OWN].rows(
        "select * from statistics_contribution where half_year = :due", due=due
    )
    return rows[0] if rows else None


async def cards(nation, code=OWN):
    rows = await nation[code].rows("select kind from card where done_at is null order by kind")
    return [row.kind for row in rows]


async def others(nation):
    vectors = vectors_of(FEW[1:])
    await nation.hand_in(vectors)
    return vectors


async def test_it_counts_once_splits_once_and_learns_that_it_is_in(nation, counting):
    vectors = await others(nation)
    await nation.settle()
    row = await contribution(nation)
    assert (row.state, row.collectors) == ("sent", [FIRST, SECOND])
    assert total(row.first, row.second) == tally(THREE)
    await nation.close()
    assert unpack((await nation.release()).nation) == clear([*vectors.values(), tally(THREE)])
    after = await contribution(nation)
    assert after.state == "counted"
    assert (after.first, after.second, after.split_id) == (row.first, row.second, row.split_id)
    assert counting.asked == [(HalfYear(2026, 1), None)]


async def test_before_the_day_nothing_is_counted(postgres_server, counting):
    early = datetime(2026, 7, 14, 8, 0, tzinfo=UTC)
    async with open_nation(postgres_server, OWN, gather={OWN: counting}, now=early) as nation:
        await nation.settle()
        assert counting.asked == []
        nation.federation.pass_time(timedelta(days=1))
        await nation.settle()
        assert (await contribution(nation)).state == "sent"


async def test_figures_that_cannot_be_true_stay_at_home_and_are_tried_the_next_day(
    nation, counting
):
    counting.happened = [Happening("assessed")] * 1001
    await nation.settle()
    row = await contribution(nation)
    assert (row.state, row.first) == ("held", None)
    assert row.faults == ["assessed:most", "assessed:contributors"]
    assert await cards(nation) == ["statistics.held"]
    assert await nation[FIRST].rows("select 1 from statistics_share") == []
    counting.happened = THREE
    await nation.settle()
    assert len(counting.asked) == 1  # not twice on one day
    nation.federation.pass_time(timedelta(days=1))
    await nation.settle()
    assert (await contribution(nation)).state == "sent"
    assert await cards(nation) == []


async def test_nothing_goes_to_a_collector_that_nobody_has_confirmed(nation, counting):
    nation.bodies.unconfirmed = {SECOND}
    await nation.settle()
    assert await contribution(nation) is None
    assert await cards(nation) == ["statistics.not_sent"]
    assert await nation[FIRST].rows("select 1 from statistics_share") == []
    nation.bodies.unconfirmed = set()
    await nation.settle()
    assert (await contribution(nation)).state == "sent"


async def test_what_came_too_late_is_counted_in_the_next_half_year(nation, counting):
    """Away from before its day until after the closing."""
    vectors = await others(nation)
    steps, nation[OWN].step = nation[OWN].step, _nothing
    await nation.close()
    nation[OWN].step = steps
    await nation.settle()
    assert (await contribution(nation)).state == "not_counted"
    assert "statistics.refused" in await cards(nation)
    assert unpack((await nation.release()).nation) == clear(vectors.values())
    nation.federation.pass_time(datetime(2027, 1, 16, tzinfo=UTC) - nation.federation.clock.now())
    await nation.settle()
    assert counting.asked[-1] == (HalfYear(2026, 2), None)  # nothing of before was counted


async def test_the_next_half_year_begins_where_the_counted_one_ended(nation, counting):
    await others(nation)
    await nation.settle()
    await nation.close()
    nation.federation.pass_time(datetime(2027, 1, 16, tzinfo=UTC) - nation.federation.clock.now())
    await nation.settle()
    half, since = counting.asked[-1]
    row = await contribution(nation)
    assert (half, since) == (HalfYear(2026, 2), Since(HalfYear(2026, 1), row.known_until))
    assert row.known_until < NOW


async def test_nothing_new_is_split_while_the_last_one_is_not_settled(nation, counting):
    nation["9002"].steps = []
    await nation.settle()
    nation.federation.pass_time(datetime(2027, 1, 16, tzinfo=UTC) - nation.federation.clock.now())
    await nation.settle()
    assert await contribution(nation, "2026H2") is None
    assert await cards(nation) == ["statistics.unsettled"]


async def test_the_database_keeps_the_only_split(nation):
    from shared.db import StorageError

    await nation.settle()
    for change in ("first = '\\x00'", "split_id = gen_random_uuid()", "layout = 'x'"):
        with pytest.raises(StorageError):
            await nation[OWN].rows(f"update statistics_contribution set {change} returning 1")


async def _nothing():
    return 0
