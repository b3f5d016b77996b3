"""The forms of a case: each reads the file, shows what is asked, and carries out one command."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES, form_page, opened
from gateway.pages.delegated import who_decides
from gateway.pages.form import Form, Given, field_of
from gateway.pages.frame import Page, node_of
from gateway.pages.submit import submit
from gateway.policies import cases_policy
from gateway.texts.errors import authority_name
from services.cases import api as cases
from services.protection import api as protection
from services.staff import api as staff
from shared.clock import local_date
from shared.ids import POLICE
from shared.policy import municipalities

Context = Callable[[Page, cases.CaseFile], Awaitable[dict[str, Any]]]


async def _nothing(request: Page, file: cases.CaseFile) -> dict[str, Any]:  # noqa: ARG001 - a Context
    return {}


@dataclass(frozen=True)
class CaseForm:
    """One form of a case.

    Args:
        path: below `/cases/{case_id}/`; further path parameters fill the command's fields.
        roles: who sees it at all.
        then: tab to go to afterwards.
        at: which field an error code belongs to.
        context: what the template needs besides.
        values: what the form says from the start.
    """

    path: str
    title: str
    template: str
    command: type[Any]
    do: Callable[..., Awaitable[Any]]
    roles: tuple[str, ...] = CASE_ROLES
    then: str = "/investigation"
    at: Mapping[str, str] = field(default_factory=dict)
    context: Context = _nothing
    values: Callable[[Page, cases.CaseFile], dict[str, Any]] = lambda _request, _file: {}
    adapt: Callable[[Given], dict[str, Any]] | None = None


def handlers(form: CaseForm) -> list[HTTPRouteHandler]:
    """The form's two routes: show it, carry it out."""
    path = f"/cases/{{case_id:uuid}}/{form.path}"
    access = require(*form.roles)

    async def drawn(request: Page, filled: Form) -> Any:
        case_id = request.path_params["case_id"]
        file = await opened(request, case_id, "form")
        for name, value in form.values(request, file).items():
            filled.values.setdefault(name, value)
        context = await form.context(request, file)
        return form_page(request, form.template, form.title, file, filled, **context)

    @get(path, access=access, name=f"show {form.path}")
    async def show(request: Page) -> Any:
        return await drawn(request, Form(request.url.path))

    @post(path, access=access, name=f"do {form.path}")
    async def carry_out(request: Page) -> Any:
        async def again(filled: Form) -> Any:
            return await drawn(request, filled)

        return await submit(
            request,
            form.command,
            form.do,
            again,
            f"/cases/{request.path_params['case_id']}{form.then}",
            at=form.at,
            fixed=dict(request.path_params),
            adapt=form.adapt,
        )

    return [show, carry_out]


# -- what the templates need besides ---------------------------------------------------------------


