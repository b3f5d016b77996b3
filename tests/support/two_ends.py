"""What the two databases of a finished handover must say, asked past all roles."""

import asyncio
import json
import time
from uuid import UUID

import asyncpg

from infra.postgres.databases import database_name
from infra.postgres.server import ADMIN, dsn
from infra.supervisor.state import State

QUIET_WITHIN_S = 90.0
"""A resend comes 5 s after the first sending, then later and later."""
_MESSAGES = ["proposed", "accepted", "dossier", "completed"]

_UNANSWERED = """
    select (select count(*) from outbox where conversation_id = $1 and done_at is null)
         + (select count(*) from inbox where conversation_id = $1 and done_at is null)
         + (select count(*) from attachment_out where conversation_id = $1 and done_at is null)
"""
_REFUSED = """
    select message_id from outbox where conversation_id = $1 and refusal_code is not null
    union all select message_id from inbox where conversation_id = $1 and refusal_code is not null
"""
_TRAVELLED = """
    select message_id, kind, is_ours from handover_message
    where handover_id = $1 order by place
"""
_SENT = """
    select message_id, direction, number, kind, content_hash from outbox
    where conversation_id = $1 and number > 0 order by direction, number
"""
_CAME = """
    select message_id, direction, number, kind, content_hash from inbox
    where conversation_id = $1 and number > 0 order by direction, number
"""
_CHAIN = "select number, link, hash from case_link where case_id = $1 order by number"


async def connect(state: State, code: str) -> asyncpg.Connection:
    """As the server's superuser: no row is hidden."""
    port = json.loads(state.ports.read_text())["postgres"]
    password = state.postgres_password().read_text().strip()
    return await asyncpg.connect(dsn(ADMIN, password, port, database_name(code)))


async def demand_one_handover(state: State, sender: str, receiver: str, handover_id: str) -> None:
    """Nothing lost, nothing twice, nothing waiting, one responsible, the same in both databases."""
    key = UUID(handover_id)
    there, here = await connect(state, sender), await connect(state, receiver)
    try:
        await _quiet(there, here, key)
        ours = await there.fetchrow("select * from handover where handover_id = $1", key)
        theirs = await here.fetchrow("select * from incoming_handover where handover_id = $1", key)
        assert (ours["state"], theirs["state"]) == ("completed", "taken_over")
        for end in (there, here):
            assert await end.fetch(_REFUSED, key) == []
            assert await end.fetchval("select count(*) from quarantine") == 0
            assert await end.fetchval("select count(*) from inbox_equivocation") == 0
        assert await _told(there, key) == [
            (message, kind, not is_ours) for message, kind, is_ours in await _told(here, key)
        ]
        assert [kind for _, kind, _ in await _told(here, key)] == _MESSAGES
        assert await there.fetch(_SENT, key) == await here.fetch(_CAME, key)
        assert await here.fetch(_SENT, key) == await there.fetch(_CAME, key)
        chain = await there.fetch(_CHAIN, ours["case_id"])
        assert chain
        assert chain == await here.fetch(_CHAIN, theirs["case_id"])
        last = chain[-1]["hash"]
        for end in (there, here):
            # A second file of the same handover would carry the same last link.
            assert await end.fetchval("select count(*) from case_link where hash = $1", last) == 1
        asked = "select count(*) from room_question where subject_id = $1"
        assert await here.fetchval(asked, key) == 1
    finally:
        for end in (there, here):
            await end.close()


async def _told(end: asyncpg.Connection, key: UUID) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await end.fetch(_TRAVELLED, key)]


async def _quiet(there: asyncpg.Connection, here: asyncpg.Connection, key: UUID) -> None:
    """Every message has its signed receipt and every arrived one is handled."""
    limit = time.monotonic() + QUIET_WITHIN_S
    while waiting := await there.fetchval(_UNANSWERED, key) + await here.fetchval(_UNANSWERED, key):
        assert time.monotonic() < limit, f"{waiting} still wait after {QUIET_WITHIN_S:.0f} s"
        await asyncio.sleep(0.1)
