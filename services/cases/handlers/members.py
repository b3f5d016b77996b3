"""Who has access: given and taken by those who assign, with a reason, at once."""

from collections.abc import Mapping
from uuid import UUID

from services.cases.domain import rights
from services.cases.domain.alarm import ON_CALL
from services.cases.domain.commands import AssignMember, EndMembership, SetExclusion
from services.cases.domain.rules import check_assignment
from services.cases.domain.states import after
from services.cases.domain.text import reason, required
from services.cases.domain.views import CaseHeader, Member
from services.cases.handlers import sealing
from services.cases.handlers.consents import listener_of
from services.cases.handlers.work import writing
from services.cases.store import headers, tables
from services.decisions import api as decisions
from services.protection import api as protection
from services.staff import api as staff
from services.staff.api import Colleague
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork, add_row
from shared.db.cards import add_card, finish_cards_about
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import AuthorityCode, CaseId, SubjectId, row_id
from shared.node import Node
from shared.policy import Policy

NOBODY_LEFT = "case.nobody_left"
"""The card that asks a team leader for a case worker."""
UNIT_EXCLUDED = "unit_excluded"
REGISTERED = "case.registered_by"
"""Why somebody is a member who was never assigned."""
NOT_SUITABLE = "case.not_suitable"


async def assign_member(node: Node, actor: Actor, command: AssignMember) -> None:
    """Give a colleague the case; the first case worker of an intake starts the investigation.

    A team leader assigns from the unit's headers and needs no access to the file. Who registered the
    contact goes on in the investigation only with what policy demands of the role.

    Raises:
        DomainError: `assignment.*`, `case.role_may_not`, `reason.missing`.
        Conflict: `case.responsibility_moved`.
    """
    why = reason(command.reason)
    async with node.db.begin(actor, term=command.term) as uow:
        header = await headers.load(uow, command.case_id, lock=True)
        rights.require(actor, "assign")
        if header.term != command.term:
            raise Conflict("case.responsibility_moved")
        policy = node.policies.on(local_date(uow.now))
        decisions.require_delegate(policy, "case.assign", actor)
        colleague = await staff.find(uow, command.staff_id)
        if colleague is None:
            raise DomainError("assignment.not_a_choice")
        held = {
            m.role
            for m in await headers.members(uow, command.case_id)
            if m.staff_id == command.staff_id and not m.ended_at
        }
        check_assignment(
            command,
            colleague.roles,
            is_excluded=await _is_kept_from(uow, command.case_id, colleague),
            is_member=bool(held - {ON_CALL}),
        )
        # Last: a name that is no choice must not be told apart by what it has learnt.
        await staff.require_competences(
            uow, command.staff_id, staff.demands_of(policy, command.role)
        )
        if held:  # was let in for a night, and is given the case
            await headers.end_member(uow, command.case_id, command.staff_id, why)
        await headers.insert_member(uow, command.case_id, command.staff_id, command.role, why)
        if command.role == "case_worker":
            await finish_cards_about(uow, NOBODY_LEFT, command.case_id)
        is_start = header.state == "INTAKE" and command.role == "case_worker"
        if is_start:
            await headers.change_state(uow, header, after(header.state, "assign"))
            await headers.insert_event(uow, command.case_id, "case.investigation_started", {})
        await headers.insert_event(
            uow,
            command.case_id,
            "case.member_assigned",
            {"staff": str(command.staff_id), "role": command.role},
        )
        uow.audit(
            "case.member_assigned",
            case_id=command.case_id,
            reason=why,
            staff=str(command.staff_id),
            role=command.role,
        )
        if is_start:  # last: it may be the actor who goes
            await _end_unsuitable(uow, policy, command.case_id)
        await uow.commit()


async def end_membership(node: Node, actor: Actor, command: EndMembership) -> None:
    """Take access away; possible in a closed case too.

    Raises:
        DomainError: `assignment.last_case_worker`: an open case keeps one.
    """
    why = reason(command.reason)
    async with node.db.begin(actor, term=command.term) as uow:
        header = await headers.load(uow, command.case_id, lock=True)
        rights.require(actor, "assign")
        if header.term != command.term:
            raise Conflict("case.responsibility_moved")
        present = [m for m in await headers.members(uow, command.case_id) if m.ended_at is None]
        left = [m for m in present if m.staff_id != command.staff_id]
        if len(left) == len(present):
            raise AccessDenied
        had_worker = any(m.role == "case_worker" for m in present)
        has_worker = any(m.role == "case_worker" for m in left)
        if header.ended_reason is None and had_worker and not has_worker:
            raise DomainError("assignment.last_case_worker")
        await headers.end_member(uow, command.case_id, command.staff_id, why)
        facts = {"staff": str(command.staff_id)}
        await headers.insert_event(uow, command.case_id, "case.member_ended", dict(facts))
        uow.audit("case.member_ended", case_id=command.case_id, reason=why, **facts)
        await uow.commit()


async def assignable(node: Node, actor: Actor, case_id: CaseId) -> list[Colleague]:
    """Colleagues who may be given the case: none who is excluded, none who has it already."""
    colleagues = await staff.colleagues(node, actor)
    async with node.db.begin(actor) as uow:
        await headers.load(uow, case_id)
        rights.require(actor, "assign")
        present = {m.staff_id for m in await headers.members(uow, case_id) if m.ended_at is None}
        free = [c for c in colleagues if c.staff_id not in present]
        chosen = [c for c in free if not await _is_kept_from(uow, case_id, c)]
        uow.audit("case.assignable_read", case_id=case_id)
        await uow.commit()
    return chosen


