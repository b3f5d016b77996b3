"""Samples of the programme's pages: in full run, paused, closed, and with nothing yet."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace as Thing
from uuid import UUID

from services.cases.domain.aid import Aid
from services.cases.domain.money import Money
from services.cases.domain.plan import FollowUp, Goal, Measure
from services.cases.domain.programme import Agreement
from services.decisions.api import Decision
from services.protection.domain.model import Question

NOW = datetime(2026, 11, 22, 8, 14, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def uid(number: int) -> UUID:
    return UUID(int=number, version=4)


A = uid(1)
TEXT = "Kontaktperson två gånger i veckan, och hjälp att söka arbete.\n\nمرحبا"


def _aid(number, outcome="GRANTED", **changes):
    given = {
        "aid_id": uid(number),
        "kind": "aid.counselling",
        "outcome": outcome,
        "area": "occupation",
        "matter": TEXT,
        "minutes": "",
        "granted_from": TODAY if outcome == "GRANTED" else None,
        "granted_until": None,
        "ends": None,
        "decided_at": NOW,
        "told_on": None,
    }
    return Aid(**{**given, **changes})


def _decision(aid, **changes):
    given = {
        "decision_id": uid(300),
        "about": aid.aid_id if aid else uid(301),
        "kind": aid.kind if aid else "residence.find",
        "outcome": aid.outcome if aid else "HERE",
        "decided_by": A,
        "second": None,
        "decided_at": NOW,
        "document": "Typisk delegationsordning för socialtjänsten",
        "section": "5.1",
        "law_ref": "aid.right",
        "policy_from": date(2022, 1, 1),
        "policy_sha256": "a" * 64,
        "reasons": "Behovet kan inte tillgodoses på annat sätt.",
    }
    return Decision(**{**given, **changes})


def _money(number, outcome=None, **changes):
    answered = (TODAY, NOW) if outcome else (None, None)
    given = {"granted": None, "paid_on": None, "paid": None} | changes
    return Money(uid(number), TODAY, 450_000, NOW, outcome, *answered, **given)


AIDS = (
    _aid(200, told_on=TODAY),
    _aid(201, kind="aid.emergency_housing", granted_until=TODAY + timedelta(days=29)),
    _aid(202, "REFUSED", kind="aid.financial_above_norm"),
    _aid(203, kind="aid.protected_housing", minutes="Individutskottet 2026-11-20, § 118"),
)
GOALS = (
    Goal(uid(210), "housing", "En egen bostad.", TODAY + timedelta(days=90), NOW, "PARTLY"),
    Goal(uid(211), "occupation", "Ett arbete.", TODAY - timedelta(days=2), NOW, None),
    Goal(uid(212), "addiction", "Drogfri.", TODAY, NOW, "MET"),
)
_SIGNED = {
    "agreement_id": uid(220),
    "conditions": ("no_crime", "keep_contact", "register_checks"),
    "own_conditions": "Ring varje måndag.",
    "signed_on": TODAY,
    "recorded_at": NOW,
    "recorded_by": A,
}
MONEY = (
    _money(260, "GRANTED", granted=400_000),
    _money(261, "GRANTED", granted=90_000, paid_on=TODAY, paid=90_000),
    _money(262, "REFUSED"),
    _money(263),
)
_LINKS = dict.fromkeys(
    (
        "agreement",
        "withdraw_agreement",
        "start",
        "goal",
        "measure",
        "follow_up",
        "money",
        "register_check",
        "relapse",
        "review",
        "pause",
        "resume",
        "complete",
        "wish",
        "reopen",
    ),
    "#",
)


def _programme(**changes):
    given = {
        "agreements": (Agreement(**_SIGNED, paper=None, withdrawn_at=None),),
        "aids": AIDS,
        "running": tuple(aid.aid_id for aid in AIDS if aid.outcome == "GRANTED"),
        "unexecuted": (AIDS[1].aid_id,),
        "goals": GOALS,
        "measures": (
            Measure(uid(230), AIDS[0].aid_id, "Kontaktperson", "", TODAY, None),
            Measure(uid(231), AIDS[3].aid_id, "Skyddat boende", "Hemvägen AB", TODAY, TODAY),
        ),
        "follow_ups": (FollowUp(uid(240), TODAY, {}, TEXT, "Jag vill fortsätta.", TODAY, A),),
        "follow_up_on": TODAY + timedelta(days=3),
        "pause": None,
        "register_checks": (
            Question(uid(250), "register_check", "lpo-linkoping", None, NOW, None, None),
            Question(
                uid(251), "register_check", "lpo-linkoping", None, NOW, "NOTHING_TO_REPORT", NOW
            ),
        ),
        "closing": None,
        "money": MONEY,
    }
    return Thing(**{**given, **changes})


_NOTHING = _programme(
    agreements=(),
    aids=(),
    running=(),
    unexecuted=(),
    goals=(),
    measures=(),
    follow_ups=(),
    follow_up_on=None,
    register_checks=(),
    money=(),
)
_ENDED = _programme(
    agreements=(Agreement(**_SIGNED, paper=uid(221), withdrawn_at=NOW),),
    unexecuted=(),
    closing=Thing(
        summary=TEXT,
        continued_support="Öppenvård i kommunen.",
        threat_level="LOW",
        register_check="NOTHING_TO_REPORT",
        goals_met=3,
        closed_at=NOW,
    ),
)


def _plan(case, found, links):
    return (
        "case/plan.html",
        case
        | {
            "programme": found,
            "links": links,
            "open_goals": [goal for goal in found.goals if goal.is_open],
            "matters": {aid.aid_id: aid for aid in found.aids},
        },
    )


def _row(aid, **changes):
    given = {
        "decision": _decision(aid),
        "aid": aid,
        "kind": "Råd, stöd och kontaktperson",
        "who": "Handläggare A",
        "second": None,
        "law": "11 kap. SoL (2025:400) (kontrollera mot lagtexten)",
        "is_unexecuted": False,
        "is_running": True,
        "letter": "#" if aid else None,
        "told": "#" if aid and aid.told_on is None else None,
    }
    return {**given, **changes}


def programme_samples(case, form):
    """What the pages are drawn from.

    Args:
        case: what every page of a case has.
        form: makes a form's dict.
    """
    no_links = dict.fromkeys(_LINKS) | {"end_measure": {}, "money_answer": {}, "money_paid": {}}
    pause = Thing(cause="HOSPITAL", text="Inlagd.", review_on=TODAY + timedelta(days=14))
    return {
        "case-plan": _plan(
            case,
            _programme(),
            _LINKS
            | {
                "end_measure": {uid(230): "#"},
                "money_answer": {uid(263): "#"},
                "money_paid": {uid(260): "#"},
            },
        ),
        "case-plan-paused": _plan(case, _programme(pause=pause), no_links),
        "case-plan-ended": _plan(case, _ENDED, no_links),
        "case-plan-empty": _plan(case, _NOTHING, no_links),
        "case-decisions": (
            "case/decisions.html",
            case
            | {
                "rows": [
                    _row(AIDS[0]),
                    _row(AIDS[1], is_unexecuted=True),
                    _row(AIDS[2], is_running=False),
                    _row(AIDS[3], who="Nämndens utskott"),
                    _row(None, second="Gruppledare B", law=None),
                ],
                "links": {"decide": "#"},
                "blocked": [{"text": "Skyddat boende", "reason": "Beslut fattas av utskottet."}],
            },
        ),
        "case-decisions-empty": (
            "case/decisions.html",
            case | {"rows": [], "links": {"decide": None}},
        ),
        "board": (
            "board.html",
            {
                "title": "Beslut att anmäla",
                "form": form({"decisions": [str(uid(300))]}),
                "rows": [
                    {
                        "id": str(uid(300)),
                        "code_name": "Granit Lärka 41",
                        "kind": "Råd, stöd och kontaktperson",
                        "outcome": "Bifall",
                        "who": "Handläggare A",
                        "second": "Gruppledare B",
                        "row": _decision(AIDS[0]),
                    }
                ],
            },
        ),
        "board-empty": (
            "board.html",
            {"title": "Beslut att anmäla", "form": form(), "rows": []},
        ),
        "case-read-back": (
            "case/read_back.html",
            {
                "title": "Besluta om bistånd",
                "heading": "Läs igenom beslutet",
                "form": form(kind="aid.counselling", matter=TEXT),
                "rows": [("Utfall", "Bifall"), ("Beslutet", TEXT)],
                "consequences": ["Beslutet kan inte ändras."],
                "ground": "Beslut fattas av handläggare.",
                "submit": "Fatta beslutet",
                "code_name": "Granit Lärka 41",
                "back": "#",
            },
        ),
    }
