"""The yearly report to the executive board: its own pages, and its files."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.annual_report import compose
from gateway.auth.access import require
from gateway.pages.follow_up import PAGE as FOLLOW_UP
from gateway.pages.follow_up import tabs
from gateway.pages.form import Form, Given
from gateway.pages.frame import Page, node_of, page
from gateway.pages.refusal import keep_written
from gateway.pages.submit import submit
from gateway.plan_report import area_sections, pledge_grid, standing_grid
from gateway.rendering import report_docx, report_pdf
from gateway.texts.days import day
from gateway.texts.words import word
from gateway.texts.words_follow_up import REPORT_TEXTS
from services.follow_up import api as follow_up
from shared.actor import Actor
from shared.clock import local_date
from shared.docx import MEDIA_TYPE as DOCX
from shared.node import Node
from shared.policy import load_tenant, tenants_root
from shared.report import Report

PAGE = f"{FOLLOW_UP}/reports"
ACCESS = require(*follow_up.EVERYBODY)


@get(PAGE, access=ACCESS)
async def reports(request: Page) -> Any:
    """All years."""
    return await _list(request)


@post(PAGE, access=require(*follow_up.WRITERS))
async def open_report(request: Page) -> Any:
    """Begin a year's."""

    async def again(form: Form) -> Any:
        return await _list(request, form)

    return await submit(
        request,
        follow_up.OpenReport,
        follow_up.open_report,
        again,
        lambda report_id: f"{PAGE}/{report_id}",
        at={"report.year_wrong": "year"},
    )


@get("/follow-up/reports/{report_id:uuid}", access=ACCESS)
async def report(request: Page, report_id: FromPath[UUID]) -> Any:
    """One: to write in, to review, to check, to publish, or to read."""
    return await _report(request, report_id)


@post("/follow-up/reports/{report_id:uuid}", access=require(*follow_up.WRITERS))
async def write(request: Page, report_id: FromPath[UUID]) -> Any:
    """New versions of its texts."""

    async def again(form: Form) -> Any:
        return await _report(request, report_id, form)

    def adapt(given: Given) -> dict[str, Any]:
        return {
            "texts": [
                {"section": name, "text": given[name]} for name in REPORT_TEXTS if name in given
            ]
        }

    keep_written(request, REPORT_TEXTS.items(), f"{PAGE}/{report_id}")
    return await submit(
        request,
        follow_up.WriteReport,
        follow_up.write_report,
        again,
        f"{PAGE}/{report_id}",
        fixed={"report_id": report_id},
        adapt=adapt,
    )


@post("/follow-up/reports/{report_id:uuid}/act", access=ACCESS)
async def act(request: Page, report_id: FromPath[UUID]) -> Any:
    """One of the steps that need nothing said."""
    return await _do(request, report_id, follow_up.ActOnReport, follow_up.act_on_report)


@post("/follow-up/reports/{report_id:uuid}/submission", access=require(*follow_up.WRITERS))
async def send(request: Page, report_id: FromPath[UUID]) -> Any:
    """To the parties, frozen."""
    return await _do(request, report_id, follow_up.SubmitReport, submit_report)


@post("/follow-up/reports/{report_id:uuid}/sent-back", access=ACCESS)
async def send_back(request: Page, report_id: FromPath[UUID]) -> Any:
    """To draft, with why."""
    is_ours = request.user.home == request.user.authority
    # A draft is not the other party's to see.
    then = f"{PAGE}/{report_id}" if is_ours else PAGE
    return await _do(request, report_id, follow_up.SendBackReport, follow_up.send_back_report, then)


@post("/follow-up/reports/{report_id:uuid}/publication", access=require(*follow_up.WRITERS))
async def publish(request: Page, report_id: FromPath[UUID]) -> Any:
    """After the board's decision."""
    return await _do(request, report_id, follow_up.PublishReport, follow_up.publish_report)


@get("/follow-up/reports/{report_id:uuid}/report.pdf", access=ACCESS)
async def as_pdf(request: Page, report_id: FromPath[UUID]) -> Response[bytes]:
    """For reading and archives."""
    return _file(await report_file(node_of(request), request.user, report_id), "application/pdf")


@get("/follow-up/reports/{report_id:uuid}/report.docx", access=ACCESS)
async def as_docx(request: Page, report_id: FromPath[UUID]) -> Response[bytes]:
    """To go on editing."""
    return _file(await report_document(node_of(request), request.user, report_id), DOCX)


async def submit_report(node: Node, actor: Actor, command: follow_up.SubmitReport) -> None:
    """Put the draft into words, freeze it and send it to the parties."""

    async def composed(draft: follow_up.AnnualReport) -> Report:
        return await _composed(node, actor, draft)

    await follow_up.submit_report(node, actor, command, compose=composed)


async def report_file(node: Node, actor: Actor, report_id: UUID) -> bytes:
    """The report as PDF."""
    found = await follow_up.read_report(node, actor, report_id)
    return await report_pdf(await shown(node, actor, found))