async def set_exclusion(node: Node, actor: Actor, command: SetExclusion) -> None:
    """Keep the case from a municipality, a unit or a colleague; it is never offered to them.

    A unit's people lose the case in the same transaction, a police unit the joint room; whoever
    answers for a handover to an excluded municipality is told.

    Raises:
        DomainError: `exclusion.value_missing`, `reason.missing`, `exclusion.is_member`: a colleague
            who has access must lose it first, so that it is seen that they had it;
            `exclusion.own_unit`: nobody shuts themselves out.
        Conflict: `exclusion.known_already`.
    """
    value = required(command.value, "exclusion.value_missing", 64)
    why = reason(command.reason)
    async with writing(node, actor, command.case_id, command.term, "exclude") as at:
        if command.kind == "staff" and await _has_access(at.uow, command.case_id, value):
            raise DomainError("exclusion.is_member")
        if command.kind == "unit" and value == actor.unit:
            raise DomainError("exclusion.own_unit")
        exclusion_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            tables.exclusion,
            exclusion_id=exclusion_id,
            case_id=command.case_id,
            kind=command.kind,
            value=value,
            sealed=sealing.close(at.key, "case_exclusion", exclusion_id, why),
            set_at=at.uow.now,
            set_by=actor.staff_id,
        )
        # Neither the log nor the history says from whom: both have more readers than the file.
        await headers.insert_event(at.uow, command.case_id, "case.exclusion_set", {})
        at.uow.audit("case.exclusion_set", case_id=command.case_id)
        if command.kind == "unit":
            await _shut_out(at.uow, at.header, value)
        elif command.kind == "authority" and (listener := listener_of(node)) is not None:
            await listener.on_excluded(at.uow, command.case_id, AuthorityCode(value))
        await at.uow.commit()


async def _shut_out(uow: UnitOfWork, header: CaseHeader, unit: str) -> None:
    """End what the unit's people have of the case; a leader is told if no case worker is left."""
    case_id = header.case_id
    left: list[str] = []
    gone: list[str] = []
    for member in await headers.members(uow, case_id):
        if member.ended_at is not None:
            continue
        colleague = await staff.find(uow, member.staff_id)
        if colleague is None or colleague.unit != unit:
            left.append(member.role)
            continue
        gone.append(member.role)
        await headers.end_member(uow, case_id, member.staff_id, UNIT_EXCLUDED)
        facts = {"staff": str(member.staff_id)}
        await headers.insert_event(uow, case_id, "case.member_ended", dict(facts))
        uow.audit("case.member_ended", case_id=case_id, reason=UNIT_EXCLUDED, **facts)
    await protection.detach_unit(uow, SubjectId(case_id), unit)
    if "case_worker" in gone and "case_worker" not in left:
        await add_card(uow, NOBODY_LEFT, "team_leader", subject=case_id)


async def _end_unsuitable(uow: UnitOfWork, policy: Policy, case_id: CaseId) -> None:
    """End what whoever registered the contact has, without what policy demands of their role.

    Anybody may answer somebody who seeks help; handling the case is another matter. The case worker
    who was assigned just now is left, and was judged.
    """
    for member in await headers.members(uow, case_id):
        if member.ended_at is not None or member.reason != REGISTERED:
            continue
        demands = staff.demands_of(policy, member.role)
        try:
            await staff.require_competences(uow, member.staff_id, demands)
        except DomainError:
            facts = {"staff": str(member.staff_id)}
            await headers.insert_event(uow, case_id, "case.member_ended", dict(facts))
            uow.audit("case.member_ended", case_id=case_id, reason=NOT_SUITABLE, **facts)
            await headers.end_member(uow, case_id, member.staff_id, NOT_SUITABLE)


async def _has_access(uow: UnitOfWork, case_id: CaseId, staff_id: str) -> bool:
    members = await headers.members(uow, case_id)
    return any(str(each.staff_id) == staff_id and each.ended_at is None for each in members)


async def is_excluded(uow: UnitOfWork, case_id: CaseId, authority: AuthorityCode) -> bool:
    """Whether the case is kept from this municipality."""
    return await headers.is_excluded(uow, case_id, "authority", authority)


async def list_members(
    uow: UnitOfWork, case_id: CaseId, names: Mapping[UUID, str]
) -> tuple[Member, ...]:
    """Members with their names, ended ones too."""
    rows = await headers.members(uow, case_id)
    return tuple(
        Member(
            staff_id=row.staff_id,
            display_name=names.get(row.staff_id, ""),
            role=row.role,
            given_by=row.given_by,
            reason=row.reason,
            started_at=row.started_at,
            ended_at=row.ended_at,
            until_at=row.until_at,
        )
        for row in rows
    )


async def _is_kept_from(uow: UnitOfWork, case_id: CaseId, colleague: Colleague) -> bool:
    if await headers.is_excluded(uow, case_id, "staff", str(colleague.staff_id)):
        return True
    return colleague.unit is not None and await headers.is_excluded(
        uow, case_id, "unit", colleague.unit
    )
