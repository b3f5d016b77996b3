"""Files from other authorities: chunks in any order, once each, one receipt for the whole."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.errors import AccessDenied, DomainError, WireError
from shared.ids import ConversationId
from shared.inbox.answers import Answers
from shared.inbox.opening import Opened
from shared.inbox.tables import attachment_in, attachment_in_chunk
from shared.messages import AttachmentMissing, AttachmentReceived
from shared.outbox.attachments import CHUNK_BYTES, AttachmentChunk, Manifest
from shared.outbox.conversations import ensure_conversation, may_carry

ASK_EVERY = timedelta(seconds=2)
WHOLE_AGAIN_EVERY = timedelta(minutes=10)
"""How often a whole that does not match is asked for at once; in between the sender knocks."""
_READ_AT_ONCE = 8


def check(chunk: AttachmentChunk) -> None:
    """The chunk fits the whole that it says it is a piece of.

    Raises:
        WireError: `wire.attachment`.
    """
    whole = chunk.manifest
    last = whole.chunks - 1
    expected = CHUNK_BYTES if chunk.number < last else whole.size_bytes - last * CHUNK_BYTES
    if chunk.number > last or len(chunk.data) != expected:
        raise WireError("wire.attachment")


async def keep_chunk(uow: UnitOfWork, one: Opened, answers: Answers, alarm_role: str) -> None:
    """Keep one chunk; answer when it was the last, or when it was here already.

    Raises:
        WireError: `wire.attachment`, `wire.conversation`: not a piece of what we know.
    """
    chunk, message = one.body, one.message
    assert isinstance(chunk, AttachmentChunk)
    own = uow.actor.authority
    if not may_carry(message.conversation_id, own, message.sender, None):
        raise WireError("wire.conversation")
    if not await ensure_conversation(uow, message.conversation_id, message.sender):
        raise WireError("wire.conversation")
    if one.key is None:  # the conversation was erased: nothing may be kept
        await answers.attachment_refused(message.conversation_id, chunk.manifest, "inbox.erased")
        return
    check(chunk)
    row = await _whole(uow, one, chunk.manifest, one.key)
    if row.completed_at is not None:
        await answers.again(row.answer_id)
        return
    is_new = await _insert(uow, chunk, one.key)
    present = await _present(uow, chunk.manifest.attachment_id)
    if len(present) == chunk.manifest.chunks:
        await _complete(uow, one, chunk.manifest, row.asked_at, answers, alarm_role)
    elif not is_new and (row.asked_at is None or row.asked_at <= uow.wall - ASK_EVERY):
        await _ask(uow, message.conversation_id, chunk.manifest, present, answers)


async def attachments_in_hand(uow: UnitOfWork, wanted: Iterable[UUID]) -> set[UUID]:
    """Which of these files have arrived whole and match their hash."""
    rows = await uow.execute(
        select(attachment_in.c.attachment_id).where(
            attachment_in.c.attachment_id.in_(list(wanted)),
            attachment_in.c.completed_at.is_not(None),
        )
    )
    return set(rows.scalars())


async def read_attachment(uow: UnitOfWork, key: SubjectKey, manifest: Manifest) -> bytes:
    """A file that has arrived.

    Args:
        key: the conversation's.
        manifest: from the numbered message that speaks of it; it must be this file.

    Raises:
        AccessDenied: it has not arrived whole, or is another than the message says.
    """
    return b"".join([part async for part in attachment_pieces(uow, key, manifest)])


async def attachment_pieces(
    uow: UnitOfWork, key: SubjectKey, manifest: Manifest
) -> AsyncIterator[bytes]:
    """The same piece by piece; the whole is compared with its hash before the last is given.

    Raises:
        AccessDenied: as `read_attachment`.
        DomainError: `attachment.spoiled`: what is kept here is no longer what came.
    """
    found = await uow.execute(
        select(attachment_in.c.sha256).where(
            attachment_in.c.attachment_id == manifest.attachment_id,
            attachment_in.c.subject_id == key.subject,
            attachment_in.c.completed_at.is_not(None),
        )
    )
    if found.scalar_one_or_none() != manifest.sha256:
        raise AccessDenied
    digest = hashlib.sha256()
    for start in range(0, manifest.chunks, _READ_AT_ONCE):
        numbers = range(start, min(start + _READ_AT_ONCE, manifest.chunks))
        parts = await _opened(uow, manifest.attachment_id, key, numbers)
        for number, part in zip(numbers, parts, strict=True):
            digest.update(part)
            if number == manifest.chunks - 1 and digest.hexdigest() != manifest.sha256:
                raise DomainError("attachment.spoiled")
            yield part


async def ask_for_whole(
    uow: UnitOfWork, conversation: ConversationId, manifest: Manifest, answers: Answers
) -> None:
    """Throw a spoilt copy away and ask the sender for all of it, at once."""
    here = attachment_in.c.attachment_id == manifest.attachment_id
    await uow.execute(
        delete(attachment_in_chunk).where(
            attachment_in_chunk.c.attachment_id == manifest.attachment_id
        )
    )
    await uow.execute(
        update(attachment_in).where(here).values(completed_at=None, asked_at=uow.wall)
    )
    body = AttachmentMissing(manifest.attachment_id, tuple(range(manifest.chunks)))
    await answers.send(conversation, "back", "attachment_missing", body)


async def _whole(uow: UnitOfWork, one: Opened, whole: Manifest, key: SubjectKey) -> Row[Any]:
    """The file's row, made by its first chunk; locked."""
    message = one.message
    said = {
        "origin": message.sender,
        "conversation_id": message.conversation_id,
        "sha256": whole.sha256,
        "size_bytes": whole.size_bytes,
        "chunks": whole.chunks,
    }
    await uow.execute(
        insert(attachment_in)
        .values(
            attachment_id=whole.attachment_id,
            subject_id=key.subject,
            received_at=uow.wall,
            **said,
        )
        .on_conflict_do_nothing()
    )
    found = await uow.execute(
        select(attachment_in)
        .where(attachment_in.c.attachment_id == whole.attachment_id)
        .with_for_update()
    )
    row = found.one()
    if any(getattr(row, name) != value for name, value in said.items()):
        raise WireError("wire.attachment")
    return row


