"""The first meeting with the person: when it was held, once.

Pure. How long people wait for it is counted (indicator I11); who comes in person has met somebody by
that. Source: design note `domain.md` 1.5 and 5.2.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from shared.errors import DomainError
from shared.ids import CaseId

HELD = "case.first_meeting"


@dataclass(frozen=True, slots=True)
class RecordFirstMeeting:
    """The first meeting has been held."""

    case_id: CaseId
    term: int
    held_on: date


def check_first_meeting(
    held_on: date, *, contact_on: date, today: date, history: Collection[str]
) -> None:
    """Raise unless the meeting is the first one, and can have been held that day.

    Args:
        history: codes of what has happened in the case.

    Raises:
        DomainError: `meeting.recorded_already`, `meeting.before_contact`, `meeting.in_future`.
    """
    if HELD in history:
        raise DomainError("meeting.recorded_already")
    if held_on < contact_on:
        raise DomainError("meeting.before_contact")
    if held_on > today:
        raise DomainError("meeting.in_future")
