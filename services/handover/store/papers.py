"""Papers of a handover with a municipality that has no node; explained in migration 0017."""

from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from sqlalchemy import func, insert, or_, select

from services.handover.domain.records import Paper
from services.handover.store.tables import handover, paper
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.ids import ConversationId

_COLUMNS = [paper.c[field.name] for field in fields(Paper)]
Signed = tuple[Paper, str, bytes | None]
"""A paper, what was signed of it, and the salt of its words; None where there are none any more."""


def _salt_place(paper_id: UUID) -> str:
    return f"handover_paper.sealed:{paper_id}"


def _content_place(paper_id: UUID) -> str:
    return f"handover_paper.content:{paper_id}"


async def add(
    uow: UnitOfWork,
    handover_id: ConversationId,
    row: Paper,
    jws: str,
    key: SubjectKey,
    *,
    salt: bytes | None = None,
    content: bytes | None = None,
) -> None:
    """Note a paper.

    Args:
        salt: of the words that its signature vouches for.
        content: what its letter encloses beside the message, JSON.
    """
    values = {field.name: getattr(row, field.name) for field in fields(Paper)}
    await uow.execute(
        insert(paper)
        .values(
            **values,
            handover_id=handover_id,
            jws=jws,
            sealed=None if salt is None else key.seal(salt, _salt_place(row.paper_id)),
            content=None if content is None else key.seal(content, _content_place(row.paper_id)),
        )
        .inline()
    )


async def next_number(uow: UnitOfWork, handover_id: ConversationId, *, is_ours: bool) -> int:
    """The next of this direction; the handover's own row is locked by the caller."""
    statement = select(func.coalesce(func.max(paper.c.number), 0) + 1).where(
        paper.c.handover_id == handover_id, paper.c.is_ours.is_(is_ours)
    )
    return int((await uow.execute(statement)).scalar_one())


async def listed(uow: UnitOfWork, handover_id: ConversationId) -> list[Paper]:
    """All of them, oldest first."""
    statement = select(*_COLUMNS).where(paper.c.handover_id == handover_id)
    rows = await uow.execute(statement.order_by(paper.c.place))
    return [Paper(**row) for row in rows.mappings()]


async def is_noted(uow: UnitOfWork, case_id: UUID, document_id: UUID, sha256: str) -> bool:
    """Whether this file, or another with its bytes, stands for a paper of the case already."""
    statement = (
        select(paper.c.paper_id)
        .join(handover, handover.c.handover_id == paper.c.handover_id)
        .where(
            handover.c.case_id == case_id,
            or_(paper.c.document_id == document_id, paper.c.sha256 == sha256),
        )
    )
    return (await uow.execute(statement.limit(1))).first() is not None


async def signed(
    uow: UnitOfWork, handover_id: ConversationId, key: SubjectKey | None
) -> Sequence[Signed]:
    """Each with its signature, and its salt where the key still opens it; oldest first."""
    statement = select(*_COLUMNS, paper.c.jws, paper.c.sealed).where(
        paper.c.handover_id == handover_id
    )
    found: list[Signed] = []
    for row in (await uow.execute(statement.order_by(paper.c.place))).mappings():
        values = dict(row)
        jws, sealed = values.pop("jws"), values.pop("sealed")
        kept = Paper(**values)
        is_open = key is not None and sealed is not None
        salt = key.open(sealed, _salt_place(kept.paper_id)) if key and is_open else None
        found.append((kept, jws, salt))
    return found


async def content(uow: UnitOfWork, paper_id: UUID, key: SubjectKey) -> bytes | None:
    """What the letter encloses beside its message."""
    statement = select(paper.c.content).where(paper.c.paper_id == paper_id)
    sealed = (await uow.execute(statement)).scalar_one_or_none()
    return None if sealed is None else key.open(sealed, _content_place(paper_id))
