"""The case's documents: put there by members, listed and opened by members, each opening logged.

What a file is and how it is kept is the documents service's; who may, and under which term, is here.
"""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from uuid import UUID

from services.cases.domain.commands import DOCUMENT_SECTIONS, AddDocument
from services.cases.domain.text import MAX_NAME, reason, required
from services.cases.handlers.inside import require_member
from services.cases.handlers.work import reading, writing
from services.cases.store import headers
from services.documents import api as documents
from services.documents.api import Document
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import DomainError
from shared.ids import CaseId
from shared.node import Node


async def _check(node: Node, actor: Actor, command: AddDocument) -> None:
    """Refuse what would be refused, before the file itself is read."""
    required(command.title, "document.title_missing", MAX_NAME)
    if command.section not in DOCUMENT_SECTIONS:
        raise DomainError("document.section_unknown")
    async with writing(
        node, actor, command.case_id, command.term, "add_document", lock=False
    ) as at:
        await require_member(at.uow, command.case_id)
        if command.received_on > local_date(at.uow.now):
            raise DomainError("document.in_future")


async def add_document(
    node: Node,
    actor: Actor,
    command: AddDocument,
    content: AsyncIterable[bytes],
    *,
    announced_bytes: int = 0,
) -> UUID:
    """Put a file into the case: the whole of it, once it has come and been judged, or nothing.

    No transaction is open while it comes, however slowly; who may is judged before and after.

    Args:
        content: the file as it comes; not read further than to the first byte that is refused.
        announced_bytes: how large the caller knows it to be at least.

    Raises:
        AccessDenied: not a member, or no such case.
        Conflict: `case.responsibility_moved`, `case.closed`.
        DomainError: `document.title_missing`, `document.section_unknown`, `document.in_future`,
            `text.too_long`, `case.role_may_not`; `document.too_large`, `document.executable`,
            `document.type_unknown`, `document.empty`.
        TooSlow: `document.too_slow`.
        TooMany: `document.too_many_at_once`, `document.no_place`.
    """
    await _check(node, actor, command)
    documents.check_size(announced_bytes)
    async with reading(node, actor, command.case_id, "see") as at:
        key = at.key
    draft = await documents.receive(key, actor.staff_id, content)
    async with writing(
        node, actor, command.case_id, command.term, "add_document", lock=False
    ) as at:
        await require_member(at.uow, command.case_id)
        await documents.keep(
            at.uow,
            at.key,
            command.case_id,
            draft,
            section=command.section,
            title=required(command.title, "document.title_missing", MAX_NAME),
            received_on=command.received_on,
        )
        # Which kind of information is not told: the history is read by more than members.
        await headers.insert_event(at.uow, command.case_id, "case.document_added", {})
        at.uow.audit(
            "case.document_added", case_id=command.case_id, document=str(draft.document_id)
        )
        await at.uow.commit()
    return draft.document_id


async def list_documents(node: Node, actor: Actor, case_id: CaseId) -> list[Document]:
    """The case's documents, newest first; for members.

    Raises:
        AccessDenied: not a member, or no such case.
    """
    async with reading(node, actor, case_id, "see") as at:
        await require_member(at.uow, case_id)
        found = await documents.listed(at.uow, at.key, case_id)
        at.uow.audit("case.documents_listed", case_id=case_id, count=len(found))
        await at.uow.commit()
    return found


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document with its content, as it was kept."""

    document: Document
    content: bytes


async def read_document(
    node: Node, actor: Actor, case_id: CaseId, document_id: UUID, why: str
) -> OpenedDocument:
    """Open a document; the log says who, which and why.

    Raises:
        AccessDenied: not a member, no such case, or no such document in it: alike.
        DomainError: `document.spoiled`, what is kept is not what came.
    """
    stated = reason(why)
    async with reading(node, actor, case_id, "see") as at:
        await require_member(at.uow, case_id)
        document = await documents.find(at.uow, at.key, case_id, document_id)
        parts = [part async for part in documents.pieces(at.uow, at.key, document)]
        at.uow.audit(
            "case.document_read", case_id=case_id, reason=stated, document=str(document_id)
        )
        await at.uow.commit()
    return OpenedDocument(document, b"".join(parts))
