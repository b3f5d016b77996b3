"""Samples of the pages of a reported concern, and of competence."""

from datetime import UTC, date, datetime
from uuid import UUID

from services.intake.api import Assessment, Concern, Planned, Settled, Step
from services.staff.api import Competence, CompetenceRow
from shared.ids import CaseId, StaffId

NOW = datetime(2026, 11, 22, 8, 14, tzinfo=UTC)
A, B = StaffId(UUID(int=1, version=4)), StaffId(UUID(int=2, version=4))
CASE = CaseId(UUID(int=41, version=4))
POLICY = ("Utvägs grundinställning", "Oroskedja, steg 1")
CHECK = Step("safety_check", "always", 0, ("own_task",), *POLICY)
COORDINATOR = Step("extremism_coordinator", "always", 1, ("own_task", "secrecy.consent"), *POLICY)
POLICE = Step("police", "always", 2, ("secrecy.consent", "secrecy.necessary"), *POLICY)
GUARDIANS = Step("guardians", "under_18", 3, ("guardians.insight",), *POLICY)
TAKEN = Settled("safety_check", "taken", "own_task", "", "Ingen akut fara.", NOW, A)
TOLD = Settled(
    "extremism_coordinator", "taken", "own_task", "Samordnaren", "Rådgjort i dag.", NOW, A
)
LEFT = Settled("police", "left", None, "", "Inget brott att förebygga än.", NOW, A)
ASSESSMENT = Assessment(UUID(int=5), "open", "radicalisation", "Tydliga tecken.\nFlera.", NOW, A)


def concern(*route, is_adult=True, **changes):
    given = {
        "case_id": CASE,
        "term": 1,
        "code_name": "Granit Lärka 41",
        "is_preliminary": True,
        "kind": "radicalisation",
        "reporter": "school",
        "reporter_name": "Rektor vid Provskolan",
        "observed": "Sprider hatbudskap på rasten.\nSagt till läraren den 20 november.",
        "received_on": date(2026, 11, 22),
        "registered_at": NOW,
        "of_age": date(2026, 11, 17) if is_adult else None,
        "is_adult": is_adult,
        "must_agree": True,
        "assess_by": None if is_adult else date(2026, 12, 6),
        "route": route,
        "competence": "radicalisation",
        "may_assess": False,
        "assessment": None,
        "names": {A: "Handläggare A", B: "Gruppledare B"},
    }
    return Concern(**{**given, **changes})


def shown(of, **changes):
    given = {
        "title": "Anmälan",
        "concern": of,
        "base": "/cases/x/concern",
        "is_open": True,
        "is_settled": False,
        "may_assess": False,
        "may_decide": False,
        "decided_by": "Beslut om att inleda utredning fattas av gruppledare.",
    }
    return "concern.html", {**given, **changes}


def competence(until):
    return Competence(
        UUID(int=6), A, "radicalisation", "Metodkurs", date(2025, 1, 1), until, B, NOW
    )


def form(values=None, errors=None):
    return {
        "action": "/posta",
        "hidden": {"term": 1},
        "values": values or {},
        "errors": errors or {},
    }


def planned(step, status, settled=None, since=None):
    return Planned(step, status, None if since else date(2026, 11, 22), since, settled)


SETTLED = (
    planned(CHECK, "taken", TAKEN),
    planned(COORDINATOR, "taken", TOLD),
    planned(POLICE, "left", LEFT),
    planned(GUARDIANS, "not_for_adults", since=date(2026, 11, 17)),
)
SAMPLES = {
    "concern-begun": shown(
        concern(
            planned(CHECK, "next"),
            planned(COORDINATOR, "later"),
            planned(GUARDIANS, "later"),
            is_adult=False,
        )
    ),
    "concern-not-competent": shown(concern(*SETTLED), is_settled=True),
    "concern-to-assess": shown(
        concern(*SETTLED, may_assess=True), is_settled=True, may_assess=True
    ),
    "concern-to-decide": shown(
        concern(*SETTLED, assessment=ASSESSMENT), is_settled=True, may_decide=True
    ),
    "concern-decided": shown(
        concern(*SETTLED, assessment=ASSESSMENT, is_preliminary=False),
        is_settled=True,
        is_open=False,
    ),
    "competence": (
        "competence.html",
        {
            "title": "Kompetens",
            "form": form({"course": "Kurs"}, {"staff_id": "Ingen registrerar sin egen kompetens."}),
            "rows": [
                CompetenceRow(competence(date(2027, 1, 1)), "Handläggare A", True),
                CompetenceRow(competence(date(2026, 1, 1)), "Handläggare A", False),
            ],
            "colleagues": [(str(A), "Handläggare A")],
        },
    ),
    "competence-own": (
        "competence.html",
        {"title": "Kompetens", "form": None, "rows": [], "colleagues": []},
    ),
}
