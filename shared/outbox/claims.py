"""What the relay does to rows: claim, mark, make due. Each function is part of a short transaction.

A claim moves `not_before` forward before anything is tried, so that a relay that dies leaves a row
that comes due again by itself. Numbers are claimed under the lock of their flow, so that two relays
never hold neighbours of one conversation: plain `skip locked` put a quarter out of order in a try.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.engine import RowMapping

from shared.db import UnitOfWork
from shared.db.sql import IDS, SPAN, Text, Uuid, sql
from shared.ids import AuthorityCode
from shared.messages import Direction
from shared.outbox.enqueue import wake

FIRST_RESEND = timedelta(seconds=5)
"""Below what a person notices; above the slowest answer of a node that is up."""
LAST_RESEND = timedelta(hours=1)

# Most of the time there is nothing, or one sort: one question saves two claims.
_DUE = sql("""
    select exists (select from outbox
                   where done_at is null and number = 0 and not_before <= :now) as unnumbered,
           exists (select from outbox
                   where done_at is null and number > 0 and not_before <= :now) as numbered,
           exists (select from attachment_out
                   where done_at is null and not_before <= :now) as files
""")

_LOCK_FLOWS = sql("""
    with waiting as (
        select conversation_id, direction from outbox
        where done_at is null and number > 0 and not_before <= :now
        order by not_before limit :batch)
    select f.conversation_id, f.direction from conversation_flow f
    where (f.conversation_id, f.direction) in (select conversation_id, direction from waiting)
    for update skip locked
""")

# A statement of its own, after the locks: it must see what the last holder committed.
_CLAIM_NUMBERED = sql(
    """
    with flows as (select * from unnest(cast(:ids as uuid[]), cast(:directions as text[]))
                   as f (conversation_id, direction)),
    due as (
        select o.message_id from outbox o join flows f using (conversation_id, direction)
        where o.done_at is null and o.number > 0 and o.not_before <= :now
          and not exists (
            select from outbox e
            where e.conversation_id = o.conversation_id and e.direction = o.direction
              and e.number > 0 and e.number < o.number
              and e.done_at is null and e.sent_at is null and e.not_before > :now)
        order by o.conversation_id, o.direction, o.number limit :batch)
    update outbox o set attempts = o.attempts + 1, attempted_at = :now,
        not_before = :now + least(:first * power(2, least(o.sends, 20)), :last)
    from due d where o.message_id = d.message_id
    returning o.*
""",
    first=SPAN,
    last=SPAN,
)

_CLAIM_UNNUMBERED = sql(
    """
    with due as (
        select message_id from outbox
        where done_at is null and number = 0 and not_before <= :now
        order by not_before limit :batch for update skip locked)
    update outbox o set attempts = o.attempts + 1, attempted_at = :now, not_before = :now + :first
    from due d where o.message_id = d.message_id
    returning o.*
""",
    first=SPAN,
)

# What is unnumbered is done with this.
_MARK = sql(
    """
    update outbox o set sent_at = :now, sends = o.sends + 1, jws = s.jws,
        done_at = case when o.number = 0 then :now else o.done_at end,
        outcome = case when o.number = 0 then 'stored' else o.outcome end
    from unnest(:ids, cast(:signed as text[])) as s (message_id, jws)
    where o.message_id = s.message_id
    """,
    ids=IDS,
)

# What cannot go now must not stand before what can: it comes back more rarely each time.
_DEFER = sql(
    """
    update outbox set not_before = :now + least(:first * power(2, least(attempts, 20)), :last)
    where message_id = any(:ids) and done_at is null
    """,
    first=SPAN,
    last=SPAN,
    ids=IDS,
)

# Who is being claimed or answered right now is skipped: waiting could only end in a deadlock.
_MAKE_DUE = sql(
    """
    update outbox set not_before = :now where message_id in (
        select message_id from outbox
        where done_at is null and attempts > 0 and not_before > :now
          and attempted_at <= :now - :first
          and (cast(:receiver as text) is null or receiver = :receiver)
        for update skip locked)
""",
    first=SPAN,
)

# What its receiver has lost is open again, whoever thought it done; what was erased cannot come.
_REOPEN = sql(
    """
    update outbox set done_at = null, outcome = null, refusal_code = null,
        not_before = case when attempted_at > :now - :first then attempted_at + :first else :now end
    where conversation_id = :conversation and direction = :direction and receiver = :receiver
      and number between :first_number and :last_number and outcome is distinct from 'erased'
