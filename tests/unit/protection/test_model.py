from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.protection.domain.model import (
    LEVELS,
    check_answer,
    check_threat,
    levels_of,
    log_reason,
    room_of,
)
from shared.errors import DomainError
from shared.ids import SubjectId

TODAY = date(2026, 11, 22)
AREA, BOPS = "local_police_area", "police_protection_unit"


def given(level, kind, review=TODAY + timedelta(days=7), current=None):
    check_threat(
        level, kind, review, today=TODAY, latest=TODAY + timedelta(days=14), current=current
    )


def refusal(*args, **kwargs):
    with pytest.raises(DomainError) as error:
        given(*args, **kwargs)
    return error.value.code


@pytest.mark.parametrize("level", LEVELS)
def test_bops_gives_any_level(level):
    for current in (None, *LEVELS):
        given(level, BOPS, current=current)


@pytest.mark.parametrize("current", [None, "LOW", "MEDIUM"])
def test_a_local_area_gives_low_and_medium_but_never_high(current):
    for level in ("LOW", "MEDIUM"):
        given(level, AREA, current=current)
    assert refusal("HIGH", AREA, current=current) == "threat.unit_may_not_set"


@pytest.mark.parametrize("level", LEVELS)
def test_a_local_area_does_not_end_a_high_threat(level):
    assert refusal(level, AREA, current="HIGH") == "threat.unit_may_not_set"


def test_the_next_review_is_after_today_and_within_policy():
    assert refusal("LOW", AREA, TODAY) == "threat.review_in_past"
    assert refusal("LOW", AREA, TODAY + timedelta(days=15)) == "threat.review_too_late"
    given("LOW", AREA, TODAY + timedelta(days=1))
    given("LOW", AREA, TODAY + timedelta(days=14))


def test_levels_by_kind_of_unit():
    assert levels_of(BOPS) == ("LOW", "MEDIUM", "HIGH")
    assert levels_of(AREA) == ("LOW", "MEDIUM")


def test_a_threat_question_is_answered_by_an_assessment_only():
    with pytest.raises(DomainError) as error:
        check_answer("threat", "CLEAR")
    assert error.value.code == "question.answered_by_assessment"


@pytest.mark.parametrize("kind", ["placement", "level_passing", "acute_protection"])
def test_a_register_check_is_answered_by_its_own_codes_and_nothing_else_is(kind):
    for answer in ("NOTHING_TO_REPORT", "CONTACT_US"):
        check_answer("register_check", answer)
        with pytest.raises(DomainError) as error:
            check_answer(kind, answer)
        assert error.value.code == "question.other_answer"
    for answer in ("CLEAR", "NOT_CLEAR"):
        check_answer(kind, answer)
        with pytest.raises(DomainError) as error:
            check_answer("register_check", answer)
        assert error.value.code == "question.other_answer"


def test_the_room_is_always_the_same_and_never_the_subject():
    subject = SubjectId(uuid4())
    assert room_of(subject) == room_of(subject) != subject


def test_a_reason_is_one_printable_line_that_the_log_can_keep():
    assert log_reason(" be\x00dömer\r\nhot ") == "be dömer hot"
    assert len(log_reason("x" * 900)) == 500
    with pytest.raises(DomainError) as error:
        log_reason(" \n")
    assert error.value.code == "reason.missing"
