"""The receiver's end: what a step is judged by, and what it does."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from services.cases import api as cases
from services.decisions.api import record_decision
from services.directory import api as directory
from services.documents import api as documents
from services.handover import wire
from services.handover.domain.commands import (
    DELEGATED,
    LAW,
    Accept,
    Agree,
    Decline,
    Payload,
    ReturnIt,
    TakeOver,
)
from services.handover.domain.facts import Facts, Persons, Reasons
from services.handover.domain.facts import TakeOver as TakeOverFacts
from services.handover.domain.readers import IN_HAND
from services.handover.domain.reasons import DECLINE_CODES, RETURN_CODES
from services.handover.domain.records import Incoming
from services.handover.domain.states import Act, Message, ReceiverState, Trigger
from services.handover.domain.steps import Decision, Effect, receiver_step
from services.handover.handlers.common import Keys, case_subject, policy_at, send, subject_of
from services.handover.store import attached, beside, ends
from services.protection import api as protection
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import AccessDenied, DomainError
from shared.ids import CaseId, FederationCaseId, MessageId, StaffId
from shared.inbox import attachment_pieces, attachments_in_hand, read_attachment
from shared.node import Node
from shared.outbox.attachments import Manifest


async def gather(
    uow: UnitOfWork,
    node: Node,
    row: Incoming,
    persons: Persons,
    payload: Payload,
    key: SubjectKey,
    *,
    has_case_worker: bool,
) -> Facts:
    """All that a step of the receiver's end may be judged by."""
    subject = subject_of(row.handover_id)
    take_over = TakeOverFacts()
    if isinstance(payload, (Accept, Agree)):
        take_over = TakeOverFacts(promised_on=payload.take_over_on)
    if isinstance(payload, TakeOver):
        not_before = row.take_over_on
        agreed_on = payload.agreed_on
        if not_before is not None:
            agreed_on = max(agreed_on, not_before)
        take_over = TakeOverFacts(
            agreed_on=agreed_on,
            has_case_worker=has_case_worker,
            has_first_meeting=payload.first_meeting_at > uow.now,
            is_threat_high=await is_threat_high(uow, row, key),
            is_acute_protection_confirmed=await protection.acute_protection_confirmed(uow, subject),
        )
    return Facts(
        today=local_date(uow.now),
        own=node.authority,
        other=row.sender,
        persons=persons,
        take_over=take_over,
        reasons=_reasons(payload),
        has_dossier=await has_dossier(uow, row),
        is_removed=directory.authority(node, node.authority).status == "removed",
    )


def _reasons(payload: Payload) -> Reasons:
    match payload:
        case Decline(code=code, text=text):
            return Reasons(code, text, DECLINE_CODES)
        case ReturnIt(code=code, text=text):
            return Reasons(code, text, RETURN_CODES)
        case _:
            return Reasons()


def manifest_of(row: Incoming) -> Manifest | None:
    """Which attachment is the dossier, as the sender signed it."""
    return None if row.dossier is None else msgspec.convert(row.dossier, Manifest)


def files_of(row: Incoming) -> list[Manifest]:
    """Which attachments are the documents beside it, likewise."""
    return [msgspec.convert(each, Manifest) for each in row.files]


async def has_dossier(uow: UnitOfWork, row: Incoming) -> bool:
    """Whether all of it has arrived, every document too, and matches the signed manifests."""
    manifest = manifest_of(row)
    if manifest is None:
        return False
    wanted = {each.attachment_id for each in (manifest, *files_of(row))}
    return await attachments_in_hand(uow, wanted) == wanted


async def read_dossier(
    uow: UnitOfWork, row: Incoming, key: SubjectKey
) -> wire.DossierContentWithFiles | None:
    """The dossier, once it is in hand; version 1 as one without documents.

    Raises:
        AccessDenied: what arrived is not what the signed manifest says.
        DomainError: `handover.dossier_unreadable`: the sender's file is not what it should be.
    """
    manifest = manifest_of(row)
    if manifest is None or not await has_dossier(uow, row):
        return None
    content = await read_attachment(uow, key, manifest)
    try:
        return msgspec.json.decode(content, type=wire.DossierContentWithFiles)
    except msgspec.DecodeError:
        raise DomainError("handover.dossier_unreadable") from None


