"""The verdict at the end: both ends' databases compared, row for row."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from infra.faults.mind import ENDS
from infra.faults.plan import Intent
from infra.faults.watch import Watch
from services.handover.api import (
    ReceiverState,
    SenderState,
    receiver_is_responsible,
    sender_is_responsible,
)

_OPEN = """
    select conversation_id as id from outbox where done_at is null
    union all select conversation_id from inbox where done_at is null
    union all select conversation_id from attachment_out where done_at is null
"""
_SENT = """
    select message_id, conversation_id, direction, number, kind, content_hash, receiver as other,
        outcome
    from outbox where number > 0
"""
_CAME = """
    select message_id, conversation_id, direction, number, kind, content_hash, origin as other,
        outcome
    from inbox where number > 0
"""
_NOTED = "select handover_id, message_id, kind, is_ours from handover_message order by place"
_TWICE = """
    select handover_id from handover_event
    where code not like 'signed.%' group by handover_id, code having count(*) > 1
"""
_OUTGOING = "select handover_id, state, case_id from handover where state <> 'draft'"
_INCOMING = "select handover_id, state, case_id from incoming_handover"
_CHAINS = "select case_id, number, hash from case_link order by case_id, number"
_UNWANTED = """
    select 'quarantined ' || code as what, count(*) as times from quarantine group by code
    union all select 'two contents under one number', count(*) from inbox_equivocation
        having count(*) > 0
    union all select 'refused ' || kind || ' ' || refusal_code, count(*) from outbox
        where refusal_code is not null group by kind, refusal_code
