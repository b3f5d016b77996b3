"""Decisions about aid: made by the delegate that the delegation order names, or a committee."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.cases.domain.aid import Aid, check_aid, check_told, days_granted
from services.cases.domain.commands import Person
from services.cases.domain.plan_commands import DecideAid, RecordTold
from services.cases.domain.text import optional, required
from services.cases.handlers import plan_sealing as plan
from services.cases.handlers import sealing
from services.cases.handlers.inside import require_member
from services.cases.handlers.tracks import SHORT
from services.cases.handlers.work import AtCase, reading, writing
from services.cases.store import files, headers, plan_tables, plans
from services.decisions import api as decisions
from services.decisions.api import Decision, Delegation
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.db import add_row
from shared.errors import AccessDenied, DomainError
from shared.ids import CaseId, StaffId, row_id
from shared.node import Node
from shared.policy import Policy

LAW = "aid.right"
"""What every decision about aid rests on; which provision that is, the law book says for its day."""


async def decide_aid(node: Node, actor: Actor, command: DecideAid) -> UUID:
    """Grant or refuse aid, or end what was granted; refused to whoever may not decide it.

    Raises:
        DomainError: `aid.*`, `decision.not_delegate`, `decision.beyond_limit`,
            `decision.not_committees`, `decision.kind_not_delegated`.
    """
    async with writing(
        node, actor, command.case_id, command.term, "decide_aid", even_refused=True
    ) as at:
        aid_id = await _decide(node, actor, command, at)
        await at.uow.commit()
    return aid_id


async def rehearse_aid(node: Node, actor: Actor, command: DecideAid) -> None:
    """Refuse what `decide_aid` would refuse, and change nothing: before a decision is read back."""
    async with writing(
        node, actor, command.case_id, command.term, "decide_aid", even_refused=True
    ) as at:
        await _decide(node, actor, command, at)


async def _decide(node: Node, actor: Actor, command: DecideAid, at: AtCase) -> UUID:
    matter = required(command.matter, "aid.matter_missing")
    reasons = required(command.reasons, "aid.reasons_missing")
    minutes = optional(command.minutes, SHORT)
    policy = node.policies.on(local_date(at.uow.now))
    row = _who_decides(policy, command)
    decided_by = _decided_by(policy, row, actor, minutes)
    known = [plan.aid(at.key, each) for each in await plans.aids(at.uow, command.case_id)]
    ended = _named(known, command.ends)
    check_aid(
        at.header.state,
        command.kind,
        command.outcome,
        command.granted_from,
        command.granted_until,
        ended,
    )
    if command.outcome == "GRANTED":
        days = days_granted(command.granted_from, command.granted_until)
        decisions.check_days(row, days)
    aid_id = row_id(at.uow.now)
    body = plan.AidBody(command.area, matter, minutes)
    await add_row(
        at.uow,
        plan_tables.aid,
        aid_id=aid_id,
        case_id=command.case_id,
        kind=command.kind,
        outcome=command.outcome,
        sealed=sealing.close(at.key, "case_aid", aid_id, body),
        granted_from=command.granted_from,
        granted_until=command.granted_until,
        ends=command.ends,
        decided_at=at.uow.now,
    )
    await decisions.record_decision(
        at.uow,
        at.key,
        policy,
        kind=row.kind,
        case_id=command.case_id,
        subject=aid_id,
        decided_by=decided_by,
        second=None,
        law_ref=LAW,
        reasons=reasons,
        outcome=command.outcome,
    )
    if command.outcome != "ENDED":
        await plans.redecide(at.uow, command.case_id, command.area)
    await headers.touch(at.uow, at.header)
    await told_in_history(at, "case.aid_decided")
    return aid_id


async def record_told(node: Node, actor: Actor, command: RecordTold) -> None:
    """The person has been told of a decision; the time to appeal runs.

    Raises:
        AccessDenied: no such decision in the case.
        DomainError: `aid.told_already`, `aid.told_before_decision`, `aid.told_in_future`.
    """
    async with writing(node, actor, command.case_id, command.term, "plan", even_refused=True) as at:
        known = [plan.aid(at.key, each) for each in await plans.aids(at.uow, command.case_id)]
        aid = _named(known, command.aid_id)
        if aid is None:
            raise AccessDenied
        check_told(aid, command.told_on, local_date(at.uow.now))
        await plans.tell(at.uow, command.aid_id, command.told_on)
        await told_in_history(at, "case.decision_told")
        await at.uow.commit()


@dataclass(frozen=True, slots=True)
class AidDecision:
    """One decision about aid, as it is told to the person.

    Args:
        names: of whoever decided.
    """

    person: Person
    aid: Aid
    decision: Decision
    names: Mapping[UUID, str]


async def read_aid_decision(node: Node, actor: Actor, case_id: CaseId, aid_id: UUID) -> AidDecision:
    """What the decision's letter says; reading it is logged, as what is printed leaves the file.

    Raises:
        AccessDenied: not a member, or no such decision in the case: alike.
    """
    async with reading(node, actor, case_id, "see") as at:
        await require_member(at.uow, case_id)
        row = await files.person_row(at.uow, case_id)
        known = [plan.aid(at.key, each) for each in await plans.aids(at.uow, case_id)]
        aid = _named(known, aid_id)
        if row is None or aid is None:
            raise AccessDenied
        register = await decisions.decisions_of(at.uow, at.key, case_id)
        decision = next(each for each in register if each.about == aid_id)
        names = await staff.names(at.uow, {decision.decided_by})
        at.uow.audit("case.decision_printed", case_id=case_id, aid=str(aid_id))
        await at.uow.commit()
    return AidDecision(sealing.person(at.key, row), aid, decision, names)


async def told_in_history(at: AtCase, code: str) -> None:
    """History and log alike: that it happened, nothing of what."""
    await headers.insert_event(at.uow, at.header.case_id, code, {})
    at.uow.audit(code, case_id=at.header.case_id)


def _who_decides(policy: Policy, command: DecideAid) -> Delegation:
    if command.outcome == "GRANTED":
        return decisions.delegation(policy, command.kind)
    return decisions.refusal_of(policy, command.kind)


def _decided_by(policy: Policy, row: Delegation, actor: Actor, minutes: str) -> StaffId:
    """Who stands as the one who decided.

    The committee is no account: what it has decided is recorded by a member of the case, from the
    minutes; nobody decides in its place.
    """
    if minutes:
        if not row.is_the_committees:
            raise DomainError("decision.not_committees", **row.facts(row.roles))
        return decisions.COMMITTEE_ID
    decisions.require_delegate(policy, row.kind, actor)
    return actor.staff_id


def _named(known: list[Aid], aid_id: UUID | None) -> Aid | None:
    return next((aid for aid in known if aid.aid_id == aid_id), None)
