"""A dispute, the same page at both ends, and IVO's application as PDF."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.ivo_letter import application_pdf
from gateway.pages.delegated import who_decides
from gateway.pages.form import FieldErrors, Form, Given, field_of
from gateway.pages.frame import Page, node_of, page
from gateway.pages.handover_acts import ACCESS, WORKERS
from gateway.pages.handover_view import (
    actions,
    blocked,
    is_outgoing,
    name_of,
    opened,
    responsible,
    responsible_note,
)
from gateway.pages.submit import submit
from gateway.texts.dispute import appeal_ends_on, what_next
from gateway.texts.errors import authority_name
from gateway.texts.words import word
from services.handover import api as handover
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import ConversationId

_APPLIED = frozenset({"escalating", "disputed", "ordering", "ordered", "agreed"})


@get("/handovers/{handover_id:uuid}/dispute", access=ACCESS)
async def show(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Who is responsible, both statements, the clock, what happens next."""
    view = await opened(request, handover_id, "dispute")
    base = f"/handovers/{handover_id}"
    side = "sender" if is_outgoing(view) else "receiver"
    state = view.row.state.value
    other = authority_name(view.row.other)
    said = view.dispute
    acts = [each for each in actions(request, view) if not each["href"].endswith("/dispute")]
    acts.sort(key=lambda each: each["href"].endswith("/withdraw"))  # the way out stands last
    if state in _APPLIED:
        acts.append({"text": "Beslutet är överklagat", "href": f"{base}/appeal"})
    if not is_outgoing(view) and state in {"ordered", "agreed"} and said and said.ruled_for:
        acts.append(
            {"text": "Låt avsändaren behålla ärendet", "href": f"{base}/withdrawal-agreement"}
        )
    return page(
        request,
        "handover/dispute",
        f"Tvist – {name_of(view)}",
        crumbs=_crumbs(view, "Tvist"),
        heading=name_of(view),
        side=side,
        state=state,
        other=view.row.other,
        responsible=responsible(request, view),
        responsible_note=responsible_note(view),
        dispute=said,
        is_draft=state == "draft",
        statements=_statements(request, view),
        appeal_ends_on=appeal_ends_on(said.decided_on) if said and said.decided_on else None,
        next=what_next(side, state, other) if said else [],
        actions=acts if said else [],
        blocked=blocked(request, view) if said else [],
        application_href=f"{base}/dispute/application" if side == "sender" and said else None,
        back=base,
    )


def _crumbs(view: handover.View, title: str) -> list[tuple[str, str | None]]:
    path = f"/handovers/{view.row.handover_id}"
    return [("Överlämningar", "/handovers"), (name_of(view), path), (title, None)]


def _statements(request: Page, view: handover.View) -> list[dict[str, Any]]:
    """What each end has said, the sender first: code in words, their own words, when."""
    said = view.dispute
    if said is None:
        return []
    ours, other = node_of(request).authority, view.row.other
    sender, receiver = (ours, other) if is_outgoing(view) else (other, ours)
    found: list[dict[str, Any]] = []
    if said.applied_on is not None:
        found.append(
            {
                "who": sender,
                "what": "ansökan hos IVO",
                "reason": None,
                "text": said.statement,
                "on": said.applied_on,
            }
        )
    if said.answered_at is not None:
        group = "return_code" if said.is_returned else "decline_code"
        found.append(
            {
                "who": receiver,
                "what": "lämnar tillbaka" if said.is_returned else "nekar",
                "reason": word(said.answer_code, group) if said.answer_code else None,
                "text": said.answer_text,
                "on": local_date(said.answered_at),
            }
        )
    return found


@get("/handovers/{handover_id:uuid}/dispute/application", access=ACCESS)
async def application(request: Page, handover_id: FromPath[UUID]) -> Response[bytes]:
    """The application to IVO, as a letter to sign and send; fetching it is audited."""
    content = await application_pdf(
        node_of(request), request.user, handover_id, request.app.state.law
    )
    return Response(
        content,
        media_type="application/pdf",
        headers={"content-disposition": 'attachment; filename="ansokan-till-ivo.pdf"'},
    )


