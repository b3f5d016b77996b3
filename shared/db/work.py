"""The unit of work: one transaction, one actor, one point in time."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import asyncpg
from sqlalchemy import CursorResult, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import Executable

from shared.actor import Actor
from shared.db import audit, failpoints
from shared.db.faults import StorageError, meaning
from shared.db.quick import QuickConnection
from shared.errors import Conflict, Fact

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""What the driver raises by itself; SQLAlchemy wraps the same as `DBAPIError`, but for the third."""

current_work: ContextVar["UnitOfWork | None"] = ContextVar("current_work", default=None)


class UnitOfWork:
    """One open transaction in an actor's name; made by `Database.begin` only.

    Args:
        actor: in whose name all statements run.
        now: domain-clock time, the same for the whole transaction.
        wall: wall-clock time, likewise: what signatures and resends are dated by.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        quick: QuickConnection,
        actor: Actor,
        now: datetime,
        wall: datetime,
        *,
        is_hint: bool = False,
    ) -> None:
        self.actor = actor
        self.now = now
        self.wall = wall
        self._connection = connection
        self._quick = quick
        self._savepoints = 0
        self._is_hint = is_hint
        self._entries: list[audit.Row] = []
        self._is_open = True

    @property
    def is_open(self) -> bool:
        """Whether statements may still be executed."""
        return self._is_open

    async def execute(
        self, statement: Executable, parameters: Parameters = None
    ) -> CursorResult[Any]:
        """Run one statement.

        Raises:
            Conflict: the fence, a race, or a constraint named with `conflict_when`.
            StorageError: anything else the database refuses; a bug.
        """
        self._demand_open()
        try:
            rows = await self._quick.execute(statement, parameters)
            if rows is None:
                return await self._connection.execute(statement, parameters)
        except (DBAPIError, *DRIVER_ERRORS) as error:
            raise meaning(error) from None
        return cast("CursorResult[Any]", rows)  # all of it that anybody here asks for

    def audit(
        self,
        action: str,
        *,
        case_id: UUID | None = None,
        reason: str | None = None,
        **facts: Fact,
    ) -> None:
        """Note what is done or read; written by `commit`, before anything is committed.

        Args:
            action: dotted, past tense for changes (`case.opened`), `….read` for reads.
            case_id: the case it concerns, if any.
            reason: why, in the actor's words or as a code.
            facts: codes, counts and ids; never personal data.
        """
        self._demand_open()
        if self._is_hint:
            raise RuntimeError("what may be lost is not logged: begin without is_hint")
        self._entries.append(
            audit.entry(self.actor, self.now, action, case_id=case_id, reason=reason, facts=facts)
        )

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What happens inside is undone, its audit rows too, when an exception leaves."""
        self._demand_open()
        noted = len(self._entries)
        self._savepoints += 1
        name = f"s{self._savepoints}"
        await self._command(f"savepoint {name}")
        try:
            yield
        except BaseException:
            del self._entries[noted:]
            if self._is_open:
                await asyncio.shield(self._command(f"rollback to savepoint {name}"))
            raise
        await self._command(f"release savepoint {name}")

    async def commit(self) -> None:
        """Write the audit rows, then commit; nothing can be executed afterwards."""
        if self._entries:
            await self.execute(*audit.insertion(self._entries))
        self._demand_open()
        failpoints.reach("db.before_commit")
        try:
            await self._command("commit")
        finally:
            self._is_open = False
        failpoints.reach("db.after_commit")

    def close(self) -> None:
        """Refuse all further statements; `Database` then gives the connection back."""
        self._is_open = False

    async def _command(self, words: str) -> None:
        """One of the commands that make and end a transaction.

        Raises:
            StorageError: the server has undone the transaction, whatever was asked; a bug.
        """
        try:
            status = await self._quick.raw.execute(words)
        except DRIVER_ERRORS as error:
            raise meaning(error) from None
        if words == "commit" and status != "COMMIT":  # it had failed before, and nobody listened
            raise StorageError("25P02", "commit")

    def _demand_open(self) -> None:
        if not self._is_open:
            raise RuntimeError("the transaction is over")


async def add_row(uow: UnitOfWork, table: Table, **values: object) -> None:
    """One more row; nothing is read back, which row security might hide."""
    await uow.execute(insert(table).values(**values).inline())


async def changed_one(uow: UnitOfWork, statement: Executable) -> None:
    """Run an update or delete that must hit exactly one row.

    Row security hides rows without a word, and a compare-and-set that lost its race hits none: the
    count is the only witness.

    Raises:
        Conflict: `db.changed_meanwhile`, another number of rows than one.
    """
    result = await uow.execute(statement)
    if result.rowcount != 1:
        raise Conflict("db.changed_meanwhile")


def assert_no_transaction() -> None:
    """Called first by whatever goes over the network: bus, key store, HTTP clients.

    Raises:
        RuntimeError: this task, or the one that started it, has a transaction open. Locks would be
            held for as long as a stranger takes to answer.
    """
    uow = current_work.get()
    if uow is not None and uow.is_open:
        raise RuntimeError("no network while a transaction is open")
