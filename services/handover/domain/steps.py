"""One step of a handover: what it leads to and what must be done in the same transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Generic, TypeVar

from services.handover.domain.facts import Facts
from services.handover.domain.guards import GUARDS
from services.handover.domain.states import (
    SENDER_ENDS,
    Act,
    Event,
    Message,
    ReceiverState,
    SenderState,
    State,
    Trigger,
)
from services.handover.domain.table import TABLE, Row, find
from shared.errors import Conflict, DomainError


@unique
class Effect(StrEnum):
    """What a step does beside moving the state and sending."""

    MARK_OPEN = "mark_open"
    CLEAR_OPEN = "clear_open"
    APPEND_LINK = "append_link"
    """The case's responsibility chain gets a link; `link_of` says which."""
    END_CASE = "end_case"
    """The case has left: the term rises, the file closes for ever."""
    OPEN_CASE = "open_case"
    """The case has come: a new file, the term rises, the link is signed here."""
    ERASE_DOSSIER = "erase_dossier"
    ERASE_ALL = "erase_all"


S_co = TypeVar("S_co", SenderState, ReceiverState, covariant=True)


@dataclass(frozen=True, slots=True)
class Decision(Generic[S_co]):
    """Where a step leads.

    Args:
        new_state: may equal the old one.
        sends: the kind that goes to the other end.
        effects: in the order they are done.
        link: the kind of link that the case's chain gets.
    """

    new_state: S_co
    sends: Message | None
    effects: tuple[Effect, ...]
    link: str | None = None


_ENTERING: Mapping[State, tuple[Effect, ...]] = MappingProxyType(
    {
        SenderState.PROPOSED: (Effect.MARK_OPEN,),
        SenderState.COMPLETED: (Effect.CLEAR_OPEN, Effect.END_CASE),
        SenderState.KEPT: (Effect.CLEAR_OPEN,),
        SenderState.WITHDRAWN: (Effect.CLEAR_OPEN,),
        ReceiverState.TAKEN_OVER: (Effect.OPEN_CASE,),
        ReceiverState.RETURNED: (Effect.ERASE_DOSSIER,),
        ReceiverState.CLOSED: (Effect.ERASE_ALL,),
        ReceiverState.CANCELLED: (Effect.ERASE_ALL,),
    }
)

_LINKS: Mapping[tuple[State, Trigger], str] = MappingProxyType(
    {
        (SenderState.PROPOSED, Act.PROPOSE): "proposed",
        (SenderState.SENDING, Message.ACCEPTED): "accepted",
        (SenderState.SENDING, Message.AGREED): "agreed",
        (SenderState.DECLINED, Message.DECLINED): "declined",
        (SenderState.DECLINED, Event.PROPOSAL_REFUSED): "declined",
        (SenderState.DECLINED, Message.RETURNED): "returned",
        (SenderState.ESCALATING, Act.APPLY_TO_IVO): "disputed",
        (SenderState.ORDERING, Act.RULE_RECEIVER): "ruled",
        (SenderState.KEPT, Act.RULE_SENDER): "ruled",
        (SenderState.KEPT, Act.KEEP): "kept",
        (SenderState.KEPT, Event.CONSENT_WITHDRAWN): "kept",
        (SenderState.WITHDRAWN, Message.CANCELLED): "withdrawn",
    }
)
"""By where a step leads and what moved it.

A request is no link, the answer to it is: between the dossier, which carries the chain, and the
receiver's answer to it the sender adds nothing, so that the receiver's own link always fits. After
a forced removal none is added either, for a take-over signed before may still be on its way.
"""


def link_of(row: Row, on: Trigger) -> str | None:
    """The kind of link that moving along this row adds to the case's chain."""
    return None if row.to is row.state else _LINKS.get((row.to, on))


def effects_of(row: Row) -> tuple[Effect, ...]:
    """What follows from moving along this row; derived from the state, so no row can forget it."""
    if row.to is row.state:
        return ()
    has_link = any(link_of(row, on) for on in row.on)
    return ((Effect.APPEND_LINK,) if has_link else ()) + _ENTERING.get(row.to, ())


def _row(state: State, on: Trigger) -> Row:
    row = find(state, on)
    if row is None:
        raise Conflict("handover.not_in_this_state", state=str(state), on=str(on))
    return row


def sender_step(
    state: SenderState, on: Trigger, facts: Facts | None = None
) -> Decision[SenderState]:
    """Move the sender's end.

    Args:
        state: where it stands.
        on: what happened.
        facts: what the guards judge by; a message is judged by its state alone.

    Raises:
        Conflict: `handover.not_in_this_state`, a user or message that comes where no row waits.
        DomainError: the code of the first guard that refuses.
    """
    row = _checked(state, on, facts)
    assert isinstance(row.to, SenderState)
    return Decision(row.to, row.sends, effects_of(row), link_of(row, on))


def receiver_step(
    state: ReceiverState, on: Trigger, facts: Facts | None = None
) -> Decision[ReceiverState]:
    """Move the receiver's end; raises as `sender_step`."""
    row = _checked(state, on, facts)
    assert isinstance(row.to, ReceiverState)
    return Decision(row.to, row.sends, effects_of(row), link_of(row, on))


def _checked(state: State, on: Trigger, facts: Facts | None) -> Row:
    row = _row(state, on)
    for name in row.guards:
        assert facts is not None  # only rows for messages and refusals have no guards
        GUARDS[name](facts)
    return row


def refusals(state: State, on: Trigger, facts: Facts) -> tuple[DomainError, ...]:
    """Every guard that would refuse now, for a page that shows all of them at once."""
    row = find(state, on)
    if row is None:
        return (Conflict("handover.not_in_this_state", state=str(state), on=str(on)),)
    found: list[DomainError] = []
    for name in row.guards:
        try:
            GUARDS[name](facts)
        except DomainError as refusal:
            found.append(refusal)
    return tuple(found)


_DUE: dict[Message, frozenset[State]] = {
    kind: frozenset(row.to for row in TABLE.values() if row.sends is kind) for kind in Message
}


_NEEDS = MappingProxyType(
    {
        Message.RULED_SENDER: Message.DISPUTED,
        Message.RULED_RECEIVER: Message.DISPUTED,
        Message.AGREED: Message.NOTED,
    }
)
"""What the other end must have applied before it has a row for this."""


def worth_sending_again(refused: tuple[Message, ...], state: State) -> tuple[Message, ...]:
    """Which refused messages a person may send anew, in their old order.

    A refused message is due while this end still stands where sending it led. What the other end
    lacked before it could apply a due one goes along.
    """
    due = {kind for kind in refused if state in _DUE[kind]}
    due |= {_NEEDS[kind] for kind in due if kind in _NEEDS}
    return tuple(kind for kind in refused if kind in due)


def is_open(state: SenderState) -> bool:
    """Whether the case may be neither closed, deleted nor merged."""
    return state not in SENDER_ENDS and state is not SenderState.DRAFT


def acts(state: State) -> tuple[Act, ...]:
    """What a person may try in this state, in the order of the table."""
    return tuple(on for at, on in TABLE if at is state and isinstance(on, Act))


def unknown_guards(rows: Iterable[Row]) -> set[str]:
    """Guards that rows name and nobody wrote."""
    return {name for row in rows for name in row.guards} - GUARDS.keys()


assert not unknown_guards(TABLE.values()), unknown_guards(TABLE.values())