@get("/handovers/{handover_id:uuid}/appeal", access=ACCESS)
async def show_appeal(request: Page, handover_id: FromPath[UUID]) -> Any:
    """The form: which decision, appealed when, by whom."""
    return await _appeal(request, handover_id, Form(request.url.path))


@post("/handovers/{handover_id:uuid}/appeal", access=ACCESS)
async def appeal(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Record it; the other end is told."""

    async def again(form: Form) -> Any:
        return await _appeal(request, handover_id, form)

    return await submit(
        request,
        handover.RecordAppeal,
        handover.record_appeal,
        again,
        f"/handovers/{handover_id}/dispute",
        at={
            "handover.ruling_document_missing": "document",
            "handover.ruling_date_invalid": "appealed_on",
            "decision.not_delegate": "is_ours",
        },
        fixed={"handover_id": ConversationId(handover_id)},
        adapt=_by_whom,
    )


def _by_whom(given: Given) -> dict[str, Any]:
    """Who appealed must be said: nobody's silence means the other."""
    if given.get("is_ours") not in {"true", "false"}:
        raise FieldErrors({"is_ours": "Välj vem som har överklagat."})
    return {}


async def _appeal(request: Page, handover_id: UUID, form: Form) -> Any:
    view = await opened(request, handover_id, "dispute")
    if view.row.state.value == "draft":
        raise AccessDenied
    own = who_decides(node_of(request), "handover.appeal")
    return page(
        request,
        "form",
        f"Beslutet är överklagat – {name_of(view)}",
        crumbs=_crumbs(view, "Överklagat"),
        form=form,
        heading="IVO:s beslut är överklagat",
        intro="Den andra kommunen får veta det. Beslutet kan inte registreras som slutligt "
        f"förrän överklagandet är avgjort eller taget tillbaka. {own}",
        fields=[
            field_of("text", "document", "IVO-beslutets diarienummer"),
            field_of("date", "appealed_on", "När överklagades det?"),
            field_of(
                "radios",
                "is_ours",
                "Vem har överklagat?",
                choices=[("true", "Vi"), ("false", authority_name(view.row.other))],
            ),
        ],
        submit="Registrera överklagandet",
        is_dangerous=False,
        back=f"/handovers/{handover_id}/dispute",
    )


@get("/handovers/{handover_id:uuid}/withdrawal-agreement", access=WORKERS)
async def show_release(request: Page, handover_id: FromPath[UUID]) -> Any:
    """The form: after a ruling for us, let the sender keep the case after all."""
    return await _release(request, handover_id, Form(request.url.path))


@post("/handovers/{handover_id:uuid}/withdrawal-agreement", access=WORKERS)
async def release(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Agree; the sender may then withdraw."""

    async def again(form: Form) -> Any:
        return await _release(request, handover_id, form)

    return await submit(
        request,
        handover.AgreeToWithdrawal,
        handover.agree_to_withdrawal,
        again,
        f"/handovers/{handover_id}/dispute",
        fixed={"handover_id": ConversationId(handover_id)},
    )


async def _release(request: Page, handover_id: UUID, form: Form) -> Any:
    view = await opened(request, handover_id, "dispute")
    if is_outgoing(view):
        raise AccessDenied
    form.hidden["revision"] = view.row.revision
    sender = authority_name(view.row.other)
    return page(
        request,
        "form",
        f"Låt avsändaren behålla ärendet – {name_of(view)}",
        crumbs=_crumbs(view, "Låt avsändaren behålla"),
        form=form,
        heading=f"Låt {sender} behålla ärendet",
        intro=f"IVO har beslutat att ni är ansvariga. Om ni går med på det kan {sender} ta "
        "tillbaka ärendet ändå. Inget ändras förrän de har gjort det. "
        f"{who_decides(node_of(request), 'handover.agree')}",
        fields=[field_of("textarea", "text", "Med egna ord")],
        submit="Gå med på det",
        is_dangerous=False,
        back=f"/handovers/{handover_id}/dispute",
    )


dispute_handlers: list[HTTPRouteHandler] = [
    show,
    application,
    show_appeal,
    appeal,
    show_release,
    release,
]
