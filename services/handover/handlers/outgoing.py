"""The sender's end: what a step is judged by, and what it does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from uuid import UUID

import msgspec

from services.cases import api as cases
from services.decisions.api import record_decision
from services.directory import api as directory
from services.documents import api as documents
from services.handover import wire
from services.handover.domain.commands import (
    DELEGATED,
    LAW,
    MAX_REFERENCE,
    ApplyToIVO,
    Draft,
    Keep,
    Payload,
    RecordRuling,
    Withdraw,
)
from services.handover.domain.facts import (
    Belonging,
    Facts,
    Ground,
    GroundKind,
    Persons,
    Placement,
    Ruling,
)
from services.handover.domain.records import Outgoing
from services.handover.domain.states import Act, Event, Message, SenderState, Trigger
from services.handover.domain.steps import Decision, Effect, sender_step
from services.handover.domain.timers import earliest_answer
from services.handover.handlers import letters
from services.handover.handlers.common import (
    Keys,
    case_subject,
    policy_at,
    send,
    subject_of,
)
from services.handover.policy import MIN_ANSWER_DAYS
from services.handover.store import beside, ends
from services.protection import api as protection
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.errors import Fact
from shared.ids import MessageId, random_id
from shared.node import Node
from shared.outbox import Manifest, enqueue_attachment, enqueue_pieces, stop_attachments

STATUTE_LEAST = frozenset({"identity", "residence"})
"""What travels where neither consent nor the sender's choice says more: who, and why there.

Assumed; the sections of the new social services act are not verified (domain 11, point 1).
"""


async def load_draft(uow: UnitOfWork, row: Outgoing, keys: Keys) -> Draft:
    """The proposal as it was written."""
    content = await ends.outgoing_content(uow, row.handover_id, keys[subject_of(row.handover_id)])
    return msgspec.json.decode(content, type=Draft)


async def gather(
    uow: UnitOfWork,
    node: Node,
    row: Outgoing,
    draft: Draft,
    keys: Keys,
    persons: Persons,
    payload: Payload | None,
) -> Facts:
    """All that a step of the sender's end may be judged by."""
    today = local_date(uow.now)
    header = await cases.load_header(uow, row.case_id)
    subject = case_subject(row.case_id)
    threat = await protection.current_threat(uow, subject)
    ruling = Ruling()
    if isinstance(payload, RecordRuling):
        ruling = Ruling(
            payload.document,
            payload.decided_on,
            payload.final_on,
            is_appealed=await beside.has_happened(uow, row.handover_id, "ruling_appealed"),
            appeal_document=payload.appeal_document,
        )
    return Facts(
        today=today,
        own=node.authority,
        other=row.receiver,
        persons=persons,
        ground=await legal_ground(uow, row, draft, keys),
        belonging=Belonging(
            draft.connection,
            draft.duration,
            draft.circumstances,
            draft.wish,
            draft.wish_is_followed,
            draft.wish_overridden_because,
        ),
        ruling=ruling,
        is_known=_is_known(node, row),
        is_excluded=await cases.is_excluded(uow, row.case_id, row.receiver),
        leaves_unregistered=row.is_on_paper and not draft.register_number.strip(),
        has_open_handover=header.open_handover not in (None, row.handover_id),
        is_threat_high=threat is not None
        and protection.needs_placement_answer(policy_at(node, uow.now), threat.level),
        is_light=header.state in cases.BEFORE_INVESTIGATION,
        placement=await placement(uow, row),
        answer_on=draft.answer_on,
        earliest_answer_on=earliest_answer(today, MIN_ANSWER_DAYS),
        received_on=None if row.receipt_at is None else local_date(row.receipt_at),
        receiver_agrees=row.withdrawal_agreed_at is not None,
        is_ruled_for_receiver=row.ruled_for == "receiver",
        is_removed=directory.authority(node, row.receiver).status == "removed"
        if row.state is not SenderState.DRAFT
        else False,
    )


