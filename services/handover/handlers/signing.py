"""A signature, whatever it is for: a decision of ours, or a paper of theirs that was read."""

from services.handover.domain.commands import Confirm, Sign, Signed
from services.handover.domain.on_paper import PaperReceived
from services.handover.handlers import acting, papers
from shared.actor import Actor
from shared.node import Node


async def sign(node: Node, actor: Actor, command: Sign) -> Signed:
    """Decide, or be the first of two; raises as `acting.sign` and `papers.sign`."""
    if isinstance(command.payload, PaperReceived):
        return await papers.sign(node, actor, command)
    return await acting.sign(node, actor, command)


async def confirm(node: Node, actor: Actor, command: Confirm) -> None:
    """Be the second of two; raises as `acting.confirm` and `papers.confirm`."""
    seen = await acting.find_end(node, actor, command.handover_id)
    payload = await acting.pending_payload(node, actor, seen)
    if isinstance(payload, PaperReceived):
        await papers.confirm(node, actor, command, payload)
        return
    await acting.confirm(node, actor, command)
