"""The bus as it is: it repeats, delays and reorders; the numbering puts it right.

Unlike `walk`, a world here keeps all that was ever sent, and the bus may deliver any of it at any
moment. `offered` is the inbox's rule: apply the next number, hold back what comes early, answer
what was applied before with its first outcome.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from services.handover.domain.states import Event, Message, ReceiverState, SenderState
from services.handover.domain.table import Row


@dataclass(frozen=True, slots=True)
class History:
    """Both ends, everything sent in each direction, and how many of it were applied."""

    sender: SenderState = SenderState.DRAFT
    receiver: ReceiverState = ReceiverState.NONE
    forward: tuple[Message, ...] = ()
    back: tuple[Message, ...] = ()
    forward_applied: int = 0
    back_applied: int = 0
    dossier: bool = False

    @property
    def flat(self) -> tuple[object, ...]:
        """The same world as `walk` sees it: only what is not yet applied counts."""
        return (
            self.sender,
            self.receiver,
            self.forward[self.forward_applied :],
            self.back[self.back_applied :],
            self.dossier,
        )


def offered(number: int, applied: int) -> bool:
    """Whether message `number` (from 1) is applied now; else it is held back or a duplicate."""
    return number == applied + 1


def _people(rows: tuple[Row, ...], world: History) -> Iterator[History]:
    for row in rows:
        if row.is_for_message or row.on[0] is Event.PROPOSAL_REFUSED:
            continue
        if "dossier_in_hand" in row.guards and not world.dossier:
            continue
        yield from _moved(world, row)


def _moved(world: History, row: Row) -> Iterator[History]:
    sent = () if row.sends is None else (row.sends,)
    if row.state is world.sender:
        assert isinstance(row.to, SenderState)
        yield replace(world, sender=row.to, forward=world.forward + sent)
    elif row.state is world.receiver:
        assert isinstance(row.to, ReceiverState)
        gone = row.to in (ReceiverState.RETURNED, ReceiverState.CLOSED, ReceiverState.CANCELLED)
        dossier = (world.dossier or Message.DOSSIER in row.on) and not gone
        yield replace(world, receiver=row.to, back=world.back + sent, dossier=dossier)


def _deliveries(rows: tuple[Row, ...], world: History) -> Iterator[History]:
    """Any message ever sent may come now, again, early or late."""
    for number, kind in enumerate(world.forward, start=1):
        if not offered(number, world.forward_applied):
            yield world
            continue
        taken = replace(world, forward_applied=number)
        for row in rows:
            if row.state is world.receiver and kind in row.on:
                yield from _moved(taken, row)
    for number, kind in enumerate(world.back, start=1):
        if not offered(number, world.back_applied):
            yield world
            continue
        taken = replace(world, back_applied=number)
        for row in rows:
            if row.state is world.sender and kind in row.on:
                yield from _moved(taken, row)


def histories(rows: Iterable[Row]) -> set[History]:
    """Everything that may have happened."""
    table = tuple(rows)
    start = History()
    seen, waiting = {start}, deque([start])
    while waiting:
        world = waiting.popleft()
        for then in (*_people(table, world), *_deliveries(table, world)):
            if then not in seen:
                seen.add(then)
                waiting.append(then)
    return seen
