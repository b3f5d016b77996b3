"""What stands in the programme's tables: sealed rows in, sealed rows out."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.cases.domain.aid import UNEXECUTED_MONTHS
from services.cases.domain.programme import Marks
from services.cases.store.plan_tables import (
    agreement,
    aid,
    closing,
    follow_up,
    goal,
    measure,
    programme,
)
from services.cases.store.rows import Record
from services.cases.store.tables import event, redecision
from shared.clock import local_date, months_after
from shared.db import UnitOfWork, changed_one
from shared.ids import CaseId

Rows = Sequence[Row[Any]]
_ADMITTED = "case.admitted"


async def _all(uow: UnitOfWork, table: Table, case_id: CaseId, *order: Any) -> Rows:
    statement = select(table).where(table.c.case_id == case_id).order_by(*order)
    return (await uow.execute(statement)).all()


async def agreements(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Newest first."""
    newest = (agreement.c.recorded_at.desc(), agreement.c.agreement_id.desc())
    return await _all(uow, agreement, case_id, *newest)


async def admitted_at(uow: UnitOfWork, case_id: CaseId) -> datetime | None:
    """When the person was last admitted; None before that."""
    statement = select(func.max(event.c.at)).where(
        event.c.case_id == case_id, event.c.code == _ADMITTED
    )
    found: datetime | None = (await uow.execute(statement)).scalar_one()
    return found


async def aids(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Oldest first."""
    return await _all(uow, aid, case_id, aid.c.decided_at, aid.c.aid_id)


async def goals(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Oldest first."""
    return await _all(uow, goal, case_id, goal.c.set_at, goal.c.goal_id)


async def measures(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Oldest first."""
    return await _all(uow, measure, case_id, measure.c.started_on, measure.c.measure_id)


async def follow_ups(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Oldest first."""
    return await _all(uow, follow_up, case_id, follow_up.c.recorded_at, follow_up.c.follow_up_id)


async def closings(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Newest first; more than one where the case was opened again."""
    return await _all(uow, closing, case_id, closing.c.closed_at.desc())


async def programme_row(uow: UnitOfWork, case_id: CaseId) -> Row[Any] | None:
    """Where the programme stands; None before it began."""
    statement = select(programme).where(programme.c.case_id == case_id)
    return (await uow.execute(statement)).one_or_none()


async def withdraw_agreement(uow: UnitOfWork, agreement_id: UUID) -> None:
    """Once."""
    await changed_one(
        uow,
        update(agreement)
        .where(agreement.c.agreement_id == agreement_id, agreement.c.withdrawn_at.is_(None))
        .values(withdrawn_at=uow.now, withdrawn_by=uow.actor.staff_id),
    )


async def tell(uow: UnitOfWork, aid_id: UUID, told_on: date) -> None:
    """Once."""
    await changed_one(
        uow,
        update(aid)
        .where(aid.c.aid_id == aid_id, aid.c.told_on.is_(None))
        .values(told_on=told_on, told_by=uow.actor.staff_id),
    )


async def end_measure(uow: UnitOfWork, measure_id: UUID, ended_on: date) -> None:
    """Once."""
    await changed_one(
        uow,
        update(measure)
        .where(measure.c.measure_id == measure_id, measure.c.ended_on.is_(None))
        .values(ended_on=ended_on, ended_by=uow.actor.staff_id),
    )


async def start(uow: UnitOfWork, case_id: CaseId, follow_up_on: date) -> None:
    """The programme begins, or begins again in a case that was opened anew."""
    fresh = {
        "started_at": uow.now,
        "follow_up_on": follow_up_on,
        "review_on": None,
        "paused": None,
    }
    await changed_one(
        uow,
        upsert(programme)
        .values(case_id=case_id, **fresh)
        .on_conflict_do_update(index_elements=[programme.c.case_id], set_=fresh),
    )


async def change(uow: UnitOfWork, case_id: CaseId, **values: object) -> None:
    """Move the programme's days."""
    await changed_one(uow, update(programme).where(programme.c.case_id == case_id).values(**values))


async def redecide(uow: UnitOfWork, case_id: CaseId, area: str) -> None:
    """Measures taken over in this area have been decided anew; none is no fault."""
    await uow.execute(
        update(redecision)
        .where(
            redecision.c.case_id == case_id,
            redecision.c.area == area,
            redecision.c.decided_at.is_(None),
        )
        .values(decided_at=uow.now)
    )


async def marks(uow: UnitOfWork, cases: Sequence[UUID], today: date) -> dict[UUID, Marks]:
    """What lists know of each of these cases' programmes, by a fixed number of questions."""
    if not cases:
        return {}
    days = {
        row.case_id: row
        for row in await uow.execute(select(programme).where(programme.c.case_id.in_(cases)))
    }
    is_admitted_since = exists().where(
        event.c.case_id == agreement.c.case_id,
        event.c.code == _ADMITTED,
        event.c.at > agreement.c.recorded_at,
    )
    has_agreement = await _those(
        uow, agreement, cases, agreement.c.withdrawn_at.is_(None), ~is_admitted_since
    )
    has_goals = await _those(uow, goal, cases)
    granted = await _granted(uow, cases, today)
    has_open_measure = await _those(uow, measure, cases, measure.c.ended_on.is_(None))
    return {
        case_id: Marks(
            has_agreement=case_id in has_agreement,
            has_aid=case_id in granted,
            has_goals=case_id in has_goals,
            follow_up_on=days[case_id].follow_up_on if case_id in days else None,
            review_on=days[case_id].review_on if case_id in days else None,
            carry_out_before=_carry_out_before(granted[case_id].unexecuted)
            if case_id in granted
            else None,
            aid_until=granted[case_id].until if case_id in granted else None,
            has_open_measure=case_id in has_open_measure,
        )
        for case_id in cases
    }


async def is_aided(uow: UnitOfWork, case_id: CaseId, today: date) -> bool:
    """Whether aid runs that day, or is still carried out; `app_fence` asks the same."""
    return bool(
        await _granted(uow, [case_id], today)
        or await _those(uow, measure, [case_id], measure.c.ended_on.is_(None))
    )


def _carry_out_before(oldest_unexecuted: datetime | None) -> date | None:
    if oldest_unexecuted is None:
        return None
    return months_after(local_date(oldest_unexecuted), UNEXECUTED_MONTHS)


async def _those(uow: UnitOfWork, table: Table, cases: Sequence[UUID], *where: Any) -> set[UUID]:
    statement = select(table.c.case_id).distinct().where(table.c.case_id.in_(cases), *where)
    return set((await uow.execute(statement)).scalars())


async def _granted(uow: UnitOfWork, cases: Sequence[UUID], today: date) -> dict[UUID, Record]:
    """Cases with something granted: when the oldest that nobody has begun was decided, the first end."""
    ending = aid.alias("ending")
    is_ended = exists().where(ending.c.case_id == aid.c.case_id, ending.c.ends == aid.c.aid_id)
    is_begun = exists().where(measure.c.case_id == aid.c.case_id, measure.c.aid_id == aid.c.aid_id)
    statement = (
        select(
            aid.c.case_id,
            func.min(aid.c.decided_at).filter(~is_begun).label("unexecuted"),
            func.min(aid.c.granted_until).label("until"),
        )
        .where(
            aid.c.case_id.in_(cases),
            aid.c.outcome == "GRANTED",
            func.coalesce(aid.c.granted_until, today) >= today,
            ~is_ended,
        )
        .group_by(aid.c.case_id)
    )
    return {row.case_id: row for row in await uow.execute(statement)}
