"""The review after a relapse: reported, heard, tried again; then continued, or the person excluded.

What is proposed is read by the second person and, where the police decide entry too, by the police
in the joint room; each signs one proposal, by its id. Exclusion ends the programme and nothing else.
"""

from uuid import UUID

from services.cases.domain.plan import check_next_follow_up
from services.cases.domain.relapse import (
    Known,
    RelapseReview,
    check_continue,
    check_exclusion,
    check_hearing,
    check_proposal,
    check_report,
    check_retry,
    check_support,
)
from services.cases.domain.relapse_commands import (
    ContinueProgramme,
    ExcludePerson,
    HearPerson,
    ProposeExclusion,
    ReportRelapse,
    RetryAid,
    SupportExclusion,
)
from services.cases.domain.states import EventName, State, after
from services.cases.domain.text import required
from services.cases.handlers import sealing
from services.cases.handlers.aid import told_in_history
from services.cases.handlers.assessed import cooperation_until
from services.cases.handlers.immediate import require_none_waits
from services.cases.handlers.programme_file import agreement_of, register_checks
from services.cases.handlers.relapse_file import (
    ProposalBody,
    ReviewBody,
    known_of,
    reviews_of,
)
from services.cases.handlers.work import AtCase, writing
from services.cases.policy import CasesPolicy, exclusion_rule
from services.cases.store import headers, plans
from services.cases.store import relapse as store
from services.decisions import api as decisions
from services.protection import api as protection
from services.protection.api import PaperLine, room_of
from shared.actor import Actor
from shared.clock import local_date
from shared.db import add_row
from shared.db.cards import add_card
from shared.errors import Conflict
from shared.ids import CaseId, SubjectId, row_id
from shared.node import Node
from shared.policy import Policy

DECISION = "exclusion.decide"
MAX_REASONS = 20_000
"""Characters of what the police read: a paper before them is read, not filed."""


async def report_relapse(node: Node, actor: Actor, command: ReportRelapse) -> UUID:
    """ACTIVE → RELAPSE_REVIEW: nothing is decided, everything is looked at anew.

    Raises:
        DomainError: `relapse.text_missing`, `relapse.no_such_answer`, `case.event_not_allowed`.
    """
    text = required(command.text, "relapse.text_missing")
    async with writing(node, actor, command.case_id, command.term, "report_relapse") as at:
        state = after(at.header.state, "report_relapse")
        answers = (check.answer for check in await register_checks(at) if check.answer)
        check_report(command.source, next(answers, None))
        review_id = row_id(at.uow.now)
        body = ReviewBody(command.suspicion, command.source, text)
        await add_row(
            at.uow,
            store.review,
            review_id=review_id,
            case_id=command.case_id,
            sealed=sealing.close(at.key, "case_relapse", review_id, body),
            opened_at=at.uow.now,
            opened_by=actor.staff_id,
        )
        await _card(at, "relapse.reported", "exit_coordinator")
        await told_in_history(at, "case.relapse_reported")
        await headers.change_state(at.uow, at.header, state)
        await at.uow.commit()
    return review_id


async def hear_person(node: Node, actor: Actor, command: HearPerson) -> UUID:
    """What the person says of it; who would not be heard has been asked, and that is said.

    Raises:
        DomainError: `relapse.words_missing`, `relapse.heard_in_future`, `relapse.heard_before`.
        Conflict: `relapse.review_over`.
    """
    words = required(command.words, "relapse.words_missing")
    async with writing(node, actor, command.case_id, command.term, "review_relapse") as at:
        review = await _open(at, command.review_id)
        check_hearing(command.heard_on, local_date(review.opened_at), local_date(at.uow.now))
        hearing_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            store.hearing,
            hearing_id=hearing_id,
            case_id=command.case_id,
            review_id=command.review_id,
            heard_on=command.heard_on,
            is_refused=command.is_refused,
            sealed=sealing.close(at.key, "case_relapse_hearing", hearing_id, words),
            recorded_at=at.uow.now,
            recorded_by=actor.staff_id,
        )
        await headers.touch(at.uow, at.header)
        await told_in_history(at, "case.person_heard")
        await at.uow.commit()
    return hearing_id


