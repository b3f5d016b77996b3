"""Headers, members, open handovers and the chain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, exists, func, insert, or_, select, update

from services.cases.domain.states import State
from services.cases.domain.views import CaseHeader
from services.cases.store.tables import (
    duplicate,
    event,
    header,
    link,
    member,
    open_handover,
)
from shared.db import UnitOfWork, changed_one
from shared.errors import AccessDenied, Fact
from shared.ids import CaseId, StaffId, row_id

_COLUMNS = (
    header.c.case_id,
    header.c.federation_case_id,
    header.c.code_name,
    header.c.state,
    header.c.ended_reason,
    header.c.term,
    header.c.revision,
    header.c.unit,
    header.c.opened_at,
    open_handover.c.handover_id.label("open_handover"),
)


def _select() -> Select[Any]:
    joined = header.outerjoin(open_handover, open_handover.c.case_id == header.c.case_id)
    return select(*_COLUMNS).select_from(joined)


async def load(uow: UnitOfWork, case_id: CaseId, *, lock: bool = False) -> CaseHeader:
    """The header; `lock` keeps it from changing until this transaction ends.

    Raises:
        AccessDenied: row security shows none.
    """
    on_call = func.app_is_on_call_in(header.c.case_id).label("is_on_call")
    statement = _select().add_columns(on_call).where(header.c.case_id == case_id)
    if lock:
        statement = statement.with_for_update(of=header)
    row = (await uow.execute(statement)).one_or_none()
    if row is None:
        raise AccessDenied
    return CaseHeader(
        case_id=CaseId(row.case_id),
        federation_case_id=row.federation_case_id,
        code_name=row.code_name,
        state=row.state,
        ended_reason=row.ended_reason,
        term=row.term,
        revision=row.revision,
        unit=row.unit,
        is_responsible=row.ended_reason != "TRANSFERRED",
        open_handover=row.open_handover,
        opened_at=row.opened_at,
        is_on_call=row.is_on_call,
    )


async def insert_header(uow: UnitOfWork, new: CaseHeader, created_by: StaffId) -> None:
    """A new case; without `returning`, which row security would refuse before membership."""
    await uow.execute(
        insert(header)
        .values(
            case_id=new.case_id,
            federation_case_id=new.federation_case_id,
            code_name=new.code_name,
            state=new.state,
            term=new.term,
            revision=new.revision,
            unit=new.unit,
            created_by=created_by,
            opened_at=new.opened_at,
            changed_at=new.opened_at,
        )
        .inline()
    )


async def change_state(
    uow: UnitOfWork, before: CaseHeader, state: State, ended_reason: str | None = None
) -> None:
    """Compare and set on the revision."""
    await changed_one(
        uow,
        update(header)
        .where(header.c.case_id == before.case_id, header.c.revision == before.revision)
        .values(
            state=state,
            ended_reason=ended_reason,
            revision=before.revision + 1,
            changed_at=uow.now,
        ),
    )


async def touch(uow: UnitOfWork, before: CaseHeader) -> None:
    """Compare and set the revision without another change: the file's tracks have moved."""
    await change_state(uow, before, before.state, before.ended_reason)


async def set_term(uow: UnitOfWork, term: int) -> None:
    """Fence the rest of this transaction on a term."""
    await uow.execute(select(func.set_config("app.term", str(term), True)))


async def is_code_name_free(uow: UnitOfWork, code_name: str) -> bool:
    """Whether no case of this node has it, seen or not."""
    found = await uow.execute(select(func.app_code_name_is_free(code_name)))
    return bool(found.scalar_one())


async def is_excluded(uow: UnitOfWork, case_id: CaseId, kind: str, value: str) -> bool:
    """Whether the case is kept from them."""
    found = await uow.execute(select(func.app_is_excluded(case_id, kind, value)))
    return bool(found.scalar_one())


async def is_member(uow: UnitOfWork, case_id: CaseId) -> bool:
    """Whether the actor is one, or opens the file in this transaction."""
    return bool((await uow.execute(select(func.app_is_member(case_id)))).scalar_one())


