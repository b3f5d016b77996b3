"""Consent: given for these, for this, until then; taken back, sharing stops in the same moment."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from services.cases.domain.commands import GiveConsent, WithdrawConsent
from services.cases.domain.rules import POLICE_FUNCTION, check_consent, covering
from services.cases.domain.views import Consent
from services.cases.handlers import sealing
from services.cases.handlers.work import writing
from services.cases.policy import CasesPolicy
from services.cases.store import files, headers, tables
from services.protection import api as protection
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork, add_row
from shared.errors import DomainError
from shared.ids import AuthorityCode, CaseId, SubjectId, random_id
from shared.node import Node
from shared.policy import municipalities


class CaseEvents(Protocol):
    """What a service above wants to hear: `node.find(CaseEvents)`, same transaction."""

    async def subjects(self, uow: UnitOfWork, case_id: CaseId) -> Sequence[SubjectId]:
        """Keys the listener will want beside the case's own; asked in a transaction before."""
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

    async def on_excluded(self, uow: UnitOfWork, case_id: CaseId, authority: AuthorityCode) -> None:
        """The case is kept from this municipality from now on."""
        ...


async def give_consent(node: Node, actor: Actor, command: GiveConsent) -> UUID:
    """Record a consent; it travels under its id with what rests on it.

    Raises:
        DomainError: `consent.*`.
    """
    async with writing(node, actor, command.case_id, command.term, "record_consent") as at:
        today = local_date(at.uow.now)
        rule = node.policies.on(today).section("cases", CasesPolicy).consent
        check_consent(command, today, rule.max_days.value, municipalities())
        for party in command.counterparties:
            if await headers.is_excluded(at.uow, command.case_id, "authority", party.authority):
                raise DomainError("consent.counterparty_excluded")
        consent_id = random_id()
        body = sealing.ConsentBody(command.counterparties, command.purposes, command.kinds)
        await add_row(
            at.uow,
            tables.consent,
            consent_id=consent_id,
            case_id=command.case_id,
            sealed=sealing.close(at.key, "case_consent", consent_id, body),
            given_at=at.uow.now,
            recorded_by=actor.staff_id,
            valid_until=command.valid_until,
        )
        await headers.touch(at.uow, at.header)
        await headers.insert_event(
            at.uow,
            command.case_id,
            "case.consent_given",
            {"valid_until": command.valid_until.isoformat()},
        )
        at.uow.audit("case.consent_given", case_id=command.case_id, consent=str(consent_id))
        await at.uow.commit()
    return consent_id


async def withdraw_consent(node: Node, actor: Actor, command: WithdrawConsent) -> None:
    """The person takes it back: the joint room closes, and whoever listens is told, now.

    Possible in a closed case too: the person may take back what another municipality holds.

    Raises:
        DomainError: `consent.unknown`, `consent.already_withdrawn`.
    """
    listener = listener_of(node)
    wanted: Sequence[SubjectId] = ()
    if listener is not None:
        async with node.db.begin(actor) as uow:
            await headers.load(uow, command.case_id)
            wanted = await listener.subjects(uow, command.case_id)
    async with writing(
        node,
        actor,
        command.case_id,
        command.term,
        "record_consent",
        keys=wanted,
        even_closed=True,
    ) as at:
        consent = await _take_back(at.uow, at.key, command.case_id, command.consent_id)
        if at.header.ended_reason is None:
            await _close_room_without_ground(at.uow, at.key, command.case_id, consent)
            await headers.touch(at.uow, at.header)
        if listener is not None:
            keys = {subject: at.keys[subject] for subject in wanted}
            await listener.on_consent_withdrawn(at.uow, keys, command.case_id, consent)
        await at.uow.commit()


async def lock_consent(
    uow: UnitOfWork, key: SubjectKey, case_id: CaseId, consent_id: UUID
) -> Consent | None:
    """Another municipality tells that a consent that came with the case was taken back.

    Returns:
        None when this file has no such consent, or has it withdrawn already.

    The joint room closes with it, as when the person takes the consent back here.
    """
    rows = await files.consents(uow, case_id)
    row = next((r for r in rows if r.consent_id == consent_id), None)
    if row is None or row.withdrawn_at is not None:
        return None
    consent = await _take_back(uow, key, case_id, consent_id)
    await _close_room_without_ground(uow, key, case_id, consent)
    return consent


async def active_consents(
    uow: UnitOfWork, key: SubjectKey, case_id: CaseId, on: date
) -> list[Consent]:
    """Consents in force that day."""
    rows = await files.consents(uow, case_id)
    return [c for c in sealing.consents(key, rows) if c.is_active(on)]


async def _take_back(
    uow: UnitOfWork, key: SubjectKey, case_id: CaseId, consent_id: UUID
) -> Consent:
    rows = await files.consents(uow, case_id)
    row = next((r for r in rows if r.consent_id == consent_id), None)
    if row is None:
        raise DomainError("consent.unknown")
    if row.withdrawn_at is not None:
        raise DomainError("consent.already_withdrawn")
    await files.withdraw_consent(uow, case_id, consent_id)
    await headers.insert_event(uow, case_id, "case.consent_withdrawn", {"consent": str(consent_id)})
    uow.audit("case.consent_withdrawn", case_id=case_id, consent=str(consent_id))
    return sealing.consent(key, row)


async def _close_room_without_ground(
    uow: UnitOfWork, key: SubjectKey, case_id: CaseId, withdrawn: Consent
) -> None:
    """Close the joint room when it rested on consent and no other consent to the police is left.

    Where one is left, but none to cooperate, the police keep the room and lose the papers in it.
    """
    if POLICE_FUNCTION not in withdrawn.counterparties:
        return
    today = local_date(uow.now)
    left = await active_consents(uow, key, case_id, today)
    lasting = [c.valid_until for c in left if POLICE_FUNCTION in c.counterparties]
    cooperation = covering(left, POLICE_FUNCTION, "cooperation", today)
    await protection.consent_shrank(
        uow,
        SubjectId(case_id),
        shared_until=max(lasting, default=None),
        papers_until=None if cooperation is None else cooperation.valid_until,
    )


def listener_of(node: Node) -> CaseEvents | None:
    """The service above, where this node has one: a collector's node has none."""
    try:
        return node.find(CaseEvents)  # type: ignore[type-abstract]
    except LookupError:
        return None
