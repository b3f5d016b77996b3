"""The first meeting: once, not before the contact, not in advance."""

from datetime import date

import pytest

from services.cases.domain.meeting import HELD, check_first_meeting
from shared.errors import DomainError

CONTACT, TODAY = date(2026, 11, 2), date(2026, 11, 22)


@pytest.mark.parametrize("held_on", [CONTACT, TODAY])
def test_it_is_held_between_the_contact_and_today(held_on):
    check_first_meeting(held_on, contact_on=CONTACT, today=TODAY, history=["case.applied"])


@pytest.mark.parametrize(
    ("held_on", "history", "code"),
    [
        (date(2026, 11, 1), [], "meeting.before_contact"),
        (date(2026, 11, 23), [], "meeting.in_future"),
        (TODAY, [HELD], "meeting.recorded_already"),
    ],
)
def test_no_other_day_and_no_second_one(held_on, history, code):
    with pytest.raises(DomainError, match=code):
        check_first_meeting(held_on, contact_on=CONTACT, today=TODAY, history=history)
