"""Handovers: the boards, and one handover's life with its questions."""

from typing import Any, Literal
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages import handover_view as view_of
from gateway.pages.case_view import CASE_ROLES, opened, show_tab
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.pages.handover_acts import SIGNERS, act_handlers
from gateway.pages.handover_dispute import dispute_handlers
from gateway.pages.handover_paper import paper_handlers
from gateway.pages.handover_proof import proof_handlers
from gateway.pages.handover_readers import reader_handlers, readers
from gateway.pages.handover_steps import step_handlers
from gateway.pages.handover_tell import tell_handlers
from gateway.pages.submit import submit
from gateway.texts.errors import authority_name
from gateway.texts.words import word
from services.handover import api as handover
from shared.ids import ConversationId

ACCESS = require(*SIGNERS)
WORKERS = require(*CASE_ROLES)
ENDS = frozenset({"dropped", "completed", "kept", "withdrawn", "closed", "cancelled", "taken_over"})


Show = Literal["all", "late", "us", "them", "incoming", "outgoing", "ended"]
SHOWN: dict[str, Show] = {
    "alla": "all",
    "forsenade": "late",
    "vantar-pa-oss": "us",
    "vantar-pa-andra": "them",
    "inkommande": "incoming",
    "utgaende": "outgoing",
    "avslutade": "ended",
}
TITLES: dict[Show, tuple[str, str]] = {
    "all": ("Alla", "Inga överlämningar."),
    "late": ("Försenade", "Inget är försenat."),
    "us": ("Väntar på oss", "Inget väntar på oss."),
    "them": ("Väntar på andra", "Inget väntar på andra."),
    "incoming": ("Inkommande", "Inget är på väg hit."),
    "outgoing": ("Utgående", "Inget är på väg härifrån."),
    "ended": ("Avslutade", "Inga avslutade."),
}


@get("/handovers", access=ACCESS)
async def board(request: Page) -> Any:
    """Incoming, outgoing, waiting for us, waiting for them, late, ended; each with its next day."""
    rows = await handover.board(node_of(request), request.user)
    over = await handover.finished(node_of(request), request.user)
    found: dict[Show, list[handover.BoardRow]] = {
        "late": [row for row in rows if row.is_overdue],
        "us": [row for row in rows if row.waits_for == "us" or row.needs_second],
        "them": [row for row in rows if row.waits_for == "them" and not row.needs_second],
        "incoming": [row for row in rows if not row.is_outgoing],
        "outgoing": [row for row in rows if row.is_outgoing],
        "ended": over,
    }
    show = SHOWN.get(request.query_params.get("visa", ""), "all")
    return page(
        request,
        "handover/list",
        "Överlämningar",
        tabs=[
            {
                "text": TITLES[each][0],
                "href": f"/handovers?visa={name}" if each != "all" else "/handovers",
                "current": each == show,
                "count": len(found[each]) if each not in {"all", "ended"} else None,
            }
            for name, each in SHOWN.items()
        ],
        groups=[
            {"title": TITLES[each][0], "empty": TITLES[each][1], "rows": list(map(_line, lines))}
            for each, lines in (_in_turn(found) if show == "all" else {show: found[show]}).items()
        ],
    )


def _in_turn(found: dict[Show, list[handover.BoardRow]]) -> dict[Show, list[handover.BoardRow]]:
    """Each once, under what is most urgent of it."""
    late = {row.handover_id for row in found["late"]}
    return {
        "late": found["late"],
        "us": [row for row in found["us"] if row.handover_id not in late],
        "them": [row for row in found["them"] if row.handover_id not in late],
        "ended": found["ended"],
    }


def _line(row: handover.BoardRow) -> dict[str, Any]:
    them = "IVO" if row.state == "disputed" else authority_name(row.other)
    awaited = {"us": "Oss", "them": them, "nobody": None}[row.waits_for]
    side = "sender" if row.is_outgoing else "receiver"
    return {
        "name": row.code_name or f"Förslag från {authority_name(row.other)}",
        "href": f"/handovers/{row.handover_id}",
        "other": row.other,
        "state": row.state,
        "side": side,
        "step": word(row.state, f"{side}_step") if row.waits_for != "nobody" else None,
        "due_on": row.due_on,
        "awaited": "En andra person hos oss" if row.needs_second else awaited,
        "is_alarm": row.is_overdue,
    }


@get("/inbox", access=ACCESS)
async def inbox(request: Page) -> Any:
    """What came from other municipalities; nothing of the person."""
    tenant = request.app.state.tenant
    rows = await handover.board(node_of(request), request.user)
    return page(
        request,
        "handover/inbox",
        "Inkorg",
        function=tenant.functions[0].name if tenant.functions else tenant.name,
        rows=[
            {
                "href": f"/handovers/{row.handover_id}",
                "sender": row.other,
                "urgency": row.urgency,
                "received_at": row.since,
                "due_on": row.due_on,
                "state": row.state,
                "is_unread": row.state == "received",
            }
            for row in rows
            if not row.is_outgoing
        ],
    )


