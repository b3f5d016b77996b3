"""Lists without identity, the file for members, the case's own log: every read is logged."""

from datetime import date
from typing import Any

from services.cases.domain import rights
from services.cases.domain.rules import next_step
from services.cases.domain.text import reason as reason_of
from services.cases.domain.views import CaseRow, Event, LogRow, Next, Redecision
from services.cases.handlers import sealing
from services.cases.handlers.file import CaseFile
from services.cases.handlers.links import chain
from services.cases.handlers.members import list_members
from services.cases.handlers.work import AtCase, reading
from services.cases.store import files, headers, log
from services.cases.store.rows import Record
from services.protection import api as protection
from services.protection.api import Threat
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.errors import AccessDenied
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
        tracks = await _Tracks.load(uow, ids, today)
        names = await staff.names(uow, {row.case_worker for row in rows if row.case_worker})
        listed = [_row(row, tracks, names, today) for row in rows]
        uow.audit("cases.listed", rows=len(listed), own_only=own_only)
        await uow.commit()
    return listed


class _Tracks:
    """What lists know of the tracks of many cases, by a fixed number of questions."""

    def __init__(
        self,
        residences: dict[Any, Record],
        consent_days: dict[Any, date],
        threats: dict[SubjectId, Threat],
        asked: set[SubjectId],
        with_needs: set[Any],
    ) -> None:
        self.residences = residences
        self.consent_days = consent_days
        self.threats = threats
        self.asked = asked
        self.with_needs = with_needs

    @classmethod
    async def load(cls, uow: UnitOfWork, ids: list[Any], today: date) -> "_Tracks":
        return cls(
            await files.newest_residences(uow, ids),
            await files.last_consent_days(uow, ids, today),
            await protection.current_threats(uow, ids),
            await protection.subjects_with_open_question(uow, ids),
            await files.cases_with_needs(uow, ids),
        )

    def next(
        self,
        case_id: Any,
        state: Any,
        *,
        has_worker: bool,
        has_open_handover: bool,
        today: date,
    ) -> Next | None:
        residence = self.residences.get(case_id)
        threat = self.threats.get(case_id)
        return next_step(
            state=state,
            has_case_worker=has_worker,
            has_open_handover=has_open_handover,
            finding=residence.finding if residence else None,
            is_confirmed=bool(residence and residence.confirmed_at),
            has_consent=case_id in self.consent_days,
            has_threat=threat is not None,
            is_threat_asked=case_id in self.asked,
            is_threat_overdue=threat is not None and threat.next_review_on < today,
            has_needs=case_id in self.with_needs,
        )

    def due_on(self, case_id: Any) -> date | None:
        """The nearest of: consent ends, threat is to be assessed anew."""
        threat = self.threats.get(case_id)
        days = [self.consent_days.get(case_id), threat.next_review_on if threat else None]
        return min((day for day in days if day is not None), default=None)


def _row(row: Record, tracks: _Tracks, names: dict[Any, str], today: date) -> CaseRow:
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
    return CaseRow(
        case_id=CaseId(row.case_id),
        code_name=row.code_name,
        term=row.term,
        state=row.state,
        ended_reason=row.ended_reason,
        next=step,
        due_on=tracks.due_on(row.case_id) if row.ended_reason is None else None,
        threat_level=threat.level if threat else None,
        has_open_handover=row.open_handover is not None,
        is_member=row.is_member,
        case_worker=names.get(row.case_worker),
        changed_at=row.changed_at,
        suspected_duplicate=row.suspected_duplicate,
    )


async def read_case(node: Node, actor: Actor, case_id: CaseId, reason: str) -> CaseFile:
    """The whole file, for members.

    Raises:
        AccessDenied: not a member, or no such case: alike.
    """
    why = reason_of(reason)
    async with reading(node, actor, case_id, "see") as at:
        # A team leader sees the header of the unit's cases; the file is for members.
        row = await files.person_row(at.uow, case_id)
        if row is None:
            raise AccessDenied
        file = await _file(at, row)
        at.uow.audit("case.read", case_id=case_id, reason=why)
        await at.uow.commit()
    return file


async def _file(at: AtCase, person_row: Record) -> CaseFile:
    uow, key, case_id = at.uow, at.key, at.header.case_id
    today = local_date(uow.now)
    subject = SubjectId(case_id)
    tracks = await _Tracks.load(uow, [case_id], today)
    members = await list_members(uow, case_id)
    dossier = await files.dossier_row(uow, case_id)
    return CaseFile(
        header=at.header,
        person=sealing.person(key, person_row),
        contact=sealing.contact(key, await files.contact_row(uow, case_id)),
        members=members,
        residence=sealing.residence(key, await files.newest_residence(uow, case_id)),
        consents=sealing.consents(key, await files.consents(uow, case_id)),
        needs=tuple(sealing.need(key, row) for row in await files.newest_needs(uow, case_id)),
        threat=tracks.threats.get(subject),
        questions=tuple(await protection.questions(uow, subject)),
        notes=tuple(sealing.note(key, row) for row in await files.notes(uow, case_id)),
        events=tuple(
            Event(row.at, row.actor_id, row.code, row.facts)
            for row in await files.events(uow, case_id)
        ),
        redecisions=tuple(
            Redecision(
                row.area,
                sealing.reveal(
                    key, "case_redecision", row.redecision_id, row.sealed, sealing.NeedBody
                ).running_measure,
                row.decided_at,
            )
            for row in await files.redecisions(uow, case_id)
        ),
        exclusions=tuple(
            (
                row.kind,
                row.value,
                sealing.reveal(key, "case_exclusion", row.exclusion_id, row.sealed, str),
            )
            for row in await files.exclusions(uow, case_id)
        ),
        dossier=sealing.dossier(key, dossier),
        has_vault=await files.vault_row(uow, case_id) is not None,
        next=tracks.next(
            case_id,
            at.header.state,
            has_worker=any(m.role == "case_worker" and m.ended_at is None for m in members),
            has_open_handover=at.header.open_handover is not None,
            today=today,
        ),
        chain=tuple(await chain(uow, case_id)),
        names=await staff.names(uow, None),
    )


async def case_log(node: Node, actor: Actor, case_id: CaseId) -> list[LogRow]:
    """Who has done or read what on the case, newest first; for members."""
    async with reading(node, actor, case_id, "see") as at:
        if await files.person_row(at.uow, case_id) is None:
            raise AccessDenied
        rows = await log.entries(at.uow, case_id)
        names = await staff.names(at.uow, {row.actor_id for row in rows})
        at.uow.audit("case.log_read", case_id=case_id)
        await at.uow.commit()
    return [
        LogRow(row.at, row.actor_id, names.get(row.actor_id, ""), row.action, row.reason)
        for row in rows
    ]
