"""What the worker reads to count; row security shows it to nobody else."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from services.cases.store.rows import Record
from services.cases.store.tables import event, header
from shared.db import UnitOfWork
from shared.ids import CaseId


async def every_id(uow: UnitOfWork) -> list[CaseId]:
    """All cases, in no order that means anything."""
    rows = await uow.execute(select(header.c.case_id).order_by(header.c.case_id))
    return [CaseId(each) for each in rows.scalars()]


async def every_event(uow: UnitOfWork, codes: Iterable[str]) -> Sequence[Record]:
    """The histories' events of these codes, oldest first."""
    statement = (
        select(event.c.case_id, event.c.at, event.c.actor_id, event.c.code, event.c.facts)
        .where(event.c.code.in_(sorted(codes)))
        .order_by(event.c.at, event.c.event_id)
    )
    return (await uow.execute(statement)).all()
