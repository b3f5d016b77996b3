"""Files on their way: sealed chunks on a stream of their own, one receipt for the whole.

The numbered message that speaks of a file carries its manifest (hash, size, count). The chunks
travel beside it, each in a signed frame. The receiver says `attachment_received` when it has them
all and the hash is right. Until then the sender, at growing intervals, knocks with one chunk; the
receiver answers a chunk it has already with the list of those it misses, and only they go again.
"""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import RowMapping

from shared.actor import worker
from shared.bus import Bus, BusUnavailable
from shared.clock import Clock
from shared.crypto import CaseKeys, KeyDirectory, KeyRing, SubjectKey
from shared.db import Database, UnitOfWork
from shared.db.cards import add_card
from shared.db.sql import SPAN, sql
from shared.errors import AccessDenied, DomainError
from shared.ids import AuthorityCode, ConversationId
from shared.messages import compose, seal
from shared.outbox.claims import FIRST_RESEND, LAST_RESEND
from shared.outbox.conversations import ensure_conversation, may_carry
from shared.outbox.enqueue import wake
from shared.outbox.tables import attachment_out, attachment_out_chunk

MAX_BYTES: Final = 26_214_400  # handover protocol: 25 MiB a file
CHUNK_BYTES: Final = 256 * 1024  # the same; as base64 in a frame it stays below 512 KiB

ATTACHMENT_CHUNK: Final = "attachment_chunk"
"""Unnumbered, on the stream ATTACHMENT only; never kept as a message."""

_SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Count = Annotated[int, Meta(ge=1, le=MAX_BYTES // CHUNK_BYTES)]
_Size = Annotated[int, Meta(ge=0, le=MAX_BYTES)]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a numbered message says of a file that travels beside it."""

    attachment_id: UUID
    sha256: _SHA256
    size_bytes: _Size
    chunks: _Count


class AttachmentChunk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One piece, with what it is a piece of: the first to come may be any.

    Args:
        number: from 0.
        data: `CHUNK_BYTES`, the last one fewer.
    """

    manifest: Manifest
    number: Annotated[int, Meta(ge=0, lt=MAX_BYTES // CHUNK_BYTES)]
    data: Annotated[bytes, Meta(max_length=CHUNK_BYTES)]


def pieces(content: bytes) -> list[bytes]:
    """The chunks of a file; an empty file has one empty chunk."""
    return [
        content[start : start + CHUNK_BYTES]
        for start in range(0, max(len(content), 1), CHUNK_BYTES)
    ]


def context_of(attachment_id: UUID, number: int) -> str:
    """Where a chunk is kept: what its sealing is bound to."""
    return f"attachment_out_chunk.sealed:{attachment_id}:{number}"


async def enqueue_attachment(
    uow: UnitOfWork,
    *,
    to: AuthorityCode,
    conversation: ConversationId,
    attachment_id: UUID,
    content: bytes,
    key: SubjectKey,
) -> Manifest:
    """Store a file to be sent once this transaction has committed.

    Args:
        attachment_id: drawn at random.
        key: closes the chunks until they are sent; the conversation's own.

    Returns:
        What the numbered message must carry.

    Raises:
        DomainError: `attachment.too_large`.
    """
    if len(content) > MAX_BYTES:
        raise DomainError("attachment.too_large", limit_bytes=MAX_BYTES)
    chunks = pieces(content)
    manifest = Manifest(
        attachment_id, hashlib.sha256(content).hexdigest(), len(content), len(chunks)
    )

    async def one_by_one() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    await enqueue_pieces(
        uow, to=to, conversation=conversation, manifest=manifest, content=one_by_one(), key=key
    )
    return manifest


async def enqueue_pieces(
    uow: UnitOfWork,
    *,
    to: AuthorityCode,
    conversation: ConversationId,
    manifest: Manifest,
    content: AsyncIterable[bytes],
    key: SubjectKey,
) -> None:
    """The same for a file that is known already and comes piece by piece.

    Args:
        content: pieces of `CHUNK_BYTES`, the last one fewer; what the manifest says of them.
    """
    if not may_carry(conversation, uow.actor.authority, to, None):
        raise ValueError("a standing conversation takes no file")
    if not await ensure_conversation(uow, conversation, to):
        raise ValueError("the conversation is with another authority")
    attachment_id = manifest.attachment_id
    await uow.execute(
        insert(attachment_out).values(
            attachment_id=attachment_id,
            conversation_id=conversation,
            receiver=to,
            subject_id=key.subject,
            sha256=manifest.sha256,
            size_bytes=manifest.size_bytes,
            chunks=manifest.chunks,
            created_at=uow.wall,
            not_before=uow.wall,
        )
    )
    count = 0
    async for chunk in content:
        await uow.execute(
            insert(attachment_out_chunk).values(
                attachment_id=attachment_id,
                number=count,
                sealed=key.seal(chunk, context_of(attachment_id, count)),
            )
        )
        count += 1
    if count != manifest.chunks:
        raise ValueError("a manifest speaks of another number of pieces")
    await wake(uow)


async def stop_attachments(uow: UnitOfWork, conversation: ConversationId) -> None:
    """What has not gone yet never goes; all pieces are taken away.

    Those of files that have arrived too: a receiver that erased them, or was restored from a backup,
    could ask for them again (`shared.inbox.kernel`), and a consent is withdrawn by now.
    """
    here = attachment_out.c.conversation_id == conversation
    waiting = (here, attachment_out.c.done_at.is_(None))
    files = select(attachment_out.c.attachment_id).where(here)
    await uow.execute(
        delete(attachment_out_chunk).where(attachment_out_chunk.c.attachment_id.in_(files))
    )
    await uow.execute(
        update(attachment_out).where(*waiting).values(done_at=uow.wall, outcome="erased")
    )


_CLAIM = sql(
    """
    with due as (
        select attachment_id from attachment_out
        where done_at is null and not_before <= :now
        order by not_before limit 1 for update skip locked)
    update attachment_out a set attempts = a.attempts + 1,
        not_before = :now + least(:first * power(2, least(a.attempts + 2, 20)), :last)
    from due d where a.attachment_id = d.attachment_id
    returning a.*
""",
    first=SPAN,
    last=SPAN,
)


class AttachmentRelay:
    """Sends the chunks that are wanted, one file at a time."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        directory: KeyDirectory,
        keyring: KeyRing,
        case_keys: CaseKeys,
        wall: Clock,
        alarm_role: str,
    ) -> None:
        self._alarm_role = alarm_role
        self._db = db
        self._bus = bus
        self._directory = directory
        self._keyring = keyring
        self._case_keys = case_keys
        self._wall = wall
        self._actor = worker(keyring.authority)

    async def run_once(self) -> int:
        """Send one file's wanted chunks, or knock with its first; how many chunks went.

        Raises:
            BusUnavailable: the exchange went away; what is left comes due again.
        """
        async with self._db.begin(self._actor) as uow:
            file = (await uow.execute(_CLAIM, _times(uow))).mappings().one_or_none()
            wanted = await self._wanted(uow, file) if file else []
            await uow.commit()
        if file is None or not self._directory.may_receive(AuthorityCode(file["receiver"])):
            return 0
        try:
            key = await self._case_keys.get(file["subject_id"])
        except AccessDenied:  # a key store that was not restored yet: later
            return 0
        except DomainError:
            await self._give_up(file)
            return 0
        for number in wanted or [0]:
            try:
                if not await self._send(file, number, key):
                    return 0
            except BusUnavailable:
                await self._release(file)
                raise
        return len(wanted or [0])

    async def _wanted(self, uow: UnitOfWork, file: RowMapping) -> list[int]:
        chunk = attachment_out_chunk.c
        rows = await uow.execute(
            select(chunk.number)
            .where(chunk.attachment_id == file["attachment_id"], chunk.is_wanted)
            .order_by(chunk.number)
        )
        return list(rows.scalars())

    async def _send(self, file: RowMapping, number: int, key: SubjectKey) -> bool:
        """Publish one chunk; False when the sending was stopped meanwhile."""
        attachment_id, receiver = file["attachment_id"], AuthorityCode(file["receiver"])
        chunk = attachment_out_chunk.c
        here = (chunk.attachment_id == attachment_id, chunk.number == number)
        async with self._db.begin(self._actor) as uow:
            found = await uow.execute(select(chunk.sealed).where(*here))
            sealed = found.scalar_one_or_none()
        if sealed is None:
            return False
        try:
            data = key.open(sealed, context_of(attachment_id, number))
        except DomainError:
            await self._spoilt(file)
            return False
        now = self._wall.now()
        message = compose(
            sender=self._actor.authority,
            receiver=receiver,
            conversation_id=file["conversation_id"],
            direction="forward",
            number=0,
            kind=ATTACHMENT_CHUNK,
            version=1,
            body=AttachmentChunk(
                Manifest(attachment_id, file["sha256"], file["size_bytes"], file["chunks"]),
                number,
                data,
            ),
            key=self._keyring.signing(now),
            now=now,
        )
        frame = seal(message, self._directory.sealing_key(receiver, now))
        transport_id = f"{attachment_id}.{number}.{file['attempts']}"
        await self._bus.publish("ATTACHMENT", receiver, frame, transport_id)
        async with self._db.begin(self._actor) as uow:
            await uow.execute(update(attachment_out_chunk).where(*here).values(is_wanted=False))
            await uow.commit()
        return True

    async def _release(self, file: RowMapping) -> None:
        async with self._db.begin(self._actor) as uow:
            await uow.execute(
                update(attachment_out)
                .where(attachment_out.c.attachment_id == file["attachment_id"])
                .values(not_before=uow.wall + FIRST_RESEND)
            )
            await uow.commit()

    async def _spoilt(self, file: RowMapping) -> None:
        """A piece is no longer what was kept: nothing false is sent, and a person is told."""
        async with self._db.begin(self._actor) as uow:
            await uow.execute(
                update(attachment_out)
                .where(attachment_out.c.attachment_id == file["attachment_id"])
                .values(not_before=uow.wall + LAST_RESEND)
            )
            await add_card(
                uow,
                "exchange.attachment_spoilt",
                self._alarm_role,
                subject=file["conversation_id"],
                facts={"authority": file["receiver"]},
            )
            await uow.commit()

    async def _give_up(self, file: RowMapping) -> None:
        """Its key was destroyed: nothing is left to send."""
        async with self._db.begin(self._actor) as uow:
            await uow.execute(
                update(attachment_out)
                .where(attachment_out.c.attachment_id == file["attachment_id"])
                .values(done_at=uow.wall, outcome="erased")
            )
            await uow.commit()


def _times(uow: UnitOfWork) -> dict[str, object]:
    return {"now": uow.wall, "first": FIRST_RESEND, "last": LAST_RESEND}
