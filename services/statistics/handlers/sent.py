"""What this municipality has sent, and when: for those who answer for its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.statistics.domain.indicators import SERIES
from services.statistics.domain.periods import half_year
from services.statistics.domain.shares import total
from services.statistics.domain.vector import LAYOUT_ID, PLACE, Slot
from services.statistics.store import contributions
from shared.actor import Actor
from shared.errors import AccessDenied
from shared.ids import AuthorityCode
from shared.node import Node

READERS = ("team_leader", "social_director")
"""Who sees what was sent and when. The figures themselves are exact and small: they are for a leader
of all its cases, in a municipality without units; others have the comparison in `own`."""

State = Literal["held", "sent", "counted", "not_counted"]


@dataclass(frozen=True, slots=True)
class SentHalfYear:
    """One half-year of ours.

    Args:
        state: held: something cannot be true, nothing was sent; sent: not known yet whether it is in
            the nation's; not_counted: the same events are counted with the next one.
        counted_on: local day of the last counting.
        faults: series and rule (`contacts:most`).
        collectors: to whom the two shares went.
        figures: each series' total, as it was split; None for who may not see them; empty where
            nothing was sent, or where it was counted by a layout that this release does not read.
    """

    half_year: str
    first_day: date
    last_day: date
    state: State
    counted_on: date
    faults: Sequence[str]
    collectors: Sequence[AuthorityCode]
    sent_at: datetime | None
    settled_at: datetime | None
    figures: Mapping[str, int] | None


async def half_years_sent(node: Node, actor: Actor) -> list[SentHalfYear]:
    """All of them, newest first; the reading is logged.

    Raises:
        AccessDenied: another role.
    """
    if not actor.has_any(*READERS):
        raise AccessDenied
    async with node.db.begin(actor) as uow:
        rows = await contributions.every(uow)
        uow.audit("statistics.sent_read", rows=len(rows))
        await uow.commit()
    may_count = actor.has_any("team_leader") and actor.unit is None
    return [_sent(row, may_count=may_count) for row in rows]


def _sent(row: contributions.Record, *, may_count: bool) -> SentHalfYear:
    period = half_year(row.half_year)
    figures: Mapping[str, int] | None = {} if may_count else None
    if may_count and row.first is not None and row.layout == LAYOUT_ID:
        # Only here, at home, do the two shares meet.
        vector = total(row.first, row.second)
        figures = {each.id: vector[PLACE[Slot(each.id, (), (), "persons")]] for each in SERIES}
    return SentHalfYear(
        half_year=row.half_year,
        first_day=period.first_day,
        last_day=period.last_day,
        state=row.state,
        counted_on=row.tried_on,
        faults=tuple(row.faults),
        collectors=tuple(AuthorityCode(code) for code in row.collectors),
        sent_at=row.sent_at,
        settled_at=row.settled_at,
        figures=figures,
    )
