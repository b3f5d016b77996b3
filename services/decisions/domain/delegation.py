"""Who may decide what: pure questions to a row of the delegation order."""

from dataclasses import dataclass
from uuid import UUID

from shared.errors import DomainError
from shared.ids import StaffId

COMMITTEE: frozenset[str] = frozenset({"subcommittee", "committee_chair"})
"""Who is no account of a node: what they decide is recorded from their minutes."""
COMMITTEE_ID = StaffId(UUID("00000000-0000-7000-8000-000000000002"))
"""Stands for the committee where it decided; who recorded it is in the log."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """One row of the delegation order.

    Args:
        kind: the decision (`handover.propose`).
        roles: who may decide.
        second_roles: who may be the second person; empty where none is needed.
        document: title of the document that says so.
        section: where in it.
        limit_days: longest time one such decision may grant; None where the kind has no time.
    """

    kind: str
    roles: frozenset[str]
    second_roles: frozenset[str]
    document: str
    section: str
    limit_days: int | None = None

    @property
    def is_the_committees(self) -> bool:
        """Whether no official decides this."""
        return self.roles <= COMMITTEE

    def facts(self, roles: frozenset[str]) -> dict[str, str]:
        """What the text says of who may: kind, roles, document and section."""
        return {
            "kind": self.kind,
            "roles": ",".join(sorted(roles)),
            "document": self.document,
            "section": self.section,
        }


def check_first(row: Delegation, roles: frozenset[str], *, is_of_here: bool) -> None:
    """Raise `decision.not_delegate` unless one of the roles decides here."""
    if not is_of_here or row.roles.isdisjoint(roles):
        raise DomainError("decision.not_delegate", **row.facts(row.roles))


def check_second(
    row: Delegation,
    first: StaffId,
    second: StaffId,
    second_roles: frozenset[str],
    *,
    is_of_here: bool,
) -> None:
    """Raise unless another person, with a role that may, is the second.

    Raises:
        DomainError: `decision.same_person`, `decision.not_second`.
    """
    if first == second:
        raise DomainError("decision.same_person")
    wanted = row.second_roles or row.roles
    if not is_of_here or wanted.isdisjoint(second_roles):
        raise DomainError("decision.not_second", **row.facts(wanted))


def check_days(row: Delegation, days: int | None) -> None:
    """Raise `decision.beyond_limit` when the decision grants longer than this delegate may.

    Args:
        days: both days counted; None until further notice.
    """
    if row.limit_days is not None and (days is None or days > row.limit_days):
        raise DomainError("decision.beyond_limit", days=row.limit_days)


def refusing(grants: Delegation, refuses: Delegation) -> Delegation:
    """Who refuses or ends what `grants` would give: never a lower level than the grant's own."""
    return grants if grants.is_the_committees else refuses
