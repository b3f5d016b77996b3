"""The joint entry assessment: what is missing, the criteria, who has signed, what was decided."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.entry_letter import entry_pdf
from gateway.pages.case_forms import CaseForm, handlers
from gateway.pages.case_view import CASE_ROLES, form_page, opened, show_tab
from gateway.pages.delegated import who_decides
from gateway.pages.form import FieldErrors, Form, Given
from gateway.pages.frame import Page, node_of
from gateway.pages.submit import submit
from gateway.texts.words import word
from services.cases import api as cases
from shared.ids import CaseId

ACCESS = require(*CASE_ROLES)
ANSWERING = ("case_worker", "exit_coordinator")
_TRACK_PAGES = {
    "residence": "#residence",
    "threat": "#threat",
    "consent": "#consent",
    "needs": "#needs",
}


@get("/cases/{case_id:uuid}/entry", access=ACCESS)
async def entry(request: Page, case_id: FromPath[UUID]) -> Any:
    """Where the entry stands, and what this person can do about it."""
    file = await opened(request, case_id)
    view = await cases.read_entry(node_of(request), request.user, CaseId(case_id))
    return show_tab(
        request,
        file,
        "entry",
        view=view,
        steps=_steps(request, view),
        missing=[
            (word(track, "track"), f"/cases/{case_id}/investigation{_TRACK_PAGES[track]}")
            for track in view.missing
        ],
        signing=_signing(view),
        letter=f"/cases/{case_id}/entry/letter" if view.decision else None,
    )


def _signing(view: cases.EntryView) -> list[dict[str, Any]]:
    """Each party that must sign, and who has."""
    signed = {each.party: each for each in view.signatures}
    return [
        {
            "party": word(party, "entry_party"),
            "name": view.names.get(signed[party].signed_by, "") if party in signed else None,
            "at": signed[party].signed_at if party in signed else None,
            "disagrees": party == "police" and view.police_word == "NOT_AGREED",
        }
        for party in view.wanted
    ]


def _steps(request: Page, view: cases.EntryView) -> list[dict[str, str]]:
    """What this person can do now; the first is the main one."""
    base = f"/cases/{view.header.case_id}/entry"
    actor, state = request.user, view.header.state
    now = view.assessment
    signed = {each.party for each in view.signatures}
    is_signed = set(view.wanted) <= signed and bool(view.wanted)
    verdict = now.outcome.verdict if now is not None else None
    at = f"{base}/{now.entry_id}" if now is not None else base
    stands = state == "ENTRY_ASSESSMENT" and now is not None and now.is_current
    offered: tuple[tuple[bool, cases.Action, str, str], ...] = (
        (
            state == "INVESTIGATION" and not view.missing,
            "ready",
            f"{base}/ready",
            "Börja bedömningen",
        ),
        (stands and is_signed and verdict == "MET", "admit", f"{at}/admission", "Anta personen"),
        (
            stands and is_signed and verdict == "NOT_MET",
            "refuse_entry",
            f"{at}/refusal",
            "Neka inträde",
        ),
        (
            stands and "municipality" in view.wanted and "municipality" not in signed,
            "admit",  # the coordinator, whom the delegation order names
            f"{at}/signature",
            "Läs och skriv under",
        ),
        (
            stands and "second" in view.wanted and "municipality" in signed - {"second"},
            "confirm_residence",  # never the coordinator, who signed first
            f"{at}/second-signature",
            "Bekräfta som andra person",
        ),
        (
            state == "ENTRY_ASSESSMENT",
            "assess_entry",
            f"{base}/answers",
            "Ändra svaren" if now is not None else "Svara på kriterierna",
        ),
    )
    return [
        {"text": text, "href": href}
        for applies, action, href, text in offered
        if applies and cases.may(actor, action)
    ]


# -- the answers -----------------------------------------------------------------------------------


@get("/cases/{case_id:uuid}/entry/answers", access=require(*ANSWERING))
async def show_answers(request: Page, case_id: FromPath[UUID]) -> Any:
    """The form: what the person leaves, and each criterion of the policy."""
    return await _answers(request, case_id, Form(request.url.path))


@post("/cases/{case_id:uuid}/entry/answers", access=require(*ANSWERING))
async def save_answers(request: Page, case_id: FromPath[UUID]) -> Any:
    """Keep the answers; whoever had signed others signs anew."""

    async def again(form: Form) -> Any:
        return await _answers(request, case_id, form)

    return await submit(
        request,
        cases.AssessEntry,
        cases.assess_entry,
        again,
        f"/cases/{case_id}/entry",
        at={
            "entry.answer_missing": "answer-{criterion}",
            "entry.reasons_missing": "reasons-{criterion}",
            "entry.against_facts": "answer-{criterion}",
        },
        fixed={"case_id": case_id},
        adapt=_adapt,
    )


def _adapt(given: Given) -> dict[str, Any]:
    """Every answer with its reasons; what is missing is said of all of them at once."""
    asked = _each(given.get("asked", []))
    judged = set(_each(given.get("judged", [])))
    errors = {} if given.get("group") else {"group": "Välj vad personen lämnar."}
    for code in asked:
        if not given.get(f"answer-{code}"):
            errors[f"answer-{code}"] = "Välj ett svar."
        elif code in judged and not given.get(f"reasons-{code}"):
            errors[f"reasons-{code}"] = "Skriv skälen."
    if errors:
        raise FieldErrors(errors)
    return {
        "answers": [
            {
                "criterion": code,
                "answer": given[f"answer-{code}"],
                "reasons": given.get(f"reasons-{code}", ""),
            }
            for code in asked
        ]
    }


def _each(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


async def _answers(request: Page, case_id: UUID, form: Form) -> Any:
    file = await opened(request, case_id, "form")
    view = await cases.read_entry(node_of(request), request.user, CaseId(case_id))
    if view.assessment is not None:
        form.values.setdefault("group", view.assessment.group)
    for row in view.criteria:
        form.values.setdefault(f"answer-{row.code}", row.answer or "")
        form.values.setdefault(f"reasons-{row.code}", row.reasons)
        if len(row.possible) == 1 and row.code != "target_group":
            form.hidden[f"answer-{row.code}"] = row.possible[0]
    form.hidden["asked"] = [row.code for row in view.criteria]
    form.hidden["judged"] = [row.code for row in view.criteria if _is_judged(row)]
    return form_page(
        request,
        "case/entry_answers",
        "Gemensam bedömning",
        file,
        form,
        view=view,
        judged={row.code for row in view.criteria if _is_judged(row)},
        back=f"/cases/{case_id}/entry",
    )


def _is_judged(row: cases.CriterionRow) -> bool:
    """Whether people answer; what is in the target group depends on the form's own first field."""
    return len(row.possible) > 1 or row.code == "target_group"


