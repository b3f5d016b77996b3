"""For whoever watches the node: what waits, what differs, how many; never what, never about whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from services.handover import api as handover
from shared.actor import Actor, worker
from shared.db.figures import figures, set_figures
from shared.digest import close_gap, deliveries, open_gaps
from shared.errors import AccessDenied, DomainError
from shared.ids import AuthorityCode
from shared.node import Node
from shared.outbox import undelivered
from shared.outbox.claims import make_due

ADMINS = ("system_admin",)


class Waiting(msgspec.Struct, frozen=True):
    """What one authority has not yet confirmed that it has."""

    authority: str
    messages: int
    oldest_at: datetime
    most_attempts: int


class Compared(msgspec.Struct, frozen=True):
    """What stands between this node and one authority.

    Args:
        messages: of ours, without its signed receipt; the oldest since `oldest_at`.
        sent_on, came_on: days of the last digests.
        flows: that its last digest named; `differing` of them were not as they are here.
        gaps: open ones.
    """

    authority: str
    messages: int
    oldest_at: datetime | None
    most_attempts: int
    sent_on: date | None
    came_on: date | None
    flows: int
    differing: int
    gaps: int


class NamedGap(msgspec.Struct, frozen=True):
    """A difference or a delay: which numbers of which conversation."""

    gap_id: UUID
    authority: str
    conversation_id: UUID
    direction: str
    code: str
    first_number: int
    last_number: int
    named_at: datetime


class Monitor(msgspec.Struct, frozen=True):
    """All of it.

    Args:
        figures: by dotted name, zeros included.
        counted_at: by the worker; None where it has not run.
    """

    authorities: list[Compared]
    gaps: list[NamedGap]
    figures: Mapping[str, int]
    counted_at: datetime | None


GapReason = Literal[
    "restored_from_backup",
    "disk_fault",
    "software_fault",
    "fault_at_the_other_end",
    "nothing_was_lost",
    "settled_by_telephone",
]
GAP_REASONS: frozenset[str] = frozenset(get_args(GapReason))


@dataclass(frozen=True, slots=True)
class Resend:
    """Send at once what waits for this authority."""

    authority: AuthorityCode


@dataclass(frozen=True, slots=True)
class CloseGap:
    """Somebody has looked into a gap that no machine heals.

    Args:
        reason: what was found, of a closed list: the log, which is kept for ever and has more
            readers than any case, takes no words.
    """

    gap_id: UUID
    reason: GapReason


async def waiting(node: Node, actor: Actor) -> list[Waiting]:
    """One row for each authority that something waits for."""
    async with node.db.begin(actor) as uow:
        rows = await undelivered(uow)
        uow.audit("exchange.undelivered_read", rows=len(rows))
        await uow.commit()
    return [
        Waiting(
            authority=row["receiver"],
            messages=row["messages"],
            oldest_at=row["oldest_at"],
            most_attempts=row["attempts"],
        )
        for row in rows
    ]


async def monitor(node: Node, actor: Actor) -> Monitor:
    """Deliveries, gaps and figures."""
    async with node.db.begin(actor) as uow:
        compared, gaps = await deliveries(uow), await open_gaps(uow)
        counted, at = await figures(uow)
        uow.audit("exchange.monitor_read", gaps=len(gaps))
        await uow.commit()
    return Monitor(
        authorities=[
            Compared(
                authority=each.authority,
                messages=each.messages,
                oldest_at=each.oldest_at,
                most_attempts=each.attempts,
                sent_on=each.sent_on,
                came_on=each.came_on,
                flows=each.flows,
                differing=each.differing,
                gaps=each.gaps,
            )
            for each in compared
        ],
        gaps=[
            NamedGap(
                gap_id=each.id,
                authority=each.peer,
                conversation_id=each.conversation_id,
                direction=each.direction,
                code=each.code,
                first_number=each.first_number,
                last_number=each.last_number,
                named_at=each.named_at,
            )
            for each in gaps
        ],
        figures=counted,
        counted_at=at,
    )


async def resend(node: Node, actor: Actor, command: Resend) -> None:
    """Make due at once what waits for an authority; what was tried a moment ago is left alone.

    Raises:
        AccessDenied: the actor does not run the node.
    """
    _demand_admin(actor)
    async with node.db.begin(actor) as uow:
        count = await make_due(uow, command.authority)
        uow.audit("exchange.resend_asked", authority=command.authority, messages=count)
        await uow.commit()


async def close(node: Node, actor: Actor, command: CloseGap) -> None:
    """Close a gap that no machine heals.

    Raises:
        AccessDenied: the actor does not run the node, or there is no such open gap.
        DomainError: `exchange.reason_missing`.
    """
    _demand_admin(actor)
    if command.reason not in GAP_REASONS:
        raise DomainError("exchange.reason_missing")
    async with node.db.begin(actor) as uow:
        closed = await close_gap(uow, command.gap_id)
        if closed is None:
            raise AccessDenied
        code, conversation = closed
        uow.audit(
            "exchange.gap_closed",
            reason=command.reason,
            conversation=str(conversation),
            code=code,
        )
        await uow.commit()


async def count_figures(node: Node) -> None:
    """Count anew, as the worker: who watches a node sees no handover, and need not."""
    async with node.db.begin(worker(node.authority)) as uow:
        counted = await handover.figures(uow)
        found = await deliveries(uow)
        counted["exchange.undelivered"] = sum(each.messages for each in found)
        counted["exchange.gaps"] = sum(each.gaps for each in found)
        await set_figures(uow, counted)
        await uow.commit()


def _demand_admin(actor: Actor) -> None:
    if not actor.has_any(*ADMINS):
        raise AccessDenied