def _is_known(node: Node, row: Outgoing) -> bool:
    """Raises the directory's own, more telling code where it has one."""
    if row.state is SenderState.DRAFT and row.is_on_paper:
        directory.check_still_on_paper(node, row.receiver)
    elif row.state is SenderState.DRAFT and row.receiver != node.authority:
        directory.check_may_propose_to(node, row.receiver)
    return True


async def placement(uow: UnitOfWork, row: Outgoing) -> Placement:
    """What the police have said of the receiving municipality; never why."""
    asked = await protection.placement_answer(uow, case_subject(row.case_id), row.receiver)
    if asked is None:
        return Placement.NOT_ASKED
    if asked.answer is None:
        return Placement.WAITING
    return Placement.CLEAR if asked.answer == "CLEAR" else Placement.NOT_CLEAR


async def legal_ground(uow: UnitOfWork, row: Outgoing, draft: Draft, keys: Keys) -> Ground:
    """The ground as it stands today."""
    kind = row.ground or draft.ground
    if kind is None:
        return Ground()
    if kind != "consent":
        return Ground(GroundKind(kind), covers_receiver=True, statute=draft.statute)
    consent = await _consent(uow, row, draft, keys)
    is_withdrawn = row.consent_withdrawn_at is not None
    if consent is None:
        return Ground(GroundKind.CONSENT, is_withdrawn=is_withdrawn)
    counterparty = cases.Counterparty(row.receiver, "social_services")
    return Ground(
        GroundKind.CONSENT,
        covers_receiver=consent.covers(counterparty, "handover", local_date(uow.now)),
        valid_until=consent.valid_until,
        is_withdrawn=is_withdrawn,
    )


async def _consent(
    uow: UnitOfWork, row: Outgoing, draft: Draft, keys: Keys
) -> cases.Consent | None:
    """The consent that the handover rests on, while it is in force."""
    case_key = keys[case_subject(row.case_id)]
    wanted = row.consent_id or draft.consent_id
    active = await cases.active_consents(uow, case_key, row.case_id, local_date(uow.now))
    return next((consent for consent in active if consent.consent_id == wanted), None)


async def scope_of(
    uow: UnitOfWork, node: Node, row: Outgoing, draft: Draft, keys: Keys
) -> cases.DossierScope:
    """What may travel now: what the draft chose, never more than the ground lets through.

    Nothing of the person to who was put on the exclusion list since the proposal: the dossier goes
    by itself when the other end accepts. A final ruling is stronger than the list.
    """
    kind = row.ground or draft.ground
    consent = await _consent(uow, row, draft, keys)
    allowed: frozenset[str] = frozenset()
    if kind != "ruling" and await cases.is_excluded(uow, row.case_id, row.receiver):
        pass
    elif consent is not None:
        allowed = frozenset[str](consent.kinds) & draft.kinds
    elif kind == "consent":
        pass  # withdrawn, or its day has passed: nothing rests on it
    elif kind == "ruling":
        allowed = STATUTE_LEAST
    else:
        allowed = draft.kinds | STATUTE_LEAST
    may_pass = await protection.level_passing_approved(uow, case_subject(row.case_id), row.receiver)
    kinds = frozenset(kind for kind in cases.INFORMATION_KINDS if kind in allowed)
    return cases.DossierScope(
        kinds=kinds,
        may_pass_level=may_pass,
        receiver=row.receiver,
        # Who has no node gets the documents as they are, beside the letter.
        reads_files=row.is_on_paper
        or 2 in node.directory.version_of(row.receiver, Message.DOSSIER.value),
    )


async def passed_threat(uow: UnitOfWork, row: Outgoing) -> wire.PassedThreat | None:
    """The level, where the police have approved that it is passed on."""
    subject = case_subject(row.case_id)
    threat = await protection.current_threat(uow, subject)
    if threat is None:
        return None
    if not await protection.level_passing_approved(uow, subject, row.receiver):
        return None
    return wire.PassedThreat(
        threat.level, threat.unit, local_date(threat.assessed_at), threat.next_review_on
    )


