"""Every code has its words, every day its Swedish."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import pytest

import gateway
from gateway.texts.days import day, due, moment, since, until, urgency, weekday
from gateway.texts.errors import authority_name, field_message, sentence
from gateway.texts.fields import field_words
from gateway.texts.jinja import decision, number, options, unit_name
from gateway.texts.policy import say
from gateway.texts.words import WORDS, word
from services.cases.api import WithheldReason
from services.cases.domain import aid, commands, entry, plan, programme, states, views
from services.handover import wire
from services.handover.domain import reasons
from services.handover.domain.states import Act, Event, Message, ReceiverState, SenderState
from services.handover.handlers.drafting import Warn
from services.protection.domain import model

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("case_state", get_args(states.State)),
        ("ended_reason", get_args(states.EndedReason)),
        ("next", get_args(views.Next)),
        ("finding", get_args(commands.Finding)),
        ("ground", get_args(commands.Ground)),
        ("channel", get_args(commands.Channel)),
        ("person_kind", get_args(commands.PersonKind)),
        ("on_behalf", get_args(commands.OnBehalf)),
        ("protected_identity", get_args(commands.ProtectedIdentity)),
        ("note_kind", get_args(commands.NoteKind)),
        ("need_area", commands.NEED_AREAS),
        ("purpose", get_args(commands.Purpose)),
        ("section", commands.INFORMATION_KINDS),
        ("exclusion", get_args(commands.ExclusionKind)),
        ("counterparty", get_args(commands.CounterpartyFunction)),
        ("role", get_args(commands.MemberRole)),
        ("level", get_args(model.Level)),
        ("method", get_args(model.Method)),
        ("unit_kind", get_args(model.UnitKind)),
        ("question", get_args(model.QuestionKind)),
        ("answer", set(get_args(model.Answer)) - model.OF_REGISTERS),
        ("answer_yes", set(get_args(model.Answer)) - model.OF_REGISTERS),
        ("answer_registers", model.OF_REGISTERS),
        ("condition", programme.CONDITIONS),
        ("aid_outcome", get_args(aid.AidOutcome)),
        ("score", plan.SCORES),
        ("pause_cause", programme.PAUSE_CAUSES),
        ("register_outcome", get_args(programme.RegisterOutcome)),
        ("group", entry.GROUPS),
        ("criterion", get_args(entry.CriterionCode)),
        ("criterion_question", get_args(entry.CriterionCode)),
        ("criterion_failed", get_args(entry.CriterionCode)),
        ("entry_answer", entry.ANSWERS),
        ("entry_reason", get_args(entry.RefusalReason)),
        ("entry_verdict", get_args(entry.Verdict)),
        ("entry_party", get_args(entry.Party)),
        ("track", get_args(entry.Track)),
        ("paper", get_args(model.PaperKind)),
        ("paper_word", get_args(model.PaperWord)),
        ("sender_state", [str(each) for each in SenderState]),
        ("receiver_state", [str(each) for each in ReceiverState]),
        ("message", [str(each) for each in Message]),
        ("message", wire.BODIES),
        ("handover_act", [str(each) for each in Act]),
        ("handover_event", [str(each) for each in (*Act, *Message, *Event)]),
        ("handover_event", [f"signed.{each}" for each in Act]),
        ("warning", get_args(Warn)),
        ("withheld_reason", get_args(WithheldReason)),
        ("urgency", get_args(wire.Urgency)),
        ("decline_code", reasons.DECLINE_CODES | {reasons.MESSAGE_REFUSED}),
        ("return_code", reasons.RETURN_CODES),
    ],
)
def test_every_code_has_words(group, codes):
    assert set(codes) - set(WORDS[group]) == set()


def test_a_code_without_words_is_shown_with_spaces():
    assert word("some_new.code", "event") == "some new code"
    assert word(None, "level") == "–"
    assert word("placement", "question", authority="Göteborg") == (
        "Är det säkert för personen att bo i Göteborg?"
    )
    assert options("level")[0] == ("LOW", "Låg")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (TODAY, "22 nov. 2026"),
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "23 nov. 2026"),
        ("2027-03-01", "1 mars 2027"),
        (None, "–"),
        ("", "–"),
    ],
)
def test_a_day_is_written_as_people_write_it(value, text):
    assert day(value) == text


@pytest.mark.parametrize(
    ("value", "text", "near"),
    [
        (date(2026, 11, 25), "om 3 dagar", "soon"),
        (date(2026, 11, 26), "om 4 dagar", "later"),
        (date(2026, 11, 23), "i morgon", "soon"),
        (TODAY, "i dag", "soon"),
        (date(2026, 11, 21), "1 dag försenat", "overdue"),
        (date(2026, 11, 20), "2 dagar försenat", "overdue"),
    ],
)
def test_a_deadline_says_how_near_it_is(value, text, near):
    assert until(value, TODAY) == text
    assert due(value, TODAY) == f"{day(value)} ({text})"
    assert urgency(value, TODAY) == near


def test_no_deadline_is_a_dash():
    assert due(None, TODAY) == "–"
    assert urgency(None, TODAY) == "none"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 11, 20), "sedan 2 dagar"),
        (date(2026, 11, 21), "sedan i går"),
        (datetime(2026, 11, 22, 7, tzinfo=UTC), "sedan i dag"),
    ],
)
def test_a_wait_says_how_long_it_is(value, text):
    assert since(value, TODAY) == text


def test_a_time_is_stockholms():
    assert moment(datetime(2026, 11, 22, 8, 14, tzinfo=UTC)) == "22 nov. 2026 kl. 09.14"
    assert moment(None) == "–"
    assert weekday(TODAY) == "söndag"


def test_facts_of_an_error_are_said_in_words():
    assert sentence("handover.excluded", {"authority": "1480"}).endswith("till Göteborg.")
    assert sentence("handover.month_not_passed", {"opens_on": "2026-12-22"}).startswith(
        "IVO kan prövas från och med 22 dec. 2026"
    )
    assert "gruppledare eller socialchef" in sentence(
        "decision.not_delegate",
        {"kind": "handover.answer", "roles": "team_leader,social_director", "document": "D"},
    )
    assert "hur länge" in sentence("handover.ground_part_missing", {"part": "duration"})
    assert "30 dagar" in sentence("threat.review_too_late", {"days": 30})


def test_an_unknown_code_is_named_and_a_missing_fact_leaves_a_gap():
    assert "new.code" in sentence("new.code", {"is_new": True})
    assert "…" in sentence("handover.excluded", {})


def test_names_of_authorities_and_units():
    assert authority_name("9001") == "polisen"
    assert authority_name("0000") == "0000"
    assert unit_name("bops-ost") == "Brottsoffer- och personsäkerhet, region Öst"
    assert unit_name("bops-mars") == "bops-mars"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Object missing required field `x`", "Fältet saknas."),
        ("Invalid enum value 'x'", "Välj ett av de värden som finns."),
        ("what is this", "Värdet har fel form."),
    ],
)
def test_a_decoders_message_becomes_swedish(message, text):
    assert field_message(message) == text


def test_numbers_decisions_and_values():
    assert number(29000) == "29\N{NO-BREAK SPACE}000"
    assert decision("handover.propose") == "föreslå överlämning"
    assert decision("new.kind") == "new.kind"
    assert say({"kind": "from_age", "years": 15}) == "från 15 år"
    assert say({"kind": "one_month"}) == "en månad"
    assert say({"roles": ["team_leader"], "second": [], "limit_days": 30}) == (
        "gruppledare; högst 30 dagar"
    )
    assert say({"other": 1}) == "other: 1"
    assert say([]) == "inga"
    assert say(None) == "saknas"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("municipality", "1480", "Göteborg"),
        ("finding", "OTHER", "Hör till en annan kommun"),
        ("ground", "nights_rest", "undantag: huvudsaklig dygnsvila där"),
        ("level", "HIGH", "Hög"),
        ("protected_identity", "MARKED", "Sekretessmarkering"),
        ("unit", "bops-ost", "Brottsoffer- och personsäkerhet, region Öst"),
        ("assessed_on", "2026-11-22", "22 nov. 2026"),
        ("is_structured", True, "ja"),
        ("given_name", "Testa", "Testa"),
        ("other", ["a", "b"], "a\nb"),
        ("other", {"a": 1, "b": 2}, "1; 2"),
        (
            "consents",
            [
                {
                    "counterparties": [["1480", "social_services"], ["9001", "police"]],
                    "kinds": ["identity"],
                    "valid_until": "2027-03-01",
                }
            ],
            "Till socialtjänsten i Göteborg, polisen, till och med 1 mars 2027: Namn och personnummer",
        ),
    ],
)
def test_a_dossiers_field_is_shown_in_words(name, value, text):
    assert field_words(name, value) == text


def test_every_group_that_pages_name_exists():
    texts = [
        file.read_text(encoding="utf-8")
        for pattern in ("templates/**/*.html", "pages/*.py")
        for file in Path(gateway.__file__).parent.glob(pattern)
    ]
    named = set(re.findall(r'word\([^()]*"([a-z][a-z_]+)"\)', "\n".join(texts)))
    named |= set(re.findall(r'\| word\("([a-z_]+)"', "\n".join(texts)))
    assert len(named) > 20
    assert named - set(WORDS) == set()
