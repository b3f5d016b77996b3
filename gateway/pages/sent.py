"""What this municipality has sent to the national statistics, and when."""

from typing import Any

from litestar import get
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import require
from gateway.pages.frame import Page, node_of, page
from gateway.texts.errors import authority_name
from gateway.texts.words_national import SERIES
from gateway.texts.words_statistics import STATES
from services.statistics import api as statistics

PAGE = "/statistics"


@get(PAGE, access=require(*statistics.READERS))
async def sent(request: Page) -> Any:
    """Half-year by half-year, newest first."""
    found = await statistics.half_years_sent(node_of(request), request.user)
    return page(
        request,
        "sent",
        "Nationell statistik",
        crumbs=[("Nationell statistik", None)],
        half_years=[_half_year(each) for each in found],
    )


def _half_year(each: statistics.SentHalfYear) -> dict[str, Any]:
    return {
        "title": _title(each),
        "state": STATES[each.state],
        "is_alarm": each.state == "held",
        "counted_on": each.counted_on,
        "sent_at": each.sent_at,
        "settled_at": each.settled_at,
        "to": [authority_name(code) for code in each.collectors],
        "faults": sorted({SERIES[fault.partition(":")[0]] for fault in each.faults}),
    }


def _title(each: statistics.SentHalfYear) -> str:
    months = "januari–juni" if each.first_day.month == 1 else "juli–december"
    return f"{months.capitalize()} {each.first_day.year}"


sent_handlers: list[HTTPRouteHandler] = [sent]
