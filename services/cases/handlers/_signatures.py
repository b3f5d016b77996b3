"""Signatures while the bodies are being written."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from services.cases.domain.chain import Link, LinkKind
from services.cases.domain.commands import (
    Apply,
    ApproveReveal,
    AskLevelPassing,
    AskPlacement,
    AssignMember,
    ConfirmResidence,
    EndMembership,
    GiveConsent,
    NewMember,
    OpenCase,
    Origin,
    Person,
    RecordNeed,
    RecordResidence,
    RequestThreat,
    RevealVault,
    SetExclusion,
    SetVault,
    VaultContent,
    WithdrawConsent,
    WriteNote,
)
from services.cases.domain.dossier import Dossier, DossierScope
from services.cases.domain.views import CaseHeader, CaseRow, Consent, LogRow, PersonFacts
from services.cases.handlers.file import CaseFile
from services.staff.api import Colleague
from shared.actor import Actor
from shared.crypto import SigningKey, SubjectKey
from shared.db import UnitOfWork
from shared.ids import AuthorityCode, CaseId, ConversationId, SubjectId
from shared.node import Node


class CaseEvents(Protocol):
    """What a service above wants to hear: `node.find(CaseEvents)`, same transaction."""

    async def subjects(self, uow: UnitOfWork, case_id: CaseId) -> Sequence[SubjectId]:
        """Keys the listener will want beside the case's own: asked before the writing begins."""
        ...

    async def on_consent_withdrawn(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        case_id: CaseId,
        consent: Consent,
    ) -> None:
        """A consent was taken back; what rests on it stops now."""
        ...


# -- use cases: (node, actor, command) ------------------------------------------------------------
async def open_case(node: Node, actor: Actor, command: OpenCase) -> CaseId: raise NotImplementedError
async def apply(node: Node, actor: Actor, command: Apply) -> None: raise NotImplementedError
async def assign_member(node: Node, actor: Actor, command: AssignMember) -> None: raise NotImplementedError
async def end_membership(node: Node, actor: Actor, command: EndMembership) -> None: raise NotImplementedError
async def assignable(node: Node, actor: Actor, case_id: CaseId) -> list[Colleague]: raise NotImplementedError
async def record_residence(node: Node, actor: Actor, command: RecordResidence) -> UUID: raise NotImplementedError
async def confirm_residence(node: Node, actor: Actor, command: ConfirmResidence) -> None: raise NotImplementedError
async def give_consent(node: Node, actor: Actor, command: GiveConsent) -> UUID: raise NotImplementedError
async def withdraw_consent(node: Node, actor: Actor, command: WithdrawConsent) -> None: raise NotImplementedError
async def write_note(node: Node, actor: Actor, command: WriteNote) -> UUID: raise NotImplementedError
async def record_need(node: Node, actor: Actor, command: RecordNeed) -> None: raise NotImplementedError
async def set_exclusion(node: Node, actor: Actor, command: SetExclusion) -> None: raise NotImplementedError
async def set_vault(node: Node, actor: Actor, command: SetVault) -> None: raise NotImplementedError
async def approve_reveal(node: Node, actor: Actor, command: ApproveReveal) -> UUID: raise NotImplementedError
async def reveal_vault(node: Node, actor: Actor, command: RevealVault) -> VaultContent: raise NotImplementedError
async def request_threat(node: Node, actor: Actor, command: RequestThreat) -> UUID: raise NotImplementedError
async def ask_placement(node: Node, actor: Actor, command: AskPlacement) -> UUID: raise NotImplementedError
async def ask_level_passing(node: Node, actor: Actor, command: AskLevelPassing) -> UUID: raise NotImplementedError
async def worklist(node: Node, actor: Actor) -> list[CaseRow]: raise NotImplementedError
async def read_case(node: Node, actor: Actor, case_id: CaseId, reason: str) -> CaseFile: raise NotImplementedError
async def case_log(node: Node, actor: Actor, case_id: CaseId) -> list[LogRow]: raise NotImplementedError


# -- inside an open unit of work, for services above -----------------------------------------------
async def load_header(uow: UnitOfWork, case_id: CaseId) -> CaseHeader:
    """AccessDenied when row security shows nothing."""
    raise NotImplementedError
async def enter_term(uow: UnitOfWork, case_id: CaseId, term: int) -> CaseHeader:
    """For messages: take the case's row lock and fence the rest of this transaction on `term`.

    Conflict("case.responsibility_moved") when the case has another term."""
    raise NotImplementedError
async def mark_open_handover(uow: UnitOfWork, case_id: CaseId, handover_id: ConversationId) -> None:
    """Conflict("case.handover_open") when another is open."""
    raise NotImplementedError
async def clear_open_handover(uow: UnitOfWork, case_id: CaseId, handover_id: ConversationId) -> None: raise NotImplementedError
async def append_link(uow: UnitOfWork, signer: SigningKey, case_id: CaseId, kind: LinkKind, counterpart: AuthorityCode | None = None) -> Link:
    """Make, sign (as this authority) and keep the next link."""
    raise NotImplementedError
async def receive_links(uow: UnitOfWork, node: Node, case_id: CaseId, links: Sequence[Link]) -> None:
    """Keep links another authority made; DomainError("chain.broken") unless they follow and verify. Known ones are skipped."""
    raise NotImplementedError
async def chain(uow: UnitOfWork, case_id: CaseId) -> list[Link]: raise NotImplementedError
async def end_transferred(uow: UnitOfWork, case_id: CaseId, handover_id: ConversationId) -> None:
    """ENDED(TRANSFERRED), read-only for ever; clears the open handover. Append the last links with receive_links (before or after)."""
    raise NotImplementedError
async def open_transferred(
    uow: UnitOfWork, key: SubjectKey, *, case_id: CaseId, origin: Origin, chain: Sequence[Link],
    dossier: Dossier, unit: str | None, members: Sequence[NewMember], signer: SigningKey,
) -> Link:
    """Open the receiver's new file in INVESTIGATION under `case_id` (drawn by the caller, key made first); returns the new `responsible` link, signed here, whose term is the case's."""
    raise NotImplementedError
async def person_facts(uow: UnitOfWork, key: SubjectKey, case_id: CaseId) -> PersonFacts: raise NotImplementedError
async def active_consents(uow: UnitOfWork, key: SubjectKey, case_id: CaseId, on: date) -> list[Consent]: raise NotImplementedError
async def project_dossier(uow: UnitOfWork, key: SubjectKey, case_id: CaseId, scope: DossierScope) -> Dossier: raise NotImplementedError
async def is_excluded(uow: UnitOfWork, case_id: CaseId, authority: AuthorityCode) -> bool: raise NotImplementedError
