"""Entry assessments and who signed them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, exists, or_, select

from services.cases.store.files import Rows
from services.cases.store.plan_tables import aid
from services.cases.store.tables import entry, entry_signature, event
from shared.db import UnitOfWork
from shared.ids import CaseId


async def newest(uow: UnitOfWork, case_id: CaseId) -> Row[Any] | None:
    """The assessment that counts."""
    statement = (
        select(entry).where(entry.c.case_id == case_id).order_by(entry.c.number.desc()).limit(1)
    )
    return (await uow.execute(statement)).one_or_none()


async def signatures(uow: UnitOfWork, entry_id: UUID) -> Rows:
    """The municipality's own, in the order they were given."""
    statement = (
        select(entry_signature)
        .where(entry_signature.c.entry_id == entry_id)
        .order_by(entry_signature.c.signed_at, entry_signature.c.party)
    )
    return (await uow.execute(statement)).all()


async def open_applications(
    uow: UnitOfWork, cases: Sequence[UUID]
) -> dict[UUID, tuple[datetime, ...]]:
    """When aid was applied for that nobody has decided since, oldest first, of each case.

    A contact that was an application from the start counts as one.
    """
    at_once = and_(
        event.c.code == "case.contact_registered", event.c.facts["state"].astext == "INTAKE"
    )
    is_decided = exists().where(aid.c.case_id == event.c.case_id, aid.c.decided_at > event.c.at)
    statement = (
        select(event.c.case_id, event.c.at)
        .where(
            event.c.case_id.in_(cases),
            or_(event.c.code == "case.applied", at_once),
            ~is_decided,
        )
        .order_by(event.c.at)
    )
    found: dict[UUID, tuple[datetime, ...]] = {}
    for row in await uow.execute(statement):
        found[row.case_id] = (*found.get(row.case_id, ()), row.at)
    return found
