"""What stands in the file: sealed rows in, sealed rows out."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, delete, exists, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from services.cases.domain.commands import NeedArea
from services.cases.store.tables import (
    consent,
    contact,
    dossier,
    event,
    exclusion,
    need,
    note,
    person,
    redecision,
    residence,
    reveal,
    vault,
)
from shared.actor import WORKER_ID
from shared.db import UnitOfWork, changed_one
from shared.ids import CaseId, StaffId

Rows = Sequence[Row[Any]]


async def one(uow: UnitOfWork, table: Table, case_id: CaseId) -> Row[Any] | None:
    """The row of a table that holds one for each case."""
    return (await uow.execute(select(table).where(table.c.case_id == case_id))).one_or_none()


async def _many(uow: UnitOfWork, table: Table, case_id: CaseId, *order: Any) -> Rows:
    statement = select(table).where(table.c.case_id == case_id).order_by(*order)
    return (await uow.execute(statement)).all()


async def person_row(uow: UnitOfWork, case_id: CaseId) -> Row[Any] | None:
    """The person, sealed."""
    return await one(uow, person, case_id)


async def base_row(uow: UnitOfWork, case_id: CaseId) -> Row[Any] | None:
    """What a file holds once: person, contact, what came with a take-over; whether it has a vault."""
    statement = (
        select(
            person.c.case_id,
            person.c.sealed,
            contact.c.sealed.label("contact"),
            contact.c.registered_at,
            dossier.c.sealed.label("dossier"),
            exists().where(vault.c.case_id == person.c.case_id).label("has_vault"),
        )
        .select_from(
            person.outerjoin(contact, contact.c.case_id == person.c.case_id).outerjoin(
                dossier, dossier.c.case_id == person.c.case_id
            )
        )
        .where(person.c.case_id == case_id)
    )
    return (await uow.execute(statement)).one_or_none()


async def newest_residence(uow: UnitOfWork, case_id: CaseId) -> Row[Any] | None:
    """The finding that counts."""
    statement = (
        select(residence)
        .where(residence.c.case_id == case_id)
        .order_by(residence.c.found_at.desc(), residence.c.finding_id.desc())
        .limit(1)
    )
    return (await uow.execute(statement)).one_or_none()


async def newest_residences(uow: UnitOfWork, cases: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """The finding that counts, of each case."""
    statement = (
        select(residence.c.case_id, residence.c.finding, residence.c.confirmed_at)
        .ext(distinct_on(residence.c.case_id))
        .where(residence.c.case_id.in_(cases))
        .order_by(residence.c.case_id, residence.c.found_at.desc(), residence.c.finding_id.desc())
    )
    return {row.case_id: row for row in await uow.execute(statement)}


async def confirm_residence(uow: UnitOfWork, finding_id: UUID) -> None:
    """The second reader's mark, once."""
    await changed_one(
        uow,
        update(residence)
        .where(residence.c.finding_id == finding_id, residence.c.confirmed_at.is_(None))
        .values(confirmed_at=uow.now, confirmed_by=uow.actor.staff_id),
    )


