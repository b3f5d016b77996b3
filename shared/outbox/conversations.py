"""Conversations: each has one peer, two directions, and a number in each."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from shared.db import UnitOfWork
from shared.db.sql import Uuid, sql
from shared.ids import AuthorityCode, ConversationId, SubjectId
from shared.messages import Direction
from shared.outbox.tables import conversation, flow

# Any constant of our own; both ends draw the same ids from it.
_PAIRS = UUID("6f5b4d1e-7a3c-4d0e-9b7a-2f1c8e5d9a40")

STANDING: Final[Mapping[str, frozenset[str]]] = {
    "checkpoint": frozenset({"checkpoint"}),
    "digest": frozenset({"digest"}),
    "directory": frozenset({"directory"}),
    "leaving": frozenset({"leaving"}),
    "notices": frozenset(),  # only what is outside the numbering
    "statistics": frozenset(
        {
            "statistics_share",
            "statistics_closing",
            "statistics_contributors",
            "statistics_order",
            "statistics_sums",
            "statistics_settled",
        }
    ),
}
"""What nodes speak of in standing conversations, and in which kinds of numbered message.

A new purpose must be named here to be received. The log leaves these kinds out, so nothing else
may travel among them.
"""

# Locks the flow: whoever else numbers or claims in it waits until this transaction is over.
_NEXT = sql(
    """
    update conversation_flow f set sent = f.sent + 1 from conversation c
    where c.id = f.conversation_id and c.peer = :peer
      and f.conversation_id = :conversation and f.direction = :direction
    returning f.sent
""",
    conversation=Uuid(),
)


def pair_conversation(
    sender: AuthorityCode, receiver: AuthorityCode, purpose: str
) -> ConversationId:
    """The standing conversation from one authority to another about one thing (`checkpoint`).

    Its direction is always `forward`; the other way is a conversation of its own.
    """
    return ConversationId(uuid5(_PAIRS, f"{sender}|{receiver}|{purpose}"))


def is_standing(conversation: ConversationId) -> bool:
    """Whether nodes speak here about themselves: a standing conversation, not one of people.

    `pair_conversation` names those alone by hash; what people begin gets a random id.
    """
    return conversation.version == 5


def may_be_between(wanted: ConversationId, own: AuthorityCode, peer: AuthorityCode) -> bool:
    """Whether these two may speak under this id.

    Anybody can work out the id of two others' standing conversation: who took it first would keep
    those two from each other, the operator's word on revoked keys included.
    """
    return not is_standing(wanted) or _purpose(wanted, own, peer) is not None


def may_carry(
    wanted: ConversationId, own: AuthorityCode, peer: AuthorityCode, kind: str | None
) -> bool:
    """Whether a numbered message of this kind may travel here; None asks for a file.

    Two who know each other's standing conversation could else put a proposal into it, past the
    log and the digest of what people have between them.
    """
    if not is_standing(wanted):
        return True
    purpose = _purpose(wanted, own, peer)
    return purpose is not None and kind in STANDING[purpose]


def _purpose(wanted: ConversationId, own: AuthorityCode, peer: AuthorityCode) -> str | None:
    for each in STANDING:
        if wanted in {pair_conversation(own, peer, each), pair_conversation(peer, own, each)}:
            return each
    return None


def answers_subject(own: AuthorityCode, peer: AuthorityCode) -> SubjectId:
    """Whose key closes receipts and refusals to a peer: they outlive the conversation's own."""
    return SubjectId(pair_conversation(own, peer, "answers"))


def opposite(direction: Direction) -> Direction:
    """The other way."""
    return "back" if direction == "forward" else "forward"


async def ensure_conversation(uow: UnitOfWork, wanted: ConversationId, peer: AuthorityCode) -> bool:
    """Open the conversation unless it is; whether it is with this peer.

    A conversation belongs to two: a message under its id from or to a third is never right.
    """
    if not may_be_between(wanted, uow.actor.authority, peer):
        return False
    await uow.execute(insert(conversation).values(id=wanted, peer=peer).on_conflict_do_nothing())
    found = await uow.execute(select(conversation.c.peer).where(conversation.c.id == wanted))
    return bool(found.scalar_one() == peer)


async def ensure_flow(uow: UnitOfWork, wanted: ConversationId, direction: Direction) -> None:
    """Make the row that numbers, or applies, one direction."""
    await uow.execute(
        insert(flow).values(conversation_id=wanted, direction=direction).on_conflict_do_nothing()
    )


async def next_number(
    uow: UnitOfWork, wanted: ConversationId, direction: Direction, peer: AuthorityCode
) -> int:
    """The next number to send in this direction; a transaction that rolls back gives it back.

    Raises:
        ValueError: the conversation is with another authority; a bug.
    """
    facts = {"conversation": wanted, "direction": direction, "peer": peer}
    number = (await uow.execute(_NEXT, facts)).scalar_one_or_none()
    if number is None:
        if not await ensure_conversation(uow, wanted, peer):
            raise ValueError("the conversation is with another authority")
        await ensure_flow(uow, wanted, direction)
        number = (await uow.execute(_NEXT, facts)).scalar_one()
    return int(number)