@get("/cases/{case_id:uuid}/handovers", access=WORKERS)
async def of_case(request: Page, case_id: FromPath[UUID]) -> Any:
    """The case's chain and its handovers."""
    file = await opened(request, case_id)
    node = node_of(request)
    found = await handover.drafts_of_case(node, request.user, file.header.case_id)
    may_propose = file.header.is_responsible and file.header.open_handover is None
    return show_tab(
        request,
        file,
        "handovers",
        handovers=[
            {
                "href": f"/handovers/{row.handover_id}",
                "to": row.receiver,
                "state": row.state.value,
                "state_at": row.since,
            }
            for row in found
        ],
        chain=file.chain,
        propose_href=f"/cases/{case_id}/handovers/new" if may_propose else None,
        evidence=[],
    )


@get("/handovers/{handover_id:uuid}", access=ACCESS)
async def life(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Who is responsible, big and first; what is awaited, by when; questions, receipts, acts."""
    view = await view_of.opened(request, handover_id)
    return await _life(request, view)


async def _life(request: Page, view: handover.View, asked: Form | None = None) -> Any:
    base = f"/handovers/{view.row.handover_id}"
    side = "sender" if view_of.is_outgoing(view) else "receiver"
    ours = node_of(request).authority
    question_form = asked or Form(f"{base}/questions")
    is_over = view.row.state.value in ENDS
    return page(
        request,
        "handover/life",
        view_of.name_of(view),
        crumbs=[("Överlämningar", "/handovers"), (view_of.name_of(view), None)],
        form=asked,
        heading=view_of.name_of(view),
        side=side,
        state=view.row.state.value,
        other=view.row.other,
        responsible=view_of.responsible(request, view),
        responsible_note=view_of.responsible_note(view),
        other_note=view_of.other_note(request, view),
        excluded=view_of.excluded_note(view),
        awaited=_awaited(view),
        readers=await readers(request, view),
        changed=view_of.changed(view),
        actions=view_of.actions(request, view),
        blocked=view_of.blocked(request, view),
        rows=view_of.facts(view),
        withheld=view.dossier.withheld if view.dossier else [],
        questions=[
            {
                "asked_by": ours if each.is_ours else view.row.other,
                "text": each.question,
                "at": each.asked_at,
                "answer": each.answer,
                "answered_at": each.answered_at,
                "form": None
                if each.is_ours or each.answer or is_over
                else Form(f"{base}/questions/{each.question_id}/answer"),
            }
            for each in view.questions
        ],
        question_form=None
        if is_over or not view.is_reader or view.row.state.value == "draft"
        else question_form,
        receipts=view_of.receipts(view),
        timeline=view_of.timeline(request, view),
        chain=view.dossier.chain if view.dossier else [],
        refresh_href=base,
        evidence_href=f"{base}/evidence" if view.messages else None,
    )


def _awaited(view: handover.View) -> dict[str, Any] | None:
    if view.pending is not None:
        text = view_of.decision_text(str(view.pending.act)).lower()
        return {"text": f"bekräfta: {text}", "who": "en andra person hos er", "due_on": None}
    if view.waits_for == "nobody":
        return None
    them = "IVO" if view.row.state.value == "disputed" else authority_name(view.row.other)
    who = "er" if view.waits_for == "us" else them
    step = "sender_step" if view_of.is_outgoing(view) else "receiver_step"
    text = word(view.row.state.value, step)
    return {"text": text[0].lower() + text[1:], "who": who, "due_on": view.due_on}


@post("/handovers/{handover_id:uuid}/questions", access=WORKERS)
async def ask(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Ask the other municipality."""

    async def again(form: Form) -> Any:
        return await _life(request, await view_of.opened(request, handover_id), form)

    return await submit(
        request,
        handover.Ask,
        handover.ask,
        again,
        f"/handovers/{handover_id}",
        at={"text.missing": "text", "handover.text_missing": "text"},
        fixed={"handover_id": ConversationId(handover_id)},
    )


@post("/handovers/{handover_id:uuid}/questions/{question_id:uuid}/answer", access=WORKERS)
async def answer(request: Page, handover_id: FromPath[UUID], question_id: FromPath[UUID]) -> Any:
    """Answer the other municipality."""

    async def again(form: Form) -> Any:
        return await _life(request, await view_of.opened(request, handover_id), form)

    return await submit(
        request,
        handover.AnswerQuestion,
        handover.answer,
        again,
        f"/handovers/{handover_id}",
        fixed={"handover_id": ConversationId(handover_id), "question_id": question_id},
        adapt=lambda given: {"text": given.get("answer", "")},
    )


handover_handlers: list[HTTPRouteHandler] = [
    board,
    inbox,
    of_case,
    life,
    ask,
    answer,
    *act_handlers,
    *dispute_handlers,
    *paper_handlers,
    *proof_handlers,
    *reader_handlers,
    *step_handlers,
    *tell_handlers,
]
