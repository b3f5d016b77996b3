"""A municipality's own figures: exact by unit, and what is shown of them side by side."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    select,
)
from sqlalchemy import Text as SQLText
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.db import UnitOfWork, metadata

Record = Row[Any]

exact = Table(
    "statistics_own",
    metadata,
    Column("half_year", SQLText, nullable=False),
    Column("unit", SQLText, nullable=False),
    Column("figures", LargeBinary, nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("counted_on", Date, nullable=False),
    PrimaryKeyConstraint("half_year", "unit", name="statistics_own_pkey"),
)
shown = Table(
    "statistics_own_shown",
    metadata,
    Column("half_year", SQLText, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("kept", LargeBinary, nullable=False),
    Column("shown_at", DateTime(timezone=True), nullable=False),
)


async def counted(
    uow: UnitOfWork,
    half_year: str,
    figures: Mapping[str, bytes],
    *,
    counted_on: date,
    is_final: bool,
) -> None:
    """Put what was counted in the place of what was counted before, unless that is final."""
    for unit, content in sorted(figures.items()):
        values = {"figures": content, "is_final": is_final, "counted_on": counted_on}
        await uow.execute(
            upsert(exact)
            .values(half_year=half_year, unit=unit, **values)
            .on_conflict_do_update(
                index_elements=[exact.c.half_year, exact.c.unit],
                set_=values,
                where=exact.c.is_final.is_(False),
            )
        )


async def of_units(uow: UnitOfWork, half_year: str | None = None) -> Sequence[Record]:
    """Exact figures, newest half-year first: of the units that row security shows."""
    statement = select(exact).order_by(exact.c.half_year.desc(), exact.c.unit)
    if half_year is not None:
        statement = statement.where(exact.c.half_year == half_year)
    return (await uow.execute(statement)).all()


async def show(uow: UnitOfWork, half_year: str, content: bytes, kept: bytes) -> bool:
    """Once; False where another worker was faster."""
    result = await uow.execute(
        upsert(shown)
        .values(half_year=half_year, content=content, kept=kept, shown_at=uow.wall)
        .on_conflict_do_nothing()
    )
    return bool(result.rowcount == 1)


async def every_shown(uow: UnitOfWork) -> Sequence[Record]:
    """All that was shown and kept, oldest first: the worker's alone."""
    return (await uow.execute(select(shown).order_by(shown.c.half_year))).all()


async def readable(uow: UnitOfWork) -> Sequence[Record]:
    """What is shown, newest first."""
    columns = shown.c.half_year, shown.c.content, shown.c.shown_at
    return (await uow.execute(select(*columns).order_by(shown.c.half_year.desc()))).all()