async def _residence(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    node = node_of(request)
    return {
        "registered": file.person.registered_municipality,
        "is_registration_protected": file.person.protected_identity == "PROTECTED_REGISTRATION",
        "municipalities": list(municipalities().items()),
        "here": node.authority,
        "ground_text": who_decides(node, "residence.find"),
    }


async def _confirmation(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    found = file.residence
    municipality = authority_name(found.municipality) if found and found.municipality else "–"
    return {
        "heading": "Läs och bekräfta tillhörigheten",
        "rows": [("Kommun", municipality), ("Bygger på", found.facts if found else "–")],
        "consequences": ["Bedömningen blir gällande. Den kan ändras bara genom en ny bedömning."],
        "ground": None,
        "codes": [],
        "code_label": "",
        "text_label": None,
        "text_hint": None,
        "submit": "Jag har läst och bekräftar",
        "is_dangerous": False,
    }


def _kept_from(file: cases.CaseFile, kind: cases.ExclusionKind) -> set[str]:
    """Codes or ids on the case's exclusion list: never among a form's choices."""
    return {value for of, value, _ in file.exclusions if of == kind}


async def _consent(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    node = node_of(request)
    today = local_date(node.clock.now())
    others = [(POLICE, "police", "Polisen")] + [
        (code, "social_services", f"Socialtjänsten i {name}")
        for code, name in municipalities().items()
        if code not in _kept_from(file, "authority")
    ]
    return {
        "parties": [(f"{code}:{function}", text) for code, function, text in others],
        "max_until": today + timedelta(days=cases_policy(node).consent.max_days.value),
        "law": "offentlighets- och sekretesslagen 10 kap. 1 § och 12 kap. 2 §",
    }


def _parties(given: Given) -> dict[str, Any]:
    chosen = given.get("counterparties", [])
    values = [chosen] if isinstance(chosen, str) else chosen
    split = [value.partition(":") for value in values]
    return {
        "counterparties": [
            {"authority": code, "function": function} for code, _, function in split if code
        ]
    }


async def _withdrawal(_request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    return {
        "heading": "Samtycket tas tillbaka",
        "rows": [],
        "consequences": [
            "Delningen upphör genast. Samverkansrummet stängs om inget annat samtycke bär det.",
            "En överlämning som vilar på samtycket begärs tillbaka.",
            "Rätten till stöd enligt socialtjänstlagen påverkas inte.",
        ],
        "ground": None,
        "codes": [],
        "code_label": "",
        "text_label": None,
        "text_hint": None,
        "submit": "Registrera att samtycket tas tillbaka",
        "is_dangerous": True,
    }


async def _need(request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    return {"area": request.path_params["area"]}


def _need_values(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    for need in file.needs:
        if need.area == request.path_params["area"]:
            return {"text": need.text, "running_measure": need.running_measure}
    return {}


async def _note(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    wanted = request.query_params.get("corrects")
    corrected = next((note for note in file.notes if str(note.note_id) == wanted), None)
    return {"corrects": corrected, "back": f"/cases/{file.header.case_id}/journal"}


def _note_values(request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    today = local_date(node_of(request).clock.now())
    return {"happened_on": today.isoformat(), "corrects": request.query_params.get("corrects", "")}


async def _first_meeting(_request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    return {
        "heading": "Det första mötet",
        "intro": "Dagen räknas i väntetiden från kontakt till möte. Vad som sades skriver du i journalen.",
        "fields": [field_of("date", "held_on", "När hölls det?")],
        "submit": "Registrera mötet",
        "is_dangerous": False,
    }


async def _threat(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    node = node_of(request)
    kept_from = _kept_from(file, "unit")
    units = [
        (unit.code, unit.name)
        for unit in protection.police_units(node)
        if unit.code not in kept_from
    ]
    return await _question("threat", request, file) | {"units": units}


async def _placement(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return await _question("placement", request, file)


async def _passing(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return await _question("level_passing", request, file)


async def _question(what: str, request: Page, file: cases.CaseFile) -> dict[str, Any]:
    node = node_of(request)
    today = local_date(node.clock.now())
    police = [
        consent
        for consent in file.consents
        if consent.is_active(today)
        and any(party.function == "police" for party in consent.counterparties)
    ]
    kept_from = _kept_from(file, "authority")
    others = [
        item
        for item in municipalities().items()
        if item[0] != node.authority and item[0] not in kept_from
    ]
    return {
        "what": what,
        "units": [],
        "municipalities": others,
        "consent": "Samtycket omfattar polisen." if police else None,
        "laws": [(key, key) for key in ("osl.10_28", "osl.10_24")],
        "sees": ["Ärendets kodnamn", "Namn och personnummer", "Frågan du ställer"],
    }


async def _colleagues(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    found = await cases.assignable(node_of(request), request.user, file.header.case_id)
    return {"colleagues": [(str(each.staff_id), each.display_name) for each in found]}


async def _exclusions(request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    node = node_of(request)
    colleagues = await staff.colleagues(node, request.user)
    return {
        "choices": [
            *((f"authority:{code}", name) for code, name in municipalities().items()),
            *((f"unit:{each.code}", each.name) for each in protection.police_units(node)),
            *((f"staff:{each.staff_id}", each.display_name) for each in colleagues),
        ]
    }


def _excluded(given: Given) -> dict[str, Any]:
    kind, _, value = str(given.get("value", "")).partition(":")
    return {"kind": kind, "value": value}


async def _ending(_request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    return {
        "heading": "Ta bort en kollegas tillgång",
        "intro": "Kollegan kan genast inte längre läsa eller skriva i ärendet.",
        "fields": [field_of("text", "reason", "Varför?")],
        "submit": "Ta bort tillgången",
        "is_dangerous": True,
    }


async def _application(_request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    return {
        "heading": "Personen ansöker",
        "rows": [],
        "consequences": ["En ansökan ska alltid utredas. Den får vara muntlig."],
        "ground": None,
        "codes": [],
        "code_label": "",
        "text_label": None,
        "text_hint": None,
        "submit": "Registrera ansökan",
        "is_dangerous": False,
    }


FORMS: tuple[CaseForm, ...] = (
    CaseForm(
        "application",
        "Personen ansöker",
        "confirm",
        cases.Apply,
        cases.apply,
        then="",
        context=_application,
    ),
    CaseForm(
        "residence",
        "Bedöm tillhörighet",
        "case/residence",
        cases.RecordResidence,
        cases.record_residence,
        ("case_worker", "team_leader"),
        at={
            "residence.ground_missing": "ground",
            "residence.municipality_missing": "municipality",
            "municipality.unknown": "municipality",
            "residence.not_here": "municipality",
            "residence.not_elsewhere": "municipality",
            "residence.not_registered_there": "ground",
            "residence.protected_registration": "ground",
            "residence.unclear_names_nothing": "finding",
        },
        context=_residence,
    ),
    CaseForm(
        "residence/{finding_id:uuid}/confirmation",
        "Bekräfta tillhörigheten",
        "confirm",
        cases.ConfirmResidence,
        cases.confirm_residence,
        ("case_worker", "team_leader"),
        context=_confirmation,
    ),
    CaseForm(
        "consents/new",
        "Registrera samtycke",
        "case/consent",
        cases.GiveConsent,
        cases.give_consent,
        ("case_worker", "exit_coordinator"),
        at={
            "consent.in_past": "valid_until",
            "consent.too_long": "valid_until",
            "consent.no_counterparty": "counterparties",
            "consent.no_purpose": "purposes",
            "consent.no_kind": "kinds",
        },
        context=_consent,
        adapt=_parties,
    ),
    CaseForm(
        "consents/{consent_id:uuid}/withdrawal",
        "Samtycket tas tillbaka",
        "confirm",
        cases.WithdrawConsent,
        cases.withdraw_consent,
        ("case_worker", "exit_coordinator"),
        context=_withdrawal,
    ),
    CaseForm(
        "needs/{area:str}",
        "Beskriv behov",
        "case/need",
        cases.RecordNeed,
        cases.record_need,
        context=_need,
        values=_need_values,
    ),
    CaseForm(
        "notes/new",
        "Skriv anteckning",
        "case/note",
        cases.WriteNote,
        cases.write_note,
        then="/journal",
        at={
            "note.source_missing": "source",
            "note.in_future": "happened_on",
            "text.missing": "text",
            "text.too_long": "text",
        },
        context=_note,
        values=_note_values,
    ),
    CaseForm(
        "first-meeting",
        "Det första mötet",
        "form",
        cases.RecordFirstMeeting,
        cases.record_first_meeting,
        then="",
        at=dict.fromkeys(
            ("meeting.recorded_already", "meeting.before_contact", "meeting.in_future"), "held_on"
        ),
        context=_first_meeting,
        values=lambda request, _file: {
            "held_on": local_date(node_of(request).clock.now()).isoformat()
        },
    ),
    CaseForm(
        "threat-request",
        "Begär hotbedömning",
        "case/threat_request",
        cases.RequestThreat,
        cases.request_threat,
        ("case_worker", "exit_coordinator"),
        at={"threat.unit_unknown": "unit"},
        context=_threat,
    ),
    CaseForm(
        "placement-question",
        "Fråga om placering",
        "case/threat_request",
        cases.AskPlacement,
        cases.ask_placement,
        ("case_worker", "exit_coordinator"),
        context=_placement,
    ),
    CaseForm(
        "level-passing-question",
        "Fråga om hotnivån får lämnas vidare",
        "case/threat_request",
        cases.AskLevelPassing,
        cases.ask_level_passing,
        ("case_worker", "exit_coordinator"),
        context=_passing,
        adapt=lambda given: {"receiver": given.get("municipality", "")},
    ),
    CaseForm(
        "exclusions/new",
        "Undanta från ärendet",
        "case/exclusion",
        cases.SetExclusion,
        cases.set_exclusion,
        then="/people",
        context=_exclusions,
        adapt=_excluded,
    ),
    CaseForm(
        "members/{staff_id:uuid}/end",
        "Ta bort tillgång",
        "form",
        cases.EndMembership,
        cases.end_membership,
        ("exit_coordinator", "team_leader"),
        then="/people",
        context=_ending,
    ),
)

form_handlers: list[HTTPRouteHandler] = [each for form in FORMS for each in handlers(form)]
