"""Policy of staff: whether somebody is on call when the office is closed, and what that opens."""

from datetime import timedelta

from shared.policy import PolicyStruct, Sourced

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


class StaffPolicy(PolicyStruct, frozen=True, kw_only=True):
    """Section `[policy.staff]`.

    Args:
        on_call: whether anybody is on call, and what that opens.
        confirm_alarm_working_days: by when a case worker has read that the threat was raised.
    """

    on_call: Sourced[OnCallRule]
    confirm_alarm_working_days: Sourced[int]

    def __post_init__(self) -> None:
        """Hold the ceiling: a raised threat that nobody reads is not known."""
        if not 0 <= self.confirm_alarm_working_days.value <= 2:
            raise ValueError("confirm_alarm_working_days is 0 to 2")
