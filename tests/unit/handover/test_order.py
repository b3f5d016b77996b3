"""The evidence is believed only where some run of the two tables sends just those messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.handover.domain.order import Sent, first_impossible
from services.handover.domain.states import FORWARD, Message
from services.handover.domain.table import RECEIVER, SENDER
from tests.unit.handover.network import histories

M = Message


def sent(*kinds) -> list[Sent]:
    return [Sent(kind) for kind in kinds]


def test_a_finished_handover_is_explained() -> None:
    assert first_impossible(sent(M.PROPOSED, M.DOSSIER), sent(M.ACCEPTED, M.COMPLETED)) is None


def test_a_take_over_that_nobody_accepted_is_not() -> None:
    assert first_impossible(sent(M.PROPOSED, M.DOSSIER), sent(M.COMPLETED)) == (1, 0)


def test_a_dropped_step_is_named() -> None:
    assert first_impossible(sent(M.PROPOSED), sent(M.ACCEPTED, M.COMPLETED)) == (1, 1)


def test_a_refused_proposal_explains_what_follows() -> None:
    refused = [Sent(M.PROPOSED, was_refused=True), Sent(M.KEPT)]
    assert first_impossible(refused, []) is None
    assert first_impossible(sent(M.PROPOSED, M.KEPT), []) == (1, 0)


def test_a_message_sent_again_after_a_refusal_is_explained() -> None:
    forward = [Sent(M.PROPOSED), Sent(M.DOSSIER, was_refused=True), Sent(M.DOSSIER)]
    assert first_impossible(forward, sent(M.ACCEPTED, M.COMPLETED)) is None
    back = [Sent(M.ACCEPTED, was_refused=True), Sent(M.ACCEPTED), Sent(M.COMPLETED)]
    assert first_impossible(sent(M.PROPOSED, M.DOSSIER), back) is None
    assert first_impossible(sent(M.PROPOSED, M.DOSSIER, M.DOSSIER), sent(M.ACCEPTED)) == (2, 1)


def test_what_came_before_its_time_and_was_not_refused_is_not_explained() -> None:
    """A ruling that was applied where its dispute had been refused."""
    forward = [Sent(M.PROPOSED), Sent(M.DISPUTED, was_refused=True), Sent(M.RULED_SENDER)]
    assert first_impossible([*forward, Sent(M.WITHDRAWN)], sent(M.DECLINED)) == (3, 1)
    back = [Sent(M.DECLINED), Sent(M.NOTED, was_refused=True), Sent(M.AGREED), Sent(M.COMPLETED)]
    assert first_impossible(sent(M.PROPOSED, M.DISPUTED, M.DOSSIER), back) == (2, 3)


def test_everything_that_can_have_happened_is_explained() -> None:
    runs = {(world.forward, world.back) for world in histories((*SENDER, *RECEIVER))}
    assert len(runs) > 100
    for forward, back in runs:
        assert first_impossible(sent(*forward), sent(*back)) is None


@pytest.mark.parametrize("place", range(2))
def test_swapping_two_steps_is_noticed(place) -> None:
    forward = sent(M.PROPOSED, M.DISPUTED, M.RULED_RECEIVER)
    forward[place], forward[place + 1] = forward[place + 1], forward[place]
    assert first_impossible(forward, sent(M.DECLINED, M.NOTED)) is not None


_forward = st.lists(st.sampled_from(sorted(FORWARD, key=str)), max_size=5)
_back = st.lists(st.sampled_from(sorted(set(Message) - FORWARD, key=str)), max_size=5)
_RUNS = {(world.forward, world.back) for world in histories((*SENDER, *RECEIVER))}


@given(_forward, _back)
def test_nothing_else_is_explained(forward, back) -> None:
    """Without refusals and removals, just the runs of the tables are."""
    is_run = (tuple(forward), tuple(back)) in _RUNS
    assert (first_impossible(sent(*forward), sent(*back)) is None) is is_run
