"""Who acts. Role gives capability, membership of the case gives access."""

from dataclasses import dataclass
from uuid import UUID

from shared.ids import AuthorityCode, StaffId

WORKER_ID = StaffId(UUID("00000000-0000-7000-8000-000000000001"))


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, or the worker, in whose name a transaction runs.

    Args:
        staff_id: the account's id in this node.
        authority: the node's authority.
        home: where the person signed in; differs for police, who are brokered.
        roles: glossary identifiers (`case_worker`, `team_leader`, …).
        unit: the police unit or the municipal unit; from the token, never from a form.
        display_name: shown to colleagues; never logged.
    """

    staff_id: StaffId
    authority: AuthorityCode
    home: AuthorityCode
    roles: frozenset[str]
    unit: str | None = None
    display_name: str = ""

    def has_any(self, *roles: str) -> bool:
        """Whether at least one of these roles is held."""
        return not self.roles.isdisjoint(roles)


def worker(authority: AuthorityCode) -> Actor:
    """The node's own worker: dispatches messages, keeps deadlines, sends."""
    return Actor(WORKER_ID, authority, authority, frozenset({"worker"}), display_name="Utväg")