async def report_document(node: Node, actor: Actor, report_id: UUID) -> bytes:
    """The report as DOCX."""
    found = await follow_up.read_report(node, actor, report_id)
    return await report_docx(await shown(node, actor, found))


async def shown(node: Node, actor: Actor, found: follow_up.AnnualReport) -> Report:
    """What the parties were sent, or a draft of it; and how far it has come."""
    content = found.content or await _composed(node, actor, found)
    if found.state == "PUBLISHED":
        notice = f"Publicerad efter kommunstyrelsens beslut {found.decision}."
    else:
        notice = f"{word(found.state, 'report_state')}. Rapporten är inte beslutad."
    seal = f"Kontrollsumma för det parterna undertecknade (SHA-256): {found.sha256}"
    return content.__class__(
        **{
            **{name: getattr(content, name) for name in content.__struct_fields__},
            "notice": notice,
            "seal": seal if found.sha256 else "",
        }
    )


async def _composed(node: Node, actor: Actor, draft: follow_up.AnnualReport) -> Report:
    view = await _plan(node, actor, draft.year)
    return compose(
        draft,
        authority=load_tenant(tenants_root() / node.authority).authority.name,
        dated=local_date(node.clock.now()),
        standing=[standing_grid(view)] if view and view.activities else [],
        areas=list(area_sections(view)) if view else [],
        pledges=[pledge_grid(view)] if view and view.pledges else [],
    )


async def _plan(node: Node, actor: Actor, year: int) -> follow_up.PlanView | None:
    """The newest action plan that holds in the year; the other party reads what was frozen."""
    if actor.home != actor.authority or not actor.has_any(*follow_up.PLAN_READERS):
        return None
    for row in await follow_up.plans(node, actor):
        if row.plan.valid_from.year <= year <= row.plan.valid_until.year:
            return await follow_up.read_plan(node, actor, row.plan_id)
    return None


def _file(content: bytes, media_type: str) -> Response[bytes]:
    ending = "pdf" if media_type == "application/pdf" else "docx"
    return Response(
        content,
        media_type=media_type,
        headers={"content-disposition": f'attachment; filename="arsrapport.{ending}"'},
    )


async def _do(
    request: Page, report_id: UUID, command: type[Any], do: Any, then: str | None = None
) -> Any:
    async def again(form: Form) -> Any:
        return await _report(request, report_id, failed=form)

    return await submit(
        request,
        command,
        do,
        again,
        then or f"{PAGE}/{report_id}",
        at={"report.decision_missing": "decision", "reason.missing": "reason"},
        fixed={"report_id": report_id},
    )


async def _list(request: Page, form: Form | None = None) -> Any:
    node = node_of(request)
    rows = await follow_up.annual_reports(node, request.user)
    this_year = str(local_date(node.clock.now()).year)
    may_open = follow_up.may_open_report(node, request.user)
    return page(
        request,
        "follow_up/reports",
        "Årsrapporter",
        crumbs=[("Uppföljning", FOLLOW_UP), ("Årsrapporter", None)],
        tabs=tabs(PAGE, request.user),
        form=(form or Form(PAGE, values={"year": this_year})) if may_open else None,
        rows=[{"href": f"{PAGE}/{each.report_id}", "row": each} for each in rows],
    )


async def _report(
    request: Page, report_id: UUID, form: Form | None = None, failed: Form | None = None
) -> Any:
    node = node_of(request)
    found = await follow_up.read_report(node, request.user, report_id)
    address = f"{PAGE}/{report_id}"
    hidden = {"revision": found.revision}
    if "write" in found.events:
        form = form or Form(address, values=dict(found.texts))
        form.hidden = {**hidden, **form.hidden}
    else:
        form = None

    def one(where: str) -> Form:
        is_this = failed is not None and failed.action == f"{address}/{where}"
        return failed if is_this and failed else Form(f"{address}/{where}", hidden=dict(hidden))

    acts = {
        "sign": "Underteckna för din part",
        "pass_check": "Godkänn röjandekontrollen",
    }
    return page(
        request,
        "follow_up/report",
        f"Årsrapport {found.year}",
        crumbs=[("Uppföljning", FOLLOW_UP), ("Årsrapporter", PAGE), (str(found.year), None)],
        found=found,
        report=await shown(node, request.user, found),
        form=form,
        fields=list(REPORT_TEXTS.items()),
        refusal=next(iter(failed.errors.values()), None) if failed else None,
        acts=[
            {"text": text, "form": Form(f"{address}/act", hidden={**hidden, "act": name})}
            for name, text in acts.items()
            if name in found.events
        ],
        submit_form=one("submission") if "submit" in found.events else None,
        publish_form=one("publication") if "publish" in found.events else None,
        back_form=one("sent-back") if "send_back" in found.events else None,
        published=day(local_date(found.published_at)) if found.published_at else None,
        pdf_href=f"{address}/report.pdf",
        docx_href=f"{address}/report.docx",
    )


annual_report_handlers: list[HTTPRouteHandler] = [
    reports,
    open_report,
    report,
    write,
    act,
    send,
    send_back,
    publish,
    as_pdf,
    as_docx,
]