async def take(
    uow: UnitOfWork,
    node: Node,
    row: Outgoing,
    on: Trigger,
    keys: Keys,
    facts: Facts | None,
    payload: Payload | None = None,
    refers_to: MessageId | None = None,
    values: Mapping[str, object] | None = None,
) -> Decision[SenderState]:
    """Move the sender's end, and do in the same transaction all that follows.

    Args:
        on: what happened.
        keys: the handover's own and the case's.
        facts: what the guards judge by; None for a message.
        payload: what the person decided.
        values: columns that change beside the state.
    """
    decision = sender_step(row.state, on, facts)
    kept = await registered(uow, row, payload, keys)
    changes = {**_columns(uow, on), **kept, **(values or {})}
    await beside.finish_cards(uow, row.handover_id)
    await ends.change_outgoing(uow, row, state=decision.new_state, **changes)
    if row.state is SenderState.SENDING and decision.new_state is not SenderState.COMPLETED:
        # What has not left by now never will: the consent is withdrawn, or the case stays here.
        await stop_attachments(uow, row.handover_id)
    if "take_over_on" in changes:
        row = replace(row, take_over_on=msgspec.convert(changes["take_over_on"], date))
    for effect in decision.effects:
        await _do(uow, node, row, effect, decision)
    if decision.sends is not None:
        key = keys[subject_of(row.handover_id)]
        if decision.sends is Message.DOSSIER and row.is_on_paper:
            body, content = await dossier_on_paper(uow, node, row, keys)
            await letters.write(uow, node, row, body, key, refers_to, content)
        else:
            said = await _body(uow, node, row, decision.sends, on, payload, keys)
            await send(uow, node, row, said, key, refers_to)
    code = str(on)
    facts_of = _dates(payload)
    await beside.add_event(uow, row.handover_id, code, str(decision.new_state), facts_of)
    uow.audit(
        f"handover.{code}",
        case_id=row.case_id,
        handover=str(row.handover_id),
        state=str(decision.new_state),
    )
    return decision


def _dates(payload: Payload | None) -> dict[str, Fact]:
    """What the file may say of a ruling without opening anything: its two days."""
    if not isinstance(payload, RecordRuling):
        return {}
    return {
        "decided_on": payload.decided_on.isoformat(),
        "final_on": payload.final_on.isoformat(),
    }


def _columns(uow: UnitOfWork, on: Trigger) -> dict[str, object]:
    """What the trigger alone changes in the row."""
    changes: dict[Trigger, dict[str, object]] = {
        Act.PROPOSE: {"proposed_at": uow.now},
        Act.WITHDRAW: {"withdrawn_because": "decided"},
        Event.CONSENT_WITHDRAWN: {"withdrawn_because": "consent_withdrawn"},
        Act.RULE_SENDER: {"ruled_for": "sender"},
        Act.RULE_RECEIVER: {"ruled_for": "receiver", "ground": "ruling"},
        Message.ACCEPTED: {"answer_code": None},
        Message.AGREED: {"answer_code": None},
    }
    return changes.get(on, {})


async def _do(
    uow: UnitOfWork, node: Node, row: Outgoing, effect: Effect, decision: Decision[SenderState]
) -> None:
    match effect:
        case Effect.MARK_OPEN:
            await cases.mark_open_handover(uow, row.case_id, row.handover_id)
        case Effect.CLEAR_OPEN if decision.new_state is not SenderState.COMPLETED:
            await cases.clear_open_handover(uow, row.case_id, row.handover_id)
        case Effect.APPEND_LINK:
            kind = msgspec.convert(decision.link, cases.LinkKind)
            signer = node.keyring.signing(uow.wall)
            await cases.append_link(uow, signer, row.case_id, kind, row.receiver)
        case _:
            pass  # END_CASE is done by the handler of `completed`, which has the link


