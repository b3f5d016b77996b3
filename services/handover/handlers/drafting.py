"""A proposal while it is written: begun, saved, and looked at before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from services.cases import api as cases
from services.directory import api as directory
from services.handover import wire
from services.handover.domain import on_paper
from services.handover.domain.commands import (
    Draft,
    Propose,
    StartDraft,
    UpdateDraft,
    check_texts,
)
from services.handover.domain.facts import Ground, Placement
from services.handover.domain.records import Outgoing
from services.handover.domain.states import Act, SenderState
from services.handover.domain.steps import refusals
from services.handover.domain.this_case import OnCase, OnThisCase, on_this_case
from services.handover.handlers import outgoing
from services.handover.handlers.acting import find_end, lock_end
from services.handover.handlers.common import (
    THE_LAW,
    Keys,
    case_subject,
    demand_revision,
    keys_for,
    policy_at,
    rules,
    subject_of,
)
from services.handover.policy import answer_due
from services.handover.store import beside, ends
from services.protection import api as protection
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import CaseId, ConversationId, random_id
from shared.node import Node
from shared.policy import Sections, differences

ALL_KINDS = frozenset(cases.INFORMATION_KINDS)


async def start_draft(node: Node, actor: Actor, command: StartDraft) -> ConversationId:
    """Begin a proposal, filled in from the file and the policy; it blocks nothing until it is sent.

    Raises:
        AccessDenied: no such case, or not a member.
        Conflict: `handover.draft_exists`, `handover.already_open`, `handover.case_closed`,
            `case.responsibility_moved`.
        DomainError: `handover.to_oneself`, `directory.unknown_authority`, `handover.excluded`.
    """
    if command.receiver == node.authority:
        raise DomainError("handover.to_oneself")
    there = directory.authority(node, command.receiver)
    handover_id = ConversationId(random_id())
    case_key = await keys_for(node, case_subject(command.case_id))
    key = await node.case_keys.ensure(subject_of(handover_id))
    async with node.db.begin(actor, term=command.term) as uow:
        header = await cases.require_member(uow, command.case_id)
        if header.term != command.term:
            raise Conflict("case.responsibility_moved")
        if header.state in cases.CLOSED_STATES or not header.is_responsible:
            raise Conflict("handover.case_closed")
        if header.open_handover is not None:
            raise Conflict("handover.already_open")
        if await cases.is_excluded(uow, command.case_id, command.receiver):
            raise DomainError("handover.excluded", authority=command.receiver)
        row = _new_row(uow, actor, command, handover_id)
        row = replace(row, is_on_paper=directory.is_reached_on_paper(node, command.receiver))
        functions = [function.address for function in there.functions]
        function = on_paper.FUNCTION if row.is_on_paper else functions[0] if functions else ""
        draft = Draft(receiving_function=function)
        draft = await _filled_in(uow, node, row, draft, case_key)
        row = replace(row, **_columns(draft))
        await ends.add_outgoing(uow, row, msgspec.json.encode(draft), key)
        await beside.add_event(uow, handover_id, "draft_started", str(row.state))
        uow.audit("handover.draft_started", case_id=row.case_id, handover=str(handover_id))
        await uow.commit()
    return handover_id


def _new_row(
    uow: UnitOfWork, actor: Actor, command: StartDraft, handover_id: ConversationId
) -> Outgoing:
    return Outgoing(
        handover_id=handover_id,
        case_id=command.case_id,
        term=command.term,
        receiver=command.receiver,
        state=SenderState.DRAFT,
        revision=1,
        since=uow.now,
        created_at=uow.now,
        created_by=actor.staff_id,
        ground=None,
        consent_id=None,
        consent_withdrawn_at=None,
        answer_on=None,
        proposed_at=None,
        receipt_at=None,
        take_over_on=None,
        answer_code=None,
        withdrawn_because=None,
        ruled_for=None,
        withdrawal_agreed_at=None,
        dossier_at=None,
        is_on_paper=False,
    )


async def _filled_in(uow: UnitOfWork, node: Node, row: Outgoing, draft: Draft, keys: Keys) -> Draft:
    """What the file and the policy already know; a person reads and changes it."""
    today = local_date(uow.now)
    case_key = keys[case_subject(row.case_id)]
    person = await cases.person_facts(uow, case_key, row.case_id)
    finding = person.residence
    if finding is not None and finding.municipality == row.receiver and finding.ground:
        draft = msgspec.structs.replace(
            draft, residence_ground=finding.ground, connection=finding.facts
        )
    counterparty = cases.Counterparty(row.receiver, "social_services")
    consents = await cases.active_consents(uow, case_key, row.case_id, today)
    consent = next((one for one in consents if one.covers(counterparty, "handover", today)), None)
    if consent is not None:
        draft = msgspec.structs.replace(
            draft, ground="consent", consent_id=consent.consent_id, kinds=frozenset(consent.kinds)
        )
    within = rules(policy_at(node, uow.now)).answer_within.value
    return msgspec.structs.replace(draft, answer_on=answer_due(today, within))


def _columns(draft: Draft) -> dict[str, Any]:
    """What of a draft stands in columns: what lists and timers need."""
    return {
        "ground": draft.ground,
        "consent_id": draft.consent_id if draft.ground == "consent" else None,
        "answer_on": draft.answer_on,
    }


async def update_draft(node: Node, actor: Actor, command: UpdateDraft) -> None:
    """Save the form; a signature that waits falls, for it was for something else.

    Raises:
        Conflict: `handover.changed_meanwhile`, `handover.not_in_this_state`.
        DomainError: `handover.unknown_function`, `handover.unknown_kind`,
            `handover.no_legal_ground`, `handover.text_too_long`.
    """
    seen = await _outgoing(node, actor, command.handover_id)
    draft = command.draft
    check_texts(draft)
    if unknown := draft.kinds - ALL_KINDS:
        raise DomainError("handover.unknown_kind", kind=min(unknown))
    if draft.ground == "consent" and draft.consent_id is None:
        raise DomainError("handover.no_legal_ground")
    there = directory.authority(node, seen.receiver)
    functions = {function.address for function in there.functions}
    if seen.is_on_paper:
        functions = {on_paper.FUNCTION}
    if draft.receiving_function not in functions:
        raise DomainError("handover.unknown_function")
    keys = await keys_for(node, subject_of(seen.handover_id))
    async with node.db.begin(actor, term=seen.term) as uow:
        row = await lock_end(uow, seen)
        assert isinstance(row, Outgoing)
        demand_revision(row, command.revision)
        if row.state is not SenderState.DRAFT:
            raise Conflict("handover.not_in_this_state", state=str(row.state), on="update")
        key = keys[subject_of(row.handover_id)]
        content = msgspec.json.encode(draft)
        await ends.save_draft(uow, row, content, key, **_columns(draft))
        if await beside.drop_pending(uow, row.handover_id):
            await beside.finish_cards(uow, row.handover_id)
        uow.audit("handover.draft_saved", case_id=row.case_id, handover=str(row.handover_id))
        await uow.commit()


async def drafts_of_case(node: Node, actor: Actor, case_id: CaseId) -> list[Outgoing]:
    """All handovers of a case, newest first; without content, so that nothing is read of it."""
    async with node.db.begin(actor) as uow:
        return await ends.outgoing_of_case(uow, case_id)


Warn = Literal[
    "consent_ends_soon",
    "threat_is_high",
    "level_is_withheld",
    "residence_not_confirmed",
    "nothing_travels",
    "policy_differs",
    "registration_is_protected",
    "placement_not_asked",
    "nothing_investigated",
    "goes_on_paper",
]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen if the proposal were sent and accepted as it stands.

    Args:
        proposal: as it would travel; None while something that it needs is missing.
        copied: sections of the dossier that would travel as they are.
        mapped: sections that would travel as something else: what, and as what.
        withheld: what would not travel, each with its reason.
        documents: those that would travel beside the sections.
        withheld_documents: sections whose documents would not, each with its reason.
        differences: rules that the receiver's published policy answers otherwise and that touch
            this case, each with what follows from it; ours is left.
        refusals: code and facts of everything that still stands in the way.
    """

    row: Outgoing
    draft: Draft
    proposal: wire.Proposed | None
    copied: Sequence[cases.Section]
    mapped: Sequence[tuple[str, str]]
    withheld: Sequence[cases.Withheld]
    documents: Sequence[cases.DocumentItem]
    withheld_documents: Sequence[cases.WithheldDocuments]
    warnings: Sequence[Warn]
    differences: Sequence[OnThisCase]
    refusals: Sequence[DomainError]


