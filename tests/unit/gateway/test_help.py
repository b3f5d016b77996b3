"""The page of help says of each state what the tables and the clocks do."""

from datetime import date

import pytest

from gateway.texts.help import RECEIVER, SENDER
from services.handover.domain.states import ReceiverState, SenderState
from services.handover.domain.timers import (
    ESCALATE_TO_LEADER,
    REMIND_EVERY,
    Standing,
    next_deadline,
)

DAY = date(2026, 11, 2)
STANDING = Standing(received_on=DAY, answer_on=date(2026, 11, 16), since=DAY)
STATES = [
    *[(state, SENDER) for state in SenderState],
    *[(state, RECEIVER) for state in ReceiverState if state is not ReceiverState.NONE],
]


def test_every_state_of_both_ends_is_told_and_no_other() -> None:
    assert set(SENDER) == {state.value for state in SenderState}
    assert set(RECEIVER) == {state.value for state in ReceiverState} - {"none"}


@pytest.mark.parametrize(("state", "rows"), STATES, ids=str)
def test_a_day_is_named_where_one_binds_and_nowhere_else(state, rows) -> None:
    has_day = rows[state.value].by not in {"Ingen dag satt", "Klart"}
    assert has_day == (next_deadline(state, STANDING) is not None)


def test_responsibility_moves_at_the_take_over_alone() -> None:
    assert [state for state, row in SENDER.items() if row.responsible != "Ni"] == ["completed"]
    assert [state for state, row in RECEIVER.items() if row.responsible != "De"] == ["taken_over"]


def test_after_a_no_the_days_are_those_of_the_reminders() -> None:
    assert f"{REMIND_EVERY.days} dagar efter deras nej" in SENDER["declined"].by
    assert f"Efter {ESCALATE_TO_LEADER.days} dagar" in SENDER["declined"].by
