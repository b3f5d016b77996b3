"""What time does: receipts noted, people reminded, what is silent locked, keys destroyed.

Nothing here moves a state. Every part can run any number of times, by any number of workers.
"""

from datetime import date, datetime

from services.handover.domain.records import Incoming, Outgoing
from services.handover.domain.states import SenderState
from services.handover.domain.timers import (
    Reminder,
    Standing,
    is_locked_to_disputes,
    reminders,
)
from services.handover.handlers import incoming
from services.handover.handlers.common import policy_at, rules, subject_of
from services.handover.policy import HandoverPolicy
from services.handover.store import attached, beside, ends
from shared.actor import worker
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.node import Node

_FOR_LEADERS = frozenset({Reminder.KEEP_OR_DISPUTE_LEADER})


async def tick(node: Node) -> int:
    """Do what is due, once; how many things were.

    Args:
        node: under the worker's role.
    """
    done = await _remind(node)
    return done + await _destroy_keys(node)


async def _remind(node: Node) -> int:
    done = 0
    async with node.db.begin(worker(node.authority)) as uow:
        today = local_date(uow.now)
        policy = rules(policy_at(node, uow.now))
        for out in await ends.board_outgoing(uow):
            done += await _note_receipt(uow, out)
            standing = _standing(policy, out.receipt_at, out.answer_on, out.since)
            done += await _cards(uow, out, standing, today)
        for row in await ends.board_incoming(uow):
            has_dossier = await incoming.has_dossier(uow, row)
            standing = _standing(
                policy, row.received_at, row.answer_on, row.since, has_dossier=has_dossier
            )
            done += await _cards(uow, row, standing, today)
            since = local_date(row.since)
            if not row.is_locked and is_locked_to_disputes(row.state, since, today):
                await ends.lock_incoming(uow, row)
                await incoming.note(uow, row, "locked_to_disputes", row.state)
                done += 1
        await uow.commit()
    return done


def _standing(
    policy: HandoverPolicy,
    received_at: datetime | None,
    answer_on: date | None,
    since: datetime,
    *,
    has_dossier: bool = False,
) -> Standing:
    return Standing(
        received_on=None if received_at is None else local_date(received_at),
        answer_on=answer_on,
        since=local_date(since),
        has_dossier=has_dossier,
        remind_days_before=policy.remind_days_before.value,
        open_within_days=policy.open_within_days.value,
    )


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


async def _cards(uow: UnitOfWork, row: Outgoing | Incoming, standing: Standing, today: date) -> int:
    done = 0
    for reminder, times in reminders(row.state, standing, today):
        if not await beside.note_reminded(uow, row.handover_id, reminder.value, row.since, times):
            continue
        done += 1
        kind = f"handover.{reminder.value}"
        if isinstance(row, Outgoing):
            role = "team_leader" if reminder in _FOR_LEADERS else "case_worker"
            await add_card(uow, kind, role, subject=row.handover_id, case_id=row.case_id)
            continue
        for role in sorted(row.dispute_roles if row.is_locked else row.roles):
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
