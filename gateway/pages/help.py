"""Hjälp: a handover's states, who is responsible in each, what to do by when, and whom to ask."""

from typing import Any

from litestar import get
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import require
from gateway.pages.delegated import who_decides
from gateway.pages.frame import Page, node_of, page
from gateway.pages.handover_acts import SIGNERS
from gateway.policies import open_within_days
from gateway.texts.help import RECEIVER, SENDER, Row
from gateway.texts.words import word
from services.handover import api as handover


@get("/help", access=require(*SIGNERS))
async def show_help(request: Page) -> Any:
    """The same words as on the board, the days as our own policy says them."""
    node = node_of(request)
    days = open_within_days(node)
    decisions = [who_decides(node, kind) for kind in dict.fromkeys(handover.DELEGATED.values())]
    return page(
        request,
        "help",
        "Hjälp",
        sides=[
            {
                "title": "När ni vill lämna över ett ärende",
                "rows": _rows("sender", SENDER, days),
            },
            {
                "title": "När ni får ett ärende",
                "rows": _rows("receiver", RECEIVER, days),
            },
        ],
        decisions=decisions,
    )


def _rows(side: str, rows: dict[str, Row], days: int) -> list[dict[str, str]]:
    return [
        {
            "state": word(state, f"{side}_state"),
            "responsible": row.responsible,
            "what": row.what,
            "by": row.by.format(days="1 dag" if days == 1 else f"{days} dagar"),
        }
        for state, row in rows.items()
    ]


help_handlers: list[HTTPRouteHandler] = [show_help]
