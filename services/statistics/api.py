"""What others may use of the national statistics."""

from collections.abc import Awaitable, Callable
from functools import partial

from services.statistics.domain.indicators import DIMENSIONS, SERIES, DimensionId, Series
from services.statistics.domain.own import OWN_COUNTS, OWN_WAITS
from services.statistics.domain.own_year import BREAKDOWNS, OwnYear, rounded
from services.statistics.domain.periods import HalfYear, Year, half_year_of
from services.statistics.domain.release import Release, ShownTable
from services.statistics.domain.table import ALL, KINDS, REST, Cell, Table, TableKind
from services.statistics.domain.vector import Happening
from services.statistics.handlers.bodies import Bodies, DirectoryBodies
from services.statistics.handlers.collecting import (
    ClosingHandler,
    Collector,
    ContributorsHandler,
    OrderHandler,
    ShareHandler,
)
from services.statistics.handlers.contributing import Contributor, Gather, SettledHandler
from services.statistics.handlers.gathering import gather
from services.statistics.handlers.own import (
    COMPARES,
    LEADS,
    OwnCounter,
    ShownFigure,
    ShownHalfYear,
    UnitHalfYear,
    unit_half_years,
    units_side_by_side,
)
from services.statistics.handlers.own_year import (
    NothingToTell,
    count_own_year,
    own_year_counted_on,
    own_year_faults,
)
from services.statistics.handlers.published import (
    PublishedRelease,
    ReleaseHead,
    list_releases,
    published_release,
)
from services.statistics.handlers.publishing import Publisher
from services.statistics.handlers.reading import ReleaseRow, releases
from services.statistics.handlers.rehearsing import Rehearsal
from services.statistics.handlers.releasing import Coordinator, SumsHandler
from services.statistics.handlers.sent import READERS, SentHalfYear, half_years_sent
from services.statistics.handlers.simulating import release_simulated
from services.statistics.wire import register
from shared.inbox import Handler
from shared.node import Node

__all__ = [
    "ALL",
    "BREAKDOWNS",
    "COMPARES",
    "DIMENSIONS",
    "KINDS",
    "LEADS",
    "OWN_COUNTS",
    "OWN_WAITS",
    "READERS",
    "REST",
    "SERIES",
    "Bodies",
    "Cell",
    "Collector",
    "Contributor",
    "Coordinator",
    "DimensionId",
    "DirectoryBodies",
    "Gather",
    "HalfYear",
    "Happening",
    "NothingToTell",
    "OwnCounter",
    "OwnYear",
    "PublishedRelease",
    "Publisher",
    "Rehearsal",
    "Release",
    "ReleaseHead",
    "ReleaseRow",
    "SentHalfYear",
    "Series",
    "ShownFigure",
    "ShownHalfYear",
    "ShownTable",
    "Table",
    "TableKind",
    "UnitHalfYear",
    "Year",
    "count_own_year",
    "half_year_of",
    "half_years_sent",
    "inbox_handlers",
    "list_releases",
    "own_year_counted_on",
    "own_year_faults",
    "published_release",
    "register",
    "release_simulated",
    "releases",
    "rounded",
    "ticks",
    "unit_half_years",
    "units_side_by_side",
]


def inbox_handlers(node: Node, bodies: Bodies | None = None) -> list[Handler]:
    """What the inbox takes of the statistics, whichever body this is."""
    who = bodies or DirectoryBodies(node)
    return [
        ShareHandler(who),
        ClosingHandler(who),
        ContributorsHandler(who),
        OrderHandler(who, node.directory),
        SumsHandler(who),
        SettledHandler(who),
    ]


def ticks(node: Node, bodies: Bodies | None = None) -> Callable[[], Awaitable[int]]:
    """What a worker does again and again: whatever is due of the body that this node is."""
    who = bodies or DirectoryBodies(node)
    municipality = Contributor(node, who, partial(gather, node))
    collector, coordinator = Collector(node, who), Coordinator(node, who)
    publisher, own = Publisher(node, who), OwnCounter(node)

    async def tick() -> int:
        done = await municipality.run_once()
        done += await collector.run_once() + await coordinator.run_once()
        if node.authority in who.municipalities:
            done += await own.run_once()
        return done + await publisher.run_once()

    return tick
