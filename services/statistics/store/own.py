"""A municipality's own figures: exact by unit, and what is shown of them side by side."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
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
ALL_CASES = ""
"""The reader of the row that nobody reads but the worker."""

exact = Table(
    "statistics_own",
    metadata,
    Column("half_year", SQLText, nullable=False),
    Column("unit", SQLText, nullable=False),
    Column("reader", SQLText, nullable=False),
    Column("figures", LargeBinary, nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("counted_on", Date, nullable=False),
    Column("known_until", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("half_year", "unit", "reader", name="statistics_own_pkey"),
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
    known_until: datetime,
    is_final: bool,
) -> None:
    """Put what was counted in the place of what was counted before, unless that is final."""
    for unit, content in sorted(figures.items()):
        values = {
            "figures": content,
            "is_final": is_final,
            "counted_on": counted_on,
            "known_until": known_until,
        }
        await uow.execute(
            upsert(exact)
            .values(half_year=half_year, unit=unit, reader=ALL_CASES, **values)
            .on_conflict_do_update(
                index_elements=[exact.c.half_year, exact.c.unit, exact.c.reader],
                set_=values,
                where=exact.c.is_final.is_(False),
            )
        )


async def of_units(uow: UnitOfWork, half_year: str | None = None) -> Sequence[Record]:
    """Exact figures of all cases, newest half-year first: the worker's alone."""
    statement = select(exact).where(exact.c.reader == ALL_CASES)
    if half_year is not None:
        statement = statement.where(exact.c.half_year == half_year)
    return (await uow.execute(statement.order_by(exact.c.half_year.desc(), exact.c.unit))).all()


async def for_readers(uow: UnitOfWork) -> Sequence[Record]:
    """The rows that leaders read, newest half-year first: those that row security shows."""
    statement = select(exact).where(exact.c.reader != ALL_CASES)
    return (await uow.execute(statement.order_by(exact.c.half_year.desc(), exact.c.unit))).all()


async def keep_for_reader(uow: UnitOfWork, whole: Record, reader: str, figures: bytes) -> None:
    """What a leader may read of a row of all cases, in the place of what was read before."""
    values = {
        "figures": figures,
        "is_final": whole.is_final,
        "counted_on": whole.counted_on,
        "known_until": whole.known_until,
    }
    await uow.execute(
        upsert(exact)
        .values(half_year=whole.half_year, unit=whole.unit, reader=reader, **values)
        .on_conflict_do_update(
            index_elements=[exact.c.half_year, exact.c.unit, exact.c.reader], set_=values
        )
    )


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
