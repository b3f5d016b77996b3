"""A collector takes shares, closes, tells whose it has, and adds exactly the set that is ordered.

Messages only say what has come; what follows from it is done by the worker's tick, whenever all of
it is there. So nothing depends on which of two messages comes first.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

import msgspec

from services.statistics import wire
from services.statistics.domain.periods import half_year, half_year_of
from services.statistics.domain.sets import sets_of
from services.statistics.domain.vector import LAYOUT_ID, SIZE_BYTES
from services.statistics.handlers.bodies import COORDINATOR, Bodies, about, groups, keys_to, tell
from services.statistics.handlers.contributing import ADMIN, note_refused
from services.statistics.handlers.ordering import check_order, in_both, read_order, sums_of
from services.statistics.store import collecting, releasing
from shared.actor import worker
from shared.clock import local_date
from shared.crypto import KeyDirectory, SubjectKey
from shared.crypto.jws import payload_of
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.errors import DomainError, Fact
from shared.ids import AuthorityCode, SubjectId
from shared.messages import Header, Message
from shared.node import Node

GRACE = timedelta(hours=1)
"""From the coordinator's word to the closing: shares that came while the collector was away are
staged before it, and may be applied after it."""
OLDEST = 2
"""Half-years back that a share may be for."""


class ShareHandler:
    """Takes `statistics_share` (`shared.inbox.Handler`), and hears at home when one was refused."""

    kind = wire.SHARE
    version = wire.VERSION
    keeps_no_body: Literal[True] = True

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
        body: wire.ShareSent,
    ) -> None:
        """Keep it; the same one twice is kept once.

        Raises:
            DomainError: `statistics.not_a_collector`, `statistics.not_a_contributor`,
                `statistics.wrong_period`, `statistics.malformed`, `statistics.share_differs`,
                `statistics.too_late`.
        """
        del keys
        _demand_collector(uow, self._bodies)
        if message.sender not in self._bodies.municipalities:
            raise DomainError("statistics.not_a_contributor")
        _check_period(uow, body.half_year)
        if body.layout != LAYOUT_ID or len(body.share) != SIZE_BYTES:
            raise DomainError("statistics.malformed")
        row = await collecting.lock(uow, body.half_year)
        known = await collecting.find_share(uow, body.half_year, message.sender)
        if known is not None:
            found = (known.split_id, known.share_sha256)
            if found != (body.split_id, hashlib.sha256(body.share).digest()):
                raise DomainError("statistics.share_differs")
            return
        if row.closed_at is not None or row.ended_at is not None:
            raise DomainError("statistics.too_late", half_year=body.half_year)
        await collecting.keep_share(uow, body.half_year, message.sender, body.split_id, body.share)
        uow.audit("statistics.share_taken", authority=message.sender, half_year=body.half_year)

    async def on_refused(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        header: Header,
        code: str,
    ) -> None:
        """A collector would not take our own."""
        del keys
        await note_refused(uow, AuthorityCode(header.receiver), code)


class ClosingHandler:
    """Takes `statistics_closing`."""

    kind = wire.CLOSING
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
        body: wire.Closing,
    ) -> None:
        """Begin the hour after which nothing is taken.

        Raises:
            DomainError: `statistics.not_a_collector`, `statistics.not_the_coordinator`,
                `statistics.wrong_period`.
        """
        del keys
        _demand_collector(uow, self._bodies)
        _demand_coordinator(message, self._bodies)
        _check_period(uow, body.half_year)
        row = await collecting.lock(uow, body.half_year)
        if row.asked_at is None:
            await collecting.change(uow, body.half_year, asked_at=uow.wall)


class ContributorsHandler:
    """Takes `statistics_contributors`: at the other collector, and at the coordinator."""

    kind = wire.CONTRIBUTORS
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
        body: wire.ContributorsListed,
    ) -> None:
        """Keep the first list; it is frozen.

        Raises:
            DomainError: `statistics.not_a_collector`, `statistics.list_differs`.
        """
        del keys
        if message.sender not in self._bodies.collectors:
            raise DomainError("statistics.not_a_collector")
        listed = {each.authority: str(each.split_id) for each in body.contributors}
        if uow.actor.authority == self._bodies.coordinator:
            known = (await releasing.taken(uow, body.half_year)).get(message.sender)
            _demand_same(known.contributors if known else None, listed)
            await releasing.take(uow, body.half_year, message.sender, contributors=listed)
            return
        _demand_collector(uow, self._bodies)
        row = await collecting.lock(uow, body.half_year)
        _demand_same(row.theirs, listed)
        await collecting.change(uow, body.half_year, theirs=listed)


class OrderHandler:
    """Takes `statistics_order`: the first for each half-year, and no other, for ever.

    At the coordinator it hears that a collector would not take one.

    Args:
        directory: whose keys verify the order itself, apart from the message around it.
    """

    kind = wire.ORDER
    version = wire.VERSION

    def __init__(self, bodies: Bodies, directory: KeyDirectory) -> None:
        self._bodies = bodies
        self._directory = directory

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """None."""
        del uow, message
        return ()

    async def apply(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        message: Message,
        body: wire.OrderGiven,
    ) -> None:
        """Keep it, unless another was there, or it names another set than the lists make.

        Raises:
            DomainError: `statistics.not_a_collector`, `statistics.not_the_coordinator`,
                `statistics.not_closed`, `statistics.ordered_already`, `statistics.set_not_fixed`,
                `statistics.sets_differ_by_few`, `statistics.too_few`, `statistics.given_up`.
            WireError: what reading and verifying raise.
        """
        del keys
        _demand_collector(uow, self._bodies)
        _demand_coordinator(message, self._bodies)
        order = read_order(body.jws, message.sender, self._directory)
        row = await collecting.lock(uow, order.half_year)
        if row.closed_at is None:
            raise DomainError("statistics.not_closed")
        if row.order_jws is not None:
            if row.order_jws != body.jws:
                raise DomainError("statistics.ordered_already", half_year=order.half_year)
            return
        if row.theirs is not None:
            check_order(order, await collecting.contributors(uow, order.half_year), row.theirs)
        if row.ended_at is not None:
            raise DomainError("statistics.given_up", half_year=order.half_year)
        await collecting.change(uow, order.half_year, order_jws=body.jws)
        uow.audit("statistics.ordered", half_year=order.half_year, sets=1 + len(order.groups))

    async def on_refused(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        header: Header,
        code: str,
    ) -> None:
        """One of the two sums never comes: what waits for it is stopped, and everybody is told."""
        del keys
        for due in await releasing.ordered(uow):
            facts: dict[str, Fact] = {"half_year": due, "authority": header.receiver, "code": code}
            await releasing.change(uow, due, state="stopped")
            await add_card(
                uow, "statistics.not_taken", COORDINATOR, subject=about(due), facts=facts
            )
            uow.audit("statistics.not_taken", half_year=due, code=code)


class Collector:
    """A collector's tick; any number of workers may run it."""

    def __init__(self, node: Node, bodies: Bodies) -> None:
        self._node = node
        self._bodies = bodies
        self._actor = worker(node.authority)

    async def run_once(self) -> int:
        """Close what is due, give up what gets no sum, add what is ordered; how many were done."""
        node, bodies = self._node, self._bodies
        coordinator = bodies.coordinator
        if node.authority not in bodies.collectors or coordinator is None:
            return 0
        async with node.db.begin(self._actor) as uow:
            due = await collecting.unfinished(uow)
        if not due:
            return 0
        (other,) = (code for code in bodies.collectors if code != node.authority)
        keys = await keys_to(node, [coordinator, other])
        done = 0
        for each in due:
            done += await self._close(each, keys)
            done += await self._end(each)
            done += await self._sum(each, coordinator, keys[coordinator])
        return done

    async def _close(self, due: str, keys: Mapping[AuthorityCode, SubjectKey]) -> int:
        async with self._node.db.begin(self._actor) as uow:
            row = await collecting.lock(uow, due)
            if row.asked_at is None or row.closed_at is not None:
                return 0
            if uow.wall - row.asked_at < GRACE:
                return 0
            await collecting.change(uow, due, closed_at=uow.wall)
            listed = tuple(
                wire.Contributor(code, split_id)
                for code, split_id in (await collecting.contributors(uow, due)).items()
            )
            for to, key in keys.items():
                body = wire.ContributorsListed(due, listed)
                await tell(uow, self._node, to, key, wire.CONTRIBUTORS, body)
            uow.audit("statistics.closed", half_year=due, contributors=len(listed))
            await uow.commit()
        return 1

    async def _end(self, due: str) -> int:
        """Erase the shares of a half-year that gets no sum: too few, or no order in time."""
        async with self._node.db.begin(self._actor) as uow:
            row = await collecting.lock(uow, due)
            if row.summed_at is not None or row.ended_at is not None or row.is_refused:
                return 0
            if await _are_too_few(uow, row):
                uow.audit("statistics.too_few", half_year=due)
            elif local_date(uow.now) >= half_year(due).erased_on:
                facts: dict[str, Fact] = {"half_year": due}
                await add_card(uow, "statistics.given_up", ADMIN, subject=about(due), facts=facts)
                uow.audit("statistics.given_up", half_year=due)
            else:
                return 0
            await collecting.erase_shares(uow, due)
            await collecting.change(uow, due, ended_at=uow.wall)
            await uow.commit()
        return 1

    async def _sum(self, due: str, coordinator: AuthorityCode, key: SubjectKey) -> int:
        async with self._node.db.begin(self._actor) as uow:
            row = await collecting.lock(uow, due)
            if row.order_jws is None or row.theirs is None:
                return 0
            if row.summed_at is not None or row.ended_at is not None:
                return 0
            order = msgspec.json.decode(payload_of(row.order_jws), type=wire.ReleaseOrder)
            try:  # once more: the other's list may have come after the order
                check_order(order, await collecting.contributors(uow, due), row.theirs)
            except DomainError as error:
                await collecting.change(uow, due, is_refused=True)
                await collecting.erase_shares(uow, due)
                facts = {"half_year": due, "code": error.code}
                await add_card(
                    uow, "statistics.order_refused", ADMIN, subject=about(due), facts=facts
                )
                uow.audit("statistics.order_refused", half_year=due, code=error.code)
                await uow.commit()
                return 1
            shares = await collecting.shares(uow, due, [AuthorityCode(c) for c in order.nation])
            body = sums_of(order, row.order_jws, shares)
            await tell(uow, self._node, coordinator, key, wire.SUMS, body)
            await collecting.erase_shares(uow, due)
            await collecting.change(uow, due, summed_at=uow.wall)
            uow.audit("statistics.summed", half_year=due, contributors=len(order.nation))
            await uow.commit()
        return 1


