"""Who may decide what, and the record of a decision."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.decisions.domain.delegation import Delegation, check_first, check_second, refusing
from services.decisions.policy import DecisionsPolicy
from services.decisions.store import register as store
from shared.actor import Actor
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import DomainError
from shared.ids import CaseId, StaffId, row_id
from shared.policy import Policy


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it was made.

    Args:
        about: what it decides: a finding, a handover.
        policy_from, policy_sha256: the policy block it was made under.
    """

    decision_id: UUID
    about: UUID
    kind: str
    outcome: str
    decided_by: StaffId
    second: StaffId | None
    decided_at: datetime
    document: str
    section: str
    law_ref: str
    policy_from: date
    policy_sha256: str
    reasons: str


def delegation(policy: Policy, kind: str) -> Delegation:
    """The row for a kind of decision.

    Raises:
        DomainError: `decision.kind_not_delegated`: nobody may decide it here.
    """
    row = policy.section("decisions", DecisionsPolicy).row(kind)
    if row is None:
        raise DomainError("decision.kind_not_delegated", kind=kind)
    return Delegation(
        kind=kind,
        roles=frozenset(row.roles),
        second_roles=frozenset(row.second),
        document=policy.documents[row.document].title,
        section=row.section,
        limit_days=row.limit_days,
    )


def refusal_of(policy: Policy, kind: str) -> Delegation:
    """Who refuses or ends aid of this kind: the row of refusals, or a committee's own."""
    return refusing(delegation(policy, kind), delegation(policy, "aid.refuse"))


def require_delegate(policy: Policy, kind: str, actor: Actor) -> Delegation:
    """The row, when the actor may decide.

    Raises:
        DomainError: `decision.not_delegate` with kind, roles, document, section;
            `decision.kind_not_delegated`.
    """
    row = delegation(policy, kind)
    check_first(row, actor.roles, is_of_here=actor.home == actor.authority)
    return row


def require_second(policy: Policy, kind: str, first: StaffId, second: Actor) -> Delegation:
    """The row, when the actor may be the second person of what `first` decides.

    Raises:
        DomainError: `decision.same_person`, `decision.not_second` with kind, roles, document,
            section; `decision.kind_not_delegated`.
    """
    row = delegation(policy, kind)
    check_second(
        row,
        first,
        second.staff_id,
        second.roles,
        is_of_here=second.home == second.authority,
    )
    return row


def may_decide(policy: Policy, kind: str, actor: Actor) -> bool:
    """Whether `require_delegate` would pass: for what the page offers."""
    try:
        require_delegate(policy, kind, actor)
    except DomainError:
        return False
    return True


async def record_decision(
    uow: UnitOfWork,
    key: SubjectKey,
    policy: Policy,
    *,
    kind: str,
    case_id: CaseId | None,
    subject: UUID,
    decided_by: StaffId,
    second: StaffId | None,
    law_ref: str,
    reasons: str,
    outcome: str,
    under: Delegation | None = None,
) -> UUID:
    """Keep a decision with the policy's day and hash.

    Args:
        key: seals the reasons: the case's, or the handover's where no case is here yet.
        case_id: None for an incoming handover.
        subject: what it decides about: a finding, a handover.
        law_ref: key in the law book; may be empty.
        under: what gave the right, where it is not the delegation order's own row.
    """
    row = under or delegation(policy, kind)
    decision_id = row_id(uow.now)
    await store.add(
        uow,
        decision_id=decision_id,
        subject_id=case_id or subject,
        about=subject,
        kind=kind,
        outcome=outcome,
        decided_by=decided_by,
        second=second,
        decided_at=uow.now,
        document=row.document,
        section=row.section,
        law_ref=law_ref,
        policy_from=policy.valid_from,
        policy_sha256=policy.sha256,
        sealed=key.seal(reasons.encode(), _place(decision_id)),
    )
    uow.audit(
        "decision.made",
        case_id=case_id,
        decision=str(decision_id),
        kind=kind,
        policy=policy.sha256,
    )
    return decision_id


async def decisions_of(uow: UnitOfWork, key: SubjectKey, subject: UUID) -> list[Decision]:
    """All decisions on a case or an incoming handover, oldest first."""
    return [
        Decision(
            decision_id=row.decision_id,
            about=row.about,
            kind=row.kind,
            outcome=row.outcome,
            decided_by=row.decided_by,
            second=row.second,
            decided_at=row.decided_at,
            document=row.document,
            section=row.section,
            law_ref=row.law_ref,
            policy_from=row.policy_from,
            policy_sha256=row.policy_sha256,
            reasons=key.open(row.sealed, _place(row.decision_id)).decode(),
        )
        for row in await store.of_subject(uow, subject)
    ]


def _place(decision_id: UUID) -> str:
    return f"decision.sealed:{decision_id}"
