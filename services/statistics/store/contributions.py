"""A municipality's own rows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from services.statistics.store.tables import contribution
from shared.db import UnitOfWork
from shared.ids import AuthorityCode

Record = Row[Any]


async def find(uow: UnitOfWork, half_year: str) -> Record | None:
    """One half-year's."""
    statement = select(contribution).where(contribution.c.half_year == half_year)
    return (await uow.execute(statement)).one_or_none()


async def every(uow: UnitOfWork) -> Sequence[Record]:
    """All, newest first; half-years sort as text."""
    statement = select(contribution).order_by(contribution.c.half_year.desc())
    return (await uow.execute(statement)).all()


async def in_state(uow: UnitOfWork, state: str) -> Sequence[Record]:
    """Those in a state, newest first."""
    statement = (
        select(contribution)
        .where(contribution.c.state == state)
        .order_by(contribution.c.half_year.desc())
    )
    return (await uow.execute(statement)).all()


async def hold(
    uow: UnitOfWork,
    half_year: str,
    *,
    tried_on: date,
    known_until: datetime,
    layout: str,
    faults: Sequence[str],
) -> None:
    """Nothing is sent: something cannot be true."""
    values = {
        "tried_on": tried_on,
        "known_until": known_until,
        "layout": layout,
        "faults": list(faults),
    }
    await uow.execute(
        insert(contribution)
        .values(half_year=half_year, state="held", **values)
        .on_conflict_do_update(
            index_elements=[contribution.c.half_year],
            set_=values,
            where=contribution.c.state == "held",
        )
    )


async def keep_split(
    uow: UnitOfWork,
    half_year: str,
    *,
    tried_on: date,
    known_until: datetime,
    layout: str,
    split_id: UUID,
    shares: tuple[bytes, bytes],
    collectors: Sequence[AuthorityCode],
) -> bool:
    """Keep the only split there will be; False when another worker was first."""
    values = {
        "state": "sent",
        "tried_on": tried_on,
        "known_until": known_until,
        "layout": layout,
        "faults": [],
        "split_id": split_id,
        "first": shares[0],
        "second": shares[1],
        "collectors": list(collectors),
        "sent_at": uow.wall,
    }
    result = await uow.execute(
        insert(contribution)
        .values(half_year=half_year, **values)
        .on_conflict_do_update(
            index_elements=[contribution.c.half_year],
            set_=values,
            where=contribution.c.state == "held",
        )
    )
    return bool(result.rowcount == 1)


async def settle(uow: UnitOfWork, half_year: str, state: str) -> bool:
    """Note whether it is in; False where that is known already, or nothing was sent."""
    result = await uow.execute(
        update(contribution)
        .where(contribution.c.half_year == half_year, contribution.c.state == "sent")
        .values(state=state, settled_at=uow.wall)
    )
    return bool(result.rowcount == 1)