async def is_threat_high(uow: UnitOfWork, row: Incoming, key: SubjectKey) -> bool:
    """Whether acute protection must be confirmed; an unknown level counts as high.

    A level that the dossier withholds is unknown; where it neither shows nor withholds one, the
    police have given none.
    """
    if row.is_threat_high is not None:
        return row.is_threat_high
    dossier = await read_dossier(uow, row, key)
    if dossier is None:
        return True
    for section in dossier.sections:
        if isinstance(section, cases.ThreatSection):
            return section.level == "HIGH"
    return any(each.section == "threat_level" for each in dossier.withheld)


async def take(
    uow: UnitOfWork,
    node: Node,
    row: Incoming,
    on: Trigger,
    keys: Keys,
    facts: Facts | None,
    payload: Payload | None = None,
    refers_to: MessageId | None = None,
    values: Mapping[str, object] | None = None,
) -> Decision[ReceiverState]:
    """Move the receiver's end, and do in the same transaction all that follows.

    Taking over has a step of its own, `take_over`: it opens a case first.
    """
    decision = receiver_step(row.state, on, facts)
    key = keys.get(subject_of(row.handover_id))
    changes = dict(values or {})
    await beside.finish_cards(uow, row.handover_id)
    erased = await _erase(uow, row, decision, changes)
    changes["readers"] = sorted(_readers_after(row, decision.new_state, facts, payload))
    if isinstance(payload, (Accept, Agree)):
        changes["take_over_on"] = payload.take_over_on
    if isinstance(payload, Agree):
        changes["is_locked"] = False  # what was locked as a no is now to be taken over
    await ends.change_incoming(uow, row, state=decision.new_state, **changes)
    if decision.sends is not None:
        assert key is not None
        body = _body(uow, node, decision.sends, payload, erased)
        await send(uow, node, row, body, key, refers_to)
    await note(uow, row, str(on), decision.new_state)
    return decision


def _readers_after(
    row: Incoming, state: ReceiverState, facts: Facts | None, payload: Payload | None
) -> frozenset[StaffId]:
    """Whoever says yes reads what comes; once it is gone, or to be decided anew, nobody does."""
    if isinstance(payload, (Accept, Agree)) and facts is not None:
        signed = (facts.persons.first, facts.persons.second)
        return frozenset(each for each in signed if each is not None)
    return row.readers if state in IN_HAND else frozenset()


async def note(uow: UnitOfWork, row: Incoming, code: str, state: ReceiverState) -> None:
    """In the handover's history and in the log."""
    await beside.add_event(uow, row.handover_id, code, str(state))
    uow.audit(
        f"handover.{code}",
        case_id=row.case_id,
        handover=str(row.handover_id),
        state=str(state),
    )


Erased = tuple[Literal["proposal", "dossier"], ...]


async def _erase(
    uow: UnitOfWork, row: Incoming, decision: Decision[ReceiverState], changes: dict[str, object]
) -> Erased:
    """Take the words away now; the key follows when our confirmation has arrived."""
    manifest = manifest_of(row)
    if manifest is not None and {Effect.ERASE_DOSSIER, Effect.ERASE_ALL} & set(decision.effects):
        for each in (manifest, *files_of(row)):
            await attached.erase(uow, each.attachment_id)
        await beside.erase_dossier(uow, row.handover_id)
        changes |= {"dossier": None, "files": [], "dossier_at": None}
    if Effect.ERASE_ALL in decision.effects:
        await beside.erase_all(uow, row.handover_id)
        changes |= {"erased_at": uow.now}
        return ("proposal",) if manifest is None else ("proposal", "dossier")
    return ()


async def erase_what_came(uow: UnitOfWork, row: Incoming) -> None:
    """After the take-over: the dossier as it came, and every word that travelled; the proof stays.

    The key follows when our confirmation has arrived: what a restored backup brings back is closed.
    """
    manifest = manifest_of(row)
    for each in (*([manifest] if manifest else []), *files_of(row)):
        await attached.erase(uow, each.attachment_id)
    await beside.erase_all(uow, row.handover_id)
    await ends.change_incoming(uow, row, dossier=None, files=[], dossier_at=None, erased_at=uow.now)


def _body(
    uow: UnitOfWork, node: Node, kind: Message, payload: Payload | None, erased: Erased
) -> msgspec.Struct:
    """What the step sends."""
    policy = policy_at(node, uow.now)
    match kind, payload:
        case Message.NOTED, _:
            return wire.Noted()
        case Message.CANCELLED, _:
            return wire.Cancelled(erased, uow.now)
        case Message.ACCEPTED, Accept(take_over_on=day, text=text):
            return wire.Accepted(day, text, policy.valid_from, policy.sha256)
        case Message.DECLINED, Decline(code=code, text=text):
            return wire.Declined(code, text, policy.valid_from, policy.sha256)
        case Message.RETURNED, ReturnIt(code=code, text=text):
            return wire.Returned(code, text, uow.now)
        case Message.AGREED, Agree(take_over_on=day, text=text):
            return wire.Agreed(day, text)
        case _:
            raise AssertionError(f"no step sends {kind} for {payload}")


