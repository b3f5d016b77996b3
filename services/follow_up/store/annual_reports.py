"""Yearly reports, their texts and events; explained column by column in the migration."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.db import UnitOfWork, changed_one, conflict_when, metadata

Record = Row[Any]

report = Table(
    "annual_report",
    metadata,
    Column("report_id", Uuid, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("police_unit", Text),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("content", LargeBinary),
    Column("sha256", Text),
    Column("submitted_by", Uuid),
    Column("decision", Text),
    Column("published_at", DateTime(timezone=True)),
    Column("jws", Text),
    UniqueConstraint("year", name="annual_report_year_key"),
)
figures = Table(
    "annual_report_figures",
    metadata,
    Column("report_id", Uuid, ForeignKey("annual_report.report_id"), primary_key=True),
    Column("counted_at", DateTime(timezone=True), nullable=False),
    Column("figures", LargeBinary),
)
text = Table(
    "annual_report_text",
    metadata,
    Column("report_id", Uuid, ForeignKey("annual_report.report_id"), nullable=False),
    Column("section", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("written_by", Uuid, nullable=False),
    PrimaryKeyConstraint("report_id", "section", "number", name="annual_report_text_pkey"),
)
event = Table(
    "annual_report_event",
    metadata,
    Column("report_id", Uuid, ForeignKey("annual_report.report_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("event", Text, nullable=False),
    Column("leads_to", Text, nullable=False),
    Column("party", Text),
    Column("reason", Text),
    Column("done_at", DateTime(timezone=True), nullable=False),
    Column("done_by", Uuid, nullable=False),
    PrimaryKeyConstraint("report_id", "number", name="annual_report_event_pkey"),
)
conflict_when("annual_report_year_key", "report.year_exists")
conflict_when("annual_report_event_pkey", "db.changed_meanwhile")
conflict_when("annual_report_text_pkey", "db.changed_meanwhile")


async def reports(uow: UnitOfWork) -> Sequence[Record]:
    """All that the actor may see, newest year first."""
    return (await uow.execute(select(report).order_by(report.c.year.desc()))).all()


async def find(uow: UnitOfWork, report_id: UUID) -> Record | None:
    """One, unless row security hides it."""
    return (await uow.execute(select(report).where(report.c.report_id == report_id))).one_or_none()


async def change(uow: UnitOfWork, row: Record, **values: object) -> None:
    """Save by compare-and-set on the revision; the actor's."""
    await changed_one(
        uow,
        update(report)
        .where(report.c.report_id == row.report_id, report.c.revision == row.revision)
        .values(revision=row.revision + 1, **values),
    )


async def to_count(uow: UnitOfWork) -> Sequence[Record]:
    """Those that are not counted yet, the earliest year first."""
    statement = (
        select(report)
        .outerjoin(figures, figures.c.report_id == report.c.report_id)
        .where(figures.c.report_id.is_(None))
        .order_by(report.c.year)
    )
    return (await uow.execute(statement)).all()


async def counted(uow: UnitOfWork, year: int) -> Record | None:
    """What was counted of a year, for those of the municipality; None before it is."""
    statement = select(figures).join(report, report.c.report_id == figures.c.report_id)
    return (await uow.execute(statement.where(report.c.year == year))).one_or_none()


async def keep_figures(
    uow: UnitOfWork, report_id: UUID, told: bytes | None, counted_at: datetime
) -> bool:
    """The worker has counted, for ever; None: nothing may be told. False: another was faster."""
    result = await uow.execute(
        upsert(figures)
        .values(report_id=report_id, figures=told, counted_at=counted_at)
        .on_conflict_do_nothing()
    )
    return bool(result.rowcount == 1)


async def texts(uow: UnitOfWork, report_id: UUID) -> dict[str, Record]:
    """The newest version of each text."""
    statement = select(text).where(text.c.report_id == report_id).order_by(text.c.number)
    return {row.section: row for row in await uow.execute(statement)}


async def events(uow: UnitOfWork, report_id: UUID) -> Sequence[Record]:
    """What has been done with it, oldest first."""
    statement = select(event).where(event.c.report_id == report_id).order_by(event.c.number)
    return (await uow.execute(statement)).all()