async def preview(
    node: Node, actor: Actor, handover_id: ConversationId, sections: Sections
) -> Preview:
    """Look at a draft as the receiver would see it; audited as a read.

    Args:
        sections: every policy section there is, to compare ours with theirs.
    """
    seen = await _outgoing(node, actor, handover_id)
    keys = await keys_for(node, subject_of(handover_id), case_subject(seen.case_id))
    async with node.db.begin(actor, term=seen.term) as uow:
        row = await ends.outgoing(uow, handover_id)
        draft = await outgoing.load_draft(uow, row, keys)
        found = await _refusals(uow, node, row, draft, keys)
        scope = await outgoing.scope_of(uow, node, row, draft, keys)
        case_key = keys[case_subject(row.case_id)]
        dossier = await cases.project_dossier(uow, case_key, row.case_id, scope)
        has_ground = draft.ground is not None and draft.answer_on is not None
        is_whole = has_ground and not {"handover.no_legal_ground", "handover.consent_expired"} & {
            each.code for each in found
        }
        proposal = await outgoing.proposed(uow, node, row, keys) if is_whole else None
        person = await cases.person_facts(uow, case_key, row.case_id)
        ground = await outgoing.legal_ground(uow, row, draft, keys)
        compared = await _compare(node, uow, row, ground, person, sections)
        warnings = await _warnings(uow, row, ground, dossier, person, compared)
        uow.audit("handover.preview_read", case_id=row.case_id, handover=str(handover_id))
        await uow.commit()
    needs = [f"needs.{area}" for area in person.need_areas]
    return Preview(
        row=row,
        draft=draft,
        proposal=proposal,
        copied=dossier.sections,
        mapped=[(need, "need") for need in needs] if draft.need else [],
        withheld=dossier.withheld,
        documents=dossier.documents,
        withheld_documents=dossier.withheld_documents,
        warnings=warnings,
        differences=compared,
        refusals=found,
    )


