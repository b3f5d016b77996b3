"""What time does: receipts noted, people reminded, what is silent locked, keys destroyed.

Nothing here moves a state. Every part can run any number of times, by any number of workers.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.cases import api as cases
from services.handover.domain.records import Incoming, Outgoing
from services.handover.domain.states import SenderState
from services.handover.domain.timers import (
    BY_DELIVERY,
    NOT_DELIVERED_AFTER,
    Reminder,
    is_locked_to_disputes,
    reminders,
    undelivered,
)
from services.handover.handlers import incoming
from services.handover.handlers.common import policy_at, rules, standing_of, subject_of
from services.handover.handlers.vaults import send_vaults
from services.handover.store import attached, beside, ends
from shared.actor import worker
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.node import Node

_FOR_LEADERS = frozenset(
    {
        Reminder.KEEP_OR_DISPUTE_LEADER,
        Reminder.NOT_DELIVERED_LEADER,
        Reminder.RULED_NOT_AGREED_LEADER,
    }
)
LEADER = "team_leader"


def kind_of(reminder: Reminder) -> str:
    """The kind of its card."""
    return f"handover.{reminder.value}"


_BY_DAYS = [kind_of(each) for each in set(Reminder) - BY_DELIVERY]


async def tick(node: Node) -> int:
    """Do what is due, once; how many things were.

    Args:
        node: under the worker's role.
    """
    done = await _remind(node)
    done += await _remind_of_deliveries(node)
    done += await _account(node)
    done += await send_vaults(node)
    return done + await _destroy_keys(node)


async def _remind(node: Node) -> int:
    done = 0
    called_for: set[tuple[UUID, str]] = set()
    async with node.db.begin(worker(node.authority)) as uow:
        today = local_date(uow.now)
        policy = rules(policy_at(node, uow.now))
        for out in await ends.board_outgoing(uow):
            done += await _note_receipt(uow, out)
            standing = standing_of(policy, out, out.receipt_at)
            wanted = reminders(out.state, standing, today)
            called_for |= {(out.handover_id, kind_of(reminder)) for reminder, _ in wanted}
            done += await _make(uow, out, wanted, out.since)
        for row in await ends.board_incoming(uow):
            has_dossier = await incoming.has_dossier(uow, row)
            standing = standing_of(policy, row, row.received_at, has_dossier=has_dossier)
            wanted = reminders(row.state, standing, today)
            called_for |= {(row.handover_id, kind_of(reminder)) for reminder, _ in wanted}
            done += await _make(uow, row, wanted, row.since)
            since = local_date(row.since)
            if not row.is_locked and is_locked_to_disputes(row.state, since, today):
                await ends.lock_incoming(uow, row)
                await incoming.note(uow, row, "locked_to_disputes", row.state)
                done += 1
        # Who takes a step finishes the cards of their own roles; these are the others'.
        await beside.finish_reminders(uow, _BY_DAYS, called_for)
        await uow.commit()
    return done


async def _remind_of_deliveries(node: Node) -> int:
    """Tell the people of a handover that a message of it has not arrived, in whatever state it is.

    Also at an end: until the receiver's `completed` is in, the sender does not know.
    """
    done = 0
    async with node.db.begin(worker(node.authority)) as uow:
        late = await attached.on_their_way(uow, uow.wall - NOT_DELIVERED_AFTER)
        for handover_id, since in late.items():
            row: Outgoing | Incoming | None = await ends.find_outgoing(uow, handover_id)
            row = row or await ends.find_incoming(uow, handover_id)
            if row is not None:
                done += await _make(uow, row, undelivered(uow.wall - since), since)
        await beside.finish_delivery_cards(uow, late)
        await uow.commit()
    return done


async def _account(node: Node) -> int:
    """Every proposal that was sent is open, answered, recalled or over; anything else is an alarm.

    What is looked for can come of no rule of ours, only of a lost row: a proposal without its
    message, an arrived one without its row, a case that is marked as on its way and is not.
    """
    done = 0
    async with node.db.begin(worker(node.authority)) as uow:
        found = await ends.unaccounted(uow, await cases.open_handovers(uow))
        if found:  # a step may have been committed between the two questions: ask both again
            found &= await ends.unaccounted(uow, await cases.open_handovers(uow))
        for handover_id in sorted(found):
            done += await add_card(uow, "handover.unaccounted", "system_admin", subject=handover_id)
        await uow.commit()
    return done


async def _note_receipt(uow: UnitOfWork, row: Outgoing) -> bool:
    """The month begins with the receiver's signed receipt of the proposal, by the domain clock."""
    if row.receipt_at is not None or row.state is SenderState.DRAFT:
        return False
    receipts = await attached.receipts(uow, row.handover_id)
    messages = await beside.messages(uow, row.handover_id)
    proposal = next((one for one in messages if one.is_ours and one.kind == "proposed"), None)
    if proposal is None or proposal.refusal_code or proposal.message_id not in receipts:
        return False
    await ends.note_receipt(uow, row.handover_id)
    await beside.add_event(uow, row.handover_id, "receipt_came", str(row.state))
    return True


async def _make(
    uow: UnitOfWork,
    row: Outgoing | Incoming,
    wanted: Sequence[tuple[Reminder, int]],
    since: datetime,
) -> int:
    """A card for each reminder that is new; how many."""
    done = 0
    for reminder, times in wanted:
        if not await beside.note_reminded(uow, row.handover_id, reminder.value, since, times):
            continue
        done += 1
        kind = kind_of(reminder)
        if isinstance(row, Outgoing):
            role = LEADER if reminder in _FOR_LEADERS else "case_worker"
            await add_card(uow, kind, role, subject=row.handover_id, case_id=row.case_id)
            continue
        roles = row.dispute_roles if row.is_locked else row.roles
        for role in [LEADER] if reminder in _FOR_LEADERS else sorted(roles):
            await add_card(uow, kind, role, subject=row.handover_id)
    return done


async def _destroy_keys(node: Node) -> int:
    """After our signed confirmation has reached the sender: what is erased is erased everywhere."""
    async with node.db.begin(worker(node.authority)) as uow:
        due = [
            row.handover_id
            for row in await ends.keys_to_destroy(uow)
            if await attached.is_all_delivered(uow, row.handover_id)
        ]
    for handover_id in due:
        await node.case_keys.destroy(subject_of(handover_id))
        async with node.db.begin(worker(node.authority)) as uow:
            await ends.note_key_destroyed(uow, handover_id)
            await beside.add_event(uow, handover_id, "key_destroyed", "erased")
            uow.audit("handover.key_destroyed", handover=str(handover_id))
            await uow.commit()
    return len(due)
