"""The forms of the programme, as fields: agreement, start, goals, measures, follow-ups, end."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from gateway.pages.case_forms import CaseForm
from gateway.pages.delegated import who_decides
from gateway.pages.form import Given, field_of
from gateway.pages.frame import Page, node_of
from gateway.policies import cases_policy
from gateway.texts.days import day
from gateway.texts.jinja import options
from gateway.texts.policy import DECISIONS
from gateway.texts.words import word
from services.cases import api as cases
from services.decisions import api as decisions
from shared.clock import local_date, months_after
from shared.ids import CaseId
from shared.node import Node

WORKERS = ("case_worker", "exit_coordinator", "team_leader")
AID_AT: Mapping[str, str] = {
    "aid.matter_missing": "matter",
    "aid.reasons_missing": "reasons",
    "aid.start_missing": "granted_from",
    "aid.ends_before_start": "granted_until",
    "aid.grants_and_ends": "granted_from",
    "aid.ends_nothing": "ends",
    "aid.ends_other_kind": "kind",
    "aid.ended_already": "ends",
    "decision.beyond_limit": "granted_until",
    "decision.not_delegate": "kind",
    "decision.not_committees": "minutes",
}
_NEXT_AT = {"follow_up.next_in_past": "next_on", "follow_up.next_too_late": "next_on"}


def _form(
    heading: str, intro: str | None, submit: str, *fields: dict[str, Any], **more: Any
) -> dict[str, Any]:
    given = {"heading": heading, "intro": intro, "fields": fields, "submit": submit}
    return {**given, "is_dangerous": False, **more}


def _today(request: Page) -> Any:
    return local_date(node_of(request).clock.now())


def _plan_of(file: cases.CaseFile) -> dict[str, str]:
    return {"back": f"/cases/{file.header.case_id}/plan"}


# -- aid -------------------------------------------------------------------------------------------


def aid_fields(node: Node, found: cases.Programme) -> dict[str, Any]:
    """The form that decides about aid, with who decides each kind."""
    running = [
        (str(aid.aid_id), f"{DECISIONS[aid.kind].capitalize()}, {day(aid.decided_at)}")
        for aid in found.aids
        if aid.aid_id in found.running
    ]
    ends = field_of(
        "select",
        "ends",
        "Vilket beslut upphör?",
        choices=running,
        optional=True,
        hint="Bara när ett tidigare beslut upphör. Det ska gälla samma slags bistånd som du valt.",
    )
    return _form(
        "Besluta om bistånd",
        "Beslutet gäller rätten till stöd, inte platsen i programmet. Det läses upp för dig innan "
        "du fattar det.",
        "Läs igenom",
        field_of("radios", "outcome", "Utfall", choices=options("aid_outcome")),
        field_of(
            "radios",
            "kind",
            "Vad gäller beslutet?",
            choices=[
                (kind, DECISIONS[kind].capitalize(), who_decides(node, kind))
                for kind in cases.AID_KINDS
            ],
        ),
        field_of("select", "area", "Behovsområde", choices=options("need_area")),
        field_of(
            "textarea",
            "matter",
            "Beslutet",
            hint="Vad personen har ansökt om och vad ni beviljar, avslår eller avslutar.",
        ),
        field_of(
            "textarea", "reasons", "Skälen", hint="Så att personen förstår. Inga namn på andra."
        ),
        field_of("date", "granted_from", "Från och med", optional=True, hint="Vid bifall."),
        field_of(
            "date",
            "granted_until",
            "Till och med",
            optional=True,
            hint="Lämna tomt om det gäller tills vidare.",
        ),
        *([ends] if running else []),
        field_of(
            "text",
            "minutes",
            "Utskottets protokoll",
            optional=True,
            hint="Dag och paragraf, bara när delegationsordningen säger att utskottet beslutar och "
            "du för in vad det har beslutat.",
        ),
    )


def confirmation(node: Node, command: cases.DecideAid) -> dict[str, Any]:
    """The decision read back, with what it brings about."""
    refuses = command.outcome != "GRANTED"
    row = (decisions.refusal_of if refuses else decisions.delegation)(
        node.policies.on(local_date(node.clock.now())), command.kind
    )
    until = day(command.granted_until) if command.granted_until else "tills vidare"
    days = (
        [
            (
                "Gäller",
                f"från {day(command.granted_from)}, {'' if until == 'tills vidare' else 'till '}{until}",
            )
        ]
        if command.granted_from
        else []
    )
    consequences = [
        "Beslutet kan inte ändras. Det kan upphöra genom ett nytt beslut.",
        "Personen ska få det skriftligt, med skälen och hur man överklagar.",
        "Beslutet anmäls till nämnden.",
    ]
    if not refuses:
        consequences.append("Verkställs det inte inom tre månader ska det rapporteras till IVO.")
    return {
        "heading": "Läs igenom beslutet",
        "rows": [
            ("Utfall", word(command.outcome, "aid_outcome")),
            ("Gäller", DECISIONS[command.kind].capitalize()),
            ("Beslutet", command.matter),
            ("Skälen", command.reasons),
            *days,
            *((("Utskottets protokoll", command.minutes),) if command.minutes else ()),
        ],
        "consequences": consequences,
        "ground": who_decides(node, row.kind),
        "submit": "För in utskottets beslut" if command.minutes else "Fatta beslutet",
    }


async def _told(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Personen har fått del av beslutet",
        "Tiden för att överklaga, tre veckor, räknas från den dagen.",
        "Spara",
        field_of("date", "told_on", "Vilken dag?"),
        back=f"/cases/{file.header.case_id}/decisions",
    )


# -- agreement and start ---------------------------------------------------------------------------


async def _agreement(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    papers = await cases.list_documents(node_of(request), request.user, file.header.case_id)
    return _form(
        "Överenskommelse",
        "Personen har läst villkoren och undertecknat dem på papper.",
        "Spara överenskommelsen",
        field_of("checkboxes", "conditions", "Villkor", choices=options("condition")),
        field_of("textarea", "own_conditions", "Egna villkor", optional=True),
        field_of("date", "signed_on", "Undertecknad den"),
        field_of(
            "select",
            "paper",
            "Det undertecknade papperet",
            choices=[(str(each.document_id), each.title) for each in papers],
            optional=True,
            hint="Lägg först in det under Handlingar.",
        ),
        **_plan_of(file),
    )


async def _agreement_back(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Personen tar tillbaka överenskommelsen",
        "Samordnaren får veta det och bedömer om programmet kan fortsätta. Beslut om bistånd "
        "gäller som förut. Det personen säger står i journalen.",
        "Registrera att överenskommelsen tas tillbaka",
        field_of("textarea", "wish", "Vad säger personen?"),
        field_of("text", "source", "Hur sades det?"),
        is_dangerous=True,
        **_plan_of(file),
    )


async def _start(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Börja programmet",
        "Överenskommelsen är undertecknad och ett första beslut finns.",
        "Börja programmet",
        _next_follow_up(request, "first_follow_up_on", "Första uppföljningen senast"),
        **_plan_of(file),
    )


def _next_follow_up(request: Page, name: str, label: str) -> dict[str, Any]:
    months = cases_policy(node_of(request)).work.follow_up_months.value
    latest = day(months_after(_today(request), months))
    return field_of("date", name, label, hint=f"Skriv som 2026-12-01. Senast {latest}.")


# -- plan ------------------------------------------------------------------------------------------


async def _goal(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Nytt mål",
        "Ett mål som personen själv känner igen, och som går att se när det är nått.",
        "Spara målet",
        field_of("select", "area", "Område", choices=options("need_area")),
        field_of("textarea", "text", "Målet"),
        field_of("date", "due_on", "Nått senast"),
        **_plan_of(file),
    )


async def _measure(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    found = await _programme(request, file)
    return _form(
        "Påbörja en insats",
        "En insats vilar på ett beslut.",
        "Spara insatsen",
        field_of(
            "select",
            "aid_id",
            "Enligt vilket beslut?",
            choices=[
                (str(aid.aid_id), f"{DECISIONS[aid.kind].capitalize()}, {day(aid.decided_at)}")
                for aid in found.aids
                if aid.aid_id in found.running
            ],
        ),
        field_of("text", "what", "Vad är insatsen?"),
        field_of(
            "text",
            "provider",
            "Utförare, om den köps",
            optional=True,
            hint="Företagets eller föreningens namn, aldrig en persons.",
        ),
        field_of("date", "started_on", "Började"),
        **_plan_of(file),
    )


async def _measure_end(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Avsluta insatsen",
        "Beslutet gäller tills det upphör genom ett nytt beslut eller dess sista dag.",
        "Spara",
        field_of("date", "ended_on", "Slutade"),
        **_plan_of(file),
    )


async def _money_applied(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Sökta statliga medel",
        "Ansökan gör ni hos polisen. Här står bara att den är gjord.",
        "Spara",
        field_of("date", "applied_on", "Söktes"),
        field_of("text", "kronor", "Belopp i kronor", hint="Bara siffror."),
        **_plan_of(file),
    )


async def _money_answered(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Svar om statliga medel",
        None,
        "Spara",
        field_of("radios", "outcome", "Svaret", options("money_outcome")),
        field_of("date", "answered_on", "Svaret kom"),
        field_of("text", "kronor", "Beviljat belopp i kronor", hint="Bara siffror.", optional=True),
        **_plan_of(file),
    )


async def _money_paid(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Utbetalda statliga medel",
        None,
        "Spara",
        field_of("date", "paid_on", "Betalades ut"),
        field_of("text", "kronor", "Belopp i kronor", hint="Bara siffror."),
        **_plan_of(file),
    )


async def _follow_up(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    found = await _programme(request, file)
    scores = [
        field_of(
            "radios",
            f"score-{goal.goal_id}",
            f"{word(goal.area, 'need_area')}: {goal.text}",
            choices=options("score"),
        )
        for goal in found.goals
        if goal.is_open
    ]
    return _form(
        "Följ upp planen",
        "Gå igenom målen med personen.",
        "Spara uppföljningen",
        field_of("date", "held_on", "När?"),
        *scores,
        field_of("textarea", "summary", "Vad kom ni fram till?"),
        field_of("textarea", "persons_view", "Vad tycker personen själv?"),
        _next_follow_up(request, "next_on", "Nästa uppföljning senast"),
        **_plan_of(file),
    )


def _scores(given: Given) -> dict[str, Any]:
    prefix = "score-"
    return {
        "scores": [
            {"goal_id": name.removeprefix(prefix), "score": score}
            for name, score in given.items()
            if name.startswith(prefix) and score
        ]
    }


async def _programme(request: Page, file: cases.CaseFile) -> cases.Programme:
    return await cases.read_programme(
        node_of(request), request.user, CaseId(file.header.case_id), "form"
    )


async def _register_check(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return {
        "heading": "Be polisen om registerslagning",
        "rows": [("Frågan", word("register_check", "question"))],
        "consequences": [
            "Den polisenhet som ansvarar för hotnivån ser frågan i samverkansrummet.",
            "Svaret är bara en kod: inget att rapportera, eller kontakta oss. Resten sägs i telefon.",
        ],
        "ground": None,
        "codes": [],
        "code_label": "",
        "text_label": None,
        "text_hint": None,
        "submit": "Ställ frågan",
        "is_dangerous": False,
        **_plan_of(file),
    }


async def _protection(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Ta över det akuta skyddet",
        "Polisen bedömer att akut skydd inte längre behövs och avslutar sitt. Till dess att du "
        "bekräftar svarar polisen för det. Därefter svarar kommunen, och den du väljer för det "
        "långsiktiga skyddet.",
        "Kommunen tar över skyddet",
        field_of(
            "select",
            "responsible",
            "Vem svarar för det långsiktiga skyddet?",
            choices=[
                (str(each.staff_id), each.display_name)
                for each in file.members
                if each.ended_at is None and each.role not in {"on_call", "social_director"}
            ],
        ),
        back=f"/cases/{file.header.case_id}",
    )


# -- pause and end ---------------------------------------------------------------------------------


async def _pause(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Pausa programmet",
        "Beslut och insatser gäller som förut. Programmet bedöms på nytt den dag du skriver.",
        "Pausa",
        field_of("radios", "cause", "Varför?", choices=options("pause_cause")),
        field_of("textarea", "text", "Beskriv"),
        field_of("date", "review_on", "Bedöms på nytt senast"),
        **_plan_of(file),
    )


async def _resume(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Återuppta programmet",
        None,
        "Återuppta",
        _next_follow_up(request, "next_follow_up_on", "Nästa uppföljning senast"),
        **_plan_of(file),
    )


async def _completion(request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Avsluta som fullföljt",
        "Alla mål är nådda och inget akut skydd behövs. Akten stängs och samverkansrummet töms. "
        + who_decides(node_of(request), "case.close"),
        "Avsluta ärendet",
        field_of(
            "textarea", "summary", "Sammanfattning", hint="Vad har gjorts, vad har det lett till?"
        ),
        field_of(
            "textarea",
            "continued_support",
            "Stöd efteråt",
            hint="Vad personen har kvar, och vart hen vänder sig.",
        ),
        is_dangerous=True,
        **_plan_of(file),
    )


async def _wish(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Personen vill inte ha mer hjälp",
        "Stödet är frivilligt. Ärendet avslutas genast, samverkansrummet töms och det personen säger "
        "står i journalen. Personen kan komma tillbaka.",
        "Avsluta ärendet",
        field_of("textarea", "wish", "Vad säger personen?"),
        field_of("text", "source", "Hur sades det?"),
        is_dangerous=True,
        **_plan_of(file),
    )


async def _reopening(_request: Page, file: cases.CaseFile) -> dict[str, Any]:
    return _form(
        "Öppna ärendet igen",
        "Utredningen börjar om med det som redan står i akten.",
        "Öppna ärendet",
        field_of("text", "reason", "Varför?"),
        **_plan_of(file),
    )


def _now(name: str) -> Any:
    return lambda request, _file: {name: _today(request).isoformat()}


def _in_a_while(request: Page, _file: cases.CaseFile) -> dict[str, Any]:
    return {"review_on": (_today(request) + timedelta(days=30)).isoformat()}


_SOURCE_AT = {"note.text_missing": "wish", "note.source_missing": "source"}

FORMS: tuple[CaseForm, ...] = (
    CaseForm(
        "agreement",
        "Registrera överenskommelsen",
        "form",
        cases.SignAgreement,
        cases.sign_agreement,
        ("case_worker", "exit_coordinator"),
        then="/plan",
        at={
            "agreement.conditions_missing": "conditions",
            "agreement.signed_in_future": "signed_on",
        },
        context=_agreement,
        values=_now("signed_on"),
    ),
    CaseForm(
        "agreement/withdrawal",
        "Överenskommelsen tas tillbaka",
        "form",
        cases.WithdrawAgreement,
        cases.withdraw_agreement,
        ("case_worker", "exit_coordinator"),
        then="/plan",
        at=_SOURCE_AT,
        context=_agreement_back,
    ),
    CaseForm(
        "aid/{aid_id:uuid}/told",
        "Personen har fått del av beslutet",
        "form",
        cases.RecordTold,
        cases.record_told,
        then="/decisions",
        at=dict.fromkeys(
            ("aid.told_already", "aid.told_before_decision", "aid.told_in_future"), "told_on"
        ),
        context=_told,
        values=_now("told_on"),
    ),
    CaseForm(
        "programme-start",
        "Börja programmet",
        "form",
        cases.StartProgramme,
        cases.start_programme,
        ("case_worker",),
        then="/plan",
        at=dict.fromkeys(_NEXT_AT, "first_follow_up_on"),
        context=_start,
    ),
    CaseForm(
        "goals/new",
        "Nytt mål",
        "form",
        cases.SetGoal,
        cases.set_goal,
        then="/plan",
        at={"goal.text_missing": "text", "goal.due_in_past": "due_on"},
        context=_goal,
    ),
    CaseForm(
        "measures/new",
        "Påbörja en insats",
        "form",
        cases.StartMeasure,
        cases.start_measure,
        then="/plan",
        at={
            "measure.what_missing": "what",
            "measure.no_decision": "aid_id",
            "measure.before_decision": "started_on",
            "measure.in_future": "started_on",
            "measure.provider_names_person": "provider",
        },
        context=_measure,
        values=_now("started_on"),
    ),
    CaseForm(
        "measures/{measure_id:uuid}/end",
        "Avsluta insatsen",
        "form",
        cases.EndMeasure,
        cases.end_measure,
        then="/plan",
        at=dict.fromkeys(
            ("measure.ended_already", "measure.ends_before_start", "measure.in_future"), "ended_on"
        ),
        context=_measure_end,
        values=_now("ended_on"),
    ),
    CaseForm(
        "follow-ups/new",
        "Följ upp planen",
        "form",
        cases.RecordFollowUp,
        cases.record_follow_up,
        then="/plan",
        at={
            **_NEXT_AT,
            "follow_up.in_future": "held_on",
            "follow_up.summary_missing": "summary",
            "follow_up.view_missing": "persons_view",
        },
        context=_follow_up,
        values=_now("held_on"),
        adapt=_scores,
    ),
    CaseForm(
        "money/new",
        "Sökta statliga medel",
        "form",
        cases.ApplyForMoney,
        cases.apply_for_money,
        then="/plan",
        at={"money.in_future": "applied_on", "money.amount": "kronor"},
        context=_money_applied,
        values=_now("applied_on"),
    ),
    CaseForm(
        "money/{money_id:uuid}/answer",
        "Svar om statliga medel",
        "form",
        cases.RecordMoneyAnswer,
        cases.record_money_answer,
        then="/plan",
        at={
            "money.before_application": "answered_on",
            "money.in_future": "answered_on",
            "money.amount": "kronor",
            "money.amount_missing": "kronor",
            "money.amount_of_refused": "kronor",
        },
        context=_money_answered,
        values=_now("answered_on"),
    ),
    CaseForm(
        "money/{money_id:uuid}/payment",
        "Utbetalda statliga medel",
        "form",
        cases.RecordMoneyPaid,
        cases.record_money_paid,
        then="/plan",
        at={
            "money.before_answer": "paid_on",
            "money.in_future": "paid_on",
            "money.amount": "kronor",
            "money.more_than_granted": "kronor",
        },
        context=_money_paid,
        values=_now("paid_on"),
    ),
    CaseForm(
        "register-check",
        "Be polisen om registerslagning",
        "confirm",
        cases.AskRegisterCheck,
        cases.ask_register_check,
        ("case_worker", "exit_coordinator"),
        then="/plan",
        context=_register_check,
    ),
    CaseForm(
        "protection/{protection_id:uuid}/confirmation",
        "Ta över det akuta skyddet",
        "form",
        cases.TakeProtection,
        cases.take_protection,
        then="",
        at={"protection.not_a_member": "responsible"},
        context=_protection,
    ),
    CaseForm(
        "pause",
        "Pausa programmet",
        "form",
        cases.PauseProgramme,
        cases.pause_programme,
        ("case_worker",),
        then="/plan",
        at={
            "pause.text_missing": "text",
            "pause.review_in_past": "review_on",
            "pause.review_too_late": "review_on",
        },
        context=_pause,
        values=_in_a_while,
    ),
    CaseForm(
        "resumption",
        "Återuppta programmet",
        "form",
        cases.ResumeProgramme,
        cases.resume_programme,
        ("case_worker",),
        then="/plan",
        at=dict.fromkeys(_NEXT_AT, "next_follow_up_on"),
        context=_resume,
    ),
    CaseForm(
        "completion",
        "Avsluta som fullföljt",
        "form",
        cases.CompleteProgramme,
        cases.complete_programme,
        ("exit_coordinator",),
        then="/plan",
        at={
            "closing.summary_missing": "summary",
            "closing.support_missing": "continued_support",
        },
        context=_completion,
    ),
    CaseForm(
        "wish-to-end",
        "Personen vill inte ha mer hjälp",
        "form",
        cases.EndAtPersonsWish,
        cases.end_at_persons_wish,
        ("case_worker", "exit_coordinator"),
        then="",
        at=_SOURCE_AT,
        context=_wish,
    ),
    CaseForm(
        "reopening",
        "Öppna ärendet igen",
        "form",
        cases.ReopenCase,
        cases.reopen_case,
        ("team_leader",),
        then="",
        at={"reason.missing": "reason"},
        context=_reopening,
    ),
)
