"""State money for a case: written by its members, also after the case has ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.cases.domain.money import (
    ApplyForMoney,
    Money,
    RecordMoneyAnswer,
    RecordMoneyPaid,
    check_answer,
    check_application,
    check_payment,
)
from services.cases.handlers.inside import require_member
from services.cases.handlers.work import AtCase, writing
from services.cases.store import money as store
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork, add_row
from shared.errors import AccessDenied
from shared.ids import row_id
from shared.node import Node


async def apply_for_money(node: Node, actor: Actor, command: ApplyForMoney) -> UUID:
    """Write down that state money was applied for.

    Raises:
        AccessDenied: not a member, or no such case.
        DomainError: `money.in_future`, `money.amount`.
    """
    async with writing(
        node, actor, command.case_id, command.term, "ask_money", even_closed=True
    ) as at:
        await require_member(at.uow, command.case_id)
        check_application(command, local_date(at.uow.now))
        money_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            store.money,
            money_id=money_id,
            case_id=command.case_id,
            applied_on=command.applied_on,
            kronor=command.kronor,
            recorded_at=at.uow.now,
            recorded_by=actor.staff_id,
        )
        at.uow.audit("case.money_applied", case_id=command.case_id)
        await at.uow.commit()
    return money_id


async def record_money_answer(node: Node, actor: Actor, command: RecordMoneyAnswer) -> None:
    """Write down that it was granted or refused.

    Raises:
        AccessDenied: not a member, or no such application in the case.
        DomainError: `money.*`.
    """
    async with writing(
        node, actor, command.case_id, command.term, "ask_money", even_closed=True
    ) as at:
        found = await _find(at, command.money_id)
        check_answer(command, found, local_date(at.uow.now))
        await store.answer(
            at.uow,
            command.money_id,
            outcome=command.outcome,
            answered_on=command.answered_on,
            answered_at=at.uow.now,
            answered_by=actor.staff_id,
            granted=command.kronor,
        )
        at.uow.audit("case.money_answered", case_id=command.case_id, outcome=command.outcome)
        await at.uow.commit()


async def record_money_paid(node: Node, actor: Actor, command: RecordMoneyPaid) -> None:
    """Write down that it was paid out.

    Raises:
        AccessDenied: not a member, or no such application in the case.
        DomainError: `money.*`.
    """
    async with writing(
        node, actor, command.case_id, command.term, "ask_money", even_closed=True
    ) as at:
        found = await _find(at, command.money_id)
        check_payment(command, found, local_date(at.uow.now))
        await store.pay(
            at.uow,
            command.money_id,
            paid_on=command.paid_on,
            paid=command.kronor,
            paid_by=actor.staff_id,
        )
        at.uow.audit("case.money_paid", case_id=command.case_id)
        await at.uow.commit()


async def _find(at: AtCase, money_id: UUID) -> Money:
    await require_member(at.uow, at.header.case_id)
    for each in await store.of(at.uow, at.header.case_id):
        if each.money_id == money_id:
            return each
    raise AccessDenied


@dataclass(frozen=True, slots=True)
class CountedMoney:
    """What statistics may know of an application: days, and whether it was granted."""

    applied_on: date
    recorded_at: datetime
    granted_on: date | None
    answered_at: datetime | None


async def money_to_count(uow: UnitOfWork) -> Sequence[CountedMoney]:
    """Of all cases, under the worker's role."""
    return [
        CountedMoney(
            row.applied_on,
            row.recorded_at,
            row.answered_on if row.outcome == "GRANTED" else None,
            row.answered_at,
        )
        for row in await store.every(uow)
    ]
