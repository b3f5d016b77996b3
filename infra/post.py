"""The operator's post: the signed list as a message to each authority, until each has receipted it.

The operator runs no node and has no database. What a node's outbox holds in PostgreSQL lies here in
one file for each authority: the last number used, the letters without a receipt, and what the
authority is known to have. A file is written before anything is sent, so that a number is never
used for two letters; a letter is dropped at the signed receipt and not before.

Only the entries that changed travel: 300 authorities whole would not fit a message. A letter that is
refused is told of, and the next one carries everything.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from infra.directory import trust_files
from infra.files import private_folder, write_private
from infra.listing import operator_ring
from services.directory.api import (
    KIND,
    VERSION,
    Directory,
    SignedDirectory,
    Trust,
    entry_digest,
    revoked_by,
)
from shared.bus import Bus, BusUnavailable, Delivery, Outgoing
from shared.clock import Clock
from shared.crypto import SigningKey, key_id_of
from shared.errors import DomainError, WireError
from shared.ids import OPERATOR, AuthorityCode
from shared.messages import (
    Message,
    Receipt,
    Refusal,
    Registry,
    compose,
    open_frame,
    register_kernel_kinds,
    resign,
    restore,
    seal,
)
from shared.outbox import pair_conversation

_LINGER_S = 0.5
_BATCH = 64


class Letter(msgspec.Struct, frozen=True):
    """One numbered message without a receipt.

    Args:
        digests: what its reader has once it is applied: each authority's entry by its hash.
        attempts: part of the transport id, for the exchange swallows one that it has seen.
    """

    message_id: UUID
    version: int
    digests: dict[str, str]
    jws: str
    body: bytes
    salt: bytes
    attempts: int = 0


class Book(msgspec.Struct, frozen=True):
    """What one authority was sent.

    Args:
        number: the last one used.
        confirmed: version of the last list it has receipted; 0 for none.
        digests: what it is known to have.
        refused: its last word, where that was a refusal.
    """

    number: int = 0
    confirmed: int = 0
    digests: dict[str, str] = {}
    waiting: tuple[Letter, ...] = ()
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """How far one authority has come.

    Args:
        confirmed: the list that it has receipted; 0 for none.
        waiting: letters on their way.
        refused: why it refused the last one, as a code.
        stuck: why nothing can be sent there, as a code.
    """

    authority: AuthorityCode
    confirmed: int
    waiting: int
    refused: str | None
    stuck: str | None = None


class Post:
    """The operator's outgoing letters and incoming receipts.

    Args:
        state: the operator's state folder.
        bus: the exchange, as the operator's own user there.
        clock: judges keys.
    """

    def __init__(self, state: Path, bus: Bus, clock: Clock) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock
        self._registry = Registry()
        register_kernel_kinds(self._registry)
        self._others: dict[UUID, str] = {}

    async def deliver(
        self, timeout_s: float, only: Iterable[AuthorityCode] = ()
    ) -> list[Delivered]:
        """Send what each lacks, and wait for receipts; how far each one has come then.

        Args:
            timeout_s: how long to wait; what has no receipt by then is sent again by the next call.
            only: those wanted; all when empty.

        Raises:
            BusUnavailable: the exchange does not answer; nothing is lost.
        """
        directory = trust_files(self._state, OPERATOR).held()
        chosen = set(only)
        codes = [
            code
            for code, profile in directory.profiles.items()
            if profile.runs_node and (not chosen or code in chosen)
        ]
        await self._read(directory, 0.0)  # receipts of the last time
        for code in codes:
            self._write_letter(code, directory)
        stuck = {code: await self._send(code, directory) for code in codes}
        ends = time.monotonic() + timeout_s
        while time.monotonic() < ends and any(
            self.book(code).waiting for code in codes if not stuck[code]
        ):
            await self._read(directory, _LINGER_S)
        return [
            Delivered(code, book.confirmed, len(book.waiting), book.refused, stuck[code])
            for code, book in ((code, self.book(code)) for code in codes)
        ]

    def book(self, code: AuthorityCode) -> Book:
        """What this authority was sent; an empty one for one that was sent nothing."""
        try:
            return msgspec.json.decode(self._file(code).read_bytes(), type=Book)
        except FileNotFoundError:
            return Book()

    def take_number(self, code: AuthorityCode) -> int:
        """Use up one number for a letter that is written elsewhere: a test's."""
        book = self.book(code)
        self._keep(code, msgspec.structs.replace(book, number=book.number + 1))
        return book.number + 1

    async def outcome(self, message: Message, timeout_s: float) -> str | None:
        """What a letter that was written elsewhere was answered with; None where it was not."""
        directory = trust_files(self._state, OPERATOR).held()
        ends = time.monotonic() + timeout_s
        while time.monotonic() < ends:
            await self._read(directory, _LINGER_S)
            if message.message_id in self._others:
                return self._others[message.message_id]
        return None

    def _file(self, code: AuthorityCode) -> Path:
        return private_folder(trust_files(self._state, OPERATOR).folder / "post") / f"{code}.json"

    def _keep(self, code: AuthorityCode, book: Book) -> Book:
        write_private(self._file(code), msgspec.json.encode(book))
        return book

    def _write_letter(self, code: AuthorityCode, directory: Directory) -> None:
        """Number a letter for what the authority will lack when all on the way have come."""
        book = self.book(code)
        newest = max((letter.version for letter in book.waiting), default=book.confirmed)
        if newest >= directory.version:
            return
        known = book.waiting[-1].digests if book.waiting else book.digests
        digests = {str(other): entry_digest(entry) for other, entry in directory.entries.items()}
        changed = tuple(
            entry
            for other, entry in directory.entries.items()
            if known.get(other) != digests[other]
        )
        now = self._clock.now()
        message = compose(
            sender=OPERATOR,
            receiver=code,
            conversation_id=pair_conversation(OPERATOR, code, KIND),
            direction="forward",
            number=book.number + 1,
            kind=KIND,
            version=VERSION,
            body=SignedDirectory(directory.root_jws, changed),
            key=self._signer(now),
            now=now,
        )
        letter = Letter(
            message_id=message.message_id,
            version=directory.version,
            digests=digests,
            jws=message.jws,
            body=message.body,
            salt=message.salt,
        )
        self._keep(
            code,
            msgspec.structs.replace(book, number=book.number + 1, waiting=(*book.waiting, letter)),
        )

    async def _send(self, code: AuthorityCode, directory: Directory) -> str | None:
        """Publish its letters in order; why not, where none can be."""
        book, now = self.book(code), self._clock.now()
        tried = tuple(
            msgspec.structs.replace(letter, attempts=letter.attempts + 1) for letter in book.waiting
        )
        self._keep(code, msgspec.structs.replace(book, waiting=tried))
        try:
            to = Trust(directory).sealing_key(code, now)
        except DomainError as error:
            return error.code
        frames = [
            Outgoing(
                code, seal(self._signed(letter, now), to), f"{letter.message_id}.{letter.attempts}"
            )
            for letter in tried
        ]
        if await self._bus.publish_many("EXCHANGE", frames) < len(frames):
            raise BusUnavailable
        return None

    def _signed(self, letter: Letter, now: datetime) -> Message:
        """Under the key of today, as a relay does it."""
        message = restore(letter.jws, letter.body, letter.salt)
        signer = self._signer(now)
        return message if key_id_of(message.jws) == signer.kid else resign(message, signer, now)

    def _signer(self, now: datetime) -> SigningKey:
        """The oldest key that still holds: the letter that brings a new one cannot be signed by it."""
        ring = operator_ring(self._state, now)
        gone = revoked_by(trust_files(self._state, OPERATOR).held().entries[OPERATOR].statements)
        for key in ring.signing_keys:
            if key.is_valid_at(now) and key.kid not in gone:
                return key
        raise DomainError("keys.no_signing_key")

    async def _read(self, directory: Directory, linger_s: float) -> None:
        for delivery in await self._bus.fetch("EXCHANGE", _BATCH, linger_s):
            try:
                message = self._open(delivery, directory)
                body = self._registry.decode(message.header, message.body)
            except WireError:
                await (
                    delivery.ack()
                )  # nothing of it may be believed; its sender sends a real one again
                continue
            if isinstance(body, Receipt | Refusal):
                self._answered(message, body)
            await delivery.ack()

    def _open(self, delivery: Delivery, directory: Directory) -> Message:
        now = self._clock.now()
        return open_frame(
            delivery.frame,
            operator_ring(self._state, now),
            delivery.sender,
            OPERATOR,
            Trust(directory),
            now,
        )

    def _answered(self, message: Message, body: Receipt | Refusal) -> None:
        """A receipt or refusal of a letter ends it; of anything else it changes nothing."""
        book = self.book(message.sender)
        for letter in book.waiting:
            hashed = restore(letter.jws, letter.body, letter.salt).header.content_hash
            if letter.message_id != message.header.refers_to or hashed != body.content_hash:
                continue
            left = tuple(each for each in book.waiting if each is not letter)
            if isinstance(body, Receipt):
                book = msgspec.structs.replace(
                    book,
                    waiting=left,
                    confirmed=max(book.confirmed, letter.version),
                    digests=letter.digests if letter.version >= book.confirmed else book.digests,
                    refused=None,
                )
            else:
                book = msgspec.structs.replace(book, waiting=left, digests={}, refused=body.code)
            self._keep(message.sender, book)
            return
        if message.header.refers_to is not None:
            refused = body.code if isinstance(body, Refusal) else body.outcome
            self._others[message.header.refers_to] = refused
