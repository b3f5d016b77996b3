"""What national statistics count of handovers, at the sender: when what happened, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.handover.domain.states import Act, Message
from services.handover.store import counting
from shared.db import UnitOfWork

Counted = Literal["proposed", "accepted", "declined", "disputed", "completed"]

OF_EVENT: Mapping[str, Counted] = {
    str(Act.PROPOSE): "proposed",
    str(Message.ACCEPTED): "accepted",
    str(Message.DECLINED): "declined",
    str(Act.APPLY_TO_IVO): "disputed",
    str(Message.COMPLETED): "completed",
}
"""The events of the sender's end in the words of statistics; every other is not counted."""


@dataclass(slots=True)
class CountedHandover:
    """One that this node proposed; when each thing first happened, domain clock."""

    first: dict[Counted, datetime] = field(default_factory=dict)

    @property
    def answered_at(self) -> datetime | None:
        """The receiver's first answer, a yes or a no."""
        answers = [self.first[each] for each in ("accepted", "declined") if each in self.first]
        return min(answers, default=None)


async def handovers_to_count(uow: UnitOfWork) -> list[CountedHandover]:
    """Every handover that this node proposed."""
    found: dict[object, CountedHandover] = {}
    for row in await counting.events_of_ours(uow, OF_EVENT):
        counted = found.setdefault(row.handover_id, CountedHandover())
        counted.first.setdefault(OF_EVENT[row.code], row.at)
    return list(found.values())
