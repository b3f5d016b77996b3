"""From vault to vault: contact data follow a case that has been taken over, seen by nobody.

The worker sees to it after the sender's end is completed, apart from the step that completed it:
nothing about an address may keep a case from changing hands.
"""

from services.cases import api as cases
from services.handover import wire
from services.handover.domain.records import Incoming, Outgoing
from services.handover.handlers import outgoing
from services.handover.handlers.common import case_subject, send, subject_of
from services.handover.store import beside, ends
from shared.actor import worker
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.errors import AccessDenied, DomainError
from shared.ids import AuthorityCode, ConversationId, SubjectId
from shared.node import Node

_PURPOSE = "utvag vault 1"


def _info(sender: AuthorityCode, receiver: AuthorityCode, handover_id: ConversationId) -> bytes:
    """What the sealing is bound to: it opens in no other handover, and for nobody else."""
    return f"{_PURPOSE}|{sender}|{receiver}|{handover_id}".encode()


async def send_vaults(node: Node) -> int:
    """Send what lies in the vaults of cases that others have taken over; how many were seen to."""
    async with node.db.begin(worker(node.authority)) as uow:
        due = await ends.vaults_to_see_to(uow)
    for row in due:
        await _see_to(node, row)
    return len(due)


async def _see_to(node: Node, row: Outgoing) -> None:
    wanted = (subject_of(row.handover_id), case_subject(row.case_id), cases.vault_of(row.case_id))
    keys: dict[SubjectId, SubjectKey] = {}
    for subject in wanted:
        try:
            keys[subject] = await node.case_keys.get(subject)
        except (AccessDenied, DomainError):
            break  # never had a vault, or erased since
    async with node.db.begin(worker(node.authority)) as uow:
        if not await ends.is_vault_due(uow, row.handover_id):
            return
        outcome = "empty"
        if len(keys) == len(wanted):
            outcome = await _send(uow, node, row, keys)
        await ends.note_vault(uow, row.handover_id, outcome)
        await beside.add_event(uow, row.handover_id, f"vault_{outcome}", str(row.state))
        uow.audit(
            "handover.vault_seen_to",
            case_id=row.case_id,
            handover=str(row.handover_id),
            outcome=outcome,
        )
        if outcome in {"withheld", "not_read"}:
            await add_card(
                uow,
                "handover.vault_stays",
                "case_worker",
                subject=row.handover_id,
                case_id=row.case_id,
            )
        await uow.commit()


async def _send(
    uow: UnitOfWork, node: Node, row: Outgoing, keys: dict[SubjectId, SubjectKey]
) -> str:
    """What became of it, as column `vault` says."""
    content = await cases.vault_for_another(uow, keys[cases.vault_of(row.case_id)], row.case_id)
    if content is None:
        return "empty"
    draft = await outgoing.load_draft(uow, row, keys)
    scope = await outgoing.scope_of(uow, node, row, draft, keys)
    if row.consent_withdrawn_at is not None or "identity" not in scope.kinds:
        return "withheld"
    if await cases.is_excluded(uow, row.case_id, row.receiver):
        return "withheld"  # whatever was ruled of the case, the address is no part of it
    if row.is_on_paper or not node.directory.version_of(row.receiver, "vault"):
        return "not_read"  # an address goes on no paper: it is told when people meet
    key = node.directory.sealing_key(row.receiver, uow.wall)
    sealed = key.seal(content, _info(node.authority, row.receiver, row.handover_id))
    await send(uow, node, row, wire.Vault(key.kid, sealed), keys[subject_of(row.handover_id)])
    return "sent"


def open_vault(node: Node, row: Incoming, body: wire.Vault) -> bytes:
    """What the sender's vault held; to be put into ours at once.

    Raises:
        WireError: sealed to another, for another handover, or changed.
    """
    info = _info(row.sender, node.authority, row.handover_id)
    return node.keyring.opening(body.kid).open(body.sealed, info)
