"""Where each role begins."""

from datetime import date
from typing import Any

from litestar import get
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import SIGNED_IN
from gateway.pages.case_view import CASE_ROLES
from gateway.pages.frame import Page, node_of, page, see
from gateway.pages.rooms import room_list
from gateway.texts.words import word
from services.cases import api as cases
from services.handover import api as handover
from shared.clock import local_date

WAITS_FOR_OTHERS = {
    "await_threat": "Polisen bedömer hotet",
    "await_handover": "Svar om överlämning",
}


@get("/", access=SIGNED_IN)
async def start(request: Page) -> Any:
    """What is this, what must I do, by when; or the role's own first page."""
    actor = request.user
    if actor.has_any("police_partner"):
        return await room_list(request)
    if actor.has_any("national_coordinator"):
        return page(
            request,
            "national",
            "Nationell statistik",
            releases=[],
            text="Kommunerna lämnar sina bidrag efter periodens slut.",
        )
    if actor.has_any("log_reviewer"):
        return see("/log-review")
    if actor.has_any("system_admin"):
        return see("/administration")
    if actor.has_any(*CASE_ROLES):
        return await _my_day(request)
    return page(
        request,
        "text",
        "Välkommen",
        parts=[
            {
                "heading": None,
                "paragraphs": [
                    (
                        "Din roll ser inga ärenden. Du blir medlem i ett ärende när ett beslut kräver "
                        "det."
                    )
                ],
            }
        ],
    )


async def _my_day(request: Page) -> Any:
    node = node_of(request)
    today = local_date(node.clock.now())
    rows = [row for row in await cases.worklist(node, request.user) if row.next is not None]
    board = await handover.board(node, request.user)
    must = [_must(row, today) for row in rows if row.next not in WAITS_FOR_OTHERS]
    waiting = [
        {
            "code_name": row.code_name,
            "href": f"/cases/{row.case_id}",
            "text": WAITS_FOR_OTHERS[row.next or ""],
            "due_on": row.due_on,
            "since": row.changed_at,
        }
        for row in rows
        if row.next in WAITS_FOR_OTHERS
    ]
    return page(
        request,
        "start",
        "Min dag",
        counts={"inbox": sum(1 for row in board if not row.is_outgoing and row.waits_for == "us")},
        must=sorted(must, key=lambda each: (not each["is_alarm"], each["due_on"] or date.max)),
        waiting=waiting,
        news=[],
        register_href="/cases/new",
    )


def _must(row: cases.CaseRow, today: date) -> dict[str, Any]:
    return {
        "code_name": row.code_name,
        "href": f"/cases/{row.case_id}",
        "text": word(row.state, "case_state"),
        "due_on": row.due_on,
        "is_alarm": bool(row.due_on and row.due_on < today) or row.suspected_duplicate,
        "act": word(row.next, "next"),
    }


start_handlers: list[HTTPRouteHandler] = [start]
