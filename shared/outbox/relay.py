"""Carries the outbox to the exchange; see the package for what it promises."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.engine import RowMapping

from shared.actor import worker
from shared.bus import Bus, BusUnavailable, Outgoing
from shared.clock import Clock
from shared.crypto import CaseKeys, KeyDirectory, KeyRing, key_id_of
from shared.db import Database, UnitOfWork, failpoints
from shared.db.cards import add_card
from shared.errors import AccessDenied, DomainError
from shared.ids import AuthorityCode, MessageId
from shared.loop import keep_running
from shared.messages import Message, Refusal, resign, restore, seal
from shared.outbox import claims
from shared.outbox.attachments import AttachmentRelay
from shared.outbox.enqueue import CHANNEL, context_of, unpack
from shared.outbox.tables import outbox

logger = logging.getLogger(__name__)

BACK_WITHIN_S = 0.3
"""An exchange that is away is looked for so often: a publishing waits for its answer anyhow."""
LOOK_EVERY = timedelta(minutes=1)
"""How often the outbox is looked through for what a clock that went back has left waiting."""

_DEPTHS = text("""
    select receiver, count(*) as messages, min(created_at) as oldest_at, max(attempts) as attempts
    from undelivered group by receiver order by receiver
""")


class _Ready(NamedTuple):
    message_id: UUID
    jws: str
    outgoing: Outgoing


class Relay:
    """One worker's relay; any number of them share an outbox.

    Args:
        db: under the worker's role.
        wall: judges the keys that sign and seal.
        alarm_role: who gets a card when something cannot be sent at all.
        batch: claimed at a time; 64 frames of 512 KiB are 32 MiB.
    """

    def __init__(
        self,
        db: Database,
        bus: Bus,
        directory: KeyDirectory,
        keyring: KeyRing,
        case_keys: CaseKeys,
        wall: Clock,
        *,
        alarm_role: str = "system_admin",
        batch: int = 64,
    ) -> None:
        self._db = db
        self._bus = bus
        self._directory = directory
        self._keyring = keyring
        self._case_keys = case_keys
        self._wall = wall
        self._alarm_role = alarm_role
        self._batch = batch
        self._reconnects = bus.reconnects
        self._looked_at: datetime | None = None
        self._has_files = False
        self._actor = worker(keyring.authority)
        self._attachments = AttachmentRelay(
            db, bus, directory, keyring, case_keys, wall, alarm_role
        )

    async def run_once(self) -> int:
        """Send what is due, once; how many were tried.

        Raises:
            BusUnavailable: the exchange went away; what was claimed comes due again in 5 s.
        """
        if not self._bus.is_connected:
            return 0
        await self._notice_reconnect()
        await self._notice_leap()
        tried = await self._send_messages()
        return tried + (await self._attachments.run_once() if self._has_files else 0)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop, woken by each commit that enqueues, polling slowly behind."""

        async def step() -> int:
            if not self._bus.is_connected:
                raise BusUnavailable  # rests short: what waits goes when the exchange is back
            return await self.run_once()

        async with self._db.bell(CHANNEL) as bell:
            await keep_running("relay", step, stop, bell.wait, trouble_most_s=BACK_WITHIN_S)

    async def _notice_reconnect(self) -> None:
        if self._bus.reconnects == self._reconnects:
            return
        seen = self._bus.reconnects
        async with self._db.begin(self._actor) as uow:
            await claims.make_due(uow)
            await uow.commit()
        self._reconnects = seen

    async def _notice_leap(self) -> None:
        """Look, whenever the clock has moved a minute either way, whether it has gone back."""
        now, before = self._wall.now(), self._looked_at
        if before is not None and abs(now - before) < LOOK_EVERY:
            return
        went_back = before is not None and now < before
        async with self._db.begin(self._actor) as uow:
            await claims.undo_leap(
                uow, claims.FIRST_RESEND if went_back else claims.LAST_RESEND + LOOK_EVERY
            )
            await uow.commit()
        self._looked_at = now

    async def _send_messages(self) -> int:
        async with self._db.begin(self._actor, is_hint=True) as uow:
            due = await claims.what_is_due(uow)
            self._has_files = due.files
            rows = await claims.claim(uow, due, self._batch)
            if not rows:
                return 0
            await uow.commit()
        failpoints.reach("outbox.after_claim")
        prepared = [(row["message_id"], await self._prepare(row)) for row in rows]
        ready = [made for _, made in prepared if made is not None]
        stuck = [message_id for message_id, made in prepared if made is None]
        failpoints.reach("outbox.before_publish")
        stored = await self._bus.publish_many("EXCHANGE", [made.outgoing for made in ready])
        failpoints.reach("outbox.after_publish")
        await self._note(ready[:stored], stuck)
        if stored < len(ready):
            raise BusUnavailable
        return len(rows)

    async def _note(self, sent: Sequence[_Ready], stuck: Sequence[UUID]) -> None:
        if not (sent or stuck):
            return
        async with self._db.begin(self._actor, is_hint=True) as uow:
            if sent:
                await claims.mark_sent(uow, [(made.message_id, made.jws) for made in sent])
            if stuck:
                await claims.defer(uow, stuck)
            await uow.commit()

    async def _prepare(self, row: RowMapping) -> _Ready | None:
        """The frame to send, or None where this row cannot go now."""
        receiver = AuthorityCode(row["receiver"])
        if not self._directory.may_receive(receiver):
            return None  # deferred: it may be active by then
        try:
            message = self._current(await self._open(row))
            frame = seal(message, self._directory.sealing_key(receiver, self._wall.now()))
        except DomainError as error:
            if error.code == "keys.erased":
                await self._give_up_erased(row)
            else:
                await self._alarm(row, error.code)
            return None
        except AccessDenied:
            await self._alarm(row, "keys.missing")
            return None
        transport_id = f"{row['message_id']}.{row['attempts']}"
        return _Ready(row["message_id"], message.jws, Outgoing(receiver, frame, transport_id))

    async def _open(self, row: RowMapping) -> Message:
        key = await self._case_keys.get(row["subject_id"])
        salt, body = unpack(key.open(row["sealed"], context_of(MessageId(row["message_id"]))))
        return restore(row["jws"], body, salt)

    def _current(self, message: Message) -> Message:
        """The message under the key of today: signed anew if that is another.

        Raises:
            DomainError: `keys.no_signing_key`.
        """
        now = self._wall.now()
        signer = self._keyring.signing(now)
        if key_id_of(message.jws) == signer.kid:
            return message
        return resign(message, signer, now)

    async def _give_up_erased(self, row: RowMapping) -> None:
        """The subject was erased: nothing is left to send.

        A row that its receiver asked for again keeps the answer that it had: the asking may be a
        late copy, and what was applied there was not lost with our key.
        """
        mine = (outbox.c.message_id == row["message_id"], outbox.c.done_at.is_(None))
        async with self._db.begin(self._actor) as uow:
            found = await uow.execute(
                select(outbox.c.answer_jws, outbox.c.answer_body, outbox.c.answer_salt)
                .where(*mine)
                .with_for_update()
            )
            held = found.one_or_none()
            if held is None:
                return  # answered meanwhile
            ended: dict[str, object] = {"outcome": "erased"}
            if held.answer_jws is not None:
                ended = _as_answered(restore(held.answer_jws, held.answer_body, held.answer_salt))
            await uow.execute(update(outbox).where(*mine).values(done_at=uow.wall, **ended))
            if ended["outcome"] == "erased":
                await add_card(
                    uow,
                    "exchange.erased_unsent",
                    self._alarm_role,
                    subject=row["conversation_id"],
                )
            await uow.commit()

    async def _alarm(self, row: RowMapping, code: str) -> None:
        logger.warning("message %s cannot be sent: %s", row["message_id"], code)
        async with self._db.begin(self._actor) as uow:
            await add_card(
                uow,
                "exchange.cannot_send",
                self._alarm_role,
                subject=row["conversation_id"],
                facts={"code": code},
            )
            await uow.commit()


def _as_answered(answer: Message) -> dict[str, object]:
    """The columns that its receiver's first answer made."""
    if answer.header.kind == "receipt":
        return {"outcome": "applied"}
    refusal = msgspec.json.decode(answer.body, type=Refusal)
    return {"outcome": "refused", "refusal_code": refusal.code}


async def undelivered(uow: UnitOfWork) -> Sequence[RowMapping]:
    """How much waits for each authority, since when and how often tried: the operator's question."""
    return (await uow.execute(_DEPTHS)).mappings().all()
