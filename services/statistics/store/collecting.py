"""A collector's rows: shares, and how far each half-year has come."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from services.statistics.store.tables import collection, share
from shared.db import UnitOfWork, changed_one
from shared.ids import AuthorityCode

Record = Row[Any]


async def lock(uow: UnitOfWork, half_year: str) -> Record:
    """The half-year's row, made where there is none; held until this transaction ends."""
    await uow.execute(insert(collection).values(half_year=half_year).on_conflict_do_nothing())
    statement = select(collection).where(collection.c.half_year == half_year).with_for_update()
    return (await uow.execute(statement)).one()


async def unfinished(uow: UnitOfWork) -> Sequence[str]:
    """Half-years that are neither summed nor ended, and ended ones whose list is still asked for."""
    statement = (
        select(collection.c.half_year)
        .where(
            collection.c.summed_at.is_(None),
            ~collection.c.is_refused,
            collection.c.ended_at.is_(None)
            | (collection.c.asked_at.is_not(None) & collection.c.closed_at.is_(None)),
        )
        .order_by(collection.c.half_year)
    )
    return (await uow.execute(statement)).scalars().all()


async def change(uow: UnitOfWork, half_year: str, **values: object) -> None:
    """Set columns of a row that this transaction has locked."""
    statement = update(collection).where(collection.c.half_year == half_year).values(**values)
    await changed_one(uow, statement)


async def find_share(uow: UnitOfWork, half_year: str, authority: AuthorityCode) -> Record | None:
    """Whether a municipality's share is here, and which."""
    statement = select(share.c.split_id, share.c.share_sha256).where(
        share.c.half_year == half_year, share.c.authority == authority
    )
    return (await uow.execute(statement)).one_or_none()


async def keep_share(
    uow: UnitOfWork, half_year: str, authority: AuthorityCode, split_id: UUID, words: bytes
) -> None:
    """Keep a share; there is none yet."""
    await uow.execute(
        insert(share).values(
            half_year=half_year,
            authority=authority,
            split_id=split_id,
            share=words,
            share_sha256=sha256(words).digest(),
            received_at=uow.wall,
        )
    )


async def contributors(uow: UnitOfWork, half_year: str) -> dict[AuthorityCode, UUID]:
    """Whose shares are here, in order."""
    statement = (
        select(share.c.authority, share.c.split_id)
        .where(share.c.half_year == half_year)
        .order_by(share.c.authority)
    )
    return {AuthorityCode(row.authority): row.split_id for row in await uow.execute(statement)}


async def shares(
    uow: UnitOfWork, half_year: str, wanted: Collection[AuthorityCode]
) -> Mapping[AuthorityCode, bytes]:
    """The shares of these."""
    statement = select(share.c.authority, share.c.share).where(
        share.c.half_year == half_year, share.c.authority.in_(list(wanted))
    )
    return {AuthorityCode(row.authority): row.share for row in await uow.execute(statement)}


async def erase_shares(uow: UnitOfWork, half_year: str) -> None:
    """What is summed, or never will be, is of no more use but to who steals both collectors'."""
    await uow.execute(update(share).where(share.c.half_year == half_year).values(share=None))
