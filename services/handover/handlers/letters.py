"""Our words to a municipality that has no node: signed as a message is, kept until a letter left."""

import msgspec

from services.handover import wire
from services.handover.domain.records import Outgoing, Paper
from services.handover.store import beside, papers
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.ids import MessageId
from shared.messages import compose
from shared.node import Node

TO_SEND = "handover.letter_to_send"


async def write(
    uow: UnitOfWork,
    node: Node,
    row: Outgoing,
    body: msgspec.Struct,
    key: SubjectKey,
    refers_to: MessageId | None = None,
    content: bytes | None = None,
) -> MessageId:
    """Sign and keep what a letter is to say; it leaves when a person has sent it.

    Args:
        content: what the letter encloses beside it, JSON.
    """
    kind, version = wire.kind_of(body)
    message = compose(
        sender=node.authority,
        receiver=row.other,
        conversation_id=row.handover_id,
        direction="forward",
        number=await papers.next_number(uow, row.handover_id, is_ours=True),
        kind=kind,
        version=version,
        body=body,
        key=node.keyring.signing(uow.wall),
        now=uow.wall,
        refers_to=refers_to,
    )
    noted = Paper(
        paper_id=message.message_id,
        is_ours=True,
        what="message",
        kind=kind,
        number=message.header.number,
        refers_to=refers_to,
        paper_on=None,
        means=None,
        sha256=None,
        document_id=None,
        recorded_at=uow.now,
        first=uow.actor.staff_id,
        second=None,
    )
    await papers.add(
        uow, row.handover_id, noted, message.jws, key, salt=message.salt, content=content
    )
    await beside.add_message(
        uow, row.handover_id, message.message_id, kind, message.body, key, is_ours=True
    )
    await add_card(uow, TO_SEND, "case_worker", subject=row.handover_id, case_id=row.case_id)
    return message.message_id