""",
    first=SPAN,
    conversation=Uuid(),
    receiver=Text(),
)

# Later than any resend: only a clock that has gone back since leaves such a row.
_UNDO_LEAP = sql(
    """
    update outbox set not_before = :now,
        attempted_at = case when attempted_at > :now then :now else attempted_at end
    where message_id in (
        select message_id from outbox where done_at is null and not_before > :now + :most
        for update skip locked)
""",
    most=SPAN,
)
_UNDO_LEAP_OF_FILES = sql(
    """
    update attachment_out set not_before = :now
    where attachment_id in (
        select attachment_id from attachment_out where done_at is null and not_before > :now + :most
        for update skip locked)
""",
    most=SPAN,
)


class Due(NamedTuple):
    """Which sorts of things wait to be sent now."""

    unnumbered: bool
    numbered: bool
    files: bool


async def what_is_due(uow: UnitOfWork) -> Due:
    """Look, and take nothing."""
    row = (await uow.execute(_DUE, {"now": uow.wall})).one()
    return Due(row.unnumbered, row.numbered, row.files)


async def claim(uow: UnitOfWork, due: Due, batch: int) -> list[RowMapping]:
    """Take what is due, in the order to send it, at most `batch` of each sort."""
    times = {"now": uow.wall, "first": FIRST_RESEND, "batch": batch}
    rows: list[RowMapping] = []
    if due.unnumbered:
        rows += (await uow.execute(_CLAIM_UNNUMBERED, times)).mappings()
    if not due.numbered:
        return rows
    flows = (await uow.execute(_LOCK_FLOWS, {"now": uow.wall, "batch": batch})).all()
    if flows:
        numbered = await uow.execute(
            _CLAIM_NUMBERED,
            {
                **times,
                "last": LAST_RESEND,
                "ids": [flow.conversation_id for flow in flows],
                "directions": [flow.direction for flow in flows],
            },
        )
        rows += sorted(numbered.mappings(), key=_in_order)
    return rows


async def mark_sent(uow: UnitOfWork, sent: Sequence[tuple[UUID, str]]) -> None:
    """The exchange has stored these (message id and the signature that went out)."""
    ids, signed = [message for message, _ in sent], [jws for _, jws in sent]
    await uow.execute(_MARK, {"now": uow.wall, "ids": ids, "signed": signed})


async def defer(uow: UnitOfWork, stuck: Sequence[UUID]) -> None:
    """These could not be made ready: the receiver is paused, or a key is missing."""
    times = {"now": uow.wall, "first": FIRST_RESEND, "last": LAST_RESEND}
    await uow.execute(_DEFER, {**times, "ids": list(stuck)})


async def make_due(uow: UnitOfWork, receiver: AuthorityCode | None = None) -> int:
    """Send at once what waits for this authority, or for all: there was a sign of life.

    Returns:
        How many; what was tried within the last `FIRST_RESEND` is left alone.
    """
    facts = {"now": uow.wall, "first": FIRST_RESEND, "receiver": receiver}
    count = (await uow.execute(_MAKE_DUE, facts)).rowcount
    if count:
        await wake(uow)
    return count


async def reopen(
    uow: UnitOfWork,
    receiver: AuthorityCode,
    conversation: UUID,
    direction: Direction,
    first: int,
    last: int,
) -> int:
    """Send these numbers again though they were answered once; how many there are."""
    facts = {
        "now": uow.wall,
        "first": FIRST_RESEND,
        "conversation": conversation,
        "direction": direction,
        "receiver": receiver,
        "first_number": first,
        "last_number": last,
    }
    count = (await uow.execute(_REOPEN, facts)).rowcount
    await wake(uow)
    return count


async def undo_leap(uow: UnitOfWork, most: timedelta) -> int:
    """Make due what waits longer than anything may: the clock went back, and a day would pass.

    Args:
        most: how far ahead a row can honestly wait.
    """
    facts = {"now": uow.wall, "most": most}
    files = (await uow.execute(_UNDO_LEAP_OF_FILES, facts)).rowcount
    return files + (await uow.execute(_UNDO_LEAP, facts)).rowcount


def _in_order(row: RowMapping) -> tuple[UUID, str, int]:
    return row["conversation_id"], row["direction"], row["number"]
