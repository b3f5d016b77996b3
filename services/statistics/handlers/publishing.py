"""The coordinator shows what may be shown: decided once, signed, and never changed.

Exact sums are read here, by the worker, and go nowhere: what leaves is the content that disclosure
control let through. Releases follow one another in the order of the half-years, because each is
held against everything that was released before it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.statistics.domain.assembly import Totals, tables_due
from services.statistics.domain.disclosure import Thresholds
from services.statistics.domain.periods import half_year
from services.statistics.domain.release import Release, decode, encode, encode_kept
from services.statistics.handlers.bodies import COORDINATOR, Bodies, about
from services.statistics.handlers.releasing import totals_of
from services.statistics.store import releasing
from shared.actor import worker
from shared.db.cards import add_card
from shared.errors import Fact
from shared.node import Node

_ENDED = {"released", "stopped", "too_few", "withheld"}


@dataclass(frozen=True, slots=True)
class _Due:
    """What is decided on: nobody changes it meanwhile, because nothing of it is ever changed."""

    now: Totals
    before: Totals | None
    earlier: Sequence[Release]


class Publisher:
    """The last step of the coordinator's tick; any number of workers may run it."""

    def __init__(self, node: Node, bodies: Bodies) -> None:
        self._node = node
        self._bodies = bodies
        self._actor = worker(node.authority)

    async def run_once(self) -> int:
        """Release the next half-year that has been added; how many were."""
        if self._node.authority != self._bodies.coordinator:
            return 0
        due = await self._next()
        if due is None:
            return 0
        # A second or two of pure computing, beside the loop and outside any transaction.
        release = await asyncio.to_thread(_decide, due)
        return await self._keep(due.now.half_year.id, release)

    async def _next(self) -> _Due | None:
        async with self._node.db.begin(self._actor) as uow:
            rows = await releasing.in_order(uow)
            row = next((each for each in rows if each.state not in _ENDED), None)
            if row is None or row.state != "added":
                return None
            now = await totals_of(uow, row.half_year)
            previous = half_year(row.half_year).previous.id
            released = {each.half_year: each for each in rows if each.state == "released"}
            before = await totals_of(uow, previous) if previous in released else None
        if now is None:
            return None
        return _Due(now, before, [decode(each.content, each.kept) for each in released.values()])

    async def _keep(self, due: str, release: Release | None) -> int:
        """Sign and freeze, or withhold; another worker may have been faster."""
        async with self._node.db.begin(self._actor) as uow:
            row = await releasing.lock(uow, due)
            if row is None or row.state != "added":
                return 0
            if release is None:
                await releasing.change(uow, due, state="withheld")
                facts: dict[str, Fact] = {"half_year": due}
                await add_card(
                    uow, "statistics.withheld", COORDINATOR, subject=about(due), facts=facts
                )
                uow.audit("statistics.withheld", half_year=due)
            else:
                content = encode(release)
                await releasing.change(
                    uow,
                    due,
                    state="released",
                    content=content,
                    kept=encode_kept(release),
                    jws=self._node.keyring.signing(uow.wall).sign(content),
                    released_at=uow.wall,
                )
                uow.audit("statistics.released", half_year=due, tables=len(release.tables))
            await uow.commit()
        return 1


def _decide(due: _Due) -> Release | None:
    """None where nothing may be shown: a person is told, and looks at why."""
    # The solver takes a fifth of a second and 30 MB: only where a release is decided.
    from services.statistics.domain.disclosure_audit import InconsistentError  # noqa: PLC0415
    from services.statistics.domain.disclosure_choice import UnprotectedError  # noqa: PLC0415
    from services.statistics.domain.publication import publish  # noqa: PLC0415

    try:
        return publish(
            tables_due(due.now, due.before),
            due.earlier,
            half_year=due.now.half_year,
            contributors=due.now.municipalities,
            limits=Thresholds(),
        )
    except (InconsistentError, UnprotectedError):
        return None
