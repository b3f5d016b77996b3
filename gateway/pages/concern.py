"""A reported concern: its form, its route step by step, the assessment and the decision."""

from collections.abc import Sequence
from typing import Any, cast, get_args
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES
from gateway.pages.delegated import who_decides
from gateway.pages.form import Form, field_of
from gateway.pages.frame import Page, node_of, page
from gateway.pages.submit import submit
from gateway.texts.words import WORDS, word
from services.cases import api as cases
from services.intake import api as intake
from services.intake.api import Concern, Planned, StepName
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import CaseId
from shared.policy import municipalities

ACCESS = require(*CASE_ROLES)
LEADERS = require("team_leader")
REPORT_FIELDS = {
    "person.number_invalid": "personal_number",
    "person.born_in_future": "personal_number",
    "person.number_too_old": "personal_number",
    "person.name_missing": "given_name",
    "municipality.unknown": "registered_municipality",
    "concern.reporter_missing": "reporter_name",
    "concern.observed_missing": "observed",
}
STEP_FIELDS = {
    "concern.ground_missing": "ground",
    "concern.ground_not_allowed": "ground",
    "concern.text_missing": "text",
}
REASONS = {"concern.reasons_missing": "reasons", "concern.adult_must_agree": "person_agrees"}


@get("/cases/report", access=ACCESS)
async def new_report(request: Page) -> Any:
    """The empty form."""
    values = {"protected_identity": "EXIT_THREAT"}
    return _report(request, Form("/cases/report", values=values))


@post("/cases/report", access=ACCESS)
async def report(request: Page) -> Any:
    """A case in preliminary assessment."""

    async def again(form: Form) -> Any:
        return _report(request, form)

    return await submit(
        request,
        intake.ReportConcern,
        intake.report_concern,
        again,
        lambda case_id: f"/cases/{case_id}/concern",
        at=REPORT_FIELDS,
    )


@get("/cases/{case_id:uuid}/concern", access=ACCESS)
async def show(request: Page, case_id: FromPath[UUID]) -> Any:
    """What was reported, and where its route stands."""
    concern = await _read(request, case_id)
    base = _base(case_id)
    is_settled = all(each.status not in {"next", "later"} for each in concern.route)
    is_open = concern.is_preliminary
    may_decide = is_open and cases.may(request.user, "decide_opening")
    return page(
        request,
        "concern",
        f"Anmälan – {concern.code_name}",
        crumbs=_crumbs(concern, "Anmälan"),
        concern=concern,
        base=base,
        is_open=is_open,
        is_settled=is_settled,
        may_assess=is_open and is_settled and concern.may_assess and concern.assessment is None,
        may_decide=may_decide and concern.assessment is not None,
        decided_by=who_decides(node_of(request), "investigation.open"),
    )


@get("/cases/{case_id:uuid}/concern/steps/{step:str}", access=ACCESS)
async def show_step(request: Page, case_id: FromPath[UUID], step: FromPath[str]) -> Any:
    """The form of one step."""
    return await _step(request, case_id, step, Form(request.url.path))


@post("/cases/{case_id:uuid}/concern/steps/{step:str}", access=ACCESS)
async def settle(request: Page, case_id: FromPath[UUID], step: FromPath[str]) -> Any:
    """The step is taken, or left with a reason."""

    async def again(form: Form) -> Any:
        return await _step(request, case_id, step, form)

    return await submit(
        request,
        intake.SettleStep,
        intake.settle_step,
        again,
        _base(case_id),
        at=STEP_FIELDS,
        fixed={"case_id": CaseId(case_id), "step": _known(step)},
    )


@get("/cases/{case_id:uuid}/concern/assessment", access=ACCESS)
async def show_assessment(request: Page, case_id: FromPath[UUID]) -> Any:
    """The form of the assessment."""
    return await _assessment(request, case_id, Form(request.url.path))


