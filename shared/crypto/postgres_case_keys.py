"""Subject keys in a PostgreSQL database of their own.

What destroying reaches: the key is gone from the table at once, from this process's memory at once,
from other processes' within `TTL_S`, and from backups when the last one from before is thrown away
(30 days at most). A restored backup brings destroyed keys back; `replay_erasures` destroys them
anew from the list that lies beside the node's keys, outside every database, before anyone signs in.
"""

import asyncio
import errno
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.sql.expression import Executable

from shared.clock import Clock, SystemClock
from shared.crypto.keys_schema import subject_key
from shared.crypto.node_key import NodeKey
from shared.crypto.subject import SubjectKey
from shared.db import StorageUnavailableError, assert_no_transaction
from shared.db.faults import meaning
from shared.errors import AccessDenied, DomainError
from shared.ids import SubjectId

TTL_S: Final = 60.0
"""How long another process may go on reading what was erased."""

MAX_HELD: Final = 1_000
"""Keys in memory: more than the cases that a municipality has open."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay of the list did.

    Args:
        erased: keys destroyed, or found destroyed.
        unreadable: lines cut short by a crash; those erasures never began, and were asked anew.
    """

    erased: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class _Held:
    key: SubjectKey
    until: float


class PostgresCaseKeys:
    """The key store of one node; several processes may use it at once.

    Args:
        dsn: `postgresql://…` of the key store.
        node_key: wraps the keys.
        erasure_file: the list of erasures, one line each; made when first needed. Without it a
            restore cannot be followed by `replay_erasures`.
        wall: dates the rows.
        ticks: seconds that never go back; measures how long a key is held in memory.
    """

    def __init__(
        self,
        dsn: str,
        node_key: NodeKey,
        *,
        erasure_file: Path | None = None,
        wall: Clock | None = None,
        ticks: Callable[[], float] = time.monotonic,
        pool_size: int = 2,
    ) -> None:
        self._engine: AsyncEngine = create_async_engine(
            make_url(dsn).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,  # a wrapped key must not reach a log
        )
        self._node_key = node_key
        self._erasure_file = erasure_file
        self._wall = wall or SystemClock()
        self._ticks = ticks
        self._held: OrderedDict[SubjectId, _Held] = OrderedDict()
        self._erased: set[SubjectId] = set()

    async def ensure(self, subject: SubjectId) -> SubjectKey:
        """The key, made where there is none; two at once get the same."""
        assert_no_transaction()
        held = self._held_key(subject)
        if held is not None:
            return held
        wrapped = self._node_key.wrap(SubjectKey.create(subject))
        # Where a row is, nothing is written; either way the next statement reads who came first.
        row = insert(subject_key).values(
            subject=subject, wrapped=wrapped, made_at=self._wall.now(), erased_at=None
        )
        return self._opened(subject, await self._read(subject, row.on_conflict_do_nothing()))

    async def get(self, subject: SubjectId) -> SubjectKey:
        """The key."""
        assert_no_transaction()
        held = self._held_key(subject)
        if held is not None:
            return held
        return self._opened(subject, await self._read(subject))

    async def destroy(self, subject: SubjectId) -> None:
        """Destroy the key: first on the list, then in the table, so that a crash finishes it."""
        assert_no_transaction()
        at = self._wall.now()
        if self._erasure_file is not None:
            await asyncio.to_thread(_append, self._erasure_file, subject, at)
        self._forget(subject)
        await self._erase(subject, at)

    async def replay_erasures(self) -> "Replayed":
        """Destroy again every key on the list. After a restore, before anyone signs in."""
        assert_no_transaction()
        if self._erasure_file is None or not self._erasure_file.exists():
            return Replayed(0, 0)
        lines = (await asyncio.to_thread(self._erasure_file.read_text)).split("\n")
        listed = [_listed(line) for line in lines if line]
        for subject, at in filter(None, listed):
            self._forget(subject)
            await self._erase(subject, at)
        return Replayed(len(listed) - listed.count(None), listed.count(None))

    async def close(self) -> None:
        """Forget the keys in memory and close the connections."""
        self._held.clear()
        await self._engine.dispose()

    def _held_key(self, subject: SubjectId) -> SubjectKey | None:
        if subject in self._erased:
            raise DomainError("keys.erased")
        held = self._held.get(subject)
        if held is None:
            return None
        if held.until < self._ticks():
            del self._held[subject]
            return None
        self._held.move_to_end(subject)
        return held.key

    def _opened(self, subject: SubjectId, row: Row[Any] | None) -> SubjectKey:
        if row is None:
            raise AccessDenied
        # Destroyed here while the row was on its way: it must not be held after that.
        if row.wrapped is None or subject in self._erased:
            raise DomainError("keys.erased")
        key = self._node_key.unwrap(subject, row.wrapped)
        self._held[subject] = _Held(key, self._ticks() + TTL_S)
        if len(self._held) > MAX_HELD:
            self._held.popitem(last=False)
        return key

    def _forget(self, subject: SubjectId) -> None:
        self._erased.add(subject)
        self._held.pop(subject, None)

    async def _erase(self, subject: SubjectId, at: datetime) -> None:
        row = insert(subject_key).values(subject=subject, wrapped=None, made_at=at, erased_at=at)
        await self._run(
            row.on_conflict_do_update(
                index_elements=[subject_key.c.subject],
                set_={"wrapped": None, "erased_at": at},
                where=subject_key.c.erased_at.is_(None),
            )
        )

    async def _read(self, subject: SubjectId, before: Executable | None = None) -> Row[Any] | None:
        wanted = select(subject_key.c.wrapped).where(subject_key.c.subject == subject)
        return await self._run(*(() if before is None else (before,)), wanted)

    async def _run(self, *statements: Executable) -> Row[Any] | None:
        """Run them in one transaction; the first row of the last, if it has rows."""
        try:
            async with self._engine.begin() as connection:
                for statement in statements:
                    result = await connection.execute(statement)
                return result.one_or_none() if result.returns_rows else None
        except (DBAPIError, asyncpg.InternalClientError) as error:
            raise meaning(error) from None
        except OSError:
            raise StorageUnavailableError("08001") from None


def _append(file: Path, subject: SubjectId, at: datetime) -> None:
    """One line, on disk before this returns; two processes' lines do not mix.

    It begins on a line of its own, so that one cut short before it spoils nothing but itself.
    """
    line = f"\n{subject} {at.isoformat()}\n".encode()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if os.write(handle, line) != len(line):
            raise OSError(errno.ENOSPC, "the list of erasures cannot be written")
        os.fsync(handle)
    finally:
        os.close(handle)


def _listed(line: str) -> tuple[SubjectId, datetime] | None:
    try:
        subject, at = line.split(" ")
        return SubjectId(UUID(subject)), datetime.fromisoformat(at)
    except ValueError:
        return None
