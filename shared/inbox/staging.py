"""Staging: what verified is kept before the exchange may forget it.

One transaction for a batch: 32 at once reached 757 messages a second where one at a time reached
569. A batch that fails is staged singly, so that one bad message cannot hold the others back.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from shared.actor import Actor
from shared.bus import Delivery, Stream
from shared.db import Database, StorageUnavailableError, UnitOfWork, failpoints
from shared.db.cards import add_card
from shared.db.sql import Uuid, sql
from shared.errors import WireError
from shared.ids import MessageId, row_id
from shared.inbox.answers import Answers
from shared.inbox.attachments import keep_chunk
from shared.inbox.kernel import apply_kernel
from shared.inbox.opening import Opened, Opener, Spoilt
from shared.inbox.tables import equivocation, inbox, quarantine
from shared.messages import Message, Refusal, is_ahead, message_id_of
from shared.outbox import pair_conversation
from shared.outbox.attachments import AttachmentChunk
from shared.outbox.claims import make_due
from shared.outbox.conversations import ensure_conversation, may_be_between
from shared.trace import trace_of

logger = logging.getLogger(__name__)

NOTICE_EVERY = timedelta(minutes=1)

# Opens conversation and flow where they are new, and says how they stood before.
_OPEN = sql(
    """
    with new_conversation as (
        insert into conversation (id, peer) values (:conversation, :peer) on conflict do nothing),
    new_flow as (
        insert into conversation_flow (conversation_id, direction)
        values (:conversation, :direction) on conflict do nothing)
    select c.peer, f.sent from conversation c
    left join conversation_flow f on f.conversation_id = c.id and f.direction = :direction
    where c.id = :conversation
""",
    conversation=Uuid(),
)


# Made once: building it anew for each message cost more than running it.
_STAGE = insert(inbox).on_conflict_do_nothing()


class Stager:
    """Keeps what came; answers doubles, quarantines what cannot be believed.

    Args:
        bodiless: kinds of which no body is kept beyond its applying; of a second content, none.
    """

    def __init__(
        self,
        db: Database,
        opener: Opener,
        actor: Actor,
        alarm_role: str,
        bodiless: frozenset[str] = frozenset(),
    ) -> None:
        self._db = db
        self._opener = opener
        self._actor = actor
        self._alarm_role = alarm_role
        self._bodiless = bodiless

    async def stage(self, stream: Stream, deliveries: Sequence[Delivery]) -> None:
        """Keep all of these; returns after the commit.

        Raises:
            StorageUnavailableError: nothing was kept, the exchange hands them over again.
        """
        opened = [await self._opener.open(delivery) for delivery in deliveries]
        try:
            await self._stage_together(stream, opened)
        except StorageUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - one message must not hold back the others
            logger.warning("a batch is staged singly: %s", trace_of(error))
            for one in opened:
                await self._stage_alone(stream, one)

    async def _stage_alone(self, stream: Stream, one: Opened | Spoilt) -> None:
        try:
            await self._stage_together(stream, [one])
        except StorageUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - kept for a person, or it comes for ever
            logger.error("a message cannot be staged: %s", trace_of(error))  # noqa: TRY400 - no texts
            await self._stage_together(stream, [Spoilt(one.delivery, "inbox.unstageable")])

    async def _stage_together(self, stream: Stream, batch: Sequence[Opened | Spoilt]) -> None:
        senders = {one.delivery.sender for one in batch}
        keys = await self._opener.answer_keys(senders)
        signer = self._opener.signer()
        async with self._db.begin(self._actor) as uow:
            answers = {sender: Answers(uow, sender, keys[sender], signer) for sender in senders}
            # In one order for all, or two workers with the same conversations could deadlock.
            for one in sorted(batch, key=_lock_order):
                if isinstance(one, Opened):
                    await self._keep(uow, stream, one, answers[one.delivery.sender])
                    await self._tell_of_clock(uow, one.message, answers[one.delivery.sender])
                else:
                    await self._quarantine(uow, stream, one, answers[one.delivery.sender])
            for sender in sorted({one.delivery.sender for one in batch if isinstance(one, Opened)}):
                await make_due(uow, sender)
            failpoints.reach("inbox.after_store")
            await uow.commit()

    async def _keep(self, uow: UnitOfWork, stream: Stream, one: Opened, answers: Answers) -> None:
        try:
            if isinstance(one.body, AttachmentChunk):
                await keep_chunk(uow, one, answers, self._alarm_role)
                return
            if one.message.header.number == 0 and not isinstance(one.body, Refusal):
                await apply_kernel(uow, one, self._alarm_role)
                return
            await _open_flow(uow, one.message)
        except WireError as error:
            await self._quarantine(uow, stream, Spoilt(one.delivery, error.code), answers)
            return
        if not await _insert(uow, one):
            await self._seen_before(uow, one, answers)

    async def _tell_of_clock(self, uow: UnitOfWork, message: Message, answers: Answers) -> None:
        """The sender's clock is ahead of ours: its people are told once, and ours."""
        if not is_ahead(message.header, uow.wall):
            return
        is_new = await add_card(
            uow,
            "exchange.clock_differs",
            self._alarm_role,
            subject=pair_conversation(message.sender, uow.actor.authority, "clock"),
            facts={"authority": message.sender},
        )
        if is_new:
            await answers.resign_wanted(message.message_id, "wire.clock_ahead")

    async def _seen_before(self, uow: UnitOfWork, one: Opened, answers: Answers) -> None:
        """A double gets its first answer again; another content is an equivocation."""
        header = one.message.header
        known = await uow.execute(
            select(inbox.c.content_hash, inbox.c.answer_id).where(
                inbox.c.origin == header.sender, inbox.c.message_id == header.message_id
            )
        )
        row = known.one_or_none()
        if row is not None and row.content_hash == header.content_hash:
            if row.answer_id is not None:
                await answers.again(row.answer_id)
            return
        second = await uow.execute(
            select(equivocation.c.answer_id).where(
                equivocation.c.origin == header.sender,
                equivocation.c.message_id == header.message_id,
                equivocation.c.content_hash == header.content_hash,
            )
        )
        answer_id = second.scalar_one_or_none()
        if answer_id is not None:
            await answers.again(answer_id)
            return
        await self._record_equivocation(uow, one, answers)

    async def _record_equivocation(self, uow: UnitOfWork, one: Opened, answers: Answers) -> None:
        header = one.message.header
        answer_id = await answers.refusal(header, "inbox.equivocation", {"number": header.number})
        closed = _closed(one, "inbox_equivocation")
        if header.kind in self._bodiless:
            closed["sealed"] = None
        await uow.execute(
            insert(equivocation).values(
                origin=header.sender,
                message_id=header.message_id,
                content_hash=header.content_hash,
                conversation_id=header.conversation_id,
                direction=header.direction,
                number=header.number,
                jws=one.message.jws,
                received_at=uow.wall,
                answer_id=answer_id,
                **closed,
            )
        )
        await add_card(
            uow,
            "exchange.equivocation",
            self._alarm_role,
            subject=header.conversation_id,
            facts={"authority": header.sender, "number": header.number},
        )

    async def _quarantine(
        self, uow: UnitOfWork, stream: Stream, one: Spoilt, answers: Answers
    ) -> None:
        sender, claimed = one.delivery.sender, _claimed(one.delivery.frame)
        recent = await uow.execute(
            select(quarantine.c.id)
            .where(
                quarantine.c.sender == sender,
                quarantine.c.claimed_id.is_not_distinct_from(claimed),
                quarantine.c.received_at > uow.wall - NOTICE_EVERY,
            )
            .limit(1)
        )
        is_told = recent.first() is not None
        await uow.execute(
            insert(quarantine)
            .values(
                id=row_id(uow.wall),
                sender=sender,
                stream=stream,
                claimed_id=claimed,
                code=one.code,
                frame=one.delivery.frame,
                frame_hash=hashlib.sha256(one.delivery.frame).digest(),
                received_at=uow.wall,
            )
            .on_conflict_do_nothing()
        )
        await add_card(
            uow,
            "exchange.quarantined",
            self._alarm_role,
            subject=pair_conversation(sender, uow.actor.authority, "quarantine"),
            facts={"authority": sender, "code": one.code},
        )
        if not is_told and self._opener.directory.may_receive(sender):
            await answers.resign_wanted(claimed, one.code)


