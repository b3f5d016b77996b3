"""The entry assessment's rules: criteria from policy, answers from facts, what they come to."""

from dataclasses import replace
from datetime import date
from itertools import combinations, product
from uuid import uuid4

import pytest

from gateway.policies import load_federation
from services.cases.domain.commands import NEED_AREAS
from services.cases.domain.entry import (
    ANSWERS,
    GROUPS,
    Answered,
    Facts,
    Outcome,
    check_ready,
    complete,
    outcome,
    possible,
    reasons_of,
    still_holds,
    unanswered,
)
from services.cases.domain.entry_signing import (
    check_admit,
    check_refuse,
    check_signer,
    parties,
)
from services.cases.domain.rights import RIGHTS
from services.cases.domain.states import TABLE, actors_of, arrows
from services.cases.policy import (
    entry_criteria,
    entry_demands,
    favours_the_individual,
    is_joint,
)
from shared.errors import DomainError

TODAY = date(2026, 11, 22)
_TENANTS = load_federation()
LINKOPING, NORRKOPING, GOTEBORG = (
    _TENANTS[code].policies.on(TODAY) for code in ("0580", "0581", "1480")
)
IN_ORDER = Facts(
    age=25, finding="HERE", threat="MEDIUM", has_consent=True, areas=frozenset(NEED_AREAS)
)
SCENARIO_4 = replace(IN_ORDER, threat="NONE_KNOWN")


def refusal(check, *args, **kwargs):
    with pytest.raises(DomainError) as error:
        check(*args, **kwargs)
    return error.value.code


def answered(policy, facts=IN_ORDER, group="criminal_network", **changes):
    """What the file decides, and yes to the rest, unless something else is wanted."""
    given = []
    for each in entry_criteria(policy):
        choices = possible(each, facts, group)
        answer = "yes" if "yes" in choices else next(iter(choices))
        given.append(Answered(each.code, changes.get(each.code, answer), "Därför."))
    return tuple(given)


def judged(policy, *args, **changes):
    return outcome(
        entry_criteria(policy),
        answered(policy, *args, **changes),
        favours_the_individual=favours_the_individual(policy),
    )


def test_linkoping_asks_for_the_agreements_criteria_and_all_are_conditions():
    criteria = entry_criteria(LINKOPING)
    assert [each.code for each in criteria] == [
        "target_group",
        "threat",
        "motivation",
        "suitability",
        "protection_need",
        "residence",
        "consent",
        "conditions",
    ]
    assert all(each.is_condition and each.verified for each in criteria)
    assert {each.section.split(",")[-1].strip() for each in criteria} >= {
        "första kriteriet",
        "andra kriteriet",
        "Tillhörighetsutredning",
    }
    assert is_joint(LINKOPING)


def test_goteborg_asks_for_the_target_group_and_weighs_the_rest():
    criteria = entry_criteria(GOTEBORG)
    assert [each.code for each in criteria if each.is_condition] == ["target_group"]
    assert [each.code for each in criteria if not each.is_condition] == [
        "motivation",
        "protection_need",
    ]
    assert not is_joint(GOTEBORG)


def test_norrkoping_asks_for_an_age():
    age = next(each for each in entry_criteria(NORRKOPING) if each.code == "age")
    assert [possible(age, replace(IN_ORDER, age=years), None) for years in (14, 15, None)] == [
        {"no"},
        {"yes"},
        {"unclear"},
    ]


@pytest.mark.parametrize(
    ("policy", "facts", "missing"),
    [
        (LINKOPING, IN_ORDER, ()),
        (LINKOPING, SCENARIO_4, ()),
        (LINKOPING, replace(IN_ORDER, finding="OTHER"), ()),
        (LINKOPING, replace(IN_ORDER, finding="UNCLEAR"), ("residence",)),
        (GOTEBORG, replace(IN_ORDER, finding="UNCLEAR"), ()),
        (GOTEBORG, replace(IN_ORDER, finding=None), ("residence",)),
        (LINKOPING, replace(IN_ORDER, threat=None), ("threat",)),
        (GOTEBORG, replace(IN_ORDER, threat=None), ()),
        (LINKOPING, replace(IN_ORDER, has_consent=False), ("consent",)),
        (GOTEBORG, replace(IN_ORDER, has_consent=False), ()),
        (GOTEBORG, replace(IN_ORDER, areas=frozenset(NEED_AREAS[1:])), ("needs",)),
    ],
)
def test_an_assessment_waits_for_the_tracks_that_the_policy_needs(policy, facts, missing):
    assert unanswered(entry_demands(policy), facts) == missing
    if missing:
        assert refusal(check_ready, missing) == "entry.not_ready"


