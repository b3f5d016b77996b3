"""Dispatch: each staged message applied exactly once, in its conversation's order.

Three short steps, so that keys are never asked for inside a transaction:

1. **Claim** (a transaction for a batch): the next number of each flow, attempts counted and
   `not_before` moved forward *before* anything is tried. A message that kills the worker is
   therefore counted too.
2. **Ask** (a transaction that only reads, unless the handler is a `NeedsNoMoreKeys`): whose keys it
   wants. Then the keys.
3. **Apply** (the transaction that counts): the flow's row is locked and looked at again; the
   handler runs; the receipt, the inbox row and the flow's new number are written with it, and
   committed together.

A `DomainError` is an answer: the transaction is undone, another locks and looks again and records
the refusal, and the sender gets it signed. A
lost race or a server that is away is nobody's fault and comes again. Anything else is a bug: three
tries, then the message is parked as refused and a person gets a card. One over which the worker
died is tried six times: a death has many reasons.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Boolean, update
from sqlalchemy.engine import RowMapping

from shared.actor import Actor
from shared.crypto import SubjectKey
from shared.db import Database, StorageUnavailableError, UnitOfWork, failpoints
from shared.db.cards import add_card
from shared.db.sql import SPAN, Text, Uuid, sql
from shared.errors import AccessDenied, DomainError, Fact, WireError
from shared.ids import AuthorityCode, ConversationId, MessageId, SubjectId
from shared.inbox.answers import Answers
from shared.inbox.handler import (
    Handler,
    NeedsNoMoreKeys,
    RefusalHandler,
    kinds_without_body,
)
from shared.inbox.kernel import finish_refused
from shared.inbox.opening import Opener
from shared.inbox.staging import context_of
from shared.inbox.tables import inbox
from shared.messages import Message, Refusal, read_header, restore
from shared.outbox.conversations import is_standing, may_carry
from shared.outbox.enqueue import unpack
from shared.trace import trace_of

logger = logging.getLogger(__name__)

TRIES = 3
DEATHS = 6
"""How often a worker may die over a message before it is taken for the killer.

More than `TRIES`: a worker may die for any reason, and whatever it had in hand is counted. Under
`utvag faults` three deaths by chance were enough to refuse an acceptance that nothing was wrong with.
"""
LEASE = timedelta(seconds=10)
"""After it another worker takes over what a dead one had claimed; above the slowest handler."""
RETRY = timedelta(milliseconds=500)
"""After a failed try; doubles."""
LOOK_EVERY = timedelta(minutes=1)
"""Above the longest lease: what waits longer was left by a clock that went back."""

_TRANSIENT = frozenset({"db.changed_meanwhile"})

_CLAIM = sql(
    """
    with due as (
        select i.origin, i.message_id from inbox i
        left join conversation_flow f using (conversation_id, direction)
        where i.done_at is null and i.not_before <= :now
          and (i.number = 0 or i.number = f.applied + 1)
        order by i.received_at limit :batch for update of i skip locked)
    update inbox i set attempts = i.attempts + 1, not_before = :now + :lease * i.attempts + :lease
    from due d where i.origin = d.origin and i.message_id = d.message_id
    returning i.*
""",
    lease=SPAN,
)

# Later than any lease or retry: only a clock that has gone back since leaves such a row.
_UNDO_LEAP = sql(
    """
    update inbox set not_before = :now where (origin, message_id) in (
        select origin, message_id from inbox where done_at is null and not_before > :now + :most
        for update skip locked)
