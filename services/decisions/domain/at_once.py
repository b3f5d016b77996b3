"""What somebody on call may decide at once. Pure."""

from dataclasses import dataclass

from services.decisions.domain.delegation import Delegation
from shared.errors import DomainError


@dataclass(frozen=True, slots=True)
class AtOnce:
    """One row of what may be decided at once.

    Args:
        delegation: who on call decides, how long one such decision may grant, and where it says so.
        ordinary: the delegation order's own row: who confirms it or sets it aside.
        confirm_working_days: by when.
        law: key in the law book.
    """

    delegation: Delegation
    ordinary: Delegation
    confirm_working_days: int
    law: str


def check_at_once(row: AtOnce, roles: frozenset[str], *, is_of_here: bool) -> None:
    """Raise unless one of these roles decides this at once, and does not decide it anyhow.

    Who is the ordinary delegate decides as always: there is nobody to wait for, and nobody would
    be left to confirm it.

    Raises:
        DomainError: `decision.delegate_already`, `decision.not_at_once_by_role`.
    """
    if is_of_here and not row.ordinary.roles.isdisjoint(roles):
        raise DomainError("decision.delegate_already", **row.ordinary.facts(row.ordinary.roles))
    if not is_of_here or row.delegation.roles.isdisjoint(roles):
        raise DomainError(
            "decision.not_at_once_by_role", **row.delegation.facts(row.delegation.roles)
        )
