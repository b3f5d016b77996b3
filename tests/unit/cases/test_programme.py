"""Rules of agreement, aid, plan, follow-up and end, each with the refusal it exists for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.cases.domain.aid import (
    Aid,
    check_aid,
    check_told,
    days_granted,
    running,
)
from services.cases.domain.plan import (
    FollowUp,
    Goal,
    Measure,
    check_follow_up,
    check_goal,
    check_measure_end,
    check_measure_start,
    check_provider,
    require_plannable,
    scored,
    unexecuted,
)
from services.cases.domain.programme import (
    MAX_PAUSE_DAYS,
    Agreement,
    Marks,
    check_agreement,
    check_completion,
    check_pause,
    check_start,
    next_in_programme,
    next_while_aided,
)
from services.cases.domain.states import STATES
from shared.errors import DomainError
from shared.ids import StaffId

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SOMEBODY = StaffId(uuid4())


def refusal(check, *args, **kwargs):
    with pytest.raises(DomainError) as error:
        check(*args, **kwargs)
    return error.value.code


def aid(outcome="GRANTED", **changes) -> Aid:
    given = {
        "aid_id": uuid4(),
        "kind": "aid.counselling",
        "outcome": outcome,
        "area": "occupation",
        "matter": "Kontaktperson",
        "minutes": "",
        "granted_from": TODAY if outcome == "GRANTED" else None,
        "granted_until": None,
        "ends": None,
        "decided_at": AT,
        "told_on": None,
    }
    return Aid(**{**given, **changes})


def goal(score=None) -> Goal:
    return Goal(uuid4(), "housing", "Egen bostad", TODAY + 90 * DAY, AT, score)


def measure(of, ended_on=None) -> Measure:
    return Measure(uuid4(), of.aid_id, "Kontaktperson", "", TODAY, ended_on)


def agreement(**changes) -> Agreement:
    given = {"withdrawn_at": None, **changes}
    return Agreement(uuid4(), ("no_crime",), "", TODAY, None, AT, SOMEBODY, **given)


# -- aid -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [s for s in STATES if s not in {"CONTACT", "PRELIMINARY"}])
def test_aid_is_tried_wherever_the_programme_stands(state):
    check_aid(state, "aid.counselling", "GRANTED", TODAY, None, None)
    check_aid(state, "aid.counselling", "REFUSED", None, None, None)
    check_aid(state, "aid.counselling", "ENDED", None, None, aid())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("CONTACT", "REFUSED", None, None, None), "aid.no_application"),
        (("ACTIVE", "GRANTED", None, None, None), "aid.start_missing"),
        (("ACTIVE", "GRANTED", TODAY, TODAY - DAY, None), "aid.ends_before_start"),
        (("ACTIVE", "REFUSED", TODAY, None, None), "aid.grants_and_ends"),
        (("ACTIVE", "ENDED", None, None, None), "aid.ends_nothing"),
        (("ACTIVE", "ENDED", None, None, aid("REFUSED")), "aid.ends_nothing"),
        (("ACTIVE", "GRANTED", TODAY, None, aid()), "aid.ends_nothing"),
        (
            ("ACTIVE", "ENDED", None, None, aid(kind="aid.protected_housing")),
            "aid.ends_other_kind",
        ),
    ],
)
def test_a_decision_that_does_not_say_what_it_must_is_refused(given, code):
    state, *rest = given
    assert refusal(check_aid, state, "aid.counselling", *rest) == code


def test_both_days_of_a_grant_are_counted():
    assert days_granted(TODAY, TODAY) == 1
    assert days_granted(TODAY, TODAY + 29 * DAY) == 30
    assert days_granted(TODAY, None) is None


def test_the_time_to_appeal_runs_from_when_the_person_was_told():
    assert aid().appeal_until is None
    assert aid(told_on=TODAY).appeal_until == date(2026, 12, 13)
    assert refusal(check_told, aid(), TODAY - DAY, TODAY) == "aid.told_before_decision"
    assert refusal(check_told, aid(), TODAY + DAY, TODAY) == "aid.told_in_future"
    assert refusal(check_told, aid(told_on=TODAY), TODAY, TODAY) == "aid.told_already"


def test_what_is_granted_runs_until_its_day_or_until_it_is_ended():
    forever, until = aid(), aid(granted_until=TODAY)
    end = aid("ENDED", ends=forever.aid_id)
    assert running([forever, until, aid("REFUSED")], TODAY) == [forever, until]
    assert running([forever, until], TODAY + DAY) == [forever]
    assert running([forever, end], TODAY) == []


def test_a_grant_that_nobody_carries_out_has_a_day_when_it_is_reported():
    granted, begun = aid(), aid()
    assert granted.carry_out_before == date(2027, 2, 22)
    assert aid("REFUSED").carry_out_before is None
    assert unexecuted([granted, begun], [measure(begun)], TODAY) == [granted]


# -- agreement and start ---------------------------------------------------------------------------


def test_an_agreement_names_conditions_and_is_an_admitted_persons():
    check_agreement("AGREEMENT_PENDING", ("no_crime",), "", TODAY, TODAY)
    check_agreement("ACTIVE", (), "Ring varje dag.", TODAY, TODAY)
    assert refusal(check_agreement, "INVESTIGATION", ("no_crime",), "", TODAY, TODAY) == (
        "agreement.not_admitted"
    )
    assert refusal(check_agreement, "ACTIVE", (), "", TODAY, TODAY) == (
        "agreement.conditions_missing"
    )
    assert refusal(check_agreement, "ACTIVE", ("no_crime",), "", TODAY + DAY, TODAY) == (
        "agreement.signed_in_future"
    )


@pytest.mark.parametrize("signed", [None, agreement(withdrawn_at=AT)])
def test_the_programme_starts_unsigned_only_where_policy_demands_no_agreement(signed):
    given = {"agreement": signed, "admitted_at": AT, "running_aids": [aid()]}
    assert refusal(check_start, is_agreement_demanded=True, **given) == (
        "programme.agreement_missing"
    )
    check_start(is_agreement_demanded=False, **given)


def test_the_programme_starts_with_a_decision():
    given = {"is_agreement_demanded": True, "agreement": agreement(), "admitted_at": AT}
    assert refusal(check_start, running_aids=[], **given) == "programme.decision_missing"
    check_start(running_aids=[aid()], **given)


@pytest.mark.parametrize(
    "admitted_at",
    [AT + timedelta(hours=1), AT + DAY],
)
def test_who_is_admitted_anew_signs_anew(admitted_at):
    given = {"agreement": agreement(), "admitted_at": admitted_at, "running_aids": [aid()]}
    assert refusal(check_start, is_agreement_demanded=True, **given) == "programme.agreement_old"
    check_start(is_agreement_demanded=False, **given)


def test_an_old_paper_is_no_new_agreement():
    old = replace(agreement(), signed_on=TODAY - DAY)
    given = {"agreement": old, "admitted_at": AT, "running_aids": [aid()]}
    assert refusal(check_start, is_agreement_demanded=True, **given) == "programme.agreement_old"


# -- plan ------------------------------------------------------------------------------------------


def test_a_plan_is_for_who_is_investigated_and_its_goals_lie_ahead():
    require_plannable("INVESTIGATION")
    assert refusal(require_plannable, "INTAKE") == "plan.too_early"
    check_goal(TODAY + DAY, TODAY)
    assert refusal(check_goal, TODAY, TODAY) == "goal.due_in_past"


@pytest.mark.parametrize(
    "provider", ["Ture Tests vård", "Hem för TEST", "20010822-9816", "nr 0108229816"]
)
def test_a_providers_name_never_tells_who_is_helped(provider):
    assert refusal(check_provider, provider, ("Ture", "Test")) == "measure.provider_names_person"


def test_a_firm_is_a_provider():
    check_provider("Utvägens stöd AB, avtal 2026-118", ("Ture", "Test"))
    check_provider("", ("Ture", "Test"))


def test_a_measure_rests_on_a_decision_of_its_day():
    granted = aid()
    check_measure_start([granted], granted.aid_id, TODAY, TODAY)
    for aids, started_on, code in (
        ([granted], TODAY - DAY, "measure.before_decision"),
        ([granted], TODAY + DAY, "measure.in_future"),
        ([granted, aid("ENDED", ends=granted.aid_id)], TODAY, "measure.no_decision"),
        ([], TODAY, "measure.no_decision"),
    ):
        assert refusal(check_measure_start, aids, granted.aid_id, started_on, TODAY) == code


def test_a_measure_ends_once_after_it_began():
    begun = measure(aid())
    check_measure_end(begun, TODAY, TODAY)
    assert refusal(check_measure_end, begun, TODAY - DAY, TODAY) == "measure.ends_before_start"
    assert refusal(check_measure_end, begun, TODAY + DAY, TODAY) == "measure.in_future"
    ended = measure(aid(), ended_on=TODAY)
    assert refusal(check_measure_end, ended, TODAY, TODAY) == "measure.ended_already"


def followed_up(goals, scores, held_on=TODAY, next_on=TODAY + 30 * DAY):
    check_follow_up(goals, scores, held_on, next_on, today=TODAY, months=3)


def test_a_follow_up_scores_every_open_goal_and_sets_the_next():
    one, other, met = goal(), goal("PARTLY"), goal("MET")
    goals, both = [one, other, met], [one.goal_id, other.goal_id]
    followed_up(goals, both, next_on=date(2027, 2, 22))
    for scores, changes, code in (
        ([one.goal_id], {}, "follow_up.goal_unscored"),
        ([*both, met.goal_id], {}, "follow_up.goal_unknown"),
        ([*both, one.goal_id], {}, "follow_up.goal_unknown"),
        (both, {"held_on": TODAY + DAY}, "follow_up.in_future"),
        (both, {"next_on": TODAY}, "follow_up.next_in_past"),
        (both, {"next_on": date(2027, 2, 23)}, "follow_up.next_too_late"),
    ):
        assert refusal(followed_up, goals, scores, **changes) == code
    assert refusal(followed_up, [], []) == "follow_up.no_goals"


def test_the_newest_score_of_a_goal_counts():
    one = goal()
    held = [
        FollowUp(uuid4(), TODAY, {one.goal_id: score}, "", "", TODAY, SOMEBODY)
        for score in ("NOT_MET", "MET")
    ]
    assert scored([one], held) == {one.goal_id: "MET"}


# -- pause, end, what comes next -------------------------------------------------------------------


def test_a_pause_is_looked_at_again_in_time():
    check_pause(TODAY + MAX_PAUSE_DAYS * DAY, TODAY)
    assert refusal(check_pause, TODAY, TODAY) == "pause.review_in_past"
    late = TODAY + (MAX_PAUSE_DAYS + 1) * DAY
    assert refusal(check_pause, late, TODAY) == "pause.review_too_late"


FINISHED = (goal("MET"), goal("DROPPED"))


def completed(goals=FINISHED, **changes):
    given = {
        "is_threat_demanded": True,
        "is_police_protecting": False,
        "threat_level": "LOW",
        "threat_review_on": TODAY,
        "is_check_waiting": False,
        "today": TODAY,
    }
    check_completion(goals, **{**given, **changes})


def test_a_programme_is_completed_with_its_goals_met_and_no_acute_protection():
    completed()
    completed(is_threat_demanded=False, threat_level=None, threat_review_on=None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"goals": ()}, "closing.goals_missing"),
        ({"goals": (goal("PARTLY"),)}, "closing.goals_open"),
        ({"goals": (goal(),)}, "closing.goals_open"),
        ({"threat_level": "HIGH"}, "closing.acute_protection"),
        ({"is_police_protecting": True}, "closing.acute_protection"),
        ({"threat_level": None}, "closing.threat_not_assessed"),
        ({"threat_review_on": TODAY - DAY}, "closing.threat_outdated"),
        ({"is_check_waiting": True}, "closing.check_waits"),
    ],
)
def test_nothing_less_completes_it(changes, code):
    assert refusal(completed, **changes) == code


def step(state="ACTIVE", is_overdue=False, **changes):
    given = {
        "has_agreement": True,
        "has_aid": True,
        "has_goals": True,
        "follow_up_on": TODAY + 60 * DAY,
        "review_on": None,
        "carry_out_before": None,
    }
    found = next_in_programme(
        state,
        Marks(**{**given, **changes}),
        TODAY,
        is_agreement_demanded=True,
        is_threat_overdue=is_overdue,
    )
    return found and found[0]


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("sign_agreement", {"state": "AGREEMENT_PENDING", "has_agreement": False}),
        ("decide_aid", {"state": "AGREEMENT_PENDING", "has_aid": False}),
        ("start_programme", {"state": "AGREEMENT_PENDING"}),
        ("resume_programme", {"state": "PAUSED"}),
        ("review_threat", {"is_overdue": True, "follow_up_on": TODAY}),
        ("record_follow_up", {"follow_up_on": TODAY, "carry_out_before": TODAY}),
        ("carry_out_decision", {"carry_out_before": TODAY, "has_goals": False}),
        ("set_goals", {"has_goals": False, "follow_up_on": TODAY}),
        ("record_follow_up", {}),
        ("review_relapse", {"state": "RELAPSE_REVIEW"}),
    ],
)
def test_what_comes_next_is_the_first_that_waits(wanted, given):
    assert step(**given) == wanted


def test_aid_that_outlives_the_programme_is_carried_out_and_then_followed():
    none = Marks(False, False, True, TODAY, None, None)
    assert next_while_aided(none) is None
    running_out = replace(none, has_aid=True, aid_until=TODAY + DAY)
    assert next_while_aided(running_out) == ("follow_aid", TODAY + DAY)
    assert next_while_aided(replace(none, has_open_measure=True)) == ("follow_aid", None)
    waiting = replace(running_out, carry_out_before=TODAY)
    assert next_while_aided(waiting) == ("carry_out_decision", TODAY)
