from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.domain import (
    CHECKPOINT_EVERY,
    Checkpoint,
    Entry,
    Fault,
    Sealed,
    chain,
    is_checkpoint_due,
    verify,
)

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)

entries = st.builds(
    Entry,
    id=st.uuids(),
    at=st.datetimes(timezones=st.just(UTC)),
    actor_id=st.uuids(),
    home=st.sampled_from(["0580", "9001"]),
    roles=st.lists(st.sampled_from(["case_worker", "team_leader"]), max_size=2),
    unit=st.none() | st.text(max_size=5),
    action=st.sampled_from(["case.read", "case.noted"]),
    case_id=st.none() | st.sampled_from([UUID(int=1), UUID(int=2)]),
    reason=st.none() | st.text(max_size=5),
    facts=st.dictionaries(
        st.text(max_size=3), st.booleans() | st.integers() | st.text(max_size=3), max_size=2
    ),
)


def sealed(some):
    return [Sealed(entry, link) for entry, link in zip(some, chain(some, None, {}), strict=True)]


def end_of(rows):
    return [Checkpoint(rows[-1].link.number, rows[-1].link.hash)]


@given(st.lists(entries, max_size=8))
def test_what_was_chained_verifies(some):
    assert list(verify(sealed(some))) == []


@given(st.lists(entries, min_size=1, max_size=8), st.integers(1, 7))
def test_sealing_in_parts_gives_the_same_chain(some, cut):
    whole = chain(some, None, {})
    first = chain(some[:cut], None, {})
    heads = {}
    for entry, link in zip(some[:cut], first, strict=True):
        if entry.case_id is not None:
            heads[entry.case_id] = link.case_number
    assert first + chain(some[cut:], first[-1], heads) == whole


@given(st.lists(entries, min_size=1, max_size=8), st.data())
def test_any_change_of_an_entry_names_its_row_alone(some, data):
    rows = sealed(some)
    place = data.draw(st.integers(0, len(rows) - 1))
    field, other = data.draw(
        st.sampled_from(
            [("reason", "annat skäl"), ("home", "1480"), ("action", "x.y"), ("unit", "annan enhet")]
        )
    )
    changed = replace(rows[place].entry, **{field: other})
    rows[place] = replace(rows[place], entry=changed)
    assert list(verify(rows, end_of(rows))) == [Fault("changed", place + 1)]


@given(st.lists(entries, min_size=3, max_size=8), st.data())
def test_a_row_taken_out_is_named(some, data):
    some = [replace(entry, case_id=None) for entry in some]
    rows = sealed(some)
    place = data.draw(st.integers(0, len(rows) - 2))
    checkpoints = end_of(rows)
    del rows[place]
    assert list(verify(rows, checkpoints)) == [Fault("missing", place + 1)]


@given(st.lists(entries, min_size=2, max_size=8), st.data())
def test_a_tail_that_was_cut_is_named_by_the_checkpoint(some, data):
    rows = sealed(some)
    checkpoints = end_of(rows)
    kept = data.draw(st.integers(0, len(rows) - 1))
    assert list(verify(rows[:kept], checkpoints)) == [Fault("cut", len(rows))]


@given(st.lists(entries, min_size=2, max_size=8, unique_by=lambda entry: entry.id))
def test_two_rows_exchanged_are_both_named(some):
    rows = sealed(some)
    rows[0], rows[1] = replace(rows[0], entry=rows[1].entry), replace(rows[1], entry=rows[0].entry)
    assert {Fault("changed", 1), Fault("changed", 2)} <= set(verify(rows))


def one_row(**facts):
    entry = Entry(
        UUID(int=9), NOW, UUID(int=8), "0580", [], None, "case.read", UUID(int=1), None, {}
    )
    return sealed([replace(entry, **facts)])


def test_an_entry_that_is_gone_is_named():
    (row,) = one_row()
    assert list(verify([replace(row, entry=None)])) == [Fault("missing", 1)]


def test_a_chain_rewritten_whole_is_named_by_a_witness():
    before, after = one_row(), one_row(reason="annat")
    assert list(verify(after)) == []
    assert list(verify(after, end_of(before))) == [Fault("checkpoint", 1)]


def test_two_witnesses_that_contradict_each_other_are_named():
    before, after = one_row(), one_row(reason="annat")
    assert list(verify(before, end_of(before) + end_of(after))) == [Fault("checkpoint", 1)]


def test_a_checkpoint_on_a_missing_row_is_named_once():
    rows = sealed([row.entry for row in one_row(case_id=None)] * 3)
    held = [Checkpoint(2, rows[1].link.hash)]
    assert list(verify([rows[0], rows[2]], held)) == [Fault("missing", 2)]


def test_a_number_in_a_case_that_is_none_is_named():
    (row,) = one_row(case_id=None)
    link = replace(row.link, case_number=1)
    assert Fault("case_number", 1) in list(verify([replace(row, link=link)]))
    (row,) = one_row()
    link = replace(row.link, case_number=None)
    assert Fault("case_number", 1) in list(verify([replace(row, link=link)]))


@pytest.mark.parametrize(
    ("head", "last", "ago", "due"),
    [
        (0, 0, None, False),
        (1, 0, None, True),
        (5, 5, CHECKPOINT_EVERY * 2, False),
        (6, 5, CHECKPOINT_EVERY, True),
        (6, 5, CHECKPOINT_EVERY - timedelta(seconds=1), False),
    ],
)
def test_a_checkpoint_is_due_when_there_is_something_new_and_time_has_passed(head, last, ago, due):
    assert is_checkpoint_due(head, last, NOW - ago if ago else None, NOW) is due
