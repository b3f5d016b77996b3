"""Lists of cases: code names and what comes next, nothing of the person."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.cases.domain import rights
from services.cases.domain.aid import STILL_AIDED
from services.cases.domain.commands import NeedArea
from services.cases.domain.entry import Demands
from services.cases.domain.programme import (
    WITH_NEXT_STEP,
    Marks,
    next_in_programme,
    next_while_aided,
)
from services.cases.domain.rules import next_step
from services.cases.domain.states import State
from services.cases.domain.views import CaseRow, Next
from services.cases.handlers.reading import is_agreement_demanded
from services.cases.policy import entry_demands
from services.cases.store import entries, files, headers, plans
from services.cases.store.rows import Record
from services.protection import api as protection
from services.protection.api import Threat
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.ids import CaseId, SubjectId
from shared.node import Node


async def worklist(node: Node, actor: Actor) -> list[CaseRow]:
    """The actor's own cases, newest change first."""
    return await _list(node, actor, own_only=True)


async def unit_cases(node: Node, actor: Actor) -> list[CaseRow]:
    """A team leader's headers to assign from: the whole unit's, own cases too."""
    return await _list(node, actor, own_only=False)


async def _list(node: Node, actor: Actor, *, own_only: bool) -> list[CaseRow]:
    if not rights.may(actor, "see"):
        return []
    async with node.db.begin(actor) as uow:
        today = local_date(uow.now)
        rows = await headers.list_rows(uow, own_only=own_only)
        ids = [row.case_id for row in rows]
        in_programme = [
            row.case_id for row in rows if row.state in WITH_NEXT_STEP and row.open_handover is None
        ]
        aided = [row.case_id for row in rows if row.ended_reason in STILL_AIDED]
        refused = [row.case_id for row in rows if row.ended_reason == "NOT_ADMITTED"]
        tracks = await _Tracks.load(uow, ids, today, entry_demands(node.policies.on(today)))
        programmes = _Programmes(
            await plans.marks(uow, in_programme + aided, today), is_agreement_demanded(node, today)
        )
        names = await staff.names(uow, {row.case_worker for row in rows if row.case_worker})
        listed = [_row(row, tracks, programmes, names, today) for row in rows]
        waiting = await entries.open_applications(uow, refused)
        listed = [
            replace(row, next="decide_aid", due_on=None)
            if row.is_member and row.case_id in waiting and row.next != "carry_out_decision"
            else row
            for row in listed
        ]
        uow.audit("cases.listed", rows=len(listed), own_only=own_only)
        await uow.commit()
    return listed


class _Tracks:
    """What lists know of the tracks of many cases, by a fixed number of questions."""

    def __init__(
        self,
        residences: dict[UUID, Record],
        consent_days: dict[UUID, date],
        threats: dict[SubjectId, Threat],
        asked: set[SubjectId],
        without_threat: set[SubjectId],
        needs: dict[UUID, frozenset[NeedArea]],
        demands: Demands,
    ) -> None:
        self.residences = residences
        self.consent_days = consent_days
        self.threats = threats
        self.asked = asked
        self.without_threat = without_threat
        self.needs = needs
        self.demands = demands

    @classmethod
    async def load(
        cls, uow: UnitOfWork, ids: list[UUID], today: date, demands: Demands
    ) -> "_Tracks":
        return cls(
            await files.newest_residences(uow, ids),
            await files.last_consent_days(uow, ids, today),
            await protection.current_threats(uow, ids),
            await protection.subjects_with_open_question(uow, ids),
            await protection.subjects_without_threat(uow, ids),
            await files.need_areas(uow, ids),
            demands,
        )

    def next(
        self,
        case_id: CaseId,
        state: State,
        *,
        has_worker: bool,
        has_open_handover: bool,
        today: date,
    ) -> Next | None:
        residence = self.residences.get(case_id)
        threat = self.threats.get(SubjectId(case_id))
        areas = self.needs.get(case_id, frozenset())
        return next_step(
            state=state,
            has_case_worker=has_worker,
            has_open_handover=has_open_handover,
            finding=residence.finding if residence else None,
            is_confirmed=bool(residence and residence.confirmed_at),
            has_consent=case_id in self.consent_days,
            has_threat=threat is not None or SubjectId(case_id) in self.without_threat,
            is_threat_asked=SubjectId(case_id) in self.asked,
            is_threat_overdue=threat is not None and threat.next_review_on < today,
            has_needs=bool(areas),
            has_all_needs=self.demands.areas <= areas,
            demands_threat=self.demands.threat,
            demands_consent=self.demands.consent,
        )

    def due_on(self, case_id: CaseId) -> date | None:
        """The nearest of: consent ends, threat is to be assessed anew."""
        threat = self.threats.get(SubjectId(case_id))
        days = [self.consent_days.get(case_id), threat.next_review_on if threat else None]
        return min((day for day in days if day is not None), default=None)


class _Programmes:
    """What comes next in the cases that are in the programme, or where aid outlived it."""

    def __init__(self, marks: dict[UUID, Marks], is_demanded: bool) -> None:  # noqa: FBT001 - one caller, beside it
        self._marks = marks
        self._is_demanded = is_demanded

    def next(
        self, row: Record, threat: Threat | None, today: date
    ) -> tuple[Next | None, date | None] | None:
        """The step and its day; None for a case that the tracks tell of."""
        if row.case_id not in self._marks:
            return None
        if row.ended_reason in STILL_AIDED:
            return next_while_aided(self._marks[row.case_id]) or (None, None)
        return next_in_programme(
            row.state,
            self._marks[row.case_id],
            today,
            is_agreement_demanded=self._is_demanded,
            is_threat_overdue=threat is not None and threat.next_review_on < today,
        ) or (None, None)


def _row(
    row: Record, tracks: _Tracks, programmes: _Programmes, names: dict[UUID, str], today: date
) -> CaseRow:
    threat = tracks.threats.get(row.case_id)
    # A team leader who is no member sees that a case is there and who has it, not its tracks.
    step = (
        tracks.next(
            row.case_id,
            row.state,
            has_worker=row.case_worker is not None,
            has_open_handover=row.open_handover is not None,
            today=today,
        )
        if row.is_member
        else (None if row.case_worker else "assign_case_worker")
    )
    due_on = tracks.due_on(row.case_id) if row.ended_reason is None else None
    planned = programmes.next(row, threat, today) if row.is_member else None
    if planned is not None:
        step, planned_on = planned
        due_on = min((day for day in (due_on, planned_on) if day is not None), default=None)
    return CaseRow(
        case_id=CaseId(row.case_id),
        code_name=row.code_name,
        term=row.term,
        state=row.state,
        ended_reason=row.ended_reason,
        next=step,
        due_on=due_on,
        threat_level=threat.level if threat else None,
        has_open_handover=row.open_handover is not None,
        is_member=row.is_member,
        case_worker=names.get(row.case_worker),
        changed_at=row.changed_at,
        suspected_duplicate=row.suspected_duplicate,
    )