async def retry_aid(node: Node, actor: Actor, command: RetryAid) -> None:
    """One running aid gone through again: it stays as it is, or is carried out in another way.

    Raises:
        DomainError: `relapse.retry_text_missing`, `relapse.aid_unknown`.
        Conflict: `relapse.aid_tried_already`, `relapse.review_over`.
    """
    text = required(command.text, "relapse.retry_text_missing")
    async with writing(node, actor, command.case_id, command.term, "review_relapse") as at:
        review = await _open(at, command.review_id)
        known, _ = await _known(node, at, review)
        check_retry(review, known.running, command.aid_id)
        retry_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            store.retry,
            retry_id=retry_id,
            case_id=command.case_id,
            review_id=command.review_id,
            aid_id=command.aid_id,
            outcome=command.outcome,
            sealed=sealing.close(at.key, "case_relapse_aid", retry_id, text),
            tried_at=at.uow.now,
            tried_by=actor.staff_id,
        )
        await headers.touch(at.uow, at.header)
        await told_in_history(at, "case.aid_tried_again")
        await at.uow.commit()


async def continue_programme(node: Node, actor: Actor, command: ContinueProgramme) -> None:
    """RELAPSE_REVIEW → ACTIVE: with a changed plan and the next follow-up set.

    Raises:
        DomainError: `relapse.plan_missing`, `relapse.not_heard`, `follow_up.next_in_past`,
            `follow_up.next_too_late`, `case.event_not_allowed`.
        Conflict: `relapse.review_over`.
    """
    changed = required(command.changed_plan, "relapse.plan_missing")
    async with writing(node, actor, command.case_id, command.term, "continue_programme") as at:
        state = after(at.header.state, "continue")
        review = await _open(at, command.review_id)
        check_continue(review)
        today = local_date(at.uow.now)
        policy = node.policies.on(today)
        months = policy.section("cases", CasesPolicy).work.follow_up_months.value
        check_next_follow_up(today, command.next_follow_up_on, today=today, months=months)
        await plans.change(at.uow, command.case_id, follow_up_on=command.next_follow_up_on)
        await _end(at, review, "CONTINUED", changed)
        await told_in_history(at, "case.continued")
        await headers.change_state(at.uow, at.header, state)
        await at.uow.commit()


async def propose_exclusion(node: Node, actor: Actor, command: ProposeExclusion) -> UUID:
    """Propose that the person leaves; where the police have a word in it, they read it at once.

    Raises:
        DomainError: `relapse.*`, `decision.not_delegate`, `threat.unit_excluded`.
        Conflict: `relapse.review_over`.
    """
    reasons = required(command.reasons, "relapse.reasons_missing", MAX_REASONS)
    safety = required(command.safety_plan, "relapse.safety_plan_missing", MAX_REASONS)
    broken = tuple(dict.fromkeys(command.broken))
    room = room_of(SubjectId(command.case_id))
    async with writing(
        node, actor, command.case_id, command.term, "propose_exclusion", keys=(room,)
    ) as at:
        review = await _open(at, command.review_id)
        known, policy = await _known(node, at, review)
        decisions.require_delegate(policy, DECISION, actor)
        check_proposal(
            review,
            known,
            reason=command.reason,
            broken=broken,
            agreement=await agreement_of(at),
            has_rule=_has_rule(policy),
        )
        proposal_id = row_id(at.uow.now)
        body = ProposalBody(command.reason, broken, reasons, safety)
        rows = await store.proposals(at.uow, command.case_id)
        number = 1 + sum(row.review_id == command.review_id for row in rows)
        await add_row(
            at.uow,
            store.proposal,
            proposal_id=proposal_id,
            case_id=command.case_id,
            review_id=command.review_id,
            number=number,
            sealed=sealing.close(at.key, "case_relapse_proposal", proposal_id, body),
            proposed_at=at.uow.now,
            proposed_by=actor.staff_id,
        )
        if known.is_police_wanted:
            await _put_before_police(node, at, policy, proposal_id, body)
        for role in sorted(decisions.delegation(policy, DECISION).second_roles):
            await _card(at, "relapse.proposed", role)
        await headers.touch(at.uow, at.header)
        await told_in_history(at, "case.exclusion_proposed")
        await at.uow.commit()
    return proposal_id


