"""A municipality's own figures: exact for who leads a unit, side by side for who answers for all."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from litestar import get
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import require
from gateway.pages.frame import Page, node_of, page
from gateway.texts.words import word
from gateway.texts.words_national import KEPT_BACK, SERIES, period, weeks
from services.audit import api as audit
from services.cases import api as cases
from services.staff import api as staff
from services.statistics import api as statistics

PAGE = "/figures"
_ALL = "Hela kommunen"


@get(PAGE, access=require(*statistics.LEADS, *statistics.COMPARES))
async def figures(request: Page) -> Any:
    """What the role may see: a leader's own unit, or all units with small figures kept back."""
    if request.user.has_any(*statistics.LEADS):
        return await _unit(request)
    found = await statistics.units_side_by_side(node_of(request), request.user)
    seen_by = request.user.has_any(*audit.REVIEWS_SEEN_BY)
    reviews = await audit.log_reviews(node_of(request), request.user) if seen_by else []
    return page(
        request,
        "figures",
        "Egna siffror",
        crumbs=[("Egna siffror", None)],
        is_exact=False,
        half_years=[_side_by_side(each) for each in found],
        workload=[],
        competence=[],
        reviews=_reviewed(reviews) if seen_by else None,
    )


async def _unit(request: Page) -> Any:
    node, actor = node_of(request), request.user
    found = await statistics.unit_half_years(node, actor)
    open_cases = [row for row in await cases.unit_cases(node, actor) if row.state != "ENDED"]
    load = Counter(row.case_worker or "Ännu ingen handläggare" for row in open_cases)
    records = await staff.competences(node, actor)
    held = {(row.competence.kind, row.competence.staff_id) for row in records if row.counts}
    colleagues = Counter(kind for kind, _ in held)
    return page(
        request,
        "figures",
        "Egna siffror",
        crumbs=[("Egna siffror", None)],
        is_exact=True,
        half_years=[_exact(each) for each in found],
        workload=sorted(load.items()),
        competence=[
            (word(kind, "competence"), count) for kind, count in sorted(colleagues.items())
        ],
        reviews=_reviewed(await audit.log_reviews(node, actor)),
    )


def _exact(each: statistics.UnitHalfYear) -> dict[str, Any]:
    rows = [(SERIES[series], [str(each.counts[series])]) for series in statistics.OWN_COUNTS]
    waits = [
        (SERIES[series], [str(each.counts[series]), _weeks(each.medians[series])])
        for series in statistics.OWN_WAITS
    ]
    return {
        "title": _title(each.half_year),
        "note": "Halvåret är slut och räknat."
        if each.is_final
        else "Halvåret pågår; siffrorna räknas om varje dag.",
        "columns": ["Vad", "Antal"],
        "rows": rows,
        "wait_columns": ["Väntetid", "Antal", "I mitten"],
        "waits": waits,
    }


def _side_by_side(each: statistics.ShownHalfYear) -> dict[str, Any]:
    units = (*each.units, "*")
    names = [*(unit or _ALL for unit in each.units), _ALL]
    rows = [
        (SERIES[series], [_shown(each.figure(series, unit).count) for unit in units])
        for series in (*statistics.OWN_COUNTS, *statistics.OWN_WAITS)
    ]
    waits = [
        (SERIES[series], [_weeks(each.figure(series, unit).median_weeks) for unit in units])
        for series in statistics.OWN_WAITS
    ]
    return {
        "title": _title(each.half_year),
        "note": "Tal under fem visas inte, och inte heller de tal som de skulle kunna räknas ut av.",
        "columns": ["Vad", *names],
        "rows": rows,
        "wait_columns": ["Väntetid i mitten", *names],
        "waits": waits,
    }


def _title(half_year: str) -> str:
    text = period(half_year)
    return text[:1].upper() + text[1:]


def _shown(count: int | None) -> str:
    return KEPT_BACK if count is None else str(count)


def _weeks(count: int | None) -> str:
    return "för få" if count is None else weeks(count)


def _reviewed(done: Sequence[audit.Review]) -> list[tuple[str, int]]:
    """How many log reviews were done, by year, newest first."""
    found = Counter(str(each.reviewed_at.year) for each in done)
    return sorted(found.items(), reverse=True)


figure_handlers: list[HTTPRouteHandler] = [figures]
