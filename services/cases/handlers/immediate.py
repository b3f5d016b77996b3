"""Help decided at once, by who is on call; read by the ordinary delegate the next working day."""

from uuid import UUID

from services.cases.domain.aid import Aid, check_aid, days_granted
from services.cases.domain.immediate import (
    DecideAtOnce,
    Immediate,
    ImmediateRow,
    ReviewImmediate,
    check_none_waits,
    check_review,
)
from services.cases.domain.text import optional, required
from services.cases.handlers import plan_sealing as plan
from services.cases.handlers import sealing
from services.cases.handlers.aid import told_in_history
from services.cases.handlers.inside import require_member
from services.cases.handlers.work import AtCase, reading, writing
from services.cases.store import immediate as store
from services.cases.store import plan_tables, plans
from services.cases.store.rows import Record
from services.decisions import api as decisions
from services.staff import api as staff
from shared.actor import Actor, worker
from shared.clock import local_date
from shared.db import UnitOfWork, add_row
from shared.db.cards import add_cards, finish_cards_about
from shared.errors import AccessDenied, DomainError
from shared.ids import CaseId, row_id
from shared.node import Node
from shared.policy import Policy, add_working_days

WAITS = "case.immediate_waits"
OVERDUE = "case.immediate_overdue"


async def decide_at_once(node: Node, actor: Actor, command: DecideAtOnce) -> UUID:
    """Grant help now; it stands until the ordinary delegate has confirmed it or set it aside.

    Raises:
        AccessDenied: not a member, or no such case.
        DomainError: `decision.not_at_once`, `decision.not_on_call`, `decision.delegate_already`,
            `decision.beyond_limit`, `aid.*`.
    """
    matter = required(command.matter, "aid.matter_missing")
    reasons = required(command.reasons, "aid.reasons_missing")
    async with writing(node, actor, command.case_id, command.term, "decide_at_once") as at:
        await require_member(at.uow, command.case_id)
        today = local_date(at.uow.now)
        policy = node.policies.on(today)
        row = decisions.require_at_once(policy, command.kind, actor)
        if not await staff.is_on_call(at.uow, actor.staff_id, at.header.unit):
            raise DomainError("decision.not_on_call")
        check_aid(
            at.header.state,
            command.kind,
            "GRANTED",
            command.granted_from,
            command.granted_until,
            None,
        )
        days = days_granted(command.granted_from, command.granted_until)
        decisions.check_days(row.delegation, days)
        aid_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            plan_tables.aid,
            aid_id=aid_id,
            case_id=command.case_id,
            kind=command.kind,
            outcome="GRANTED",
            sealed=sealing.close(
                at.key, "case_aid", aid_id, plan.AidBody(command.area, matter, "")
            ),
            granted_from=command.granted_from,
            granted_until=command.granted_until,
            decided_at=at.uow.now,
        )
        await _record(at, policy, command.kind, aid_id, reasons, "GRANTED", row)
        await store.add(
            at.uow,
            aid_id=aid_id,
            case_id=command.case_id,
            kind=command.kind,
            review_by=add_working_days(today, row.confirm_working_days),
        )
        ordinary = decisions.delegation(policy, command.kind).roles
        await add_cards(at.uow, WAITS, ordinary, subject=aid_id)
        await told_in_history(at, "case.decided_at_once")
        await at.uow.commit()
    return aid_id


async def review_immediate(node: Node, actor: Actor, command: ReviewImmediate) -> None:
    """The ordinary delegate confirms it, or sets it aside: then the help ends by that decision.

    In a closed case too, one that has left included: who granted help alone at night is always
    answered.

    Raises:
        AccessDenied: not a member, or no such decision in the case.
        DomainError: `decision.not_delegate`, `decision.same_person`, `aid.reasons_missing`.
        Conflict: `immediate.reviewed_already`, `db.changed_meanwhile`.
    """
    is_set_aside = command.outcome == "SET_ASIDE"
    given = optional(command.reasons)
    reasons = required(given, "aid.reasons_missing") if is_set_aside else given
    async with writing(
        node, actor, command.case_id, command.term, "decide_aid", even_closed=True
    ) as at:
        await require_member(at.uow, command.case_id)
        found = await _find(at.uow, command.case_id, command.aid_id)
        if found is None:
            raise AccessDenied
        policy = node.policies.on(local_date(at.uow.now))
        decisions.require_delegate(policy, found.kind, actor)
        check_review(found, actor.staff_id)
        about = found.aid_id
        if is_set_aside:
            about = await _end(at, found)
        await _record(at, policy, found.kind, about, reasons, command.outcome, None)
        # Last: in a closed case the database lets the two before through only while this waits.
        await store.review(at.uow, found.aid_id, command.outcome)
        for kind in (WAITS, OVERDUE):
            await finish_cards_about(at.uow, kind, found.aid_id)
        await told_in_history(at, "case.immediate_reviewed")
        await at.uow.commit()