@pytest.mark.parametrize("group", GROUPS)
def test_what_the_person_leaves_is_in_the_target_group_or_not(group):
    in_linkoping = {"criminal_network", "motorcycle_gang", "other"}
    assert judged(LINKOPING, group=group).verdict == ("MET" if group in in_linkoping else "NOT_MET")
    assert judged(GOTEBORG, group=group).verdict == "MET"


def test_the_same_facts_are_admitted_in_goteborg_and_not_in_linkoping():
    """Scenario 4."""
    here = judged(LINKOPING, SCENARIO_4, "violent_extremism")
    assert here.failed == ("target_group", "threat", "protection_need")
    assert "NO_PROTECTION_NEED" in reasons_of(entry_criteria(LINKOPING), here)
    assert judged(GOTEBORG, SCENARIO_4, "violent_extremism").verdict == "MET"


@pytest.mark.parametrize("policy", [LINKOPING, NORRKOPING, GOTEBORG])
def test_every_combination_of_answers_comes_to_what_its_conditions_say(policy):
    criteria = entry_criteria(policy)
    codes = [each.code for each in criteria if each.is_condition]
    favours = favours_the_individual(policy)
    seen = set()
    for given in product(ANSWERS, repeat=min(len(codes), 4)):
        changed = dict(zip(codes, given, strict=False))
        answers = [Answered(each.code, changed.get(each.code, "yes"), "") for each in criteria]
        found = outcome(criteria, answers, favours_the_individual=favours)
        no = tuple(code for code in codes if changed.get(code) == "no")
        unclear = "unclear" in given and not favours
        assert found.failed == no
        assert found.verdict == ("NOT_MET" if no else "UNCLEAR" if unclear else "MET")
        seen.add(found.verdict)
    assert seen == ({"MET", "NOT_MET"} if favours else {"MET", "NOT_MET", "UNCLEAR"})


def test_a_consideration_never_decides():
    assert judged(GOTEBORG, motivation="no", protection_need="no").verdict == "MET"


def test_who_has_not_answered_has_not_met():
    criteria = entry_criteria(LINKOPING)
    assert outcome(criteria, [], favours_the_individual=False).verdict == "UNCLEAR"


def given_with(code, answer, reasons="Därför."):
    return [
        Answered(code, answer, reasons) if each.criterion == code else each
        for each in answered(LINKOPING)
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (answered(LINKOPING)[1:], "entry.answer_missing"),
        ((*answered(LINKOPING), Answered("age", "yes", "")), "entry.criterion_unknown"),
        ((*answered(LINKOPING), answered(LINKOPING)[0]), "entry.answered_twice"),
        (given_with("motivation", "no", "  "), "entry.reasons_missing"),
        (given_with("residence", "no"), "entry.against_facts"),
        (given_with("consent", "unclear"), "entry.against_facts"),
        (given_with("threat", "no"), "entry.against_facts"),
        (given_with("motivation", "yes", "x" * 5_000), "text.too_long"),
    ],
)
def test_an_answer_that_is_missing_double_unreasoned_or_against_the_file_is_refused(given, code):
    criteria = entry_criteria(LINKOPING)
    assert refusal(complete, criteria, IN_ORDER, "criminal_network", given) == code


def test_where_the_file_decides_it_needs_no_reasons():
    given = complete(
        entry_criteria(LINKOPING), IN_ORDER, "other", given_with("residence", "yes", "")
    )
    assert [each.criterion for each in given] == [e.code for e in entry_criteria(LINKOPING)]


