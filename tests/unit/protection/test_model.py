from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.protection.domain.model import (
    LEVELS,
    Question,
    Threat,
    check_answer,
    check_threat,
    levels_of,
    log_reason,
    no_threat_known,
    room_of,
)
from shared.errors import DomainError
from shared.ids import SubjectId

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
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


@pytest.mark.parametrize(
    ("answer", "level"), [("NOT_CLEAR", None), ("CLEAR", "LOW"), ("CLEAR", "HIGH")]
)
def test_a_threat_question_is_answered_by_an_assessment_once_there_is_a_threat(answer, level):
    with pytest.raises(DomainError) as error:
        check_answer("threat", answer, level)
    assert error.value.code == "question.answered_by_assessment"


def test_that_no_threat_is_known_is_an_answer():
    check_answer("threat", "CLEAR", None)
    check_answer("placement", "NOT_CLEAR", "HIGH")


def asked(answer, answered_at=NOW):
    return Question(uuid4(), "threat", "lpo-linkoping", None, NOW, answer, answered_at)


def test_no_threat_is_known_while_the_newest_answer_says_so():
    threat = Threat(uuid4(), "LOW", "lpo-linkoping", "structured", NOW, NOW.date())
    assert no_threat_known([asked("CLEAR")], None)
    assert no_threat_known([asked(None, None), asked("CLEAR")], None)
    assert not no_threat_known([asked("CLEAR")], threat)
    assert not no_threat_known([asked(None)], None)
    assert not no_threat_known([], None)


@pytest.mark.parametrize("kind", ["placement", "level_passing", "acute_protection"])
def test_a_register_check_is_answered_by_its_own_codes_and_nothing_else_is(kind):
    for answer in ("NOTHING_TO_REPORT", "CONTACT_US"):
        check_answer("register_check", answer, None)
        with pytest.raises(DomainError) as error:
            check_answer(kind, answer, None)
        assert error.value.code == "question.other_answer"
    for answer in ("CLEAR", "NOT_CLEAR"):
        check_answer(kind, answer, None)
        with pytest.raises(DomainError) as error:
            check_answer("register_check", answer, None)
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
