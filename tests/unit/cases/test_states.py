from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.states import (
    CLOSED_STATES,
    ENDING,
    OPEN_STATES,
    STATES,
    TABLE,
    after,
    arrows,
    require_open,
)
from shared.errors import Conflict, DomainError

EVENTS = sorted({row.event for row in TABLE})
ARROWS = {(row.from_state, row.event): row.to for row in TABLE}


def code_of(error):
    return error.value.code


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.from_state}-{row.event}")
def test_each_row_of_the_table_leads_where_it_says(row):
    assert after(row.from_state, row.event) == row.to


@given(st.sampled_from(["-", *STATES]), st.sampled_from(EVENTS), st.booleans())
def test_what_is_not_in_the_table_is_refused(state, event, has_open_handover):
    if (state, event) in ARROWS:
        return
    with pytest.raises(DomainError) as refusal:
        after(state, event, has_open_handover=has_open_handover)
    assert code_of(refusal) == "case.event_not_allowed"
    assert refusal.value.facts == {"state": state, "event": event}


@pytest.mark.parametrize("event", sorted(ENDING))
def test_a_case_on_its_way_is_not_closed_by_a_decision_here(event):
    state = next(row.from_state for row in TABLE if row.event == event)
    with pytest.raises(Conflict) as refusal:
        after(state, event, has_open_handover=True)
    assert code_of(refusal) == "case.handover_open"


@pytest.mark.parametrize("state", OPEN_STATES)
def test_a_take_over_elsewhere_ends_the_case_from_any_open_state(state):
    assert after(state, "taken_over", has_open_handover=True) == "ENDED"


@pytest.mark.parametrize("event", sorted({r.event for r in TABLE} - ENDING))
def test_an_open_handover_stops_nothing_but_the_end(event):
    row = next(row for row in TABLE if row.event == event)
    assert after(row.from_state, event, has_open_handover=True) == row.to


def test_every_state_is_reached_from_the_start():
    reached, before = {"-"}, set()
    while reached != before:
        before = set(reached)
        reached |= {row.to for row in TABLE if row.from_state in reached}
    assert reached == {"-", *STATES}


@pytest.mark.parametrize("state", OPEN_STATES)
def test_every_open_case_can_end(state):
    assert any(row.from_state == state and row.to == "ENDED" for row in TABLE)


@pytest.mark.parametrize("state", STATES)
def test_only_an_open_case_is_written_in(state):
    if state not in CLOSED_STATES:
        require_open(state)
        return
    with pytest.raises(Conflict) as refusal:
        require_open(state)
    assert code_of(refusal) == "case.closed"


def test_every_row_names_who_may_cause_it():
    assert all(row.actors for row in TABLE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: [*t, t[1]], "same event"),
        (lambda t: [row for row in t if row.event != "reopen"], "has no row"),
        (
            lambda t: [replace(r, to="ENDED") if r.to == "PURGED" else r for r in t],
            "never reached",
        ),
    ],
)
def test_a_table_that_does_not_hold_together_does_not_load(change, words):
    with pytest.raises(ValueError, match=words):
        arrows(change(list(TABLE)))
