"""Acts of a handover: the first signs, a second person reads back and confirms."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES
from gateway.pages.delegated import who_decides
from gateway.pages.form import FieldErrors, Form, Given, local_moment
from gateway.pages.frame import Page, node_of, page, see
from gateway.pages.handover_view import (
    ACT_TEXT,
    changed,
    decision_text,
    facts,
    is_on_paper,
    name_of,
    opened,
    pending_facts,
)
from gateway.pages.submit import submit
from gateway.texts.errors import field_message
from gateway.texts.words import WORDS
from services.cases import api as cases
from services.handover import api as handover
from services.staff import api as staff
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import ConversationId

SIGNERS = (*CASE_ROLES, "social_director")
ACCESS = require(*SIGNERS)
WORKERS = require(*CASE_ROLES)
FIRST_MEETING_DAYS = 30  # what the form offers; the guard has the policy's own limit

PAYLOADS: dict[str, type[msgspec.Struct]] = {
    "drop": handover.Drop,
    "withdraw": handover.Withdraw,
    "keep": handover.Keep,
    "apply-to-ivo": handover.ApplyToIVO,
    "ruling": handover.RecordRuling,
    "close-after-removal": handover.CloseAfterRemoval,
    "accept": handover.Accept,
    "decline": handover.Decline,
    "return-it": handover.ReturnIt,
    "agree": handover.Agree,
    "take-over": handover.TakeOver,
}
KINDS = {
    "withdraw": "handover.recall",
    "close-after-removal": "handover.recall",
    "apply-to-ivo": "handover.dispute",
    "keep": "handover.keep",
    "ruling": "handover.ruling",
    "accept": "handover.answer",
    "decline": "handover.answer",
    "return-it": "handover.return",
    "agree": "handover.agree",
    "take-over": "handover.take_over",
}
CONSEQUENCES = {
    "drop": ["Utkastet kastas. Inget har skickats och ärendet är kvar hos er."],
    "withdraw": [
        "Mottagaren får er begäran. Deras svar avgör.",
        "Ni ansvarar för ärendet hela tiden.",
    ],
    "keep": ["Ärendet stannar hos er. Mottagaren raderar förslagets personuppgifter."],
    "apply-to-ivo": [
        "Mottagaren får veta att ni har ansökt, och läser er inställning.",
        "Ni ansvarar tills det är avgjort.",
        "Lämna in ansökan till IVO: den finns som PDF på sidan om tvisten.",
    ],
    "ruling": ["Beslutet registreras hos båda när det har vunnit laga kraft."],
    "close-after-removal": ["Ärendet stannar hos er. Mottagaren kan inte längre ta över."],
    "return-it": ["Avsändaren får skälen. Underlaget raderas hos er."],
    "agree": ["Avsändaren skickar underlaget. De ansvarar tills ni har tagit över."],
    "accept": [
        "Avsändaren skickar underlaget, med det som samtycke eller lag tillåter.",
        "Avsändaren ansvarar tills ni har tagit över.",
    ],
    "decline": ["Avsändaren får skälen. De kan behålla ärendet eller ansöka hos IVO."],
    "take-over": [
        "Ni blir ansvariga för ärendet i det ögonblick du bekräftar.",
        "En ny akt öppnas hos er. Pågående insatser listas för nytt beslut.",
        "Avsändarens akt avslutas och kan inte längre ändras.",
    ],
    "paper-received": [
        "Det som står ovan gäller som om kommunen hade svarat genom utbytet.",
        "Det antecknas, undertecknat av er ensamma: beviset är ensidigt.",
    ],
    "propose-on-paper": [
        "Begäran blir ett brev, som ni skriver ut, skriver under och skickar. Inget går av sig självt.",
        "Kommunen har ingen nod: deras svar läses in av två personer hos er.",
        "Ni ansvarar tills de skriftligt har tagit över.",
    ],
    "propose": [
        "Förslaget skickas. Mottagarens funktion för avhoppare ser det, ingen annan.",
        "Ni ansvarar tills mottagaren har tagit över.",
    ],
}
TWO_READ = "Två personer läser varje papper: den som skrev in det, och en som jämför."
DEMANDED: dict[str, frozenset[str]] = {"apply-to-ivo": frozenset({"text", "register_number"})}
"""What an act's form asks for although the protocol can do without."""
HINTS = {
    "applied_on": "Dagen ni lämnar in den. Skriv som 2026-12-01.",
    "register_number": "Det som ansökan har i ert diarium.",
    "decided_on": "Skriv som 2026-12-01. Det kan överklagas i tre veckor från den dagen.",
    "final_on": "Fråga Förvaltningsrätten i Karlstad; IVO meddelar det inte. Skriv som 2026-12-01.",
    "appeal_document": "Bara om beslutet har överklagats: domens målnummer, "
    "eller att överklagandet är återkallat.",
}
AT = {
    "handover.reasons_missing": "text",
    "handover.unknown_code": "code",
    "handover.take_over_in_past": "take_over_on",
    "handover.agreed_day_not_reached": "agreed_on",
    "handover.case_worker_missing": "case_worker",
    "handover.first_meeting_missing": "meeting_on",
    "handover.ruling_document_missing": "document",
    "handover.ruling_date_invalid": "decided_on",
    "handover.ruling_not_final": "final_on",
    "handover.ruling_appealed": "appeal_document",
}


