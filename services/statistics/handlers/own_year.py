"""The municipality's own year for its own report: counted at home, told as far as it may be."""

from datetime import UTC, date, datetime

from services.statistics.domain.counting import Since
from services.statistics.domain.disclosure import Thresholds
from services.statistics.domain.own_year import OwnYear, faults, own_year
from services.statistics.domain.periods import HalfYear
from services.statistics.handlers.gathering import gather
from shared.node import Node


class NothingToTell(Exception):  # noqa: N818 - the sentence it is
    """However much is kept back, something small could be reckoned: no figure of the year is told."""


_EVER = datetime.max.replace(tzinfo=UTC)


async def count_own_year(node: Node, year: int, before: OwnYear | None) -> OwnYear:
    """What may be told of a year that is over; what may not is dropped here.

    Args:
        node: under the worker's role.
        before: what was told of the year before.

    Raises:
        NothingToTell: nothing may be told.
    """
    # The solver takes a fifth of a second and 30 MB: only where a year is counted.
    from services.statistics.domain.disclosure_audit import InconsistentError  # noqa: PLC0415
    from services.statistics.domain.disclosure_choice import UnprotectedError  # noqa: PLC0415

    earlier = Since(HalfYear(year - 1, 2), _EVER)
    found = await gather(node, HalfYear(year, 2), earlier, node.clock.now())
    try:
        return own_year(found, year, before, Thresholds())
    except (InconsistentError, UnprotectedError):
        raise NothingToTell from None


def own_year_counted_on(year: int) -> date:
    """From this day the year is over and counted: as the nation's."""
    return HalfYear(year, 2).counted_on


def own_year_faults(told: OwnYear, before: OwnYear | None) -> list[str]:
    """What of it may not be told after all; empty when it is safe."""
    return faults(told, before, Thresholds())