@post("/cases/{case_id:uuid}/concern/assessment", access=ACCESS)
async def assess(request: Page, case_id: FromPath[UUID]) -> Any:
    """Somebody with the competence has judged."""

    async def again(form: Form) -> Any:
        return await _assessment(request, case_id, form)

    return await submit(
        request,
        intake.AssessConcern,
        intake.assess_concern,
        again,
        _base(case_id),
        at=REASONS,
        fixed={"case_id": CaseId(case_id)},
    )


@get("/cases/{case_id:uuid}/concern/decision", access=LEADERS)
async def show_decision(request: Page, case_id: FromPath[UUID]) -> Any:
    """The form of the decision."""
    return await _decision(request, case_id, Form(request.url.path))


@post("/cases/{case_id:uuid}/concern/decision", access=LEADERS)
async def decide(request: Page, case_id: FromPath[UUID]) -> Any:
    """An investigation is opened, or is not."""

    async def again(form: Form) -> Any:
        return await _decision(request, case_id, form)

    return await submit(
        request,
        intake.DecideConcern,
        intake.decide_concern,
        again,
        f"/cases/{case_id}",
        at=REASONS,
        fixed={"case_id": CaseId(case_id)},
    )


async def _read(request: Page, case_id: UUID) -> Concern:
    return await intake.read_concern(node_of(request), request.user, CaseId(case_id))


def _base(case_id: UUID) -> str:
    return f"/cases/{case_id}/concern"


def _crumbs(concern: Concern, last: str) -> list[tuple[str, str | None]]:
    case = f"/cases/{concern.case_id}"
    crumbs: list[tuple[str, str | None]] = [("Ärenden", "/cases"), (concern.code_name, case)]
    if last != "Anmälan":
        crumbs.append(("Anmälan", _base(concern.case_id)))
    return [*crumbs, (last, None)]


def _known(step: str) -> StepName:
    if step not in get_args(StepName):
        raise AccessDenied
    return cast("StepName", step)


def _options(group: str) -> list[tuple[str, str]]:
    return list(WORDS[group].items())


def _report(request: Page, form: Form) -> Any:
    return _form(
        request,
        form,
        "Registrera anmälan",
        "Någon annan hör av sig om en person som kan behöva hjälp att lämna. Ärendet får ett "
        "kodnamn, och kommunens oroskedja visar steg för steg vem som får veta vad.",
        [
            field_of("radios", "kind", "Vad gäller oron?", choices=_options("concern_kind")),
            field_of("radios", "reporter", "Vem anmäler?", choices=_options("reporter")),
            field_of(
                "text",
                "reporter_name",
                "Vilken skola, enhet eller verksamhet?",
                hint="Funktionen räcker, till exempel Rektor vid Provskolan.",
            ),
            field_of("radios", "channel", "Hur kom anmälan?", choices=_options("channel")),
            field_of("text", "given_name", "Förnamn"),
            field_of("text", "family_name", "Efternamn"),
            field_of(
                "text",
                "personal_number",
                "Personnummer eller samordningsnummer",
                hint="Skriv som ÅÅÅÅMMDD-NNNN. Lämna tomt om det inte är känt; då gäller stegen för "
                "den som är under 18 år, och personen måste själv vilja för att utredas.",
                optional=True,
            ),
            field_of(
                "select",
                "registered_municipality",
                "Folkbokförd i",
                choices=list(municipalities().items()),
                optional=True,
            ),
            field_of(
                "radios",
                "protected_identity",
                "Skydd för personuppgifter",
                choices=_options("protected_identity"),
            ),
            field_of(
                "textarea",
                "observed",
                "Vad har setts eller hörts?",
                hint="Skriv vad som hänt, när, och vem som sett det. Skilj på det och vad någon tror.",
            ),
        ],
        "Spara anmälan",
        [("Ärenden", "/cases"), ("Registrera anmälan", None)],
        "/cases",
    )


