"""What waits to be delivered, by authority: how much and since when; never what, never about whom."""

from datetime import datetime

import msgspec

from shared.actor import Actor
from shared.node import Node
from shared.outbox import undelivered


class Waiting(msgspec.Struct, frozen=True):
    """What one authority has not yet confirmed that it has."""

    authority: str
    messages: int
    oldest_at: datetime
    most_attempts: int


async def waiting(node: Node, actor: Actor) -> list[Waiting]:
    """One row for each authority that something waits for."""
    async with node.db.begin(actor) as uow:
        rows = await undelivered(uow)
        uow.audit("exchange.undelivered_read", rows=len(rows))
        await uow.commit()
    return [
        Waiting(
            authority=row["receiver"],
            messages=row["messages"],
            oldest_at=row["oldest_at"],
            most_attempts=row["attempts"],
        )
        for row in rows
    ]
