"""A simulated nation's half-years at the national coordination of a demo: totals, then the real release.

What nobody sends in a demo is added here in the clear, since nobody in it exists; what is shown of it
is decided, signed and frozen by the coordinator's own steps. Whoever calls this has made sure that
the node is a demo's. Where a half-year has begun in earnest it is left alone.
"""

from collections.abc import Mapping, Sequence

import msgspec

from services.statistics import wire
from services.statistics.domain.indicators import SERIES
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.sets import sets_of
from services.statistics.domain.vector import (
    LAYOUT_ID,
    REGIONAL,
    Happening,
    Vector,
    pack,
    tally,
)
from services.statistics.handlers.bodies import DirectoryBodies, groups
from services.statistics.handlers.publishing import Publisher
from services.statistics.store import releasing
from shared.actor import worker
from shared.ids import AuthorityCode
from shared.node import Node


async def release_simulated(
    node: Node, half_year: HalfYear, happened: Mapping[AuthorityCode, Sequence[Happening]]
) -> bool:
    """Add up what is simulated and release it; False where the half-year has begun already.

    Args:
        node: the national coordination of a demo, under the worker's role.
        happened: by municipality; those with nothing count zeros.
    """
    vectors = {code: tally(each) for code, each in happened.items()}
    sets = sets_of(vectors.keys(), groups())
    order = wire.ReleaseOrder(half_year.id, LAYOUT_ID, sets.nation, dict(sets.groups))
    signed = msgspec.json.encode(order, order="deterministic")
    async with node.db.begin(worker(node.authority)) as uow:
        if not await releasing.call(uow, half_year.id):
            return False
        await releasing.change(
            uow,
            half_year.id,
            state="added",
            order_jws=node.keyring.signing(uow.wall).sign(signed),
            ordered_at=uow.wall,
            nation=pack(_total([vectors[code] for code in sets.nation])),
            groups={
                group: _regional([vectors[code] for code in members])
                for group, members in sets.groups.items()
            },
            added_at=uow.wall,
            settled_at=uow.wall,  # there is nobody to tell
        )
        uow.audit("statistics.simulated", half_year=half_year.id, series=len(SERIES))
        await uow.commit()
    # Its own worker may be faster: then there is nothing left to do.
    await Publisher(node, DirectoryBodies(node)).run_once()
    return True


def _total(vectors: Sequence[Vector]) -> list[int]:
    return [sum(column) for column in zip(*vectors, strict=True)]


def _regional(vectors: Sequence[Vector]) -> list[int]:
    return [sum(each[place] for each in vectors) for place in REGIONAL]