async def consents(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """All consents, oldest first."""
    return await _many(uow, consent, case_id, consent.c.given_at, consent.c.consent_id)


async def last_consent_days(
    uow: UnitOfWork, cases: Sequence[UUID], today: date
) -> dict[UUID, date]:
    """The last day of the longest consent in force, of each case that has one."""
    statement = (
        select(consent.c.case_id, consent.c.valid_until)
        .where(
            consent.c.case_id.in_(cases),
            consent.c.withdrawn_at.is_(None),
            consent.c.valid_until >= today,
        )
        .order_by(consent.c.valid_until)
    )
    return {row.case_id: row.valid_until for row in await uow.execute(statement)}


async def withdraw_consent(uow: UnitOfWork, case_id: CaseId, consent_id: UUID) -> None:
    """Once."""
    await changed_one(
        uow,
        update(consent)
        .where(
            consent.c.consent_id == consent_id,
            consent.c.case_id == case_id,
            consent.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=uow.now, withdrawn_by=uow.actor.staff_id),
    )


async def newest_needs(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """The newest text of each area."""
    statement = (
        select(need)
        .ext(distinct_on(need.c.area))
        .where(need.c.case_id == case_id)
        .order_by(need.c.area, need.c.recorded_at.desc(), need.c.need_id.desc())
    )
    return (await uow.execute(statement)).all()


async def need_areas(uow: UnitOfWork, cases: Sequence[UUID]) -> dict[UUID, frozenset[NeedArea]]:
    """The areas that are described, of each case that has any."""
    statement = select(need.c.case_id, need.c.area).distinct().where(need.c.case_id.in_(cases))
    found: dict[UUID, set[NeedArea]] = {}
    for row in await uow.execute(statement):
        found.setdefault(row.case_id, set()).add(row.area)
    return {case_id: frozenset(areas) for case_id, areas in found.items()}


async def notes(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """The journal, newest first."""
    return await _many(uow, note, case_id, note.c.written_at.desc(), note.c.note_id.desc())


async def has_note(uow: UnitOfWork, case_id: CaseId, note_id: UUID) -> bool:
    """Whether the note stands in this journal."""
    statement = select(note.c.note_id).where(note.c.case_id == case_id, note.c.note_id == note_id)
    return (await uow.execute(statement)).first() is not None


async def events(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """The history, newest first."""
    return await _many(uow, event, case_id, event.c.at.desc(), event.c.event_id.desc())


async def exclusions(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """From whom the case is kept."""
    return await _many(uow, exclusion, case_id, exclusion.c.set_at)


async def redecisions(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Measures to decide anew."""
    return await _many(uow, redecision, case_id, redecision.c.area)


async def put_vault(uow: UnitOfWork, case_id: CaseId, sealed: bytes) -> None:
    """The vault's one row."""
    values = {"sealed": sealed, "set_at": uow.now, "set_by": uow.actor.staff_id}
    await changed_one(
        uow,
        upsert(vault)
        .values(case_id=case_id, **values)
        .on_conflict_do_update(index_elements=[vault.c.case_id], set_=values),
    )


async def add_vault(uow: UnitOfWork, case_id: CaseId, sealed: bytes) -> bool:
    """The vault's one row, where there is none; whether there was none."""
    result = await uow.execute(
        upsert(vault)
        .values(case_id=case_id, sealed=sealed, set_at=uow.now, set_by=uow.actor.staff_id)
        .on_conflict_do_nothing()
    )
    return result.rowcount == 1


async def erase_vault_that_came(uow: UnitOfWork, case_id: CaseId) -> bool:
    """Contact data from another vault, unless somebody here has written their own since."""
    gone = await uow.execute(
        delete(vault).where(vault.c.case_id == case_id, vault.c.set_by == WORKER_ID)
    )
    return gone.rowcount == 1


async def vault_row(uow: UnitOfWork, case_id: CaseId) -> Row[Any] | None:
    """The vault, sealed."""
    return await one(uow, vault, case_id)


async def open_reveal(
    uow: UnitOfWork, case_id: CaseId, staff_id: StaffId, not_before: datetime
) -> UUID | None:
    """The newest approval that this person has and has not used."""
    statement = (
        select(reveal.c.approval_id)
        .where(
            reveal.c.case_id == case_id,
            reveal.c.staff_id == staff_id,
            reveal.c.used_at.is_(None),
            reveal.c.approved_at > not_before,
        )
        .order_by(reveal.c.approved_at.desc())
        .limit(1)
    )
    found: UUID | None = (await uow.execute(statement)).scalar_one_or_none()
    return found


async def use_reveal(
    uow: UnitOfWork, case_id: CaseId, approval_id: UUID, staff_id: StaffId, not_before: datetime
) -> Row[Any] | None:
    """Use an approval up; None when there is none to use."""
    statement = (
        update(reveal)
        .where(
            reveal.c.approval_id == approval_id,
            reveal.c.case_id == case_id,
            reveal.c.staff_id == staff_id,
            reveal.c.used_at.is_(None),
            reveal.c.approved_at > not_before,
        )
        .values(used_at=uow.now)
        .returning(reveal.c.approved_by)
    )
    return (await uow.execute(statement)).one_or_none()


async def erase_dossier(uow: UnitOfWork, case_id: CaseId) -> None:
    """What came with a take-over; gone already where it was erased before."""
    await uow.execute(delete(dossier).where(dossier.c.case_id == case_id))
