"""The unit's decisions, for the board: by code name, without the person or the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.cases.domain import rights
from services.cases.store import headers
from services.decisions import api as decisions
from services.decisions.api import Reportable
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.errors import AccessDenied, DomainError
from shared.ids import CaseId
from shared.node import Node


@dataclass(frozen=True, slots=True)
class ReportDecisions:
    """These decisions are reported to the board's meeting that day."""

    meeting_on: date
    decisions: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ToReport:
    """What waits for the board's next meeting.

    Args:
        code_names: of the cases.
        names: of whoever decided.
    """

    rows: tuple[Reportable, ...]
    code_names: Mapping[CaseId, str]
    names: Mapping[UUID, str]


async def decisions_to_report(node: Node, actor: Actor) -> ToReport:
    """The unit's decisions that the board has not been told of, oldest first.

    Those that were recorded from the committee's minutes too: it finds there what it never decided.

    Raises:
        DomainError: `case.role_may_not`.
    """
    rights.require(actor, "report_decisions")
    async with node.db.begin(actor) as uow:
        code_names = await _unit(uow)
        rows = await decisions.to_report(uow, list(code_names))
        names = await staff.names(uow, None)
        uow.audit("decisions.listed", rows=len(rows))
        await uow.commit()
    return ToReport(tuple(rows), code_names, names)


async def report_decisions(node: Node, actor: Actor, command: ReportDecisions) -> None:
    """Mark them as reported; each once.

    Raises:
        AccessDenied: one is none of the unit's, or has been reported.
        DomainError: `decision.none_chosen`, `decision.meeting_in_past`, `case.role_may_not`.
    """
    rights.require(actor, "report_decisions")
    chosen = tuple(dict.fromkeys(command.decisions))
    if not chosen:
        raise DomainError("decision.none_chosen")
    async with node.db.begin(actor) as uow:
        if command.meeting_on < local_date(uow.now):
            raise DomainError("decision.meeting_in_past")
        waiting = await decisions.to_report(uow, list(await _unit(uow)))
        if not set(chosen) <= {row.decision_id for row in waiting}:
            raise AccessDenied
        await decisions.mark_reported(uow, chosen, command.meeting_on)
        for row in waiting:
            if row.decision_id in chosen:
                uow.audit("decision.reported", case_id=row.case_id, decision=str(row.decision_id))
        await uow.commit()


async def _unit(uow: UnitOfWork) -> dict[CaseId, str]:
    rows = await headers.list_rows(uow, own_only=False)
    return {CaseId(row.case_id): row.code_name for row in rows}
