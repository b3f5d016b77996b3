"""The pool of connections, and how a transaction learns in whose name it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.actor import Actor
from shared.clock import Clock, SystemClock
from shared.db.bell import Bell
from shared.db.faults import StorageUnavailableError, meaning
from shared.db.quick import Quick, QuickConnection
from shared.db.work import DRIVER_ERRORS, UnitOfWork, current_work

_SESSION = {
    "application_name": "utvag",
    "standard_conforming_strings": "on",  # what `_quoted` relies on, whatever the server's default
    "jit": "off",  # our statements are short: compiling them costs more than running them
    "lock_timeout": "10000",
    "statement_timeout": "30000",
    "idle_in_transaction_session_timeout": "60000",  # a lost client must not hold locks for ever
}


class Database:
    """The node's database under one login role (web or worker)."""

    def __init__(self, dsn: str, engine: AsyncEngine, clock: Clock, wall: Clock) -> None:
        self._dsn = dsn
        self._engine = engine
        self._clock = clock
        self._wall = wall
        self._quick = Quick(engine.dialect)

    @classmethod
    def open(
        cls, dsn: str, *, clock: Clock, wall: Clock | None = None, pool_size: int = 5
    ) -> "Database":
        """Prepare the pool; the first transaction connects.

        Args:
            dsn: `postgresql://user:password@host:port/database`.
            clock: the domain clock, `UnitOfWork.now`.
            wall: the wall clock, `UnitOfWork.wall`; the machine's own unless a test sets it.
            pool_size: connections at most; who finds none free waits 30 s.
        """
        engine = create_async_engine(
            make_url(dsn).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size,
            max_overflow=0,
            hide_parameters=True,
            # Transactions are begun and ended by us, in one round trip with their settings.
            isolation_level="AUTOCOMMIT",
            connect_args={"server_settings": _SESSION},
        )
        return cls(dsn, engine, clock, wall or SystemClock())

    @asynccontextmanager
    async def begin(
        self, actor: Actor, *, term: int | None = None, is_hint: bool = False
    ) -> AsyncIterator[UnitOfWork]:
        """Open a transaction in this actor's name; leaving without `commit` rolls back.

        Args:
            actor: whom row security judges by.
            term: the case's term that the user saw; a write under another is refused by the fence.
            is_hint: what is written may be lost when the server, or its machine, dies within the
                second: its commit does not wait for the disk. Only for claims and marks, which
                come about again by themselves (ADR 0025); never with an audit row.

        Raises:
            StorageUnavailableError: no connection could be had.
        """
        connection, quick, now = await self._start(actor, term, is_hint=is_hint)
        wall = self._wall.now()
        uow = UnitOfWork(connection, quick, actor, now, wall, is_hint=is_hint)
        outer = current_work.get()
        current_work.set(uow)
        try:
            yield uow
        finally:
            current_work.set(outer)
            uow.close()
            await _give_back(connection)

    def bell(self, channel: str) -> Bell:
        """A connection of its own that rings when this channel is notified."""
        return Bell(self._dsn, channel)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _start(
        self, actor: Actor, term: int | None, *, is_hint: bool
    ) -> tuple[AsyncConnection, QuickConnection, datetime]:
        """A connection with the transaction begun and the settings in place.

        A pooled connection may have died since (the server restarted). Nothing has been done yet,
        so that a second try is safe, and cheaper than asking before every transaction.
        """
        try:
            return await self._try_start(actor, term, is_hint=is_hint)
        except StorageUnavailableError:
            return await self._try_start(actor, term, is_hint=is_hint)

    async def _try_start(
        self, actor: Actor, term: int | None, *, is_hint: bool
    ) -> tuple[AsyncConnection, QuickConnection, datetime]:
        connection = self._engine.connect()
        try:
            quick = await self._take(connection)
            now = self._clock.now()  # after the wait for a connection, not before it
            await quick.raw.execute(_beginning(actor, term, now, is_hint=is_hint))
        except (DBAPIError, *DRIVER_ERRORS) as error:
            await _give_back(connection)
            raise meaning(error) from None
        except BaseException:
            await _give_back(connection)
            raise
        return connection, quick, now

    async def _take(self, connection: AsyncConnection) -> QuickConnection:
        """Out of the pool, past those that are known to be dead, and a new one if need be."""
        await connection.start()
        sync = connection.sync_connection
        assert sync is not None
        while (raw := sync.connection.driver_connection).is_closed():  # type: ignore[union-attr]
            await connection.invalidate()
            await connection.get_raw_connection()  # takes the next one
        info = sync.connection.info
        held: QuickConnection | None = info.get(_QUICK)
        if held is None or held.raw is not raw:
            held = info[_QUICK] = QuickConnection(raw, self._quick)
        return held


_QUICK = "utvag_quick"


def _beginning(actor: Actor, term: int | None, now: datetime, *, is_hint: bool) -> str:
    """Begins a transaction and tells it in whose name, in one message to the server.

    Several commands in one message take no parameters. Each value is therefore quoted, and none of
    them is text that a person wrote: ids, codes and roles out of verified tokens.
    """
    settings = {
        "actor": str(actor.staff_id),
        "roles": ",".join(sorted(actor.roles)),
        "unit": actor.unit or "",
        "home": actor.home,
        "authority": actor.authority,
        "term": "" if term is None else str(term),
        "now": now.isoformat(),
    }
    # `set local x = …` would do as well; set_config with `true` ends with the transaction, too.
    said = ", ".join(
        f"set_config('app.{name}', {_quoted(value)}, true)" for name, value in settings.items()
    )
    hint = "; set local synchronous_commit = off" if is_hint else ""
    return f"begin; select {said}{hint}"


def _quoted(value: str) -> str:
    """A literal; with `standard_conforming_strings` only the quote itself means anything."""
    if "\0" in value:
        raise ValueError("a name with a zero byte")
    return "'" + value.replace("'", "''") + "'"


async def _give_back(connection: AsyncConnection) -> None:
    """Roll back what is open and return the connection, even while being cancelled."""
    if connection.sync_connection is None:
        return
    await asyncio.shield(asyncio.ensure_future(_close(connection)))


async def _close(connection: AsyncConnection) -> None:
    """Close it; one that died meanwhile has been rolled back by the server, and hides nothing."""
    try:
        sync = connection.sync_connection
        assert sync is not None
        # To ask an invalidated one for its connection would make it a new one.
        raw = None if sync.invalidated else sync.connection.driver_connection
        if raw is not None and raw.is_in_transaction():
            await raw.execute("rollback")
        await connection.close()
    except (DBAPIError, *DRIVER_ERRORS):
        if not connection.closed:
            await connection.invalidate()
            await connection.close()