async def _step(request: Page, case_id: UUID, step: str, form: Form) -> Any:
    concern = await _read(request, case_id)
    planned = _planned(concern, step)
    form.hidden.setdefault("term", concern.term)
    form.values.setdefault("outcome", "taken")
    grounds = [(each, _ground(request, each)) for each in planned.step.grounds]
    if len(grounds) == 1:
        form.values.setdefault("ground", grounds[0][0])
    fields = [
        field_of(
            "radios",
            "outcome",
            "Tas steget?",
            choices=[("taken", "Ja"), ("left", "Nej, med skäl")],
        ),
        field_of("radios", "ground", "På vilken grund?", choices=grounds, optional=True),
    ]
    if step != "safety_check":
        fields.append(
            field_of(
                "text",
                "told",
                "Vilken funktion fick veta?",
                hint="Skriv funktionen, inte någons namn.",
                optional=True,
            )
        )
    fields.append(
        field_of("textarea", "text", "Vad gjordes och sades?", hint="Eller varför steget inte tas.")
    )
    return _form(
        request,
        form,
        word(step, "concern_step"),
        f"Steget står i {planned.step.document}, {planned.step.section}. Det som skrivs här "
        "stannar i ärendet; steget går inte att ändra efteråt.",
        fields,
        "Spara steget",
        _crumbs(concern, word(step, "concern_step")),
        _base(case_id),
    )


def _planned(concern: Concern, step: str) -> Planned:
    """The step on this concern's route; one that is not there, or not to be taken, is no page."""
    for each in concern.route:
        if each.step.name == step and each.status != "not_for_adults":
            return each
    raise AccessDenied


def _ground(request: Page, ground: str) -> str:
    """A ground with its provision as the law stands today."""
    text = word(ground, "concern_ground")
    if ground == "own_task":
        return text
    today = local_date(node_of(request).clock.now())
    law = request.app.state.law.on(ground, today)
    return f"{text} ({law.act} {law.provision})"


async def _assessment(request: Page, case_id: UUID, form: Form) -> Any:
    concern = await _read(request, case_id)
    form.hidden.setdefault("term", concern.term)
    return _form(
        request,
        form,
        "Bedöm anmälan",
        f"Bedömningen kräver kompetensen {word(concern.competence, 'competence')}.",
        [
            field_of("radios", "opinion", "Din bedömning", choices=_options("concern_opinion")),
            field_of(
                "textarea", "reasons", "Skäl", hint="Skilj på vad som setts och vad du bedömer."
            ),
        ],
        "Spara bedömningen",
        _crumbs(concern, "Bedöm anmälan"),
        _base(case_id),
    )


async def _decision(request: Page, case_id: UUID, form: Form) -> Any:
    concern = await _read(request, case_id)
    form.hidden.setdefault("term", concern.term)
    fields = [
        field_of("radios", "outcome", "Beslut", choices=_options("concern_opinion")),
        field_of("textarea", "reasons", "Skäl för beslutet"),
    ]
    if concern.must_agree:
        why = (
            "Den som är myndig utreds inte mot sin vilja."
            if concern.is_adult
            else "Åldern är inte känd. Den som kan vara myndig utreds inte mot sin vilja."
        )
        fields.insert(
            1,
            field_of(
                "tick",
                "person_agrees",
                "Personen vill själv",
                hint=why,
            ),
        )
    assessed = word(concern.assessment.opinion, "concern_opinion") if concern.assessment else "–"
    return _form(
        request,
        form,
        "Besluta om anmälan",
        f"Bedömningen: {assessed}. {who_decides(node_of(request), 'investigation.open') or ''}",
        fields,
        "Fatta beslutet",
        _crumbs(concern, "Besluta om anmälan"),
        _base(case_id),
    )


def _form(
    request: Page,
    form: Form,
    heading: str,
    intro: str,
    fields: Sequence[dict[str, Any]],
    submit_text: str,
    crumbs: Sequence[tuple[str, str | None]],
    back: str,
) -> Any:
    return page(
        request,
        "form",
        heading,
        crumbs=crumbs,
        form=form,
        heading=heading,
        intro=intro,
        fields=fields,
        submit=submit_text,
        is_dangerous=False,
        back=back,
    )


concern_handlers: list[HTTPRouteHandler] = [
    new_report,
    report,
    show,
    show_step,
    settle,
    show_assessment,
    assess,
    show_decision,
    decide,
]
