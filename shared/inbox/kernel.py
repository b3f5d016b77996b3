"""The kernel's own kinds, applied while staging: each one can be applied any number of times."""

from typing import assert_never

from msgspec import Struct
from sqlalchemy import update

from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.db.sql import SPAN, Text, Uuid, sql
from shared.ids import AuthorityCode
from shared.inbox.opening import Opened
from shared.messages import (
    AttachmentMissing,
    AttachmentReceived,
    Message,
    Missing,
    Receipt,
    Refusal,
    ResignWanted,
)
from shared.outbox import pair_conversation
from shared.outbox.claims import FIRST_RESEND, reopen
from shared.outbox.enqueue import wake
from shared.outbox.tables import attachment_out, outbox

_MOST_QUICK_RESIGNS = 5

_FINISH = sql(
    """
    update outbox set done_at = :now, outcome = 'applied',
        answer_jws = :jws, answer_body = :body, answer_salt = :salt
    where message_id = :message and receiver = :sender and number > 0
      and content_hash = :hash and done_at is null
""",
    message=Uuid(),
    sender=Text(),
)
_ANOTHER_CONTENT = sql(
    """
    select 1 from outbox
    where message_id = :message and receiver = :sender and content_hash <> :hash
""",
    message=Uuid(),
    sender=Text(),
)
# A quick new try helps when a key was changed; a lasting fault must not become a storm.
_RESIGN = sql(
    """
    update outbox set not_before = least(not_before, attempted_at + :first)
    where message_id = :message and receiver = :sender and done_at is null
      and attempts between 1 and :most
""",
    first=SPAN,
    message=Uuid(),
    sender=Text(),
)
# A receiver whose copy was spoilt afterwards asks for what it had confirmed: the file opens again,
# unless its pieces were taken away since (`stop_attachments`).
_OPEN_AGAIN = sql(
    """
    update attachment_out set done_at = null, outcome = null
    where attachment_id = :attachment and receiver = :sender and outcome = 'received'
      and exists (select from attachment_out_chunk c where c.attachment_id = :attachment)
""",
    attachment=Uuid(),
    sender=Text(),
)
_WANTED = sql(
    """
    update attachment_out_chunk c set is_wanted = true from attachment_out a
    where a.attachment_id = c.attachment_id and a.attachment_id = :attachment
      and a.receiver = :sender and a.done_at is null and c.number = any(:chunks)
""",
    attachment=Uuid(),
    sender=Text(),
)


async def apply_kernel(uow: UnitOfWork, opened: Opened, alarm_role: str) -> None:
    """Do what an unnumbered message says; a refusal is left to the dispatcher."""
    message, sender, body = opened.message, opened.message.sender, opened.body
    match body:
        case Receipt():
            await _receipt(uow, message, body, alarm_role)
        case Missing():
            await _missing(uow, message, body, alarm_role)
        case ResignWanted():
            await _resign(uow, sender, body, alarm_role)
        case AttachmentReceived():
            await _attachment_received(uow, sender, body)
        case AttachmentMissing():
            await _attachment_missing(uow, sender, body)
        case Refusal() | Struct() | None:
            raise AssertionError("not the kernel's to apply while staging")
        case _:
            assert_never(body)


async def _receipt(uow: UnitOfWork, message: Message, body: Receipt, alarm_role: str) -> None:
    facts = {
        "message": message.header.refers_to,
        "sender": message.sender,
        "hash": body.content_hash,
    }
    answer = {"jws": message.jws, "body": message.body, "salt": message.salt, "now": uow.wall}
    if (await uow.execute(_FINISH, facts | answer)).rowcount:
        return
    if (await uow.execute(_ANOTHER_CONTENT, facts)).first() is not None:
        await add_card(uow, "exchange.receipt_differs", alarm_role, subject=message.conversation_id)


async def _missing(uow: UnitOfWork, message: Message, body: Missing, alarm_role: str) -> None:
    # A receiver restored from a backup asks for what it had receipted: those rows open again.
    found = await reopen(
        uow,
        message.sender,
        message.conversation_id,
        body.direction,
        body.from_number,
        body.to_number,
    )
    if found <= body.to_number - body.from_number:
        await add_card(uow, "exchange.numbers_lost", alarm_role, subject=message.conversation_id)


async def _resign(
    uow: UnitOfWork, sender: AuthorityCode, body: ResignWanted, alarm_role: str
) -> None:
    facts = {
        "message": body.message_id,
        "sender": sender,
        "first": FIRST_RESEND,
        "most": _MOST_QUICK_RESIGNS,
    }
    await uow.execute(_RESIGN, facts)
    # One card for a pair of authorities, however many messages.
    subject = pair_conversation(sender, uow.actor.authority, "notices")
    await add_card(
        uow, "exchange.not_believed", alarm_role, subject=subject, facts={"code": body.code}
    )


async def _attachment_received(
    uow: UnitOfWork, sender: AuthorityCode, body: AttachmentReceived
) -> None:
    await uow.execute(
        update(attachment_out)
        .where(
            attachment_out.c.attachment_id == body.attachment_id,
            attachment_out.c.receiver == sender,
            attachment_out.c.sha256 == body.sha256,
            attachment_out.c.done_at.is_(None),
        )
        .values(done_at=uow.wall, outcome="received")
    )


async def _attachment_missing(
    uow: UnitOfWork, sender: AuthorityCode, body: AttachmentMissing
) -> None:
    facts = {
        "attachment": body.attachment_id,
        "sender": sender,
        "chunks": list(body.chunks),
    }
    await uow.execute(_OPEN_AGAIN, {"attachment": body.attachment_id, "sender": sender})
    if (await uow.execute(_WANTED, facts)).rowcount:
        await uow.execute(
            update(attachment_out)
            .where(attachment_out.c.attachment_id == body.attachment_id)
            .values(not_before=uow.wall)
        )
        await wake(uow)


async def finish_refused(uow: UnitOfWork, message: Message, body: Refusal) -> str | None:
    """Record that a message of ours was refused; its signed header, or None if it was done."""
    answer = {
        "done_at": uow.wall,
        "outcome": "refused",
        "refusal_code": body.code,
        "answer_jws": message.jws,
        "answer_body": message.body,
        "answer_salt": message.salt,
    }
    refused = await uow.execute(
        update(outbox)
        .where(
            outbox.c.message_id == message.header.refers_to,
            outbox.c.receiver == message.sender,
            outbox.c.content_hash == body.content_hash,
            outbox.c.number > 0,
            outbox.c.done_at.is_(None),
        )
        .values(**answer)
        .returning(outbox.c.jws)
    )
    jws: str | None = refused.scalar_one_or_none()
    if jws is None:
        await uow.execute(
            update(attachment_out)
            .where(
                attachment_out.c.attachment_id == message.header.refers_to,
                attachment_out.c.receiver == message.sender,
                attachment_out.c.done_at.is_(None),
            )
            .values(done_at=uow.wall, outcome="refused")
        )
    return jws
