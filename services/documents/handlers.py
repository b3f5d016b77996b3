"""A file comes in, is judged, and is handed out as it was.

What takes a `uow` runs inside the caller's transaction; the caller has judged who may.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from services.documents import store
from services.documents.domain import PIECE_BYTES, Document, Inspector, MediaType
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import AccessDenied, DomainError, TooMany, TooSlow
from shared.ids import AuthorityCode, CaseId, StaffId, random_id

_READ_AT_ONCE = 8
_AT_A_TIME = asyncio.Semaphore(8)
"""Files read in at once by one process: at most 200 MiB of memory, the next ones wait."""
MOST_OF_ONE = 2
"""Of these, one person's: six are left for others, whoever fills theirs."""
_OF_ONE = Counter[StaffId]()
WAIT_S: Final = 30.0
"""For a place. Longer, and the browser gives up without a word of ours."""
GRACE_S: Final = 20.0
LEAST_RATE: Final = 32 * 1024
"""Bytes a second, over the whole, after the grace: a file of 25 MiB has 13 minutes and 40 seconds.

Slower than a telephone on the edge of coverage; faster than who only wants to hold the place.
"""


class _Words(msgspec.Struct, frozen=True):
    """The sealed part of `document`."""

    title: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that has come whole and may be kept; its pieces are sealed already."""

    document_id: UUID
    media_type: MediaType
    sha256: str
    size_bytes: int
    pieces: tuple[bytes, ...]


@asynccontextmanager
async def _place_for(who: StaffId) -> AsyncIterator[None]:
    """One of the places for files on their way in, for one person."""
    if _OF_ONE[who] >= MOST_OF_ONE:
        raise TooMany("document.too_many_at_once", most=MOST_OF_ONE)
    _OF_ONE[who] += 1
    try:
        try:
            await asyncio.wait_for(_AT_A_TIME.acquire(), WAIT_S)
        except TimeoutError:
            raise TooMany("document.no_place") from None
        try:
            yield
        finally:
            _AT_A_TIME.release()
    finally:
        _OF_ONE[who] -= 1
        if not _OF_ONE[who]:
            del _OF_ONE[who]


async def _in_time(content: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same, as long as it comes at `LEAST_RATE` over the whole; a place is not held by waiting.

    Raises:
        TooSlow: `document.too_slow`.
    """
    loop, parts, came = asyncio.get_running_loop(), aiter(content), 0
    began = loop.time()
    while True:
        try:
            async with asyncio.timeout_at(began + GRACE_S + came / LEAST_RATE):
                data = await anext(parts)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise TooSlow("document.too_slow") from None
        came += len(data)
        yield data


async def receive(key: SubjectKey, who: StaffId, content: AsyncIterable[bytes]) -> Draft:
    """Read a file as it comes and seal it piece by piece; no transaction is open meanwhile.

    Args:
        key: the case's.
        who: sends it; nobody takes all places.

    Raises:
        TooMany: `document.too_many_at_once`, `document.no_place`.
        TooSlow: `document.too_slow`.
        DomainError: `document.too_large`, `document.executable`, `document.type_unknown`, as soon
            as it is seen; `document.empty`.
    """
    document_id, inspector, sealed, rest = random_id(), Inspector(), list[bytes](), bytearray()

    def close(data: bytes) -> None:
        sealed.append(key.seal(data, _place(document_id, len(sealed))))

    async with _place_for(who):
        async for data in _in_time(content):
            inspector.feed(data)
            rest += data
            while len(rest) >= PIECE_BYTES:
                close(bytes(rest[:PIECE_BYTES]))
                del rest[:PIECE_BYTES]
    media_type, sha256, size_bytes = inspector.finish()
    if rest:
        close(bytes(rest))
    return Draft(document_id, media_type, sha256, size_bytes, tuple(sealed))


async def keep(
    uow: UnitOfWork,
    key: SubjectKey,
    case_id: CaseId,
    draft: Draft,
    *,
    section: str,
    title: str,
    received_on: date,
) -> UUID:
    """Put a file into the case, in the actor's name."""
    await store.add(
        uow,
        document_id=draft.document_id,
        case_id=case_id,
        section=section,
        media_type=draft.media_type,
        sha256=draft.sha256,
        size_bytes=draft.size_bytes,
        pieces=len(draft.pieces),
        sealed=key.seal(msgspec.json.encode(_Words(title)), _words_place(draft.document_id)),
        received_on=received_on,
        added_at=uow.now,
        added_by=uow.actor.staff_id,
    )
    await store.add_pieces(uow, case_id, draft.document_id, draft.pieces)
    return draft.document_id