async def _body(
    uow: UnitOfWork,
    node: Node,
    row: Outgoing,
    kind: Message,
    on: Trigger,
    payload: Payload | None,
    keys: Keys,
) -> msgspec.Struct:
    """What the step sends."""
    if kind is Message.PROPOSED:
        return await proposed(uow, node, row, keys)
    if kind is Message.DOSSIER:
        await ends.note_dossier_sent(uow, row.handover_id)
        return await dossier(uow, node, row, keys)
    if on is Event.CONSENT_WITHDRAWN:
        no_longer = wire.Withdrawn if kind is Message.WITHDRAWN else wire.Kept
        return no_longer("consent_withdrawn", "")
    return _said(kind, payload)


def _said(kind: Message, payload: Payload | None) -> msgspec.Struct:
    """What a person decided, as it travels."""
    match payload:
        case Withdraw(text=text):
            return wire.Withdrawn("decided", text)
        case Keep(text=text):
            return wire.Kept("decided", text)
        case ApplyToIVO(applied_on=day, text=text):
            return wire.Disputed(day, text)
        case RecordRuling(decided_on=decided_on, final_on=final_on):
            body = wire.RuledSender if kind is Message.RULED_SENDER else wire.RuledReceiver
            return body(_documents(payload), decided_on, final_on)
        case _:
            raise AssertionError(f"no step sends {kind} for {payload}")


def _documents(ruling: RecordRuling) -> str:
    """The decision's number, and that of what ended an appeal of it."""
    both = (ruling.document.strip(), ruling.appeal_document.strip())
    return "; ".join(each for each in both if each)[:MAX_REFERENCE]


async def registered(
    uow: UnitOfWork, row: Outgoing, payload: Payload | None, keys: Keys
) -> dict[str, object]:
    """What an application to IVO changes in what is kept: the matter's own register number."""
    if not isinstance(payload, ApplyToIVO) or not payload.register_number.strip():
        return {}
    draft = await load_draft(uow, row, keys)
    draft = msgspec.structs.replace(draft, register_number=payload.register_number.strip())
    key = keys[subject_of(row.handover_id)]
    return {"sealed": ends.seal_content(row.handover_id, msgspec.json.encode(draft), key)}


async def proposed(uow: UnitOfWork, node: Node, row: Outgoing, keys: Keys) -> wire.Proposed:
    """The proposal as it travels."""
    draft = await load_draft(uow, row, keys)
    policy = policy_at(node, uow.now)
    person = await cases.person_facts(uow, keys[case_subject(row.case_id)], row.case_id)
    assert draft.answer_on is not None  # a guard has demanded it
    return wire.Proposed(
        sending_function=directory.authority(node, node.authority).functions[0].address,
        receiving_function=draft.receiving_function,
        belonging=wire.Belonging(
            draft.residence_ground,
            draft.connection,
            draft.duration,
            draft.circumstances,
            draft.wish,
            draft.wish_is_followed,
            draft.wish_overridden_because,
        ),
        need=draft.need,
        urgency=draft.urgency,
        threat=await passed_threat(uow, row),
        is_protected=person.protected_identity != "EXIT_THREAT",
        ground=await _travelling_ground(uow, row, draft, keys),
        answer_on=draft.answer_on,
        policy_from=policy.valid_from,
        policy_sha256=policy.sha256,
    )


async def _travelling_ground(
    uow: UnitOfWork, row: Outgoing, draft: Draft, keys: Keys
) -> wire.LegalGround:
    consent = await _consent(uow, row, draft, keys)
    if consent is None:
        assert draft.statute is not None  # a guard has demanded it
        return wire.StatuteGround(draft.statute)
    return wire.ConsentGround(
        consent.consent_id, consent.kinds, consent.purposes, consent.valid_until
    )


