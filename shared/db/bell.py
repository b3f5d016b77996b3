"""Rings when another process has committed something: PostgreSQL's LISTEN and NOTIFY.

A notification is a hint and never counted on: it is lost while the connection is down. Whoever
waits therefore also polls, slowly.
"""

import asyncio
from types import TracebackType
from typing import Self

import asyncpg

_CONNECT_S = 5.0


class Bell:
    """One connection that listens to one channel; reconnects when it was lost.

    Args:
        dsn: `postgresql://…`, the worker's own.
        channel: what `pg_notify` names.
    """

    def __init__(self, dsn: str, channel: str) -> None:
        self._dsn = dsn
        self._channel = channel
        self._rung = asyncio.Event()
        self._connection: asyncpg.Connection | None = None

    async def __aenter__(self) -> Self:
        """Start to listen, if the server is there."""
        await self._ensure()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        """Stop listening."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            await connection.close(timeout=_CONNECT_S)

    async def wait(self, timeout_s: float) -> bool:
        """Return when it rings or the time is up; whether it rang since the last call."""
        await self._ensure()
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    async def _ensure(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            return
        try:
            self._connection = await asyncpg.connect(
                self._dsn, timeout=_CONNECT_S, server_settings={"application_name": "utvag bell"}
            )
            await self._connection.add_listener(self._channel, self._ring)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._connection = None  # the slow poll goes on, and the next wait tries again
            return
        # What was committed while nobody listened.
        self._rung.set()

    def _ring(self, *_: object) -> None:
        self._rung.set()
