"""How far each flow has come, read from the conversations' own tables.

Everything is counted anew from the messages themselves, so that a lost row shows.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import RowMapping

from shared.db import UnitOfWork
from shared.db.sql import IDS, MOMENT, BigInteger, Text, sql
from shared.digest.compare import Ours
from shared.digest.wire import KIND, Applied, Sent
from shared.ids import AuthorityCode

COVERED_FOR: timedelta = timedelta(days=35)
"""Backups are kept for 30 days at most (architecture): what they may bring back is still compared."""

_RECENT = f"""
    select c.id, c.peer from conversation c where
        exists (select from outbox o where o.conversation_id = c.id and o.number > 0
                and o.kind <> '{KIND}' and (o.done_at is null or o.created_at > :since))
     or exists (select from inbox i where i.conversation_id = c.id and i.number > 0
                and i.kind <> '{KIND}' and (i.done_at is null or i.received_at > :since))
     or c.id = any(:open)
"""  # noqa: S608 - a constant of this package
_PEERS = sql(
    f"select distinct peer from ({_RECENT}) covered order by peer",  # noqa: S608 - the same
    since=MOMENT,
    open=IDS,
)
# Digests themselves are compared too: only so does a restored node learn its own last number.
_COVERED = sql(
    f"""
    select id from ({_RECENT}) covered where peer = :peer
    union select o.conversation_id from outbox o
        where o.receiver = :peer and o.kind = '{KIND}' and o.created_at > :since
    union select i.conversation_id from inbox i
        where i.origin = :peer and i.kind = '{KIND}' and i.received_at > :since
    """,  # noqa: S608 - the same
    peer=Text(),
    since=MOMENT,
    open=IDS,
)

# A message is in the hash as its number and its content's hash; the whole is hashed once.
_HASH = """
    encode(sha256(convert_to(coalesce(
        string_agg(m.number || ':' || m.content_hash, '\n' order by m.number), ''), 'UTF8')), 'hex')
"""
_SENT = sql(
    f"""
    select f.conversation_id, f.direction, f.sent as number,
        coalesce(min(m.number) filter (where m.done_at is null or m.outcome = 'erased') - 1, f.sent)
            as answered,
        min(m.created_at) filter (where m.done_at is null) as waiting_since,
        {_HASH} as hash
    from conversation_flow f
    left join outbox m on m.conversation_id = f.conversation_id and m.direction = f.direction
        and m.number > 0
    where f.conversation_id = any(:ids) and f.sent > 0
    group by f.conversation_id, f.direction order by f.conversation_id, f.direction
    """,  # noqa: S608 - a constant of this file
    ids=IDS,
)
_APPLIED = sql(
    f"""
    select f.conversation_id, f.direction, f.applied as number, {_HASH} as hash
    from conversation_flow f
    left join inbox m on m.conversation_id = f.conversation_id and m.direction = f.direction
        and m.number between 1 and f.applied
    where f.conversation_id = any(:ids) and f.applied > 0
    group by f.conversation_id, f.direction order by f.conversation_id, f.direction
    """,  # noqa: S608 - a constant of this file
    ids=IDS,
)
_NAMED = """
    with named as (select * from unnest(cast(:ids as uuid[]), cast(:directions as text[]),
        cast(:upto as bigint[])) as n (conversation_id, direction, upto))
