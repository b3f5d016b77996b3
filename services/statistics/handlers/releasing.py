"""The coordinator closes a half-year, orders one set for ever, adds two sums, judges the totals.

What the coordinator sees of any municipality: whether it took part. Run by the worker's tick; each
step is one transaction and happens once.
"""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from services.statistics import wire
from services.statistics.domain.assembly import Totals
from services.statistics.domain.periods import half_year, half_year_of
from services.statistics.domain.plausible import group_faults, total_faults
from services.statistics.domain.sets import Sets, sets_of
from services.statistics.domain.shares import WORD_BYTES, total
from services.statistics.domain.vector import LAYOUT_ID, REGIONAL, SIZE_BYTES, pack, unpack
from services.statistics.handlers.bodies import COORDINATOR, Bodies, about, groups, keys_to, tell
from services.statistics.handlers.ordering import in_both
from services.statistics.store import releasing
from shared.actor import worker
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.crypto.jws import payload_of
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.errors import DomainError, Fact
from shared.ids import AuthorityCode, SubjectId
from shared.messages import Message
from shared.node import Node


class SumsHandler:
    """Takes `statistics_sums` (`shared.inbox.Handler`)."""

    kind = wire.SUMS
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
        body: wire.SumsSent,
    ) -> None:
        """Keep the first; it answers our own order and is of the right form.

        Raises:
            DomainError: `statistics.not_the_coordinator`, `statistics.not_a_collector`,
                `statistics.not_ordered`, `statistics.malformed`, `statistics.sums_differ`.
        """
        del keys
        if uow.actor.authority != self._bodies.coordinator:
            raise DomainError("statistics.not_the_coordinator")
        if message.sender not in self._bodies.collectors:
            raise DomainError("statistics.not_a_collector")
        row = await releasing.lock(uow, body.half_year)
        if row is None or row.order_jws is None or _sha256(row.order_jws) != body.order_sha256:
            raise DomainError("statistics.not_ordered")
        wanted = read_own(row.order_jws).groups
        part = len(REGIONAL) * WORD_BYTES
        if (
            len(body.nation) != SIZE_BYTES
            or body.groups.keys() != wanted.keys()
            or any(len(words) != part for words in body.groups.values())
        ):
            raise DomainError("statistics.malformed")
        known = (await releasing.taken(uow, body.half_year)).get(message.sender)
        kept = {group: words.hex() for group, words in body.groups.items()}
        if known is not None and known.nation is not None:
            if (known.nation, known.groups) != (body.nation, kept):
                raise DomainError("statistics.sums_differ")
            return
        await releasing.take(uow, body.half_year, message.sender, nation=body.nation, groups=kept)


