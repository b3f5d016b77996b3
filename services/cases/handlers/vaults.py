"""The vault: protected contact data under a key of its own, seen by two persons' will, once."""

from datetime import timedelta
from uuid import UUID

import msgspec

from services.cases.domain.commands import ApproveReveal, RevealVault, SetVault, VaultContent
from services.cases.domain.rules import vault_of
from services.cases.domain.text import optional, reason
from services.cases.handlers import sealing
from services.cases.handlers.work import reading, writing
from services.cases.store import files, headers, tables
from services.decisions import api as decisions
from services.protection import api as protection
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork, add_row
from shared.errors import DomainError
from shared.ids import CaseId, random_id
from shared.node import Node

LONGEST = 2000
"""Characters of each field."""


async def set_vault(node: Node, actor: Actor, command: SetVault) -> None:
    """Write the contact data anew; what stood there before is gone."""
    given = command.content
    content = VaultContent(
        address=optional(given.address, LONGEST),
        phone=optional(given.phone, LONGEST),
        workplace=optional(given.workplace, LONGEST),
        other_places=optional(given.other_places, LONGEST),
    )
    subject = vault_of(command.case_id)
    async with writing(
        node,
        actor,
        command.case_id,
        command.term,
        "write_vault",
        keys=(subject,),
        make=(subject,),
        even_aided=True,
    ) as at:
        sealed = sealing.close(at.keys[subject], "case_vault", command.case_id, content)
        await files.put_vault(at.uow, command.case_id, sealed)
        await headers.insert_event(at.uow, command.case_id, "case.vault_set", {})
        at.uow.audit("case.vault_set", case_id=command.case_id)
        await at.uow.commit()


async def vault_for_another(uow: UnitOfWork, key: SubjectKey, case_id: CaseId) -> bytes | None:
    """What lies in the vault, to be sealed for another vault at once; no person sees it.

    Args:
        key: the vault's own.

    Returns:
        Bytes that `keep_from_another` takes; None where the vault is empty.
    """
    row = await files.vault_row(uow, case_id)
    return None if row is None else msgspec.json.encode(sealing.vault(key, row))


async def keep_from_another(
    uow: UnitOfWork, key: SubjectKey, case_id: CaseId, content: bytes
) -> bool:
    """Put what came from another vault into ours; False where something is written here already.

    Args:
        key: our vault's own.

    Raises:
        DomainError: `vault.unreadable`.
    """
    try:
        found = msgspec.json.decode(content, type=VaultContent)
    except msgspec.DecodeError:
        raise DomainError("vault.unreadable") from None
    texts = (found.address, found.phone, found.workplace, found.other_places)
    if any(len(text) > LONGEST for text in texts):
        raise DomainError("vault.unreadable")
    sealed = sealing.close(key, "case_vault", case_id, found)
    if not await files.add_vault(uow, case_id, sealed):
        return False
    await headers.insert_event(uow, case_id, "case.vault_arrived", {})
    uow.audit("case.vault_arrived", case_id=case_id)
    return True


async def approve_reveal(node: Node, actor: Actor, command: ApproveReveal) -> UUID:
    """Let another member look once, within the minutes that policy gives.

    Raises:
        DomainError: `decision.same_person`, `decision.not_second`.
    """
    why = reason(command.reason)
    async with writing(
        node,
        actor,
        command.case_id,
        command.term,
        "reveal_vault",
        even_closed=True,
        lock=False,
    ) as at:
        policy = node.policies.on(local_date(at.uow.now))
        decisions.require_second(policy, "vault.reveal", command.staff_id, actor)
        approval_id = random_id()
        await add_row(
            at.uow,
            tables.reveal,
            approval_id=approval_id,
            case_id=command.case_id,
            approved_by=actor.staff_id,
            staff_id=command.staff_id,
            approved_at=at.uow.now,
        )
        at.uow.audit(
            "case.reveal_approved",
            case_id=command.case_id,
            reason=why,
            staff=str(command.staff_id),
        )
        await at.uow.commit()
    return approval_id


async def approval_in_hand(node: Node, actor: Actor, case_id: CaseId) -> UUID | None:
    """The approval that the actor could use now, or None."""
    async with reading(node, actor, case_id, "reveal_vault") as at:
        minutes = protection.reveal_minutes(node.policies.on(local_date(at.uow.now)))
        not_before = at.uow.now - timedelta(minutes=minutes)
        found = await files.open_reveal(at.uow, case_id, actor.staff_id, not_before)
        at.uow.audit("case.read", case_id=case_id, reason="vault")
        await at.uow.commit()
    return found


async def reveal_vault(node: Node, actor: Actor, command: RevealVault) -> VaultContent:
    """Look into the vault; the approval is used up, the log says who and why.

    Raises:
        DomainError: `vault.not_approved` (none, used, too old, another's), `vault.empty`,
            `decision.not_delegate`.
    """
    why = reason(command.reason)
    async with reading(node, actor, command.case_id, "reveal_vault", more_keys=vault_of) as at:
        policy = node.policies.on(local_date(at.uow.now))
        decisions.require_delegate(policy, "vault.reveal", actor)
        minutes = protection.reveal_minutes(policy)
        await headers.set_term(at.uow, at.header.term)
        approval = await files.use_reveal(
            at.uow,
            command.case_id,
            command.approval_id,
            actor.staff_id,
            at.uow.now - timedelta(minutes=minutes),
        )
        if approval is None:
            raise DomainError("vault.not_approved")
        row = await files.vault_row(at.uow, command.case_id)
        if row is None:
            raise DomainError("vault.empty")
        content = sealing.vault(at.keys[vault_of(command.case_id)], row)
        await headers.insert_event(at.uow, command.case_id, "case.vault_revealed", {})
        at.uow.audit(
            "case.vault_revealed",
            case_id=command.case_id,
            reason=why,
            approved_by=str(approval.approved_by),
        )
        await at.uow.commit()
    return content
