"""Who reads a dossier until the case is taken over: the list, one more, one less."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.form import Form, field_of
from gateway.pages.frame import Page, node_of, page
from gateway.pages.handover_view import name_of, opened
from gateway.pages.submit import submit
from gateway.texts.words import WORDS
from services.handover import api as handover
from services.staff import api as staff
from shared.errors import AccessDenied
from shared.ids import ConversationId, StaffId

NAMING = require(*sorted(handover.NAME_READERS))
_WHY_MOST = (
    "Har personen skyddade personuppgifter får högst {protected} läsa, annars högst {most}. "
    "Vem som läser, och vem som har utsett dem, sparas i loggen."
)


async def readers(request: Page, view: handover.View) -> dict[str, Any] | None:
    """Who reads it, by name, with the ways to change that; None before the answer and after."""
    row = view.row
    if not isinstance(row, handover.Incoming) or row.state not in handover.IN_HAND:
        return None
    names = await _names(request)
    base = f"/handovers/{row.handover_id}/readers"
    may_name = not request.user.roles.isdisjoint(handover.NAME_READERS)
    can_end = may_name and len(row.readers) > 1
    people = [
        (names.get(each, "En kollega"), f"{base}/{each}/end" if can_end else None)
        for each in row.readers
    ]
    return {
        "people": sorted(people, key=lambda each: each[0]),
        "add_href": base if may_name else None,
        "is_reader": view.is_reader,
    }


async def _names(request: Page) -> dict[UUID, str]:
    found = await staff.colleagues(node_of(request), request.user)
    return {each.staff_id: each.display_name for each in found}


@get("/handovers/{handover_id:uuid}/readers", access=NAMING)
async def show_add(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Choose a colleague, and why."""
    return await _adding(request, handover_id, Form(request.url.path))


@post("/handovers/{handover_id:uuid}/readers", access=NAMING)
async def add(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Name one more."""

    async def again(form: Form) -> Any:
        return await _adding(request, handover_id, form)

    at = {"handover.reader_not_of_function": "staff_id", "handover.too_many_readers": "staff_id"}
    return await submit(
        request,
        handover.AddReader,
        handover.add_reader,
        again,
        f"/handovers/{handover_id}",
        at=at,
        fixed={"handover_id": ConversationId(handover_id)},
    )


@get("/handovers/{handover_id:uuid}/readers/{staff_id:uuid}/end", access=NAMING)
async def show_end(request: Page, handover_id: FromPath[UUID], staff_id: FromPath[UUID]) -> Any:
    """Why one less."""
    return await _ending(request, handover_id, staff_id, Form(request.url.path))


@post("/handovers/{handover_id:uuid}/readers/{staff_id:uuid}/end", access=NAMING)
async def end(request: Page, handover_id: FromPath[UUID], staff_id: FromPath[UUID]) -> Any:
    """Take one away."""

    async def again(form: Form) -> Any:
        return await _ending(request, handover_id, staff_id, form)

    return await submit(
        request,
        handover.RemoveReader,
        handover.remove_reader,
        again,
        f"/handovers/{handover_id}",
        fixed={"handover_id": ConversationId(handover_id), "staff_id": StaffId(staff_id)},
    )


async def _in_hand(request: Page, handover_id: UUID) -> tuple[handover.View, handover.Incoming]:
    view = await opened(request, handover_id)
    if not isinstance(view.row, handover.Incoming) or view.row.state not in handover.IN_HAND:
        raise AccessDenied
    return view, view.row


async def _adding(request: Page, handover_id: UUID, form: Form) -> Any:
    view, row = await _in_hand(request, handover_id)
    colleagues = await staff.colleagues(node_of(request), request.user)
    return _page(
        request,
        view,
        form,
        "Låt en kollega till läsa",
        _WHY_MOST.format(protected=handover.MOST_IF_PROTECTED, most=handover.MOST),
        [
            field_of(
                "select",
                "staff_id",
                "Vem?",
                [
                    (str(each.staff_id), each.display_name)
                    for each in colleagues
                    if each.staff_id not in row.readers
                ],
            ),
            field_of("radios", "why", "Varför?", list(WORDS["why_reader"].items())),
        ],
        "Låt läsa",
    )


async def _ending(request: Page, handover_id: UUID, staff_id: UUID, form: Form) -> Any:
    view, row = await _in_hand(request, handover_id)
    if staff_id not in row.readers:
        raise AccessDenied
    name = (await _names(request)).get(staff_id, "En kollega")
    return _page(
        request,
        view,
        form,
        f"{name} ska inte längre läsa",
        "Det gäller genast. Att hen har kunnat läsa står kvar i loggen.",
        [field_of("radios", "why", "Varför?", list(WORDS["why_no_reader"].items()))],
        "Ta bort",
    )


def _page(
    request: Page,
    view: handover.View,
    form: Form,
    heading: str,
    intro: str,
    fields: list[dict[str, Any]],
    button: str,
) -> Any:
    back = f"/handovers/{view.row.handover_id}"
    return page(
        request,
        "form",
        f"{heading} – {name_of(view)}",
        crumbs=[("Överlämningar", "/handovers"), (name_of(view), back), (heading, None)],
        form=form,
        heading=heading,
        intro=intro,
        fields=fields,
        submit=button,
        is_dangerous=False,
        back=back,
    )


reader_handlers: list[HTTPRouteHandler] = [show_add, add, show_end, end]