async def _insert(uow: UnitOfWork, chunk: AttachmentChunk, key: SubjectKey) -> bool:
    attachment_id = chunk.manifest.attachment_id
    result = await uow.execute(
        insert(attachment_in_chunk)
        .values(
            attachment_id=attachment_id,
            number=chunk.number,
            sealed=key.seal(chunk.data, _context_of(attachment_id, chunk.number)),
        )
        .on_conflict_do_nothing()
    )
    return result.rowcount == 1


async def _present(uow: UnitOfWork, attachment_id: UUID) -> Sequence[int]:
    rows = await uow.execute(
        select(attachment_in_chunk.c.number).where(
            attachment_in_chunk.c.attachment_id == attachment_id
        )
    )
    return rows.scalars().all()


async def _complete(
    uow: UnitOfWork,
    one: Opened,
    whole: Manifest,
    asked_at: datetime | None,
    answers: Answers,
    alarm_role: str,
) -> None:
    """All chunks are here: the whole matches its hash, or nothing of it is kept and it is asked for."""
    assert one.key is not None
    here = attachment_in.c.attachment_id == whole.attachment_id
    if await _matches(uow, whole, one.key):
        body = AttachmentReceived(whole.attachment_id, whole.sha256, uow.wall)
        answer_id = await answers.send(
            one.message.conversation_id, "back", "attachment_received", body
        )
        await uow.execute(
            update(attachment_in).where(here).values(completed_at=uow.wall, answer_id=answer_id)
        )
        return
    if asked_at is None or asked_at <= uow.wall - WHOLE_AGAIN_EVERY:
        await ask_for_whole(uow, one.message.conversation_id, whole, answers)
    else:
        await uow.execute(
            delete(attachment_in_chunk).where(
                attachment_in_chunk.c.attachment_id == whole.attachment_id
            )
        )
    await add_card(
        uow,
        "exchange.attachment_differs",
        alarm_role,
        subject=one.message.conversation_id,
        facts={"authority": one.message.sender},
    )


async def _matches(uow: UnitOfWork, whole: Manifest, key: SubjectKey) -> bool:
    digest = hashlib.sha256()
    for start in range(0, whole.chunks, _READ_AT_ONCE):
        numbers = range(start, min(start + _READ_AT_ONCE, whole.chunks))
        try:
            parts = await _opened(uow, whole.attachment_id, key, numbers)
        except DomainError:  # spoilt where it lay, before the last chunk came
            return False
        for part in parts:
            digest.update(part)
    return digest.hexdigest() == whole.sha256


async def _opened(
    uow: UnitOfWork, attachment_id: UUID, key: SubjectKey, numbers: range
) -> list[bytes]:
    """These chunks, all of them.

    Raises:
        DomainError: `attachment.spoiled`.
    """
    rows = await uow.execute(
        select(attachment_in_chunk.c.number, attachment_in_chunk.c.sealed)
        .where(
            attachment_in_chunk.c.attachment_id == attachment_id,
            attachment_in_chunk.c.number.in_(list(numbers)),
        )
        .order_by(attachment_in_chunk.c.number)
    )
    try:
        parts = [key.open(row.sealed, _context_of(attachment_id, row.number)) for row in rows]
    except DomainError:
        raise DomainError("attachment.spoiled") from None
    if len(parts) != len(numbers):
        raise DomainError("attachment.spoiled")
    return parts


async def _ask(
    uow: UnitOfWork,
    conversation: ConversationId,
    whole: Manifest,
    present: Sequence[int],
    answers: Answers,
) -> None:
    missing = tuple(sorted(set(range(whole.chunks)) - set(present)))
    await uow.execute(
        update(attachment_in)
        .where(attachment_in.c.attachment_id == whole.attachment_id)
        .values(asked_at=uow.wall)
    )
    body = AttachmentMissing(whole.attachment_id, missing)
    await answers.send(conversation, "back", "attachment_missing", body)


def _context_of(attachment_id: UUID, number: int) -> str:
    return f"attachment_in_chunk.sealed:{attachment_id}:{number}"
