"""Leaving in order: only when neither end of any conversation has anything open.

Who wants to leave asks every other node. A node that has nothing open with it answers by its signed
receipt, one that has by a signed refusal. The receipts are what the operator wants to see before it
lists the removal; see `infra.leaving`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from services.directory import wire
from services.directory.handlers.live import live
from services.directory.handlers.telling import LEADER
from shared.actor import worker
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.errors import DomainError
from shared.ids import AuthorityCode, MessageId, SubjectId
from shared.messages import Message
from shared.node import Node
from shared.outbox import enqueue, pair_conversation


class OpenConversations(Protocol):
    """What the upper services have open with another authority: whoever has some provides it."""

    async def count(self, uow: UnitOfWork, other: AuthorityCode | None) -> int:
        """How many; with anybody where `other` is None."""
        ...


class LeavingHandler:
    """Takes the message `leaving` (`shared.inbox.Handler`)."""

    kind = wire.LEAVING
    version = wire.VERSION

    def __init__(self, node: Node) -> None:
        self._node = node

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """None: it holds no personal data."""
        del uow, message
        return ()

    async def apply(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        message: Message,
        body: wire.Leaving,
    ) -> None:
        """Say yes by the receipt.

        Raises:
            DomainError: `directory.still_open`: something is open with it here.
        """
        del keys
        opened = await _open(self._node, uow, message.sender)
        if opened:
            raise DomainError("directory.still_open", count=opened)
        await add_card(
            uow,
            "directory.leaving",
            LEADER,
            subject=pair_conversation(message.sender, uow.actor.authority, "directory"),
            facts={"authority": message.sender, "on": body.decided_on.isoformat()},
        )
        uow.audit("directory.leaving_noted", authority=message.sender)


async def ask_to_leave(node: Node, decided_on: date) -> dict[AuthorityCode, MessageId]:
    """Ask every other active node whether we may leave; the messages to wait for.

    Raises:
        DomainError: `directory.still_open`: we have something open ourselves.
    """
    directory = live(node.directory)
    others = [
        code
        for code, profile in directory.directory.profiles.items()
        if profile.runs_node and code != node.authority and directory.may_receive(code)
    ]
    conversations = {code: pair_conversation(node.authority, code, wire.LEAVING) for code in others}
    keys = {
        code: await node.case_keys.ensure(SubjectId(conversation))
        for code, conversation in conversations.items()
    }
    async with node.db.begin(worker(node.authority)) as uow:
        opened = await _open(node, uow, None)
        if opened:
            raise DomainError("directory.still_open", count=opened)
        sent = {
            code: await enqueue(
                uow,
                to=code,
                conversation=conversations[code],
                direction="forward",
                kind=wire.LEAVING,
                version=wire.VERSION,
                body=wire.Leaving(decided_on),
                key=keys[code],
                signer=node.keyring.signing(uow.wall),
            )
            for code in others
        }
        uow.audit("directory.leaving_asked", others=len(others))
        await uow.commit()
    return sent


async def _open(node: Node, uow: UnitOfWork, other: AuthorityCode | None) -> int:
    counted: OpenConversations = node.find(OpenConversations)  # type: ignore[type-abstract]
    return await counted.count(uow, other)
