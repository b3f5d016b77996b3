"""Whether what was signed can have happened: the tables, run backwards from the evidence.

A file of evidence holds each direction in its own order, and nothing of how the two interleaved.
`first_impossible` looks for any interleaving in which every message is one that a table sends.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.handover.domain.states import Event, Message, ReceiverState, SenderState, State
from services.handover.domain.table import TABLE, Row


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of a direction.

    Args:
        was_refused: the other end answered it with a refusal: it used up its number, no more.
    """

    kind: Message
    was_refused: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Both ends, and how much of each direction has been sent and applied."""

    sender: SenderState = SenderState.DRAFT
    receiver: ReceiverState = ReceiverState.NONE
    forward_sent: int = 0
    forward_applied: int = 0
    back_sent: int = 0
    back_applied: int = 0
    has_dossier: bool = False

    @property
    def explained(self) -> int:
        return self.forward_sent + self.back_sent


def first_impossible(forward: Sequence[Sent], back: Sequence[Sent]) -> tuple[int, int] | None:
    """How many of each direction can be explained, or None when all can.

    Args:
        forward: from the sender of the handover, in the order of their numbers.
        back: from its receiver, likewise.
    """
    start = _Place()
    seen, waiting, best = {start}, deque([start]), start
    while waiting:
        place = waiting.popleft()
        if place.explained > best.explained:
            best = place
        for then in _steps(place, forward, back):
            if then not in seen:
                seen.add(then)
                waiting.append(then)
    if best.explained == len(forward) + len(back):
        return None
    return best.forward_sent, best.back_sent


def _steps(place: _Place, forward: Sequence[Sent], back: Sequence[Sent]) -> Iterator[_Place]:
    for row in _own_rows(place.sender, forward[: place.forward_applied]):
        yield from _sender(place, row, forward)
    for row in _own_rows(place.receiver, ()):
        if place.has_dossier or "dossier_in_hand" not in row.guards:
            yield from _receiver(place, row, back)
    yield from _sent_again(place, forward, back)
    if place.forward_applied < place.forward_sent:
        message = forward[place.forward_applied]
        taken = replace(place, forward_applied=place.forward_applied + 1)
        on = Event.PROPOSAL_REFUSED if message.was_refused else message.kind
        reaction = TABLE.get((place.receiver, on))
        if message.was_refused and message.kind is not Message.PROPOSED:
            yield taken
        elif reaction is not None:
            yield from _receiver(taken, reaction, back)
    if place.back_applied < place.back_sent:
        message = back[place.back_applied]
        taken = replace(place, back_applied=place.back_applied + 1)
        reaction = TABLE.get((place.sender, message.kind))
        if message.was_refused:
            yield taken
        elif reaction is not None:
            yield from _sender(taken, reaction, forward)


def _own_rows(state: State, applied: Sequence[Sent]) -> Iterator[Row]:
    """What people and the node itself may do; a refused proposal may be noticed from then on."""
    is_refused = any(sent.was_refused and sent.kind is Message.PROPOSED for sent in applied)
    for (at, on), row in TABLE.items():
        if at is not state or isinstance(on, Message):
            continue
        if on is not Event.PROPOSAL_REFUSED or is_refused:
            yield row


def _sender(place: _Place, row: Row, forward: Sequence[Sent]) -> Iterator[_Place]:
    assert isinstance(row.to, SenderState)
    moved = replace(place, sender=row.to)
    if row.sends is None:
        yield moved
    elif _is_next(forward, place.forward_sent, row.sends):
        yield replace(moved, forward_sent=place.forward_sent + 1)


def _receiver(place: _Place, row: Row, back: Sequence[Sent]) -> Iterator[_Place]:
    assert isinstance(row.to, ReceiverState)
    has_dossier = place.has_dossier or Message.DOSSIER in row.on
    has_dossier = has_dossier and row.to is not ReceiverState.RETURNED
    moved = replace(place, receiver=row.to, has_dossier=has_dossier)
    if row.sends is None:
        yield moved
    elif _is_next(back, place.back_sent, row.sends):
        yield replace(moved, back_sent=place.back_sent + 1)


def _sent_again(place: _Place, forward: Sequence[Sent], back: Sequence[Sent]) -> Iterator[_Place]:
    """A person sends anew what was refused; no state moves."""
    for sent in forward[: place.forward_applied]:
        if sent.was_refused and _is_next(forward, place.forward_sent, sent.kind):
            yield replace(place, forward_sent=place.forward_sent + 1)
    for sent in back[: place.back_applied]:
        if sent.was_refused and _is_next(back, place.back_sent, sent.kind):
            yield replace(place, back_sent=place.back_sent + 1)


def _is_next(sent: Sequence[Sent], place: int, kind: Message) -> bool:
    return place < len(sent) and sent[place].kind is kind
