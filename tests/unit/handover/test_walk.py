"""The protocol's tables hold in every reachable world."""

from functools import cache

import pytest

from services.handover.domain.states import Event, Message, SenderState
from services.handover.domain.table import BESIDE, RECEIVER, SENDER, Row, index
from tests.unit.handover.network import histories
from tests.unit.handover.walk import Walk, World, walk

PROPER = (*SENDER, *RECEIVER)
ALL = (*PROPER, *BESIDE)


@cache
def walked(rows: tuple[Row, ...], start: World | None = None) -> Walk:
    """A walk that several tests ask about, taken once."""
    return walk(rows, start)


def name(row: Row) -> str:
    return f"{type(row.state).__name__}-{row.state}-{row.on[0]}"


def test_the_walk_visits_every_world_and_everything_holds() -> None:
    found = walked(PROPER)
    print(f"{len(found.steps)} worlds, {len(found.used)} of {len(PROPER)} rows used")  # noqa: T201 - the walk reports how many it visited
    assert found.faults == []
    assert len(found.steps) == 141
    assert found.used == set(PROPER)
    assert len(PROPER) == 67


@pytest.mark.parametrize(("refusals", "worlds"), [(1, 699), (2, 1756), (3, 3083)])
def test_everything_holds_when_messages_are_refused(refusals, worlds) -> None:
    found = walked(ALL, World(refusals_left=refusals))
    assert found.faults == []
    assert len(found.steps) == worlds


@pytest.mark.parametrize(("refusals", "worlds"), [(0, 925), (1, 4571)])
def test_everything_holds_when_the_receiver_is_removed_by_force(refusals, worlds) -> None:
    found = walked(ALL, World(refusals_left=refusals, may_remove=True))
    assert found.faults == []
    assert len(found.steps) == worlds


def test_every_row_beside_the_tables_is_used() -> None:
    assert walked(ALL, World(refusals_left=1, may_remove=True)).used == set(ALL)


def test_repeated_late_and_disordered_delivery_reaches_no_other_world() -> None:
    flat = {
        (world.sender, world.receiver, world.forward, world.back, world.dossier)
        for world in walked(PROPER).steps
    }
    assert {world.flat for world in histories(PROPER)} == flat


@pytest.mark.parametrize("row", [row for row in PROPER if row.is_for_message], ids=name)
def test_without_any_row_for_a_message_the_walk_fails(row: Row) -> None:
    found = walk([other for other in PROPER if other is not row])
    assert any("no row waits" in fault for fault in found.faults)


@pytest.mark.parametrize("row", [row for row in BESIDE if row.is_for_message], ids=name)
def test_without_any_row_for_a_message_after_a_removal_the_walk_fails(row: Row) -> None:
    found = walk([other for other in ALL if other is not row], World(may_remove=True))
    assert any("no row waits" in fault for fault in found.faults)


@pytest.mark.parametrize(
    "row", [row for row in BESIDE if row.on == (Event.PROPOSAL_REFUSED,)], ids=name
)
def test_without_any_row_for_a_refused_proposal_the_walk_fails(row: Row) -> None:
    with pytest.raises(AssertionError, match="a refused proposal finds no row"):
        walk([other for other in ALL if other is not row], World(refusals_left=1, may_remove=True))


@pytest.mark.parametrize("row", PROPER, ids=name)
def test_without_any_row_the_walk_no_longer_uses_all(row: Row) -> None:
    assert walk([other for other in PROPER if other is not row]).used != set(PROPER)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (Row(SenderState.PROPOSED, (Message.ACCEPTED,), SenderState.KEPT), "has two rows"),
        (Row(SenderState.KEPT, (Message.PROPOSED,), SenderState.KEPT), "goes the other way"),
        (
            Row(SenderState.KEPT, (Message.RETURNED,), SenderState.KEPT, Message.NOTED),
            "the wrong way",
        ),
        (Row(SenderState.KEPT, (Message.RETURNED,), RECEIVER[0].state), "to the other table"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(row, problem) -> None:
    with pytest.raises(ValueError, match=problem):
        index((*ALL, row))


def test_a_dead_end_is_refused() -> None:
    with pytest.raises(ValueError, match="draft is a dead end"):
        index(ALL[2:])
