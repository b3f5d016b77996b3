"""Which role may do what with a case it is a member of. Source: design note `domain.md` 10.

Role gives capability, membership gives access: this table is the first half, row security the
second. Decisions that the delegation order hands out are checked there as well.
"""

from typing import Literal, get_args

from services.cases.domain.states import actors_of
from shared.actor import Actor
from shared.errors import DomainError

Action = Literal[
    "register_contact",
    "see",
    "write_journal",
    "assign",
    "ask_police",
    "find_residence",
    "confirm_residence",
    "record_consent",
    "record_needs",
    "add_document",
    "exclude",
    "write_vault",
    "reveal_vault",
    "apply",
    "end_at_persons_wish",
    "sign_agreement",
    "start_programme",
    "decide_aid",
    "decide_at_once",
    "plan",
    "ask_money",
    "follow_up",
    "pause",
    "resume",
    "take_protection",
    "complete",
    "report_relapse",
    "review_relapse",
    "continue_programme",
    "propose_exclusion",
    "support_exclusion",
    "exclude_person",
    "reopen",
    "ready",
    "assess_entry",
    "sign_entry",
    "admit",
    "refuse_entry",
    "follow_concern",
    "decide_opening",
    "report_decisions",
]
CASE_ROLES: frozenset[str] = frozenset({"case_worker", "exit_coordinator", "team_leader"})
"""Roles that work in files; the social director joins a case only for a decision of its own."""
KEPT_APART: frozenset[str] = frozenset({"log_reviewer", "system_admin"})
"""Never held together with a role that touches cases."""

RIGHTS: dict[Action, frozenset[str]] = {
    "register_contact": CASE_ROLES,
    "see": CASE_ROLES | {"social_director"},
    "write_journal": CASE_ROLES,
    "assign": frozenset({"exit_coordinator", "team_leader"}),
    "ask_police": frozenset({"case_worker", "exit_coordinator"}),
    "find_residence": frozenset({"case_worker", "team_leader"}),
    "confirm_residence": frozenset({"case_worker", "team_leader"}),
    "record_consent": frozenset({"case_worker", "exit_coordinator"}),
    "record_needs": CASE_ROLES,
    "add_document": CASE_ROLES,
    "exclude": CASE_ROLES,
    "write_vault": CASE_ROLES,
    "reveal_vault": CASE_ROLES,
    "apply": CASE_ROLES,
    "end_at_persons_wish": frozenset({"case_worker", "exit_coordinator"}),
    "sign_agreement": frozenset({"case_worker", "exit_coordinator"}),
    "start_programme": frozenset({"case_worker"}),
    # Who of them decides which kind is the delegation order's to say.
    "decide_aid": CASE_ROLES | {"social_director"},
    "decide_at_once": CASE_ROLES,
    "plan": CASE_ROLES,
    "ask_money": CASE_ROLES,
    "follow_up": CASE_ROLES,
    "pause": frozenset({"case_worker"}),
    "resume": frozenset({"case_worker"}),
    "take_protection": CASE_ROLES,
    "complete": frozenset({"exit_coordinator"}),
    "report_relapse": actors_of("report_relapse"),
    "review_relapse": CASE_ROLES,
    "continue_programme": actors_of("continue"),
    "propose_exclusion": actors_of("exclude"),
    "support_exclusion": CASE_ROLES,  # who of them is the delegation order's to say
    "exclude_person": actors_of("exclude"),
    "reopen": frozenset({"team_leader"}),
    "ready": actors_of("ready"),
    "assess_entry": frozenset({"case_worker", "exit_coordinator"}),
    "sign_entry": CASE_ROLES,  # who of them is the delegation order's to say
    "admit": actors_of("admit"),
    "refuse_entry": actors_of("refuse_entry"),
    "follow_concern": CASE_ROLES,
    "decide_opening": frozenset({"team_leader"}),
    "report_decisions": frozenset({"team_leader"}),
}
assert set(RIGHTS) == set(get_args(Action)), "an action on a case has no row in the table"


def may(actor: Actor, action: Action) -> bool:
    """Whether one of the actor's roles carries this capability."""
    return actor.home == actor.authority and actor.has_any(*RIGHTS[action])


def require(actor: Actor, action: Action) -> None:
    """Raise `case.role_may_not`, with the roles that may, unless the actor's role may."""
    if not may(actor, action):
        raise DomainError(
            "case.role_may_not", action=action, roles=",".join(sorted(RIGHTS[action]))
        )