"""


@dataclass
class Verdict:
    """What is wrong, by handover; all empty when all is well.

    Args:
        unwanted: rows that no run should leave: quarantined, refused, equivocated.
        because: why something counts as lost, and how often.
    """

    lost: set[UUID] = field(default_factory=set)
    twice: set[UUID] = field(default_factory=set)
    nobody: set[UUID] = field(default_factory=set)
    stuck: set[UUID] = field(default_factory=set)
    unwanted: dict[str, int] = field(default_factory=dict)
    because: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    ends: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def lose(self, handover_id: UUID, why: str) -> None:
        """Something of this handover is not as it must be."""
        self.lost.add(handover_id)
        self.because[why] += 1

    @property
    def is_well(self) -> bool:
        """Whether nothing at all is wrong."""
        wrong = self.lost | self.twice | self.nobody | self.stuck
        return not wrong and not any(self.unwanted.values())


async def wait_until_quiet(watches: Iterable[Watch], limit_s: float) -> float | None:
    """Seconds until every message has its receipt and every arrived one is applied; None if never."""
    started = time.monotonic()
    while time.monotonic() - started < limit_s:
        open_rows = [await watch.rows_surely(_OPEN) for watch in watches]
        if not any(open_rows):
            return time.monotonic() - started
        await asyncio.sleep(0.2)
    return None


async def judge(watches: Mapping[str, Watch], intents: Mapping[UUID, Intent]) -> Verdict:
    """Compare both ends of every handover.

    Args:
        watches: by code.
        intents: of the handovers that were proposed.
    """
    verdict = Verdict()
    tables = {code: await _Tables.read(watch) for code, watch in watches.items()}
    for code, table in tables.items():
        verdict.stuck |= table.open
        verdict.twice |= table.twice
        for name, count in table.unwanted.items():
            verdict.unwanted[name] = verdict.unwanted.get(name, 0) + count
        for row in table.sent:
            other = tables[row["other"]].came_by_id.get(row["message_id"])
            if other is None or _facts(other) != _facts(row) or row["outcome"] != "applied":
                what = "differs" if other else "has not come"
                verdict.lose(row["conversation_id"], f"{row['kind']} {row['outcome']} {what}")
        for row in table.came:
            if tables[row["other"]].sent_ids.get(row["message_id"]) != code:
                verdict.twice.add(row["conversation_id"])
    for handover_id, intent in intents.items():
        _judge_one(verdict, handover_id, tables[intent.sender], tables[intent.receiver])
    return verdict


def _judge_one(verdict: Verdict, handover_id: UUID, here: "_Tables", there: "_Tables") -> None:
    out, came = here.outgoing.get(handover_id), there.incoming.get(handover_id)
    if out is None or came is None:
        verdict.lose(handover_id, "an end does not know it")
        return
    ends = SenderState(out["state"]), ReceiverState(came["state"])
    verdict.ends[f"{ends[0]}/{ends[1]}"] += 1
    responsible = sender_is_responsible(ends[0]), receiver_is_responsible(ends[1])
    if not any(responsible):
        verdict.nobody.add(handover_id)
    if ends not in ENDS or all(responsible):
        verdict.stuck.add(handover_id)
    _judge_messages(verdict, handover_id, here.noted[handover_id], there.noted[handover_id])
    chain = here.chains[out["case_id"]]
    if responsible[1]:
        last = chain[-1:]
        if not chain or chain != there.chains[came["case_id"]]:
            verdict.lose(handover_id, "the chains differ")
        # A second file of the same handover would carry the same last link.
        if sum(1 for one in there.chains.values() if one[-1:] == last) != 1:
            verdict.twice.add(handover_id)
    elif came["case_id"] is not None:
        verdict.twice.add(handover_id)


def _judge_messages(
    verdict: Verdict,
    handover_id: UUID,
    ours: Sequence[tuple[UUID, str, bool]],
    theirs: Sequence[tuple[UUID, str, bool]],
) -> None:
    """Both ends note the same messages, and none of a kind twice."""
    mirrored = sorted((message, kind, not is_ours) for message, kind, is_ours in theirs)
    if sorted(ours) != mirrored:
        if len(ours) != len(theirs):
            verdict.lose(handover_id, "the ends note different messages")
        else:
            verdict.twice.add(handover_id)
    kinds = [kind for _, kind, _ in ours]
    if len(kinds) != len(set(kinds)):
        verdict.twice.add(handover_id)


def _facts(row: Any) -> tuple[object, ...]:
    names = ("conversation_id", "direction", "number", "kind", "content_hash", "outcome")
    return tuple(row[name] for name in names)


@dataclass
class _Tables:
    """One node's rows."""

    open: set[UUID]
    twice: set[UUID]
    unwanted: dict[str, int]
    sent: Sequence[Any]
    came: Sequence[Any]
    sent_ids: dict[UUID, str]
    came_by_id: dict[UUID, Any]
    noted: dict[UUID, list[tuple[UUID, str, bool]]]
    outgoing: dict[UUID, Any]
    incoming: dict[UUID, Any]
    chains: dict[UUID, list[bytes]]

    @classmethod
    async def read(cls, watch: Watch) -> "_Tables":
        sent, came = await watch.rows_surely(_SENT), await watch.rows_surely(_CAME)
        noted: dict[UUID, list[tuple[UUID, str, bool]]] = defaultdict(list)
        for row in await watch.rows_surely(_NOTED):
            noted[row["handover_id"]].append((row["message_id"], row["kind"], row["is_ours"]))
        chains: dict[UUID, list[bytes]] = defaultdict(list)
        for row in await watch.rows_surely(_CHAINS):
            chains[row["case_id"]].append(row["hash"])
        return cls(
            open={row["id"] for row in await watch.rows_surely(_OPEN)},
            twice={row["handover_id"] for row in await watch.rows_surely(_TWICE)},
            unwanted={row["what"]: row["times"] for row in await watch.rows_surely(_UNWANTED)},
            sent=sent,
            came=came,
            sent_ids={row["message_id"]: row["other"] for row in sent},
            came_by_id={row["message_id"]: row for row in came},
            noted=noted,
            outgoing={row["handover_id"]: row for row in await watch.rows_surely(_OUTGOING)},
            incoming={row["handover_id"]: row for row in await watch.rows_surely(_INCOMING)},
            chains=chains,
        )
