"""Nationell samordnare: what has been released, and nothing else; no way down to a municipality.

Every figure comes from a release's signed content. Exact sums are no columns that this process may
read, so no page could show one.
"""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.auth.roles import NATIONAL_COORDINATOR
from gateway.national import charts, sheets
from gateway.national.report import yearly_report
from gateway.national.views import View, find, front, not_counted_yet, shown, table_names
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.texts.days import day, moment
from gateway.texts.national_method import METHOD
from gateway.texts.words import word
from gateway.texts.words_national import period
from services.statistics import api as statistics
from shared.db.cards import open_cards
from shared.errors import AccessDenied

ACCESS = require(NATIONAL_COORDINATOR)
METHOD_HREF = "/national/method"
START = ("Nationell statistik", "/")
_STATES = {
    "called": "Samlas in",
    "ordered": "Summeras",
    "added": "Granskas innan utgivning",
    "released": "Utgiven",
    "stopped": "Stoppad: summorna kan inte stämma, eller kom aldrig",
    "withheld": "Stoppad: små tal skulle kunna räknas ut",
    "too_few": "Inställd: för få kommuner bidrog",
}


async def national_start(request: Page) -> Any:
    """Releases by period, newest first, and what wants the coordinator's attention."""
    node = node_of(request)
    found = await statistics.releases(node, request.user)
    async with node.db.begin(request.user) as uow:
        cards = await open_cards(uow)
        uow.audit("cards.listed", rows=len(cards))
        await uow.commit()
    return page(
        request,
        "national",
        "Nationell statistik",
        releases=[_row(each) for each in reversed(found)],
        news=[
            {
                "text": f"{word(card['kind'], 'card')} ({period(str(card['facts']['half_year']))})",
                "at": card["created_at"],
                "form": Form(f"/news/{card['id']}/read"),
            }
            for card in reversed(cards)
            if "half_year" in card["facts"]
        ],
        method_href=METHOD_HREF,
        text=None if found else "Kommunerna lämnar sina bidrag efter periodens slut.",
    )


def _row(each: statistics.ReleaseRow) -> dict[str, Any]:
    released = each.release
    return {
        "period": _capital(period(each.half_year)),
        "href": f"/national/{each.half_year}" if released else None,
        "state": _STATES[each.state],
        "released_at": each.released_at,
        "contributors": _band(released) if released else None,
    }


def _band(release: statistics.Release) -> str:
    low, high = release.contributors
    return f"{low}–{high}"


@get(METHOD_HREF, access=ACCESS)
async def method(request: Page) -> Any:
    """How the figures are made, and what is not shown."""
    return page(
        request,
        "text",
        "Så tas talen fram",
        crumbs=[START, ("Så tas talen fram", None)],
        parts=[{"heading": heading, "paragraphs": list(texts)} for heading, texts in METHOD],
    )


@get("/national/{half_year:str}", access=ACCESS)
async def national_release(request: Page, half_year: FromPath[str]) -> Any:
    """One release: findings, charts, tables, files."""
    row, until = await _opened(request, half_year)
    base = f"/national/{half_year}"
    title = period(half_year)
    return page(
        request,
        "national/release",
        f"Nationell statistik, {title}",
        crumbs=[START, (_capital(title), None)],
        period=title,
        rows=[
            ("Utgiven", moment(row.released_at)),
            ("Bidragande kommuner", _band(until[-1])),
            ("Version", "1; en utgivning ändras aldrig"),
            (
                "Underskrift",
                "Stämmer med det som visas"
                if row.is_genuine
                else "Stämmer inte med det som visas. Använd inte talen; ring driften",
            ),
        ],
        marks=[("Undertecknad med nyckel", row.kid), ("Kontrollsumma (SHA-256)", row.sha256)],
        not_counted=not_counted_yet(),
        files=[
            ("Rapport att skriva ut (PDF)", f"{base}/report.pdf"),
            ("Alla tabeller (XLSX)", f"{base}/release.xlsx"),
            ("Undertecknad utgivning (JWS)", f"{base}/release.jws"),
        ],
        views=[show(each, base) for each in front(until)],
        tables=[(text, f"{base}/tables/{name}") for name, text in table_names(until[-1])],
        method_href=METHOD_HREF,
    )


@get("/national/{half_year:str}/tables/{name:str}", access=ACCESS)
async def national_table(request: Page, half_year: FromPath[str], name: FromPath[str]) -> Any:
    """One view on a page of its own."""
    _, until = await _opened(request, half_year)
    view = _found(until, name)
    base = f"/national/{half_year}"
    return page(
        request,
        "national/table",
        view.title,
        crumbs=[START, (_capital(period(half_year)), base), (view.title, None)],
        view=show(view, base) | {"href": None},
        method_href=METHOD_HREF,
        back=base,
    )


