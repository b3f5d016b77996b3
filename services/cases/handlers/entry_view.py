"""The entry as members read it; every read is logged."""

from services.cases.domain.entry import (
    ANSWERS,
    Facts,
    possible,
    reasons_of,
    unanswered,
)
from services.cases.domain.entry_views import (
    Assessment,
    CriterionRow,
    EntryView,
)
from services.cases.handlers import sealing
from services.cases.handlers.assessed import Assessed, Signed, decision_on, facts_of, signed
from services.cases.handlers.work import reading
from services.cases.policy import (
    entry_criteria,
    entry_demands,
    favours_the_individual,
    is_joint,
)
from services.cases.store import entries
from services.cases.store.rows import Record
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import CaseId
from shared.node import Node
from shared.policy import Policy


async def read_entry(node: Node, actor: Actor, case_id: CaseId) -> EntryView:
    """What is missing, the criteria, the answers, who has signed, what was decided.

    Raises:
        AccessDenied: not a member, or no such case: alike.
    """
    async with reading(node, actor, case_id, "see") as at:
        facts = await facts_of(at)
        today = node.policies.on(local_date(at.uow.now))
        row = await entries.newest(at.uow, case_id)
        decision = await decision_on(at, row.entry_id) if row else None
        state = at.header.state
        if decision is not None and state in {"INVESTIGATION", "ENTRY_ASSESSMENT"}:
            row, decision = None, None  # decided before the case was opened again
        policy = today if row is None else node.policies.on(row.policy_from)
        now = Assessed.under(policy, row.entry_id, sealing.entry(at.key, row)) if row else None
        known = await signed(at, now.entry_id) if now else Signed((), None)
        waiting = await entries.open_applications(at.uow, [case_id])
        view = EntryView(
            header=at.header,
            missing=unanswered(entry_demands(policy), facts) if state == "INVESTIGATION" else (),
            criteria=_rows(policy, facts, now),
            is_joint=is_joint(policy),
            favours_the_individual=favours_the_individual(policy),
            assessment=_assessment(row, now, today, facts) if row and now else None,
            wanted=now.wanted if now else (),
            signatures=known.signatures,
            police_word=known.police,
            decision=decision,
            policy_from=policy.valid_from,
            policy_sha256=policy.sha256,
            open_applications=waiting.get(case_id, ()),
            names=await staff.names(at.uow, None),
        )
        at.uow.audit("case.entry_read", case_id=case_id)
        await at.uow.commit()
    return view


def _rows(policy: Policy, facts: Facts, now: Assessed | None) -> tuple[CriterionRow, ...]:
    given = {each.criterion: each for each in now.body.answers} if now else {}
    group = now.body.group if now else None
    rows = []
    for each in entry_criteria(policy):
        choices = possible(each, facts, group)
        answered = given.get(each.code)
        rows.append(
            CriterionRow(
                code=each.code,
                is_condition=each.is_condition,
                rule=each.rule,
                document=each.document,
                section=each.section,
                verified=each.verified,
                possible=tuple(answer for answer in ANSWERS if answer in choices),
                answer=answered.answer if answered else None,
                reasons=answered.reasons if answered else "",
            )
        )
    return tuple(rows)


def _assessment(row: Record, now: Assessed, today: Policy, facts: Facts) -> Assessment:
    return Assessment(
        entry_id=now.entry_id,
        group=now.body.group,
        outcome=now.outcome,
        refusal_reasons=reasons_of(now.criteria, now.outcome),
        made_at=row.made_at,
        made_by=row.made_by,
        policy_from=row.policy_from,
        policy_sha256=row.policy_sha256,
        is_current=row.policy_sha256 == today.sha256 and now.still_holds(facts),
    )
