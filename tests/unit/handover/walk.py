"""A model of two nodes and the bus between them, driven by the protocol's own tables.

Nothing of the protocol is written here a second time: only what a bus does, what a refusal does,
and what must hold. A *world* is one combination of both ends and all that is under way.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from services.handover.domain.states import (
    RECEIVER_ENDS,
    SENDER_ENDS,
    Act,
    Event,
    Message,
    ReceiverState,
    SenderState,
    receiver_is_responsible,
    sender_is_responsible,
)
from services.handover.domain.steps import worth_sending_again
from services.handover.domain.table import Row

Queue = tuple[Message, ...]


class World(NamedTuple):
    """Both ends and what is under way.

    Args:
        forward, back: sent and not yet applied, oldest first.
        dossier: all of it is at the receiver.
        refused_forward, refused_back: refused by the other end, waiting for a person here.
        proposal_refused: the refusal of the proposal itself is on its way back.
        sender_knows, receiver_knows: who has had the directory that removes the receiver.
        refusals_left: how many more messages may be refused for their version.
        may_remove: the receiver may be removed by force.
    """

    sender: SenderState = SenderState.DRAFT
    receiver: ReceiverState = ReceiverState.NONE
    forward: Queue = ()
    back: Queue = ()
    dossier: bool = False
    refused_forward: Queue = ()
    refused_back: Queue = ()
    proposal_refused: bool = False
    is_removed: bool = False
    sender_knows: bool = False
    receiver_knows: bool = False
    refusals_left: int = 0
    may_remove: bool = False

    @property
    def is_quiet(self) -> bool:
        """Nothing is under way and no refusal waits for a person."""
        if self.forward or self.back or self.proposal_refused:
            return False
        return not (
            _again(self.refused_forward, self.sender) or _again(self.refused_back, self.receiver)
        )

    @property
    def responsible(self) -> int:
        """How many are."""
        return sender_is_responsible(self.sender) + receiver_is_responsible(self.receiver)

    @property
    def is_ended(self) -> bool:
        """Both ends have come to rest and nothing moves."""
        receiver_rests = self.receiver in RECEIVER_ENDS or self.is_removed
        if self.receiver is ReceiverState.NONE:
            receiver_rests = self.sender is SenderState.DROPPED
        return self.is_quiet and self.sender in SENDER_ENDS and receiver_rests


@dataclass(slots=True)
class Walk:
    """What a walk found.

    Args:
        steps: for each world, the worlds that one step leads to.
        used: the rows that some step went along.
        faults: sentences; empty where everything held.
        may_refuse: messages may be refused, so that one that finds no row is refused too.
    """

    steps: dict[World, set[World]] = field(default_factory=dict)
    used: set[Row] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    may_refuse: bool = False


class Model:
    """All steps that are possible in a world.

    Args:
        rows: the tables; a test takes rows away.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[object, list[Row]] = {}
        for row in rows:
            self._rows.setdefault(row.state, []).append(row)

    def rows(self, state: SenderState | ReceiverState) -> list[Row]:
        return self._rows.get(state, [])

    def find(self, state: SenderState | ReceiverState, on: Message | Event) -> Row | None:
        return next((row for row in self.rows(state) if on in row.on), None)

    def steps(self, world: World, walk: Walk) -> Iterator[tuple[Row | None, World]]:
        yield from self._people(world)
        yield from self._arrivals(world, walk)
        yield from self._refusals(world)
        if world.may_remove and not world.is_removed:
            yield None, world._replace(is_removed=True)
        if world.is_removed and not world.sender_knows:
            yield None, world._replace(sender_knows=True)
        if world.is_removed and not world.receiver_knows:
            yield None, world._replace(receiver_knows=True)

    def _people(self, world: World) -> Iterator[tuple[Row, World]]:
        for row in self.rows(world.sender):
            if row.is_for_message or row.on[0] is Event.PROPOSAL_REFUSED:
                continue
            if Act.CLOSE_AFTER_REMOVAL in row.on and not world.sender_knows:
                continue
            yield row, _sender(world, row)
        for row in self.rows(world.receiver):
            if row.is_for_message or row.on[0] is Event.PROPOSAL_REFUSED:
                continue
            if "dossier_in_hand" in row.guards and not world.dossier:
                continue
            if "not_removed" in row.guards and world.receiver_knows:
                continue
            yield row, _receiver(world, row)

    def _arrivals(self, world: World, walk: Walk) -> Iterator[tuple[Row | None, World]]:
        if world.forward:
            kind, rest = world.forward[0], world.forward[1:]
            row = self.find(world.receiver, kind)
            if row is not None:
                had = world.dossier or kind is Message.DOSSIER
                yield row, _receiver(world._replace(forward=rest, dossier=had), row)
            elif not walk.may_refuse:
                walk.faults.append(f"{kind} comes to {world.receiver} and no row waits: {world}")
            if world.refusals_left or (row is None and walk.may_refuse):
                yield self._refuse_forward(world, kind, rest, costs=row is not None)
        if world.back:
            kind, rest = world.back[0], world.back[1:]
            row = self.find(world.sender, kind)
            if row is not None:
                yield row, _sender(world._replace(back=rest), row)
            elif not walk.may_refuse:
                walk.faults.append(f"{kind} comes to {world.sender} and no row waits: {world}")
            if world.refusals_left or (row is None and walk.may_refuse):
                left = world.refusals_left - (row is not None)
                yield (
                    None,
                    world._replace(
                        back=rest,
                        refused_back=(*world.refused_back, kind),
                        refusals_left=left,
                    ),
                )

    def _refuse_forward(
        self, world: World, kind: Message, rest: Queue, *, costs: bool
    ) -> tuple[Row | None, World]:
        world = world._replace(forward=rest, refusals_left=world.refusals_left - costs)
        if kind is not Message.PROPOSED:
            return None, world._replace(refused_forward=(*world.refused_forward, kind))
        row = self.find(world.receiver, Event.PROPOSAL_REFUSED)
        assert row is not None, "a refused proposal finds no row at the receiver"
        return row, _receiver(world._replace(proposal_refused=True), row)

    def _refusals(self, world: World) -> Iterator[tuple[Row | None, World]]:
        if world.proposal_refused:
            row = self.find(world.sender, Event.PROPOSAL_REFUSED)
            assert row is not None, f"a refused proposal finds no row in {world.sender}"
            yield row, _sender(world._replace(proposal_refused=False), row)
        again = _again(world.refused_forward, world.sender)
        if again:
            left = tuple(kind for kind in world.refused_forward if kind not in again)
            yield None, world._replace(forward=world.forward + again, refused_forward=left)
        again = _again(world.refused_back, world.receiver)
        if again:
            left = tuple(kind for kind in world.refused_back if kind not in again)
            yield None, world._replace(back=world.back + again, refused_back=left)