async def _are_too_few(uow: UnitOfWork, row: collecting.Record) -> bool:
    """Whether no order can follow from the two lists; False while one of them is missing."""
    if row.closed_at is None or row.theirs is None or row.order_jws is not None:
        return False
    ours = await collecting.contributors(uow, row.half_year)
    both = in_both({code: str(split_id) for code, split_id in ours.items()}, row.theirs)
    try:
        sets_of(both, groups())
    except DomainError:
        return True
    return False


def _demand_collector(uow: UnitOfWork, bodies: Bodies) -> None:
    if uow.actor.authority not in bodies.collectors:
        raise DomainError("statistics.not_a_collector")


def _demand_coordinator(message: Message, bodies: Bodies) -> None:
    if message.sender != bodies.coordinator:
        raise DomainError("statistics.not_the_coordinator")


def _demand_same(known: Mapping[str, str] | None, listed: Mapping[str, str]) -> None:
    if known is not None and known != listed:
        raise DomainError("statistics.list_differs")


def _check_period(uow: UnitOfWork, text: str) -> None:
    """Raise `statistics.wrong_period` for one that has not ended, or ended long ago."""
    wanted, newest = half_year(text), half_year_of(local_date(uow.now)).previous
    oldest = newest
    for _ in range(OLDEST - 1):
        oldest = oldest.previous
    if not oldest <= wanted <= newest:
        raise DomainError("statistics.wrong_period", half_year=text)
