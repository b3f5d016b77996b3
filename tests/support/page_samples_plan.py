"""Samples of the action plan's pages: full, empty, read only, a report, a history."""

from datetime import UTC, date, datetime
from types import SimpleNamespace as Thing

from gateway.pages.action_plan_forms import KINDS
from services.follow_up.domain.action_plan import Activity, Area, Plan, Pledge
from services.follow_up.domain.picture import Line
from services.follow_up.domain.plan_report import PlanReport
from shared.report import Grid, Listing, Paragraph, Report, Section, Signature

DAY = date(2026, 11, 20)
LONG = (
    "Veckovisa samverkansmöten genomförs och har utvecklats. Mötena samordnas av "
    "Säkerhetsenheten/tjänsteman i beredskap (TiB), barnomsorgsverksamhetssamordnarfunktionen."
)
PLAN = Plan(
    title="Handlingsplan för trygghet 2026–2027",
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 12, 31),
    agreement="Samverkansöverenskommelsen 2022",
    replaces="",
    areas=(Area(1, "Sociala risker"), Area(2, "Otrygghet i det offentliga rummet")),
)
STANDING = Grid(
    caption="Aktiviteter efter läge och område",
    columns=("Läge", *(f"Omr. {number}" for number in range(1, 9)), "Alla"),
    rows=(("Delvis eller avbruten", *"10010020", "4"), ("Alla", *"30151021", "13")),
    numbers=tuple(range(1, 10)),
)
LINE = Line(
    held_on=DAY,
    area=1,
    seen="Skadegörelse vid torget på kvällarna.",
    need="Synlighet",
    measure="Fler rundor",
    who="Trygghetsväktare",
    until=date(2026, 11, 27),
)


def _row(*, is_overdue, is_home, **changes):
    given = {"areas": (1,), "text": LONG, "status": "ONGOING", "owner": "Säkerhetsenheten"}
    activity = Activity(**(given | changes))
    return {"entry": activity, "href": "#", "is_overdue": is_overdue, "is_home": is_home}


def _pledge(result, *, is_replaced):
    pledge = Pledge(
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
        promise="Fler poliser på gatan kvällstid.",
        measure="Timmar i veckan",
        result=result,
    )
    return {"entry": pledge, "href": "#", "is_replaced": is_replaced}


def _plan(**changes):
    given = {
        "title": PLAN.title,
        "plan": PLAN,
        "areas": [
            {
                "title": "1. Sociala risker",
                "rows": [
                    _row(is_overdue=True, is_home=True, due_on=DAY, partner="Polisen"),
                    _row(
                        is_overdue=False,
                        is_home=False,
                        status="PARTIAL",
                        deviation="Det har inte blivit någon fortsättning.",
                        next_step="Utvecklingsområde.",
                    ),
                ],
                "picture": LINE,
            },
            {"title": "2. Otrygghet", "rows": [], "picture": None},
        ],
        "standing": STANDING,
        "overdue": 1,
        "pledges": [_pledge("Hölls.", is_replaced=True), _pledge("", is_replaced=False)],
        "meetings": [{"entry": LINE, "area": "1. Sociala risker", "href": "#"}],
        "reports": [
            {
                "entry": PlanReport(
                    occasion="HALF_TIME", title="Återrapport", dated=DAY, proposal="1. Godkänn."
                ),
                "href": "#",
            }
        ],
        "actions": [("Ny aktivitet", "#"), ("Ändra planens ram", "#")],
    }
    return "plan/plan.html", {**given, **changes}


def plan_samples(form):
    """By name: template and context.

    Args:
        form: makes a form.
    """
    view = Thing(plan=Thing(content=PLAN), pledges=[])
    report = Report(
        title="Handlingsplanen, återrapport",
        authority="Linköpings kommun",
        dated=DAY,
        register_number="KS 2026-17",
        notice="Utkast.",
        sections=(
            Section(heading="Ärende", blocks=(Paragraph(text=LONG),)),
            Section(heading="Aktiviteter", blocks=(STANDING,)),
            Section(heading="1. Sociala risker", level=3, blocks=(Listing(items=(LONG,)),)),
        ),
        office="Kommunledningsförvaltningen",
        signatures=(Signature(name="A. Alm", role="säkerhetschef"),),
        sent_to=("Säkerhetschefen",),
        seal="Kontrollsumma (SHA-256): " + "0f" * 32,
    )
    nothing = {"areas": [{"title": "1. Sociala risker", "rows": [], "picture": None}]}
    nothing |= {"standing": None, "overdue": 0, "pledges": [], "meetings": [], "reports": []}
    tabs = [
        {"text": "Överenskommelsen", "href": "#", "current": False, "count": None},
        {"text": "Handlingsplaner", "href": "#", "current": True, "count": None},
    ]
    return {
        "plans": (
            "plan/plans.html",
            {
                "title": "Handlingsplaner",
                "tabs": tabs,
                "rows": [
                    {
                        "title": PLAN.title,
                        "href": "#",
                        "valid_from": PLAN.valid_from,
                        "valid_until": PLAN.valid_until,
                        "activities": 46,
                        "overdue": overdue,
                    }
                    for overdue in (2, 0)
                ],
                "new": "#",
            },
        ),
        "plans-none": (
            "plan/plans.html",
            {"title": "Handlingsplaner", "tabs": tabs, "rows": [], "new": None},
        ),
        "plan": _plan(),
        "plan-empty": _plan(**nothing, actions=[]),
        "plan-entry": (
            "plan/entry.html",
            {
                "title": "Ändra aktiviteten",
                "form": form(
                    {"area": "1", "text": LONG, "status": "PARTIAL"},
                    {"deviation": "Skriv varför aktiviteten bara är delvis gjord."},
                ),
                "heading": "Ändra aktiviteten",
                "intro": KINDS["activities"].intro,
                "fields": KINDS["activities"].fields(view),
                "submit": "Spara",
                "back": "#",
                "is_dangerous": False,
                "history": "#",
            },
        ),
        "plan-report": (
            "plan/report.html",
            {
                "title": report.title,
                "report": report,
                "files": [("PDF", "#"), ("Word (DOCX)", "#")],
                "change": "#",
            },
        ),
        "plan-history": (
            "plan/history.html",
            {
                "title": "Vad som har ändrats",
                "versions": [
                    {
                        "number": 2,
                        "at": datetime(2026, 11, 22, 8, 14, tzinfo=UTC),
                        "who": "Samordnare S.",
                        "rows": [("Läge", "Genomförd"), ("Vad som görs", LONG)],
                    },
                    {
                        "number": 1,
                        "at": datetime(2026, 11, 20, 8, 14, tzinfo=UTC),
                        "who": "",
                        "rows": [("Läge", "Pågår")],
                    },
                ],
                "back": "#",
            },
        ),
    }
