"""The file for members, and the case's own log: every read is logged."""

from collections.abc import Sequence
from datetime import date

from services.cases.domain.aid import STILL_AIDED
from services.cases.domain.programme import WITH_NEXT_STEP, next_in_programme, next_while_aided
from services.cases.domain.rules import next_step
from services.cases.domain.text import reason as reason_of
from services.cases.domain.views import Consent, Event, LogRow, Member, Need, Next, Residence
from services.cases.handlers import sealing
from services.cases.handlers.file import CaseFile
from services.cases.handlers.links import chain
from services.cases.handlers.members import list_members
from services.cases.handlers.work import AtCase, reading
from services.cases.policy import CasesPolicy, entry_demands
from services.cases.store import alarms, entries, files, immediate, log, plans
from services.cases.store.rows import Record
from services.protection import api as protection
from services.protection.api import Question, Threat
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import CaseId, SubjectId
from shared.node import Node


async def read_case(node: Node, actor: Actor, case_id: CaseId, reason: str) -> CaseFile:
    """The whole file, for members.

    Raises:
        AccessDenied: not a member, or no such case: alike.
    """
    why = reason_of(reason)
    async with reading(node, actor, case_id, "see") as at:
        # A team leader sees the header of the unit's cases; the file is for members.
        base = await files.base_row(at.uow, case_id)
        if base is None:
            raise AccessDenied
        file = await _file(node, at, base)
        at.uow.audit("case.read", case_id=case_id, reason=why)
        await at.uow.commit()
    return file


async def _file(node: Node, at: AtCase, base: Record) -> CaseFile:
    uow, key, case_id = at.uow, at.key, at.header.case_id
    names = await staff.names(uow, None)
    members = await list_members(uow, case_id, names)
    residence = sealing.residence(key, await files.newest_residence(uow, case_id))
    consents = sealing.consents(key, await files.consents(uow, case_id))
    needs = tuple(sealing.need(key, row) for row in await files.newest_needs(uow, case_id))
    threat = await protection.current_threat(uow, SubjectId(case_id))
    questions = tuple(await protection.questions(uow, SubjectId(case_id)))
    if at.header.state in WITH_NEXT_STEP and at.header.open_handover is None:
        step, due_on = await _next_in_programme(node, at, threat)
    elif at.header.ended_reason in STILL_AIDED:
        step, due_on = await _next_while_aided(at)
    else:
        step = _next(node, at, members, residence, consents, threat, questions, needs)
        due_on = threat.next_review_on if threat and step == "review_threat" else None
    waits = await entries.open_applications(uow, [case_id])
    if waits and at.header.ended_reason == "NOT_ADMITTED" and step != "carry_out_decision":
        step, due_on = "decide_aid", None
    return CaseFile(
        header=at.header,
        person=sealing.person(key, base),
        contact=sealing.contact(key, base),
        members=members,
        residence=residence,
        consents=consents,
        needs=needs,
        threat=threat,
        questions=questions,
        notes=tuple(sealing.note(key, row) for row in await files.notes(uow, case_id)),
        events=tuple(
            Event(row.at, row.actor_id, row.code, row.facts)
            for row in await files.events(uow, case_id)
        ),
        redecisions=tuple(
            sealing.redecision(key, row) for row in await files.redecisions(uow, case_id)
        ),
        exclusions=tuple(
            (row.kind, row.value, sealing.exclusion_reason(key, row))
            for row in await files.exclusions(uow, case_id)
        ),
        dossier=sealing.dossier(key, base),
        has_vault=base.has_vault,
        next=step,
        next_due_on=due_on,
        chain=tuple(await chain(uow, case_id)),
        alarms=await alarms.of_case(uow, case_id),
        immediate=await immediate.of_case(uow, case_id),
        acute_protection=await protection.acute_protection(uow, SubjectId(case_id)),
        protection_handovers=await protection.protection_handovers(uow, SubjectId(case_id)),
        names=names,
    )


async def _next_in_programme(
    node: Node, at: AtCase, threat: Threat | None
) -> tuple[Next | None, date | None]:
    today = local_date(at.uow.now)
    case_id = at.header.case_id
    found = next_in_programme(
        at.header.state,
        (await plans.marks(at.uow, [case_id], today))[case_id],
        today,
        is_agreement_demanded=is_agreement_demanded(node, today),
        is_threat_overdue=threat is not None and threat.next_review_on < today,
    )
    return found or (None, None)


async def _next_while_aided(at: AtCase) -> tuple[Next | None, date | None]:
    case_id = at.header.case_id
    marks = await plans.marks(at.uow, [case_id], local_date(at.uow.now))
    return next_while_aided(marks[case_id]) or (None, None)


def is_agreement_demanded(node: Node, day: date) -> bool:
    """Whether the municipality's documents demand that the person signs conditions."""
    entry = node.policies.on(day).section("cases", CasesPolicy).entry
    return entry.agreement.value == "signed"


def _next(
    node: Node,
    at: AtCase,
    members: Sequence[Member],
    residence: Residence | None,
    consents: Sequence[Consent],
    threat: Threat | None,
    questions: Sequence[Question],
    needs: Sequence[Need],
) -> Next | None:
    today = local_date(at.uow.now)
    demands = entry_demands(node.policies.on(today))
    return next_step(
        state=at.header.state,
        has_case_worker=any(m.role == "case_worker" and m.ended_at is None for m in members),
        has_open_handover=at.header.open_handover is not None,
        finding=residence.finding if residence else None,
        is_confirmed=bool(residence and residence.confirmed_at),
        has_consent=any(consent.is_active(today) for consent in consents),
        has_threat=threat is not None or protection.no_threat_known(questions, threat),
        is_threat_asked=any(q.kind == "threat" and q.answered_at is None for q in questions),
        is_threat_overdue=threat is not None and threat.next_review_on < today,
        has_needs=bool(needs),
        has_all_needs=demands.areas <= {need.area for need in needs},
        demands_threat=demands.threat,
        demands_consent=demands.consent,
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
