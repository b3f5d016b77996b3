"""Taking a dossier away; and what is known of our own messages on their way."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, exists, func, select

from services.handover.store.tables import handover, incoming
from shared.crypto import SubjectKey
from shared.crypto.encoding import to_base64url
from shared.db import UnitOfWork
from shared.ids import AuthorityCode, ConversationId, MessageId, SubjectId
from shared.inbox.staging import context_of as received_context
from shared.inbox.tables import attachment_in_chunk, inbox
from shared.outbox.enqueue import context_of as sent_context
from shared.outbox.enqueue import unpack
from shared.outbox.tables import outbox


async def erase(uow: UnitOfWork, attachment_id: UUID) -> None:
    """Take the pieces away; that it came, and its hash, stay as proof."""
    await uow.execute(
        delete(attachment_in_chunk).where(attachment_in_chunk.c.attachment_id == attachment_id)
    )


async def receipts(uow: UnitOfWork, handover_id: ConversationId) -> dict[UUID, datetime]:
    """When the other end's signed receipt or refusal came, by our message; wall clock."""
    rows = await uow.execute(
        select(outbox.c.message_id, outbox.c.done_at).where(
            outbox.c.conversation_id == handover_id,
            outbox.c.number > 0,
            outbox.c.done_at.is_not(None),
        )
    )
    return {row.message_id: row.done_at for row in rows}


async def is_all_delivered(uow: UnitOfWork, handover_id: ConversationId) -> bool:
    """Whether nothing of ours in this conversation is still on its way."""
    found = await uow.execute(
        select(outbox.c.message_id)
        .where(outbox.c.conversation_id == handover_id, outbox.c.done_at.is_(None))
        .limit(1)
    )
    return found.scalar_one_or_none() is None


async def has_refused_proposal(
    uow: UnitOfWork, handover_id: ConversationId, sender: AuthorityCode
) -> bool:
    """Whether this conversation began with a proposal of this sender's that was refused here."""
    found = await uow.execute(
        select(inbox.c.message_id).where(
            inbox.c.conversation_id == handover_id,
            inbox.c.origin == sender,
            inbox.c.direction == "forward",
            inbox.c.number == 1,
            inbox.c.kind == "proposed",
            inbox.c.outcome == "refused",
        )
    )
    return found.one_or_none() is not None


async def on_their_way(uow: UnitOfWork, before: datetime) -> dict[ConversationId, datetime]:
    """Handovers with a message of ours that has no receipt since before then, and since when."""
    waiting = (
        select(outbox.c.conversation_id, func.min(outbox.c.created_at).label("since"))
        .where(outbox.c.number > 0, outbox.c.done_at.is_(None), outbox.c.created_at <= before)
        .where(
            exists().where(handover.c.handover_id == outbox.c.conversation_id)
            | exists().where(incoming.c.handover_id == outbox.c.conversation_id)
        )
        .group_by(outbox.c.conversation_id)
        .order_by(outbox.c.conversation_id)
    )
    rows = await uow.execute(waiting)
    return {ConversationId(row.conversation_id): row.since for row in rows}


_Signed = tuple[str, str | None, str | None]
_EVIDENCE = ("receipt", "refusal")


async def signed_messages(
    uow: UnitOfWork,
    handover_id: ConversationId,
    conversation: SubjectKey | None,
    answers: SubjectKey | None,
) -> list[_Signed]:
    """Every numbered message and every receipt and refusal, as it was signed; oldest first.

    Args:
        conversation: opens the bodies; None leaves them out.
        answers: opens the answers' bodies, which hold no personal data.

    Returns:
        Signed header, body as JSON, salt as base64url; both or neither.
    """
    keys = {key.subject: key for key in (conversation, answers) if key is not None}
    found: list[tuple[datetime, UUID, _Signed]] = []
    ours = await uow.execute(select(outbox).where(outbox.c.conversation_id == handover_id))
    theirs = (
        await uow.execute(
            select(inbox).where(inbox.c.conversation_id == handover_id, inbox.c.number > 0)
        )
    ).all()
    answered = {row.message_id for row in theirs}
    for row in ours:
        # A file is answered too; its answer is about no message of this export.
        if row.number or (row.kind in _EVIDENCE and row.refers_to in answered):
            key = keys.get(SubjectId(row.subject_id))
            place = sent_context(MessageId(row.message_id))
            found.append((row.created_at, row.message_id, _opened(row, key, place)))
        if row.answer_jws is not None:
            answer = (row.answer_jws, row.answer_body.decode(), to_base64url(row.answer_salt))
            found.append((row.done_at or row.created_at, row.message_id, answer))
    for row in theirs:
        key = keys.get(SubjectId(row.subject_id))
        place = received_context("inbox", row.origin, MessageId(row.message_id))
        found.append((row.received_at, row.message_id, _opened(row, key, place)))
    found.sort(key=lambda each: (each[0], each[1]))
    return [signed for _, _, signed in found]


def _opened(row: Row[Any], key: SubjectKey | None, place: str) -> _Signed:
    if key is None or row.sealed is None:
        return row.jws, None, None
    salt, body = unpack(key.open(row.sealed, place))
    return row.jws, body.decode(), to_base64url(salt)
