"""What the worker reads to count; row security shows it to nobody else."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select

from services.handover.store.tables import event, handover
from shared.db import UnitOfWork


async def events_of_ours(uow: UnitOfWork, codes: Iterable[str]) -> Sequence[Row[Any]]:
    """Events of these codes, of the handovers that this node has proposed, oldest first."""
    statement = (
        select(event.c.handover_id, event.c.code, event.c.at)
        .join(handover, handover.c.handover_id == event.c.handover_id)
        .where(event.c.code.in_(sorted(codes)))
        .order_by(event.c.place)
    )
    return (await uow.execute(statement)).all()