async def _refusals(
    uow: UnitOfWork, node: Node, row: Outgoing, draft: Draft, keys: Keys
) -> list[DomainError]:
    """Everything in the way but who signs; the directory's own code goes first."""
    try:
        facts = await outgoing.gather(uow, node, row, draft, keys, THE_LAW, Propose())
    except DomainError as refusal:
        return [refusal]
    missing = {"handover.second_person_missing", "handover.not_delegate"}
    found = refusals(row.state, Act.PROPOSE, facts)
    return [each for each in found if each.code not in missing]


async def _compare(
    node: Node,
    uow: UnitOfWork,
    row: Outgoing,
    ground: Ground,
    person: cases.PersonFacts,
    sections: Sections,
) -> list[OnThisCase]:
    """The receiver's published policy beside ours, on this case."""
    theirs = directory.published_policies(node, row.receiver)
    if not theirs.policies:
        return []
    today = local_date(uow.now)
    threat = await protection.current_threat(uow, case_subject(row.case_id))
    finding = person.residence
    number = person.person.personal_number
    header = await cases.load_header(uow, row.case_id)
    case = OnCase(
        today=today,
        level=threat.level if threat else None,
        assessed_on=local_date(threat.assessed_at) if threat else None,
        age=cases.age_on(number, today) if number else None,
        ground=finding.ground if finding and finding.confirmed_at else None,
        need_areas=frozenset(person.need_areas),
        consent_until=ground.valid_until,
        is_light=header.state in cases.BEFORE_INVESTIGATION,
    )
    found = differences(policy_at(node, uow.now), theirs.on(today), sections)
    return on_this_case(found, case)


async def _warnings(
    uow: UnitOfWork,
    row: Outgoing,
    ground: Ground,
    dossier: cases.Dossier,
    person: cases.PersonFacts,
    compared: Sequence[OnThisCase],
) -> list[Warn]:
    finding = person.residence
    header = await cases.load_header(uow, row.case_id)
    reasons = {each.section: each.reason for each in dossier.withheld}
    is_high = reasons.get("threat_level") or any(
        isinstance(each, cases.ThreatSection) and each.level == "HIGH" for each in dossier.sections
    )
    candidates: dict[Warn, bool] = {
        "consent_ends_soon": bool(
            ground.valid_until and (ground.valid_until - local_date(uow.now)).days <= 30
        ),
        "threat_is_high": bool(is_high),
        "level_is_withheld": "threat_level" in reasons,
        "residence_not_confirmed": finding is None or finding.confirmed_at is None,
        "nothing_travels": not dossier.sections,
        "policy_differs": bool(compared),
        "registration_is_protected": person.protected_identity == "PROTECTED_REGISTRATION",
        "placement_not_asked": await outgoing.placement(uow, row) is Placement.NOT_ASKED,
        "goes_on_paper": row.is_on_paper,
        "nothing_investigated": header.state in cases.BEFORE_INVESTIGATION,
    }
    return [name for name, holds in candidates.items() if holds]


async def _outgoing(node: Node, actor: Actor, handover_id: ConversationId) -> Outgoing:
    seen = await find_end(node, actor, handover_id)
    if not isinstance(seen, Outgoing):
        raise AccessDenied
    return seen
