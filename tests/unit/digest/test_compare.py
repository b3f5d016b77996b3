"""What two ends' figures mean, flow by flow; exact, whatever is on its way."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.digest.compare import LATE, MOST_LOST, Found, Ours, of_ours, of_theirs
from shared.digest.wire import Applied, Sent

FLOW = (UUID(int=7), "forward")
LATE_S = int(LATE.total_seconds())
A, B = "a" * 64, "b" * 64


def sent(number, answered, waiting_s=0, digest=A):
    return Sent(*FLOW, number, answered, waiting_s, digest)


def applied(number, digest=A):
    return Applied(*FLOW, number, digest)


@pytest.mark.parametrize(
    ("theirs", "ours", "found"),
    [
        (sent(3, 3), Ours(3, 3, A), None),
        (sent(3, 2), Ours(2, 2, None), None),
        (sent(3, 2, LATE_S - 1), Ours(2, 2, None), None),
        (sent(3, 2, LATE_S), Ours(2, 2, None), Found("not_arrived", 3, 3)),
        (sent(3, 3), Ours(2, 2, None), Found("lost_here", 3, 3)),
        (sent(3, 1), Ours(0, 0, None), Found("lost_here", 1, 3)),
        (sent(3, 3), Ours(3, 3, B), Found("content", 1, 3)),
        (sent(3, 3), Ours(5, 5, A), None),
        (sent(3, 3), Ours(5, 5, None), None),  # a hole of ours: the watch names it
    ],
)
def test_a_flow_of_theirs(theirs, ours, found):
    assert of_theirs(theirs, ours) == found


@pytest.mark.parametrize(
    ("theirs", "ours", "found"),
    [
        (applied(3), Ours(3, 3, A), None),
        (applied(2), Ours(3, 2, A), None),
        (applied(3), Ours(4, 2, A), None),  # their receipt is on its way
        (applied(1), Ours(3, 2, A), Found("lost_there", 2, 2)),
        (applied(4), Ours(3, 3, None), Found("numbers_lost", 4, 4)),
        (applied(2**31 - 1), Ours(3, 3, None), Found("numbers_lost", 4, 3 + MOST_LOST)),
        (applied(2), Ours(3, 3, B), Found("content", 1, 2)),
    ],
)
def test_a_flow_of_ours(theirs, ours, found):
    assert of_ours(theirs, ours) == found


@given(st.data())
def test_ends_that_lost_nothing_never_differ(data):
    """Whatever is on its way: `sent >= applied >= answered`, each figure older than the next."""
    given_, applied_, answered = sorted(
        data.draw(st.lists(st.integers(0, 9), min_size=3, max_size=3)), reverse=True
    )
    later = data.draw(st.integers(0, 3))
    digest = A if applied_ + later >= given_ else None
    assert of_theirs(sent(given_, answered), Ours(applied_ + later, 0, digest)) is None
    assert of_ours(applied(applied_), Ours(given_ + later, answered, A)) is None
