"""Releases as other systems of the national coordination read them: the signed figures, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.statistics.domain.release import Release, ShownTable
from services.statistics.handlers.reading import ReleaseRow, releases
from shared.actor import Actor
from shared.errors import AccessDenied
from shared.node import Node


@dataclass(frozen=True, slots=True)
class ReleaseHead:
    """One half-year, as far as it has come.

    Args:
        is_genuine: the figures are what this authority's own key signed.
    """

    half_year: str
    state: str
    released_at: datetime | None
    sha256: str | None
    kid: str | None
    is_genuine: bool


@dataclass(frozen=True, slots=True)
class PublishedCell:
    """One figure; `count` is None where it is kept back."""

    key: tuple[str, ...]
    count: int | None


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table of a release.

    Args:
        dimensions: what the cells' keys are, in order; `*` in a key is everybody.
        median_weeks: of a table of waiting times; None for too few.
    """

    id: str
    series: str
    dimensions: tuple[str, ...]
    period: str
    cells: tuple[PublishedCell, ...]
    median_weeks: int | None


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """A release with all its tables.

    Args:
        contributors: municipalities in the set, from and to.
        jws: the signature over what is shown, for whoever wants to check it.
    """

    head: ReleaseHead
    contributors: tuple[int, int]
    tables: tuple[PublishedTable, ...]
    jws: str


async def list_releases(node: Node, actor: Actor) -> list[ReleaseHead]:
    """All half-years that have begun, oldest first.

    Raises:
        AccessDenied: no national coordinator.
    """
    return [_head(each) for each in await releases(node, actor)]


async def published_release(node: Node, actor: Actor, half_year: str) -> PublishedRelease:
    """One release.

    Raises:
        AccessDenied: no national coordinator, or nothing is released of that half-year.
    """
    for row in await releases(node, actor):
        if row.half_year == half_year and row.release is not None and row.jws is not None:
            return PublishedRelease(
                _head(row), row.release.contributors, _tables(row.release), row.jws
            )
    raise AccessDenied


def _head(row: ReleaseRow) -> ReleaseHead:
    return ReleaseHead(
        row.half_year, row.state, row.released_at, row.sha256, row.kid, row.is_genuine
    )


def _tables(release: Release) -> tuple[PublishedTable, ...]:
    return tuple(_table(each) for each in release.tables)


def _table(each: ShownTable) -> PublishedTable:
    dimensions: Sequence[str] = each.about.dimensions
    return PublishedTable(
        id=each.kind,
        series=each.about.series,
        dimensions=tuple(dimensions),
        period=each.period,
        cells=tuple(PublishedCell(key, count) for key, count in each.cells.items()),
        median_weeks=each.median,
    )
