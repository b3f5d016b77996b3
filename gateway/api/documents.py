"""Documents by the API: listed as JSON, sent as a form with the file last, fetched as bytes."""

import dataclasses
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.api.operation import Operation
from gateway.auth.access import bearer
from gateway.pages.documents import file_response
from gateway.pages.form import FieldErrors, to_command
from gateway.problem import FieldProblem, api_response, respond
from gateway.texts.errors import sentence
from gateway.upload import Upload
from services.cases import api as cases
from services.documents.api import Document
from shared.actor import Actor
from shared.errors import AccessDenied, DomainError
from shared.ids import CaseId
from shared.node import Node

WORKERS = ("case_worker", "exit_coordinator", "team_leader")
FIELDS = tuple(
    field.name for field in dataclasses.fields(cases.AddDocument) if field.name != "case_id"
)


async def list_documents(node: Node, actor: Actor, case_id: UUID) -> list[Document]:
    """The case's documents, newest first."""
    return await cases.list_documents(node, actor, CaseId(case_id))


OPERATIONS: Sequence[Operation] = (
    Operation(
        "GET", "/cases/{case_id:uuid}/documents", "Ärendets handlingar", WORKERS, list_documents
    ),
)


@post(
    "/api/v1/cases/{case_id:uuid}/documents",
    access=bearer(*WORKERS),
    summary="Lägg till en handling",
    description=f"multipart/form-data: {', '.join(FIELDS)}, och sist file. Högst 25 MiB.",
    operation_id="post/cases/{case_id:uuid}/documents",
    is_upload=True,
    request_max_body_size=None,  # the file is counted as it comes, and the fields before it
)
async def add_document(request: Request[Actor, Any, Any], case_id: FromPath[UUID]) -> Response[Any]:
    """Take the file in as it comes; 201 with its id."""
    upload: Upload | None = None
    try:
        upload = await Upload.of(request)
        made = await _add(request, case_id, upload)
    except FieldErrors as error:
        problems = [FieldProblem(name, text) for name, text in error.errors.items()]
        text = sentence("request.invalid", {})
        shown = respond(400, text, code="request.invalid", errors=problems)
    except (DomainError, AccessDenied) as error:
        shown = api_response(request, error)
    else:
        return Response(msgspec.json.encode({"id": made}), status_code=201)
    if upload is not None:
        shown.background = upload.drained()
    return shown


async def _add(request: Request[Actor, Any, Any], case_id: UUID, upload: Upload) -> UUID:
    node: Node = request.app.state.node
    command = to_command(cases.AddDocument, upload.fields, case_id=CaseId(case_id))
    return await cases.add_document(
        node, request.user, command, upload.file(), announced_bytes=upload.announced_bytes
    )


@get(
    "/api/v1/cases/{case_id:uuid}/documents/{document_id:uuid}/content",
    access=bearer(*WORKERS),
    summary="Hämta en handling",
    operation_id="get/cases/{case_id:uuid}/documents/{document_id:uuid}/content",
)
async def document_content(
    request: Request[Actor, Any, Any], case_id: FromPath[UUID], document_id: FromPath[UUID]
) -> Response[bytes]:
    """The document's bytes, with its media type and a neutral name."""
    node: Node = request.app.state.node
    return file_response(
        await cases.read_document(node, request.user, CaseId(case_id), document_id, "api")
    )


document_operations: list[HTTPRouteHandler] = [add_document, document_content]
