"""Which differences between two policies touch a case, and what each means for it."""

from datetime import date, timedelta

import pytest

from gateway.policies import SECTIONS, load_federation
from gateway.texts.policy_meaning import meaning
from services.handover.domain.this_case import TOUCHES, Meaning, OnCase, on_this_case
from shared.policy import Difference, differences
from shared.policy.diff import Side, rules

TODAY = date(2026, 11, 22)
HIGH = OnCase(today=TODAY, level="HIGH", assessed_on=TODAY, ground="main_rule")


def difference(rule, ours, theirs) -> Difference:
    def side(value) -> Side:
        return Side(value, "Dokument", "1", verified=True, assumed=False, note="")

    return Difference(rule, side(ours), side(theirs))


def one(rule, ours, theirs, case):
    found = on_this_case([difference(rule, ours, theirs)], case)
    return found[0].meaning if found else False


def test_every_rule_that_is_judged_is_a_rule_of_the_policy() -> None:
    policy = load_federation()["0580"].policies.on(TODAY)
    assert set(TOUCHES) <= set(rules(policy, SECTIONS))


def test_a_rule_that_nobody_has_thought_of_is_shown() -> None:
    assert one("cases.entry.new_rule", 1, 2, HIGH) is None


def test_how_an_authority_is_organised_is_no_matter_for_a_case() -> None:
    assert one("cases.governance.strategic_owner", "KS", "SN", HIGH) is False


def test_review_days_that_differ_at_another_level_are_no_matter() -> None:
    ours, theirs = ({"high": 14, "medium": 30, "low": low} for low in (90, 60))
    assert one("protection.review_days", ours, theirs, HIGH) is False


def test_review_days_at_the_case_s_level_say_the_day_by_which_it_is_assessed_anew() -> None:
    ours, theirs = ({"high": high, "medium": 30, "low": 90} for high in (14, 7))
    said = one("protection.review_days", ours, theirs, HIGH)
    assert said.code == "review.by"
    assert said.facts["by"] == (TODAY + timedelta(days=7)).isoformat()


@pytest.mark.parametrize(
    ("level", "code"), [(None, "threat.not_met"), ("LOW", "threat.met"), ("HIGH", "threat.met")]
)
def test_a_demanded_threat_is_met_only_by_an_assessment(level, code) -> None:
    case = OnCase(today=TODAY, level=level)
    assert one("cases.entry.threat", "not_required", "required", case).code == code


@pytest.mark.parametrize(("age", "code"), [(17, "age.not_met"), (18, "age.met")])
def test_an_age_limit_is_judged_by_the_person_s_age(age, code) -> None:
    case = OnCase(today=TODAY, age=age)
    said = one("cases.entry.age", {"kind": "no_limit"}, {"kind": "from_age", "years": 18}, case)
    assert said.code == code


def test_a_ground_that_the_receiver_does_not_know_is_said() -> None:
    theirs = {"kind": "belongs", "main_rule": "registered", "exceptions": ["nights_rest"]}
    case = OnCase(today=TODAY, ground="strongest_connection")
    assert one("cases.entry.residence", {"kind": "not_stated"}, theirs, case).code == (
        "residence.not_met"
    )


def test_a_need_that_the_receiver_does_not_investigate_is_named() -> None:
    case = OnCase(today=TODAY, need_areas=frozenset({"housing", "family"}))
    said = one("cases.work.need_sections", ["housing", "family"], ["housing"], case)
    assert (said.code, said.facts["areas"]) == ("needs.not_theirs", "family")


def test_a_placement_answer_matters_only_at_the_case_s_level() -> None:
    assert one("protection.placement_answer_at", ["HIGH"], ["HIGH", "MEDIUM"], HIGH) is False
    medium = OnCase(today=TODAY, level="MEDIUM")
    said = one("protection.placement_answer_at", ["HIGH"], ["HIGH", "MEDIUM"], medium)
    assert said.code == "placement.asked_there"


def test_two_real_policies_differ_less_on_one_case_than_as_a_whole() -> None:
    federation = load_federation()
    ours, theirs = (federation[code].policies.on(TODAY) for code in ("0580", "1480"))
    whole = differences(ours, theirs, SECTIONS)
    touched = on_this_case(whole, HIGH)
    assert 0 < len(touched) < len(whole)
    assert all(meaning(each.meaning) for each in touched if each.meaning)


def test_every_meaning_has_words() -> None:
    for code, facts in (
        ("threat.met", {}),
        ("threat.not_met", {}),
        ("age.met", {}),
        ("age.not_met", {}),
        ("residence.met", {}),
        ("residence.not_met", {}),
        ("residence.not_found", {}),
        ("consent.longer", {"days": 180}),
        ("needs.not_theirs", {"areas": "family,housing"}),
        ("needs.to_investigate", {"areas": "family"}),
        ("unit.other", {"level": "HIGH"}),
        ("review.by", {"level": "HIGH", "by": "2026-12-01"}),
        ("placement.asked_there", {}),
        ("placement.not_asked_there", {}),
        ("first_meeting.by", {"by": "2026-12-01"}),
    ):
        said = meaning(Meaning(code, facts))
        assert said.endswith(".")
        assert "{" not in said