async def support_exclusion(node: Node, actor: Actor, command: SupportExclusion) -> None:
    """The second person of the delegation order has read it and agrees.

    Raises:
        DomainError: `relapse.same_person`, `decision.not_second`.
        Conflict: `relapse.proposal_replaced`, `relapse.supported_already`, `relapse.review_over`.
    """
    async with writing(node, actor, command.case_id, command.term, "support_exclusion") as at:
        review = await _open(at, command.review_id)
        check_support(review, command.proposal_id, actor.staff_id)
        assert review.proposal is not None
        policy = node.policies.on(local_date(at.uow.now))
        decisions.require_second(policy, DECISION, review.proposal.proposed_by, actor)
        await store.support(at.uow, command.proposal_id)
        await _card(at, "relapse.supported", "exit_coordinator")
        await headers.touch(at.uow, at.header)
        await told_in_history(at, "case.exclusion_supported")
        await at.uow.commit()


async def exclude_person(node: Node, actor: Actor, command: ExcludePerson) -> None:
    """RELAPSE_REVIEW → ENDED: the programme ends; what was granted runs on, and so does the law.

    Raises:
        DomainError: `relapse.*`, `decision.not_delegate`, `immediate.waits`,
            `case.event_not_allowed`.
        Conflict: `relapse.proposal_replaced`, `relapse.review_over`, `case.handover_open`.
    """
    async with writing(node, actor, command.case_id, command.term, "exclude_person") as at:
        state = _after(at, "exclude")
        review = await _open(at, command.review_id)
        known, policy = await _known(node, at, review)
        row = decisions.require_delegate(policy, DECISION, actor)
        proposal = check_exclusion(
            review,
            known,
            command.proposal_id,
            by=actor.staff_id,
            takes_two=bool(row.second_roles),
            has_rule=_has_rule(policy),
        )
        await require_none_waits(at.uow, command.case_id)
        await _end(at, review, "EXCLUDED", proposal.reasons)
        await decisions.record_decision(
            at.uow,
            at.key,
            policy,
            kind=DECISION,
            case_id=command.case_id,
            subject=review.review_id,
            decided_by=actor.staff_id,
            second=proposal.supported_by,
            law_ref="",
            reasons=proposal.reasons,
            outcome=proposal.reason,
        )
        await protection.close_room(at.uow, SubjectId(command.case_id))
        facts = {"reason": proposal.reason}
        await headers.insert_event(at.uow, command.case_id, "case.ended", dict(facts))
        at.uow.audit("case.ended", case_id=command.case_id, ended=proposal.reason)
        await headers.change_state(at.uow, at.header, state, proposal.reason)
        await at.uow.commit()


async def _open(at: AtCase, review_id: UUID) -> RelapseReview:
    """The review of that id, while nobody has decided it."""
    for each in await reviews_of(at):
        if each.review_id == review_id and each.outcome is None:
            return each
    raise Conflict("relapse.review_over")


async def _known(node: Node, at: AtCase, review: RelapseReview) -> tuple[Known, Policy]:
    policy = node.policies.on(local_date(at.uow.now))
    return await known_of(at, policy, review), policy


async def _end(at: AtCase, review: RelapseReview, outcome: str, decided: str) -> None:
    sealed = sealing.close(at.key, "case_relapse.decided", review.review_id, decided)
    await store.end(at.uow, review.review_id, outcome, sealed)


async def _put_before_police(
    node: Node, at: AtCase, policy: Policy, proposal_id: UUID, body: ProposalBody
) -> None:
    """The proposal in the joint room of the unit that answers for the level."""
    subject = SubjectId(at.header.case_id)
    threat = await protection.current_threat(at.uow, subject)
    unit = protection.responsible_unit(node, threat.level if threat else "LOW")
    rule = exclusion_rule(policy)
    source = f"{policy.documents[rule.document].title}, {rule.section}"
    await protection.put_paper(
        at.uow,
        at.keys[room_of(subject)],
        subject=subject,
        paper_id=proposal_id,
        kind="exclusion",
        unit=unit,
        is_final=True,
        outcome=body.reason,
        lines=[
            *(PaperLine(each, "", "", source) for each in body.broken),
            PaperLine("reasons", "", body.reasons, ""),
            PaperLine("safety_plan", "", body.safety_plan, ""),
        ],
        shared_until=await cooperation_until(at),
    )


async def _card(at: AtCase, kind: str, audience: str) -> None:
    case_id: CaseId = at.header.case_id
    await add_card(at.uow, kind, audience, subject=case_id, case_id=case_id)


def _has_rule(policy: Policy) -> bool:
    return exclusion_rule(policy).value == "conditions_in_agreement"


def _after(at: AtCase, event: EventName) -> State:
    return after(at.header.state, event, has_open_handover=at.header.open_handover is not None)
