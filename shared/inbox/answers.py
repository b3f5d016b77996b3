"""What the inbox says back: unnumbered, written in the transaction of what it answers.

Receipts and refusals hold no personal data and outlive the conversation's key, so they are closed
under a key of the pair of authorities: a double that comes years later still gets its answer.
"""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from shared.crypto import SigningKey, SubjectKey
from shared.db import UnitOfWork
from shared.db.sql import sql
from shared.errors import Fact
from shared.ids import AuthorityCode, ConversationId, MessageId
from shared.messages import Direction, Header, Missing, Receipt, Refusal, ResignWanted, compose
from shared.outbox import Manifest, opposite, pair_conversation
from shared.outbox.conversations import ensure_conversation
from shared.outbox.enqueue import CHANNEL, store

_MAX_FACTS = 16  # as a refusal may carry

# The very same answer: the receiver's first word stays its only one.
_AGAIN = sql("""
    with again as (
        update outbox set done_at = null, outcome = null, not_before = :now
        where message_id = :answer and done_at is not null returning 1)
    select pg_notify(:channel, '') from again
""")


class Answers:
    """Signs and stores answers to one authority, within one transaction.

    Args:
        key: of the pair, see `answers_subject`.
        signer: the authority's signing key of today.
    """

    def __init__(
        self, uow: UnitOfWork, to: AuthorityCode, key: SubjectKey, signer: SigningKey
    ) -> None:
        self._uow = uow
        self._to = to
        self._key = key
        self._signer = signer

    async def receipt(self, header: Header) -> MessageId:
        """Applied, at this transaction's commit."""
        body = Receipt("applied", header.content_hash, self._uow.wall)
        return await self._about(header, "receipt", body)

    async def refusal(
        self, header: Header, code: str, facts: Mapping[str, Fact] | None = None
    ) -> MessageId:
        """Read, and not done; the number is used up."""
        told = dict(list((facts or {}).items())[:_MAX_FACTS])
        body = Refusal(code, told, header.content_hash, self._uow.wall)
        return await self._about(header, "refusal", body)

    async def attachment_refused(
        self, conversation: ConversationId, whole: Manifest, code: str
    ) -> MessageId:
        """A file that is not taken here; refers to the file, which is no message."""
        body = Refusal(code, {}, whole.sha256, self._uow.wall)
        return await self.send(conversation, "back", "refusal", body, whole.attachment_id)

    async def missing(
        self, conversation: ConversationId, direction: Direction, first: int, last: int
    ) -> None:
        """Ask for these numbers of this direction again."""
        body = Missing(direction, first, last)
        await self.send(conversation, opposite(direction), "missing", body)

    async def resign_wanted(self, claimed: MessageId | None, code: str) -> None:
        """Tell whom the exchange named that a frame under its name was not to be believed."""
        conversation = pair_conversation(self._uow.actor.authority, self._to, "notices")
        await ensure_conversation(self._uow, conversation, self._to)
        await self.send(conversation, "forward", "resign_wanted", ResignWanted(claimed, code))

    async def again(self, answer: UUID) -> None:
        """Send this answer once more, as it was."""
        facts = {"now": self._uow.wall, "answer": answer, "channel": CHANNEL}
        await self._uow.execute(_AGAIN, facts)

    async def send(
        self,
        conversation: ConversationId,
        direction: Direction,
        kind: str,
        body: Struct,
        refers_to: UUID | None = None,
    ) -> MessageId:
        """Store one unnumbered message of an open conversation."""
        message = compose(
            sender=self._uow.actor.authority,
            receiver=self._to,
            conversation_id=conversation,
            direction=direction,
            number=0,
            kind=kind,
            version=1,
            body=body,
            key=self._signer,
            now=self._uow.wall,
            refers_to=None if refers_to is None else MessageId(refers_to),
        )
        await store(self._uow, message, self._key)
        return message.message_id

    async def _about(self, header: Header, kind: str, body: Struct) -> MessageId:
        conversation = ConversationId(header.conversation_id)
        back = opposite(header.direction)
        return await self.send(conversation, back, kind, body, header.message_id)
