"""The agreement with the police and its joint follow-up: for those who answer for it, both parties."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.form import Form, Given
from gateway.pages.frame import Page, node_of, page
from gateway.pages.refusal import keep_written
from gateway.pages.submit import submit
from services.follow_up import api as follow_up
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import Conflict

PAGE = "/follow-up"
LAW_CHANGES = f"{PAGE}/law-changes"
ACCESS = require(*follow_up.EVERYBODY)
_TABS = (
    ("Överenskommelsen", PAGE, follow_up.EVERYBODY),
    ("Årsrapporter", f"{PAGE}/reports", follow_up.EVERYBODY),
    ("Handlingsplaner", "/action-plans", follow_up.PLAN_READERS),
)


def tabs(current: str, actor: Actor) -> list[dict[str, Any]]:
    """The parts of follow-up that the actor may open."""
    return [
        {"text": text, "href": href, "current": href == current, "count": None}
        for text, href, roles in _TABS
        if actor.has_any(*roles)
    ]


@get(PAGE, access=ACCESS)
async def show(request: Page) -> Any:
    """The agreement, what is due, what has been held."""
    return await _show(request)


@post(PAGE, access=require(*follow_up.WRITERS))
async def open_meeting(request: Page) -> Any:
    """Begin the joint follow-up of a year."""

    async def again(form: Form) -> Any:
        return await _show(request, opens=form)

    return await submit(
        request,
        follow_up.OpenMeeting,
        follow_up.open_meeting,
        again,
        lambda meeting_id: f"{PAGE}/meetings/{meeting_id}",
        at={"follow_up.year_wrong": "year"},
    )


@get(LAW_CHANGES, access=require(*follow_up.WRITERS))
async def law_change_form(request: Page) -> Any:
    """The form."""
    return _law_change(request, Form(LAW_CHANGES))


@post(LAW_CHANGES, access=require(*follow_up.WRITERS))
async def record_law_change(request: Page) -> Any:
    """Enter a change that the book of references does not know."""

    async def again(form: Form) -> Any:
        return _law_change(request, form)

    return await submit(
        request,
        follow_up.RecordLawChange,
        follow_up.record_law_change,
        again,
        PAGE,
        at={
            "law_change.what_missing": "what",
            "text.too_long": "what",
            "text.names_person": "what",
        },
    )


@get("/follow-up/meetings/{meeting_id:uuid}", access=ACCESS)
async def meeting(request: Page, meeting_id: FromPath[UUID]) -> Any:
    """The minutes: to write in, to sign, or as they were sealed."""
    return await _meeting(request, meeting_id)


@post("/follow-up/meetings/{meeting_id:uuid}", access=ACCESS)
async def write(request: Page, meeting_id: FromPath[UUID]) -> Any:
    """A new version of the minutes."""

    async def again(form: Form) -> Any:
        form.hidden["number"] = form.values.get("number", "")
        return await _meeting(request, meeting_id, form)

    try:
        return await submit(
            request,
            follow_up.WriteMinutes,
            follow_up.write_minutes,
            again,
            f"{PAGE}/meetings/{meeting_id}",
            fixed={"meeting_id": meeting_id},
            adapt=_answers,
        )
    except Conflict:
        found = await follow_up.read_meeting(
            node_of(request), request.user, meeting_id, law=request.app.state.law
        )
        keep_written(request, _labels(found.agreement), f"{PAGE}/meetings/{meeting_id}")
        raise


@post("/follow-up/meetings/{meeting_id:uuid}/signature", access=ACCESS)
async def sign(request: Page, meeting_id: FromPath[UUID]) -> Any:
    """Sign the version that one has read."""

    async def again(form: Form) -> Any:
        return await _meeting(request, meeting_id, errors=form.errors)

    async def do(node: Any, actor: Any, command: follow_up.SignMinutes) -> None:
        await follow_up.sign_minutes(node, actor, command, law=request.app.state.law)

    return await submit(
        request,
        follow_up.SignMinutes,
        do,
        again,
        f"{PAGE}/meetings/{meeting_id}",
        at={
            "minutes.not_held": "held_on",
            "minutes.held_in_future": "held_on",
            "minutes.incomplete": "outcome-{obligation}",
            "minutes.reasons_missing": "reasons-{obligation}",
            "minutes.law_missing": "law",
            "minutes.development_missing": "development",
        },
        fixed={"meeting_id": meeting_id},
    )


def _labels(agreement: follow_up.Agreement) -> Iterable[tuple[str, str]]:
    """What somebody writes in minutes, as the form calls it."""
    yield "present", "Närvarande"
    for each in agreement.obligations:
        yield f"reasons-{each.code}", f"Skäl: {each.text}"
    yield "law", "Vad lagändringar betyder för överenskommelsen"
    yield "development", "Utvecklingsområden"


def _answers(given: Given) -> dict[str, Any]:
    codes = sorted(
        {name.partition("-")[2] for name in given if name.startswith(("outcome-", "reasons-"))}
    )
    return {
        "answers": [
            {
                "code": code,
                "outcome": given.get(f"outcome-{code}") or None,
                "reasons": given.get(f"reasons-{code}", ""),
            }
            for code in codes
        ]
    }


async def _show(request: Page, opens: Form | None = None) -> Any:
    node = node_of(request)
    found = await follow_up.overview(node, request.user, law=request.app.state.law)
    years = {each.about for each in found.dues if each.occasion == "yearly"}
    suggested = min(years, default=str(local_date(node.clock.now()).year))
    return page(
        request,
        "follow_up/overview",
        "Uppföljning",
        crumbs=[(_home(request), "/"), ("Uppföljning", None)],
        tabs=tabs(PAGE, request.user),
        form=(opens or Form(PAGE, values={"year": suggested})) if found.may_open else None,
        found=found,
        law_change_href=LAW_CHANGES if found.may_record else None,
        meetings=[
            {"href": f"{PAGE}/meetings/{each.meeting_id}", "row": each} for each in found.meetings
        ],
    )


def _law_change(request: Page, form: Form) -> Any:
    return page(
        request,
        "follow_up/law_change",
        "Anteckna en lagändring",
        crumbs=[(_home(request), "/"), ("Uppföljning", PAGE), ("Lagändring", None)],
        form=form,
        back=PAGE,
    )


async def _meeting(
    request: Page,
    meeting_id: UUID,
    form: Form | None = None,
    errors: dict[str, str] | None = None,
) -> Any:
    found = await follow_up.read_meeting(
        node_of(request), request.user, meeting_id, law=request.app.state.law
    )
    address = f"{PAGE}/meetings/{meeting_id}"
    if form is None and found.may_write:
        form = Form(
            address,
            hidden={"number": found.number},
            values=_values(found.minutes),
            errors=errors or {},
        )
    return page(
        request,
        "follow_up/meeting",
        f"Gemensam uppföljning {found.year}",
        crumbs=[(_home(request), "/"), ("Uppföljning", PAGE), (str(found.year), None)],
        form=form if found.may_write else None,
        sign_form=Form(f"{address}/signature", hidden={"number": found.number})
        if found.may_sign
        else None,
        found=found,
    )


def _values(minutes: follow_up.Minutes) -> dict[str, Any]:
    values: dict[str, Any] = {
        "held_on": minutes.held_on.isoformat() if minutes.held_on else "",
        "present": minutes.present,
        "law": minutes.law,
        "development": minutes.development,
    }
    for code, answer in minutes.answers.items():
        values[f"outcome-{code}"] = answer.outcome or ""
        values[f"reasons-{code}"] = answer.reasons
    return values


def _home(request: Page) -> str:
    return "Samverkansrum" if request.user.has_any("police_partner") else "Min dag"


follow_up_handlers: list[HTTPRouteHandler] = [
    show,
    open_meeting,
    law_change_form,
    record_law_change,
    meeting,
    write,
    sign,
]