async def take_in(
    uow: UnitOfWork,
    key: SubjectKey,
    case_id: CaseId,
    content: AsyncIterable[bytes],
    *,
    section: str,
    title: str,
    received_on: date,
    came_from: AuthorityCode,
    is_said: tuple[str, str, int],
) -> UUID:
    """Put a file into the case that came from another municipality, and is what it said it is.

    Args:
        content: pieces of `PIECE_BYTES`, the last one fewer, from this node's own database.
        is_said: its media type, SHA-256 and size.

    Raises:
        DomainError: `document.differs`: judged here, it is something else.
    """
    document_id, inspector, count = random_id(), Inspector(), 0
    media_type, sha256, size_bytes = is_said
    await store.add(
        uow,
        document_id=document_id,
        case_id=case_id,
        section=section,
        media_type=media_type,
        sha256=sha256,
        size_bytes=size_bytes,
        pieces=-(-size_bytes // PIECE_BYTES),
        sealed=key.seal(msgspec.json.encode(_Words(title)), _words_place(document_id)),
        received_on=received_on,
        added_at=uow.now,
        added_by=uow.actor.staff_id,
        came_from=came_from,
    )
    try:
        async for data in content:
            inspector.feed(data)
            sealed = key.seal(data, _place(document_id, count))
            await store.add_pieces(uow, case_id, document_id, [sealed], count)
            count += 1
        is_found = inspector.finish()
    except DomainError as refused:
        if not refused.code.startswith("document."):
            raise
        raise DomainError("document.differs") from None
    if is_found != is_said:
        raise DomainError("document.differs")
    return document_id


async def erase_what_came(
    uow: UnitOfWork, case_id: CaseId, came_from: AuthorityCode, keep: Collection[UUID]
) -> tuple[int, int]:
    """Take away what another municipality sent along, but for what is kept.

    Returns:
        How many went, and how many of those to be kept were among them.
    """
    came = await store.came_from(uow, case_id, came_from)
    gone = [each for each in came if each not in keep]
    return await store.erase(uow, case_id, gone), len(came) - len(gone)


async def listed(uow: UnitOfWork, key: SubjectKey, case_id: CaseId) -> list[Document]:
    """The case's documents, newest first; without content."""
    return [_document(key, row) for row in await store.listed(uow, case_id)]


async def find(uow: UnitOfWork, key: SubjectKey, case_id: CaseId, document_id: UUID) -> Document:
    """One document of the case.

    Raises:
        AccessDenied: the case has none of that id, or row security hides it.
    """
    row = await store.find(uow, case_id, document_id)
    if row is None:
        raise AccessDenied
    return _document(key, row)


async def pieces(uow: UnitOfWork, key: SubjectKey, document: Document) -> AsyncIterator[bytes]:
    """The content, piece by piece; the whole is compared with its hash before the last is given.

    Raises:
        DomainError: `document.spoiled`.
    """
    digest, count = hashlib.sha256(), -(-document.size_bytes // PIECE_BYTES)
    for start in range(0, count, _READ_AT_ONCE):
        numbers = range(start, min(start + _READ_AT_ONCE, count))
        rows = await store.sealed_pieces(uow, document.document_id, numbers)
        if [row.number for row in rows] != list(numbers):
            raise DomainError("document.spoiled")
        for row in rows:
            data = _opened(key, document.document_id, row)
            digest.update(data)
            if row.number == count - 1 and digest.hexdigest() != document.sha256:
                raise DomainError("document.spoiled")
            yield data


def _opened(key: SubjectKey, document_id: UUID, row: store.Record) -> bytes:
    try:
        return key.open(row.sealed, _place(document_id, row.number))
    except DomainError:
        raise DomainError("document.spoiled") from None


def _document(key: SubjectKey, row: store.Record) -> Document:
    words = msgspec.json.decode(key.open(row.sealed, _words_place(row.document_id)), type=_Words)
    return Document(
        document_id=row.document_id,
        section=row.section,
        title=words.title,
        media_type=row.media_type,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        received_on=row.received_on,
        added_at=row.added_at,
        added_by=StaffId(row.added_by),
        came_from=None if row.came_from is None else AuthorityCode(row.came_from),
    )


def _place(document_id: UUID, number: int) -> str:
    return f"document_piece.sealed:{document_id}:{number}"


def _words_place(document_id: UUID) -> str:
    return f"document.sealed:{document_id}"
