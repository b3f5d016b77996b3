"""Figures that a worker counts for whoever watches the node: names and numbers, never a person."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, select
from sqlalchemy.dialects.postgresql import insert

from shared.db.schema import metadata
from shared.db.work import UnitOfWork

figure = Table(
    "figure",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


async def set_figures(uow: UnitOfWork, counted: Mapping[str, int]) -> None:
    """Keep the newest of each.

    Args:
        counted: by dotted name (`handover.sent_overdue`).
    """
    row = insert(figure)
    await uow.execute(
        row.on_conflict_do_update(
            index_elements=[figure.c.name],
            set_={"value": row.excluded.value, "at": row.excluded["at"]},
        ),
        [{"name": name, "value": value, "at": uow.wall} for name, value in counted.items()],
    )


async def figures(uow: UnitOfWork) -> tuple[dict[str, int], datetime | None]:
    """All of them, and when the oldest was counted: None where no worker has been."""
    rows = (await uow.execute(select(figure).order_by(figure.c.name))).all()
    return {row.name: row.value for row in rows}, min((row.at for row in rows), default=None)