""",
    most=SPAN,
)

_LOCK_FLOW = sql(
    "select applied from conversation_flow"
    " where conversation_id = :conversation and direction = :direction for update",
    conversation=Uuid(),
)
_LOCK_UNNUMBERED = sql(
    "select done_at from inbox where origin = :origin and message_id = :message for update",
    message=Uuid(),
)
_CLOSE = sql(
    """
    with done as (
        update inbox set done_at = :now, outcome = :outcome, refusal_code = :code,
            answer_id = :answer, sealed = case when :keep then sealed end
        where origin = :origin and message_id = :message
        returning conversation_id, direction, number)
    update conversation_flow f set applied = d.number, gap_since = null, asked_at = null, asked = 0
    from done d
    where f.conversation_id = d.conversation_id and f.direction = d.direction and d.number > 0
    """,
    message=Uuid(),
    answer=Uuid(),
    outcome=Text(),
    code=Text(),
    keep=Boolean(),
)


@dataclass(eq=False)
class _Refused(Exception):  # noqa: N818 - an answer, not an error
    code: str
    facts: Mapping[str, Fact]


class Dispatcher:
    """Applies what is staged.

    Args:
        handlers: one for each kind and version; those that are `RefusalHandler` too are told of
            refusals of their kind.
        batch: messages in work at once, each in a transaction of its own.
    """

    def __init__(
        self,
        db: Database,
        opener: Opener,
        handlers: Sequence[Handler],
        actor: Actor,
        alarm_role: str,
        *,
        batch: int = 4,
    ) -> None:
        self._db = db
        self._opener = opener
        self._actor = actor
        self._alarm_role = alarm_role
        self._batch = batch
        self._forgiven: set[tuple[str, MessageId]] = set()
        self._looked_at: datetime | None = None
        self._handlers: dict[tuple[str, int], Handler] = {}
        self._refusal_handlers: dict[str, RefusalHandler] = {}
        self._bodiless = kinds_without_body(handlers)
        for handler in handlers:
            if (handler.kind, handler.version) in self._handlers:
                raise ValueError(f"two handlers for {handler.kind} version {handler.version}")
            self._handlers[handler.kind, handler.version] = handler
            if isinstance(handler, RefusalHandler):
                self._refusal_handlers[handler.kind] = handler

    async def run_once(self) -> int:
        """Try what is due, once; how many messages were tried."""
        await self._forgive()
        await self._notice_leap()
        async with self._db.begin(self._actor, is_hint=True) as uow:
            facts = {"now": uow.wall, "lease": LEASE, "batch": self._batch}
            rows = list((await uow.execute(_CLAIM, facts)).mappings())
            if not rows:
                return 0
            await uow.commit()
        failpoints.reach("inbox.before_dispatch")
        if len(rows) == 1:
            await self._try(rows[0])
        else:
            async with asyncio.TaskGroup() as group:
                for row in rows:
                    group.create_task(self._try(row))
        failpoints.reach("inbox.after_dispatch")
        return len(rows)

    async def _notice_leap(self) -> None:
        """Look, whenever the clock has moved a minute either way, whether it has gone back."""
        now, before = self._opener.wall(), self._looked_at
        if before is not None and abs(now - before) < LOOK_EVERY:
            return
        async with self._db.begin(self._actor) as uow:
            await uow.execute(_UNDO_LEAP, {"now": uow.wall, "most": LOOK_EVERY})
            await uow.commit()
        self._looked_at = now

    async def _try(self, row: RowMapping) -> None:
        """One message: applied, refused, or put back; only a bug in here lets an exception out."""
        try:
            if row["attempts"] > DEATHS:
                await self._finish(row, None, {}, parked=True)
                return
            await self._apply(row)
        except (StorageUnavailableError, OSError):
            self._forgiven.add((row["origin"], row["message_id"]))
            logger.warning("message %s waits for a server", row["message_id"])
        except Exception as error:  # noqa: BLE001 - a bug in a handler: tried again, then parked
            logger.error("message %s failed: %s", row["message_id"], trace_of(error))  # noqa: TRY400
            if row["attempts"] >= TRIES:
                await self._finish(row, None, {}, parked=True)
            else:
                await self._put_back(row)

    async def _apply(self, row: RowMapping) -> None:
        try:
            message, body, keys, handler = await self._prepare(row)
            await self._finish(row, None, keys, message=message, body=body, handler=handler)
        except _Refused as refused:  # what the handler wrote went with its transaction
            await self._finish(row, refused, {})
        except DomainError as error:  # only what is transient leaves `_finish`
            logger.info("message %s comes again: %s", row["message_id"], error.code)
            await self._put_back(row)

    async def _prepare(
        self, row: RowMapping
    ) -> tuple[Message, Struct, dict[SubjectId, SubjectKey], Handler | None]:
        """Open the message and load its keys.

        Raises:
            _Refused: it cannot be done here, and that is an answer.
        """
        try:
            self._demand_belongs(row)
            message, key = await self._open(row)
            body = self._opener.registry.decode(message.header, message.body)
        except WireError as error:
            raise _Refused(error.code, _version_facts(row)) from None
        keys = {key.subject: key}
        if isinstance(body, Refusal):
            return message, body, keys, None
        handler = self._handlers.get((row["kind"], row["version"]))
        if handler is None:
            raise _Refused("wire.unknown_kind", {})
        try:
            wanted: Sequence[SubjectId] = ()
            if not isinstance(handler, NeedsNoMoreKeys):
                async with self._db.begin(self._actor) as uow:
                    wanted = await handler.subjects(uow, message)
            for subject in wanted:
                keys[subject] = await self._opener.case_keys.get(subject)
        except DomainError as error:
            if error.code in _TRANSIENT:
                raise
            raise _Refused(error.code, error.facts) from None
        except AccessDenied:
            raise _Refused("inbox.not_found", {}) from None
        return message, body, keys, handler

    def _belongs(self, row: RowMapping) -> bool:
        """Whether its kind may travel in this conversation; what is not numbered may in any."""
        conversation, peer = ConversationId(row["conversation_id"]), AuthorityCode(row["origin"])
        return not row["number"] or may_carry(
            conversation, self._actor.authority, peer, row["kind"]
        )

    def _demand_belongs(self, row: RowMapping) -> None:
        if not self._belongs(row):
            raise WireError("wire.kind_not_here")

    async def _open(self, row: RowMapping) -> tuple[Message, SubjectKey]:
        if row["sealed"] is None:
            raise _Refused("inbox.erased", {})
        try:
            key = await self._opener.case_keys.get(SubjectId(row["subject_id"]))
        except DomainError:
            raise _Refused("inbox.erased", {}) from None
        place = context_of("inbox", row["origin"], MessageId(row["message_id"]))
        salt, body = unpack(key.open(row["sealed"], place))
        return restore(row["jws"], body, salt), key

    async def _finish(
        self,
        row: RowMapping,
        refused: _Refused | None,
        keys: Mapping[SubjectId, SubjectKey],
        *,
        message: Message | None = None,
        body: Struct | None = None,
        handler: Handler | None = None,
        parked: bool = False,
    ) -> None:
        """The transaction that counts: effect, answer, number and commit.

        Raises:
            _Refused: the handler's word; nothing was done.
        """
        origin = AuthorityCode(row["origin"])
        answer_keys = await self._opener.answer_keys([origin])
        signer = self._opener.signer()
        header = read_header(row["jws"])
        if parked:
            refused = _Refused("inbox.failed", {})
        async with self._db.begin(self._actor) as uow:
            if not await _is_still_next(uow, row):
                return
            failpoints.reach("inbox.in_dispatch")
            if refused is None and message is not None:
                await self._do(uow, keys, message, body, handler)
            failpoints.reach("inbox.after_apply")
            if row["number"]:
                answers = Answers(uow, origin, answer_keys[origin], signer)
                answer_id = (
                    await answers.receipt(header)
                    if refused is None
                    else await answers.refusal(header, refused.code, refused.facts)
                )
                conversation = ConversationId(header.conversation_id)
                if not is_standing(conversation) or not self._belongs(row):
                    uow.audit(
                        "message.applied" if refused is None else "message.refused",
                        origin=origin,
                        kind=header.kind,
                        number=header.number,
                        hash=header.content_hash,
                    )
                failpoints.reach("inbox.after_receipt")
            else:
                answer_id = None
            keep = row["kind"] not in self._bodiless
            await _close(uow, row, refused, answer_id, keep=keep)
            if parked:
                facts: dict[str, Fact] = {"kind": row["kind"], "authority": origin}
                await add_card(
                    uow,
                    "exchange.parked",
                    self._alarm_role,
                    subject=row["conversation_id"],
                    facts=facts,
                )
            await uow.commit()

    async def _do(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        message: Message,
        body: Struct | None,
        handler: Handler | None,
    ) -> None:
        """Let the handler work.

        Raises:
            _Refused: it says no.
        """
        try:
            if handler is None:
                assert isinstance(body, Refusal)
                await self._refused(uow, keys, message, body)
            else:
                await handler.apply(uow, keys, message, body)
        except DomainError as error:
            if error.code in _TRANSIENT:
                raise
            raise _Refused(error.code, error.facts) from None
        except WireError as error:
            raise _Refused(error.code, {}) from None
        except AccessDenied:
            raise _Refused("inbox.not_found", {}) from None

    async def _refused(
        self, uow: UnitOfWork, keys: Mapping[SubjectId, SubjectKey], message: Message, body: Refusal
    ) -> None:
        """Another authority refused a message of ours: its service decides, or a person."""
        jws = await finish_refused(uow, message, body)
        if jws is None:
            return
        header = read_header(jws)
        handler = self._refusal_handlers.get(header.kind)
        if handler is not None:
            await handler.on_refused(uow, keys, header, body.code)
            return
        await add_card(
            uow,
            "exchange.refused",
            self._alarm_role,
            subject=header.conversation_id,
            facts={"kind": header.kind, "code": body.code},
        )

    async def _put_back(self, row: RowMapping) -> None:
        async with self._db.begin(self._actor) as uow:
            await uow.execute(
                update(inbox)
                .where(*_same(row), inbox.c.done_at.is_(None))
                .values(not_before=uow.wall + RETRY * 2 ** (row["attempts"] - 1))
            )
            await uow.commit()

    async def _forgive(self) -> None:
        """A server that was away is no fault of the message: the try does not count."""
        while self._forgiven:
            origin, message_id = next(iter(self._forgiven))
            async with self._db.begin(self._actor) as uow:
                await uow.execute(
                    update(inbox)
                    .where(
                        inbox.c.origin == origin,
                        inbox.c.message_id == message_id,
                        inbox.c.done_at.is_(None),
                        inbox.c.attempts > 0,
                    )
                    .values(attempts=inbox.c.attempts - 1, not_before=uow.wall)
                )
                await uow.commit()
            self._forgiven.discard((origin, message_id))


async def _is_still_next(uow: UnitOfWork, row: RowMapping) -> bool:
    """Lock what must not change, and look whether another worker was faster."""
    if row["number"]:
        facts = {"conversation": row["conversation_id"], "direction": row["direction"]}
        locked = await uow.execute(_LOCK_FLOW, facts)
        return bool(locked.scalar_one() + 1 == row["number"])
    facts = {"origin": row["origin"], "message": row["message_id"]}
    locked = await uow.execute(_LOCK_UNNUMBERED, facts)
    return locked.scalar_one() is None


async def _close(
    uow: UnitOfWork,
    row: RowMapping,
    refused: _Refused | None,
    answer_id: MessageId | None,
    *,
    keep: bool,
) -> None:
    """The message is done, and the next number may come."""
    await uow.execute(
        _CLOSE,
        {
            "now": uow.wall,
            "origin": row["origin"],
            "message": row["message_id"],
            "outcome": "applied" if refused is None else "refused",
            "code": None if refused is None else refused.code,
            "answer": answer_id,
            "keep": keep,
        },
    )


def _same(row: RowMapping) -> tuple[Any, ...]:
    return inbox.c.origin == row["origin"], inbox.c.message_id == row["message_id"]


def _version_facts(row: RowMapping) -> dict[str, Fact]:
    return {"kind": row["kind"], "version": row["version"]}
