"""Plan och insatser, and Beslut: what an admitted person's case holds from agreement to closing."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.aid_letter import COMMITTEE, aid_letter
from gateway.auth.access import require
from gateway.pages.case_forms import handlers
from gateway.pages.case_view import CASE_ROLES, form_page, opened, show_tab
from gateway.pages.delegated import who_decides
from gateway.pages.form import FieldErrors, Form, posted, to_command
from gateway.pages.frame import Page, node_of, see
from gateway.pages.programme_forms import AID_AT, FORMS, aid_fields, confirmation
from gateway.texts.errors import sentence
from gateway.texts.law import cite
from gateway.texts.policy import DECISIONS
from services.cases import api as cases
from services.decisions import api as decisions
from services.protection import api as protection
from shared.clock import local_date
from shared.errors import Conflict, DomainError
from shared.ids import CaseId
from shared.policy import LawBook

ACCESS = require(*CASE_ROLES)
TITLE = "Besluta om bistånd"


@get("/cases/{case_id:uuid}/plan", access=ACCESS)
async def plan(request: Page, case_id: FromPath[UUID]) -> Any:
    """Agreement, goals, measures, follow-ups, and what can be done with them now."""
    file, found = await _both(request, case_id)
    base = f"/cases/{case_id}"
    open_goals = [goal for goal in found.goals if goal.is_open]
    is_active = file.header.state == "ACTIVE"

    is_aided = file.header.ended_reason in cases.STILL_AIDED

    def when(
        action: cases.Action, path: str, *, also: bool = True, even_aided: bool = False
    ) -> str | None:
        is_open = file.header.is_responsible and (
            file.header.ended_reason is None or (even_aided and is_aided)
        )
        return f"{base}/{path}" if is_open and also and cases.may(request.user, action) else None

    admitted = file.header.state in {"AGREEMENT_PENDING", "ACTIVE", "PAUSED", "RELAPSE_REVIEW"}
    signed = bool(found.agreements and found.agreements[0].is_in_force)
    may_plan = file.header.state not in {"CONTACT", "INTAKE", "PRELIMINARY"}
    may_reopen = (
        file.header.state == "ENDED"
        and file.header.is_responsible
        and cases.may(request.user, "reopen")
    )
    links = {
        "agreement": when("sign_agreement", "agreement", also=admitted),
        "withdraw_agreement": when("sign_agreement", "agreement/withdrawal", also=signed),
        "start": when(
            "start_programme", "programme-start", also=file.header.state == "AGREEMENT_PENDING"
        ),
        "goal": when("plan", "goals/new", also=may_plan),
        "measure": when("plan", "measures/new", also=bool(found.running), even_aided=True),
        "end_measure": {
            each.measure_id: href
            for each in found.measures
            if each.ended_on is None
            and (href := when("plan", f"measures/{each.measure_id}/end", even_aided=True))
        },
        "follow_up": when("follow_up", "follow-ups/new", also=is_active and bool(found.goals)),
        "money": when("ask_money", "money/new", also=file.header.is_responsible),
        "money_answer": {
            each.money_id: href
            for each in found.money
            if each.outcome is None and (href := when("ask_money", f"money/{each.money_id}/answer"))
        },
        "money_paid": {
            each.money_id: href
            for each in found.money
            if each.waits_for_payment
            and (href := when("ask_money", f"money/{each.money_id}/payment"))
        },
        "register_check": when(
            "ask_police", "register-check", also=is_active and may_check(request)
        ),
        "pause": when("pause", "pause", also=is_active),
        "resume": when("resume", "resumption", also=file.header.state == "PAUSED"),
        "relapse": when("report_relapse", "relapse/report", also=is_active),
        "review": f"{base}/relapse" if file.header.state == "RELAPSE_REVIEW" else None,
        "complete": when("complete", "completion", also=is_active),
        "wish": when("end_at_persons_wish", "wish-to-end"),
        "reopen": f"{base}/reopening" if may_reopen else None,
    }
    return show_tab(
        request,
        file,
        "plan",
        programme=found,
        links=links,
        open_goals=open_goals,
        matters={aid.aid_id: aid for aid in found.aids},
    )


def may_check(request: Page) -> bool:
    """Whether the municipality's documents let it ask for register checks."""
    node = node_of(request)
    return protection.may_ask_register_check(node.policies.on(local_date(node.clock.now())))


