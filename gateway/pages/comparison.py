"""Samma uppgifter, två kommuner: a case's entry under our policy and another's, rule by rule."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES, form_page, opened
from gateway.pages.form import Form, posted, to_command
from gateway.pages.frame import Page, node_of
from gateway.texts.errors import authority_name, sentence
from services.cases import api as cases
from services.directory import api as directory
from shared.errors import DomainError

ACCESS = require(*CASE_ROLES)
ADDRESS = "/cases/{case_id:uuid}/entry/comparison"
TITLE = "Samma uppgifter, två kommuner"


@get(ADDRESS, access=ACCESS)
async def choose(request: Page, case_id: FromPath[UUID]) -> Any:
    """With which municipality?"""
    return await _show(request, case_id, Form(request.url.path), None)


@post(ADDRESS, access=ACCESS, status_code=200)
async def compare(request: Page, case_id: FromPath[UUID]) -> Any:
    """Both outcomes; posted, so that no address and no history says with whom it was compared."""
    given = await posted(request)
    form = Form(request.url.path, values=dict(given))
    try:
        command = to_command(cases.CompareEntry, given, case_id=case_id)
        found = await cases.compare_entry(node_of(request), request.user, command)
    except DomainError as error:
        form.errors = {"authority": sentence(error.code, error.facts)}
        shown = await _show(request, case_id, form, None)
        shown.status_code = 422
        return shown
    return await _show(request, case_id, form, found)


async def _show(
    request: Page, case_id: UUID, form: Form, found: cases.EntryComparison | None
) -> Any:
    file = await opened(request, case_id, "form")
    node = node_of(request)
    kept_from = {value for kind, value, _ in file.exclusions if kind == "authority"}
    return form_page(
        request,
        "case/comparison",
        TITLE,
        file,
        form,
        municipalities=[
            (each.code, each.short_name)
            for each in directory.authorities(node)
            if each.kind == "municipality"
            and each.runs_node
            and each.code not in {node.authority, *kept_from}
        ],
        found=found,
        ours=authority_name(node.authority),
        theirs=authority_name(found.authority) if found else None,
        back=f"/cases/{case_id}/entry",
    )


comparison_handlers: list[HTTPRouteHandler] = [choose, compare]