# -- read back, then signed or decided -------------------------------------------------------------


async def _ready(_request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    return _confirm(
        "Gå till gemensam bedömning",
        [],
        ["Alla spår är utredda. Nu besvaras kommunens kriterier, och bedömningen undertecknas."],
        "Börja bedömningen",
    )


async def _signature(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    view = await cases.read_entry(node_of(request), request.user, file.header.case_id)
    kind = "entry.refuse" if _verdict(view) == "NOT_MET" else "entry.assess"
    return _confirm(
        "Skriv under den gemensamma bedömningen",
        _read_back(view),
        ["Ändras ett svar efteråt gäller underskriften inte längre."],
        "Skriv under",
        ground=who_decides(node_of(request), kind),
    )


async def _admission(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    view = await cases.read_entry(node_of(request), request.user, file.header.case_id)
    return _confirm(
        "Anta personen",
        _read_back(view),
        [
            "Personen är antagen. Härnäst skrivs överenskommelsen.",
            "En ansökan om bistånd prövas för sig.",
        ],
        "Anta",
        ground=who_decides(node_of(request), "entry.assess"),
    )


async def _refusal(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    view = await cases.read_entry(node_of(request), request.user, file.header.case_id)
    reasons = view.assessment.refusal_reasons if view.assessment else ()
    return _confirm(
        "Neka inträde",
        _read_back(view),
        [
            "Ärendet avslutas. Samverkansrummet stängs.",
            "En ansökan om bistånd är fortfarande öppen och prövas för sig.",
            "Personen ska få brevet som säger varför, hur man ansöker om stöd och hur man överklagar.",
        ],
        "Neka inträde",
        ground=who_decides(node_of(request), "entry.refuse"),
        codes=[(reason, word(reason, "entry_reason")) for reason in reasons],
        is_dangerous=True,
    )


def _verdict(view: cases.EntryView) -> str:
    return view.assessment.outcome.verdict if view.assessment else ""


def _read_back(view: cases.EntryView) -> list[tuple[str, str]]:
    """The outcome and every answer with its reasons."""
    if view.assessment is None:
        return []
    rows = [
        (
            word(row.code, "criterion"),
            ". ".join(filter(None, (word(row.answer, "entry_answer"), row.reasons))),
        )
        for row in view.criteria
    ]
    return [("Utfall", word(_verdict(view), "entry_verdict")), *rows]


def _confirm(
    heading: str,
    rows: list[tuple[str, str]],
    consequences: list[str],
    button: str,
    *,
    ground: str | None = None,
    codes: Iterable[tuple[str, str]] = (),
    is_dangerous: bool = False,
) -> dict[str, Any]:
    return {
        "heading": heading,
        "rows": rows,
        "consequences": consequences,
        "ground": ground,
        "codes": list(codes),
        "code_label": "Vilket skäl ska stå i beslutet?",
        "text_label": None,
        "text_hint": None,
        "submit": button,
        "is_dangerous": is_dangerous,
    }


def _reason(given: Given) -> dict[str, Any]:
    if not given.get("code"):
        raise FieldErrors({"code": "Välj ett skäl."})
    return {"reason": given["code"]}


_ENTRY = "entry/{entry_id:uuid}"
FORMS = (
    CaseForm(
        "entry/ready",
        "Gå till gemensam bedömning",
        "confirm",
        cases.MarkReady,
        cases.mark_ready,
        ("case_worker",),
        then="/entry",
        context=_ready,
    ),
    CaseForm(
        f"{_ENTRY}/signature",
        "Skriv under",
        "confirm",
        cases.SignEntry,
        cases.sign_entry,
        ("exit_coordinator",),
        then="/entry",
        context=_signature,
        adapt=lambda _given: {"party": "municipality"},
    ),
    CaseForm(
        f"{_ENTRY}/second-signature",
        "Bekräfta",
        "confirm",
        cases.SignEntry,
        cases.sign_entry,
        ("team_leader",),
        then="/entry",
        context=_signature,
        adapt=lambda _given: {"party": "second"},
    ),
    CaseForm(
        f"{_ENTRY}/admission",
        "Anta personen",
        "confirm",
        cases.Admit,
        cases.admit,
        ("exit_coordinator",),
        then="/entry",
        context=_admission,
    ),
    CaseForm(
        f"{_ENTRY}/refusal",
        "Neka inträde",
        "confirm",
        cases.RefuseEntry,
        cases.refuse_entry,
        ("exit_coordinator",),
        then="/entry",
        at={"entry.reason_not_failed": "code"},
        context=_refusal,
        adapt=_reason,
    ),
)


@get("/cases/{case_id:uuid}/entry/letter", access=ACCESS)
async def letter(request: Page, case_id: FromPath[UUID]) -> Response[bytes]:
    """What the person is told of the decision, as a letter; fetching it is audited."""
    content = await entry_pdf(
        node_of(request), request.user, CaseId(case_id), request.app.state.law
    )
    return Response(
        content,
        media_type="application/pdf",
        headers={"content-disposition": 'attachment; filename="besked.pdf"'},
    )


entry_handlers: list[HTTPRouteHandler] = [
    entry,
    show_answers,
    save_answers,
    letter,
    *(each for form in FORMS for each in handlers(form)),
]
