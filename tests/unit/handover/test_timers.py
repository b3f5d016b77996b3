"""Days are counted as the law counts them, and silence makes each card once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.handover.domain.states import OPEN_AT_SENDER, ReceiverState, SenderState
from services.handover.domain.timers import (
    Account,
    Reminder,
    Standing,
    account_of,
    earliest_answer,
    is_locked_to_disputes,
    month_after,
    next_deadline,
    reminders,
    undelivered,
)
from services.handover.policy import a_month_after
from shared.clock import months_after

DAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("day", "after"),
    [
        (date(2026, 11, 22), date(2026, 12, 22)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last(day, after) -> None:
    assert month_after(day) == after == a_month_after(day)


def test_three_months_may_end_in_the_next_year() -> None:
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_after(date(2026, 9, 1), 3) == date(2026, 12, 1)


def standing(**facts) -> Standing:
    given = {"received_on": DAY, "answer_on": DAY + timedelta(days=14), "since": DAY}
    return Standing(**{**given, **facts})


@pytest.mark.parametrize(
    ("state", "facts", "due_on"),
    [
        (SenderState.PROPOSED, {}, DAY + timedelta(days=14)),
        (ReceiverState.RECEIVED, {}, DAY + timedelta(days=14)),
        (SenderState.DECLINED, {}, DAY + timedelta(days=7)),
        (ReceiverState.DECLINED, {}, date(2026, 12, 2)),
        (ReceiverState.RETURNED, {}, date(2026, 12, 2)),
        (SenderState.SENDING, {}, DAY + timedelta(days=3)),
        (ReceiverState.ACCEPTED, {}, DAY + timedelta(days=3)),
        (ReceiverState.AGREED, {"take_over_on": date(2026, 11, 20)}, date(2026, 11, 23)),
        (ReceiverState.ORDERED, {}, DAY + timedelta(days=3)),
        (SenderState.ORDERING, {}, DAY + timedelta(days=3)),
        (SenderState.DRAFT, {}, None),
        (SenderState.DISPUTED, {}, None),
        (ReceiverState.TAKEN_OVER, {}, None),
    ],
)
def test_the_next_deadline_is_the_day_after_which_somebody_is_late(state, facts, due_on) -> None:
    assert next_deadline(state, standing(**facts)) == due_on


LATE = {
    Reminder.ANSWER_OVERDUE,
    Reminder.NOT_TAKEN_OVER,
    Reminder.ACCEPTED_NOT_OPENED,
    Reminder.ACCEPTED_WITHOUT_DOSSIER,
}


@pytest.mark.parametrize(
    "state",
    [
        SenderState.PROPOSED,
        SenderState.SENDING,
        ReceiverState.RECEIVED,
        ReceiverState.ACCEPTED,
        ReceiverState.AGREED,
    ],
)
def test_the_board_says_late_on_the_day_the_card_does(state) -> None:
    due_on = next_deadline(state, standing())
    assert due_on is not None
    days = (due_on - DAY).days
    assert not {each for each, _ in found(state, days)} & LATE
    assert {each for each, _ in found(state, days + 1)} & LATE


def found(state, days, **facts):
    return set(reminders(state, standing(**facts), DAY + timedelta(days=days)))


@pytest.mark.parametrize("state", [SenderState.PROPOSED, ReceiverState.RECEIVED])
def test_both_ends_are_reminded_of_the_answer(state) -> None:
    assert found(state, 10) == set()
    assert found(state, 11) == {(Reminder.ANSWER_DUE_SOON, 1)}
    assert found(state, 14) == {(Reminder.ANSWER_DUE_SOON, 1)}
    assert found(state, 15) == {(Reminder.ANSWER_OVERDUE, 1)}
    assert found(state, 30) == {(Reminder.ANSWER_OVERDUE, 1), (Reminder.MONTH_PASSED, 1)}


def test_without_a_day_or_a_receipt_there_is_nothing_to_be_late_for() -> None:
    assert found(SenderState.PROPOSED, 90, answer_on=None, received_on=None) == set()


def test_a_sender_that_does_not_decide_is_reminded_weekly_and_then_its_leader() -> None:
    assert found(SenderState.DECLINED, 6) == set()
    assert found(SenderState.DECLINED, 7) == {(Reminder.KEEP_OR_DISPUTE, 1)}
    assert found(SenderState.DECLINED, 21) == {(Reminder.KEEP_OR_DISPUTE, 3)}
    assert found(SenderState.DECLINED, 30) == {
        (Reminder.KEEP_OR_DISPUTE, 4),
        (Reminder.KEEP_OR_DISPUTE_LEADER, 1),
    }


@pytest.mark.parametrize("state", [ReceiverState.ACCEPTED, ReceiverState.AGREED])
def test_accepted_and_not_opened_is_an_alarm(state) -> None:
    assert found(state, 3, has_dossier=True) == set()
    assert found(state, 4, has_dossier=True) == {(Reminder.ACCEPTED_NOT_OPENED, 1)}
    assert found(state, 11, has_dossier=True) == {(Reminder.ACCEPTED_NOT_OPENED, 2)}
    assert found(state, 11, has_dossier=False) == {(Reminder.ACCEPTED_WITHOUT_DOSSIER, 2)}
    agreed = DAY + timedelta(days=10)
    assert found(state, 13, has_dossier=True, take_over_on=agreed) == set()
    late = found(state, 14, has_dossier=True, take_over_on=agreed)
    assert late == {(Reminder.ACCEPTED_NOT_OPENED, 1)}


def test_the_sender_is_told_that_nobody_has_taken_over() -> None:
    assert found(SenderState.SENDING, 3) == set()
    assert found(SenderState.SENDING, 4) == {(Reminder.NOT_TAKEN_OVER, 1)}
    assert found(SenderState.SENDING, 12, take_over_on=DAY + timedelta(days=10)) == set()


AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "receipt_at", "days", "account"),
    [
        (SenderState.DRAFT, None, 0, None),
        (SenderState.PROPOSED, None, 40, Account.UNDELIVERED),
        (SenderState.PROPOSED, AT, 14, Account.WAITING),
        (SenderState.PROPOSED, AT, 15, Account.OVERDUE),
        (SenderState.PROPOSED, AT, 30, Account.EXPIRED),
        (SenderState.WITHDRAWING, AT, 40, Account.RECALLED),
        (SenderState.COMPLETED, AT, 40, None),
    ],
)
def test_a_sent_proposal_stands_in_one_place(state, receipt_at, days, account) -> None:
    answer_on, today = DAY + timedelta(days=14), DAY + timedelta(days=days)
    assert account_of(state, receipt_at, answer_on, today) is account


def test_no_open_state_is_left_out_of_the_account() -> None:
    for state in SenderState:
        account = account_of(state, AT, None, DAY)
        assert (account is not None) == (state in OPEN_AT_SENDER)


def test_a_message_on_its_way_is_told_of_after_a_day_and_to_the_leader_after_a_week() -> None:
    assert undelivered(timedelta(hours=23)) == ()
    assert undelivered(timedelta(days=1)) == ((Reminder.NOT_DELIVERED, 1),)
    assert undelivered(timedelta(days=7)) == (
        (Reminder.NOT_DELIVERED, 2),
        (Reminder.NOT_DELIVERED_LEADER, 1),
    )


@pytest.mark.parametrize("state", [ReceiverState.DECLINED, ReceiverState.RETURNED])
def test_after_a_month_a_no_is_for_those_who_answer_disputes(state) -> None:
    assert not is_locked_to_disputes(state, DAY, DAY + timedelta(days=29))
    assert is_locked_to_disputes(state, DAY, DAY + timedelta(days=30))
    assert (Reminder.LOCKED_TO_DISPUTES, 1) in found(state, 30)


@pytest.mark.parametrize("state", [SenderState.DISPUTED, ReceiverState.DISPUTED])
def test_when_ivo_has_not_decided_in_three_months_both_ends_are_told_weekly(state) -> None:
    assert found(state, 92) == set()  # 2 November to 2 February
    assert found(state, 93) == {(Reminder.IVO_OVERDUE, 1)}
    assert found(state, 99) == {(Reminder.IVO_OVERDUE, 2)}


def test_a_ruling_that_nobody_carries_out_is_told_at_both_ends_and_then_to_the_leader() -> None:
    for state in (SenderState.ORDERING, ReceiverState.ORDERED):
        assert found(state, 6) == set()
        assert found(state, 14) == {(Reminder.RULED_NOT_AGREED, 2)}
    assert found(SenderState.ORDERING, 30) == {
        (Reminder.RULED_NOT_AGREED, 4),
        (Reminder.RULED_NOT_AGREED_LEADER, 1),
    }


def test_an_open_proposal_is_never_locked() -> None:
    assert not is_locked_to_disputes(ReceiverState.RECEIVED, DAY, DAY + timedelta(days=90))


def test_the_day_of_the_proposal_is_not_counted() -> None:
    assert earliest_answer(DAY, 5) == date(2026, 11, 7)
