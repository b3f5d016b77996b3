"""A policy narrows what law and product allow; one that widens it does not load."""

import copy
from datetime import date

import pytest

from gateway.policies import SECTIONS, load_federation
from services.decisions.policy import ALWAYS_TWO, DecisionsPolicy
from services.follow_up.domain.agreements import LawChange, due
from services.follow_up.policy import FollowUpPolicy, agreement_of
from services.handover.policy import (
    CalendarDays,
    OneMonth,
    WorkingDays,
    a_month_after,
    answer_due,
)
from services.intake.policy import IntakePolicy, first_contact_due, preliminary_due
from services.protection.policy import (
    ProtectionPolicy,
    may_ask_register_check,
    review_due,
    unit_kind,
)
from shared.policy import Policy, PolicyInvalid

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def federation():
    return load_federation()


@pytest.fixture
def linkoping(federation):
    return federation["0580"].policies.on(DAY)


@pytest.fixture
def goteborg(federation):
    return federation["1480"].policies.on(DAY)


def changed(policy, path, value):
    raw = copy.deepcopy(dict(policy.raw))
    node = raw
    *steps, last = path.split(".")
    for step in steps:
        node = node[step]
    node[last]["value"] = value
    return Policy(policy.authority, policy.valid_from, policy.decided_in, policy.documents, raw)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("intake.preliminary_days_child", 15),
        ("intake.preliminary_days_child", 0),
        ("intake.first_contact_working_days", 15),
        (
            "intake.anonymous_contact",
            {"kind": "phone_line", "weekdays": True, "opens_hour": 15, "closes_hour": 9},
        ),
        ("cases.entry.target_group", {"kind": "all_crime_and_extremism"}),
        ("cases.entry.age", {"kind": "from_age", "years": 21}),
        ("cases.entry.age", {"kind": "from_age"}),
        ("cases.consent.max_days", 366),
        ("cases.consent.default_days", 0),
        ("cases.consent.warn_days_before", 181),
        ("cases.work.need_sections", []),
        ("cases.work.follow_up_months", 13),
        ("cases.work.retention_years", 4),
        (
            "protection.unit_by_level",
            {
                "high": "local_police_area",
                "medium": "local_police_area",
                "low": "local_police_area",
            },
        ),
        ("protection.review_days", {"high": 31, "medium": 40, "low": 90}),
        ("protection.review_days", {"high": 14, "medium": 10, "low": 90}),
        ("protection.placement_answer_at", ["MEDIUM"]),
        ("protection.reveal_minutes", 61),
        ("protection.break_glass_minutes", 61),
        ("protection.break_glass_review_working_days", 6),
        ("protection.answer_threat_days", 31),
        ("handover.answer_within", {"kind": "calendar_days", "days": 32}),
        ("handover.answer_within", {"kind": "calendar_days", "days": 4}),
        ("handover.answer_within", {"kind": "working_days", "days": 21}),
        ("handover.answer_within", {"kind": "when_it_suits"}),
        ("handover.remind_days_before", 32),
        ("handover.open_within_days", 15),
        ("handover.first_meeting_days", 32),
    ],
)
def test_a_value_past_its_floor_or_ceiling_does_not_load(linkoping, path, value):
    with pytest.raises(PolicyInvalid, match=path.split(".", maxsplit=1)[0]):
        changed(linkoping, path, value).check(SECTIONS)


def test_a_later_block_forgets_nothing_that_its_agreement_left_undone(linkoping):
    first = date(2027, 1, 1)
    later = Policy("0580", first, linkoping.decided_in, linkoping.documents, linkoping.raw)
    change = LawChange("11 kap. SoL (2025:400)", date(2025, 7, 1))
    was, now = (
        due(agreement_of(policy, policy.section("follow_up", FollowUpPolicy)), [], [change], first)
        for policy in (linkoping, later)
    )
    assert [each.stage for each in now] == ["overdue", "overdue", "later"]
    assert now == was


def row(linkoping, kind):
    return next(
        each for each in linkoping.raw["decisions"]["delegation"] if each["decision"] == kind
    )


def delegated(linkoping, kind, **fields):
    raw = copy.deepcopy(dict(linkoping.raw))
    for each in raw["decisions"]["delegation"]:
        if each["decision"] == kind:
            each.update(fields)
    return Policy("0580", DAY, linkoping.decided_in, linkoping.documents, raw)