async def dossier(uow: UnitOfWork, node: Node, row: Outgoing, keys: Keys) -> wire.Dossier:
    """Put the dossier and its documents on their way as attachments; what is returned names them.

    Without documents, sent or withheld, it is version 1, which every release reads.
    """
    projected, scope = await _projected(uow, node, row, keys)
    has_files = bool(projected.documents or projected.withheld_documents) and scope.reads_files
    files = [await _enclose(uow, row, each, keys) for each in projected.documents]
    enclosed = [file.attachment_id for file in files] if has_files else None
    content = await _content(uow, row, projected, enclosed)
    manifest = await enqueue_attachment(
        uow,
        to=row.receiver,
        conversation=row.handover_id,
        attachment_id=random_id(),
        content=msgspec.json.encode(content),
        key=keys[subject_of(row.handover_id)],
    )
    if has_files:
        return wire.DossierWithFiles(manifest, row.take_over_on, tuple(files))
    return wire.Dossier(manifest, row.take_over_on)


async def dossier_on_paper(
    uow: UnitOfWork, node: Node, row: Outgoing, keys: Keys
) -> tuple[wire.Dossier, bytes]:
    """The dossier as a letter encloses it, and the words that vouch for it by its hash.

    The documents go beside the letter as they lie in the case; each is known by its own id there.
    """
    await ends.note_dossier_sent(uow, row.handover_id)
    projected, _ = await _projected(uow, node, row, keys)
    papers = [each.document_id for each in projected.documents]
    content = msgspec.json.encode(await _content(uow, row, projected, papers))
    count = -(-len(content) // documents.PIECE_BYTES)
    manifest = Manifest(random_id(), sha256(content).hexdigest(), len(content), count)
    return wire.Dossier(manifest, row.take_over_on), content


async def _projected(
    uow: UnitOfWork, node: Node, row: Outgoing, keys: Keys
) -> tuple[cases.Dossier, cases.DossierScope]:
    draft = await load_draft(uow, row, keys)
    scope = await scope_of(uow, node, row, draft, keys)
    case_key = keys[case_subject(row.case_id)]
    return await cases.project_dossier(uow, case_key, row.case_id, scope), scope


async def _content(
    uow: UnitOfWork, row: Outgoing, projected: cases.Dossier, enclosed: Sequence[UUID] | None
) -> wire.DossierContent:
    """What the dossier says.

    Args:
        enclosed: by which each document goes beside it; None: without any, as version 1 has it.
    """
    header = await cases.load_header(uow, row.case_id)
    content = wire.DossierContent(
        federation_case_id=header.federation_case_id,
        sections=projected.sections,
        withheld=projected.withheld,
        chain=tuple(await cases.chain(uow, row.case_id)),
    )
    if enclosed is None:
        return content
    return wire.DossierContentWithFiles(
        **msgspec.structs.asdict(content),
        documents=tuple(map(wire.Enclosed, enclosed, projected.documents)),
        withheld_documents=projected.withheld_documents,
    )


async def _enclose(
    uow: UnitOfWork, row: Outgoing, item: cases.DocumentItem, keys: Keys
) -> Manifest:
    """Put one document on its way, piece by piece, from the case's key to the handover's."""
    case_key = keys[case_subject(row.case_id)]
    document = await documents.find(uow, case_key, row.case_id, item.document_id)
    count = -(-item.size_bytes // documents.PIECE_BYTES)
    manifest = Manifest(random_id(), item.sha256, item.size_bytes, count)
    await enqueue_pieces(
        uow,
        to=row.receiver,
        conversation=row.handover_id,
        manifest=manifest,
        content=documents.pieces(uow, case_key, document),
        key=keys[subject_of(row.handover_id)],
    )
    return manifest


async def record(
    uow: UnitOfWork, node: Node, row: Outgoing, act: Act, persons: Persons, text: str, keys: Keys
) -> None:
    """Keep the decision, with the policy and the delegation it was made under."""
    assert persons.first is not None
    await record_decision(
        uow,
        keys[case_subject(row.case_id)],
        policy_at(node, uow.now),
        kind=DELEGATED[act],
        case_id=row.case_id,
        subject=row.handover_id,
        decided_by=persons.first,
        second=persons.second,
        law_ref=LAW[act],
        reasons=text,
        outcome=str(act),
    )
