"""The joint entry assessment: ready, answered, signed by each party, decided.

What is signed is one assessment, by its id: a changed answer is a new one, with no signature. The
police see and sign it in the joint room; their word is kept there and read from there.
"""

from uuid import UUID

from services.cases.domain.entry import (
    check_ready,
    complete,
    unanswered,
)
from services.cases.domain.entry_signing import check_admit, check_refuse, check_signer
from services.cases.domain.entry_views import (
    Admit,
    AssessEntry,
    MarkReady,
    RefuseEntry,
    SignEntry,
)
from services.cases.domain.states import State, after
from services.cases.handlers import sealing
from services.cases.handlers.assessed import (
    Assessed,
    Signed,
    cooperation_until,
    decision_on,
    facts_of,
    signed,
)
from services.cases.handlers.immediate import require_none_waits
from services.cases.handlers.work import AtCase, writing
from services.cases.policy import entry_criteria, entry_demands, is_joint
from services.cases.store import entries, headers, tables
from services.decisions import api as decisions
from services.protection import api as protection
from services.protection.api import PaperLine, room_of
from shared.actor import Actor
from shared.clock import local_date
from shared.db import add_row
from shared.errors import Conflict, DomainError
from shared.ids import SubjectId, row_id
from shared.node import Node
from shared.policy import Policy

ADMITTED = "ADMITTED"


async def mark_ready(node: Node, actor: Actor, command: MarkReady) -> None:
    """All tracks are answered: the assessment begins.

    Raises:
        DomainError: `entry.not_ready` with the tracks, `case.event_not_allowed`.
    """
    async with writing(node, actor, command.case_id, command.term, "ready") as at:
        state = after(at.header.state, "ready")
        policy = node.policies.on(local_date(at.uow.now))
        check_ready(unanswered(entry_demands(policy), await facts_of(at)))
        await headers.change_state(at.uow, at.header, state)
        await headers.insert_event(at.uow, command.case_id, "case.ready_for_entry", {})
        at.uow.audit("case.ready_for_entry", case_id=command.case_id)
        await at.uow.commit()


async def assess_entry(node: Node, actor: Actor, command: AssessEntry) -> UUID:
    """Answer every criterion; where the police decide too, they see it in the joint room at once.

    Raises:
        DomainError: `entry.*`, `text.too_long`, `entry.no_ground` where the police must see it and
            neither a consent to cooperate with them nor a statute carries that.
    """
    room = room_of(SubjectId(command.case_id))
    async with writing(
        node, actor, command.case_id, command.term, "assess_entry", keys=(room,)
    ) as at:
        _require_assessing(at.header.state)
        policy = node.policies.on(local_date(at.uow.now))
        answers = complete(
            entry_criteria(policy), await facts_of(at), command.group, command.answers
        )
        before = await entries.newest(at.uow, command.case_id)
        entry_id = row_id(at.uow.now)
        body = sealing.EntryBody(command.group, answers)
        await add_row(
            at.uow,
            tables.entry,
            entry_id=entry_id,
            case_id=command.case_id,
            number=before.number + 1 if before else 1,
            sealed=sealing.close(at.key, "case_entry", entry_id, body),
            policy_from=policy.valid_from,
            policy_sha256=policy.sha256,
            made_at=at.uow.now,
            made_by=actor.staff_id,
        )
        if is_joint(policy):
            await _put_before_police(node, at, Assessed.under(policy, entry_id, body))
        await headers.touch(at.uow, at.header)
        await headers.insert_event(at.uow, command.case_id, "case.entry_assessed", {})
        at.uow.audit("case.entry_assessed", case_id=command.case_id, entry=str(entry_id))
        await at.uow.commit()
    return entry_id


async def sign_entry(node: Node, actor: Actor, command: SignEntry) -> None:
    """Sign what stands there now, by whom the delegation order names.

    Raises:
        DomainError: `entry.unclear_unsigned`, `entry.party_not_wanted`, `entry.same_person`,
            `entry.first_signs_first`, `entry.facts_changed`, `decision.*`.
        Conflict: `entry.superseded`, `entry.signed_already`.
    """
    async with writing(node, actor, command.case_id, command.term, "sign_entry") as at:
        now, known, policy = await _standing(node, at, command.entry_id)
        check_signer(command.party, actor.staff_id, now.wanted, known.by_party)
        if command.party == "second":
            decisions.require_second(policy, now.kind, known.by_party["municipality"], actor)
        else:
            decisions.require_delegate(policy, now.kind, actor)
        await add_row(
            at.uow,
            tables.entry_signature,
            case_id=command.case_id,
            entry_id=command.entry_id,
            party=command.party,
            signed_by=actor.staff_id,
            signed_at=at.uow.now,
        )
        facts = {"party": command.party}
        await headers.touch(at.uow, at.header)
        await headers.insert_event(at.uow, command.case_id, "case.entry_signed", dict(facts))
        at.uow.audit(
            "case.entry_signed", case_id=command.case_id, entry=str(command.entry_id), **facts
        )
        await at.uow.commit()


