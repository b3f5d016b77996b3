from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.intake.domain.concern import (
    Assessment,
    Settled,
    Step,
    check_assessment,
    check_decision,
    check_step,
    must_agree,
    of_age_on,
    plan,
)
from shared.errors import Conflict, DomainError
from shared.ids import StaffId

REPORTED = date(2026, 11, 22)
SOMEBODY = StaffId(UUID(int=1))
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ROUTE = (
    Step("safety_check", "always", 0, ("own_task",), "Grundinställning", "1"),
    Step("police", "always", 2, ("secrecy.consent", "secrecy.necessary"), "Grundinställning", "3"),
    Step("guardians", "under_18", 3, ("guardians.insight",), "Grundinställning", "4"),
)
JUDGED = Assessment(UUID(int=2), "open", "radicalisation", "Skäl.", NOW, SOMEBODY)


def settled(*names, outcome="taken"):
    return {
        name: Settled(
            name, outcome, "own_task" if outcome == "taken" else None, "", "x", NOW, SOMEBODY
        )
        for name in names
    }


def planned(*names, of_age=None, today=REPORTED):
    return plan(ROUTE, settled(*names), received_on=REPORTED, of_age=of_age, today=today)


def statuses(route):
    return [each.status for each in route]


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2008, 11, 17), date(2026, 11, 17)),
        (date(2008, 2, 29), date(2026, 3, 1)),
    ],
)
def test_who_is_eighteen_is_of_age_that_day(born, of_age):
    assert of_age_on(born) == of_age


def test_the_steps_come_one_at_a_time_with_their_last_days():
    route = planned(of_age=date(2030, 1, 1))
    assert statuses(route) == ["next", "later", "later"]
    assert [each.due_on.day for each in route] == [22, 24, 25]
    assert statuses(planned("safety_check")) == ["taken", "next", "later"]


def test_what_is_for_the_young_is_not_for_an_adult_and_says_since_when():
    came = date(2026, 11, 17)
    last = planned("safety_check", "police", of_age=came)[-1]
    assert (last.status, last.since, last.due_on) == ("not_for_adults", came, None)


def test_the_day_decides_who_is_an_adult():
    birthday = date(2026, 11, 24)
    before = planned("safety_check", "police", of_age=birthday, today=date(2026, 11, 23))
    on_it = planned("safety_check", "police", of_age=birthday, today=birthday)
    assert (before[-1].status, on_it[-1].status) == ("next", "not_for_adults")


def test_an_unknown_age_is_treated_as_young():
    assert planned("safety_check", "police")[-1].status == "next"


def test_guardians_who_were_told_in_time_stand_there_also_when_the_person_has_come_of_age():
    route = planned("safety_check", "police", "guardians", of_age=REPORTED)
    assert statuses(route) == ["taken", "taken", "taken"]


@pytest.mark.parametrize(
    ("done", "name", "outcome", "ground", "code"),
    [
        ((), "reporter", "taken", "own_task", "concern.step_unknown"),
        ((), "police", "taken", "secrecy.consent", "concern.step_before"),
        ((), "safety_check", "taken", None, "concern.ground_missing"),
        ((), "safety_check", "taken", "secrecy.consent", "concern.ground_not_allowed"),
        (
            ("safety_check", "police"),
            "guardians",
            "taken",
            "guardians.insight",
            "concern.step_not_for_adults",
        ),
        ((), "guardians", "left", None, "concern.step_not_for_adults"),
    ],
)
def test_a_step_out_of_turn_or_without_its_ground_is_refused(done, name, outcome, ground, code):
    with pytest.raises(DomainError) as refused:
        check_step(planned(*done, of_age=date(2026, 11, 17)), name, outcome, ground)
    assert refused.value.code == code


def test_a_step_is_settled_once():
    with pytest.raises(Conflict, match=r"concern\.step_settled"):
        check_step(planned("safety_check"), "safety_check", "left", None)


def test_the_next_step_is_taken_on_its_ground_or_left():
    route = planned("safety_check")
    check_step(route, "police", "taken", "secrecy.necessary")
    check_step(route, "police", "left", None)


def test_only_who_has_the_competence_assesses_and_only_when_all_is_settled():
    of_age = date(2026, 11, 17)
    whole, part = planned("safety_check", "police", of_age=of_age), planned("safety_check")
    check_assessment(whole, frozenset({"radicalisation"}), "radicalisation", None)
    with pytest.raises(DomainError) as refused:
        check_assessment(whole, frozenset({"exit_work"}), "radicalisation", None)
    assert refused.value.code == "concern.competence_missing"
    with pytest.raises(DomainError) as refused:
        check_assessment(part, frozenset({"radicalisation"}), "radicalisation", None)
    assert refused.value.code == "concern.steps_open"
    with pytest.raises(Conflict, match=r"concern\.assessed_already"):
        check_assessment(whole, frozenset({"radicalisation"}), "radicalisation", JUDGED)


def test_nothing_is_decided_before_it_is_assessed():
    for outcome in ("open", "not_open"):
        with pytest.raises(DomainError) as refused:
            check_decision(None, outcome, must_agree=False, person_agrees=True)
        assert refused.value.code == "concern.assessment_missing"


def test_an_adult_is_not_investigated_against_their_will():
    with pytest.raises(DomainError) as refused:
        check_decision(JUDGED, "open", must_agree=True, person_agrees=False)
    assert refused.value.code == "concern.adult_must_agree"
    check_decision(JUDGED, "open", must_agree=True, person_agrees=True)
    check_decision(JUDGED, "open", must_agree=False, person_agrees=False)
    check_decision(JUDGED, "not_open", must_agree=True, person_agrees=False)


def test_whose_age_nobody_knows_must_agree_as_an_adult_must():
    today = date(2026, 11, 22)
    assert must_agree(None, today)
    assert must_agree(today, today)
    assert not must_agree(date(2026, 11, 23), today)
