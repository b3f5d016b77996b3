"""The action plan: kept by those whom the policy names, read by them and the security chief.

Everything is versions: a change is a new one, and what was written before stays to be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from services.follow_up.domain.action_plan import (
    Activity,
    Area,
    Plan,
    Pledge,
    Status,
    areas_of,
    check_activity,
    check_plan,
    check_pledge,
    is_overdue,
    replaced,
)
from services.follow_up.domain.picture import Line, check_line, latest
from services.follow_up.domain.plan_report import Occasion, PlanReport, check_plan_report
from services.follow_up.handlers.texts import checked, checked_line
from services.follow_up.policy import FollowUpPolicy
from services.follow_up.store import entries as store
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.errors import AccessDenied, Conflict
from shared.ids import random_id
from shared.node import Node

PLAN_READERS = ("exit_coordinator", "team_leader", "social_director", "security_chief")
_KINDS: Mapping[type[Any], str] = {
    Plan: "plan",
    Activity: "activity",
    Pledge: "pledge",
    Line: "line",
    PlanReport: "report",
}
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class SavePlan:
    """A new plan, or a new version of one.

    Args:
        number: of the version that the writer has read; 0 for a new plan.
        areas: their names, in order.
    """

    title: str
    valid_from: date
    valid_until: date
    areas: tuple[str, ...]
    agreement: str = ""
    replaces: str = ""
    number: int = 0
    plan_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SaveActivity:
    """A new activity in a plan, or a new version of one; `number` as in `SavePlan`."""

    plan_id: UUID
    text: str
    areas: tuple[int, ...]
    status: Status
    owner: str = ""
    partner: str = ""
    start_on: date | None = None
    due_on: date | None = None
    evidence: str = ""
    deviation: str = ""
    next_step: str = ""
    number: int = 0
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SavePledge:
    """A new citizen pledge, or a new version of one; `number` as in `SavePlan`."""

    plan_id: UUID
    valid_from: date
    valid_until: date
    promise: str
    measure: str = ""
    result: str = ""
    replaces: UUID | None = None
    number: int = 0
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SaveLine:
    """What a weekly coordination meeting says of an area; `number` as in `SavePlan`."""

    plan_id: UUID
    held_on: date
    area: int
    seen: str
    need: str = ""
    measure: str = ""
    who: str = ""
    until: date | None = None
    number: int = 0
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SavePlanReport:
    """The texts of a half-time or final report; `number` as in `SavePlan`."""

    plan_id: UUID
    occasion: Occasion
    title: str
    dated: date
    proposal: str
    register_number: str = ""
    matter: str = ""
    material: str = ""
    background: str = ""
    measures: str = ""
    assessment: str = ""
    office: str = ""
    signed_by: tuple[str, ...] = ()
    sent_to: tuple[str, ...] = ()
    number: int = 0
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Kept(Generic[C]):
    """An entry's last version."""

    entry_id: UUID
    number: int
    content: C


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan and all that is in it, each in its last version.

    Args:
        pledges: those that are replaced come too; `is_replaced` tells.
        picture: each area as the last meeting saw it.
        overdue: the activities whose day has passed.
    """

    plan: Kept[Plan]
    activities: Sequence[Kept[Activity]]
    pledges: Sequence[Kept[Pledge]]
    replaced: frozenset[UUID]
    lines: Sequence[Kept[Line]]
    picture: Mapping[int, Line]
    reports: Sequence[Kept[PlanReport]]
    overdue: frozenset[UUID]
    may_keep: bool

    def find(self, kind: type[C], entry_id: UUID) -> Kept[C]:
        """One entry of a kind.

        Raises:
            AccessDenied: there is none in the plan.
        """
        where: Mapping[type[Any], Sequence[Kept[Any]]] = {
            Activity: self.activities,
            Pledge: self.pledges,
            Line: self.lines,
            PlanReport: self.reports,
        }
        for each in where[kind]:
            if each.entry_id == entry_id:
                return each
        raise AccessDenied


@dataclass(frozen=True, slots=True)
class Version(Generic[C]):
    """What an entry said from one time on, and who wrote it."""

    number: int
    content: C
    written_at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in a list."""

    plan_id: UUID
    plan: Plan
    activities: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """What of a plan is late.

    Args:
        since: the day of the one that has waited longest.
    """

    plan_id: UUID
    title: str
    activities: int
    since: date


def keepers(node: Node, day: date) -> tuple[str, ...]:
    """The roles that keep the plan."""
    return node.policies.on(day).section("follow_up", FollowUpPolicy).plan_kept_by.value


async def plans(node: Node, actor: Actor) -> list[PlanRow]:
    """All of them, the newest first; also for the list of what is to be done.

    Raises:
        AccessDenied: nobody who reads plans.
    """
    _require_reader(actor)
    async with node.db.begin(actor) as uow:
        rows = await store.current(uow)
        uow.audit("plan.listed", rows=len(rows))
        await uow.commit()
    today = local_date(node.clock.now())
    activities = _kept(rows, Activity)
    of = {row.entry_id: row.plan_id for row in rows}
    found = [
        PlanRow(
            each.entry_id,
            each.content,
            sum(of[one.entry_id] == each.entry_id for one in activities),
            sum(
                of[one.entry_id] == each.entry_id and is_overdue(one.content, today)
                for one in activities
            ),
        )
        for each in _kept(rows, Plan)
    ]
    return sorted(found, key=lambda row: row.plan.valid_from, reverse=True)