async def list_rows(uow: UnitOfWork, *, own_only: bool) -> Sequence[Row[Any]]:
    """What lists need of every case that row security shows, newest change first.

    Args:
        own_only: only cases that the actor is a member of.
    """
    mine = exists().where(
        member.c.case_id == header.c.case_id,
        member.c.staff_id == uow.actor.staff_id,
        member.c.ended_at.is_(None),
    )
    worker = (
        select(member.c.staff_id)
        .where(
            member.c.case_id == header.c.case_id,
            member.c.role == "case_worker",
            member.c.ended_at.is_(None),
        )
        .order_by(member.c.started_at, member.c.member_id)
        .limit(1)
        .scalar_subquery()
    )
    is_duplicate = exists().where(
        or_(
            duplicate.c.case_id == header.c.case_id,
            duplicate.c.other_case_id == header.c.case_id,
        )
    )
    statement = (
        _select()
        .add_columns(
            header.c.changed_at,
            mine.label("is_member"),
            worker.label("case_worker"),
            is_duplicate.label("suspected_duplicate"),
        )
        .order_by(header.c.changed_at.desc(), header.c.case_id)
    )
    if own_only:
        statement = statement.where(mine)
    return (await uow.execute(statement)).all()


async def insert_member(
    uow: UnitOfWork, case_id: CaseId, staff_id: StaffId, role: str, reason: str
) -> None:
    """Give access, in the actor's name."""
    await uow.execute(
        insert(member)
        .values(
            member_id=row_id(uow.now),
            case_id=case_id,
            staff_id=staff_id,
            role=role,
            given_by=uow.actor.staff_id,
            reason=reason,
            started_at=uow.now,
        )
        .inline()
    )


async def end_member(uow: UnitOfWork, case_id: CaseId, staff_id: StaffId, reason: str) -> None:
    """Take access away."""
    await changed_one(
        uow,
        update(member)
        .where(
            member.c.case_id == case_id,
            member.c.staff_id == staff_id,
            member.c.ended_at.is_(None),
        )
        .values(ended_at=uow.now, ended_by=uow.actor.staff_id, end_reason=reason),
    )


async def members(uow: UnitOfWork, case_id: CaseId) -> Sequence[Row[Any]]:
    """All rows, ended ones too, oldest first."""
    statement = (
        select(member)
        .where(member.c.case_id == case_id)
        .order_by(member.c.started_at, member.c.member_id)
    )
    return (await uow.execute(statement)).all()


async def mark_open_handover(uow: UnitOfWork, case_id: CaseId, handover_id: UUID) -> None:
    """Conflict `case.handover_open` when there is one."""
    await uow.execute(
        insert(open_handover).values(case_id=case_id, handover_id=handover_id, since=uow.now)
    )


async def open_handovers(uow: UnitOfWork) -> list[UUID]:
    """All marks that the actor sees."""
    return list((await uow.execute(select(open_handover.c.handover_id))).scalars())


async def clear_open_handover(uow: UnitOfWork, case_id: CaseId, handover_id: UUID) -> None:
    """The handover is over."""
    await changed_one(
        uow,
        delete(open_handover).where(
            open_handover.c.case_id == case_id, open_handover.c.handover_id == handover_id
        ),
    )


async def insert_link(
    uow: UnitOfWork, case_id: CaseId, number: int, encoded: bytes, digest: bytes, kept_at: datetime
) -> None:
    """One more link."""
    await uow.execute(
        insert(link).values(
            case_id=case_id, number=number, link=encoded, hash=digest, kept_at=kept_at
        )
    )


async def links(uow: UnitOfWork, case_id: CaseId) -> list[bytes]:
    """All links, encoded, from number 1."""
    statement = select(link.c.link).where(link.c.case_id == case_id).order_by(link.c.number)
    return list((await uow.execute(statement)).scalars())


async def insert_event(uow: UnitOfWork, case_id: CaseId, code: str, facts: dict[str, Fact]) -> None:
    """One more step of the history."""
    await uow.execute(
        insert(event).values(
            event_id=row_id(uow.now),
            case_id=case_id,
            code=code,
            facts=facts,
            actor_id=uow.actor.staff_id,
            at=uow.now,
        )
    )
