"""Policy of staff: whether somebody is on call when the office is closed, and what that opens."""

from datetime import timedelta
from typing import Literal

from services.staff.domain.competence import CompetenceKind, Demand
from shared.policy import Policy, PolicyStruct, Sourced, SourcedRow

MAX_ACCESS_HOURS = 24  # product ceiling: access for a night, or it is an assignment
HANDOVER = timedelta(hours=1)
"""How long access outlasts the duty at most: to tell the day's people what happened."""
MAX_ANSWER_MINUTES = 120  # product ceiling: later is no alarm


class OnCallNotStated(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="not_stated"):
    """The documents name nobody on call: alarms go to the case's people and the team leaders."""


class OnCall(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="on_call"):
    """Somebody is on call, and is let into a case when its threat is raised to HIGH.

    Args:
        access_hours: how long the access lasts; it ends by itself, and with the duty before that.
        answer_minutes: after how long without an answer the team leaders are called.
    """

    access_hours: int
    answer_minutes: int

    def __post_init__(self) -> None:
        """Hold the ceilings."""
        if not 1 <= self.access_hours <= MAX_ACCESS_HOURS:
            raise ValueError(f"access_hours is 1 to {MAX_ACCESS_HOURS}")
        if not 5 <= self.answer_minutes <= MAX_ANSWER_MINUTES:
            raise ValueError(f"answer_minutes is 5 to {MAX_ANSWER_MINUTES}")


OnCallRule = OnCallNotStated | OnCall


class StaffDemand(SourcedRow, frozen=True, kw_only=True):
    """What somebody must have learnt, and not too long ago, to be given cases in a role.

    Args:
        role: that the membership of the case names.
        competences: all of them are demanded.
    """

    role: Literal["case_worker", "exit_coordinator", "team_leader"]
    competences: tuple[CompetenceKind, ...]

    compared = ("competences",)

    def __post_init__(self) -> None:
        """Refuse a demand of nothing."""
        if not self.competences:
            raise ValueError(f"{self.role}: demands nothing")
        self.check_source(self.role)

    @property
    def rule_key(self) -> str:
        """The row's name in a comparison of policies."""
        return f"demands.{self.role}"


class StaffPolicy(PolicyStruct, frozen=True, kw_only=True):
    """Section `[policy.staff]`.

    Args:
        on_call: whether anybody is on call, and what that opens.
        confirm_alarm_working_days: by when a case worker has read that the threat was raised.
        demands: what the documents demand of whoever is given a case; none where they are silent.
    """

    on_call: Sourced[OnCallRule]
    confirm_alarm_working_days: Sourced[int]
    demands: tuple[StaffDemand, ...] = ()

    def __post_init__(self) -> None:
        """Hold the ceiling: a raised threat that nobody reads is not known."""
        if not 0 <= self.confirm_alarm_working_days.value <= 2:
            raise ValueError("confirm_alarm_working_days is 0 to 2")
        roles = [row.role for row in self.demands]
        if len(roles) != len(set(roles)):
            raise ValueError("two demands of one role")


def demands_of(policy: Policy, role: str) -> tuple[Demand, ...]:
    """What the policy demands of whoever is given a case in this role."""
    return tuple(
        Demand(kind, policy.documents[row.document].title, row.section)
        for row in policy.section("staff", StaffPolicy).demands
        if row.role == role
        for kind in row.competences
    )
