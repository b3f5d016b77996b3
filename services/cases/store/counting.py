"""What the worker reads to count; row security shows it to nobody else."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from services.cases.domain.alarm import ON_CALL
from services.cases.store.plan_tables import closing, measure
from services.cases.store.rows import Record
from services.cases.store.tables import event, exclusion, header, member
from shared.db import UnitOfWork
from shared.ids import CaseId


async def every_id(uow: UnitOfWork) -> dict[CaseId, str | None]:
    """All cases and their units, in no order that means anything."""
    rows = await uow.execute(select(header.c.case_id, header.c.unit).order_by(header.c.case_id))
    return {CaseId(row.case_id): row.unit for row in rows}


async def every_event(uow: UnitOfWork, codes: Iterable[str]) -> Sequence[Record]:
    """The histories' events of these codes, oldest first."""
    statement = (
        select(event.c.case_id, event.c.at, event.c.actor_id, event.c.code, event.c.facts)
        .where(event.c.code.in_(sorted(codes)))
        .order_by(event.c.at, event.c.event_id)
    )
    return (await uow.execute(statement)).all()


async def every_closing(uow: UnitOfWork) -> Sequence[Record]:
    """Programmes that reached their goals, oldest first."""
    statement = (
        select(closing.c.case_id, closing.c.closed_at, closing.c.register_check)
        .where(closing.c.reason == "COMPLETED")
        .order_by(closing.c.closed_at, closing.c.closing_id)
    )
    return (await uow.execute(statement)).all()


async def every_bought(uow: UnitOfWork) -> Sequence[Record]:
    """Measures by external providers, without what they are or who does them."""
    statement = select(measure.c.case_id, measure.c.started_on, measure.c.ended_on).where(
        measure.c.is_bought
    )
    return (await uow.execute(statement)).all()


async def every_exclusion(uow: UnitOfWork) -> dict[CaseId, set[tuple[str, str]]]:
    """From whom each case is kept: kind and value."""
    found: dict[CaseId, set[tuple[str, str]]] = defaultdict(set)
    columns = exclusion.c.case_id, exclusion.c.kind, exclusion.c.value
    for row in await uow.execute(select(*columns)):
        found[CaseId(row.case_id)].add((row.kind, row.value))
    return found


async def exclusions_as_of(uow: UnitOfWork) -> tuple[int, datetime | None]:
    """How many there are, and when the newest was set."""
    statement = select(
        func.count().label("how_many"), func.max(exclusion.c.set_at).label("newest")
    ).select_from(exclusion)
    found = (await uow.execute(statement)).one()
    return found.how_many, found.newest


async def let_in_on_call(uow: UnitOfWork) -> Sequence[datetime]:
    """When somebody on call was let in, each time."""
    statement = select(member.c.started_at).where(member.c.role == ON_CALL)
    return (await uow.execute(statement)).scalars().all()
