"""Samples of the national coordinator's pages: a release, one of its tables, and before the first."""

from datetime import UTC, datetime

from gateway.national.views import Chart, Point, View, table_view
from gateway.pages.national import METHOD_HREF, show
from services.statistics.api import Release, ShownTable

RELEASED_AT = datetime(2027, 1, 31, 8, 0, tzinfo=UTC)
BASE = "/national/2026H2"
TOTALS = View(
    "totals",
    "Totaler, andra halvåret 2026",
    "Under andra halvåret 2026 registrerades 412 första kontakter, och 118 personer antogs.",
    ("Mått", "Andra halvåret 2026", "Första halvåret 2026"),
    (
        ("Första kontakter", (412, 398)),
        ("Ansökningar om statliga medel", (29_000, None)),
        ("Tvister hos IVO", (0, None)),
    ),
    Chart("bars", "Antal", (Point("Första kontakter", "", 412),)),
)
_CELLS = {
    (age, sex): None
    for age in ("0-17", "18-20", "21-25", "26-39", "40+", "unknown", "*")
    for sex in ("woman", "man", "unknown", "*")
}
_CELLS |= {("*", "*"): 239, ("*", "man"): 180, ("21-25", "*"): 88, ("21-25", "man"): 61}
ADMITTED = table_view(
    Release(
        half_year="2026H2",
        contributors=(285, 289),
        tables=(ShownTable(kind="admitted.age.sex", period="2026", cells=_CELLS),),
    ),
    "admitted.age.sex",
)
assert ADMITTED is not None
PICTURE = {"chart_href": "/static/utvag.svg"}
"""The samples are served without an application that would draw."""

SAMPLES = {
    "national": (
        "national.html",
        {
            "title": "Nationell statistik",
            "releases": [
                {
                    "period": "Andra halvåret 2026",
                    "href": "#",
                    "state": "Utgiven",
                    "released_at": RELEASED_AT,
                    "contributors": "285–289",
                },
                {
                    "period": "Första halvåret 2027",
                    "href": None,
                    "state": "Samlas in",
                    "released_at": None,
                    "contributors": None,
                },
            ],
            "news": [
                {
                    "text": "För få kommuner har bidragit (första halvåret 2025)",
                    "at": RELEASED_AT,
                    "form": {"action": "/posta", "hidden": {}, "values": {}, "errors": {}},
                }
            ],
            "method_href": METHOD_HREF,
            "text": None,
        },
    ),
    "national-empty": (
        "national.html",
        {
            "title": "Nationell statistik",
            "releases": [],
            "news": [],
            "method_href": METHOD_HREF,
            "text": "Första perioden är klar i juli.",
        },
    ),
    "national-release": (
        "national/release.html",
        {
            "title": "Nationell statistik, andra halvåret 2026",
            "period": "andra halvåret 2026",
            "rows": [
                ("Utgiven", "31 jan. 2027 kl. 09.00"),
                ("Bidragande kommuner", "285–289"),
            ],
            "marks": [("Kontrollsumma (SHA-256)", "ab" * 32)],
            "not_counted": ["Nödöppningar"],
            "files": [("Rapport att skriva ut (PDF)", "#"), ("Alla tabeller (XLSX)", "#")],
            "views": [show(each, BASE) | PICTURE for each in (TOTALS, ADMITTED)],
            "tables": [("Antagna efter ålder", "#"), ("Antagna efter ålder och kön", "#")],
            "method_href": METHOD_HREF,
        },
    ),
    "national-table": (
        "national/table.html",
        {
            "title": "Antagna efter ålder och kön, 2026",
            "view": show(ADMITTED, BASE) | PICTURE | {"href": None},
            "method_href": METHOD_HREF,
            "back": BASE,
        },
    ),
}