"""
_OURS_OF_THEIRS = sql(
    f"""
    {_NAMED}
    select n.conversation_id, n.direction, coalesce(f.applied, 0) as number,
        coalesce(f.applied, 0) as answered,
        case when count(m.number) = n.upto then {_HASH} end as hash
    from named n
    left join conversation_flow f using (conversation_id, direction)
    left join inbox m on m.conversation_id = n.conversation_id and m.direction = n.direction
        and m.number between 1 and n.upto
    group by n.conversation_id, n.direction, n.upto, f.applied
    """,  # noqa: S608 - constants of this file
    ids=IDS,
    directions=ARRAY(Text),
    upto=ARRAY(BigInteger),
)
_OURS_OF_OURS = sql(
    f"""
    {_NAMED}
    select n.conversation_id, n.direction, coalesce(f.sent, 0) as number,
        coalesce((select min(o.number) - 1 from outbox o
                  where o.conversation_id = n.conversation_id and o.direction = n.direction
                    and o.number > 0 and (o.done_at is null or o.outcome = 'erased')),
                 f.sent, 0) as answered,
        case when count(m.number) = n.upto then {_HASH} end as hash
    from named n
    left join conversation_flow f using (conversation_id, direction)
    left join outbox m on m.conversation_id = n.conversation_id and m.direction = n.direction
        and m.number between 1 and n.upto
    group by n.conversation_id, n.direction, n.upto, f.sent
    """,  # noqa: S608 - constants of this file
    ids=IDS,
    directions=ARRAY(Text),
    upto=ARRAY(BigInteger),
)
_WITH_ANOTHER = sql(
    "select 1 from conversation where id = any(:ids) and peer <> :peer limit 1",
    ids=IDS,
    peer=Text(),
)


class Flow(NamedTuple):
    """Names a flow."""

    conversation: UUID
    direction: str


async def peers(uow: UnitOfWork, opened: Collection[UUID]) -> list[AuthorityCode]:
    """Whom something is open with, or was within the life of a backup.

    Args:
        opened: conversations that a service holds for open though they are silent.
    """
    facts = {"since": uow.wall - COVERED_FOR, "open": list(opened)}
    return [AuthorityCode(row.peer) for row in await uow.execute(_PEERS, facts)]


async def covered(
    uow: UnitOfWork, with_whom: AuthorityCode, opened: Collection[UUID]
) -> tuple[list[Sent], list[Applied]]:
    """Every flow that a digest to this authority names."""
    facts = {"peer": with_whom, "since": uow.wall - COVERED_FOR, "open": list(opened)}
    ids = [row.id for row in await uow.execute(_COVERED, facts)]
    sent = [
        Sent(
            row.conversation_id,
            row.direction,
            row.number,
            row.answered,
            _seconds_since(row.waiting_since, uow.wall),
            row.hash,
        )
        for row in await uow.execute(_SENT, {"ids": ids})
    ]
    applied = [
        Applied(row.conversation_id, row.direction, row.number, row.hash)
        for row in await uow.execute(_APPLIED, {"ids": ids})
    ]
    return sent, applied


async def is_with_another(
    uow: UnitOfWork, with_whom: AuthorityCode, conversations: Iterable[UUID]
) -> bool:
    """Whether one of these conversations is known here, with another authority."""
    facts = {"ids": list(set(conversations)), "peer": with_whom}
    return (await uow.execute(_WITH_ANOTHER, facts)).first() is not None


async def ours_of_theirs(uow: UnitOfWork, named: Sequence[Sent]) -> dict[Flow, Ours]:
    """What we have of the flows that the other end sends in."""
    return _by_flow((await uow.execute(_OURS_OF_THEIRS, _facts(named))).mappings())


async def ours_of_ours(uow: UnitOfWork, named: Sequence[Applied]) -> dict[Flow, Ours]:
    """What we know to have sent in the flows that the other end applies."""
    return _by_flow((await uow.execute(_OURS_OF_OURS, _facts(named))).mappings())


def day_of_silence(came_on: date | None, owed_since: date) -> date:
    """The day from which an authority is silent: of its last digest, or since it owes one."""
    return max(came_on, owed_since) if came_on else owed_since


def _facts(named: Sequence[Sent] | Sequence[Applied]) -> dict[str, object]:
    return {
        "ids": [one.conversation for one in named],
        "directions": [one.direction for one in named],
        "upto": [one.number for one in named],
    }


def _by_flow(rows: Iterable[RowMapping]) -> dict[Flow, Ours]:
    return {
        Flow(row["conversation_id"], row["direction"]): Ours(
            row["number"], row["answered"], row["hash"]
        )
        for row in rows
    }


def _seconds_since(moment: datetime | None, now: datetime) -> int:
    return 0 if moment is None else max(0, int((now - moment).total_seconds()))
