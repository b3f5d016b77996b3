"""Who may decide what, and the record of a decision."""

from dataclasses import dataclass
from uuid import UUID

from shared.actor import Actor
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.ids import CaseId, StaffId
from shared.policy import Policy


@dataclass(frozen=True, slots=True)
class Delegation:
    """One row of the delegation order.

    Args:
        kind: the decision (`handover.propose`).
        roles: who may decide.
        second_roles: who may be the second person; empty where none is needed.
        document, section: where the order says so.
    """

    kind: str
    roles: frozenset[str]
    second_roles: frozenset[str]
    document: str
    section: str


def delegation(policy: Policy, kind: str) -> Delegation:
    """The row for a kind of decision; DomainError("decision.kind_not_delegated") without one."""
    raise NotImplementedError


def require_delegate(policy: Policy, kind: str, actor: Actor) -> Delegation:
    """DomainError("decision.not_delegate", kind=…, roles="team_leader,…", document=…, section=…)."""
    raise NotImplementedError


def require_second(policy: Policy, kind: str, first: StaffId, second: Actor) -> Delegation:
    """DomainError("decision.same_person") or ("decision.not_second", …) unless a second person may."""
    raise NotImplementedError


def may_decide(policy: Policy, kind: str, actor: Actor) -> bool:
    """Whether `require_delegate` would pass: for what the page offers."""
    raise NotImplementedError


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
) -> UUID:
    """Keep a decision with the policy's day and SHA-256; `subject` is what it decides about (a handover, a finding), `key` seals the reasons."""
    raise NotImplementedError
