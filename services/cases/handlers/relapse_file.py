"""The reviews after a relapse as they stand in the file, and what the rest of the file says of them."""

from datetime import datetime

import msgspec

from services.cases.domain.aid import running
from services.cases.domain.programme import Condition
from services.cases.domain.relapse import (
    ExclusionReason,
    Hearing,
    Known,
    PoliceWord,
    Proposal,
    RelapseReview,
    RelapseSource,
    Retried,
    Suspicion,
    is_refused,
    missing,
    untried,
)
from services.cases.domain.relapse_commands import RelapseView
from services.cases.domain.text import reason as reason_of
from services.cases.handlers import plan_sealing as plan
from services.cases.handlers.assessed import cooperation_until
from services.cases.handlers.inside import require_member
from services.cases.handlers.programme_file import agreement_of
from services.cases.handlers.sealing import reveal
from services.cases.handlers.work import AtCase, reading
from services.cases.policy import exclusion_rule, is_joint
from services.cases.store import plans
from services.cases.store import relapse as store
from services.cases.store.rows import Record
from services.decisions import api as decisions
from services.protection import api as protection
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import CaseId, SubjectId
from shared.node import Node
from shared.policy import Policy


class ReviewBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_relapse`."""

    suspicion: Suspicion
    source: RelapseSource
    text: str


class ProposalBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_relapse_proposal`."""

    reason: ExclusionReason
    broken: tuple[Condition, ...]
    reasons: str
    safety_plan: str


async def reviews_of(at: AtCase) -> list[RelapseReview]:
    """Every review of the case, newest first."""
    uow, case_id = at.uow, at.header.case_id
    heard = [(row.review_id, _hearing(at, row)) for row in await store.hearings(uow, case_id)]
    tried = [(row.review_id, _retried(at, row)) for row in await store.retried(uow, case_id)]
    proposed = [(row.review_id, _proposal(at, row)) for row in await store.proposals(uow, case_id)]
    told = await store.days_told(uow, case_id)
    found = []
    for row in await store.reviews(uow, case_id):
        body = reveal(at.key, "case_relapse", row.review_id, row.sealed, ReviewBody)
        found.append(
            RelapseReview(
                review_id=row.review_id,
                suspicion=body.suspicion,
                source=body.source,
                text=body.text,
                opened_at=row.opened_at,
                opened_by=row.opened_by,
                hearings=tuple(each for of, each in heard if of == row.review_id),
                retried=tuple(each for of, each in tried if of == row.review_id),
                proposal=next((each for of, each in proposed if of == row.review_id), None),
                outcome=row.outcome,
                decided=_decided(at, row),
                ended_at=row.ended_at,
                ended_by=row.ended_by,
                told_on=told.get(row.review_id),
            )
        )
    return found


async def known_of(at: AtCase, policy: Policy, review: RelapseReview) -> Known:
    """What the rest of the file says while this review is open."""
    uow, subject = at.uow, SubjectId(at.header.case_id)
    aids = [plan.aid(at.key, row) for row in await plans.aids(uow, at.header.case_id)]
    holders = await protection.acute_protection(uow, subject)
    threat = await protection.current_threat(uow, subject)
    words = await _police_words(at, review)
    return Known(
        running=tuple(running(aids, local_date(uow.now))),
        threat_told_at=await _threat_told_at(at),
        is_threat_overdue=threat is not None and threat.next_review_on < local_date(uow.now),
        protects=bool(holders) and holders[0].holder == "police",
        is_police_wanted=is_joint(policy) and await may_be_told(at),
        police=words[0] if words else None,
        is_refused_by_police=is_refused(words),
    )


async def may_be_told(at: AtCase) -> bool:
    """Whether the police may read the proposal: a statute carries the room, or a consent does."""
    ground = await protection.room_ground(at.uow, SubjectId(at.header.case_id))
    if ground is None:
        return False
    return ground != "consent" or await cooperation_until(at) is not None


async def read_relapse(node: Node, actor: Actor, case_id: CaseId, reason: str) -> RelapseView:
    """The reviews of the case, for members.

    Raises:
        AccessDenied: not a member, or no such case: alike.
    """
    why = reason_of(reason)
    async with reading(node, actor, case_id, "see") as at:
        await require_member(at.uow, case_id)
        view = await _view(node, at)
        at.uow.audit("case.relapse_read", case_id=case_id, reason=why)
        await at.uow.commit()
    return view


async def _view(node: Node, at: AtCase) -> RelapseView:
    today = local_date(at.uow.now)
    policy = node.policies.on(today)
    rule = exclusion_rule(policy)
    found = await reviews_of(at)
    review = next((each for each in found if each.outcome is None), None)
    known = await known_of(at, policy, review) if review else None
    agreement = await agreement_of(at)
    second_roles = tuple(sorted(decisions.delegation(policy, "exclusion.decide").second_roles))
    takes_two = bool(second_roles)
    aids = [plan.aid(at.key, row) for row in await plans.aids(at.uow, at.header.case_id)]
    return RelapseView(
        header=at.header,
        reviews=tuple(found),
        untried=untried(review, known.running) if review and known else (),
        missing=missing(review, known, takes_two=takes_two) if review and known else (),
        police=known.police if known else None,
        is_police_wanted=known.is_police_wanted if known else is_joint(policy),
        is_refused_by_police=known.is_refused_by_police if known else False,
        takes_two=takes_two,
        second_roles=second_roles,
        has_rule=rule.value == "conditions_in_agreement",
        document=policy.documents[rule.document].title,
        section=rule.section,
        verified=rule.verified,
        agreed=agreement.conditions if agreement and agreement.is_in_force else (),
        running=tuple(running(aids, today)),
        names=await staff.names(at.uow, None),
    )


async def _threat_told_at(at: AtCase) -> datetime | None:
    """When the police last gave a level, or answered that they know of no threat."""
    subject = SubjectId(at.header.case_id)
    threat = await protection.current_threat(at.uow, subject)
    if threat is not None:
        return threat.assessed_at
    asked = await protection.questions(at.uow, subject)
    answers = (q.answered_at for q in asked if q.kind == "threat" and q.answer == "CLEAR")
    return next((each for each in answers if each is not None), None)


async def _police_words(at: AtCase, review: RelapseReview) -> list[PoliceWord | None]:
    """Their word on each proposal of the review, newest first, whether they may read it today."""
    papers = await protection.papers(at.uow, SubjectId(at.header.case_id), "exclusion")
    given = {each.paper_id: each.word for each in papers}
    rows = await store.proposals(at.uow, at.header.case_id)
    return [given.get(row.proposal_id) for row in rows if row.review_id == review.review_id]


def _hearing(at: AtCase, row: Record) -> Hearing:
    words = reveal(at.key, "case_relapse_hearing", row.hearing_id, row.sealed, str)
    return Hearing(row.heard_on, row.is_refused, words, row.recorded_at, row.recorded_by)


def _retried(at: AtCase, row: Record) -> Retried:
    text = reveal(at.key, "case_relapse_aid", row.retry_id, row.sealed, str)
    return Retried(row.aid_id, row.outcome, text, row.tried_at, row.tried_by)


def _proposal(at: AtCase, row: Record) -> Proposal:
    body = reveal(at.key, "case_relapse_proposal", row.proposal_id, row.sealed, ProposalBody)
    return Proposal(
        proposal_id=row.proposal_id,
        reason=body.reason,
        broken=body.broken,
        reasons=body.reasons,
        safety_plan=body.safety_plan,
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
        supported_at=row.supported_at,
        supported_by=row.supported_by,
    )


def _decided(at: AtCase, row: Record) -> str:
    if row.decided is None:
        return ""
    return reveal(at.key, "case_relapse.decided", row.review_id, row.decided, str)