@get("/handovers/{handover_id:uuid}/act/{act:str}", access=ACCESS)
async def show(request: Page, handover_id: FromPath[UUID], act: FromPath[str]) -> Any:
    """The form of an act."""
    return await _draw(request, handover_id, act, Form(request.url.path))


@post("/handovers/{handover_id:uuid}/act/{act:str}", access=ACCESS)
async def sign(request: Page, handover_id: FromPath[UUID], act: FromPath[str]) -> Any:
    """Sign; where the protocol or the delegation order wants a second person, it waits."""

    async def again(form: Form) -> Any:
        return await _draw(request, handover_id, act, form)

    return await submit(
        request,
        handover.Sign,
        handover.sign,
        again,
        f"/handovers/{handover_id}",
        at=AT,
        fixed={"handover_id": ConversationId(handover_id)},
        adapt=lambda given: {"payload": payload(act, given)},
    )


@get("/handovers/{handover_id:uuid}/confirm", access=ACCESS)
async def show_second(request: Page, handover_id: FromPath[UUID]) -> Any:
    """What the first person signed, read back to the second."""
    return await _second(request, handover_id, Form(request.url.path))


@post("/handovers/{handover_id:uuid}/confirm", access=ACCESS)
async def confirm(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Confirm it, or give it back."""
    decision = (await request.form()).get("decision")

    async def again(form: Form) -> Any:
        return await _second(request, handover_id, form)

    async def decide(node: Any, actor: Any, command: handover.Confirm) -> None:
        if decision not in {"confirm", "back"}:
            raise FieldErrors({"decision": "Välj om du bekräftar eller lämnar tillbaka."})
        if decision == "back":
            taken = handover.TakeBack(command.handover_id, command.revision)
            await handover.take_back(node, actor, taken)
        else:
            await handover.confirm(node, actor, command)

    return await submit(
        request,
        handover.Confirm,
        decide,
        again,
        f"/handovers/{handover_id}",
        at={"handover.same_person": "decision"},
        fixed={"handover_id": ConversationId(handover_id)},
    )


@post("/handovers/{handover_id:uuid}/acute-protection", access=WORKERS)
async def ask_bops(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Ask Bops whether they have the acute protection here."""
    await handover.ask_acute_protection(
        node_of(request), request.user, ConversationId(handover_id), cases.draw_code_name()
    )
    return see(f"/handovers/{handover_id}/act/take-over")


def payload(act: str, given: Given) -> dict[str, Any]:
    """What an act's form says, ready to be decoded; every wrong or missing field is named.

    Raises:
        FieldErrors: in Swedish, beside the field.
    """
    kind = PAYLOADS.get(act)
    if kind is None:
        raise AccessDenied
    said = {name: value for name, value in given.items() if value != ""}
    if act == "take-over":
        said["first_meeting_at"] = _meeting(said)
    values: dict[str, Any] = {"type": kind.__struct_config__.tag}
    errors: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        if field.name not in said:
            if field.required or field.name in DEMANDED.get(act, ()):
                errors[field.name] = "Fyll i fältet."
            continue
        try:
            msgspec.convert(said[field.name], field.type, strict=False)
        except msgspec.ValidationError as error:
            errors[field.name] = field_message(str(error))
        values[field.name] = said[field.name]
    if errors:
        raise FieldErrors(errors)
    return values


def _meeting(said: dict[str, Any]) -> str:
    """The first meeting's day and time in Stockholm, as an aware ISO time."""
    try:
        return local_moment(said.get("meeting_on", ""), said.get("meeting_at", ""))
    except ValueError:
        raise FieldErrors(
            {"meeting_on": "Välj dag och skriv klockslaget som 09.30 för första mötet."}
        ) from None


Draw = Callable[[Page, handover.View, str], Awaitable[tuple[str, dict[str, Any]]]]


async def _draw(request: Page, handover_id: UUID, act: str, form: Form) -> Any:
    if act not in PAYLOADS:
        raise AccessDenied
    view = await opened(request, handover_id)
    form.hidden["revision"] = view.row.revision
    draw: Draw = {"accept": _answer, "decline": _answer, "take-over": _take_over}.get(act, _plain)
    template, context = await draw(request, view, act)
    if "agreed_on" in context:
        form.values.setdefault("agreed_on", context["agreed_on"])
    return page(
        request,
        template,
        f"{_title(act)} – {name_of(view)}",
        crumbs=[
            ("Överlämningar", "/handovers"),
            (name_of(view), f"/handovers/{handover_id}"),
            (_title(act), None),
        ],
        form=form,
        back=f"/handovers/{handover_id}",
        **context,
    )


def _title(act: str) -> str:
    return "Registrera IVO:s beslut" if act == "ruling" else ACT_TEXT[act.replace("-", "_")]


async def _answer(request: Page, view: handover.View, act: str) -> tuple[str, dict[str, Any]]:
    node = node_of(request)
    return "handover/answer", {
        "kind": act,
        "sender": view.row.other,
        "rows": facts(view),
        "differences": [],
        "versions": [],
        "earliest": local_date(node.clock.now()),
        "changed": changed(view),
        "ground_text": who_decides(node, "handover.answer"),
        "second": "",
    }


async def _take_over(request: Page, view: handover.View, _act: str) -> tuple[str, dict[str, Any]]:
    node = node_of(request)
    row = view.row
    assert isinstance(row, handover.Incoming)
    today = local_date(node.clock.now())
    agreed = row.take_over_on or today
    colleagues = await staff.colleagues(node, request.user)
    asked = next((each.at for each in view.events if each.code == "acute_protection_asked"), None)
    needs_protection = _wants_acute_protection(view, row)
    checks = [
        {"code": "agreed_day", "is_met": today >= agreed},
        {"code": "dossier", "is_met": view.dossier is not None},
    ]
    if needs_protection:
        checks.append({"code": "acute_protection", "is_met": view.has_acute_protection})
    return "handover/take_over", {
        "sender": row.sender,
        "colleagues": [
            (str(each.staff_id), each.display_name)
            for each in colleagues
            if "case_worker" in each.roles
        ],
        "agreed_on": agreed,
        "latest_meeting": today + timedelta(days=FIRST_MEETING_DAYS),
        "checks": checks,
        "threat_level": "HIGH" if needs_protection else None,
        "acute": {
            "is_needed": needs_protection,
            "is_confirmed": view.has_acute_protection,
            "ask_form": Form(f"/handovers/{row.handover_id}/acute-protection"),
            "asked_at": asked,
        },
        "ground_text": who_decides(node, "handover.take_over"),
        "second": "",
    }


def _wants_acute_protection(view: handover.View, row: handover.Incoming) -> bool:
    """As the guard of the act judges it: an unknown level counts as high."""
    if row.is_threat_high is not None or view.dossier is None:
        return row.is_threat_high is not False
    levels = [each.level for each in view.dossier.sections if isinstance(each, cases.ThreatSection)]
    withheld = any(each.section == "threat_level" for each in view.dossier.withheld)
    return "HIGH" in levels if levels else withheld


async def _plain(request: Page, _view: handover.View, act: str) -> tuple[str, dict[str, Any]]:
    kind = KINDS.get(act)
    ground = who_decides(node_of(request), kind) if kind else None
    return "form", {
        "heading": _title(act),
        "intro": " ".join([*CONSEQUENCES[act], ground or ""]).strip(),
        "fields": [_field(act, field.name) for field in msgspec.structs.fields(PAYLOADS[act])],
        "submit": _title(act),
        "is_dangerous": act in {"drop", "withdraw", "return-it"},
    }


def _field(act: str, name: str) -> dict[str, Any]:
    label_of_text = "Er inställning" if act == "apply-to-ivo" else "Med egna ord"
    labels = {
        "text": ("textarea", label_of_text, None),
        "code": ("radios", "Varför?", list(WORDS["return_code"].items())),
        "applied_on": ("date", "Ansökan skickad", None),
        "take_over_on": ("date", "När kan ni ta över?", None),
        "decided_on": ("date", "Beslutets dag", None),
        "final_on": ("date", "Den dag beslutet vann laga kraft", None),
        "document": ("text", "Beslutets diarienummer i akten", None),
        "register_number": ("text", "Ert diarienummer", None),
        "appeal_document": ("text", "Vad som avslutade överklagandet", None),
        "responsible": (
            "radios",
            "Vem är ansvarig enligt beslutet?",
            [("sender", "Den som lämnar över"), ("receiver", "Den som skulle ta emot")],
        ),
    }
    kind, label, choices = labels[name]
    return {
        "kind": kind,
        "name": name,
        "label": label,
        "hint": HINTS.get(name),
        "choices": choices,
        "optional": name in {"text", "appeal_document"} - DEMANDED.get(act, frozenset()),
    }


async def _second(request: Page, handover_id: UUID, form: Form) -> Any:
    view = await opened(request, handover_id, "confirm")
    if view.pending is None:
        raise AccessDenied
    node = node_of(request)
    names = {str(each.staff_id): each.display_name for each in await _names(request)}
    act = str(view.pending.act).replace("_", "-")
    act = "ruling" if act.startswith("record-ruling") else act
    form.hidden["revision"] = view.row.revision
    kind = KINDS.get(act, "handover.propose")
    rows = pending_facts(view, names)
    paper = (
        view.pending.payload if isinstance(view.pending.payload, handover.PaperReceived) else None
    )
    on_paper = act == "propose" and is_on_paper(view)
    return page(
        request,
        "handover/second",
        f"Bekräfta – {name_of(view)}",
        crumbs=[
            ("Överlämningar", "/handovers"),
            (name_of(view), f"/handovers/{handover_id}"),
            ("Bekräfta", None),
        ],
        form=form,
        heading=f"Bekräfta: {decision_text(str(view.pending.act)).lower()}",
        first=names.get(str(view.pending.first), "En kollega"),
        is_same_person=view.pending.first == request.user.staff_id,
        rows=rows if paper else [*rows, *facts(view)],
        paper_href=f"/cases/{view.row.case_id}/documents/{paper.document_id}/file"
        if paper
        else None,
        consequences=CONSEQUENCES["propose-on-paper" if on_paper else act],
        checks=[],
        ground_text=TWO_READ if paper else who_decides(node, kind),
        confirm_text="Jag har läst och bekräftar",
        back=f"/handovers/{handover_id}",
    )


async def _names(request: Page) -> list[Any]:
    return list(await staff.colleagues(node_of(request), request.user))


act_handlers: list[HTTPRouteHandler] = [
    show,
    sign,
    show_second,
    confirm,
    ask_bops,
]
