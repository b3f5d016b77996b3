"""The programme: agreement, start, pause and resumption, completion; a case opened again."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.cases.domain.aid import running
from services.cases.domain.plan import (
    check_next_follow_up,
)
from services.cases.domain.plan_commands import (
    CompleteProgramme,
    PauseProgramme,
    ReopenCase,
    ResumeProgramme,
    SignAgreement,
    StartProgramme,
    WithdrawAgreement,
)
from services.cases.domain.programme import (
    RegisterOutcome,
    check_agreement,
    check_completion,
    check_pause,
    check_start,
)
from services.cases.domain.states import EventName, State, after
from services.cases.domain.text import optional, required
from services.cases.domain.text import reason as reason_of
from services.cases.domain.views import CaseHeader
from services.cases.handlers import plan_sealing as plan
from services.cases.handlers import sealing
from services.cases.handlers.aid import told_in_history
from services.cases.handlers.immediate import require_none_waits
from services.cases.handlers.inside import require_member
from services.cases.handlers.plans import goals_of
from services.cases.handlers.programme_file import agreement_of, register_checks
from services.cases.handlers.reading import is_agreement_demanded
from services.cases.handlers.tracks import SHORT, add_note
from services.cases.handlers.work import writing
from services.cases.policy import CasesPolicy
from services.cases.store import headers, plan_tables, plans
from services.decisions import api as decisions
from services.documents import api as documents
from services.protection import api as protection
from services.protection.api import Question
from shared.actor import Actor
from shared.clock import local_date
from shared.db import add_row
from shared.db.cards import add_card
from shared.errors import Conflict, DomainError
from shared.ids import SubjectId, row_id
from shared.node import Node


async def sign_agreement(node: Node, actor: Actor, command: SignAgreement) -> UUID:
    """Record that the person has signed the conditions; an earlier agreement no longer counts.

    Raises:
        AccessDenied: the paper is no document of this case.
        DomainError: `agreement.not_admitted`, `agreement.conditions_missing`,
            `agreement.signed_in_future`.
    """
    own = optional(command.own_conditions)
    conditions = tuple(dict.fromkeys(command.conditions))
    async with writing(node, actor, command.case_id, command.term, "sign_agreement") as at:
        today = local_date(at.uow.now)
        check_agreement(at.header.state, conditions, own, command.signed_on, today)
        if command.paper is not None:
            await documents.find(at.uow, at.key, command.case_id, command.paper)
        agreement_id = row_id(at.uow.now)
        body = plan.AgreementBody(conditions, own)
        await add_row(
            at.uow,
            plan_tables.agreement,
            agreement_id=agreement_id,
            case_id=command.case_id,
            sealed=sealing.close(at.key, "case_agreement", agreement_id, body),
            signed_on=command.signed_on,
            paper=command.paper,
            recorded_at=at.uow.now,
            recorded_by=actor.staff_id,
        )
        await headers.touch(at.uow, at.header)
        await told_in_history(at, "case.agreement_signed")
        await at.uow.commit()
    return agreement_id


async def withdraw_agreement(node: Node, actor: Actor, command: WithdrawAgreement) -> None:
    """The person takes the agreement back: the coordinator is told; aid goes on as decided.

    Raises:
        DomainError: `agreement.none_in_force`, `note.text_missing`, `note.source_missing`.
    """
    wish = required(command.wish, "note.text_missing")
    source = required(command.source, "note.source_missing", SHORT)
    async with writing(node, actor, command.case_id, command.term, "sign_agreement") as at:
        found = await agreement_of(at)
        if found is None or not found.is_in_force:
            raise DomainError("agreement.none_in_force")
        await plans.withdraw_agreement(at.uow, found.agreement_id)
        await add_note(at, "fact", wish, source, local_date(at.uow.now), None)
        await add_card(
            at.uow,
            "agreement.withdrawn",
            "exit_coordinator",
            subject=command.case_id,
            case_id=command.case_id,
        )
        await headers.touch(at.uow, at.header)
        await told_in_history(at, "case.agreement_withdrawn")
        await at.uow.commit()


async def start_programme(node: Node, actor: Actor, command: StartProgramme) -> None:
    """AGREEMENT_PENDING → ACTIVE: the agreement is signed and the first decision made.

    Raises:
        DomainError: `programme.agreement_missing`, `programme.agreement_old`,
            `programme.decision_missing`, `follow_up.next_in_past`, `follow_up.next_too_late`,
            `case.event_not_allowed`.
    """
    async with writing(node, actor, command.case_id, command.term, "start_programme") as at:
        state = after(at.header.state, "sign")
        today = local_date(at.uow.now)
        aids = [plan.aid(at.key, row) for row in await plans.aids(at.uow, command.case_id)]
        check_start(
            is_agreement_demanded=is_agreement_demanded(node, today),
            agreement=await agreement_of(at),
            admitted_at=await plans.admitted_at(at.uow, command.case_id),
            running_aids=running(aids, today),
        )
        months = _policy(node, today).work.follow_up_months.value
        check_next_follow_up(today, command.first_follow_up_on, today=today, months=months)
        await plans.start(at.uow, command.case_id, command.first_follow_up_on)
        await told_in_history(at, "case.programme_started")
        await headers.change_state(at.uow, at.header, state)
        await at.uow.commit()


async def pause_programme(node: Node, actor: Actor, command: PauseProgramme) -> None:
    """ACTIVE → PAUSED, to be looked at on a set day.

    Raises:
        DomainError: `pause.review_in_past`, `pause.review_too_late`, `case.event_not_allowed`.
    """
    text = required(command.text, "pause.text_missing")
    async with writing(node, actor, command.case_id, command.term, "pause") as at:
        state = after(at.header.state, "pause")
        check_pause(command.review_on, local_date(at.uow.now))
        body = plan.PauseBody(command.cause, text)
        sealed = sealing.close(at.key, "case_programme", command.case_id, body)
        await plans.change(at.uow, command.case_id, review_on=command.review_on, paused=sealed)
        await told_in_history(at, "case.paused")
        await headers.change_state(at.uow, at.header, state)
        await at.uow.commit()


async def resume_programme(node: Node, actor: Actor, command: ResumeProgramme) -> None:
    """PAUSED → ACTIVE, with the next follow-up set.

    Raises:
        DomainError: `follow_up.next_in_past`, `follow_up.next_too_late`, `case.event_not_allowed`.
    """
    async with writing(node, actor, command.case_id, command.term, "resume") as at:
        state = after(at.header.state, "resume")
        today = local_date(at.uow.now)
        months = _policy(node, today).work.follow_up_months.value
        check_next_follow_up(today, command.next_follow_up_on, today=today, months=months)
        await plans.change(
            at.uow,
            command.case_id,
            review_on=None,
            paused=None,
            follow_up_on=command.next_follow_up_on,
        )
        await told_in_history(at, "case.resumed")
        await headers.change_state(at.uow, at.header, state)
        await at.uow.commit()


async def complete_programme(node: Node, actor: Actor, command: CompleteProgramme) -> None:
    """ACTIVE → ENDED(COMPLETED): goals met, no acute protection, threat known; room closed.

    Raises:
        Conflict: `case.handover_open`.
        DomainError: `closing.*`, `immediate.waits`, `decision.not_delegate`,
            `case.event_not_allowed`.
    """
    summary = required(command.summary, "closing.summary_missing")
    support = required(command.continued_support, "closing.support_missing")
    async with writing(node, actor, command.case_id, command.term, "complete") as at:
        state = _after(at.header, "complete")
        today = local_date(at.uow.now)
        policy = node.policies.on(today)
        decisions.require_delegate(policy, "case.close", actor)
        await require_none_waits(at.uow, command.case_id)
        goals = await goals_of(at)
        checks = await register_checks(at)
        threat = await protection.current_threat(at.uow, SubjectId(command.case_id))
        holders = await protection.acute_protection(at.uow, SubjectId(command.case_id))
        check_completion(
            goals,
            is_threat_demanded=_policy(node, today).entry.threat.value == "required",
            is_police_protecting=bool(holders) and holders[0].holder == "police",
            threat_level=threat.level if threat else None,
            threat_review_on=threat.next_review_on if threat else None,
            is_check_waiting=any(check.answered_at is None for check in checks),
            today=today,
        )
        closing_id = row_id(at.uow.now)
        body = plan.ClosingBody(summary, support)
        await add_row(
            at.uow,
            plan_tables.closing,
            closing_id=closing_id,
            case_id=command.case_id,
            reason="COMPLETED",
            threat_level=threat.level if threat else None,
            register_check=_outcome(checks),
            goals_met=sum(goal.score == "MET" for goal in goals),
            sealed=sealing.close(at.key, "case_closing", closing_id, body),
            closed_at=at.uow.now,
            closed_by=actor.staff_id,
        )
        await decisions.record_decision(
            at.uow,
            at.key,
            policy,
            kind="case.close",
            case_id=command.case_id,
            subject=closing_id,
            decided_by=actor.staff_id,
            second=None,
            law_ref="",
            reasons=summary,
            outcome="COMPLETED",
        )
        await protection.close_room(at.uow, SubjectId(command.case_id))
        await headers.insert_event(at.uow, command.case_id, "case.ended", {"reason": "COMPLETED"})
        at.uow.audit("case.ended", case_id=command.case_id, ended="COMPLETED")
        await headers.change_state(at.uow, at.header, state, "COMPLETED")
        await at.uow.commit()


async def reopen_case(node: Node, actor: Actor, command: ReopenCase) -> None:
    """ENDED → INVESTIGATION: the person comes back; what stands in the file stays.

    Raises:
        AccessDenied: not a member.
        Conflict: `case.responsibility_moved`: another municipality answers for the case.
        DomainError: `case.event_not_allowed`, `reason.missing`.
    """
    why = reason_of(command.reason)
    async with writing(
        node, actor, command.case_id, command.term, "reopen", even_closed=True
    ) as at:
        await require_member(at.uow, command.case_id)
        if not at.header.is_responsible:
            raise Conflict("case.responsibility_moved")
        state = after(at.header.state, "reopen")
        await headers.change_state(at.uow, at.header, state)
        await headers.insert_event(at.uow, command.case_id, "case.reopened", {})
        at.uow.audit("case.reopened", case_id=command.case_id, reason=why)
        await at.uow.commit()


def _after(header: CaseHeader, event: EventName) -> State:
    return after(header.state, event, has_open_handover=header.open_handover is not None)


def _policy(node: Node, day: date) -> CasesPolicy:
    return node.policies.on(day).section("cases", CasesPolicy)


def _outcome(checks: Sequence[Question]) -> RegisterOutcome:
    """The newest answer; NOT_ASKED where none was."""
    for check in checks:
        match check.answer:
            case "NOTHING_TO_REPORT" | "CONTACT_US" as told:
                return told
    return "NOT_ASKED"
