"""The case: lists, registering a contact, and the file under its tabs."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.alarms import alarm_handlers
from gateway.pages.assignment import assignment_handlers
from gateway.pages.board import ADDRESS, board_handlers
from gateway.pages.case_forms import form_handlers
from gateway.pages.case_view import CASE_ROLES, opened, show_tab
from gateway.pages.comparison import comparison_handlers
from gateway.pages.documents import document_handlers
from gateway.pages.entry import entry_handlers
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.pages.immediate import immediate_handlers
from gateway.pages.programme import programme_handlers
from gateway.pages.relapse import relapse_handlers
from gateway.pages.submit import submit
from gateway.pages.vault import vault_handlers
from gateway.texts.errors import authority_name
from gateway.texts.words import word
from services.cases import api as cases
from services.intake import api as intake
from services.protection import api as protection
from shared.ids import CaseId
from shared.policy import municipalities

ACCESS = require(*CASE_ROLES)
CONTACT_FIELDS = {
    "person.number_invalid": "personal_number",
    "person.number_is_no_date": "personal_number",
    "person.born_in_future": "personal_number",
    "person.name_missing": "given_name",
    "municipality.unknown": "registered_municipality",
    "contact.note_missing": "note",
    "text.missing": "note",
}


@get("/cases", access=ACCESS)
async def list_cases(request: Page) -> Any:
    """Mine, and for team leaders those that nobody has yet."""
    mine = await cases.worklist(node_of(request), request.user)
    unit = await cases.unit_cases(node_of(request), request.user)
    return page(
        request,
        "cases",
        "Ärenden",
        rows=[{"case": row, "href": f"/cases/{row.case_id}"} for row in mine],
        to_assign=[
            {"case": row, "href": f"/cases/{row.case_id}/members/new"}
            for row in unit
            if not row.is_member and row.case_worker is None
        ],
        register_href="/cases/new",
        report_href="/cases/report",
        board_href=ADDRESS if cases.may(request.user, "report_decisions") else None,
    )


@get("/cases/new", access=ACCESS)
async def new_contact(request: Page) -> Any:
    """The empty form."""
    return _contact(request, Form("/cases/new", values={"protected_identity": "EXIT_THREAT"}))


@post("/cases/new", access=ACCESS)
async def register(request: Page) -> Any:
    """Open a case for the contact."""

    async def again(form: Form) -> Any:
        return _contact(request, form)

    return await submit(
        request,
        intake.RegisterContact,
        intake.register_contact,
        again,
        lambda case_id: f"/cases/{case_id}",
        at=CONTACT_FIELDS,
    )


def _contact(request: Page, form: Form) -> Any:
    return page(
        request,
        "contact",
        "Registrera kontakt",
        crumbs=[("Ärenden", "/cases"), ("Registrera kontakt", None)],
        form=form,
        municipalities=list(municipalities().items()),
        back="/cases",
    )


@get("/cases/{case_id:uuid}", access=ACCESS)
async def overview(request: Page, case_id: FromPath[UUID]) -> Any:
    """The case at a glance."""
    file = await opened(request, case_id)
    waiting = [
        {"text": _asked(question), "who": "Polisen", "since": question.asked_at}
        for question in file.questions
        if question.answered_at is None
    ]
    base = f"/cases/{case_id}/vault"
    may_write = file.header.is_responsible and cases.may(request.user, "write_vault")
    links = {
        "vault": base if file.has_vault else None,
        "write_vault": f"{base}/edit" if may_write else None,
        "approve_vault": f"{base}/approval" if file.has_vault else None,
    }
    return show_tab(request, file, "overview", waiting=waiting, links=links)


def _asked(question: protection.Question) -> str:
    place = authority_name(question.authority) if question.authority else ""
    return word(question.kind, "question", authority=place)


@get("/cases/{case_id:uuid}/journal", access=ACCESS)
async def journal(request: Page, case_id: FromPath[UUID]) -> Any:
    """Notes, newest first; each can be corrected, none changed."""
    file = await opened(request, case_id)
    base = f"/cases/{case_id}/notes/new"
    is_open = file.header.is_responsible
    correct = {note.note_id: f"{base}?corrects={note.note_id}" for note in file.notes if is_open}
    return show_tab(
        request, file, "journal", links={"note": base if is_open else None, "correct": correct}
    )


@get("/cases/{case_id:uuid}/people", access=ACCESS)
async def people(request: Page, case_id: FromPath[UUID]) -> Any:
    """Who has access, and who must not."""
    file = await opened(request, case_id)
    base = f"/cases/{case_id}"
    is_open = file.header.is_responsible
    may_assign = is_open and cases.may(request.user, "assign")
    end = {
        member.staff_id: f"{base}/members/{member.staff_id}/end"
        for member in file.members
        if may_assign
    }
    links = {
        "assign": f"{base}/members/new" if may_assign else None,
        "end": end,
        "exclusion": f"{base}/exclusions/new" if is_open else None,
    }
    return show_tab(request, file, "people", links=links)


@get("/cases/{case_id:uuid}/log", access=ACCESS)
async def log(request: Page, case_id: FromPath[UUID]) -> Any:
    """Every reading and change."""
    file = await opened(request, case_id)
    rows = await cases.case_log(node_of(request), request.user, CaseId(case_id))
    return show_tab(request, file, "log", rows=rows)


@get("/cases/{case_id:uuid}/investigation", access=ACCESS)
async def investigation(request: Page, case_id: FromPath[UUID]) -> Any:
    """Four tracks, and what can be done in each."""
    file = await opened(request, case_id)
    return show_tab(request, file, "investigation", links=_track_links(request, file))


def _track_links(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    """Where each track's next step is; None for what this person may not do or that is done."""
    base = f"/cases/{file.header.case_id}"
    actor = request.user
    is_open = file.header.is_responsible

    def when(action: cases.Action, path: str) -> str | None:
        return f"{base}/{path}" if is_open and cases.may(actor, action) else None

    found = file.residence
    awaits_reader = (
        found is not None and found.confirmed_at is None and found.found_by != actor.staff_id
    )
    return {
        "residence": when("find_residence", "residence"),
        "confirm_residence": when("confirm_residence", f"residence/{found.finding_id}/confirmation")
        if found is not None and awaits_reader
        else None,
        "consent": when("record_consent", "consents/new"),
        "need": {
            area: link
            for area in cases.NEED_AREAS
            if (link := when("record_needs", f"needs/{area}")) is not None
        },
        "request_threat": when("ask_police", "threat-request"),
        "ask_placement": when("ask_police", "placement-question") if file.threat else None,
        "ask_level": when("ask_police", "level-passing-question") if file.threat else None,
        "withdraw": {
            consent.consent_id: link
            for consent in file.consents
            if consent.withdrawn_at is None
            and (link := when("record_consent", f"consents/{consent.consent_id}/withdrawal"))
        },
    }


case_handlers: list[HTTPRouteHandler] = [
    list_cases,
    new_contact,
    register,
    overview,
    journal,
    people,
    log,
    investigation,
    *alarm_handlers,
    *immediate_handlers,
    *assignment_handlers,
    *board_handlers,
    *comparison_handlers,
    *document_handlers,
    *entry_handlers,
    *vault_handlers,
    *programme_handlers,
    *relapse_handlers,
    *form_handlers,
]
