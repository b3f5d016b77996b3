"""The words of the protocol: states of both ends, messages, acts of people, events of the node.

The values are what is stored, sent and printed; none is ever renamed, only added.
"""

from enum import Enum, unique


class Word(Enum):
    """A word that is equal to itself alone: `declined` of the sender is not that of the receiver."""

    __hash__ = object.__hash__  # as equality goes; Enum's own hashes the name in Python each time

    def __str__(self) -> str:
        return str(self.value)


@unique
class SenderState(Word):
    """Where a handover stands at the authority that wants to hand over."""

    DRAFT = "draft"
    DROPPED = "dropped"
    PROPOSED = "proposed"
    SENDING = "sending"
    DECLINED = "declined"
    ESCALATING = "escalating"
    DISPUTED = "disputed"
    ORDERING = "ordering"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"
    COMPLETED = "completed"


@unique
class ReceiverState(Word):
    """Where a handover stands at the authority that is asked to take over."""

    NONE = "none"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RETURNED = "returned"
    DISPUTED = "disputed"
    AGREED = "agreed"
    ORDERED = "ordered"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    TAKEN_OVER = "taken_over"


State = SenderState | ReceiverState


@unique
class Message(Word):
    """The kinds that move a state, in either direction; others travel beside the tables."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DOSSIER = "dossier"
    COMPLETED = "completed"
    RETURNED = "returned"
    DISPUTED = "disputed"
    NOTED = "noted"
    AGREED = "agreed"
    KEPT = "kept"
    RULED_SENDER = "ruled_sender"
    RULED_RECEIVER = "ruled_receiver"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


@unique
class Act(Word):
    """What a person decides."""

    DROP = "drop"
    PROPOSE = "propose"
    WITHDRAW = "withdraw"
    APPLY_TO_IVO = "apply_to_ivo"
    KEEP = "keep"
    RULE_SENDER = "record_ruling_for_sender"
    RULE_RECEIVER = "record_ruling_for_receiver"
    ACCEPT = "accept"
    DECLINE = "decline"
    TAKE_OVER = "take_over"
    RETURN = "return_it"
    AGREE = "agree"
    CLOSE_AFTER_REMOVAL = "close_after_removal"
    NOTE_PAPER = "paper_received"
    """No row has it: what the paper says moves the table, as the message would have."""


@unique
class Event(Word):
    """What the node itself notices."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    PROPOSAL_REFUSED = "proposal_refused"
    """The receiver refused the message `proposed` itself; at its own end: it refuses it."""


Trigger = Message | Act | Event

FORWARD = frozenset(
    {
        Message.PROPOSED,
        Message.DOSSIER,
        Message.DISPUTED,
        Message.KEPT,
        Message.RULED_SENDER,
        Message.RULED_RECEIVER,
        Message.WITHDRAWN,
    }
)
"""Kinds that go from the sender of the handover to its receiver; the rest go back."""
BACK = frozenset(Message) - FORWARD

SENDER_ENDS = frozenset(
    {SenderState.DROPPED, SenderState.COMPLETED, SenderState.KEPT, SenderState.WITHDRAWN}
)
RECEIVER_ENDS = frozenset({ReceiverState.CLOSED, ReceiverState.CANCELLED, ReceiverState.TAKEN_OVER})
OPEN_AT_SENDER = frozenset(SenderState) - SENDER_ENDS - {SenderState.DRAFT}
"""The states that block closing, deleting and merging the case; a draft blocks nothing."""


def sender_is_responsible(state: SenderState) -> bool:
    """Until the signed take-over is in, in every state, the sender acts and answers."""
    return state is not SenderState.COMPLETED


def receiver_is_responsible(state: ReceiverState) -> bool:
    """By take-over alone."""
    return state is ReceiverState.TAKEN_OVER