async def overdue_for(node: Node, actor: Actor) -> list[Overdue]:
    """What stands in the list of things to do of whoever keeps the plans; nothing for others."""
    if not _may_keep(node, actor):
        return []
    async with node.db.begin(actor) as uow:
        rows = await store.current(uow)
        await uow.commit()
    today = local_date(node.clock.now())
    of = {row.entry_id: row.plan_id for row in rows}
    late: dict[UUID, list[date]] = {}
    for each in _kept(rows, Activity):
        if is_overdue(each.content, today) and each.content.due_on is not None:
            late.setdefault(of[each.entry_id], []).append(each.content.due_on)
    return [
        Overdue(each.entry_id, each.content.title, len(days), min(days))
        for each in _kept(rows, Plan)
        if (days := late.get(each.entry_id))
    ]


async def may_keep_plans(node: Node, actor: Actor) -> bool:
    """Whether the actor is one of those whom the policy names."""
    return _may_keep(node, actor)


async def read_plan(node: Node, actor: Actor, plan_id: UUID) -> PlanView:
    """One plan, whole.

    Raises:
        AccessDenied: there is none, or nobody who reads plans.
    """
    _require_reader(actor)
    async with node.db.begin(actor) as uow:
        view = await _view(uow, node, actor, plan_id)
        uow.audit("plan.read", plan=str(plan_id))
        await uow.commit()
    return view


async def read_plan_report(
    node: Node, actor: Actor, plan_id: UUID, entry_id: UUID
) -> tuple[PlanView, PlanReport]:
    """A report's texts, and the plan that it tells of as it stands.

    Raises:
        AccessDenied: there is none, or nobody who reads plans.
    """
    _require_reader(actor)
    async with node.db.begin(actor) as uow:
        view = await _view(uow, node, actor, plan_id)
        found = view.find(PlanReport, entry_id)
        uow.audit("plan.report_read", plan=str(plan_id), entry=str(entry_id))
        await uow.commit()
    return view, found.content


async def history(
    node: Node, actor: Actor, plan_id: UUID, kind: type[C], entry_id: UUID
) -> list[Version[C]]:
    """Every version of an entry, the newest first.

    Raises:
        AccessDenied: there is none of that kind in the plan, or nobody who reads plans.
    """
    _require_reader(actor)
    async with node.db.begin(actor) as uow:
        rows = await store.versions(uow, entry_id)
        if not rows or (rows[0].plan_id, rows[0].kind) != (plan_id, _KINDS[kind]):
            raise AccessDenied
        names = await staff.names(uow, {row.written_by for row in rows})
        uow.audit("plan.history_read", plan=str(plan_id), entry=str(entry_id))
        await uow.commit()
    return [
        Version(
            row.number,
            msgspec.json.decode(row.content, type=kind),
            row.written_at,
            names.get(row.written_by, ""),
        )
        for row in rows
    ]


async def save_plan(node: Node, actor: Actor, command: SavePlan) -> UUID:
    """Begin a plan, or change its frame.

    Raises:
        AccessDenied: not the actor's to keep, or there is none.
        Conflict: `db.changed_meanwhile`.
        DomainError: as `areas_of`, `check_plan` and `checked`.
    """
    _require_keeper(node, actor)
    plan = Plan(
        title=checked_line(command.title),
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        agreement=checked(command.agreement),
        replaces=checked(command.replaces),
        areas=areas_of([checked_line(name) for name in command.areas]),
    )
    plan_id = command.plan_id or random_id()
    async with node.db.begin(actor) as uow:
        used: list[Area] = []
        if command.plan_id is not None:
            view = await _view(uow, node, actor, command.plan_id)
            numbers = {area for each in view.activities for area in each.content.areas}
            numbers |= {each.content.area for each in view.lines}
            used = [area for area in view.plan.content.areas if area.number in numbers]
        check_plan(plan, used)
        await _write(uow, plan, plan_id, plan_id, command.number)
        await uow.commit()
    return plan_id


async def save_activity(node: Node, actor: Actor, command: SaveActivity) -> UUID:
    """Register an activity, or how it goes with one.

    Raises:
        AccessDenied, Conflict: as `save_plan`.
        DomainError: as `check_activity` and `checked`.
    """
    activity = Activity(
        areas=command.areas,
        text=checked(command.text),
        status=command.status,
        owner=checked_line(command.owner),
        partner=checked_line(command.partner),
        start_on=command.start_on,
        due_on=command.due_on,
        evidence=checked(command.evidence),
        deviation=checked(command.deviation),
        next_step=checked(command.next_step),
    )
    return await _save(
        node,
        actor,
        command,
        activity,
        lambda view, _: check_activity(activity, view.plan.content.areas),
    )


