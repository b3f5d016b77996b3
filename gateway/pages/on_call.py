"""Who is on call: the roster that everybody with cases sees, and the team leader keeps."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES
from gateway.pages.form import FieldErrors, Form, Given, local_moment
from gateway.pages.frame import Page, node_of, page
from gateway.pages.submit import submit
from services.staff import api as staff

PAGE = "/on-call"
KEEPER = require("team_leader")


@get(PAGE, access=require(*CASE_ROLES))
async def show(request: Page) -> Any:
    """Who is on call now and ahead, and when nobody is."""
    return await _show(request, Form(PAGE))


@post(PAGE, access=KEEPER)
async def put_on_call(request: Page) -> Any:
    """Write a duty."""

    async def again(form: Form) -> Any:
        return await _show(request, form)

    return await submit(
        request,
        staff.PutOnCall,
        staff.put_on_call,
        again,
        PAGE,
        at={
            "duty.role_not_held": "staff_id",
            "duty.ends_before_it_begins": "until_on",
            "duty.too_long": "until_on",
            "duty.over_already": "until_on",
            "duty.overlaps": "from_on",
        },
        adapt=_times,
    )


@post(PAGE + "/{duty_id:uuid}/end", access=KEEPER)
async def take_off_call(request: Page, duty_id: FromPath[UUID]) -> Any:
    """Take a duty back."""

    async def again(form: Form) -> Any:
        shown = Form(PAGE, errors=form.errors)
        return await _show(request, shown)

    fixed = {"duty_id": duty_id}
    return await submit(request, staff.TakeOffCall, staff.take_off_call, again, PAGE, fixed=fixed)


def _times(given: Given) -> dict[str, Any]:
    """Two days and two times of the form, as two moments in Stockholm."""
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, text in (("from", "börjar"), ("until", "slutar")):
        try:
            found[f"{name}_at"] = local_moment(given.get(f"{name}_on"), given.get(f"{name}_time"))
        except ValueError:
            errors[f"{name}_on"] = (
                f"Skriv dagen som 2026-11-22 och klockslaget som 22.00 när jouren {text}."
            )
    if not given.get("staff_id"):
        errors["staff_id"] = "Välj vem som har jour."
    if errors:
        raise FieldErrors(errors)
    return found


async def _show(request: Page, form: Form) -> Any:
    node, actor = node_of(request), request.user
    found = await staff.roster(node, actor)
    colleagues = await staff.colleagues(node, actor) if found.may_change else []
    return page(
        request,
        "on_call",
        "Jour",
        crumbs=[("Min dag", "/"), ("Jour", None)],
        form=form,
        roster=found,
        colleagues=[
            (str(each.staff_id), each.display_name)
            for each in colleagues
            if each.roles & set(CASE_ROLES)
        ],
        end_forms={
            each.duty_id: Form(f"{PAGE}/{each.duty_id}/end")
            for each in found.duties
            if found.may_change and each.unit == actor.unit
        },
    )


on_call_handlers: list[HTTPRouteHandler] = [show, put_on_call, take_off_call]