async def admit(node: Node, actor: Actor, command: Admit) -> None:
    """Everybody has signed that every condition is met: an agreement comes next.

    Raises:
        DomainError: `entry.not_met`, `entry.unclear`, `entry.police_disagree`, `entry.unsigned`,
            `entry.facts_changed`, `case.event_not_allowed`.
        Conflict: `entry.superseded`.
    """
    async with writing(node, actor, command.case_id, command.term, "admit") as at:
        state = after(at.header.state, "admit")
        now, known, policy = await _standing(node, at, command.entry_id)
        check_admit(now.outcome.verdict, now.wanted, known.by_party, known.police)
        await _record(at, policy, now, known, ADMITTED)
        await headers.insert_event(at.uow, command.case_id, "case.admitted", {})
        at.uow.audit("case.admitted", case_id=command.case_id, entry=str(command.entry_id))
        await headers.change_state(at.uow, at.header, state)
        await at.uow.commit()


async def refuse_entry(node: Node, actor: Actor, command: RefuseEntry) -> None:
    """Everybody has signed that a condition is not met: the case ends, an application does not.

    Raises:
        DomainError: `entry.nothing_failed`, `entry.reason_not_failed`, `immediate.waits`, and as
            `admit`.
        Conflict: `entry.superseded`, `case.handover_open`.
    """
    async with writing(node, actor, command.case_id, command.term, "refuse_entry") as at:
        has_open_handover = at.header.open_handover is not None
        state = after(at.header.state, "refuse_entry", has_open_handover=has_open_handover)
        now, known, policy = await _standing(node, at, command.entry_id)
        await require_none_waits(at.uow, command.case_id)
        check_refuse(
            now.outcome, command.reason, now.criteria, now.wanted, known.by_party, known.police
        )
        await _record(at, policy, now, known, command.reason)
        await protection.close_room(at.uow, SubjectId(command.case_id))
        # Which condition failed is in the decision: history and log have more readers.
        await headers.insert_event(at.uow, command.case_id, "case.entry_refused", {})
        at.uow.audit("case.entry_refused", case_id=command.case_id, entry=str(command.entry_id))
        await headers.change_state(at.uow, at.header, state, "NOT_ADMITTED")
        await at.uow.commit()


def _require_assessing(state: State) -> None:
    if state != "ENTRY_ASSESSMENT":
        raise DomainError("entry.not_now")


async def _standing(node: Node, at: AtCase, entry_id: UUID) -> tuple[Assessed, Signed, Policy]:
    """The assessment that counts, when it is the one named, undecided, and still bears out."""
    _require_assessing(at.header.state)
    row = await entries.newest(at.uow, at.header.case_id)
    if row is None or row.entry_id != entry_id or await decision_on(at, entry_id):
        raise Conflict("entry.superseded")
    policy = node.policies.on(local_date(at.uow.now))
    now = Assessed.under(policy, entry_id, sealing.entry(at.key, row))
    if row.policy_sha256 != policy.sha256 or not now.still_holds(await facts_of(at)):
        raise DomainError("entry.facts_changed")
    return now, await signed(at, entry_id), policy


async def _put_before_police(node: Node, at: AtCase, now: Assessed) -> None:
    """The assessment in the joint room of the unit that answers for the level."""
    subject = SubjectId(at.header.case_id)
    ground = await protection.room_ground(at.uow, subject)
    shared_until = await cooperation_until(at)
    if ground is None or (ground == "consent" and shared_until is None):
        raise DomainError("entry.no_ground")
    threat = await protection.current_threat(at.uow, subject)
    unit = protection.responsible_unit(node, threat.level if threat else "LOW")
    if await headers.is_excluded(at.uow, at.header.case_id, "unit", unit.code):
        raise DomainError("threat.unit_excluded")
    source = {each.code: f"{each.document}, {each.section}" for each in now.criteria}
    await protection.put_paper(
        at.uow,
        at.keys[room_of(subject)],
        subject=subject,
        paper_id=now.entry_id,
        kind="entry_assessment",
        unit=unit,
        is_final="police" in now.wanted,
        outcome=now.outcome.verdict,
        lines=[
            PaperLine(each.criterion, each.answer, each.reasons, source[each.criterion])
            for each in now.body.answers
        ],
        shared_until=shared_until,
    )


async def _record(at: AtCase, policy: Policy, now: Assessed, known: Signed, decided: str) -> None:
    """In the register: policy, row of the delegation order, both persons, every reason."""
    await decisions.record_decision(
        at.uow,
        at.key,
        policy,
        kind=now.kind,
        case_id=at.header.case_id,
        subject=now.entry_id,
        decided_by=known.by_party["municipality"],
        second=known.by_party.get("second"),
        law_ref="",
        reasons="\n".join(each.reasons for each in now.body.answers if each.reasons),
        outcome=decided,
    )
