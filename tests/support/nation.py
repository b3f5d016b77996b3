"""The national bodies on real databases, and municipalities as voices: keys, no node of their own.

    async with open_nation(postgres_server) as nation:
        await nation.contribute("0580", vector)
        await nation.settle()

A voice signs and seals as a node does and numbers what it sends to each collector. What is sent to
it stays in the exchange, where `nation.heard` reads it.
"""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import msgspec

from infra.demo.nation import SimulatedNation
from services.statistics import api as statistics
from services.statistics import wire
from services.statistics.domain.shares import split
from services.statistics.domain.vector import LAYOUT_ID, SIZE_BYTES, tally
from services.statistics.handlers.bodies import groups
from services.statistics.handlers.collecting import ShareHandler
from shared.crypto import KeyRing
from shared.errors import DomainError
from shared.ids import AuthorityCode, random_id
from shared.messages import compose
from shared.messages.frame import open_frame, seal
from shared.outbox import pair_conversation
from tests.support.federation import Federation

COORDINATOR, FIRST, SECOND = (AuthorityCode(code) for code in ("9002", "9003", "9004"))
NOW = datetime(2026, 7, 16, 8, 0, tzinfo=UTC)
"""The day after the first half-year of 2026 is counted."""
DUE = "2026H1"
FEW = tuple(groups()["10"]) + tuple(groups()["13"])
"""Eleven municipalities: Blekinge's five and Halland's six."""


@dataclass
class FixedBodies:
    """Who does what, as a test says."""

    municipalities: Sequence[AuthorityCode] = FEW
    coordinator: AuthorityCode | None = COORDINATOR
    collectors: tuple[AuthorityCode, ...] = (FIRST, SECOND)
    unconfirmed: set[AuthorityCode] = field(default_factory=set)

    def check_may_send_to(self, collector: AuthorityCode) -> None:
        if collector in self.unconfirmed:
            raise DomainError("directory.not_confirmed", authority=collector)


def clear(vectors):
    """The sum that nobody but a test can make."""
    return tuple(sum(column) for column in zip(*vectors, strict=True))


def vectors_of(codes, seed=1):
    """What these municipalities count in a simulated half-year."""
    ((_, drawn),) = SimulatedNation(seed, codes).half_years(statistics.HalfYear(2026, 1), 1)
    return {code: tally(happened) for code, happened in drawn.items()}


class Nation:
    """The bodies' federation, and everybody's voice."""

    def __init__(self, federation: Federation, bodies: FixedBodies) -> None:
        self.federation = federation
        self.bodies = bodies
        self._numbers: Counter[tuple[str, str]] = Counter()
        start = federation.wall.now() - timedelta(days=1)
        for code in bodies.municipalities:
            if code not in federation.directory.keyrings:
                federation.directory.keyrings[code] = KeyRing.in_memory(code, start)

    def __getitem__(self, code: str):
        return self.federation[code]

    async def say(self, sender: str, to: str, kind: str, body: msgspec.Struct, **how) -> None:
        """One message from somebody without a node; numbered unless `number` is said."""
        sender, to = AuthorityCode(sender), AuthorityCode(to)
        federation, now = self.federation, self.federation.wall.now()
        self._numbers[sender, to] += 1
        message = compose(
            sender=sender,
            receiver=to,
            conversation_id=pair_conversation(sender, to, wire.PURPOSE),
            direction="forward",
            number=how.get("number", self._numbers[sender, to]),
            kind=kind,
            version=1,
            body=body,
            key=how.get("key") or federation.directory.keyrings[sender].signing(now),
            now=now,
        )
        frame = seal(message, federation.directory.sealing_key(to, now))
        bus = federation.exchange.bus(sender)
        await bus.publish("EXCHANGE", to, frame, str(random_id()))

    async def contribute(self, code: str, vector, *, due=DUE, only=None, **other) -> tuple:
        """Split and send; to one collector where `only` says so."""
        shares = split(vector, os.urandom(SIZE_BYTES))
        split_id = random_id()
        for collector, share in zip((FIRST, SECOND), shares, strict=True):
            if only in {None, collector}:
                body = wire.ShareSent(due, LAYOUT_ID, split_id, share)
                body = msgspec.structs.replace(body, **other)
                await self.say(code, collector, wire.SHARE, body)
        return split_id, shares

    async def hand_in(self, vectors, *, due=DUE) -> None:
        """Everybody's shares, in one transaction for each collector, past the exchange: for tests of
        what comes after."""
        handler = ShareHandler(self.bodies)
        drawn = {
            code: (random_id(), split(vector, os.urandom(SIZE_BYTES)))
            for code, vector in vectors.items()
        }
        for turn, collector in enumerate((FIRST, SECOND)):
            node = self[collector]
            async with node.db.begin(node.worker) as uow:
                for code, (split_id, shares) in drawn.items():
                    body = wire.ShareSent(due, LAYOUT_ID, split_id, shares[turn])
                    await handler.apply(uow, {}, SimpleNamespace(sender=code), body)
                await uow.commit()

    async def settle(self) -> None:
        await self.federation.settle()

    async def close(self) -> None:
        """The closing day comes, and the hour after the coordinator's word passes."""
        today = self.federation.clock.now().date()
        days = (statistics.half_year_of(today).previous.closed_on - today).days
        self.federation.pass_time(timedelta(days=max(days, 0)))
        await self.settle()
        self.federation.pass_time(timedelta(hours=1))
        await self.settle()

    async def release(self, due=DUE):
        """The coordinator's row."""
        rows = await self["9002"].rows(
            "select * from statistics_release where half_year = :due", due=due
        )
        return rows[0] if rows else None

    async def refusals(self, code: str) -> list[tuple[str, str]]:
        """What a body refused: from whom, and why."""
        rows = await self[code].rows(
            "select origin, refusal_code from inbox where outcome = 'refused'"
            " order by origin, number"
        )
        return [tuple(row) for row in rows]

    def heard(self, code: str) -> list[msgspec.Struct]:
        """What waits in the exchange for somebody without a node, of the statistics."""
        code, federation = AuthorityCode(code), self.federation
        found = {}
        for kept in federation.exchange.queue("EXCHANGE", code).waiting:
            ring, now = federation.directory.keyrings[code], federation.wall.now()
            message = open_frame(kept.frame, ring, kept.sender, code, federation.directory, now)
            if message.header.kind in wire.KINDS:
                body = msgspec.json.decode(message.body, type=wire.KINDS[message.header.kind])
                found[message.message_id] = body
        return list(found.values())


@asynccontextmanager
async def open_nation(postgres_server, *codes, municipalities=FEW, now=NOW, gather=None):
    """9002, 9003 and 9004, and municipalities with nodes of their own where named.

    Args:
        gather: for each named municipality, what it counts.
    """
    bodies = FixedBodies(municipalities)
    kinds = [(kind, 1, body) for kind, body in wire.KINDS.items()]
    everybody = [COORDINATOR, FIRST, SECOND, *(AuthorityCode(code) for code in codes)]
    async with Federation.open(postgres_server, *everybody, kinds=kinds, start=now) as federation:
        for code in everybody:
            member = federation[code]
            node = member.service_node()
            member.handlers = statistics.inbox_handlers(node, bodies)
            member.rebuild()
            member.steps = [
                statistics.Collector(node, bodies).run_once,
                statistics.Coordinator(node, bodies).run_once,
            ]
            if code in codes:
                member.steps.append(statistics.Contributor(node, bodies, gather[code]).run_once)
        yield Nation(federation, bodies)
