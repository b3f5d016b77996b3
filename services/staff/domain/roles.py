"""Which roles a person may hold together. Pure."""

from dataclasses import dataclass

from shared.errors import DomainError
from shared.ids import POLICE, AuthorityCode, StaffId

CASE_ROLES: frozenset[str] = frozenset({"case_worker", "exit_coordinator", "team_leader"})
CASE_TOUCHING: frozenset[str] = CASE_ROLES | {"social_director", "police_partner"}
KEPT_APART: frozenset[str] = frozenset({"log_reviewer", "system_admin"})
"""Design note `domain.md` 10: one person never holds one of these together with a case role."""
MAY_HAVE_CASES: frozenset[str] = CASE_ROLES | {"social_director"}
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of this municipality who may be given a case; never police."""

    staff_id: StaffId
    display_name: str
    roles: frozenset[str]
    unit: str | None


def check_roles(roles: frozenset[str], home: AuthorityCode, here: AuthorityCode) -> None:
    """Raise unless these roles may be held by one person who belongs there.

    Raises:
        DomainError: `staff.roles_kept_apart`; `staff.role_of_another_authority`: a person of
            another authority is a police partner and nothing else, and only they are that.
    """
    if roles & KEPT_APART and roles & CASE_TOUCHING:
        raise DomainError("staff.roles_kept_apart")
    is_partner = "police_partner" in roles
    if home == here and is_partner:
        raise DomainError("staff.role_of_another_authority")
    if home != here and (home != POLICE or roles != {"police_partner"}):
        raise DomainError("staff.role_of_another_authority")
