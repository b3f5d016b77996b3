"""Policy of handovers: when an answer is wished for, who is asked, what goes along."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal, assert_never

from shared.policy import PolicyStruct, Sourced, add_working_days, is_working_day

MIN_ANSWER_DAYS = 5  # product floor: a receiver must be able to read and find a second person
MAX_ANSWER_DAYS = (
    31  # SoL (2001:453) 2 a kap. 11 §: after a month IVO may be asked, whatever we say
)
MAX_OPEN_DAYS = 14  # product ceiling: "accepted but not opened" is an alarm, not a state

# A sender that has neither kept nor disputed a declined handover (services/handover/PROTOCOL.md).
REMIND_UNRESOLVED_EVERY_DAYS = 7
TEAM_LEADER_CARD_AFTER_DAYS = 30


class CalendarDays(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="calendar_days"):
    """So many days; an end on a day off moves to the next working day."""

    days: int


class WorkingDays(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="working_days"):
    """So many working days."""

    days: int


class OneMonth(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="one_month"):
    """The same day in the next month."""


AnswerWithin = CalendarDays | WorkingDays | OneMonth
Stated = Literal["stated", "not_stated"]
DossierSection = Literal["decisions", "plan", "needs_summary", "consents", "chain"]


class HandoverPolicy(PolicyStruct, frozen=True, kw_only=True):
    """Section `[policy.handover]`.

    Args:
        answer_within: from the signed receipt to the day an answer is wished for.
        remind_days_before: when both ends are reminded of that day.
        receiving_function: address of the function that gets proposals, from `authority.toml`.
        open_within_days: from acceptance to somebody having opened the dossier; then an alarm.
        first_meeting_days: longest time from take-over to the first booked meeting.
        works_until_taken_over: whether the documents say that the sender works on with the receiver
            until the case is handed over. The protocol does so in any case.
        sends: what a draft proposes to send; a person narrows it, item by item.
    """

    answer_within: Sourced[AnswerWithin]
    remind_days_before: Sourced[int]
    receiving_function: Sourced[str]
    open_within_days: Sourced[int]
    first_meeting_days: Sourced[int]
    works_until_taken_over: Sourced[Stated]
    sends: Sourced[tuple[DossierSection, ...]]

    def __post_init__(self) -> None:
        """Hold the floors and ceilings."""
        match self.answer_within.value:
            case CalendarDays(days=days) if not MIN_ANSWER_DAYS <= days <= MAX_ANSWER_DAYS:
                raise ValueError(f"answer_within is {MIN_ANSWER_DAYS} to {MAX_ANSWER_DAYS} days")
            # 20 working days are 28 calendar days at least: within the month.
            case WorkingDays(days=days) if not MIN_ANSWER_DAYS <= days <= 20:
                raise ValueError(f"answer_within is {MIN_ANSWER_DAYS} to 20 working days")
            case _:
                pass
        if not 0 <= self.remind_days_before.value <= MAX_ANSWER_DAYS:
            raise ValueError(f"remind_days_before is 0 to {MAX_ANSWER_DAYS}")
        if not 1 <= self.open_within_days.value <= MAX_OPEN_DAYS:
            raise ValueError(f"open_within_days is 1 to {MAX_OPEN_DAYS}")
        if not 1 <= self.first_meeting_days.value <= MAX_ANSWER_DAYS:
            raise ValueError(f"first_meeting_days is 1 to {MAX_ANSWER_DAYS}")


def answer_due(received_on: date, within: AnswerWithin) -> date:
    """Last day for the receiver to answer a proposed handover.

    Args:
        received_on: local date of the signed receipt; day 0, not counted.
        within: policy variant.

    Source: tenant policy [handover] answer_within; a time that ends on a day off ends on the next
        working day, lag (1930:173) 2 §.
    """
    match within:
        case CalendarDays(days=days):
            return _or_next_working_day(received_on + timedelta(days=days))
        case WorkingDays(days=days):
            return add_working_days(received_on, days)
        case OneMonth():
            return _or_next_working_day(a_month_after(received_on))
        case never:
            assert_never(never)


def a_month_after(received_on: date) -> date:
    """The day from which a silent receiver may be taken to IVO.

    Source: SoL (2001:453) 2 a kap. 11 §, law reference `transfer.dispute`; the same date of the
        next month, or its last day, lag (1930:173) 1 §.
    """
    year, month = divmod(received_on.year * 12 + received_on.month, 12)
    month += 1
    return date(year, month, min(received_on.day, monthrange(year, month)[1]))


def _or_next_working_day(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
