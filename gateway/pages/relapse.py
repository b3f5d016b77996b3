"""The review after a relapse: what is known, what is left to do, and what can be decided.

Long because the review's eight forms stand together, each with its words.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.exclusion_letter import exclusion_pdf
from gateway.pages.case_forms import CaseForm, handlers
from gateway.pages.case_view import CASE_ROLES, opened, show_tab
from gateway.pages.delegated import who_decides
from gateway.pages.form import field_of
from gateway.pages.frame import Page, node_of
from gateway.policies import cases_policy
from gateway.texts.days import day
from gateway.texts.error_sentences import SENTENCES
from gateway.texts.jinja import options
from gateway.texts.policy import DECISIONS
from gateway.texts.words import word
from services.cases import api as cases
from shared.actor import Actor
from shared.clock import local_date, months_after
from shared.ids import CaseId

ACCESS = require(*CASE_ROLES)
KIND = "exclusion.decide"


@get("/cases/{case_id:uuid}/relapse", access=ACCESS)
async def relapse(request: Page, case_id: FromPath[UUID]) -> Any:
    """The open review with what is left to do; below it those that are decided."""
    file = await opened(request, case_id)
    view = await _view(request, case_id)
    review = view.open
    return show_tab(
        request,
        file,
        "relapse",
        view=view,
        review=review,
        steps=steps_of(request.user, view, review) if review else [],
        left=[word(step, "relapse_missing") for step in view.missing],
        aids=[
            {
                "text": f"{DECISIONS[aid.kind].capitalize()}, {day(aid.decided_at)}",
                "href": f"/cases/{case_id}/relapse/{review.review_id}/aid/{aid.aid_id}"
                if review and aid in view.untried
                else None,
                "retry": next((each for each in review.retried if each.aid_id == aid.aid_id), None)
                if review
                else None,
            }
            for aid in view.running
        ],
        letters={
            each.review_id: f"/cases/{case_id}/relapse/{each.review_id}/letter"
            for each in view.reviews
            if each.outcome == "EXCLUDED"
        },
        told={
            each.review_id: f"/cases/{case_id}/relapse/{each.review_id}/told"
            for each in view.reviews
            if each.outcome == "EXCLUDED"
            and each.told_on is None
            and view.header.is_responsible
            and cases.may(request.user, "plan")
        },
        blocked=_blocked(request, view) if review else [],
    )


def steps_of(
    actor: Actor, view: cases.RelapseView, review: cases.RelapseReview
) -> list[dict[str, str]]:
    """What this person can do now; the first is the main one."""
    base = f"/cases/{view.header.case_id}/relapse/{review.review_id}"
    left = set(view.missing)
    proposal = review.proposal
    at = f"{base}/proposals/{proposal.proposal_id}" if proposal else base
    may_sign = proposal is not None and proposal.proposed_by != actor.staff_id
    is_prepared = not left & {"hearing", "threat", "aid"}
    offered: tuple[tuple[bool, cases.Action, str, str], ...] = (
        ("hearing" in left, "review_relapse", f"{base}/hearing", "Hör personen"),
        (
            not left and view.has_rule and not _held_back(actor, view),
            "exclude_person",
            f"{at}/exclusion",
            "Besluta om uteslutning",
        ),
        (
            "support" in left and may_sign and actor.has_any(*view.second_roles),
            "support_exclusion",
            f"{at}/support",
            "Läs och bekräfta förslaget",
        ),
        (
            "hearing" not in left,
            "continue_programme",
            f"{base}/continuation",
            "Fortsätt med ändrad plan",
        ),
        (
            is_prepared and view.has_rule,
            "propose_exclusion",
            f"{base}/proposal",
            "Skriv nytt förslag om uteslutning" if proposal else "Föreslå uteslutning",
        ),
        (
            "threat" in left,
            "ask_police",
            f"/cases/{view.header.case_id}/threat-request",
            "Begär ny hotbedömning",
        ),
        ("hearing" not in left, "review_relapse", f"{base}/hearing", "Skriv mer av vad som sagts"),
    )
    return [
        {"text": text, "href": href}
        for applies, action, href, text in offered
        if applies and cases.may(actor, action)
    ]


def _held_back(actor: Actor, view: cases.RelapseView) -> str:
    """Why this person may not decide on the proposal although nothing is left to do; or nothing."""
    if view.is_refused_by_police:
        return SENTENCES["relapse.police_disagree"]
    proposal = view.open.proposal if view.open else None
    if proposal is not None and proposal.supported_by == actor.staff_id:
        return SENTENCES["relapse.supporter_decides"]
    return ""


def _blocked(request: Page, view: cases.RelapseView) -> list[dict[str, str]]:
    """Why nobody is excluded here, where that is so; who decides, where this person does not."""
    if not view.has_rule:
        reason = (
            f"Kommunens dokument säger inget om att utesluta någon ({view.document}, "
            f"{view.section}). Programmet kan fortsätta med ändrad plan."
        )
        return [{"text": "Utesluta personen", "reason": reason}]
    if cases.may(request.user, "exclude_person"):
        held_back = _held_back(request.user, view)
        return [{"text": "Utesluta personen", "reason": held_back}] if held_back else []
    return [{"text": "Utesluta personen", "reason": who_decides(node_of(request), KIND)}]


async def _view(request: Page, case_id: UUID) -> cases.RelapseView:
    return await cases.read_relapse(node_of(request), request.user, CaseId(case_id), "casework")


def _form(
    file: cases.CaseFile,
    heading: str,
    intro: str,
    submit: str,
    *fields: dict[str, Any],
    **more: Any,
) -> dict[str, Any]:
    return {
        "heading": heading,
        "intro": intro,
        "fields": fields,
        "submit": submit,
        "is_dangerous": False,
        "back": f"/cases/{file.header.case_id}/relapse",
        **more,
    }


async def _report(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        file,
        "Rapportera ett misstänkt återfall",
        "Inget avgörs nu. Personen ska höras, polisen bedömer hotet på nytt och stödet prövas igen. "
        "Beslut om bistånd gäller som förut.",
        "Börja prövningen",
        field_of("radios", "suspicion", "Vad gäller det?", choices=options("suspicion")),
        field_of("radios", "source", "Hur vet ni det?", choices=options("relapse_source")),
        field_of(
            "textarea",
            "text",
            "Vad är känt?",
            hint="Det som behövs för prövningen. Inga namn på andra.",
        ),
        back=f"/cases/{file.header.case_id}/plan",
    )


async def _hearing(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        file,
        "Hör personen",
        "Personen får veta vad som är känt och säga sitt, eller avstå.",
        "Spara",
        field_of("date", "heard_on", "När?"),
        field_of(
            "textarea",
            "words",
            "Vad säger personen?",
            hint="Med personens egna ord. Avstår personen: skriv hur hen tillfrågades.",
        ),
        field_of("tick", "is_refused", "Personen ville inte bli hörd"),
    )


async def _retry(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    view = await _view(request, file.header.case_id)
    wanted = request.path_params["aid_id"]
    aid = next((each for each in view.running if each.aid_id == wanted), None)
    what = f"{DECISIONS[aid.kind].capitalize()}: {aid.matter}" if aid else ""
    return _form(
        file,
        "Pröva biståndet igen",
        f"{what} Ska biståndet upphöra, eller något annat beviljas, är det ett eget beslut om bistånd.",
        "Spara",
        field_of("radios", "outcome", "Vad kom ni fram till?", choices=options("retry")),
        field_of("textarea", "text", "Hur, och varför?"),
    )


async def _continuation(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    node = node_of(request)
    months = cases_policy(node).work.follow_up_months.value
    latest = day(months_after(local_date(node.clock.now()), months))
    return _form(
        file,
        "Fortsätt med ändrad plan",
        "Programmet fortsätter. Skriv vad som blir annorlunda.",
        "Fortsätt programmet",
        field_of("textarea", "changed_plan", "Hur ändras planen?"),
        field_of(
            "date",
            "next_follow_up_on",
            "Nästa uppföljning senast",
            hint=f"Skriv som 2026-12-01. Senast {latest}.",
        ),
    )


async def _proposal(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    view = await _view(request, file.header.case_id)
    police = "Polisen läser förslaget i samverkansrummet. " if view.is_police_wanted else ""
    return _form(
        file,
        "Föreslå uteslutning",
        f"{police}Ändras förslaget måste alla ta ställning igen. {who_decides(node_of(request), KIND)}",
        "Lägg förslaget",
        field_of("radios", "reason", "Skäl", choices=options("exclusion_reason")),
        field_of(
            "checkboxes",
            "broken",
            "Villkor som inte har följts",
            choices=[(each, word(each, "condition")) for each in view.agreed],
            hint="Av dem som personen har gått med på.",
        ),
        field_of(
            "textarea",
            "reasons",
            "Skälen",
            hint="Så att personen förstår. Står i brevet. Inga namn på andra.",
        ),
        field_of(
            "textarea",
            "safety_plan",
            "Säkerhetsplan",
            hint="Hur personen är trygg efteråt, och vem som svarar för det. Står inte i brevet.",
        ),
        is_dangerous=True,
    )


async def _support(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return await _read_back(
        request,
        file,
        "Bekräfta förslaget om uteslutning",
        ["Du har läst förslaget och håller med. Ändras det gäller din bekräftelse inte längre."],
        "Jag har läst och bekräftar",
    )


async def _exclusion(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return await _read_back(
        request,
        file,
        "Besluta om uteslutning",
        [
            "Programmet avslutas och samverkansrummet töms. Akten stängs när inget stöd löper längre.",
            "Beviljat bistånd gäller som förut, och nytt bistånd kan beslutas.",
            "Personen ska få brevet med skälen och hur man överklagar.",
            "Beslutet kan inte ändras. Personen kan börja om efter en ny prövning.",
        ],
        "Besluta om uteslutning",
    )


async def _told(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        file,
        "Personen har fått del av beslutet om uteslutning",
        "Tiden för att överklaga, tre veckor, räknas från den dagen.",
        "Spara",
        field_of("date", "told_on", "Vilken dag?"),
    )


async def _read_back(
    request: Page, file: cases.CaseFile, heading: str, consequences: list[str], submit: str
) -> dict[str, Any]:
    view = await _view(request, file.header.case_id)
    proposal = view.open.proposal if view.open else None
    rows = (
        [
            ("Skäl", word(proposal.reason, "exclusion_reason")),
            ("Villkor", ", ".join(word(each, "condition") for each in proposal.broken)),
            ("Skälen", proposal.reasons),
            ("Säkerhetsplan", proposal.safety_plan),
        ]
        if proposal
        else []
    )
    return {
        "heading": heading,
        "rows": rows,
        "consequences": consequences,
        "ground": who_decides(node_of(request), KIND),
        "codes": [],
        "code_label": "",
        "text_label": None,
        "text_hint": None,
        "submit": submit,
        "is_dangerous": True,
        "back": f"/cases/{file.header.case_id}/relapse",
    }


def _today(name: str) -> Any:
    return lambda request, _file: {name: local_date(node_of(request).clock.now()).isoformat()}


_OF = "relapse/{review_id:uuid}"
_NAMED = f"{_OF}/proposals/{{proposal_id:uuid}}"
FORMS: tuple[CaseForm, ...] = (
    CaseForm(
        "relapse/report",
        "Misstänkt återfall",
        "form",
        cases.ReportRelapse,
        cases.report_relapse,
        ("case_worker", "exit_coordinator"),
        then="/relapse",
        at={"relapse.text_missing": "text", "relapse.no_such_answer": "source"},
        context=_report,
    ),
    CaseForm(
        f"{_OF}/hearing",
        "Hör personen",
        "form",
        cases.HearPerson,
        cases.hear_person,
        then="/relapse",
        at={
            "relapse.words_missing": "words",
            "relapse.heard_in_future": "heard_on",
            "relapse.heard_before": "heard_on",
        },
        context=_hearing,
        values=_today("heard_on"),
    ),
    CaseForm(
        f"{_OF}/aid/{{aid_id:uuid}}",
        "Pröva biståndet igen",
        "form",
        cases.RetryAid,
        cases.retry_aid,
        then="/relapse",
        at={"relapse.retry_text_missing": "text"},
        context=_retry,
    ),
    CaseForm(
        f"{_OF}/continuation",
        "Fortsätt med ändrad plan",
        "form",
        cases.ContinueProgramme,
        cases.continue_programme,
        ("exit_coordinator",),
        then="/plan",
        at={
            "relapse.plan_missing": "changed_plan",
            "follow_up.next_in_past": "next_follow_up_on",
            "follow_up.next_too_late": "next_follow_up_on",
        },
        context=_continuation,
    ),
    CaseForm(
        f"{_OF}/proposal",
        "Föreslå uteslutning",
        "form",
        cases.ProposeExclusion,
        cases.propose_exclusion,
        ("exit_coordinator",),
        then="/relapse",
        at={
            "relapse.condition_missing": "broken",
            "relapse.condition_not_agreed": "broken",
            "relapse.reason_not_broken": "reason",
            "relapse.reasons_missing": "reasons",
            "relapse.safety_plan_missing": "safety_plan",
        },
        context=_proposal,
    ),
    CaseForm(
        f"{_NAMED}/support",
        "Bekräfta förslaget",
        "confirm",
        cases.SupportExclusion,
        cases.support_exclusion,
        then="/relapse",
        context=_support,
    ),
    CaseForm(
        f"{_NAMED}/exclusion",
        "Besluta om uteslutning",
        "confirm",
        cases.ExcludePerson,
        cases.exclude_person,
        ("exit_coordinator",),
        then="/relapse",
        context=_exclusion,
    ),
    CaseForm(
        f"{_OF}/told",
        "Personen har fått del av beslutet",
        "form",
        cases.RecordExclusionTold,
        cases.record_exclusion_told,
        then="/relapse",
        at=dict.fromkeys(
            ("aid.told_already", "aid.told_before_decision", "aid.told_in_future"), "told_on"
        ),
        context=_told,
        values=_today("told_on"),
    ),
)


@get("/cases/{case_id:uuid}/relapse/{review_id:uuid}/letter", access=ACCESS)
async def letter(
    request: Page, case_id: FromPath[UUID], review_id: FromPath[UUID]
) -> Response[bytes]:
    """What the person is told who has been excluded."""
    content = await exclusion_pdf(
        node_of(request), request.user, case_id, review_id, request.app.state.law
    )
    return Response(
        content,
        media_type="application/pdf",
        headers={"content-disposition": 'attachment; filename="besked.pdf"'},
    )


relapse_handlers: list[HTTPRouteHandler] = [
    relapse,
    letter,
    *(each for form in FORMS for each in handlers(form)),
]
