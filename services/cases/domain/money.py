"""State money for a case: applied for with the police, granted or refused, paid.

Pure. The police hand out money for what municipalities do for people who leave; one case may apply
more than once. Source: design note `domain.md` 5.1 (police money) and 5.2, I16.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

from shared.errors import DomainError
from shared.ids import CaseId

MoneyOutcome = Literal["GRANTED", "REFUSED"]
OUTCOMES: tuple[MoneyOutcome, ...] = get_args(MoneyOutcome)
MOST_KRONOR = 10_000_000
"""More for one case is a slip of the keyboard: 58 million was paid for 113 in 2022 (F58)."""


@dataclass(frozen=True, slots=True)
class ApplyForMoney:
    """The municipality has applied for state money."""

    case_id: CaseId
    term: int
    applied_on: date
    kronor: int


@dataclass(frozen=True, slots=True)
class RecordMoneyAnswer:
    """The application is granted or refused.

    Args:
        kronor: granted; None where it was refused.
    """

    case_id: CaseId
    term: int
    money_id: UUID
    outcome: MoneyOutcome
    answered_on: date
    kronor: int | None = None


@dataclass(frozen=True, slots=True)
class RecordMoneyPaid:
    """What was granted has been paid out."""

    case_id: CaseId
    term: int
    money_id: UUID
    paid_on: date
    kronor: int


@dataclass(frozen=True, slots=True)
class Money:
    """One application, and how far it has come."""

    money_id: UUID
    applied_on: date
    kronor: int
    recorded_at: datetime
    outcome: MoneyOutcome | None
    answered_on: date | None
    answered_at: datetime | None
    granted: int | None
    paid_on: date | None
    paid: int | None

    @property
    def waits_for_payment(self) -> bool:
        """Granted and not paid."""
        return self.outcome == "GRANTED" and self.paid_on is None


def check_application(command: ApplyForMoney, today: date) -> None:
    """Raise unless somebody can have applied for that much that day.

    Raises:
        DomainError: `money.in_future`, `money.amount`.
    """
    _check(command.applied_on, command.kronor, today)


def check_answer(command: RecordMoneyAnswer, money: Money, today: date) -> None:
    """Raise unless the application waits and can have been answered so that day.

    Raises:
        DomainError: `money.answered_already`, `money.before_application`, `money.in_future`,
            `money.amount_missing`, `money.amount_of_refused`, `money.amount`.
    """
    if money.outcome is not None:
        raise DomainError("money.answered_already")
    if command.answered_on < money.applied_on:
        raise DomainError("money.before_application")
    if command.outcome == "REFUSED" and command.kronor is not None:
        raise DomainError("money.amount_of_refused")
    if command.outcome == "GRANTED" and command.kronor is None:
        raise DomainError("money.amount_missing")
    _check(command.answered_on, command.kronor, today)


def check_payment(command: RecordMoneyPaid, money: Money, today: date) -> None:
    """Raise unless what was granted can have been paid that day; more is never paid than granted.

    Raises:
        DomainError: `money.not_granted`, `money.paid_already`, `money.before_answer`,
            `money.more_than_granted`, `money.in_future`, `money.amount`.
    """
    if money.outcome != "GRANTED" or money.answered_on is None or money.granted is None:
        raise DomainError("money.not_granted")
    if money.paid_on is not None:
        raise DomainError("money.paid_already")
    if command.paid_on < money.answered_on:
        raise DomainError("money.before_answer")
    if command.kronor > money.granted:
        raise DomainError("money.more_than_granted", granted=money.granted)
    _check(command.paid_on, command.kronor, today)


def _check(day: date, kronor: int | None, today: date) -> None:
    if day > today:
        raise DomainError("money.in_future")
    if kronor is not None and not 1 <= kronor <= MOST_KRONOR:
        raise DomainError("money.amount", most=MOST_KRONOR)