class Coordinator:
    """The coordinator's tick; any number of workers may run it."""

    def __init__(self, node: Node, bodies: Bodies) -> None:
        self._node = node
        self._bodies = bodies
        self._actor = worker(node.authority)

    async def run_once(self) -> int:
        """Do what is due; how many steps were done."""
        node, collectors = self._node, self._bodies.collectors
        if node.authority != self._bodies.coordinator or not collectors:
            return 0
        done = await self._call(collectors)
        async with node.db.begin(self._actor) as uow:
            due = await releasing.unfinished(uow)
        for each in due:
            done += await self._order(each, collectors)
            done += await self._add(each, collectors)
            done += await self._settle(each)
        return done

    async def _call(self, collectors: Sequence[AuthorityCode]) -> int:
        """Ask both collectors to close the half-year that is due."""
        node = self._node
        today = local_date(node.clock.now())
        due = half_year_of(today).previous
        if today < due.closed_on:
            return 0
        async with node.db.begin(self._actor) as uow:
            if await releasing.find(uow, due.id) is not None:
                return 0
        keys = await keys_to(node, collectors)
        async with node.db.begin(self._actor) as uow:
            if not await releasing.call(uow, due.id):
                return 0
            for code in collectors:
                await tell(uow, node, code, keys[code], wire.CLOSING, wire.Closing(due.id))
            uow.audit("statistics.called", half_year=due.id)
            await uow.commit()
        return 1

    async def _order(self, due: str, collectors: Sequence[AuthorityCode]) -> int:
        """Name the one set, once both lists are here."""
        node = self._node
        keys = await keys_to(node, collectors)
        async with node.db.begin(self._actor) as uow:
            row = await releasing.lock(uow, due)
            lists = await releasing.taken(uow, due)
            if (
                row is None
                or row.state != "called"
                or not _all_have(lists, collectors, "contributors")
            ):
                return 0
            first, second = (lists[code].contributors for code in collectors)
            try:
                sets = sets_of(in_both(first, second), groups())
            except DomainError as error:
                await releasing.change(uow, due, state="too_few")
                facts: dict[str, Fact] = {"half_year": due, "code": error.code}
                await add_card(
                    uow, "statistics.too_few", COORDINATOR, subject=about(due), facts=facts
                )
                uow.audit("statistics.too_few", half_year=due)
                await uow.commit()
                return 1
            order = wire.ReleaseOrder(due, LAYOUT_ID, sets.nation, dict(sets.groups))
            jws = node.keyring.signing(uow.wall).sign(
                msgspec.json.encode(order, order="deterministic")
            )
            await releasing.change(uow, due, state="ordered", order_jws=jws, ordered_at=uow.wall)
            for code in collectors:
                await tell(uow, node, code, keys[code], wire.ORDER, wire.OrderGiven(jws))
            uow.audit("statistics.ordered", half_year=due, sets=1 + len(sets.groups))
            await uow.commit()
        return 1

    async def _add(self, due: str, collectors: Sequence[AuthorityCode]) -> int:
        """Add the two sums, and stop where they cannot be true."""
        async with self._node.db.begin(self._actor) as uow:
            row = await releasing.lock(uow, due)
            sums = await releasing.taken(uow, due)
            if row is None or row.state != "ordered" or not _all_have(sums, collectors, "nation"):
                return 0
            one, other = (sums[code] for code in collectors)
            nation = total(one.nation, other.nation)
            by_group = {
                group: total(bytes.fromhex(words), bytes.fromhex(other.groups[group]))
                for group, words in one.groups.items()
            }
            order = read_own(row.order_jws)
            earlier = await totals_of(uow, half_year(due).previous.id)
            faults = (
                *total_faults(nation, len(order.nation), earlier.nation if earlier else None),
                *group_faults(nation, by_group, {g: len(m) for g, m in order.groups.items()}),
            )
            if faults:
                await releasing.change(uow, due, state="stopped", faults=list(faults))
                facts: dict[str, Fact] = {"half_year": due, "faults": len(faults)}
                await add_card(
                    uow, "statistics.stopped", COORDINATOR, subject=about(due), facts=facts
                )
            else:
                await releasing.change(
                    uow,
                    due,
                    state="added",
                    nation=pack(nation),
                    groups={g: list(values) for g, values in by_group.items()},
                    added_at=uow.wall,
                )
            uow.audit("statistics.added", half_year=due, faults=len(faults))
            await uow.commit()
        return 1

    async def _settle(self, due: str) -> int:
        """Tell each municipality whether it is in, as soon as that is certain."""
        node = self._node
        everybody = self._bodies.municipalities
        keys = await keys_to(node, everybody)
        async with node.db.begin(self._actor) as uow:
            row = await releasing.lock(uow, due)
            if row is None or row.state in {"called", "ordered"} or row.settled_at is not None:
                return 0
            # The totals are kept, whatever another worker has decided of showing them since.
            is_in = row.nation is not None
            members = set(read_own(row.order_jws).nation) if is_in else set()
            for code in everybody:
                body = wire.Settled(due, is_counted=code in members)
                await tell(uow, node, code, keys[code], wire.SETTLED, body)
            await releasing.change(uow, due, settled_at=uow.wall)
            uow.audit("statistics.told", half_year=due, counted=len(members))
            await uow.commit()
        return 1


async def totals_of(uow: UnitOfWork, due: str) -> Totals | None:
    """The exact totals of a half-year that was added; the worker's alone."""
    row = await releasing.find(uow, due)
    if row is None or row.nation is None:
        return None
    order = read_own(row.order_jws)
    named = Sets(
        tuple(AuthorityCode(code) for code in order.nation),
        {g: tuple(AuthorityCode(code) for code in m) for g, m in order.groups.items()},
    )
    return Totals(
        half_year(due),
        unpack(row.nation),
        {group: tuple(values) for group, values in row.groups.items()},
        len(named.nation),
        has_rest=bool(named.rest),
    )


def read_own(jws: str) -> wire.ReleaseOrder:
    """Our own order, read back from our own row."""
    return msgspec.json.decode(payload_of(jws), type=wire.ReleaseOrder)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _all_have(
    found: Mapping[AuthorityCode, releasing.Record], collectors: Sequence[AuthorityCode], what: str
) -> bool:
    return all(code in found and getattr(found[code], what) is not None for code in collectors)