async def take_over(
    uow: UnitOfWork,
    node: Node,
    actor: Actor,
    row: Incoming,
    case_id: CaseId,
    keys: Keys,
    facts: Facts,
    payload: TakeOver,
) -> Decision[ReceiverState]:
    """Open our file, sign the link that makes us responsible, and say so.

    From the commit of this transaction on we are; the sender learns it by `completed`.

    Args:
        actor: the second person, who thereby becomes a member of the new file.
        case_id: drawn before, its key made before.
    """
    decision = receiver_step(row.state, Act.TAKE_OVER, facts)
    key = keys[subject_of(row.handover_id)]
    content = await read_dossier(uow, row, key)
    assert content is not None  # a guard has demanded it
    await beside.finish_cards(uow, row.handover_id)
    members = {payload.case_worker: cases.NewMember(StaffId(payload.case_worker), "case_worker")}
    members.setdefault(actor.staff_id, cases.NewMember(actor.staff_id, _member_role(actor)))
    link = await cases.open_transferred(
        uow,
        keys[case_subject(case_id)],
        node=node,
        case_id=case_id,
        origin=cases.Origin(
            FederationCaseId(content.federation_case_id), row.handover_id, row.sender
        ),
        chain=content.chain,
        dossier=cases.Dossier(
            content.sections,
            content.withheld,
            tuple(each.document for each in content.documents),
            content.withheld_documents,
        ),
        unit=actor.unit,
        members=tuple(members.values()),
        signer=node.keyring.signing(uow.wall),
    )
    await _take_in_documents(uow, row, case_id, content, keys)
    await ends.change_incoming(uow, row, state=decision.new_state, case_id=case_id)
    body = wire.Completed(link, row.receiving_function)
    await send(uow, node, row, body, key)
    await note(uow, row, str(Act.TAKE_OVER), decision.new_state)
    return decision


async def _take_in_documents(
    uow: UnitOfWork,
    row: Incoming,
    case_id: CaseId,
    content: wire.DossierContentWithFiles,
    keys: Keys,
) -> None:
    """Every document into the new file, from the handover's key to the case's, its hash compared.

    Raises:
        DomainError: `attachment.spoiled`, `document.differs`, `handover.dossier_unreadable`.
    """
    signed = {each.attachment_id: each for each in files_of(row)}
    if {each.attachment_id for each in content.documents} != set(signed):
        raise DomainError("handover.dossier_unreadable")
    for each in content.documents:
        item = each.document
        manifest = signed[each.attachment_id]
        await documents.take_in(
            uow,
            keys[case_subject(case_id)],
            case_id,
            attachment_pieces(uow, keys[subject_of(row.handover_id)], manifest),
            section=item.section,
            title=item.title,
            received_on=item.received_on,
            came_from=row.sender,
            is_said=(item.media_type, item.sha256, item.size_bytes),
        )


async def spoilt_files(uow: UnitOfWork, row: Incoming, key: SubjectKey) -> list[Manifest]:
    """Which of the attachments that had come are no longer what came; every byte is read."""
    found = []
    manifest = manifest_of(row)
    for each in (*([manifest] if manifest else []), *files_of(row)):
        try:
            async for _ in attachment_pieces(uow, key, each):
                pass
        except DomainError:
            found.append(each)
        except AccessDenied:
            continue  # has not come yet, or not whole: asked for already
    return found


def _member_role(actor: Actor) -> cases.MemberRole:
    for role in ("team_leader", "exit_coordinator", "case_worker"):
        if role in actor.roles:
            found: cases.MemberRole = msgspec.convert(role, cases.MemberRole)
            return found
    raise DomainError("handover.not_delegate")


async def record(
    uow: UnitOfWork, node: Node, row: Incoming, act: Act, persons: Persons, text: str, keys: Keys
) -> None:
    """Keep the decision, with the policy and the delegation it was made under."""
    assert persons.first is not None
    await record_decision(
        uow,
        keys[subject_of(row.handover_id)],
        policy_at(node, uow.now),
        kind=DELEGATED[act],
        case_id=None,
        subject=row.handover_id,
        decided_by=persons.first,
        second=persons.second,
        law_ref=LAW[act],
        reasons=text,
        outcome=str(act),
    )
