"""One person on call at a time for each unit, and every hour without one is named."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.staff.domain.duty import Duty, PutOnCall, check_duty, gaps, on_call_at
from shared.errors import DomainError
from shared.ids import StaffId

NIGHT = datetime(2026, 11, 22, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORKER = frozenset({"case_worker"})


def duty(begins=0, hours=8, unit=None):
    start = NIGHT + begins * HOUR
    return Duty(uuid4(), unit, StaffId(uuid4()), "Asta", start, start + hours * HOUR)


def wanted(begins=0, hours=8):
    start = NIGHT + begins * HOUR
    return PutOnCall(StaffId(uuid4()), start, start + hours * HOUR)


def refusal(command, roles=WORKER, others=()):
    with pytest.raises(DomainError) as error:
        check_duty(command, roles, others, NIGHT)
    return error.value.code


def test_a_colleague_with_cases_may_be_on_call():
    check_duty(wanted(), WORKER, [duty(-8), duty(8)], NIGHT)


@pytest.mark.parametrize("begins", [-7, 0, 3, 7])
def test_two_are_never_on_call_for_one_unit_at_once(begins):
    assert refusal(wanted(), others=[duty(begins)]) == "duty.overlaps"


@pytest.mark.parametrize(
    ("command", "roles", "code"),
    [
        (wanted(hours=0), WORKER, "duty.ends_before_it_begins"),
        (wanted(hours=-1), WORKER, "duty.ends_before_it_begins"),
        (wanted(hours=7 * 24 + 1), WORKER, "duty.too_long"),
        (wanted(begins=-8), WORKER, "duty.over_already"),
        (wanted(), frozenset({"social_director"}), "duty.role_not_held"),
        (wanted(), frozenset(), "duty.role_not_held"),
        (
            PutOnCall(StaffId(uuid4()), NIGHT.replace(tzinfo=None), NIGHT),
            WORKER,
            "duty.time_without_zone",
        ),
    ],
)
def test_a_duty_that_is_none_is_refused(command, roles, code):
    assert refusal(command, roles) == code


def test_the_units_own_person_answers_before_the_municipalitys():
    own, everybodys, others = duty(unit="sig"), duty(), duty(unit="annan")
    assert on_call_at([everybodys, others, own], "sig", NIGHT) == own
    assert on_call_at([everybodys, others], "sig", NIGHT) == everybodys
    assert on_call_at([others], "sig", NIGHT) is None


def test_a_duty_begins_with_its_first_moment_and_is_over_at_its_last():
    one = duty()
    assert on_call_at([one], None, one.from_at) == one
    assert on_call_at([one], None, one.until_at) is None


@given(st.lists(st.tuples(st.integers(-5, 40), st.integers(1, 12)), max_size=6))
def test_every_hour_is_either_somebodys_or_named_as_a_gap(spans):
    duties = [duty(begins, hours) for begins, hours in spans]
    found = gaps(duties, NIGHT, NIGHT + 24 * HOUR)
    for hour in range(24):
        at = NIGHT + hour * HOUR
        is_free = any(each.from_at <= at < each.until_at for each in found)
        assert is_free == (on_call_at(duties, None, at) is None)
