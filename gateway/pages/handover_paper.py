"""A handover on paper: letters to send, papers to read in, each with the file that is kept of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.csrf import FIELD as CSRF_FIELD
from gateway.pages.form import FieldErrors, Form, Given, to_command
from gateway.pages.frame import Page, node_of, page, see
from gateway.pages.handover_acts import ACCESS, WORKERS
from gateway.pages.handover_view import name_of, opened
from gateway.pages.refusal import page_response
from gateway.pages.submit import submit
from gateway.paper_letter import TITLES, letter_pdf, record_sent
from gateway.texts.errors import authority_name, field_message, sentence
from gateway.texts.words import WORDS, word
from gateway.upload import Upload
from services.cases import api as cases
from services.handover import api as handover
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import ConversationId

_AT = {
    "handover.letter_too_early": "sent_on",
    "handover.paper_in_future": "received_on",
    "handover.paper_too_early": "received_on",
    "handover.reasons_missing": "text",
    "handover.text_missing": "text",
    "handover.reason_code_unknown": "code",
    "handover.question_unknown": "question_id",
    "handover.take_over_day_not_reached": "taken_over_on",
    "document.in_future": "received_on",
    **dict.fromkeys(
        (
            "document.too_large",
            "document.executable",
            "document.type_unknown",
            "document.empty",
            "document.upload_broken",
            "handover.paper_already_noted",
        ),
        "file",
    ),
}
SAID: Mapping[str, type[msgspec.Struct]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        handover.ReceiptCame,
        handover.SaidYes,
        handover.SaidNo,
        handover.GaveBack,
        handover.TookOver,
        handover.SaidNoted,
        handover.SaidAgreed,
        handover.SaidCancelled,
        handover.TheyAsked,
        handover.TheyAnswered,
        handover.LetWithdraw,
    )
}


@get("/handovers/{handover_id:uuid}/papers", access=ACCESS)
async def papers(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Letters to send, what has gone and what has come, and what a paper may say now."""
    return await _papers(request, handover_id)


async def _papers(request: Page, handover_id: UUID, asked: Form | None = None) -> Any:
    view = await _on_paper(request, handover_id)
    base = f"/handovers/{handover_id}"
    sent = {each.refers_to: each for each in view.papers if each.what == "sent"}
    letters = [each for each in view.papers if each.what == "message"]
    return page(
        request,
        "handover/papers",
        f"Brev och papper – {name_of(view)}",
        crumbs=[("Överlämningar", "/handovers"), (name_of(view), base), ("Brev och papper", None)],
        form=asked,
        heading=name_of(view),
        other=view.row.other,
        to_send=[
            {
                "title": TITLES[each.kind],
                "number": each.number,
                "decided_at": each.recorded_at,
                "pdf_href": f"{base}/letters/{each.paper_id}",
                "form": asked
                if asked and str(each.paper_id) in asked.action
                else Form(f"{base}/letters/{each.paper_id}/sent"),
            }
            for each in letters
            if each.paper_id not in sent
        ],
        means=list(WORDS["means"].items()),
        rows=[
            {
                "on": each.paper_on,
                "is_ours": each.is_ours,
                "title": _title(each, letters),
                "means": each.means,
                "persons": 1 if each.second is None else 2,
                "sha256": each.sha256,
                "href": f"/cases/{view.row.case_id}/documents/{each.document_id}/file"
                if each.document_id
                else None,
            }
            for each in reversed(view.papers)
            if each.what != "message"
        ],
        may_say=[
            {"text": word(kind, "paper_said"), "href": f"{base}/papers/{kind}"}
            for kind in view.may_say
        ]
        if view.pending is None
        else [],
        is_waiting=view.pending is not None,
        back=base,
    )


def _title(paper: handover.Paper, letters: list[handover.Paper]) -> str:
    if paper.what == "received":
        said = "withdrawal_agreed" if paper.kind == "notice" else paper.kind
        return word(said, "paper_said")
    return next(TITLES[each.kind] for each in letters if each.paper_id == paper.refers_to)


async def _on_paper(request: Page, handover_id: UUID) -> handover.View:
    view = await opened(request, handover_id, "papers")
    if not isinstance(view.row, handover.Outgoing) or not view.row.is_on_paper:
        raise AccessDenied
    return view


@get("/handovers/{handover_id:uuid}/letters/{message_id:uuid}", access=ACCESS)
async def letter(
    request: Page, handover_id: FromPath[UUID], message_id: FromPath[UUID]
) -> Response[bytes]:
    """One letter as PDF, to be printed and signed."""
    content = await letter_pdf(
        node_of(request), request.user, handover_id, message_id, request.app.state.law
    )
    return Response(
        content,
        media_type="application/pdf",
        headers={"content-disposition": f'attachment; filename="brev-{message_id.hex[:8]}.pdf"'},
    )


@post("/handovers/{handover_id:uuid}/letters/{message_id:uuid}/sent", access=WORKERS)
async def sent(request: Page, handover_id: FromPath[UUID], message_id: FromPath[UUID]) -> Any:
    """The letter has left: it is kept as it was."""

    async def again(form: Form) -> Any:
        return await _papers(request, handover_id, form)

    async def do(node: Any, actor: Any, command: handover.RecordSent) -> None:
        await record_sent(node, actor, command, request.app.state.law)

    return await submit(
        request,
        handover.RecordSent,
        do,
        again,
        f"/handovers/{handover_id}/papers",
        at={**_AT, "handover.paper_in_future": "sent_on"},
        fixed={"handover_id": handover_id, "message_id": message_id},
    )


