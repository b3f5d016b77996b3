"""What colleagues have learnt: a team leader records it, everybody sees their own."""

from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.pages.submit import submit
from services.staff import api as staff

PAGE = "/competence"


@get(PAGE, access=require(*CASE_ROLES))
async def show(request: Page) -> Any:
    """The records, and for team leaders the form."""
    return await _show(request, Form(PAGE))


@post(PAGE, access=require("team_leader"))
async def record(request: Page) -> Any:
    """One more record."""

    async def again(form: Form) -> Any:
        return await _show(request, form)

    return await submit(
        request,
        staff.RecordCompetence,
        staff.record_competence,
        again,
        PAGE,
        at={
            "competence.own": "staff_id",
            "competence.course_missing": "course",
            "competence.in_future": "obtained_on",
            "competence.ends_before": "valid_until",
            "competence.too_long": "valid_until",
        },
    )


async def _show(request: Page, form: Form) -> Any:
    node, actor = node_of(request), request.user
    may_record = actor.has_any("team_leader")
    colleagues = await staff.colleagues(node, actor) if may_record else []
    return page(
        request,
        "competence",
        "Kompetens",
        crumbs=[("Min dag", "/"), ("Kompetens", None)],
        form=form if may_record else None,
        rows=await staff.competences(node, actor),
        colleagues=[
            (str(each.staff_id), each.display_name)
            for each in colleagues
            if each.staff_id != actor.staff_id
        ],
    )


competence_handlers: list[HTTPRouteHandler] = [show, record]
