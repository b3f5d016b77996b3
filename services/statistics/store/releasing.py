"""The coordinator's rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from services.statistics.store.tables import given, release
from shared.db import UnitOfWork, changed_one
from shared.ids import AuthorityCode

Record = Row[Any]

READABLE = (
    release.c.half_year,
    release.c.state,
    release.c.called_at,
    release.c.ordered_at,
    release.c.added_at,
    release.c.faults,
    release.c.content,
    release.c.jws,
    release.c.released_at,
)
"""The columns that a coordinator's page may read: no exact total is among them."""


async def call(uow: UnitOfWork, half_year: str) -> bool:
    """Begin a half-year; False when it has begun."""
    result = await uow.execute(
        insert(release)
        .values(half_year=half_year, state="called", called_at=uow.wall)
        .on_conflict_do_nothing()
    )
    return bool(result.rowcount == 1)


async def lock(uow: UnitOfWork, half_year: str) -> Record | None:
    """One half-year's, held until this transaction ends; None before it is called for."""
    statement = select(release).where(release.c.half_year == half_year).with_for_update()
    return (await uow.execute(statement)).one_or_none()


async def find(uow: UnitOfWork, half_year: str) -> Record | None:
    """One half-year's, exact totals included: the worker's alone."""
    statement = select(release).where(release.c.half_year == half_year)
    return (await uow.execute(statement)).one_or_none()


async def unfinished(uow: UnitOfWork) -> Sequence[str]:
    """Half-years of which something is still to be done, oldest first."""
    statement = (
        select(release.c.half_year)
        .where(release.c.settled_at.is_(None) | (release.c.state == "added"))
        .order_by(release.c.half_year)
    )
    return (await uow.execute(statement)).scalars().all()


async def ordered(uow: UnitOfWork) -> Sequence[str]:
    """Half-years that wait for the collectors' sums, held until this transaction ends.

    At most one, unless an earlier one hangs.
    """
    statement = select(release.c.half_year).where(release.c.state == "ordered").with_for_update()
    return (await uow.execute(statement)).scalars().all()


async def in_order(uow: UnitOfWork) -> Sequence[Record]:
    """All, oldest first, exact totals included: the worker's alone."""
    return (await uow.execute(select(release).order_by(release.c.half_year))).all()


async def readable(uow: UnitOfWork) -> Sequence[Record]:
    """All, newest first, without anything exact: for pages."""
    statement = select(*READABLE).order_by(release.c.half_year.desc())
    return (await uow.execute(statement)).all()


async def change(uow: UnitOfWork, half_year: str, **values: object) -> None:
    """Set columns of a row that this transaction has locked."""
    statement = update(release).where(release.c.half_year == half_year).values(**values)
    await changed_one(uow, statement)


async def take(uow: UnitOfWork, half_year: str, collector: AuthorityCode, **values: object) -> None:
    """Keep what a collector gives."""
    await uow.execute(
        insert(given)
        .values(half_year=half_year, collector=collector, **values)
        .on_conflict_do_update(
            index_elements=[given.c.half_year, given.c.collector], set_=dict(values)
        )
    )


async def taken(uow: UnitOfWork, half_year: str) -> Mapping[AuthorityCode, Record]:
    """What the collectors have given."""
    statement = select(given).where(given.c.half_year == half_year)
    return {AuthorityCode(row.collector): row for row in await uow.execute(statement)}
