"""One half-year that went well, and what cannot be done to it afterwards."""

from hashlib import sha256

import pytest
import pytest_asyncio

from services.statistics import wire
from services.statistics.domain.vector import REGIONAL, pack, tally, unpack
from services.statistics.handlers.bodies import groups
from shared.db import StorageError
from shared.outbox import pair_conversation
from tests.support.nation import (
    COORDINATOR,
    DUE,
    FEW,
    FIRST,
    SECOND,
    clear,
    open_nation,
    vectors_of,
)

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

VECTORS = vectors_of(FEW)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nation(postgres_server):
    async with open_nation(postgres_server) as found:
        for code, vector in VECTORS.items():
            await found.contribute(code, vector)
        await found.close()
        yield found


async def test_the_totals_are_the_sum_in_clear_of_the_nation_and_of_each_group(nation):
    row = await nation.release()
    assert row.state == "added"
    assert unpack(row.nation) == clear(VECTORS.values())
    assert set(row.groups) == {"10", "13"}
    for group, values in row.groups.items():
        whole = clear(VECTORS[code] for code in groups()[group])
        assert values == [whole[place] for place in REGIONAL]


async def test_each_municipality_is_told_once_that_it_is_counted(nation):
    told = [body for code in FEW for body in nation.heard(code) if isinstance(body, wire.Settled)]
    assert told == [wire.Settled(DUE, is_counted=True)] * len(FEW)


async def test_after_the_sum_no_share_is_left_at_a_collector(nation):
    for code in (FIRST, SECOND):
        rows = await nation[code].rows("select count(*), count(share) from statistics_share")
        assert tuple(rows[0]) == (len(FEW), 0)


async def test_a_second_sum_of_a_collector_is_refused_and_one_nobody_ordered_too(nation):
    row = await nation.release()
    order = sha256(row.order_jws.encode()).hexdigest()
    kept = await nation["9002"].rows(
        "select groups from statistics_given where collector = :code", code=FIRST
    )
    groups_of = {group: bytes.fromhex(words) for group, words in kept[0].groups.items()}
    conversation = pair_conversation(FIRST, COORDINATOR, wire.PURPOSE)
    for body in (
        wire.SumsSent(DUE, order, pack(tally([])), groups_of),
        wire.SumsSent(DUE, order, pack(tally([])), {}),
        wire.SumsSent(DUE, "ab" * 32, pack(tally([])), groups_of),
        wire.SumsSent("2025H2", order, pack(tally([])), groups_of),
    ):
        await nation[FIRST].send("9002", conversation, wire.SUMS, body)
    await nation.settle()
    assert [code for _, code in await nation.refusals("9002")] == [
        "statistics.sums_differ",
        "statistics.malformed",
        "statistics.not_ordered",
        "statistics.not_ordered",
    ]
    assert await nation.release() == row


async def test_the_database_keeps_the_first_order_and_the_first_sum(nation):
    before = await nation.release()
    for change in ("order_jws = 'x'", "nation = '\\x00'", "groups = '{}'"):
        with pytest.raises(StorageError):
            await nation["9002"].rows(f"update statistics_release set {change} returning 1")
    assert await nation.release() == before
