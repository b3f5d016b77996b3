"""The alarm when the police raise the threat: who must read it, by when, and who is called. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from services.cases.domain.commands import HeldRole
from services.cases.domain.rights import Action
from shared.ids import CaseId, StaffId

Level = Literal["LOW", "MEDIUM", "HIGH"]
ON_CALL: HeldRole = "on_call"
ON_CALL_MAY: frozenset[Action] = frozenset(
    {"see", "write_journal", "reveal_vault", "decide_at_once"}
)
"""What access for a night opens; the vault as ever by two persons. The database holds the same
(`app_fence`, migration 0021)."""
ANSWER_WITHIN = timedelta(minutes=30)
"""Until the team leaders are called, where policy names nobody on call and so no time either."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody has read an alarm."""

    staff_id: StaffId
    role: HeldRole
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """The threat was raised.

    Args:
        level_before: None: nothing was known until then.
        confirm_by: last local day for a case worker to have read it.
        escalated_at: when the team leaders were called, since nobody had read it.
        overdue_at: when they were told that no case worker had, by the day.
    """

    alarm_id: UUID
    case_id: CaseId
    level_before: Level | None
    level: Level
    raised_at: datetime
    confirm_by: date
    escalated_at: datetime | None
    overdue_at: datetime | None
    readings: tuple[Reading, ...]

    @property
    def is_answered(self) -> bool:
        """Whether anybody at all has read it."""
        return bool(self.readings)

    @property
    def is_confirmed(self) -> bool:
        """Whether a case worker of the case has: who is on call only keeps the night."""
        return any(reading.role == "case_worker" for reading in self.readings)

    def waits_for(self, staff_id: StaffId, role: HeldRole) -> bool:
        """Whether this member still has to read it.

        A case worker and who is on call each read it themselves; the others are asked until a case
        worker has.
        """
        if any(reading.staff_id == staff_id for reading in self.readings):
            return False
        return role in {"case_worker", ON_CALL} or not self.is_confirmed


Call = Literal["next_on_call", "escalate", "overdue"]


def calls(
    alarm: Alarm,
    now: datetime,
    today: date,
    *,
    answer_within: timedelta,
    on_call: StaffId | None,
    is_let_in: bool,
) -> tuple[Call, ...]:
    """What time does with an alarm that waits; each call is made once.

    Args:
        answer_within: policy; how long anybody may take to read it.
        on_call: who is on call now, if anybody.
        is_let_in: that person is in the case already.
    """
    found: list[Call] = []
    if not alarm.is_answered:
        if alarm.level == "HIGH" and on_call is not None and not is_let_in:
            found.append("next_on_call")
        if alarm.escalated_at is None and now - alarm.raised_at >= answer_within:
            found.append("escalate")
    if not alarm.is_confirmed and alarm.overdue_at is None and today > alarm.confirm_by:
        found.append("overdue")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ReadAlarm:
    """A member has read that the threat was raised."""

    case_id: CaseId
    term: int
    alarm_id: UUID


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One line of what somebody must read now: code name and time, nothing of the person."""

    alarm_id: UUID
    case_id: CaseId
    code_name: str
    raised_at: datetime
    confirm_by: date
    is_on_call: bool
