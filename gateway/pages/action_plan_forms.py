"""The forms of the action plan: each kind of entry, its fields, its command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.pages.form import Given, field_of
from gateway.plan_report import area_title
from gateway.texts.days import day
from gateway.texts.jinja import options
from services.follow_up import api as follow_up

Fields = Callable[[follow_up.PlanView], list[dict[str, Any]]]
Values = Callable[[Any], dict[str, Any]]
NO_PERSON = "Skriv inget om någon person, och inget kodnamn."
_LINES = "En på varje rad."
_BLOCKS = (
    "En tom rad skiljer stycken. Rader som börjar med ”- ” blir en punktlista, och rader som "
    "börjar med ”1. ”, ”2. ” blir en numrerad lista."
)


@dataclass(frozen=True)
class Kind:
    """One kind of entry.

    Args:
        entry: what is kept.
        save: the command's use case.
        at: which field an error code belongs to.
        values: an entry as a form's values.
        adapt: the form's values as the command's fields, where they differ.
    """

    entry: type[Any]
    command: type[Any]
    save: Callable[..., Any]
    new: str
    change: str
    intro: str
    fields: Fields
    values: Values
    at: Mapping[str, str]
    adapt: Callable[[Given], dict[str, Any]] = lambda given: {}  # noqa: ARG005


def text_of(given: Given, name: str) -> str:
    """A field that comes once."""
    value = given.get(name, "")
    return value[-1] if isinstance(value, list) else value


def labels_of(fields: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The fields that somebody writes in, and what they are called."""
    return [
        (each["name"], each["label"]) for each in fields if each["kind"] in {"text", "textarea"}
    ]


def lines_of(given: Given, name: str) -> list[str]:
    """A field of one line each."""
    return [line.strip() for line in text_of(given, name).split("\n") if line.strip()]


def plain(content: Any) -> dict[str, Any]:
    """An entry's fields as a form shows them."""
    values = {name: getattr(content, name) for name in content.__struct_fields__}
    return {
        name: "\n".join(value)
        if isinstance(value, tuple) and all(isinstance(each, str) for each in value)
        else ""
        if value is None
        else str(value)
        for name, value in values.items()
    }


def _areas(view: follow_up.PlanView) -> list[tuple[str, str]]:
    return [(str(area.number), area_title(area)) for area in view.plan.content.areas]


def plan_fields() -> list[dict[str, Any]]:
    """The frame of a plan."""
    return [
        field_of("text", "title", "Vad planen heter"),
        field_of("date", "valid_from", "Från och med"),
        field_of("date", "valid_until", "Till och med"),
        field_of(
            "textarea",
            "areas",
            "Samverkansområden",
            hint=f"{_LINES} De numreras i den ordning de står; lägg nya sist.",
        ),
        field_of("textarea", "agreement", "Överenskommelse som planen följer", optional=True),
        field_of("textarea", "replaces", "Vad planen ersätter", optional=True),
    ]


PLAN_AT = {
    "plan.title_missing": "title",
    "plan.ends_before": "valid_until",
    "plan.areas_missing": "areas",
    "plan.area_twice": "areas",
    "plan.area_in_use": "areas",
    "plan.too_many_areas": "areas",
}


def plan_values(plan: follow_up.Plan) -> dict[str, Any]:
    """A plan's frame as a form shows it."""
    return {**plain(plan), "areas": "\n".join(area.name for area in plan.areas)}


def _activity_fields(view: follow_up.PlanView) -> list[dict[str, Any]]:
    return [
        field_of("select", "area", "Område", choices=_areas(view)),
        field_of(
            "checkboxes",
            "more",
            "Fler områden",
            choices=_areas(view),
            hint="Aktiviteten redovisas under det första, och de andra hänvisar dit.",
            optional=True,
        ),
        field_of("textarea", "text", "Vad som görs, och hur det har gått", hint=NO_PERSON),
        field_of("radios", "status", "Läge", choices=options("activity_status")),
        field_of("text", "owner", "Ansvarig", hint="Ett kontor eller en funktion.", optional=True),
        field_of("text", "partner", "Tillsammans med", optional=True),
        field_of("date", "start_on", "Från", optional=True),
        field_of("date", "due_on", "Ska vara klart", optional=True),
        field_of("textarea", "evidence", "Belägg", hint="Var syns det?", optional=True),
        field_of("textarea", "deviation", "Avvikelse och varför", optional=True),
        field_of("textarea", "next_step", "Nästa steg", optional=True),
    ]


def _activity_values(each: follow_up.Activity) -> dict[str, Any]:
    return {
        **plain(each),
        "area": str(each.areas[0]),
        "more": [str(number) for number in each.areas[1:]],
    }


def _activity_given(given: Given) -> dict[str, Any]:
    more = given.get("more", [])
    first = text_of(given, "area")
    rest = [each for each in (more if isinstance(more, list) else [more]) if each != first]
    return {"areas": [first, *rest] if first else []}