@get("/handovers/{handover_id:uuid}/papers/{what:str}", access=WORKERS)
async def new_paper(request: Page, handover_id: FromPath[UUID], what: FromPath[str]) -> Any:
    """The form for what came."""
    return await _form(request, handover_id, what, Form(request.url.path))


@post(
    "/handovers/{handover_id:uuid}/papers/{what:str}",
    access=WORKERS,
    is_upload=True,
    request_max_body_size=None,  # the file is counted as it comes, and the fields before it
)
async def read_in(request: Page, handover_id: FromPath[UUID], what: FromPath[str]) -> Any:
    """Be the first who reads the paper in; a scan that was taken in stays, whatever follows."""
    upload = await Upload.of(request)
    given = {name: text for name, text in upload.fields.items() if name != CSRF_FIELD}
    request.state.given = given
    try:
        shown = await _read_in(request, handover_id, what, upload, given)
    except (Conflict, AccessDenied) as refusal:
        shown = page_response(request, refusal)
    shown.background = upload.drained()
    return shown


async def _read_in(
    request: Page, handover_id: UUID, what: str, upload: Upload, given: dict[str, str]
) -> Any:
    form = Form(request.url.path, values=dict(given))
    node, actor = node_of(request), request.user
    try:
        values = _paper_values(what, given)
        chosen = given.get("document_id") or None
        if chosen is None:
            view = await _on_paper(request, handover_id)
            assert isinstance(view.row, handover.Outgoing)
            taken = await cases.add_document(
                node,
                actor,
                to_command(
                    cases.AddDocument,
                    {
                        "term": str(view.row.term),
                        "section": "journal",
                        "title": f"Papper som kom: {word(what, 'paper_said')}",
                        "received_on": given["received_on"],
                    },
                    case_id=view.row.case_id,
                ),
                upload.file(),
                announced_bytes=upload.announced_bytes,
            )
            chosen = form.values["document_id"] = str(taken)
        fields: dict[str, Any] = {
            "revision": given.get("revision", ""),
            "payload": {"type": "paper_received", **values, "document_id": chosen},
        }
        command = to_command(handover.Sign, fields, handover_id=ConversationId(handover_id))
        await handover.sign(node, actor, command)
    except FieldErrors as error:
        form.errors = error.errors
    except Conflict:
        raise
    except DomainError as error:
        form.errors = {_AT.get(error.code, ""): sentence(error.code, error.facts)}
    else:
        return see(f"/handovers/{handover_id}")
    shown = await _form(request, handover_id, what, form)
    shown.status_code = 422
    return shown


def _paper_values(what: str, given: Given) -> dict[str, Any]:
    """What the form says, but for the file; every wrong or missing field is named.

    Raises:
        FieldErrors: in Swedish, beside the field.
    """
    kind = SAID.get(what)
    if kind is None:
        raise AccessDenied
    said: dict[str, Any] = {"type": what}
    errors: dict[str, str] = {}
    wanted = [(field.name, field.type, field.required) for field in msgspec.structs.fields(kind)]
    outer = {each.name: each for each in msgspec.structs.fields(handover.PaperReceived)}
    for name, form, is_required in [
        ("received_on", outer["received_on"].type, True),
        ("register_number", outer["register_number"].type, False),
        *wanted,
    ]:
        value = str(given.get(name, "")).strip()
        if not value:
            if is_required:
                errors[name] = "Fyll i fältet."
            continue
        try:
            msgspec.convert(value, form, strict=False)
        except msgspec.ValidationError as error:
            errors[name] = field_message(str(error))
        said[name] = value
    if errors:
        raise FieldErrors(errors)
    values: dict[str, Any] = {"said": said}
    for name in ("received_on", "register_number"):
        if name in said:
            values[name] = said.pop(name)
    return values


async def _form(request: Page, handover_id: UUID, what: str, form: Form) -> Any:
    view = await _on_paper(request, handover_id)
    if what not in SAID:
        raise AccessDenied
    assert isinstance(view.row, handover.Outgoing)
    form.hidden["revision"] = view.row.revision
    base = f"/handovers/{handover_id}"
    found = await cases.list_documents(node_of(request), request.user, view.row.case_id)
    title = word(what, "paper_said")
    return page(
        request,
        "handover/paper",
        f"Läs in ett papper – {name_of(view)}",
        crumbs=[
            ("Överlämningar", "/handovers"),
            (name_of(view), base),
            ("Brev och papper", f"{base}/papers"),
            (title, None),
        ],
        form=form,
        heading=title,
        code_name=name_of(view),
        other=authority_name(view.row.other),
        fields=[each.name for each in msgspec.structs.fields(SAID[what])],
        is_text_demanded=any(
            each.name == "text" and each.required for each in msgspec.structs.fields(SAID[what])
        ),
        codes=list(WORDS["return_code" if what == "returned" else "decline_code"].items()),
        questions=[
            (str(each.question_id), each.question)
            for each in view.questions
            if each.is_ours and each.answer is None
        ],
        documents=[(str(each.document_id), each.title) for each in found],
        is_not_possible=what not in view.may_say or view.pending is not None,
        back=f"{base}/papers",
    )


paper_handlers: list[HTTPRouteHandler] = [papers, letter, sent, new_paper, read_in]
