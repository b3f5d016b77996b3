"""A file that had come and is no longer what came: never used, and asked for again at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.handover.domain.records import Incoming
from services.handover.handlers import incoming
from services.handover.handlers.common import keys_for, subject_of
from services.handover.store import beside, ends
from shared.actor import Actor
from shared.errors import DomainError
from shared.ids import ConversationId
from shared.inbox import Answers, ask_for_whole
from shared.node import Node
from shared.outbox import answers_subject


@asynccontextmanager
async def asking_again(
    node: Node, actor: Actor, handover_id: ConversationId
) -> AsyncIterator[None]:
    """What is done inside is refused by `attachment.spoiled`: ask the sender, then let it out."""
    try:
        yield
    except DomainError as refused:
        if refused.code == "attachment.spoiled":
            await _ask(node, actor, handover_id)
        raise


async def _ask(node: Node, actor: Actor, handover_id: ConversationId) -> None:
    subject = subject_of(handover_id)
    key = (await keys_for(node, subject))[subject]
    async with node.db.begin(actor) as uow:
        sender = (await ends.incoming_row(uow, handover_id)).sender
    pair = await node.case_keys.ensure(answers_subject(node.authority, sender))
    async with node.db.begin(actor) as uow:
        row: Incoming = await ends.incoming_row(uow, handover_id, lock=True)
        answers = Answers(uow, sender, pair, node.keyring.signing(uow.wall))
        spoilt = await incoming.spoilt_files(uow, row, key)
        for manifest in spoilt:
            await ask_for_whole(uow, handover_id, manifest, answers)
        if spoilt:
            await beside.add_event(uow, handover_id, "asked_again", str(row.state))
            uow.audit(
                "handover.asked_again",
                case_id=row.case_id,
                handover=str(handover_id),
                files=len(spoilt),
            )
        await uow.commit()
