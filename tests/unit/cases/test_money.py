"""State money for a case: applied for, answered, paid, each once and in that order."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.cases.domain.money import (
    MOST_KRONOR,
    ApplyForMoney,
    Money,
    RecordMoneyAnswer,
    RecordMoneyPaid,
    check_answer,
    check_application,
    check_payment,
)
from shared.errors import DomainError
from shared.ids import CaseId

CASE, ID = CaseId(UUID(int=1)), UUID(int=2)
APPLIED, ANSWERED, TODAY = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 22)
LATER = date(2026, 11, 23)
NOW = datetime(2026, 9, 2, tzinfo=UTC)
WAITS = Money(ID, APPLIED, 450_000, NOW, None, None, None, None, None, None)
GRANTED = Money(ID, APPLIED, 450_000, NOW, "GRANTED", ANSWERED, NOW, 400_000, None, None)
REFUSED = Money(ID, APPLIED, 450_000, NOW, "REFUSED", ANSWERED, NOW, None, None, None)
PAID = Money(ID, APPLIED, 450_000, NOW, "GRANTED", ANSWERED, NOW, 400_000, TODAY, 400_000)


def answer(outcome="GRANTED", on=ANSWERED, kronor=400_000):
    return RecordMoneyAnswer(CASE, 1, ID, outcome, on, kronor)


def payment(on=TODAY, kronor=400_000):
    return RecordMoneyPaid(CASE, 1, ID, on, kronor)


def test_an_application_is_answered_and_then_paid_in_part_or_in_whole():
    check_application(ApplyForMoney(CASE, 1, TODAY, MOST_KRONOR), TODAY)
    check_answer(answer(), WAITS, TODAY)
    check_answer(answer("REFUSED", kronor=None), WAITS, TODAY)
    check_payment(payment(), GRANTED, TODAY)
    check_payment(payment(kronor=1), GRANTED, TODAY)
    assert [each.waits_for_payment for each in (WAITS, GRANTED, REFUSED, PAID)] == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("check", "command", "money", "code"),
    [
        (check_answer, answer(), GRANTED, "money.answered_already"),
        (check_answer, answer(on=date(2026, 8, 31)), WAITS, "money.before_application"),
        (check_answer, answer(on=LATER), WAITS, "money.in_future"),
        (check_answer, answer(kronor=None), WAITS, "money.amount_missing"),
        (check_answer, answer("REFUSED"), WAITS, "money.amount_of_refused"),
        (check_answer, answer(kronor=0), WAITS, "money.amount"),
        (check_payment, payment(), WAITS, "money.not_granted"),
        (check_payment, payment(), REFUSED, "money.not_granted"),
        (check_payment, payment(), PAID, "money.paid_already"),
        (check_payment, payment(on=date(2026, 9, 30)), GRANTED, "money.before_answer"),
        (check_payment, payment(kronor=400_001), GRANTED, "money.more_than_granted"),
        (check_payment, payment(on=LATER), GRANTED, "money.in_future"),
    ],
)
def test_nothing_is_written_twice_or_out_of_order(check, command, money, code):
    with pytest.raises(DomainError) as refused:
        check(command, money, TODAY)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("on", "kronor", "code"),
    [(LATER, 1, "money.in_future"), (TODAY, 0, "money.amount"), (TODAY, 10**8, "money.amount")],
)
def test_an_application_that_cannot_be_true_is_refused(on, kronor, code):
    with pytest.raises(DomainError) as refused:
        check_application(ApplyForMoney(CASE, 1, on, kronor), TODAY)
    assert refused.value.code == code