@get("/national/{half_year:str}/charts/{name:str}", access=ACCESS)
async def national_chart(
    request: Page, half_year: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """The chart of a view, as a picture."""
    _, until = await _opened(request, half_year)
    svg = await charts.draw(_found(until, name.removesuffix(".svg")))
    if svg is None:
        raise AccessDenied
    return Response(svg, media_type="image/svg+xml")


@get("/national/{half_year:str}/files/{name:str}", access=ACCESS)
async def national_file(
    request: Page, half_year: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """One view as CSV or XLSX."""
    row, until = await _opened(request, half_year)
    stem, _, kind = name.rpartition(".")
    view = _found(until, stem)
    match kind:
        case "csv":
            return _download(sheets.as_csv(view), sheets.CSV_TYPE, half_year, name)
        case "xlsx":
            made = sheets.as_xlsx([view], _notes(row))
            return _download(made, sheets.XLSX_TYPE, half_year, name)
        case _:
            raise AccessDenied


@get("/national/{half_year:str}/release.xlsx", access=ACCESS)
async def national_workbook(request: Page, half_year: FromPath[str]) -> Response[bytes]:
    """Every table of a release, a sheet each."""
    row, until = await _opened(request, half_year)
    views = front(until)
    names = {each.name for each in views}
    views += [_found(until, name) for name, _ in table_names(until[-1]) if name not in names]
    made = sheets.as_xlsx(views, _notes(row))
    return _download(made, sheets.XLSX_TYPE, half_year, "tabeller.xlsx")


@get("/national/{half_year:str}/release.jws", access=ACCESS)
async def national_signed(request: Page, half_year: FromPath[str]) -> Response[bytes]:
    """The release as it was signed: for whoever wants to check it."""
    row, _ = await _opened(request, half_year)
    return _download((row.jws or "").encode(), "application/jose", half_year, "undertecknad.jws")


@get("/national/{half_year:str}/report.pdf", access=ACCESS)
async def national_report(request: Page, half_year: FromPath[str]) -> Response[bytes]:
    """The printable report."""
    row, until = await _opened(request, half_year)
    made = await yearly_report(request.app.state.tenant.name, row, until)
    return _download(made, "application/pdf", half_year, "rapport.pdf")


async def _opened(
    request: Page, half_year: str
) -> tuple[statistics.ReleaseRow, list[statistics.Release]]:
    """The row of a half-year, and its release with all before it; 404 where there is none."""
    rows = await statistics.releases(node_of(request), request.user)
    row = next((each for each in rows if each.half_year == half_year and each.release), None)
    if row is None:
        raise AccessDenied
    until = [each.release for each in rows if each.release and each.half_year <= half_year]
    return row, until


def _found(until: Sequence[statistics.Release], name: str) -> View:
    view = find(until, name)
    if view is None:
        raise AccessDenied
    return view


def show(view: View, base: str) -> dict[str, Any]:
    """A view as the template takes it."""
    hidden = view.kept_back
    return {
        "title": view.title,
        "finding": view.finding,
        "alt": charts.alternative(view),
        "chart_href": f"{base}/charts/{view.name}.svg" if view.chart else None,
        "columns": list(view.columns),
        "rows": [
            (label, [(shown(value), value is not None) for value in values])
            for label, values in view.rows
        ],
        "kept_back": None
        if not hidden
        else "Ett tal visas inte, så att ingen ska kunna pekas ut."
        if hidden == 1
        else f"{hidden} tal visas inte, så att ingen ska kunna pekas ut.",
        "files": [
            ("CSV", f"{base}/files/{view.name}.csv"),
            ("XLSX", f"{base}/files/{view.name}.xlsx"),
        ],
        "href": f"{base}/tables/{view.name}",
    }


def _notes(row: statistics.ReleaseRow) -> list[str]:
    """What stands first in a workbook."""
    return [
        f"Nationell statistik, {period(row.half_year)}",
        f"Utgiven {day(row.released_at)}. Kontrollsumma (SHA-256): {row.sha256}",
        f"Två punkter ({sheets.KEPT_BACK}) betyder att talet inte visas.",
        *(text for _, texts in METHOD for text in texts),
    ]


def _download(content: bytes, kind: str, half_year: str, name: str) -> Response[bytes]:
    return Response(
        content,
        media_type=kind,
        headers={"content-disposition": f'attachment; filename="{half_year}-{name}"'},
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


national_handlers: list[HTTPRouteHandler] = [
    method,
    national_release,
    national_table,
    national_chart,
    national_file,
    national_workbook,
    national_signed,
    national_report,
]