def _pledge_fields(view: follow_up.PlanView) -> list[dict[str, Any]]:
    others = [
        (
            str(each.entry_id),
            f"{day(each.content.valid_from)}–{day(each.content.valid_until)}",
        )
        for each in view.pledges
    ]
    return [
        field_of("date", "valid_from", "Från och med"),
        field_of("date", "valid_until", "Till och med"),
        field_of("textarea", "promise", "Vad som lovas"),
        field_of("textarea", "measure", "Hur det mäts", optional=True),
        field_of("textarea", "result", "Resultat", optional=True),
        field_of("select", "replaces", "Ersätter löftet", choices=others, optional=True),
    ]


def _line_fields(view: follow_up.PlanView) -> list[dict[str, Any]]:
    return [
        field_of("date", "held_on", "Mötet hölls"),
        field_of("select", "area", "Område", choices=_areas(view)),
        field_of(
            "textarea",
            "seen",
            "Lägesbild",
            hint=f"Platser och tider på dygnet. {NO_PERSON}",
        ),
        field_of("textarea", "need", "Vad som behövs", optional=True),
        field_of("textarea", "measure", "Operativ insats de närmaste dagarna", optional=True),
        field_of(
            "text",
            "who",
            "Vilken funktion gör det?",
            hint="Till exempel polisen, räddningstjänsten eller trygghetsväktare.",
            optional=True,
        ),
        field_of("date", "until", "Till och med", optional=True),
    ]


def _report_fields(_: follow_up.PlanView) -> list[dict[str, Any]]:
    return [
        field_of("radios", "occasion", "Slags rapport", choices=options("plan_report_occasion")),
        field_of("text", "title", "Vad rapporten heter"),
        field_of("date", "dated", "Rapportens dag"),
        field_of("text", "register_number", "Diarienummer", optional=True),
        field_of("textarea", "proposal", "Förslag till beslut", hint=_BLOCKS),
        field_of("textarea", "matter", "Ärende", optional=True),
        field_of("textarea", "material", "Beslutsunderlag", optional=True),
        field_of("textarea", "background", "Bakgrund", optional=True),
        field_of(
            "text",
            "measures",
            "Rubrik över områdena",
            hint="Under den kommer aktiviteterna, så som de står i planen.",
            optional=True,
        ),
        field_of("textarea", "assessment", "Bedömning", optional=True),
        field_of("text", "office", "Förvaltning som undertecknar", optional=True),
        field_of("textarea", "signed_by", "Undertecknas av", hint=_LINES, optional=True),
        field_of("textarea", "sent_to", "Beslutet skickas till", hint=_LINES, optional=True),
    ]


KINDS: Mapping[str, Kind] = {
    "activities": Kind(
        follow_up.Activity,
        follow_up.SaveActivity,
        follow_up.save_activity,
        "Ny aktivitet",
        "Ändra aktiviteten",
        "Det som stod förut sparas, så att det går att se hur det har gått.",
        _activity_fields,
        _activity_values,
        {
            "activity.area_missing": "area",
            "activity.area_unknown": "area",
            "activity.deviation_missing": "deviation",
            "activity.due_before_start": "due_on",
            "activity.text_missing": "text",
        },
        _activity_given,
    ),
    "pledges": Kind(
        follow_up.Pledge,
        follow_up.SavePledge,
        follow_up.save_pledge,
        "Nytt medborgarlöfte",
        "Ändra medborgarlöftet",
        "Löftet ges av kommunen och polisen tillsammans.",
        _pledge_fields,
        plain,
        {
            "pledge.ends_before": "valid_until",
            "pledge.promise_missing": "promise",
            "pledge.replaced_already": "replaces",
            "pledge.replaces_later": "valid_from",
            "pledge.replaces_unknown": "replaces",
        },
    ),
    "meetings": Kind(
        follow_up.Line,
        follow_up.SaveLine,
        follow_up.save_line,
        "Från samordningsmötet",
        "Ändra från samordningsmötet",
        "Vad mötet såg i ett område, vad som behövs, och vem som gör vad de närmaste dagarna.",
        _line_fields,
        plain,
        {
            "activity.area_unknown": "area",
            "coordination.days_wrong": "until",
            "coordination.in_future": "held_on",
            "coordination.seen_missing": "seen",
            "coordination.who_missing": "who",
        },
    ),
    "reports": Kind(
        follow_up.PlanReport,
        follow_up.SavePlanReport,
        follow_up.save_plan_report,
        "Ny rapport om planen",
        "Ändra rapportens text",
        "Aktiviteterna skrivs inte här: de kommer från planen.",
        _report_fields,
        plain,
        {
            "plan_report.proposal_missing": "proposal",
            "plan_report.title_missing": "title",
        },
        lambda given: {name: lines_of(given, name) for name in ("signed_by", "sent_to")},
    ),
}