async def read_immediate(
    node: Node, actor: Actor, case_id: CaseId, aid_id: UUID
) -> tuple[Aid, str]:
    """What was decided at once, and the reasons; for members.

    Raises:
        AccessDenied: not a member, or no such decision in the case.
    """
    async with reading(node, actor, case_id, "see") as at:
        await require_member(at.uow, case_id)
        if await _find(at.uow, case_id, aid_id) is None:
            raise AccessDenied
        known = [plan.aid(at.key, each) for each in await plans.aids(at.uow, case_id)]
        made = await decisions.decisions_of(at.uow, at.key, case_id)
        reasons = next(each.reasons for each in made if each.about == aid_id)
        at.uow.audit("case.read", case_id=case_id, reason="immediate")
        await at.uow.commit()
    return next(aid for aid in known if aid.aid_id == aid_id), reasons


async def immediate_waiting(node: Node, actor: Actor) -> list[ImmediateRow]:
    """What waits for the actor as ordinary delegate, oldest first."""
    async with node.db.begin(actor) as uow:
        policy = node.policies.on(local_date(uow.now))
        rows = [
            ImmediateRow(
                aid_id=row.aid_id,
                case_id=CaseId(row.case_id),
                code_name=row.code_name,
                decided_at=row.decided_at,
                review_by=row.review_by,
                is_member=row.is_member,
            )
            for row in await store.waiting(uow)
            if row.decided_by != actor.staff_id and decisions.may_decide(policy, row.kind, actor)
        ]
        uow.audit("case.immediate_listed", rows=len(rows))
        await uow.commit()
    return rows


async def call_overdue(node: Node) -> int:
    """Call the ordinary delegates where a decision at once has waited past its day; once.

    Args:
        node: under the worker's role.
    """
    async with node.db.begin(worker(node.authority)) as uow:
        today = local_date(uow.now)
        late = [
            row
            for row in await store.waiting(uow)
            if today > row.review_by and row.overdue_at is None
        ]
    done = 0
    for row in late:
        done += await _call(node, row)
    return done


async def _call(node: Node, row: Record) -> int:
    async with node.db.begin(worker(node.authority), term=row.term) as uow:
        if not await store.note_overdue(uow, row.aid_id):
            return 0
        policy = node.policies.on(local_date(uow.now))
        called = {*decisions.delegation(policy, row.kind).roles, "exit_coordinator"}
        await add_cards(uow, OVERDUE, called, subject=row.aid_id)
        uow.audit("case.immediate_overdue", case_id=row.case_id)
        await uow.commit()
    return 1


async def require_none_waits(uow: UnitOfWork, case_id: CaseId) -> None:
    """Raise while something that was decided at once waits for the ordinary delegate.

    Raises:
        DomainError: `immediate.waits`.
    """
    check_none_waits(await store.of_case(uow, case_id))


async def _find(uow: UnitOfWork, case_id: CaseId, aid_id: UUID) -> Immediate | None:
    found = await store.of_case(uow, case_id)
    return next((each for each in found if each.aid_id == aid_id), None)


async def _end(at: AtCase, found: Immediate) -> UUID:
    """What was granted ends, by a decision about aid of its own."""
    known = [plan.aid(at.key, each) for each in await plans.aids(at.uow, found.case_id)]
    granted = next(each for each in known if each.aid_id == found.aid_id)
    aid_id = row_id(at.uow.now)
    await add_row(
        at.uow,
        plan_tables.aid,
        aid_id=aid_id,
        case_id=found.case_id,
        kind=found.kind,
        outcome="ENDED",
        sealed=sealing.close(
            at.key, "case_aid", aid_id, plan.AidBody(granted.area, granted.matter, "")
        ),
        ends=found.aid_id,
        decided_at=at.uow.now,
    )
    return aid_id


async def _record(
    at: AtCase,
    policy: Policy,
    kind: str,
    about: UUID,
    reasons: str,
    outcome: str,
    row: decisions.AtOnce | None,
) -> None:
    await decisions.record_decision(
        at.uow,
        at.key,
        policy,
        kind=kind,
        case_id=at.header.case_id,
        subject=about,
        decided_by=at.uow.actor.staff_id,
        second=None,
        law_ref=row.law if row else "aid.right",
        reasons=reasons,
        outcome=outcome,
        under=row.delegation if row else None,
    )
