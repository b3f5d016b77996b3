"""What one end tells the other beside the steps: changed facts, corrections, what became of a consent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES
from gateway.pages.form import Form, field_of
from gateway.pages.frame import Page, node_of, page
from gateway.pages.handover_view import is_outgoing, name_of, opened, unanswered_consent
from gateway.pages.submit import submit
from gateway.texts.words import WORDS
from services.cases import api as cases
from services.handover import api as handover
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import ConversationId

WORKERS = require(*CASE_ROLES)
KEEPS = ("aid.right", "file.purge")
"""Provisions that make a municipality keep its own file, whatever became of the consent."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One kind of notice.

    Args:
        is_senders: told by the end that hands over; otherwise by the one that has taken over.
    """

    title: str
    intro: str
    command: type[Any]
    do: Callable[..., Awaitable[None]]
    is_senders: bool = True


TELLINGS: dict[str, Telling] = {
    "changed-facts": Telling(
        "Berätta att något har ändrats",
        "Den andra kommunen ser det innan någon där kan trycka på någon knapp. "
        "Skriv det nya i ärendet först; en ny hotnivå följer med bara om polisen har godkänt det.",
        handover.TellFacts,
        handover.tell_facts,
    ),
    "rectification": Telling(
        "Rätta något som skickades",
        "Den andra kommunen antecknar rättelsen bredvid uppgiften. Inget skrivs över.",
        handover.TellRectified,
        handover.tell_rectified,
    ),
    "supplement": Telling(
        "Skicka ett tillägg",
        "Det som ni skrev innan ni visste att ärendet var övertaget. "
        "Skriv inte adress, telefon eller andra personers namn.",
        handover.TellSupplement,
        handover.tell_supplement,
    ),
    "consent-answer": Telling(
        "Svara om samtycket",
        "Personen har tagit tillbaka ett samtycke som uppgifterna här vilar på. "
        "Raderar ni, försvinner genast underlaget, förslaget, frågor och svar, handlingarna som "
        "kom med och kontaktuppgifterna från den andra kommunens valv, och kan inte återställas. "
        "Det ni själva har skrivit och beslutat är kvar, med det ni kryssar för nedan: "
        "skriv varför det måste behållas.",
        handover.TellConsentHandled,
        handover.tell_consent_handled,
        is_senders=False,
    ),
}


@get("/handovers/{handover_id:uuid}/tell/{what:str}", access=WORKERS)
async def show(request: Page, handover_id: FromPath[UUID], what: FromPath[str]) -> Any:
    """The form of a notice."""
    return await _draw(request, handover_id, what, Form(request.url.path))


@post("/handovers/{handover_id:uuid}/tell/{what:str}", access=WORKERS)
async def tell(request: Page, handover_id: FromPath[UUID], what: FromPath[str]) -> Any:
    """Send it."""
    telling = TELLINGS.get(what)
    if telling is None:
        raise AccessDenied
    fixed: dict[str, Any] = {"handover_id": ConversationId(handover_id)}
    if what == "consent-answer":
        view = await opened(request, handover_id)
        fixed["consent_id"] = unanswered_consent(view)

    async def again(form: Form) -> Any:
        return await _draw(request, handover_id, what, form)

    return await submit(
        request,
        telling.command,
        telling.do,
        again,
        f"/handovers/{handover_id}",
        at={
            "handover.text_missing": "text",
            "handover.text_too_long": "text",
            "handover.nothing_changed": "what",
            "handover.remainder_missing": "remainder",
            "handover.remainder_without_law": "remainder_law",
        },
        fixed=fixed,
    )


async def _draw(request: Page, handover_id: UUID, what: str, form: Form) -> Any:
    telling = TELLINGS.get(what)
    view = await opened(request, handover_id)
    if telling is None or telling.is_senders is not is_outgoing(view):
        raise AccessDenied
    if what == "consent-answer" and unanswered_consent(view) is None:
        raise AccessDenied
    return page(
        request,
        "form",
        f"{telling.title} – {name_of(view)}",
        crumbs=[
            ("Överlämningar", "/handovers"),
            (name_of(view), f"/handovers/{handover_id}"),
            (telling.title, None),
        ],
        form=form,
        heading=telling.title,
        intro=telling.intro,
        fields=_fields(request, what, await _came(request, view, what)),
        submit="Skicka",
        is_dangerous=what == "consent-answer",
        back=f"/handovers/{handover_id}",
    )


def _fields(request: Page, what: str, came: list[tuple[str, str]]) -> list[dict[str, Any]]:
    text = field_of("textarea", "text", "Med egna ord")
    match what:
        case "changed-facts":
            choices = list(WORDS["fact_told"].items())
            return [field_of("checkboxes", "what", "Vad har ändrats?", choices)]
        case "rectification":
            choices = [(kind, WORDS["section"][kind]) for kind in cases.INFORMATION_KINDS]
            return [field_of("select", "section", "Vilken uppgift var fel?", choices), text]
        case "supplement":
            return [text]
        case _:
            return [*_consent_fields(request), *_to_keep(came)]


async def _came(request: Page, view: handover.View, what: str) -> list[tuple[str, str]]:
    """The documents that came with the case and are still here."""
    if what != "consent-answer" or view.row.case_id is None:
        return []
    found = await cases.list_documents(node_of(request), request.user, view.row.case_id)
    return [
        (str(each.document_id), each.title) for each in found if each.came_from == view.row.other
    ]


def _to_keep(came: list[tuple[str, str]]) -> list[dict[str, Any]]:
    if not came:
        return []
    label = "Om ni raderar: vilka handlingar som kom vilar ett eget beslut på?"
    return [field_of("checkboxes", "keep", label, came, hint="De andra raderas.", optional=True)]


def _consent_fields(request: Page) -> list[dict[str, Any]]:
    today = local_date(node_of(request).clock.now())
    laws = [
        (each.id, f"{each.citation}: {each.rule}")
        for each in (request.app.state.law.on(key, today) for key in KEEPS)
    ]
    return [
        field_of(
            "radios",
            "outcome",
            "Vad har ni gjort med uppgifterna?",
            [
                ("locked", "Spärrat: inget mer vilar på samtycket"),
                ("erased", "Raderat det som kom från den andra kommunen"),
            ],
        ),
        field_of("textarea", "remainder", "Vad måste ni behålla?", hint="I allmänna ordalag."),
        field_of("select", "remainder_law", "Enligt vilket lagrum?", laws),
    ]


tell_handlers: list[HTTPRouteHandler] = [show, tell]
