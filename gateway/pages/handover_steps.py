"""The six steps of a proposal: ground, legal ground, what travels, differences, read, approve."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES
from gateway.pages.delegated import who_decides
from gateway.pages.form import FieldErrors, Form, Given, posted
from gateway.pages.frame import Page, node_of, page, see
from gateway.pages.handover_both import both_versions
from gateway.pages.handover_view import draft_facts, opened
from gateway.policies import SECTIONS
from gateway.texts.days import day
from gateway.texts.errors import authority_name, field_message, sentence
from gateway.texts.words import word
from services.cases import api as cases
from services.directory import api as directory
from services.handover import api as handover
from shared.clock import local_date
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import AuthorityCode, CaseId, ConversationId
from shared.policy import LawBook, municipalities

ACCESS = require(*CASE_ROLES)
STEPS = (
    "Grund",
    "Rättslig grund",
    "Vad som skickas",
    "Skillnader",
    "Läs igenom",
    "Kollegan godkänner",
)
_ALREADY = frozenset({"handover.already_open", "handover.draft_exists"})
"""Refusals of a new draft that are no lost race: said beside the field."""
GROUNDS_IN_LAW = ("secrecy.statutory_duty", "secrecy.necessary")
"""References that a proposal may rest on where the person does not consent."""


@get("/cases/{case_id:uuid}/handovers/new", access=ACCESS)
async def choose(request: Page, case_id: FromPath[UUID]) -> Any:
    """To which municipality? The finding proposes it. A draft that is begun is gone on with."""
    rows = await handover.drafts_of_case(node_of(request), request.user, CaseId(case_id))
    begun = next((row for row in rows if row.state.value == "draft"), None)
    if begun is not None:
        return see(f"/handovers/{begun.handover_id}/step/1")
    return await _choose(request, case_id, Form(request.url.path))


@post("/cases/{case_id:uuid}/handovers/new", access=ACCESS)
async def begin(request: Page, case_id: FromPath[UUID]) -> Any:
    """Begin a draft; it blocks nothing until it is sent."""
    given = await posted(request)
    form = Form(request.url.path, values=dict(given))
    try:
        handover_id = await handover.start_draft(
            node_of(request),
            request.user,
            handover.StartDraft(
                CaseId(case_id),
                _integer(given, "term"),
                AuthorityCode(str(given.get("receiver", ""))),
            ),
        )
    except DomainError as error:
        if isinstance(error, Conflict) and error.code not in _ALREADY:
            raise
        form.errors = {"receiver": sentence(error.code, error.facts)}
        shown = await _choose(request, case_id, form)
        shown.status_code = error.status
        return shown
    return see(f"/handovers/{handover_id}/step/1")


async def _choose(request: Page, case_id: UUID, form: Form) -> Any:
    node = node_of(request)
    file = await cases.read_case(node, request.user, CaseId(case_id), "handover")
    excluded = {value for kind, value, _ in file.exclusions if kind == "authority"}
    found = file.residence.municipality if file.residence else None
    form.values.setdefault("receiver", found or "")
    form.hidden["term"] = file.header.term
    choices = [
        (code, name)
        for code, name in municipalities().items()
        if code != node.authority and code not in excluded
    ]
    field = {
        "kind": "select",
        "name": "receiver",
        "label": "Till vilken kommun?",
        "hint": "Den kommun som tillhörighetsbedömningen pekar på är vald.",
        "choices": choices,
        "optional": False,
    }
    return page(
        request,
        "form",
        f"Föreslå överlämning – {file.header.code_name}",
        crumbs=[
            ("Ärenden", "/cases"),
            (file.header.code_name, f"/cases/{case_id}"),
            ("Föreslå överlämning", None),
        ],
        form=form,
        heading="Föreslå överlämning",
        intro="Ärendet är ert tills mottagaren har tagit över. Inget skickas ännu.",
        fields=[field],
        submit="Fortsätt",
        is_dangerous=False,
        back=f"/cases/{case_id}",
    )


@get("/handovers/{handover_id:uuid}/step/{number:int}", access=ACCESS)
async def show_step(request: Page, handover_id: FromPath[UUID], number: FromPath[int]) -> Any:
    """One of the six."""
    return await _step(request, handover_id, number, Form(request.url.path))


@post("/handovers/{handover_id:uuid}/step/{number:int}", access=ACCESS)
async def save_step(request: Page, handover_id: FromPath[UUID], number: FromPath[int]) -> Any:
    """Save what the step asks, and go on."""
    given = await posted(request)
    form = Form(request.url.path, values=dict(given))
    try:
        if number in _FILLS:
            await _save(request, handover_id, given, _FILLS[number])
        elif number == 5:
            await handover.sign(
                node_of(request),
                request.user,
                handover.Sign(
                    ConversationId(handover_id), _integer(given, "revision"), handover.Propose()
                ),
            )
            return see(f"/handovers/{handover_id}")
    except FieldErrors as error:
        form.errors = error.errors
    except Conflict as error:
        view = await opened(request, handover_id, "draft")
        if number not in _FILLS or error.code != "handover.changed_meanwhile" or not view.draft:
            raise
        return both_versions(request, error, view, given, _FILLS[number](view.draft, given))
    except DomainError as error:
        form.errors = {_AT.get(error.code, ""): sentence(error.code, error.facts)}
    else:
        return see(f"/handovers/{handover_id}/step/{number + 1}")
    shown = await _step(request, handover_id, number, form)
    shown.status_code = 422
    return shown


async def _save(
    request: Page,
    handover_id: UUID,
    given: Given,
    fill: Callable[[handover.Draft, Given], dict[str, Any]],
) -> None:
    view = await opened(request, handover_id, "draft")
    if view.draft is None:
        raise AccessDenied
    values = msgspec.to_builtins(view.draft) | fill(view.draft, given)
    try:
        draft = msgspec.convert(values, handover.Draft, strict=False)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("$.")[2].rstrip("`")
        raise FieldErrors({name: field_message(str(error))}) from None
    await handover.update_draft(
        node_of(request),
        request.user,
        handover.UpdateDraft(ConversationId(handover_id), _integer(given, "revision"), draft),
    )


def _ground(_draft: handover.Draft, given: Given) -> dict[str, Any]:
    """Step 1."""
    texts = (
        "connection",
        "duration",
        "circumstances",
        "wish",
        "wish_overridden_because",
        "need",
        "urgency",
    )
    chosen = {name: given[name] for name in texts if name in given}
    return {**chosen, "wish_is_followed": given.get("wish_is_followed") != "no"}


def _legal(draft: handover.Draft, given: Given) -> dict[str, Any]:
    """Step 2."""
    ground = given.get("ground") or None
    consent_id = given.get("consent_id") or None
    values: dict[str, Any] = {
        "ground": ground,
        "consent_id": consent_id if ground == "consent" else None,
        "statute": (given.get("law") or None) if ground == "statute" else None,
    }
    kinds = given.get("kinds")
    if kinds:
        values["kinds"] = [kinds] if isinstance(kinds, str) else kinds
    else:
        values["kinds"] = sorted(draft.kinds)
    return values


def _day(_draft: handover.Draft, given: Given) -> dict[str, Any]:
    """Step 4."""
    chosen = {"register_number": given["register_number"]} if "register_number" in given else {}
    return {"answer_on": given.get("answer_on") or None, **chosen}


_FILLS: dict[int, Callable[[handover.Draft, Given], dict[str, Any]]] = {
    1: _ground,
    2: _legal,
    4: _day,
}
_AT = {
    "handover.no_legal_ground": "ground",
    "handover.wish_missing": "wish",
    "handover.answer_too_soon": "answer_on",
    "handover.register_number_missing": "register_number",
}


async def _step(request: Page, handover_id: UUID, number: int, form: Form) -> Any:
    if not 1 <= number <= 5:
        raise AccessDenied
    node = node_of(request)
    seen = await handover.preview(node, request.user, ConversationId(handover_id), SECTIONS)
    view = await opened(request, handover_id, "draft")
    draft = seen.draft
    base = f"/handovers/{handover_id}"
    form.hidden["revision"] = seen.row.revision
    for name, value in _values(draft).items():
        form.values.setdefault(name, value)
    file = await cases.read_case(node, request.user, seen.row.case_id, "handover")
    common = {
        "code_name": view.code_name,
        "to": seen.row.receiver,
        "steps": _stepper(base, number),
        "form": form,
        "back": f"{base}/step/{number - 1}" if number > 1 else base,
    }
    context: dict[str, Any]
    match number:
        case 1:
            context = _step1(file, seen)
        case 2:
            context = _step2(request, file, seen)
        case 3:
            context = {"preview": preview_words(seen), "proposal": draft_facts(draft)}
        case 4:
            context = _step4(request, seen)
        case _:
            context = _step5(request, seen)
    return page(
        request,
        f"handover/step{number}",
        f"{STEPS[number - 1]} – {view.code_name}",
        crumbs=[
            ("Överlämningar", "/handovers"),
            (view.code_name or "", base),
            (STEPS[number - 1], None),
        ],
        **(common | context),
    )


def _step1(file: cases.CaseFile, seen: handover.Preview) -> dict[str, Any]:
    found = file.residence
    text = "Tillhörigheten är inte utredd."
    if found is not None:
        where = authority_name(found.municipality) if found.municipality else ""
        text = f"{word(found.finding, 'finding')}. {where}, {word(found.ground, 'ground')}."
    receiver = seen.row.receiver
    return {
        "residence": {"text": text, "facts": found.facts if found else ""},
        "receivers": [(receiver, authority_name(receiver))],
    }


def _step2(request: Page, file: cases.CaseFile, seen: handover.Preview) -> dict[str, Any]:
    today = local_date(node_of(request).clock.now())
    party = cases.Counterparty(seen.row.receiver, "social_services")
    consents = [
        (
            str(each.consent_id),
            f"Samtycke till {day(each.valid_until)}",
            ", ".join(word(kind, "section") for kind in each.kinds),
        )
        for each in file.consents
        if each.covers(party, "handover", today)
    ]
    book: LawBook = request.app.state.law
    laws = [
        (each.id, each.citation, each.rule)
        for each in (book.on(reference, today) for reference in GROUNDS_IN_LAW)
    ]
    return {
        "consents": consents,
        "laws": laws,
        "consent_href": f"/cases/{file.header.case_id}/consents/new",
    }


def _step4(request: Page, seen: handover.Preview) -> dict[str, Any]:
    node = node_of(request)
    today = local_date(node.clock.now())
    ours = node.policies.on(today)
    versions = [(authority_name(ours.authority), ours.valid_from, ours.sha256)]
    published = directory.published_policies(node, seen.row.receiver)
    theirs = published.on(today) if published.policies else None
    if theirs is not None:
        versions.append((authority_name(theirs.authority), theirs.valid_from, theirs.sha256))
    return {
        "differences": seen.differences,
        "versions": versions,
        "earliest": handover.earliest_answer(today, handover.MIN_ANSWER_DAYS),
        "is_assumed": theirs is None,
        "is_on_paper": seen.row.is_on_paper,
    }


def _step5(request: Page, seen: handover.Preview) -> dict[str, Any]:
    node = node_of(request)
    return {
        "rows": draft_facts(seen.draft),
        "preview": preview_words(seen),
        "ground_text": who_decides(node, "handover.propose"),
        "colleagues": "En kollega",
        "blocked": [
            {"text": "", "reason": sentence(each.code, each.facts)} for each in seen.refusals
        ],
    }


def preview_words(seen: handover.Preview) -> dict[str, Any]:
    """What travels, what becomes something else, what is withheld and why, and what to mind."""
    return {
        "copied": [word(section.__struct_config__.tag, "section") for section in seen.copied]
        + [f"Handling: {document.title}" for document in seen.documents],
        # The dossier carries the needs' own texts; only the proposal speaks of them in general.
        "mapped": [{"text": "Behoven", "how": word("general_words", "adapted_reason")}]
        if seen.mapped
        else [],
        "withheld": seen.withheld,
        "withheld_documents": seen.withheld_documents,
        "warnings": [word(each, "warning") for each in seen.warnings],
    }


def _values(draft: handover.Draft) -> dict[str, Any]:
    values = {
        name: value
        for name, value in msgspec.to_builtins(draft).items()
        if value is not None and not isinstance(value, bool)
    }
    values["wish_is_followed"] = "yes" if draft.wish_is_followed else "no"
    values["law"] = draft.statute or ""
    return values


def _stepper(base: str, number: int) -> list[dict[str, Any]]:
    return [
        {
            "text": text,
            "href": f"{base}/step/{place}" if place < 6 else None,
            "state": "done" if place < number else "current" if place == number else "todo",
        }
        for place, text in enumerate(STEPS, 1)
    ]


def _integer(given: Given, name: str) -> int:
    value = given.get(name)
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise AccessDenied
    return int(value)


step_handlers: list[HTTPRouteHandler] = [choose, begin, show_step, save_step]
