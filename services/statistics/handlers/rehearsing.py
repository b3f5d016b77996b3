"""A half-year's release in memory: the real rules, keys and messages, without databases and exchange.

For `utvag bench statistics`, which times each step. What a step takes in a node beside this is its
transactions and its delivery.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.statistics import wire
from services.statistics.domain.assembly import Totals, tables_due
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.plausible import own_faults, total_faults
from services.statistics.domain.sets import sets_of
from services.statistics.domain.shares import WORD_BYTES, split, total
from services.statistics.domain.table import Table
from services.statistics.domain.vector import LAYOUT_ID, REGIONAL, Happening, Vector, tally
from services.statistics.handlers.bodies import groups
from services.statistics.handlers.ordering import sums_of
from shared.crypto import KeyDirectory, KeyRing
from shared.ids import AuthorityCode, random_id
from shared.messages import compose
from shared.messages.frame import open_frame, seal
from shared.outbox import pair_conversation


class Rehearsal:
    """One half-year.

    Args:
        now: when everybody signs.
        times: counts every number so many times over: what more indicators would cost.
    """

    def __init__(
        self,
        half_year: HalfYear,
        collectors: Sequence[KeyRing],
        directory: KeyDirectory,
        now: datetime,
        *,
        times: int = 1,
    ) -> None:
        self._now = now
        self._half_year = half_year
        self._collectors = collectors
        self._directory = directory
        self._times = times
        self._shares: list[dict[AuthorityCode, bytes]] = [{}, {}]
        self.order: wire.ReleaseOrder | None = None
        self.bytes_sent = 0

    def count(self, happenings: Sequence[Happening]) -> Vector:
        """At home: count and check.

        Raises:
            ValueError: the simulated figures cannot be true.
        """
        vector = tally(happenings)
        if own_faults(vector):
            raise ValueError("what was simulated cannot be true")
        return vector * self._times

    def split(self, vector: Vector) -> tuple[bytes, bytes]:
        """At home: the two shares."""
        return split(vector, os.urandom(len(vector) * WORD_BYTES))

    def send(self, ring: KeyRing, shares: tuple[bytes, bytes]) -> None:
        """Sign, seal, open and verify both messages, and keep the shares."""
        now, split_id = self._now, random_id()
        for turn, collector in enumerate(self._collectors):
            to = collector.authority
            body = wire.ShareSent(self._half_year.id, LAYOUT_ID, split_id, shares[turn])
            message = compose(
                sender=ring.authority,
                receiver=to,
                conversation_id=pair_conversation(ring.authority, to, wire.PURPOSE),
                direction="forward",
                number=1,
                kind=wire.SHARE,
                version=wire.VERSION,
                body=body,
                key=ring.signing(now),
                now=now,
            )
            frame = seal(message, self._directory.sealing_key(to, now))
            self.bytes_sent += len(frame)
            opened = open_frame(frame, collector, ring.authority, to, self._directory, now)
            read = msgspec.json.decode(opened.body, type=wire.ShareSent)
            self._shares[turn][ring.authority] = read.share

    def add(self) -> list[wire.SumsSent]:
        """Each collector adds the set that follows from who contributed."""
        sets = sets_of(self._shares[0].keys(), groups())
        self.order = wire.ReleaseOrder(
            self._half_year.id, LAYOUT_ID, sets.nation, dict(sets.groups)
        )
        return [sums_of(self.order, "", shares) for shares in self._shares]

    def tables(self, sums: Sequence[wire.SumsSent]) -> tuple[Table, ...]:
        """The coordinator adds the two sums, judges them and makes every table.

        Raises:
            ValueError: the totals cannot be true.
        """
        if self.order is None:
            raise ValueError("nothing is added yet")
        one, other = sums
        nation = total(one.nation, other.nation)
        nation = nation[: len(nation) // self._times]
        if total_faults(nation, len(self.order.nation)):
            raise ValueError("the totals cannot be true")
        by_group: Mapping[str, tuple[int, ...]] = {
            group: total(words, other.groups[group])[: len(REGIONAL)]
            for group, words in one.groups.items()
        }
        members = {code for group in self.order.groups.values() for code in group}
        has_rest = len(members) < len(self.order.nation)
        totals = Totals(self._half_year, nation, by_group, len(self.order.nation), has_rest)
        return tables_due(totals, None)
