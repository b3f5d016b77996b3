"""Recording what colleagues have learnt, and asking whether it counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.staff.domain.competence import (
    Competence,
    CompetenceKind,
    Demand,
    RecordCompetence,
    check_competence,
    check_demands,
    held_on,
)
from services.staff.domain.roles import CASE_ROLES
from services.staff.handlers.accounts import find
from services.staff.store import accounts
from services.staff.store import competence as store
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.errors import AccessDenied, DomainError
from shared.ids import StaffId, row_id
from shared.node import Node

LONGEST_COURSE = 200


@dataclass(frozen=True, slots=True)
class CompetenceRow:
    """One record with the name of whose it is, and whether it counts today."""

    competence: Competence
    display_name: str
    counts: bool


async def record_competence(node: Node, actor: Actor, command: RecordCompetence) -> UUID:
    """Record what a colleague of this municipality has learnt; team leaders do, never of themselves.

    Raises:
        AccessDenied: not a team leader here, or no such colleague: alike.
        DomainError: `competence.*`, `text.too_long`.
    """
    if actor.home != node.authority or not actor.has_any("team_leader"):
        raise AccessDenied
    course = " ".join(command.course.split())
    if not course:
        raise DomainError("competence.course_missing")
    if len(course) > LONGEST_COURSE:
        raise DomainError("text.too_long", longest=LONGEST_COURSE)
    async with node.db.begin(actor) as uow:
        colleague = await find(uow, command.staff_id)
        if colleague is None:
            raise AccessDenied
        check_competence(command, actor.staff_id, local_date(uow.now))
        competence_id = row_id(uow.now)
        await store.add(
            uow,
            competence_id=competence_id,
            staff_id=command.staff_id,
            kind=command.kind,
            course=course,
            obtained_on=command.obtained_on,
            valid_until=command.valid_until,
            recorded_by=actor.staff_id,
            recorded_at=uow.now,
        )
        uow.audit(
            "staff.competence_recorded",
            staff=str(command.staff_id),
            kind=command.kind,
            until=command.valid_until.isoformat(),
        )
        await uow.commit()
    return competence_id


async def competences(node: Node, actor: Actor) -> list[CompetenceRow]:
    """Records, newest first: a team leader sees everybody's, others their own."""
    if actor.home != node.authority or not actor.has_any(*CASE_ROLES):
        return []
    whose = None if actor.has_any("team_leader") else actor.staff_id
    async with node.db.begin(actor) as uow:
        rows = await store.listed(uow, whose)
        names = await accounts.names(uow, {row.staff_id for row in rows})
        today = local_date(uow.now)
        await uow.commit()
    newest: set[tuple[UUID, str]] = set()
    found = []
    for row in rows:
        one = _competence(row)
        of = (row.staff_id, row.kind)
        is_current = one.obtained_on <= today <= one.valid_until
        found.append(
            CompetenceRow(one, names.get(row.staff_id, ""), counts=is_current and of not in newest)
        )
        newest.add(of)
    return found


async def competences_held(
    uow: UnitOfWork, staff_id: StaffId, day: date
) -> frozenset[CompetenceKind]:
    """Which kinds somebody's records cover on a day; inside the caller's transaction."""
    return held_on((_competence(row) for row in await store.listed(uow, staff_id)), day)


async def require_competences(
    uow: UnitOfWork, staff_id: StaffId, demands: Collection[Demand]
) -> None:
    """Raise unless somebody's records cover today what is demanded; inside the caller's transaction.

    Raises:
        DomainError: `assignment.competence_missing`.
    """
    if demands:
        check_demands(demands, await competences_held(uow, staff_id, local_date(uow.now)))


def _competence(row: Any) -> Competence:
    return Competence(
        competence_id=row.competence_id,
        staff_id=StaffId(row.staff_id),
        kind=row.kind,
        course=row.course,
        obtained_on=row.obtained_on,
        valid_until=row.valid_until,
        recorded_by=StaffId(row.recorded_by),
        recorded_at=row.recorded_at,
    )