@get("/cases/{case_id:uuid}/decisions", access=ACCESS)
async def decided(request: Page, case_id: FromPath[UUID]) -> Any:
    """Every decision of the case: who, by which delegation and law, why; and who may decide what."""
    file, found = await _both(request, case_id)
    node, law = node_of(request), request.app.state.law
    base = f"/cases/{case_id}"
    # Aid is decided on, and the person told of it, where we ended the programme too.
    is_open = file.header.is_responsible and (
        file.header.ended_reason is None or file.header.ended_reason in cases.STILL_AIDED
    )
    aids = {aid.aid_id: aid for aid in found.aids}
    rows = [
        _row(each, aids.get(each.about), found, law, base, is_open=is_open)
        for each in found.decisions
    ]
    policy = node.policies.on(local_date(node.clock.now()))
    blocked = [
        {"text": DECISIONS[kind].capitalize(), "reason": who_decides(node, kind)}
        for kind in (*cases.AID_KINDS, "aid.refuse")
        if not decisions.may_decide(policy, kind, request.user)
    ]
    may_decide = is_open and cases.may(request.user, "decide_aid")
    return show_tab(
        request,
        file,
        "decisions",
        rows=list(reversed(rows)),
        links={"decide": f"{base}/aid/new" if may_decide else None},
        blocked=blocked if is_open else [],
    )


def _row(
    made: decisions.Decision,
    aid: cases.Aid | None,
    found: cases.Programme,
    law: LawBook,
    base: str,
    *,
    is_open: bool,
) -> dict[str, Any]:
    is_committees = made.decided_by == decisions.COMMITTEE_ID
    waits = aid is not None and aid.told_on is None and is_open
    return {
        "decision": made,
        "aid": aid,
        "kind": DECISIONS[aid.kind if aid else made.kind].capitalize(),
        "who": COMMITTEE if is_committees else found.names.get(made.decided_by, "kollega"),
        "second": found.names.get(made.second, "kollega") if made.second else None,
        "law": cite(law, made.law_ref, local_date(made.decided_at)) if made.law_ref else None,
        "is_unexecuted": aid is not None and aid.aid_id in found.unexecuted,
        "is_running": aid is not None and aid.aid_id in found.running,
        "letter": f"{base}/aid/{aid.aid_id}/letter" if aid else None,
        "told": f"{base}/aid/{aid.aid_id}/told" if aid and waits else None,
    }


@get("/cases/{case_id:uuid}/aid/{aid_id:uuid}/letter", access=ACCESS)
async def letter(request: Page, case_id: FromPath[UUID], aid_id: FromPath[UUID]) -> Response[bytes]:
    """The decision as a letter to give the person."""
    content = await aid_letter(
        node_of(request), request.user, case_id, aid_id, request.app.state.law
    )
    return Response(
        content,
        media_type="application/pdf",
        headers={"content-disposition": 'attachment; filename="beslut.pdf"'},
    )


@get("/cases/{case_id:uuid}/aid/new", access=ACCESS)
async def new_aid(request: Page, case_id: FromPath[UUID]) -> Any:
    """The empty form."""
    return await _aid_form(request, case_id, Form(request.url.path))


@post("/cases/{case_id:uuid}/aid/new", access=ACCESS)
async def decide_aid(request: Page, case_id: FromPath[UUID]) -> Any:
    """Written, it is read back; read back and signed, it is decided."""
    given = await posted(request)
    form = Form(request.url.path, values=dict(given))
    form.hidden = {name: value for name, value in given.items() if name == "term"}
    node, actor = node_of(request), request.user
    try:
        fields = {name: value for name, value in given.items() if name != "act"}
        command = to_command(cases.DecideAid, fields, case_id=CaseId(case_id))
        if given.get("act") == "decide":
            await cases.decide_aid(node, actor, command)
            return see(f"/cases/{case_id}/decisions")
        if given.get("act") != "change":
            await cases.rehearse_aid(node, actor, command)
            file = await opened(request, case_id, "form")
            shown = Form(request.url.path, hidden={**fields})
            return form_page(
                request, "case/read_back", TITLE, file, shown, **confirmation(node, command)
            )
    except FieldErrors as error:
        form.errors = error.errors
    except Conflict:
        raise
    except DomainError as error:
        form.errors = {AID_AT.get(error.code, ""): sentence(error.code, error.facts)}
    page = await _aid_form(request, case_id, form)
    page.status_code = 422 if form.errors else 200
    return page


async def _aid_form(request: Page, case_id: UUID, form: Form) -> Any:
    file, found = await _both(request, case_id)
    today = local_date(node_of(request).clock.now())
    form.values.setdefault("granted_from", today.isoformat())
    context = aid_fields(node_of(request), found)
    return form_page(
        request, "form", TITLE, file, form, back=f"/cases/{case_id}/decisions", **context
    )


async def _both(request: Page, case_id: UUID) -> tuple[cases.CaseFile, cases.Programme]:
    file = await opened(request, case_id)
    node = node_of(request)
    return file, await cases.read_programme(node, request.user, CaseId(case_id), "casework")


programme_handlers: list[HTTPRouteHandler] = [
    plan,
    decided,
    letter,
    new_aid,
    decide_aid,
    *(each for form in FORMS for each in handlers(form)),
]
