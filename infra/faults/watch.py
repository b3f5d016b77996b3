"""Reads both ends of every handover, as the servers' superuser: no row is hidden, nothing is audited."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from infra.faults.mind import Receiving, Sending
from services.handover.api import ReceiverState, SenderState

_SENDING = """
    select handover_id, receiver, state, revision, case_id, consent_id from handover
    where state not in ('draft','dropped','withdrawn','kept','completed')
       or handover_id = any($1::uuid[])
"""
_RECEIVING = """
    select handover_id, state, revision, dossier_at is not null and exists (
        select from attachment_in a
        where a.conversation_id = handover_id and a.completed_at is not null) as has_dossier
    from incoming_handover where handover_id = any($1::uuid[])
"""
_LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What the driver says of a connection whose server died between two of its own steps.
    asyncpg.InternalClientError,
)
_ANSWER_S = 10.0


class Watch:
    """One node's database, looked at again and again; a dead server is only waited for."""

    def __init__(self, admin_dsn: str) -> None:
        self._dsn = admin_dsn
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()

    async def sending(self, known: Collection[UUID]) -> list[Sending] | None:
        """All open ones, and the known ones wherever they stand; None when the server is away."""
        rows = await self.rows(_SENDING, list(known))
        if rows is None:
            return None
        return [
            Sending(
                row["handover_id"],
                row["receiver"],
                SenderState(row["state"]),
                row["revision"],
                row["case_id"],
                row["consent_id"],
            )
            for row in rows
        ]

    async def receiving(self, known: Collection[UUID]) -> list[Receiving] | None:
        """Those of the known that have come; None when the server is away."""
        rows = await self.rows(_RECEIVING, list(known))
        if rows is None:
            return None
        return [
            Receiving(
                row["handover_id"],
                ReceiverState(row["state"]),
                row["revision"],
                row["has_dossier"],
            )
            for row in rows
        ]

    async def rows(self, query: str, *arguments: object) -> Sequence[Any] | None:
        """What the query finds; None when the server is away."""
        async with self._turn:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(self._dsn, timeout=_ANSWER_S)
                found: Sequence[Any] = await self._connection.fetch(
                    query, *arguments, timeout=_ANSWER_S
                )
            except _LOST:
                if self._connection is not None:
                    self._connection.terminate()
                self._connection = None
                return None
            return found

    async def rows_surely(self, query: str, *arguments: object) -> Sequence[Any]:
        """The same, as often as it takes: when nothing is killed any more."""
        while (found := await self.rows(query, *arguments)) is None:  # noqa: ASYNC110 - see below
            await asyncio.sleep(0.1)  # a server that stands up tells nobody
        return found

    async def close(self) -> None:
        """Leave."""
        if self._connection is not None:
            await self._connection.close()
