"""A log review as it is written down: days that were, and rows that somebody read."""

from datetime import date

import pytest

from services.audit.domain import MOST_ENTRIES, RecordReview, check_review
from shared.errors import DomainError

TODAY = date(2026, 11, 22)
DONE = RecordReview(date(2026, 11, 1), TODAY, 40, "nothing_found")


def test_a_review_of_days_that_were_is_written_down():
    check_review(DONE, TODAY)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (RecordReview(TODAY, date(2026, 11, 21), 40, "asked"), "review.ends_before_start"),
        (RecordReview(TODAY, date(2026, 11, 23), 40, "asked"), "review.in_future"),
        (RecordReview(TODAY, TODAY, 0, "asked"), "review.entries"),
        (RecordReview(TODAY, TODAY, MOST_ENTRIES + 1, "asked"), "review.entries"),
    ],
)
def test_a_review_that_nobody_can_have_done_is_refused(command, code):
    with pytest.raises(DomainError, match=code):
        check_review(command, TODAY)