async def _open_flow(uow: UnitOfWork, message: Message) -> None:
    """Make the message's flow unless it is.

    Raises:
        WireError: `wire.conversation`: it is another authority's. `wire.direction`: it is ours.
    """
    header = message.header
    if not may_be_between(message.conversation_id, uow.actor.authority, message.sender):
        raise WireError("wire.conversation")
    facts = {
        "conversation": header.conversation_id,
        "peer": header.sender,
        "direction": header.direction,
    }
    before = (await uow.execute(_OPEN, facts)).one_or_none()
    if before is None:  # new, or made by somebody else in this moment: look again
        if not await ensure_conversation(uow, message.conversation_id, message.sender):
            raise WireError("wire.conversation")
    elif before.peer != header.sender:
        raise WireError("wire.conversation")
    elif before.sent and header.number > 0:
        raise WireError("wire.direction")


async def _insert(uow: UnitOfWork, one: Opened) -> bool:
    """Whether it was new, under its id and under its number."""
    header = one.message.header
    result = await uow.execute(
        _STAGE,
        {
            "origin": header.sender,
            "message_id": header.message_id,
            "conversation_id": header.conversation_id,
            "direction": header.direction,
            "number": header.number,
            "kind": header.kind,
            "version": header.version,
            "refers_to": header.refers_to,
            "content_hash": header.content_hash,
            "jws": one.message.jws,
            "received_at": uow.wall,
            "not_before": uow.wall,
            **_closed(one, "inbox"),
        },
    )
    return result.rowcount == 1


def context_of(table: str, origin: str, message_id: MessageId) -> str:
    """Where a body is kept: what its sealing is bound to."""
    return f"{table}.sealed:{origin}:{message_id}"


def _closed(one: Opened, table: str) -> dict[str, object]:
    message = one.message
    if one.key is None:
        return {"subject_id": message.conversation_id, "sealed": None}
    place = context_of(table, message.sender, message.message_id)
    sealed = one.key.seal(message.salt + message.body, place)
    return {"subject_id": one.key.subject, "sealed": sealed}


def _claimed(frame: bytes) -> MessageId | None:
    try:
        return message_id_of(frame)
    except WireError:
        return None


def _lock_order(one: Opened | Spoilt) -> tuple[str, str, int]:
    if isinstance(one, Spoilt):
        return "", one.delivery.sender, 0
    header = one.message.header
    return str(header.refers_to or header.conversation_id), header.direction, header.number
