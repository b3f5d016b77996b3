"""Help decided at once: the form of who is on call, and what the ordinary delegate reads back."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES, form_page, opened
from gateway.pages.delegated import who_decides
from gateway.pages.form import Form, Given
from gateway.pages.frame import Page, node_of
from gateway.pages.submit import submit
from gateway.texts.days import day, moment
from gateway.texts.policy import DECISIONS
from gateway.texts.words import word
from services.cases import api as cases
from services.decisions import api as decisions
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import CaseId

ACCESS = require(*CASE_ROLES)
REVIEWERS = require(*CASE_ROLES, "social_director")
BASE = "/cases/{case_id:uuid}/immediate"
NEVER = "care.immediate"
"""Care under LVU: shown with who decides it, for it is what people look for at night."""


@get(BASE + "/new", access=ACCESS)
async def new(request: Page, case_id: FromPath[UUID]) -> Any:
    """What may be decided now, and by whom what may not."""
    return await _new(request, case_id, Form(request.url.path))


@post(BASE + "/new", access=ACCESS)
async def decide(request: Page, case_id: FromPath[UUID]) -> Any:
    """Decide it."""

    async def again(form: Form) -> Any:
        return await _new(request, case_id, form)

    return await submit(
        request,
        cases.DecideAtOnce,
        cases.decide_at_once,
        again,
        f"/cases/{case_id}",
        at={
            "aid.matter_missing": "matter",
            "aid.reasons_missing": "reasons",
            "aid.start_missing": "granted_from",
            "aid.ends_before_start": "granted_until",
            "decision.beyond_limit": "granted_until",
            "decision.not_at_once": "kind",
            "decision.not_at_once_by_role": "kind",
        },
        fixed={"case_id": CaseId(case_id)},
    )


@get(BASE + "/{aid_id:uuid}", access=REVIEWERS)
async def show(request: Page, case_id: FromPath[UUID], aid_id: FromPath[UUID]) -> Any:
    """Read back before it is confirmed or set aside."""
    return await _review(request, case_id, aid_id, Form(request.url.path))


@post(BASE + "/{aid_id:uuid}", access=REVIEWERS)
async def review(request: Page, case_id: FromPath[UUID], aid_id: FromPath[UUID]) -> Any:
    """Confirm it, or set it aside."""

    async def again(form: Form) -> Any:
        if "outcome" in form.errors:
            form.errors["code"] = form.errors.pop("outcome")
        return await _review(request, case_id, aid_id, form)

    def adapt(given: Given) -> dict[str, Any]:
        return {"outcome": given.get("code", ""), "reasons": given.get("text", "")}

    return await submit(
        request,
        cases.ReviewImmediate,
        cases.review_immediate,
        again,
        f"/cases/{case_id}",
        at={"aid.reasons_missing": "text"},
        fixed={"case_id": CaseId(case_id), "aid_id": aid_id},
        adapt=adapt,
    )


async def _new(request: Page, case_id: UUID, form: Form) -> Any:
    node = node_of(request)
    today = local_date(node.clock.now())
    file = await opened(request, case_id)
    found = decisions.kinds_at_once(node.policies.on(today), request.user)
    form.values.setdefault("granted_from", today.isoformat())
    return form_page(
        request,
        "case/immediate",
        "Omedelbart beslut",
        file,
        form,
        kinds=[(row.delegation.kind, _named(row), _explained(row)) for row in found],
        never=who_decides(node, NEVER),
    )


def _named(row: decisions.AtOnce) -> str:
    return DECISIONS[row.delegation.kind].capitalize()


def _explained(row: decisions.AtOnce) -> str:
    limit = row.delegation.limit_days
    days = f"Högst {limit} dagar. " if limit else ""
    when = "nästa arbetsdag" if row.confirm_working_days == 1 else "inom två arbetsdagar"
    return f"{days}Bekräftas {when}. {row.delegation.document}, {row.delegation.section}."


async def _review(request: Page, case_id: UUID, aid_id: UUID, form: Form) -> Any:
    node = node_of(request)
    file = await opened(request, case_id)
    found = next((each for each in file.immediate if each.aid_id == aid_id), None)
    if found is None:
        raise AccessDenied
    aid, reasons = await cases.read_immediate(node, request.user, CaseId(case_id), aid_id)
    last = day(aid.granted_until) if aid.granted_until else "tills vidare"
    return form_page(
        request,
        "confirm",
        "Omedelbart beslut att bekräfta",
        file,
        form,
        heading="Omedelbart beslut att bekräfta",
        rows=[
            ("Ärende", file.header.code_name),
            ("Beslut", DECISIONS[found.kind].capitalize()),
            ("Vad som ges", aid.matter),
            ("Område", word(aid.area, "need_area")),
            ("Från och till", f"{day(aid.granted_from)} – {last}"),
            ("Skäl", reasons),
            (
                "Fattat av",
                f"{file.names.get(found.decided_by, 'kollega')}, i jour, {moment(found.decided_at)}",
            ),
            ("Bekräftas senast", day(found.review_by)),
        ],
        consequences=[
            "Bekräftar du gäller beslutet som ditt.",
            "Sätter du det ur kraft upphör hjälpen i dag. Personen ska få veta det, och skälen.",
        ],
        ground=who_decides(node, found.kind),
        codes=[("CONFIRMED", "Jag bekräftar beslutet"), ("SET_ASIDE", "Jag sätter det ur kraft")],
        code_label="Ditt beslut",
        text_label="Skäl",
        text_hint="Behövs när du sätter beslutet ur kraft.",
        submit="Besluta",
        is_dangerous=False,
    )


immediate_handlers: list[HTTPRouteHandler] = [new, decide, show, review]
