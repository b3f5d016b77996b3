"""What this municipality has sent, and when: for those who answer for its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.statistics.domain.periods import half_year
from services.statistics.store import contributions
from shared.actor import Actor
from shared.errors import AccessDenied
from shared.ids import AuthorityCode
from shared.node import Node

READERS = ("team_leader", "social_director")
"""Who sees what was sent and when. The figures themselves are exact and count every case, those kept
from the reader too: no page shows them to anybody; `own` has what each may read."""

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
    return [_sent(row) for row in rows]


def _sent(row: contributions.Record) -> SentHalfYear:
    period = half_year(row.half_year)
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
    )