def _again(refused: Queue, state: SenderState | ReceiverState) -> Queue:
    return worth_sending_again(refused, state) if refused else ()


def _sender(world: World, row: Row) -> World:
    sent = () if row.sends is None else (row.sends,)
    assert isinstance(row.to, SenderState)
    return world._replace(sender=row.to, forward=world.forward + sent)


def _receiver(world: World, row: Row) -> World:
    sent = () if row.sends is None else (row.sends,)
    assert isinstance(row.to, ReceiverState)
    keeps = row.to not in (ReceiverState.RETURNED, ReceiverState.CLOSED, ReceiverState.CANCELLED)
    return world._replace(receiver=row.to, back=world.back + sent, dossier=world.dossier and keeps)


def walk(rows: Iterable[Row], start: World | None = None) -> Walk:
    """Visit every reachable world, breadth first, and say what did not hold."""
    start = World() if start is None else start
    model, found = Model(rows), Walk(may_refuse=start.refusals_left > 0)
    waiting = deque([start])
    found.steps[start] = set()
    while waiting:
        world = waiting.popleft()
        if world.responsible == 0:
            found.faults.append(f"nobody is responsible: {world}")
        if world.is_quiet and world.responsible != 1:
            found.faults.append(f"{world.responsible} are responsible and all is quiet: {world}")
        for row, then in model.steps(world, found):
            if row is not None:
                found.used.add(row)
            found.steps[world].add(then)
            if then not in found.steps:
                found.steps[then] = set()
                waiting.append(then)
    found.faults += _stuck(found)
    return found


def _stuck(found: Walk) -> Iterator[str]:
    """Worlds from which no end can be reached."""
    before: dict[World, set[World]] = {world: set() for world in found.steps}
    for world, after in found.steps.items():
        for then in after:
            before[then].add(world)
    waiting = deque(world for world in found.steps if world.is_ended)
    reached = set(waiting)
    while waiting:
        for world in before[waiting.popleft()] - reached:
            reached.add(world)
            waiting.append(world)
    for world in found.steps:
        if world not in reached:
            yield f"no end can be reached: {world}"
