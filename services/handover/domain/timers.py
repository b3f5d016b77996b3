"""Two clocks that run beside a handover: what people have not answered, what has not arrived.

Days that people count are local dates by the domain clock; how long a message has been on its way
is a span by the wall clock, which machines keep.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, unique

from services.handover.domain.states import OPEN_AT_SENDER, ReceiverState, SenderState
from shared.clock import local_date, months_after

REMIND_EVERY = timedelta(days=7)
"""A declined or returned proposal still lies at the receiver: weekly (handover protocol)."""
IVO_DECIDES_WITHIN_MONTHS = 3
"""From the application; later for special reasons (domain 1.5, IVO's own page)."""
ESCALATE_TO_LEADER = timedelta(days=30)
"""Then the sender's team leader gets a card (handover protocol)."""

NOT_DELIVERED_AFTER = timedelta(days=1)
"""A message without its signed receipt: resends go on, but a person must know of it."""
NOT_DELIVERED_LEADER_AFTER = timedelta(days=7)
"""Then the leader decides: call, write on paper, take it back. Silence has a limit, too."""


def month_after(day: date) -> date:
    """The same day of the next month, or that month's last day where it is shorter.

    >>> month_after(date(2027, 1, 31))
    datetime.date(2027, 2, 28)
    """
    return months_after(day, 1)


@unique
class Reminder(StrEnum):
    """Cards that silence makes; none of them moves a state."""

    ANSWER_DUE_SOON = "answer_due_soon"
    ANSWER_OVERDUE = "answer_overdue"
    MONTH_PASSED = "month_passed"
    KEEP_OR_DISPUTE = "keep_or_dispute"
    KEEP_OR_DISPUTE_LEADER = "keep_or_dispute_leader"
    ACCEPTED_NOT_OPENED = "accepted_not_opened"
    ACCEPTED_WITHOUT_DOSSIER = "accepted_without_dossier"
    NOT_TAKEN_OVER = "not_taken_over"
    NOT_DELIVERED = "not_delivered"
    NOT_DELIVERED_LEADER = "not_delivered_leader"
    LOCKED_TO_DISPUTES = "locked_to_disputes"
    IVO_OVERDUE = "ivo_overdue"
    RULED_NOT_AGREED = "ruled_not_agreed"
    RULED_NOT_AGREED_LEADER = "ruled_not_agreed_leader"


BY_DELIVERY = frozenset({Reminder.NOT_DELIVERED, Reminder.NOT_DELIVERED_LEADER})
"""By the wall clock, whatever the state; the others by the days of the state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The dates of one handover at one end.

    Args:
        received_on: local date of the signed receipt (sender) or of arrival (receiver).
        answer_on: the day an answer is wished for.
        since: the day the present state began.
        has_dossier: receiver only: all of the dossier is in hand.
        remind_days_before: policy; how long before the day an answer is wished for.
        open_within_days: policy; from acceptance to take-over, then an alarm.
        take_over_on: the day both agreed on; nobody is late before it.
    """

    received_on: date | None
    answer_on: date | None
    since: date
    has_dossier: bool = False
    remind_days_before: int = 3
    open_within_days: int = 3
    take_over_on: date | None = None


def reminders(
    state: SenderState | ReceiverState, standing: Standing, today: date
) -> tuple[tuple[Reminder, int], ...]:
    """What a person must be reminded of today, each with the count of how many times by now.

    The count makes a reminder unique: the same one is never made twice, however often this runs.
    """
    found: list[tuple[Reminder, int]] = []
    waited = today - standing.since
    if state in (SenderState.PROPOSED, ReceiverState.RECEIVED):
        found += _answers(standing, today)
    if state is SenderState.DECLINED:
        if weeks := waited // REMIND_EVERY:
            found.append((Reminder.KEEP_OR_DISPUTE, weeks))
        if waited >= ESCALATE_TO_LEADER:
            found.append((Reminder.KEEP_OR_DISPUTE_LEADER, 1))
    found += _take_overs(state, standing, today)
    found += _at_ivo(state, standing, today)
    if is_locked_to_disputes(state, standing.since, today):
        found.append((Reminder.LOCKED_TO_DISPUTES, 1))
    return tuple(found)


def next_deadline(state: SenderState | ReceiverState, standing: Standing) -> date | None:
    """The day by which the next step is to be taken, whoever is to take it; after it, it is late.

    The days are those on which `reminders` begin to call. None where no day binds anybody here: a
    draft, IVO's decision, an answer to a withdrawal, an end.
    """
    match state:
        case SenderState.PROPOSED | ReceiverState.RECEIVED:
            return standing.answer_on
        case SenderState.DECLINED:
            return standing.since + REMIND_EVERY
        case ReceiverState.DECLINED | ReceiverState.RETURNED:
            return month_after(standing.since)
        case SenderState.SENDING | SenderState.ORDERING:
            return _take_over_by(standing)
        case ReceiverState.ACCEPTED | ReceiverState.AGREED | ReceiverState.ORDERED:
            return _take_over_by(standing)
        case _:
            return None


def _take_over_by(standing: Standing) -> date:
    begins = max(standing.since, standing.take_over_on or standing.since)
    return begins + timedelta(days=standing.open_within_days)


@unique
class Account(StrEnum):
    """Where a proposal that was sent stands by both clocks: delivered, and answered by people."""

    UNDELIVERED = "undelivered"
    WAITING = "waiting"
    OVERDUE = "overdue"
    EXPIRED = "expired"
    ANSWERED = "answered"
    RECALLED = "recalled"


def account_of(
    state: SenderState, receipt_at: datetime | None, answer_on: date | None, today: date
) -> Account | None:
    """The one that it is in; None for what was never sent or is over."""
    if state is SenderState.PROPOSED:
        return _proposed(receipt_at, answer_on, today)
    if state is SenderState.WITHDRAWING:
        return Account.RECALLED
    return Account.ANSWERED if state in OPEN_AT_SENDER else None


def _proposed(receipt_at: datetime | None, answer_on: date | None, today: date) -> Account:
    if receipt_at is None:
        return Account.UNDELIVERED
    if today >= month_after(local_date(receipt_at)):
        return Account.EXPIRED
    is_late = answer_on is not None and today > answer_on
    return Account.OVERDUE if is_late else Account.WAITING


def _take_overs(
    state: SenderState | ReceiverState, standing: Standing, today: date
) -> list[tuple[Reminder, int]]:
    """Accepted, and nobody has taken over: an alarm at both ends, weekly."""
    due_on = _take_over_by(standing)
    if today <= due_on:
        return []
    begins = due_on - timedelta(days=standing.open_within_days)
    weeks = (today - begins) // REMIND_EVERY + 1
    if state is SenderState.SENDING:
        return [(Reminder.NOT_TAKEN_OVER, weeks)]
    if state in (ReceiverState.ACCEPTED, ReceiverState.AGREED):
        if standing.has_dossier:
            return [(Reminder.ACCEPTED_NOT_OPENED, weeks)]
        return [(Reminder.ACCEPTED_WITHOUT_DOSSIER, weeks)]
    return []


def _at_ivo(
    state: SenderState | ReceiverState, standing: Standing, today: date
) -> list[tuple[Reminder, int]]:
    """A dispute that nobody hears of: both ends ask IVO, or each other; weekly."""
    waited = today - standing.since
    if state in (SenderState.DISPUTED, ReceiverState.DISPUTED):
        late = today - months_after(standing.since, IVO_DECIDES_WITHIN_MONTHS)
        return [(Reminder.IVO_OVERDUE, late // REMIND_EVERY + 1)] if late.days > 0 else []
    found: list[tuple[Reminder, int]] = []
    if state in (SenderState.ORDERING, ReceiverState.ORDERED):
        if weeks := waited // REMIND_EVERY:
            found.append((Reminder.RULED_NOT_AGREED, weeks))
        if waited >= ESCALATE_TO_LEADER and state is SenderState.ORDERING:
            found.append((Reminder.RULED_NOT_AGREED_LEADER, 1))
    return found


def undelivered(waited: timedelta) -> tuple[tuple[Reminder, int], ...]:
    """Whom to tell that a message has been on its way for so long, in whatever state; weekly."""
    found: list[tuple[Reminder, int]] = []
    if waited >= NOT_DELIVERED_AFTER:
        found.append((Reminder.NOT_DELIVERED, waited // REMIND_EVERY + 1))
    if waited >= NOT_DELIVERED_LEADER_AFTER:
        found.append((Reminder.NOT_DELIVERED_LEADER, waited // REMIND_EVERY))
    return tuple(found)


def _answers(standing: Standing, today: date) -> list[tuple[Reminder, int]]:
    found: list[tuple[Reminder, int]] = []
    if standing.answer_on is not None:
        if today > standing.answer_on:
            found.append((Reminder.ANSWER_OVERDUE, 1))
        elif today >= standing.answer_on - timedelta(days=standing.remind_days_before):
            found.append((Reminder.ANSWER_DUE_SOON, 1))
    if standing.received_on is not None and today >= month_after(standing.received_on):
        found.append((Reminder.MONTH_PASSED, 1))
    return found


def is_locked_to_disputes(state: SenderState | ReceiverState, since: date, today: date) -> bool:
    """After a month a declined or returned proposal is for the one who answers disputes alone."""
    waits = state in (ReceiverState.DECLINED, ReceiverState.RETURNED)
    return waits and today >= month_after(since)


def earliest_answer(today: date, days: int) -> date:
    """The first day one may wish an answer for.

    Args:
        today: the day of the proposal; day 0, not counted.
        days: calendar days that the receiver has at least.
    """
    return today + timedelta(days=days)
