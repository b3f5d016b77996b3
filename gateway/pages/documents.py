"""Handlingar: the case's files, listed, added and opened; the list and each opening are logged."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.auth.csrf import FIELD as CSRF_FIELD
from gateway.pages.case_view import CASE_ROLES, form_page, opened, show_tab
from gateway.pages.form import FieldErrors, Form, to_command
from gateway.pages.frame import Page, node_of, see
from gateway.pages.refusal import page_response
from gateway.texts.errors import sentence
from gateway.upload import Upload
from services.cases import api as cases
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import CaseId

ACCESS = require(*CASE_ROLES)
TITLE = "Lägg till en handling"
_AT = {
    "document.title_missing": "title",
    "text.too_long": "title",
    "document.section_unknown": "section",
    "document.in_future": "received_on",
    **dict.fromkeys(
        (
            "document.too_large",
            "document.executable",
            "document.type_unknown",
            "document.empty",
            "document.upload_broken",
            "document.too_slow",
            "document.too_many_at_once",
            "document.no_place",
        ),
        "file",
    ),
}
"""Which field an error code belongs to."""


@get("/cases/{case_id:uuid}/documents", access=ACCESS)
async def documents(request: Page, case_id: FromPath[UUID]) -> Any:
    """All of them, newest first; each is opened by a link of its own."""
    file = await opened(request, case_id)
    found = await cases.list_documents(node_of(request), request.user, CaseId(case_id))
    base = f"/cases/{case_id}/documents"
    may_add = file.header.is_responsible and cases.may(request.user, "add_document")
    return show_tab(
        request,
        file,
        "documents",
        rows=[{"document": each, "href": f"{base}/{each.document_id}/file"} for each in found],
        links={"add": f"{base}/new" if may_add else None},
    )


@get("/cases/{case_id:uuid}/documents/new", access=ACCESS)
async def new_document(request: Page, case_id: FromPath[UUID]) -> Any:
    """The empty form."""
    return await _form(request, case_id, Form(request.url.path))


@post(
    "/cases/{case_id:uuid}/documents/new",
    access=ACCESS,
    is_upload=True,
    request_max_body_size=None,  # the file is counted as it comes, and the fields before it
)
async def add_document(request: Page, case_id: FromPath[UUID]) -> Any:
    """Take the file in; what is wrong is told with all that was written kept."""
    upload = await Upload.of(request)
    given = {name: text for name, text in upload.fields.items() if name != CSRF_FIELD}
    request.state.given = given
    try:
        shown = await _add(request, case_id, upload, given)
    except (Conflict, AccessDenied) as refusal:
        shown = page_response(request, refusal)
    shown.background = upload.drained()
    return shown


async def _add(request: Page, case_id: UUID, upload: Upload, given: dict[str, str]) -> Any:
    form, status = Form(request.url.path, values=dict(given)), 422
    try:
        command = to_command(cases.AddDocument, given, case_id=CaseId(case_id))
        await cases.add_document(
            node_of(request),
            request.user,
            command,
            upload.file(),
            announced_bytes=upload.announced_bytes,
        )
    except FieldErrors as error:
        form.errors = error.errors
    except Conflict:
        raise
    except DomainError as error:
        form.errors = {_AT.get(error.code, ""): sentence(error.code, error.facts)}
        status = error.status
    else:
        return see(f"/cases/{case_id}/documents")
    form.hidden = {name: text for name, text in given.items() if name == "term"}
    shown = await _form(request, case_id, form)
    shown.status_code = status
    return shown


@get("/cases/{case_id:uuid}/documents/{document_id:uuid}/file", access=ACCESS)
async def document_file(
    request: Page, case_id: FromPath[UUID], document_id: FromPath[UUID]
) -> Response[bytes]:
    """One document, to be saved: never shown as a page of ours."""
    found = await cases.read_document(
        node_of(request), request.user, CaseId(case_id), document_id, "casework"
    )
    return file_response(found)


def file_response(found: cases.OpenedDocument) -> Response[bytes]:
    """A document as a download, under a name that tells nothing; the frame adds no-store."""
    document = found.document
    return Response(
        found.content,
        media_type=document.media_type,
        headers={"content-disposition": f'attachment; filename="{document.file_name}"'},
    )


async def _form(request: Page, case_id: UUID, form: Form) -> Any:
    file = await opened(request, case_id, "form")
    return form_page(
        request,
        "case/document",
        TITLE,
        file,
        form,
        sections=cases.DOCUMENT_SECTIONS,
        back=f"/cases/{case_id}/documents",
    )


document_handlers: list[HTTPRouteHandler] = [
    documents,
    new_document,
    add_document,
    document_file,
]
