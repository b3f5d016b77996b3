"""Puts a message into the outbox, in the transaction of the change that it tells of."""

from msgspec import Struct
from sqlalchemy import func, insert, select

from shared.crypto import SigningKey, SubjectKey
from shared.db import UnitOfWork
from shared.ids import AuthorityCode, ConversationId, MessageId
from shared.messages import Direction, Message, compose
from shared.messages.envelope import SALT_BYTES
from shared.outbox.conversations import (
    ensure_conversation,
    is_standing,
    may_carry,
    next_number,
)
from shared.outbox.tables import outbox

CHANNEL = "outbox"
"""Notified by the commit of a transaction that enqueued something."""


# Made once: building it anew for each message cost more than running it.
_STORE = insert(outbox).returning(func.pg_notify(CHANNEL, ""))


async def enqueue(
    uow: UnitOfWork,
    *,
    to: AuthorityCode,
    conversation: ConversationId,
    direction: Direction,
    kind: str,
    version: int,
    body: Struct,
    key: SubjectKey,
    signer: SigningKey,
    numbered: bool = True,
    refers_to: MessageId | None = None,
) -> MessageId:
    """Number, sign and store a message; the relay sends it once this transaction has committed.

    Args:
        key: closes the body in the outbox; the conversation's own unless there is a reason.
        signer: the authority's signing key of today.
        numbered: off for what the receiver neither orders nor answers.

    Raises:
        DomainError: `messages.too_large`: send it as an attachment.
    """
    if to == uow.actor.authority:
        raise ValueError("a message to oneself is a function call")
    number = 0
    if numbered:
        if not may_carry(conversation, uow.actor.authority, to, kind):
            raise ValueError(f"{kind} does not belong to a standing conversation")
        number = await next_number(uow, conversation, direction, to)
    elif not await ensure_conversation(uow, conversation, to):
        raise ValueError("the conversation is with another authority")
    message = compose(
        sender=uow.actor.authority,
        receiver=to,
        conversation_id=conversation,
        direction=direction,
        number=number,
        kind=kind,
        version=version,
        body=body,
        key=signer,
        now=uow.wall,
        refers_to=refers_to,
    )
    await store(uow, message, key)
    if numbered and not is_standing(conversation):
        # The other end notes the same hash: what crossed the border stands in both logs.
        content_hash = message.header.content_hash
        uow.audit("message.sent", to=to, kind=kind, number=number, hash=content_hash)
    return message.message_id


async def store(uow: UnitOfWork, message: Message, key: SubjectKey) -> None:
    """Keep a composed message until it is answered, and wake the relay at commit."""
    header = message.header
    await uow.execute(
        _STORE,
        {
            "message_id": header.message_id,
            "conversation_id": header.conversation_id,
            "direction": header.direction,
            "number": header.number,
            "receiver": header.receiver,
            "kind": header.kind,
            "version": header.version,
            "refers_to": header.refers_to,
            "content_hash": header.content_hash,
            "jws": message.jws,
            "subject_id": key.subject,
            "sealed": key.seal(message.salt + message.body, context_of(message.message_id)),
            "created_at": uow.wall,
            "not_before": uow.wall,
        },
    )


async def wake(uow: UnitOfWork) -> None:
    """Ring for the relay when this transaction commits."""
    await uow.execute(select(func.pg_notify(CHANNEL, "")))


def context_of(message_id: MessageId) -> str:
    """Where the body is kept: what its sealing is bound to."""
    return f"outbox.sealed:{message_id}"


def unpack(plaintext: bytes) -> tuple[bytes, bytes]:
    """Salt and body, as they are sealed together in outbox and inbox."""
    return plaintext[:SALT_BYTES], plaintext[SALT_BYTES:]
