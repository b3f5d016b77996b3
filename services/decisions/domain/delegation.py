"""Who may decide what: pure questions to a row of the delegation order."""

from dataclasses import dataclass

from shared.errors import DomainError
from shared.ids import StaffId


@dataclass(frozen=True, slots=True)
class Delegation:
    """One row of the delegation order.

    Args:
        kind: the decision (`handover.propose`).
        roles: who may decide.
        second_roles: who may be the second person; empty where none is needed.
        document: title of the document that says so.
        section: where in it.
    """

    kind: str
    roles: frozenset[str]
    second_roles: frozenset[str]
    document: str
    section: str

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
