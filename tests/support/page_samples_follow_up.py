"""Samples of the agreement's pages: overdue, being written, refused, signed by one, sealed, none."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from gateway.annual_report import compose
from gateway.texts.words_follow_up import REPORT_TEXTS
from services.follow_up.api import (
    Agreement,
    AnnualReport,
    Answer,
    Due,
    LawChange,
    Meeting,
    MeetingRow,
    Minutes,
    Obligation,
    Overview,
    ReportEvent,
    ReportRow,
    SignatureRow,
)
from services.statistics.api import OwnYear

NOW = datetime(2026, 11, 22, 8, 14, tzinfo=UTC)
A = UUID(int=1, version=4)
OBLIGATIONS = (
    Obligation("municipality", "support", "Utreda och tillgodose individens stödbehov.", "Stödet"),
    Obligation("police", "checks", "Bistå med registerslagningar.", "Registerslagningar"),
)
AGREEMENT = Agreement(
    police_unit="lpo-linkoping",
    obligations=OBLIGATIONS,
    signed_by=("social_director",),
    title="Avhopparverksamheten i Linköping: samverkansöverenskommelse",
    section="Giltighet",
    in_force_from=date(2022, 1, 1),
    last_day=None,
    yearly_from=2026,
    yearly_by=(12, 31),
    law_days=180,
    remind_days=45,
)
DUES = [
    Due("law:x", "law_change", "11 kap. SoL (2025:400)", date(2025, 12, 28), "overdue"),
    Due("yearly:2026", "yearly", "2026", date(2026, 12, 31), "soon"),
]
SHA = "4f" * 32
ROWS = [
    MeetingRow(A, 2026, NOW, None, None, None),
    MeetingRow(A, 2025, NOW, date(2025, 11, 3), NOW, SHA),
]
MINUTES = Minutes(
    date(2026, 11, 20),
    "Socialchefen och chefen för lokalpolisområdet.",
    {"support": Answer("met"), "checks": Answer("partly", "Svaren dröjde.\nمرحبا")},
    "Hänvisningarna byts.",
    "Svarstiden följs varje kvartal.",
)
OPEN = Meeting(
    meeting_id=A,
    year=2026,
    agreement=AGREEMENT,
    dues=DUES,
    number=3,
    minutes=MINUTES,
    sha256=SHA,
    written_at=NOW,
    written_by="Samordnare A",
    signatures=[SignatureRow("municipality", 3, NOW, "Socialchef S")],
    voided=[SignatureRow("police", 2, NOW, "Polis P")],
    sealed_at=None,
    sealed_sha256=None,
    party="police",
    may_write=True,
    may_sign=True,
)
TABS = [{"text": "Överenskommelsen", "href": "/follow-up", "current": True, "count": None}]


def form(values=None, errors=None):
    return {
        "action": "/posta",
        "hidden": {"number": 3},
        "values": values or {},
        "errors": errors or {},
    }


def _overview(**changes):
    given = {
        "agreement": AGREEMENT,
        "dues": DUES,
        "meetings": ROWS,
        "law_changes": [LawChange("Ny paragraf i polislagen", date(2026, 1, 1))],
        "may_open": True,
        "may_record": True,
        "is_police": False,
    }
    return {"tabs": TABS, "found": Overview(**{**given, **changes})}


_SAMPLES = {
    "follow-up": (
        "follow_up/overview.html",
        {
            **_overview(),
            "form": form({"year": "2026"}),
            "law_change_href": "/follow-up/law-changes",
            "meetings": [{"href": "/m", "row": row} for row in ROWS],
        },
    ),
    "follow-up-nothing": (
        "follow_up/overview.html",
        {
            **_overview(agreement=None, dues=[], meetings=[], law_changes=[]),
            "form": None,
            "law_change_href": None,
            "meetings": [],
        },
    ),
    "follow-up-law-change": (
        "follow_up/law_change.html",
        {"form": form({"what": ""}, {"what": "Skriv vilken lag som har ändrats."}), "back": "/"},
    ),
    "follow-up-meeting": (
        "follow_up/meeting.html",
        {
            "found": OPEN,
            "form": form({"outcome-support": "met", "law": "x"}, {"held_on": "Skriv dagen."}),
            "sign_form": form(),
        },
    ),
    "follow-up-meeting-sealed": (
        "follow_up/meeting.html",
        {
            "found": replace(
                OPEN, sealed_at=NOW, sealed_sha256=SHA, may_write=False, may_sign=False, voided=[]
            ),
            "form": None,
            "sign_form": None,
        },
    ),
    "follow-up-meeting-read": (
        "follow_up/meeting.html",
        {
            "found": replace(
                OPEN, party=None, signatures=[], minutes=Minutes(), may_write=False, may_sign=False
            ),
            "form": None,
            "sign_form": None,
        },
    ),
}

FIGURES = OwnYear(
    year=2026,
    shown={"contacts": 21, "admitted": 12, "contacts|age|18-20": 12},
    hidden=("completed", "contacts|age|21-25"),
    sensitive=("completed",),
    medians={"weeks_to_threat": 2},
    not_collected=("break_glass",),
)
REPORT = AnnualReport(
    report_id=A,
    year=2026,
    state="DRAFT",
    revision=3,
    texts={"summary": "Arbetet har utvecklats.", "proposal": "Rapporten läggs till handlingarna."},
    figures=FIGURES,
    counted_at=NOW,
    agreement=AGREEMENT,
    minutes=MINUTES,
    minutes_sha256=SHA,
    policy=("2022-01-01", SHA),
    competences=[("exit_work", 4)],
    content=None,
    sha256=None,
    signed=[],
    decision=None,
    published_at=None,
    history=[
        ReportEvent("submit", "PARTY_REVIEW", None, None, NOW, "Samordnare A"),
        ReportEvent("sign", "PARTY_REVIEW", "police", None, NOW, "Polis P"),
        ReportEvent("send_back", "DRAFT", None, "Talen ska räknas om.", NOW, "Socialchef S"),
    ],
    events=["write", "submit"],
)


def _report(found, **changes):
    given = {
        "found": found,
        "report": compose(found, authority="Linköpings kommun", dated=date(2026, 11, 22)),
        "form": None,
        "fields": list(REPORT_TEXTS.items()),
        "refusal": None,
        "acts": [],
        "submit_form": None,
        "publish_form": None,
        "back_form": None,
        "published": None,
        "pdf_href": "/p",
        "docx_href": "/d",
    }
    return ("follow_up/report.html", {**given, **changes})


_SAMPLES |= {
    "follow-up-reports": (
        "follow_up/reports.html",
        {
            "tabs": TABS,
            "rows": [
                {"href": "/r", "row": ReportRow(A, 2026, "DRAFT", None, None)},
                {"href": "/r", "row": ReportRow(A, 2025, "PUBLISHED", NOW, SHA)},
            ],
            "form": form({"year": "2026"}),
        },
    ),
    "follow-up-reports-none": (
        "follow_up/reports.html",
        {"tabs": TABS, "rows": [], "form": None},
    ),
    "follow-up-report-draft": _report(
        REPORT,
        form=form({"summary": "x"}, {"summary": "Texten pekar ut någon."}),
        acts=[{"text": "Underteckna för din part", "form": form()}],
        submit_form=form(),
    ),
    "follow-up-report-board": _report(
        replace(REPORT, state="KS", figures=None, minutes=None, counted_at=None, history=[]),
        publish_form=form(),
        back_form=form({"reason": "x"}),
        refusal="En text nämner färre än fem personer.",
    ),
    "follow-up-report-published": _report(
        replace(
            REPORT,
            state="PUBLISHED",
            agreement=None,
            sha256=SHA,
            decision="2027-02-09 § 31",
            published_at=NOW,
        ),
        published="9 feb. 2027",
    ),
}
_TITLES = {
    "report": "Årsrapport 2026",
    "reports": "Årsrapporter",
    "overview": "Uppföljning",
    "law_change": "Lagändring",
    "meeting": "Uppföljning 2026",
}
SAMPLES = {
    name: (template, {"title": _TITLES[template.split("/")[1].removesuffix(".html")]} | context)
    for name, (template, context) in _SAMPLES.items()
}
