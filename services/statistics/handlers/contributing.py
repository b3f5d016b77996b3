"""A municipality counts, checks, splits once and sends; and learns whether it was counted.

Run by the worker's tick. What was sent lies in the outbox until each collector's signed receipt is
in; sent again it is the same bytes, because they are stored.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from services.statistics import wire
from services.statistics.domain.counting import Since
from services.statistics.domain.periods import HalfYear, half_year, half_year_of
from services.statistics.domain.plausible import own_faults
from services.statistics.domain.shares import split
from services.statistics.domain.vector import LAYOUT_ID, SIZE_BYTES, Happening, Vector, tally
from services.statistics.handlers.bodies import Bodies, about, keys_to, tell
from services.statistics.store import contributions
from shared.actor import worker
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import add_card, finish_cards_about
from shared.errors import DomainError, Fact
from shared.ids import AuthorityCode, SubjectId, random_id
from shared.messages import Message
from shared.node import Node

LEADER = "team_leader"
ADMIN = "system_admin"
SETTLING = timedelta(minutes=10)
"""What was written less than so long ago waits for the next half-year: a transaction that began
before the count may commit after it. No statement may run longer than 5 s here."""

Gather = Callable[[HalfYear, Since | None, datetime], Awaitable[Sequence[Happening]]]
"""What happened here: the half-year, what was counted before, and until when it is known."""


class Contributor:
    """One municipality's part; any number of workers may run it.

    Args:
        node: under the worker's role.
        gather: finds what is counted.
    """

    def __init__(self, node: Node, bodies: Bodies, gather: Gather) -> None:
        self._node = node
        self._bodies = bodies
        self._gather = gather
        self._actor = worker(node.authority)

    async def run_once(self) -> int:
        """Count the half-year that is due and send it, unless that is done; 1 if it was."""
        node = self._node
        today = local_date(node.clock.now())
        due = half_year_of(today).previous
        collectors = self._bodies.collectors
        if (
            today < due.counted_on
            or not collectors
            or node.authority not in self._bodies.municipalities
        ):
            return 0
        async with node.db.begin(self._actor) as uow:
            row = await contributions.find(uow, due.id)
            if row is not None and (row.state != "held" or row.tried_on >= today):
                return 0
            if not await self._may_count(uow, due, collectors):
                return 0
            since = await last_counted(uow)
        known_until = node.clock.now() - SETTLING
        vector = tally(await self._gather(due, since, known_until))
        faults = own_faults(vector)
        if faults:
            await self._hold(due, known_until, faults)
            return 0
        return await self._send(due, known_until, vector, collectors)

    async def _may_count(
        self, uow: UnitOfWork, due: HalfYear, collectors: Sequence[AuthorityCode]
    ) -> bool:
        """Whether what was sent before is settled, and both collectors are who they say."""
        if await contributions.in_state(uow, "sent"):
            # Whether those events are in the nation's decides whether they belong to this one.
            await self._ask(uow, "statistics.unsettled", due)
            return False
        for collector in collectors:
            try:
                self._bodies.check_may_send_to(collector)
            except DomainError as error:
                facts = {"authority": collector, "code": error.code}
                await add_card(
                    uow, "statistics.not_sent", ADMIN, subject=about(due.id), facts=facts
                )
                await uow.commit()
                return False
        return True

    async def _ask(self, uow: UnitOfWork, kind: str, due: HalfYear) -> None:
        if await add_card(uow, kind, ADMIN, subject=about(due.id), facts={"half_year": due.id}):
            await uow.commit()

    async def _hold(self, due: HalfYear, known_until: datetime, faults: Sequence[str]) -> None:
        async with self._node.db.begin(self._actor) as uow:
            await contributions.hold(
                uow,
                due.id,
                tried_on=local_date(uow.now),
                known_until=known_until,
                layout=LAYOUT_ID,
                faults=faults,
            )
            facts: dict[str, Fact] = {"half_year": due.id, "faults": len(faults)}
            await add_card(uow, "statistics.held", LEADER, subject=about(due.id), facts=facts)
            uow.audit("statistics.held", half_year=due.id, faults=len(faults))
            await uow.commit()

    async def _send(
        self,
        due: HalfYear,
        known_until: datetime,
        vector: Vector,
        collectors: Sequence[AuthorityCode],
    ) -> int:
        node = self._node
        first, second = split(vector, os.urandom(SIZE_BYTES))
        split_id = random_id()
        keys = await keys_to(node, collectors)
        async with node.db.begin(self._actor) as uow:
            is_first = await contributions.keep_split(
                uow,
                due.id,
                tried_on=local_date(uow.now),
                known_until=known_until,
                layout=LAYOUT_ID,
                split_id=split_id,
                shares=(first, second),
                collectors=collectors,
            )
            if not is_first:
                return 0
            for collector, words in zip(collectors, (first, second), strict=True):
                body = wire.ShareSent(due.id, LAYOUT_ID, split_id, words)
                await tell(uow, node, collector, keys[collector], wire.SHARE, body)
            for kind in ("statistics.held", "statistics.not_sent", "statistics.unsettled"):
                await finish_cards_about(uow, kind, about(due.id))
            uow.audit("statistics.sent", half_year=due.id)
            await uow.commit()
        return 1


async def last_counted(uow: UnitOfWork) -> Since | None:
    """The newest half-year of ours that is in the nation's."""
    counted = await contributions.in_state(uow, "counted")
    if not counted:
        return None
    return Since(half_year(counted[0].half_year), counted[0].known_until)


class SettledHandler:
    """Takes `statistics_settled` (`shared.inbox.Handler`)."""

    kind = wire.SETTLED
    version = wire.VERSION

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """None."""
        del uow, message
        return ()

    async def apply(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        message: Message,
        body: wire.Settled,
    ) -> None:
        """Note it.

        Raises:
            DomainError: `statistics.not_the_coordinator`.
        """
        del keys
        if message.sender != self._bodies.coordinator:
            raise DomainError("statistics.not_the_coordinator")
        state = "counted" if body.is_counted else "not_counted"
        if await contributions.settle(uow, body.half_year, state):
            uow.audit("statistics.settled", half_year=body.half_year, is_counted=body.is_counted)


async def note_refused(uow: UnitOfWork, collector: AuthorityCode, code: str) -> None:
    """A collector has not taken our share: its events belong to the next half-year.

    At most one half-year is unsettled at any time. A share that was there already
    (`statistics.share_differs`) may be counted all the same: the coordinator says.
    """
    for row in await contributions.in_state(uow, "sent"):
        facts = {"half_year": row.half_year, "authority": collector, "code": code}
        await add_card(uow, "statistics.refused", LEADER, subject=about(row.half_year), facts=facts)
        if code != "statistics.share_differs":
            await contributions.settle(uow, row.half_year, "not_counted")