def test_answers_hold_while_the_file_bears_them_out():
    criteria, given = entry_criteria(LINKOPING), answered(LINKOPING)
    assert still_holds(criteria, IN_ORDER, "other", given)
    for change in (
        {"finding": "OTHER"},
        {"threat": "NONE_KNOWN"},
        {"threat": None},
        {"has_consent": False},
    ):
        assert not still_holds(criteria, replace(IN_ORDER, **change), "other", given)
    assert not still_holds(criteria, IN_ORDER, "violent_extremism", given)
    assert not still_holds(criteria[1:], IN_ORDER, "other", given)


@pytest.mark.parametrize(
    ("verdict", "joint", "wanted"),
    [
        ("MET", True, ("municipality", "police")),
        ("NOT_MET", True, ("municipality", "police", "second")),
        ("MET", False, ("municipality",)),
        ("NOT_MET", False, ("municipality", "second")),
        ("UNCLEAR", True, ()),
    ],
)
def test_who_signs_follows_the_policy_and_the_outcome(verdict, joint, wanted):
    assert parties(verdict, is_joint=joint, refusal_takes_two=True) == wanted


def test_nobody_signs_twice_and_the_second_signs_last():
    siv, gun = uuid4(), uuid4()
    wanted = ("municipality", "police", "second")
    assert refusal(check_signer, "second", gun, wanted, {}) == "entry.first_signs_first"
    check_signer("municipality", siv, wanted, {})
    signed = {"municipality": siv}
    assert refusal(check_signer, "municipality", gun, wanted, signed) == "entry.signed_already"
    assert refusal(check_signer, "second", siv, wanted, signed) == "entry.same_person"
    check_signer("second", gun, wanted, signed)
    assert refusal(check_signer, "second", gun, ("municipality",), {}) == "entry.party_not_wanted"
    assert refusal(check_signer, "municipality", gun, (), {}) == "entry.unclear_unsigned"


WANTED = ("municipality", "police", "second")


@pytest.mark.parametrize(
    "signed", [each for size in range(4) for each in combinations(WANTED, size)]
)
@pytest.mark.parametrize("verdict", ["MET", "NOT_MET", "UNCLEAR"])
@pytest.mark.parametrize("police", ["AGREED", "NOT_AGREED", None])
def test_nothing_is_decided_before_everybody_has_signed_it(verdict, signed, police):
    failed = ("protection_need",) if verdict == "NOT_MET" else ()
    found = Outcome(verdict, failed, ())
    criteria = entry_criteria(LINKOPING)
    may_decide = set(signed) == set(WANTED) and police != "NOT_AGREED"
    admit = (check_admit, verdict, WANTED, signed, police)
    refuse = (check_refuse, found, "NO_PROTECTION_NEED", criteria, WANTED, signed, police)
    if verdict == "MET" and may_decide:
        check_admit(*admit[1:])
    else:
        assert refusal(*admit) in {
            "entry.not_met",
            "entry.unclear",
            "entry.police_disagree",
            "entry.unsigned",
        }
    if verdict == "NOT_MET" and may_decide:
        check_refuse(*refuse[1:])
        wrong = (check_refuse, found, "NO_CONSENT", *refuse[3:])
        assert refusal(*wrong) == "entry.reason_not_failed"
    else:
        assert refusal(*refuse) in {
            "entry.nothing_failed",
            "entry.unclear",
            "entry.police_disagree",
            "entry.unsigned",
        }


EVENT_OF = {
    "apply": "apply",
    "assign": "assign",
    "end_at_persons_wish": "withdraw",
    "ready": "ready",
    "admit": "admit",
    "refuse_entry": "refuse_entry",
    "register_contact": "register_contact",
    "start_programme": "sign",
    "pause": "pause",
    "resume": "resume",
    "complete": "complete",
    "reopen": "reopen",
}


@pytest.mark.parametrize("action", sorted(EVENT_OF))
def test_who_may_cause_an_event_is_the_same_in_both_tables(action):
    assert RIGHTS[action] == actors_of(EVENT_OF[action])


def test_an_event_with_other_actors_in_another_state_stops_the_program():
    changed = [replace(TABLE[-1], from_state="RETENTION", actors=frozenset({"worker"})), *TABLE]
    with pytest.raises(ValueError, match="other actors"):
        arrows(changed)
