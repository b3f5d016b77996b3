"""What a service above does to a case inside its own transaction: handovers, mostly."""

from collections.abc import Collection
from uuid import UUID

from services.cases.domain.states import after
from services.cases.domain.views import CaseHeader
from services.cases.store import files, headers, relapse
from services.documents import api as documents
from services.protection import api as protection
from shared.db import UnitOfWork
from shared.errors import AccessDenied, Conflict, Fact
from shared.ids import AuthorityCode, CaseId, SubjectId


async def load_header(uow: UnitOfWork, case_id: CaseId, *, lock: bool = False) -> CaseHeader:
    """The header; `lock` keeps it from changing until this transaction ends.

    Raises:
        AccessDenied: row security shows none.
    """
    return await headers.load(uow, case_id, lock=lock)


async def enter_term(uow: UnitOfWork, case_id: CaseId, term: int) -> CaseHeader:
    """For messages and ticks: lock the case and fence the rest of the transaction on its term.

    Raises:
        AccessDenied: row security shows none.
        Conflict: `case.responsibility_moved`, the case has another term.
    """
    header = await headers.load(uow, case_id, lock=True)
    if header.term != term:
        raise Conflict("case.responsibility_moved")
    await headers.set_term(uow, term)
    return header


async def mark_open_handover(uow: UnitOfWork, case_id: CaseId, handover_id: UUID) -> None:
    """The case has an open handover from now on.

    Raises:
        Conflict: `case.handover_open`, another one is open; `case.responsibility_moved`.
    """
    header = await headers.load(uow, case_id, lock=True)
    if header.open_handover is not None:
        raise Conflict("case.handover_open")
    await headers.mark_open_handover(uow, case_id, handover_id)
    await headers.touch(uow, header)


async def open_handovers(uow: UnitOfWork) -> list[UUID]:
    """The handovers that cases are marked as being on their way by: for the worker's watch."""
    return await headers.open_handovers(uow)


async def clear_open_handover(uow: UnitOfWork, case_id: CaseId, handover_id: UUID) -> None:
    """The handover has ended and the case stays here.

    Raises:
        Conflict: `db.changed_meanwhile` when this handover is not the open one.
    """
    header = await headers.load(uow, case_id, lock=True)
    await headers.clear_open_handover(uow, case_id, handover_id)
    await headers.touch(uow, header)


async def end_transferred(
    uow: UnitOfWork, case_id: CaseId, handover_id: UUID, *, to: AuthorityCode
) -> None:
    """ENDED(TRANSFERRED): read-only for ever; the joint room closes, the handover is no longer open.

    Keep the receiver's `responsible` link with `receive_links`, before or after: the chain may
    grow in a closed file.

    Raises:
        AccessDenied: no such case.
        Conflict: `db.changed_meanwhile` when this handover is not the open one.
    """
    header = await headers.load(uow, case_id, lock=True)
    if header.open_handover != handover_id:
        raise Conflict("db.changed_meanwhile")
    await headers.clear_open_handover(uow, case_id, handover_id)
    await relapse.end_otherwise(uow, case_id)
    await protection.close_room(uow, SubjectId(case_id))
    state = after(header.state, "taken_over", has_open_handover=True)
    await headers.change_state(uow, header, state, "TRANSFERRED")
    # To which municipality is in the chain; the history is read by more than the file's members.
    await headers.insert_event(uow, case_id, "case.transferred", {"handover": str(handover_id)})
    uow.audit("case.transferred", case_id=case_id, handover=str(handover_id), to=to)


async def erase_what_came(
    uow: UnitOfWork, case_id: CaseId, came_from: AuthorityCode, keep: Collection[UUID]
) -> None:
    """What came with the take-over: dossier, documents, contact data; what was written here stays.

    Args:
        keep: documents that a decision of our own rests on.

    Raises:
        Conflict: `case.responsibility_moved`, the case has left or is closed.
    """
    await files.erase_dossier(uow, case_id)
    gone, kept = await documents.erase_what_came(uow, case_id, came_from, keep)
    vault = await files.erase_vault_that_came(uow, case_id)
    facts: dict[str, Fact] = {"documents": gone, "kept": kept, "vault": vault}
    await headers.insert_event(uow, case_id, "case.dossier_erased", facts)
    uow.audit("case.dossier_erased", case_id=case_id, documents=gone, kept=kept, vault=vault)


async def open_investigation(uow: UnitOfWork, case_id: CaseId, term: int) -> None:
    """PRELIMINARY to INTAKE: what was reported is to be investigated.

    Raises:
        AccessDenied: no such case.
        Conflict: `case.responsibility_moved`.
        DomainError: `case.event_not_allowed`.
    """
    header = await _of_term(uow, case_id, term)
    await headers.change_state(uow, header, after(header.state, "open_investigation"))
    await headers.insert_event(uow, case_id, "case.investigation_opened", {})
    uow.audit("case.investigation_opened", case_id=case_id)


async def end_not_opened(uow: UnitOfWork, case_id: CaseId, term: int) -> None:
    """PRELIMINARY to ENDED(NOT_OPENED): what was reported is not investigated.

    Raises:
        AccessDenied: no such case.
        Conflict: `case.responsibility_moved`, `case.handover_open`.
        DomainError: `case.event_not_allowed`.
    """
    header = await _of_term(uow, case_id, term)
    has_open_handover = header.open_handover is not None
    state = after(header.state, "not_open", has_open_handover=has_open_handover)
    await headers.insert_event(uow, case_id, "case.ended", {"reason": "NOT_OPENED"})
    uow.audit("case.ended", case_id=case_id, ended="NOT_OPENED")
    await headers.change_state(uow, header, state, "NOT_OPENED")


async def note_event(uow: UnitOfWork, case_id: CaseId, code: str) -> None:
    """Something of a service above stands in the case's history and log."""
    await headers.insert_event(uow, case_id, code, {})
    uow.audit(code, case_id=case_id)


async def _of_term(uow: UnitOfWork, case_id: CaseId, term: int) -> CaseHeader:
    header = await headers.load(uow, case_id, lock=True)
    if header.term != term:
        raise Conflict("case.responsibility_moved")
    return header


async def require_member(uow: UnitOfWork, case_id: CaseId) -> CaseHeader:
    """The header, for members only: a team leader's view of the unit's headers is not enough.

    Raises:
        AccessDenied: not a member, or no such case.
    """
    header = await headers.load(uow, case_id)
    if not await headers.is_member(uow, case_id):
        raise AccessDenied
    return header
