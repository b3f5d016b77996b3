"""`utvag bench statistics`: what a national release takes, and how it grows.

The real rules, keys and messages in one process (`services.statistics.api.Rehearsal`): no database,
no exchange. A node's own part is given for one node; the collectors' and the coordinator's for all.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from infra.demo.nation import SimulatedNation
from services.statistics.api import HalfYear, Happening, Rehearsal
from shared.crypto import KeyRing, SealingKey, SigningKey
from shared.ids import AuthorityCode

NODES = (29, 73, 145, 290)
TIMES = (1, 2, 4)
NOW = datetime(2027, 1, 30, tzinfo=UTC)
HALF = HalfYear(2026, 2)
COLLECTORS = (AuthorityCode("9003"), AuthorityCode("9004"))


class Took(msgspec.Struct, frozen=True):
    """One release, in processor time.

    Args:
        times: how often each number is counted over: 2 is twice the indicators.
        count_ms, split_ms, send_ms: for one municipality; sending is signing, sealing, opening and
            verifying both messages.
        add_ms: one collector, all municipalities.
        tables_ms: the coordinator: two sums added, judged, every table made.
        whole_s: everything, all municipalities one after the other.
        sent_kb: by one municipality.
    """

    nodes: int
    times: int
    count_ms: float
    split_ms: float
    send_ms: float
    add_ms: float
    tables_ms: float
    whole_s: float
    sent_kb: float


class _Keys:
    """Everybody's public keys."""

    def __init__(self, rings: Mapping[AuthorityCode, KeyRing]) -> None:
        self._rings = rings

    def signing_key(self, authority: AuthorityCode, kid: str) -> SigningKey:
        """The key of that name."""
        return next(key for key in self._rings[authority].signing_keys if key.kid == kid)

    def sealing_key(self, authority: AuthorityCode, now: datetime) -> SealingKey:
        """The newest."""
        del now
        return self._rings[authority].sealing_keys[-1]

    def could_sign(self, authority: AuthorityCode, at: datetime) -> bool:
        """Everybody may."""
        del at
        return authority in self._rings

    def may_receive(self, authority: AuthorityCode) -> bool:
        """Everybody may."""
        return authority in self._rings

    def version_of(self, authority: AuthorityCode, kind: str) -> frozenset[int]:
        """The first of every kind."""
        del authority, kind
        return frozenset({1})


def measure(say: Callable[[str], None]) -> list[Took]:
    """One release for each size of the nation, and the largest with more numbers."""
    ((_, happened),) = SimulatedNation(1).half_years(HALF, 1)
    codes = sorted(happened)
    start = NOW - timedelta(days=1)
    rings = {code: KeyRing.in_memory(code, start) for code in (*COLLECTORS, *codes)}
    found = []
    sizes = [(nodes, 1) for nodes in NODES] + [(NODES[-1], times) for times in TIMES[1:]]
    for nodes, times in sizes:
        say(f"{nodes} kommuner, {times} gånger talen …")
        # Every so many in the list, so that each county group has its share of them.
        chosen = codes[:: len(codes) // nodes][:nodes]
        found.append(_release({code: happened[code] for code in chosen}, rings, times))
    return found


def _release(
    happened: Mapping[AuthorityCode, Sequence[Happening]],
    rings: Mapping[AuthorityCode, KeyRing],
    times: int,
) -> Took:
    collectors = [rings[code] for code in COLLECTORS]
    rehearsal = Rehearsal(HALF, collectors, _Keys(rings), NOW, times=times)
    spent = dict.fromkeys(("count", "split", "send", "add", "tables"), 0.0)

    def timed(step: str, began: float) -> None:
        spent[step] += time.process_time() - began

    for code, happenings in happened.items():
        began = time.process_time()
        vector = rehearsal.count(happenings)
        timed("count", began)
        began = time.process_time()
        shares = rehearsal.split(vector)
        timed("split", began)
        began = time.process_time()
        rehearsal.send(rings[code], shares)
        timed("send", began)
    began = time.process_time()
    sums = rehearsal.add()
    timed("add", began)
    began = time.process_time()
    rehearsal.tables(sums)
    timed("tables", began)
    nodes = len(happened)
    return Took(
        nodes=nodes,
        times=times,
        count_ms=1000 * spent["count"] / nodes,
        split_ms=1000 * spent["split"] / nodes,
        send_ms=1000 * spent["send"] / nodes,
        add_ms=1000 * spent["add"] / len(collectors),
        tables_ms=1000 * spent["tables"],
        whole_s=sum(spent.values()),
        sent_kb=rehearsal.bytes_sent / nodes / 1000,
    )


def as_text(figures: Sequence[Took]) -> str:
    """A table."""
    at_home = f"{'räkna':>8} {'dela':>8} {'sända':>8} {'kB':>6}"
    lines = [
        f"{'kommuner':>8} {'tal':>4} | {at_home} | {'summera':>9} {'tabeller':>9} | {'allt':>7}"
    ]
    lines += [
        f"{each.nodes:>8} {each.times:>3}x | {each.count_ms:>5.1f} ms {each.split_ms:>5.1f} ms "
        f"{each.send_ms:>5.1f} ms {each.sent_kb:>6.0f} | {each.add_ms:>6.0f} ms "
        f"{each.tables_ms:>6.0f} ms | {each.whole_s:>5.2f} s"
        for each in figures
    ]
    lines.append("Processortid. Per kommun: räkna, dela, sända. Per insamlare: summera.")
    return "\n".join(lines)