@pytest.mark.parametrize("kind", sorted(ALWAYS_TWO))
def test_a_decision_of_two_never_becomes_one_persons(linkoping, kind):
    with pytest.raises(PolicyInvalid, match="second person"):
        delegated(linkoping, kind, second=[]).check(SECTIONS)


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        ("care.apply", {"roles": ["team_leader"]}, "never an official"),
        ("residence.find", {"roles": []}, "nobody decides"),
        ("residence.find", {"second": ["log_reviewer"]}, "never decide"),
        ("residence.find", {"roles": ["police_partner"]}, "never decide"),
        ("exclusion.decide", {"second": ["social_director"]}, "no file"),
        ("aid.emergency_housing", {"limit_days": 0}, "at least one day"),
        ("residence.find", {"assumed": True, "verified": True}, "both assumed and verified"),
        ("residence.find", {"decision": "residence.guess"}, "Invalid enum value"),
        ("residence.find", {"decision": "handover.propose"}, "two rows"),
        ("residence.find", {"decision": "case.merge"}, "Invalid enum value"),
    ],
)
def test_a_row_that_widens_does_not_load(linkoping, kind, fields, says):
    with pytest.raises(PolicyInvalid, match=says):
        delegated(linkoping, kind, **fields).check(SECTIONS)


def test_a_municipality_that_could_not_answer_a_handover_does_not_load(linkoping):
    raw = copy.deepcopy(dict(linkoping.raw))
    raw["decisions"]["delegation"].remove(row(linkoping, "handover.answer"))
    policy = Policy("0580", DAY, linkoping.decided_in, linkoping.documents, raw)
    with pytest.raises(PolicyInvalid, match="no row for"):
        policy.check(SECTIONS)


def test_a_kind_without_a_row_is_nobodys(linkoping):
    decisions = linkoping.section("decisions", DecisionsPolicy)
    assert decisions.row("case.merge") is None
    assert decisions.row("residence.find").second == ("team_leader",)


@pytest.mark.parametrize(
    ("received_on", "within", "due"),
    [
        (date(2026, 11, 23), CalendarDays(days=14), date(2026, 12, 7)),
        (date(2026, 12, 11), CalendarDays(days=14), date(2026, 12, 28)),
        (date(2026, 11, 23), WorkingDays(days=10), date(2026, 12, 7)),
        (date(2027, 1, 31), OneMonth(), date(2027, 3, 1)),
    ],
)
def test_an_answer_is_due_on_a_working_day(received_on, within, due):
    assert answer_due(received_on, within) == due


@pytest.mark.parametrize(
    ("received_on", "after"),
    [
        (date(2026, 11, 22), date(2026, 12, 22)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2026, 10, 31), date(2026, 11, 30)),
    ],
)
def test_a_month_ends_on_the_same_date_or_the_months_last(received_on, after):
    assert a_month_after(received_on) == after


def test_goteborg_answers_a_first_contact_the_same_day_and_linkoping_the_next(linkoping, goteborg):
    monday = date(2026, 11, 23)
    assert first_contact_due(monday, goteborg.section("intake", IntakePolicy)) == monday
    assert first_contact_due(monday, linkoping.section("intake", IntakePolicy)) == date(
        2026, 11, 24
    )
    assert preliminary_due(monday, linkoping.section("intake", IntakePolicy)) == date(2026, 12, 7)


def test_a_high_threat_is_bops_and_others_the_local_areas(linkoping):
    protection = linkoping.section("protection", ProtectionPolicy)
    assert unit_kind("HIGH", protection) == "police_protection_unit"
    assert unit_kind("MEDIUM", protection) == "local_police_area"
    assert unit_kind("LOW", protection) == "local_police_area"


def test_a_graver_threat_is_assessed_sooner(linkoping):
    protection = linkoping.section("protection", ProtectionPolicy)
    due = [review_due(DAY, level, protection) for level in ("HIGH", "MEDIUM", "LOW")]
    assert due == [date(2026, 12, 6), date(2026, 12, 22), date(2027, 2, 20)]


def test_register_checks_are_asked_for_only_where_the_documents_say_so(linkoping, goteborg):
    assert may_ask_register_check(linkoping.section("protection", ProtectionPolicy))
    assert not may_ask_register_check(goteborg.section("protection", ProtectionPolicy))
