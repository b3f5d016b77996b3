"""The action plan: its areas and activities, pledges, the weekly picture, and its reports."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.action_plan_forms import (
    KINDS,
    PLAN_AT,
    Kind,
    labels_of,
    lines_of,
    plan_fields,
    plan_values,
    text_of,
)
from gateway.pages.follow_up import tabs
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.pages.refusal import keep_written
from gateway.pages.submit import submit
from gateway.plan_report import area_title, compose, standing_grid
from gateway.rendering import report_docx, report_pdf
from gateway.texts.words import word
from services.directory import api as directory
from services.follow_up import api as follow_up
from shared.docx import MEDIA_TYPE
from shared.errors import AccessDenied
from shared.report import Report

PAGE = "/action-plans"
ACCESS = require(*follow_up.PLAN_READERS)
TITLE = "Handlingsplaner"
_PLAN = f"{PAGE}/{{plan_id:uuid}}"
_ENTRY = f"{_PLAN}/{{kind:str}}/{{entry_id:uuid}}"
_PRINTED = f"{_PLAN}/printed/{{entry_id:uuid}}"


@get(PAGE, access=ACCESS)
async def list_plans(request: Page) -> Any:
    """All plans, the newest first."""
    node = node_of(request)
    return page(
        request,
        "plan/plans",
        TITLE,
        crumbs=[(TITLE, None)],
        tabs=tabs(PAGE, request.user),
        rows=[
            {
                "title": row.plan.title,
                "href": f"{PAGE}/{row.plan_id}",
                "valid_from": row.plan.valid_from,
                "valid_until": row.plan.valid_until,
                "activities": row.activities,
                "overdue": row.overdue,
            }
            for row in await follow_up.plans(node, request.user)
        ],
        new=f"{PAGE}/new" if await follow_up.may_keep_plans(node, request.user) else None,
    )


@get(_PLAN, access=ACCESS)
async def show_plan(request: Page, plan_id: FromPath[UUID]) -> Any:
    """One plan, area by area."""
    view = await follow_up.read_plan(node_of(request), request.user, plan_id)
    base = f"{PAGE}/{plan_id}"
    plan = view.plan.content
    return page(
        request,
        "plan/plan",
        plan.title,
        crumbs=[(TITLE, PAGE), (plan.title, None)],
        plan=plan,
        areas=[
            {
                "title": area_title(area),
                "rows": [
                    {
                        "entry": each.content,
                        "href": f"{base}/activities/{each.entry_id}",
                        "is_overdue": each.entry_id in view.overdue,
                        "is_home": each.content.areas[0] == area.number,
                    }
                    for each in view.activities
                    if area.number in each.content.areas
                ],
                "picture": view.picture.get(area.number),
            }
            for area in plan.areas
        ],
        standing=standing_grid(view) if view.activities else None,
        overdue=len(view.overdue),
        pledges=[
            {
                "entry": each.content,
                "href": f"{base}/pledges/{each.entry_id}",
                "is_replaced": each.entry_id in view.replaced,
            }
            for each in view.pledges
        ],
        meetings=[
            {
                "entry": each.content,
                "area": area_title(_area(plan, each.content.area)),
                "href": f"{base}/meetings/{each.entry_id}",
            }
            for each in sorted(view.lines, key=lambda line: line.content.held_on, reverse=True)
        ],
        reports=[
            {"entry": each.content, "href": f"{base}/printed/{each.entry_id}"}
            for each in view.reports
        ],
        actions=[
            *((kind.new, f"{base}/{name}/new") for name, kind in KINDS.items()),
            ("Ändra planens ram", f"{base}/frame"),
        ]
        if view.may_keep
        else [],
    )


def _area(plan: follow_up.Plan, number: int) -> follow_up.Area:
    return next(area for area in plan.areas if area.number == number)


@get(f"{PAGE}/new", access=ACCESS)
async def new_plan(request: Page) -> Any:
    """The form for a plan."""
    if not await follow_up.may_keep_plans(node_of(request), request.user):
        raise AccessDenied
    return _frame(request, Form(f"{PAGE}/new"), "Ny handlingsplan", PAGE)


@post(f"{PAGE}/new", access=ACCESS)
async def begin_plan(request: Page) -> Any:
    """Begin it."""

    async def again(form: Form) -> Any:
        return _frame(request, form, "Ny handlingsplan", PAGE)

    return await submit(
        request,
        follow_up.SavePlan,
        follow_up.save_plan,
        again,
        lambda plan_id: f"{PAGE}/{plan_id}",
        at=PLAN_AT,
        fixed={"plan_id": None, "number": 0},
        adapt=lambda given: {"areas": lines_of(given, "areas")},
    )


@get(f"{_PLAN}/frame", access=ACCESS)
async def plan_frame(request: Page, plan_id: FromPath[UUID]) -> Any:
    """The form that changes it."""
    view = await _kept(request, plan_id)
    base = f"{PAGE}/{plan_id}"
    form = Form(f"{base}/frame", {"revision": view.plan.number}, plan_values(view.plan.content))
    return _frame(request, form, "Ändra planens ram", base)


@post(f"{_PLAN}/frame", access=ACCESS)
async def change_plan(request: Page, plan_id: FromPath[UUID]) -> Any:
    """Change it."""

    async def again(form: Form) -> Any:
        return _frame(request, form, "Ändra planens ram", f"{PAGE}/{plan_id}")

    keep_written(request, labels_of(plan_fields()), f"{PAGE}/{plan_id}")
    return await submit(
        request,
        follow_up.SavePlan,
        follow_up.save_plan,
        again,
        f"{PAGE}/{plan_id}",
        at=PLAN_AT,
        fixed={"plan_id": plan_id},
        adapt=lambda given: {
            "areas": lines_of(given, "areas"),
            "number": text_of(given, "revision"),
        },
    )


def _frame(request: Page, form: Form, heading: str, back: str) -> Any:
    return page(
        request,
        "form",
        heading,
        crumbs=[(TITLE, PAGE), (heading, None)],
        form=form,
        heading=heading,
        intro=None,
        fields=plan_fields(),
        submit="Spara",
        back=back,
        is_dangerous=False,
    )


@get(f"{_PLAN}/{{kind:str}}/new", access=ACCESS)
async def new_entry(request: Page, plan_id: FromPath[UUID], kind: FromPath[str]) -> Any:
    """The form for a new entry."""
    view = await _kept(request, plan_id)
    form = Form(f"{PAGE}/{plan_id}/{kind}/new")
    return _entry(request, view, _kind(kind), form, is_new=True)


@post(f"{_PLAN}/{{kind:str}}/new", access=ACCESS)
async def add_entry(request: Page, plan_id: FromPath[UUID], kind: FromPath[str]) -> Any:
    """Add it."""
    return await _save(request, plan_id, _kind(kind), None)


@get(_ENTRY, access=ACCESS)
async def show_entry(
    request: Page, plan_id: FromPath[UUID], kind: FromPath[str], entry_id: FromPath[UUID]
) -> Any:
    """The form that changes an entry, and what it said before."""
    view = await _kept(request, plan_id)
    known = _kind(kind)
    found = view.find(known.entry, entry_id)
    form = Form(
        f"{PAGE}/{plan_id}/{kind}/{entry_id}",
        {"revision": found.number},
        known.values(found.content),
    )
    return _entry(request, view, known, form, is_new=False)


@post(_ENTRY, access=ACCESS)
async def change_entry(
    request: Page, plan_id: FromPath[UUID], kind: FromPath[str], entry_id: FromPath[UUID]
) -> Any:
    """Change it: one more version."""
    return await _save(request, plan_id, _kind(kind), entry_id)


@get(f"{_ENTRY}/history", access=ACCESS)
async def entry_history(
    request: Page, plan_id: FromPath[UUID], kind: FromPath[str], entry_id: FromPath[UUID]
) -> Any:
    """Every version, the newest first."""
    known, node = _kind(kind), node_of(request)
    view = await follow_up.read_plan(node, request.user, plan_id)
    versions = await follow_up.history(node, request.user, plan_id, known.entry, entry_id)
    labels = {each["name"]: each["label"] for each in known.fields(view)}
    return page(
        request,
        "plan/history",
        "Vad som har ändrats",
        crumbs=[(TITLE, PAGE), (view.plan.content.title, f"{PAGE}/{plan_id}"), ("Ändringar", None)],
        versions=[
            {
                "number": each.number,
                "at": each.written_at,
                "who": each.written_by,
                "rows": [
                    (labels.get(name, "Områden"), value)
                    for name, value in _shown(known, each.content).items()
                    if value
                ],
            }
            for each in versions
        ],
        back=f"{PAGE}/{plan_id}",
    )


def _shown(kind: Kind, content: Any) -> dict[str, Any]:
    values = kind.values(content)
    values.pop("more", None)
    values.pop("areas", None)
    if "area" in values:
        numbers = getattr(content, "areas", (getattr(content, "area", 0),))
        values["area"] = ", ".join(map(str, numbers))
    if "status" in values:
        values["status"] = word(values["status"], "activity_status")
    if "occasion" in values:
        values["occasion"] = word(values["occasion"], "plan_report_occasion")
    return values


async def _save(request: Page, plan_id: UUID, kind: Kind, entry_id: UUID | None) -> Any:
    async def again(form: Form) -> Any:
        return _entry(request, view, kind, form, is_new=entry_id is None)

    view = await _kept(request, plan_id)
    keep_written(request, labels_of(kind.fields(view)), f"{PAGE}/{plan_id}")
    return await submit(
        request,
        kind.command,
        kind.save,
        again,
        f"{PAGE}/{plan_id}",
        at=kind.at,
        fixed={"plan_id": plan_id, "entry_id": entry_id},
        adapt=lambda given: {
            **kind.adapt(given),
            "number": text_of(given, "revision") or "0",
        },
    )


def _entry(request: Page, view: follow_up.PlanView, kind: Kind, form: Form, *, is_new: bool) -> Any:
    plan_id = view.plan.entry_id
    heading = kind.new if is_new else kind.change
    return page(
        request,
        "plan/entry",
        heading,
        crumbs=[
            (TITLE, PAGE),
            (view.plan.content.title, f"{PAGE}/{plan_id}"),
            (heading, None),
        ],
        form=form,
        heading=heading,
        intro=kind.intro,
        fields=kind.fields(view),
        submit="Spara",
        back=f"{PAGE}/{plan_id}",
        is_dangerous=False,
        history=None if is_new else f"{form.action}/history",
    )


@get(_PRINTED, access=ACCESS)
async def show_report(request: Page, plan_id: FromPath[UUID], entry_id: FromPath[UUID]) -> Any:
    """The report as a page, and the way to its files."""
    view = await follow_up.read_plan(node_of(request), request.user, plan_id)
    base = f"{PAGE}/{plan_id}"
    report = await _report(request, plan_id, entry_id)
    return page(
        request,
        "plan/report",
        report.title,
        crumbs=[(TITLE, PAGE), (view.plan.content.title, base), (report.title, None)],
        report=report,
        files=[
            ("PDF", f"{base}/printed/{entry_id}/report.pdf"),
            ("Word (DOCX)", f"{base}/printed/{entry_id}/report.docx"),
        ],
        change=f"{base}/reports/{entry_id}" if view.may_keep else None,
    )


@get(f"{_PRINTED}/report.pdf", access=ACCESS)
async def report_as_pdf(
    request: Page, plan_id: FromPath[UUID], entry_id: FromPath[UUID]
) -> Response[bytes]:
    """The report for reading and for the archive."""
    report = await _report(request, plan_id, entry_id)
    return _file(await report_pdf(report), "application/pdf", "handlingsplan.pdf")


@get(f"{_PRINTED}/report.docx", access=ACCESS)
async def report_as_docx(
    request: Page, plan_id: FromPath[UUID], entry_id: FromPath[UUID]
) -> Response[bytes]:
    """The report to go on editing."""
    report = await _report(request, plan_id, entry_id)
    return _file(await report_docx(report), MEDIA_TYPE, "handlingsplan.docx")


async def _report(request: Page, plan_id: UUID, entry_id: UUID) -> Report:
    node = node_of(request)
    view, found = await follow_up.read_plan_report(node, request.user, plan_id, entry_id)
    return compose(view, found, authority=directory.authority(node, node.authority).name)


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    return Response(
        content,
        media_type=media_type,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _kind(name: str) -> Kind:
    """One of the kinds.

    Raises:
        AccessDenied: there is no such page.
    """
    if name not in KINDS:
        raise AccessDenied
    return KINDS[name]


async def _kept(request: Page, plan_id: UUID) -> follow_up.PlanView:
    """The plan, for whoever may change it.

    Raises:
        AccessDenied: not the actor's to keep.
    """
    view = await follow_up.read_plan(node_of(request), request.user, plan_id)
    if not view.may_keep:
        raise AccessDenied
    return view


action_plan_handlers: list[HTTPRouteHandler] = [
    list_plans,
    new_plan,
    begin_plan,
    show_plan,
    plan_frame,
    change_plan,
    new_entry,
    add_entry,
    show_entry,
    change_entry,
    entry_history,
    show_report,
    report_as_pdf,
    report_as_docx,
]
