"""Samples of the pages that a night needs: who is on call, the alarm, decisions at once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.staff.api import Duty, Gap, Roster

NOW = datetime(2026, 11, 22, 1, 14, tzinfo=UTC)
LATER = NOW + timedelta(hours=7)


def uid(number: int) -> UUID:
    return UUID(int=number, version=4)


def form(values=None, errors=None):
    return {
        "action": "/posta",
        "hidden": {"term": 1},
        "values": values or {},
        "errors": errors or {},
    }


DUTY = Duty(uid(71), None, uid(1), "Handläggare A", NOW, LATER)
GAP = Gap(LATER, LATER + timedelta(hours=9))

ROSTER = Roster(True, True, DUTY, (DUTY,), (GAP,))
NOBODY = Roster(True, False, None, (), (GAP,))

SAMPLES = {
    "case-immediate": (
        "case/immediate.html",
        {
            "title": "Omedelbart beslut",
            "form": form({"kind": "aid.emergency_housing"}, {"reasons": "Skriv skälen."}),
            "code_name": "Granit Lärka 41",
            "kinds": [("aid.emergency_housing", "Akut boende", "Högst 7 dagar.")],
            "never": "Beslutet fattas av nämndens ordförande.",
            "back": "#",
        },
    ),
    "case-immediate-none": (
        "case/immediate.html",
        {
            "title": "Omedelbart beslut",
            "form": form(),
            "code_name": "Granit Lärka 41",
            "kinds": [],
            "never": "Beslutet fattas av nämndens ordförande.",
            "back": "#",
        },
    ),
    "on-call": (
        "on_call.html",
        {
            "title": "Jour",
            "form": form(
                {"from_on": "2026-11-23"}, {"until_on": "Jouren slutar innan den börjar."}
            ),
            "roster": ROSTER,
            "colleagues": [(str(uid(1)), "Handläggare A")],
            "end_forms": {DUTY.duty_id: form()},
        },
    ),
    "on-call-nobody": (
        "on_call.html",
        {
            "title": "Jour",
            "form": form(),
            "roster": NOBODY,
            "colleagues": [],
            "end_forms": {},
        },
    ),
    "on-call-not-kept": (
        "on_call.html",
        {
            "title": "Jour",
            "form": form(),
            "roster": Roster(False, False, None, (), ()),
            "colleagues": [],
            "end_forms": {},
        },
    ),
}