async def save_pledge(node: Node, actor: Actor, command: SavePledge) -> UUID:
    """Register a citizen pledge, or its result.

    Raises:
        AccessDenied, Conflict: as `save_plan`.
        DomainError: as `check_pledge` and `checked`.
    """
    pledge = Pledge(
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        promise=checked(command.promise),
        measure=checked(command.measure),
        result=checked(command.result),
        replaces=command.replaces,
    )

    def check(view: PlanView, entry_id: UUID) -> None:
        others = {e.entry_id: e.content for e in view.pledges if e.entry_id != entry_id}
        check_pledge(pledge, others)

    return await _save(node, actor, command, pledge, check)


async def save_line(node: Node, actor: Actor, command: SaveLine) -> UUID:
    """Note what a coordination meeting saw in an area, and what follows.

    Raises:
        AccessDenied, Conflict: as `save_plan`.
        DomainError: as `check_line` and `checked`.
    """
    line = Line(
        held_on=command.held_on,
        area=command.area,
        seen=checked(command.seen),
        need=checked(command.need),
        measure=checked(command.measure),
        who=checked_line(command.who),
        until=command.until,
    )

    def check(view: PlanView, _: UUID) -> None:
        areas = [area.number for area in view.plan.content.areas]
        check_line(line, areas, local_date(node.clock.now()))

    return await _save(node, actor, command, line, check)


async def save_plan_report(node: Node, actor: Actor, command: SavePlanReport) -> UUID:
    """Write the texts of a half-time or final report.

    Raises:
        AccessDenied, Conflict: as `save_plan`.
        DomainError: as `check_plan_report` and `checked`.
    """
    report = PlanReport(
        occasion=command.occasion,
        title=checked_line(command.title),
        dated=command.dated,
        register_number=checked_line(command.register_number),
        proposal=checked(command.proposal),
        matter=checked(command.matter),
        material=checked(command.material),
        background=checked(command.background),
        measures=checked_line(command.measures),
        assessment=checked(command.assessment),
        office=checked_line(command.office),
        signed_by=_lines(command.signed_by),
        sent_to=_lines(command.sent_to),
    )
    return await _save(node, actor, command, report, lambda *_: check_plan_report(report))


async def _save(node: Node, actor: Actor, command: Any, content: Any, check: Any) -> UUID:
    """One more version of an entry, or its first."""
    _require_keeper(node, actor)
    entry_id: UUID = command.entry_id or random_id()
    async with node.db.begin(actor) as uow:
        view = await _view(uow, node, actor, command.plan_id)
        if command.entry_id is not None:
            view.find(type(content), entry_id)
        check(view, entry_id)
        await _write(uow, content, command.plan_id, entry_id, command.number)
        await uow.commit()
    return entry_id


async def _write(uow: UnitOfWork, content: Any, plan_id: UUID, entry_id: UUID, number: int) -> None:
    """The version after the one that was read; two at once are told by the table's key."""
    kind = _KINDS[type(content)]
    known = await store.versions(uow, entry_id)
    if (known[0].number if known else 0) != number:
        raise Conflict("db.changed_meanwhile")
    encoded = msgspec.json.encode(content, order="sorted")
    if known and known[0].content == encoded:
        return
    await store.add(
        uow, entry_id=entry_id, number=number + 1, kind=kind, plan_id=plan_id, content=encoded
    )
    uow.audit(f"plan.{kind}_saved", plan=str(plan_id), entry=str(entry_id), number=number + 1)


async def _view(uow: UnitOfWork, node: Node, actor: Actor, plan_id: UUID) -> PlanView:
    rows = await store.current(uow, plan_id=plan_id)
    frame = _kept(rows, Plan)
    if not frame:
        raise AccessDenied
    today = local_date(node.clock.now())
    activities, pledges, lines = _kept(rows, Activity), _kept(rows, Pledge), _kept(rows, Line)
    return PlanView(
        plan=frame[0],
        activities=activities,
        pledges=pledges,
        replaced=replaced({each.entry_id: each.content for each in pledges}),
        lines=lines,
        picture=latest(each.content for each in lines),
        reports=_kept(rows, PlanReport),
        overdue=frozenset(e.entry_id for e in activities if is_overdue(e.content, today)),
        may_keep=_may_keep(node, actor),
    )


def _kept(rows: Sequence[store.Record], kind: type[C]) -> list[Kept[C]]:
    return [
        Kept(row.entry_id, row.number, msgspec.json.decode(row.content, type=kind))
        for row in rows
        if row.kind == _KINDS[kind]
    ]


def _lines(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, (checked_line(each) for each in given)))


def _may_keep(node: Node, actor: Actor) -> bool:
    return actor.home == actor.authority and actor.has_any(
        *keepers(node, local_date(node.clock.now()))
    )


def _require_keeper(node: Node, actor: Actor) -> None:
    if not _may_keep(node, actor):
        raise AccessDenied


def _require_reader(actor: Actor) -> None:
    if actor.home != actor.authority or not actor.has_any(*PLAN_READERS):
        raise AccessDenied
