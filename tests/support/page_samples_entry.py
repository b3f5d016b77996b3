"""Samples of the entry's pages: not ready, answered, signed, refused."""

from datetime import UTC, date, datetime
from uuid import UUID

from services.cases.domain.comparison import ComparedRow, Comparison, Side
from services.cases.domain.entry import Outcome
from services.cases.domain.entry_views import (
    Assessment,
    CriterionRow,
    EntryComparison,
    EntryDecision,
    EntrySignature,
    EntryView,
)

NOW = datetime(2026, 11, 22, 8, 14, tzinfo=UTC)
DOCUMENT = (
    "Avhopparverksamheten i Linköping: samverkansöverenskommelse mellan Polismyndigheten och "
    "Linköpings kommun"
)
REASONS = "Har kommit till varje möte och tagit avstånd från gruppen.\n\nمرحبا"


def uid(number: int) -> UUID:
    return UUID(int=number, version=4)


A, B = uid(1), uid(2)


def _row(code, answer=None, possible=("yes", "no", "unclear"), **changes):
    given = {
        "code": code,
        "is_condition": True,
        "rule": f"cases.entry.{code}",
        "document": DOCUMENT,
        "section": "Målgrupp – definition avhoppare, första kriteriet",
        "verified": True,
        "possible": possible,
        "answer": answer,
        "reasons": REASONS if answer else "",
    }
    return CriterionRow(**{**given, **changes})


def _compared(case):
    def side(ruling, **changes):
        return Side(
            **{
                "ruling": ruling,
                "is_condition": True,
                "rule": "cases.entry.threat",
                "document": DOCUMENT,
                "section": "Målgrupp – definition avhoppare",
                "verified": True,
                **changes,
            }
        )

    rows = (
        ComparedRow("target_group", side("no"), side("yes"), is_cause=True),
        ComparedRow("threat", side("no"), None, is_cause=True),
        ComparedRow("protection_need", side("no"), side("open", is_condition=False), is_cause=True),
        ComparedRow("age", None, side("unclear", verified=False), is_cause=False),
    )
    return EntryComparison(
        header=case["file"].header,
        authority="1480",
        group="violent_extremism",
        comparison=Comparison("NOT_MET", "MET", rows),
        is_joint=(True, False),
        favours_the_individual=(False, True),
        policy_from=(date(2022, 1, 1), date(2019, 12, 1)),
        policy_sha256=("a1" * 32, "b2" * 32),
    )


def _view(case, *answers, **changes):
    codes = ("target_group", "motivation", "protection_need", "residence")
    given = answers or (None,) * len(codes)
    rows = [_row(code, answer) for code, answer in zip(codes, given, strict=True)]
    rows[3] = _row("residence", given[3], ("yes",), reasons="", verified=False)
    facts = {
        "header": case["file"].header,
        "missing": (),
        "criteria": (*rows, _row("suitability", given[1], is_condition=False)),
        "is_joint": True,
        "favours_the_individual": False,
        "assessment": None,
        "wanted": (),
        "signatures": (),
        "police_word": None,
        "decision": None,
        "policy_from": date(2022, 1, 1),
        "policy_sha256": "0f" * 32,
        "open_applications": (),
        "names": {A: "Handläggare A", B: "Gruppledare B"},
    }
    return EntryView(**{**facts, **changes})


def _assessment(verdict, *failed, is_current=True):
    return Assessment(
        uid(400),
        "violent_extremism",
        Outcome(verdict, failed, ()),
        ("NO_PROTECTION_NEED",) if failed else (),
        NOW,
        A,
        date(2022, 1, 1),
        "0f" * 32,
        is_current,
    )


def entry_samples(case, form):
    """By name: template and context.

    Args:
        case: what every page of a case has.
        form: makes a form.
    """
    refused = {
        "assessment": _assessment("NOT_MET", "protection_need"),
        "wanted": ("municipality", "police", "second"),
    }
    nothing = {"steps": [], "missing": [], "signing": [], "letter": None}
    signing = [
        {"party": "Kommunen", "name": "Samordnare S", "at": NOW, "disagrees": False},
        {"party": "Polisen", "name": None, "at": None, "disagrees": True},
        {"party": "En andra person i kommunen", "name": None, "at": None, "disagrees": False},
    ]
    decided = EntryDecision("NO_PROTECTION_NEED", NOW, A, B)
    return {
        "case-entry-not-ready": (
            "case/entry.html",
            case
            | nothing
            | {
                "view": _view(case, missing=("threat", "needs")),
                "missing": [("polisens svar om hotet", "#"), ("behoven", "#")],
            },
        ),
        "case-entry-signing": (
            "case/entry.html",
            case
            | nothing
            | {
                "view": _view(case, "yes", "yes", "no", "yes", **refused),
                "steps": [{"text": "Läs och skriv under", "href": "#"}],
                "signing": signing,
            },
        ),
        "case-entry-stale": (
            "case/entry.html",
            case
            | nothing
            | {
                "view": _view(
                    case,
                    *("yes", "unclear", "yes", "yes"),
                    assessment=_assessment("UNCLEAR", is_current=False),
                    is_joint=False,
                    favours_the_individual=True,
                ),
                "steps": [{"text": "Ändra svaren", "href": "#"}],
            },
        ),
        "case-entry-refused": (
            "case/entry.html",
            case
            | nothing
            | {
                "view": _view(
                    case,
                    *("yes", "yes", "no", "yes"),
                    **refused,
                    decision=decided,
                    open_applications=(NOW,),
                    signatures=(EntrySignature("municipality", A, NOW),),
                ),
                "letter": "#",
            },
        ),
        "case-comparison": (
            "case/comparison.html",
            {
                "title": "Samma uppgifter, två kommuner",
                "form": form({"authority": "1480"}),
                "code_name": "Granit Lärka 41",
                "municipalities": [("0581", "Norrköping"), ("1480", "Göteborg")],
                "found": _compared(case),
                "ours": "Linköping",
                "theirs": "Göteborg",
                "back": "#",
            },
        ),
        "case-entry-answers": (
            "case/entry_answers.html",
            {
                "title": "Gemensam bedömning",
                "form": form(
                    {"group": "other", "answer-motivation": "yes", "reasons-motivation": REASONS},
                    {
                        "answer-target_group": "Välj ett svar.",
                        "reasons-motivation": "Skriv skälen.",
                    },
                ),
                "code_name": "Granit Lärka 41",
                "view": _view(case),
                "judged": {"target_group", "motivation", "protection_need", "suitability"},
                "back": "#",
            },
        ),
    }
