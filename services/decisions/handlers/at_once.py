"""Who on call may decide what at once."""

from services.decisions.domain.at_once import AtOnce, check_at_once
from services.decisions.domain.delegation import Delegation
from services.decisions.handlers.register import delegation
from services.decisions.policy import DecisionsPolicy
from shared.actor import Actor
from shared.errors import DomainError
from shared.policy import Policy


def at_once(policy: Policy, kind: str) -> AtOnce:
    """The row for a kind that may be decided at once.

    Raises:
        DomainError: `decision.not_at_once` with who decides it instead.
    """
    ordinary = delegation(policy, kind)
    row = policy.section("decisions", DecisionsPolicy).at_once(kind)
    if row is None:
        raise DomainError("decision.not_at_once", **ordinary.facts(ordinary.roles))
    return AtOnce(
        delegation=Delegation(
            kind=kind,
            roles=frozenset(row.roles),
            second_roles=frozenset(),
            document=policy.documents[row.document].title,
            section=row.section,
            limit_days=row.limit_days,
        ),
        ordinary=ordinary,
        confirm_working_days=row.confirm_working_days,
        law=row.law,
    )


def require_at_once(policy: Policy, kind: str, actor: Actor) -> AtOnce:
    """The row, when the actor's role decides it at once; that they are on call is asked elsewhere.

    Raises:
        DomainError: `decision.not_at_once`, and as `check_at_once`.
    """
    row = at_once(policy, kind)
    check_at_once(row, actor.roles, is_of_here=actor.home == actor.authority)
    return row


def kinds_at_once(policy: Policy, actor: Actor) -> tuple[AtOnce, ...]:
    """What this person, when on call, could decide at once: for what the page offers."""
    found = []
    for row in policy.section("decisions", DecisionsPolicy).immediate:
        try:
            found.append(require_at_once(policy, row.decision, actor))
        except DomainError:
            continue
    return tuple(found)
