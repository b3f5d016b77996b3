"""Applications for state money: migration `cases_money`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Column, Date, Integer, Table, Text, Uuid, select, update

from services.cases.domain.money import Money
from services.cases.store.columns import at, of_case
from services.cases.store.rows import Record
from shared.db import UnitOfWork, changed_one, metadata
from shared.ids import CaseId

money = Table(
    "case_money",
    metadata,
    Column("money_id", Uuid, primary_key=True),
    of_case(),
    Column("applied_on", Date, nullable=False),
    Column("kronor", Integer, nullable=False),
    at("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
    Column("outcome", Text),
    Column("answered_on", Date),
    at("answered_at", nullable=True),
    Column("answered_by", Uuid),
    Column("granted", Integer),
    Column("paid_on", Date),
    Column("paid", Integer),
    Column("paid_by", Uuid),
)


async def of(uow: UnitOfWork, case_id: CaseId) -> list[Money]:
    """Of one case, oldest first."""
    statement = (
        select(money)
        .where(money.c.case_id == case_id)
        .order_by(money.c.applied_on, money.c.money_id)
    )
    return [_money(row) for row in (await uow.execute(statement)).all()]


def _money(row: Record) -> Money:
    return Money(
        money_id=row.money_id,
        applied_on=row.applied_on,
        kronor=row.kronor,
        recorded_at=row.recorded_at,
        outcome=row.outcome,
        answered_on=row.answered_on,
        answered_at=row.answered_at,
        granted=row.granted,
        paid_on=row.paid_on,
        paid=row.paid,
    )


async def answer(uow: UnitOfWork, money_id: UUID, **values: object) -> None:
    """Once."""
    unanswered = money.c.money_id == money_id, money.c.outcome.is_(None)
    await changed_one(uow, update(money).where(*unanswered).values(**values))


async def pay(uow: UnitOfWork, money_id: UUID, **values: object) -> None:
    """Once."""
    unpaid = money.c.money_id == money_id, money.c.paid_on.is_(None)
    await changed_one(uow, update(money).where(*unpaid).values(**values))


async def every(uow: UnitOfWork) -> Sequence[Record]:
    """Days and outcomes of all cases: for the worker's counting."""
    columns = (
        money.c.applied_on,
        money.c.recorded_at,
        money.c.outcome,
        money.c.answered_on,
        money.c.answered_at,
    )
    return (await uow.execute(select(*columns))).all()
