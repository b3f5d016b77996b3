"""Deliveries for people and for monitors: what waits, since when, and which gaps are open."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from shared.db import UnitOfWork
from shared.db.sql import sql
from shared.digest.tables import gap
from shared.ids import AuthorityCode

_DELIVERIES = sql("""
    select coalesce(u.receiver, p.peer, g.peer) as authority,
        coalesce(u.messages, 0) as messages, u.oldest_at, coalesce(u.attempts, 0) as attempts,
        nullif(p.sent_on, date '0001-01-01') as sent_on, p.came_on, p.came_at,
        coalesce(p.flows, 0) as flows, coalesce(p.differing, 0) as differing,
        coalesce(g.open, 0) as gaps
    from (select receiver, count(*) as messages, min(created_at) as oldest_at,
                 max(attempts) as attempts from undelivered group by receiver) u
    full join exchange_peer p on p.peer = u.receiver
    full join (select peer, count(*) as open from exchange_gap
               where healed_at is null group by peer) g
        on g.peer = coalesce(u.receiver, p.peer)
    order by 1
""")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What stands between this node and one authority.

    Args:
        messages: of ours, without its signed receipt.
        attempts: most for one of them.
        sent_on: our last digest's day.
        came_on, came_at: its last digest.
        flows: that its last digest named; `differing` of them did not agree with ours.
        gaps: named and not healed.
    """

    authority: AuthorityCode
    messages: int
    oldest_at: datetime | None
    attempts: int
    sent_on: date | None
    came_on: date | None
    came_at: datetime | None
    flows: int
    differing: int
    gaps: int


@dataclass(frozen=True, slots=True)
class Gap:
    """One that is open: which numbers of which conversation, never about whom."""

    id: UUID
    peer: AuthorityCode
    conversation_id: UUID
    direction: str
    code: str
    first_number: int
    last_number: int
    named_at: datetime


async def deliveries(uow: UnitOfWork) -> list[Delivery]:
    """One for each authority that something waits for or was compared with."""
    return [Delivery(**row) for row in (await uow.execute(_DELIVERIES)).mappings()]


async def open_gaps(uow: UnitOfWork, most: int = 200) -> list[Gap]:
    """The open ones, oldest first."""
    columns = [column for column in gap.c if column.name != "healed_at"]
    found = await uow.execute(
        select(*columns).where(gap.c.healed_at.is_(None)).order_by(gap.c.named_at).limit(most)
    )
    return [Gap(**row) for row in found.mappings()]
