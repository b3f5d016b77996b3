"""The acute protection goes from the police to the municipality, which says who answers for it."""

from services.cases.domain.plan_commands import TakeProtection
from services.cases.handlers.aid import told_in_history
from services.cases.handlers.members import list_members
from services.cases.handlers.work import writing
from services.cases.store import headers
from services.protection import api as protection
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import DomainError
from shared.ids import SubjectId
from shared.node import Node

TAKEN = "case.protection_taken"
"""The code in the case's history by which statistics count it."""


async def take_protection(node: Node, actor: Actor, command: TakeProtection) -> None:
    """Confirm what the police have offered; until then the police protect.

    Source: agreement police–Linköping 2022 (seed 002), Långsiktiga skyddet.

    Raises:
        DomainError: `protection.not_a_member`, `protection.same_person`.
        Conflict: `protection.nothing_offered`.
    """
    async with writing(node, actor, command.case_id, command.term, "take_protection") as at:
        members = await list_members(at.uow, command.case_id, {})
        if not any(
            each.staff_id == command.responsible
            and each.ended_at is None
            and each.role not in {"on_call", "social_director"}
            for each in members
        ):
            raise DomainError("protection.not_a_member")
        policy = node.policies.on(local_date(at.uow.now))
        await protection.take_protection(
            at.uow,
            SubjectId(command.case_id),
            command.protection_id,
            command.responsible,
            policy,
        )
        await headers.touch(at.uow, at.header)
        await told_in_history(at, TAKEN)
        await at.uow.commit()
