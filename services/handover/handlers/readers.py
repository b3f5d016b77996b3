"""Who reads a dossier here until the case is taken over: named, and changed, on the record."""

from services.handover.domain.commands import AddReader, RemoveReader
from services.handover.domain.readers import IN_HAND, NAME_READERS, with_reader, without_reader
from services.handover.domain.records import Incoming
from services.handover.handlers.acting import find_end
from services.handover.store import beside, ends
from services.staff import api as staff
from shared.actor import Actor
from shared.db import UnitOfWork
from shared.errors import AccessDenied, Conflict, DomainError, Fact
from shared.ids import ConversationId, StaffId
from shared.node import Node


async def add_reader(node: Node, actor: Actor, command: AddReader) -> None:
    """Name one more; who names need not be a reader, and sees nothing more by it.

    Raises:
        AccessDenied: not an incoming handover that the actor sees.
        Conflict: `handover.not_in_this_state`, `handover.already_reader`.
        DomainError: `handover.may_not_name_readers`, `handover.reader_not_of_function`,
            `handover.too_many_readers`.
    """
    await _demand_incoming(node, actor, command.handover_id)
    async with node.db.begin(actor) as uow:
        row = await _in_hand(uow, command.handover_id)
        colleague = await staff.find(uow, command.staff_id)
        is_of_function = colleague is not None and not colleague.roles.isdisjoint(
            row.roles | row.dispute_roles
        )
        readers = with_reader(
            row.readers,
            command.staff_id,
            is_of_function=is_of_function,
            is_protected=row.is_protected,
        )
        await ends.set_readers(uow, row, readers)
        await _noted(uow, row, "reader_added", command.staff_id, command.why)
        await uow.commit()


async def remove_reader(node: Node, actor: Actor, command: RemoveReader) -> None:
    """Take one away; it holds from the commit on.

    Raises:
        AccessDenied: not an incoming handover that the actor sees.
        Conflict: `handover.not_in_this_state`, `handover.not_a_reader`.
        DomainError: `handover.may_not_name_readers`, `handover.last_reader`.
    """
    await _demand_incoming(node, actor, command.handover_id)
    async with node.db.begin(actor) as uow:
        row = await _in_hand(uow, command.handover_id)
        await ends.set_readers(uow, row, without_reader(row.readers, command.staff_id))
        await _noted(uow, row, "reader_removed", command.staff_id, command.why)
        await uow.commit()


async def _demand_incoming(node: Node, actor: Actor, handover_id: ConversationId) -> None:
    if not isinstance(await find_end(node, actor, handover_id), Incoming):
        raise AccessDenied
    if not actor.has_any(*NAME_READERS):
        raise DomainError("handover.may_not_name_readers")


async def _in_hand(uow: UnitOfWork, handover_id: ConversationId) -> Incoming:
    row = await ends.incoming_row(uow, handover_id, lock=True)
    if row.state not in IN_HAND:
        raise Conflict("handover.not_in_this_state", state=str(row.state), on="readers")
    return row


async def _noted(uow: UnitOfWork, row: Incoming, code: str, whom: StaffId, why: str) -> None:
    facts: dict[str, Fact] = {"staff": str(whom), "why": why}
    await beside.add_event(uow, row.handover_id, code, str(row.state), facts)
    uow.audit(f"handover.{code}", handover=str(row.handover_id), staff=str(whom), why=why)
