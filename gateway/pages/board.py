"""Beslut att anmäla: what the unit has decided, or recorded as the committee's, and not yet told."""

from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import require
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.pages.submit import submit
from gateway.texts.policy import DECISIONS
from gateway.texts.words import outcome_word
from services.cases import api as cases
from services.decisions import api as decisions

ACCESS = require("team_leader")
ADDRESS = "/decisions-to-report"
FROM_MINUTES = "Nämnden eller dess utskott, infört från protokoll"


@get(ADDRESS, access=ACCESS)
async def listed(request: Page) -> Any:
    """All that waits, each chosen from the start."""
    return await _show(request, Form(ADDRESS))


@post(ADDRESS, access=ACCESS)
async def report(request: Page) -> Any:
    """They go to the board's meeting."""

    async def again(form: Form) -> Any:
        return await _show(request, form)

    return await submit(
        request,
        cases.ReportDecisions,
        cases.report_decisions,
        again,
        ADDRESS,
        at={"decision.none_chosen": "decisions", "decision.meeting_in_past": "meeting_on"},
    )


async def _show(request: Page, form: Form) -> Any:
    found = await cases.decisions_to_report(node_of(request), request.user)
    rows = [
        {
            "id": str(each.decision_id),
            "row": each,
            "code_name": found.code_names[each.case_id],
            "kind": DECISIONS[each.kind].capitalize(),
            "outcome": outcome_word(each.outcome),
            "who": FROM_MINUTES
            if each.decided_by == decisions.COMMITTEE_ID
            else found.names.get(each.decided_by, "kollega"),
            "second": found.names.get(each.second, "kollega") if each.second else None,
        }
        for each in found.rows
    ]
    if not form.errors:
        form.values.setdefault("decisions", [row["id"] for row in rows])
    return page(
        request,
        "board",
        "Beslut att anmäla",
        crumbs=[("Ärenden", "/cases"), ("Beslut att anmäla", None)],
        form=form,
        rows=rows,
    )


board_handlers: list[HTTPRouteHandler] = [listed, report]
