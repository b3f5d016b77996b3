"""Half-years as eleven municipalities would have them, and the way to their release at 9002."""

import random
from contextlib import asynccontextmanager
from datetime import timedelta

from services.statistics import api as statistics
from services.statistics.domain.indicators import DIMENSIONS
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.vector import Happening, tally
from shared.clock import local_date
from tests.support.nation import FEW, open_nation

ODD_ONE = FEW[0]
ITS_CONTACTS = 397
"""One municipality's own number, that nobody may meet."""
WHO = ("age", "sex", "group_type", "threat", "channel")


def happenings(seed, own=None):
    """One municipality's half-year; of no seed in particular."""
    chance = random.Random(seed)

    def person():
        return {each: chance.choice(DIMENSIONS[each][:3]) for each in WHO}

    contacts = chance.randrange(8, 30) if own is None else own
    found = [Happening("contacts", person()) for _ in range(contacts)]
    found += [Happening("identified") for _ in range(contacts * 3 // 4)]
    found += [Happening("assessed") for _ in range(contacts // 2)]
    found += [Happening("admitted", person()) for _ in range(contacts // 2)]
    found += [Happening("ongoing", person()) for _ in range(contacts)]
    found += [Happening("proposed") for _ in range(chance.randrange(0, 3))]
    found += [
        Happening("weeks_to_threat", {"weeks": str(chance.randrange(1, 9))}) for _ in range(4)
    ]
    return found


async def release_both_halves(nation, year=2026):
    """Both half-years contributed, summed and released."""
    for half in (HalfYear(year, 1), HalfYear(year, 2)):
        days = (half.counted_on - local_date(nation.federation.clock.now())).days
        nation.federation.pass_time(timedelta(days=max(days, 0)))
        for code in FEW:
            own = ITS_CONTACTS if code == ODD_ONE else None
            vector = tally(happenings(f"{half.id}{code}", own))
            await nation.contribute(code, vector, due=half.id)
        await nation.settle()
        days = (half.closed_on - local_date(nation.federation.clock.now())).days
        nation.federation.pass_time(timedelta(days=max(days, 0)))
        await nation.settle()
        nation.federation.pass_time(timedelta(hours=1))
        await nation.settle()


@asynccontextmanager
async def open_released(postgres_server):
    """The national bodies, with 2026 released."""
    async with open_nation(postgres_server) as nation:
        publisher = statistics.Publisher(nation["9002"].service_node(), nation.bodies)
        nation["9002"].steps.append(publisher.run_once)
        await release_both_halves(nation)
        yield nation
