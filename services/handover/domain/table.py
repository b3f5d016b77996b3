"""The two tables of the handover protocol, as data.

One row: in this state, on this trigger, under these guards, go there and send that. The rows are
checked when this module is imported, walked through every reachable state of both ends with
messages in flight by `tests/unit/handover/test_walk.py`, and printed in `PROTOCOL.md`, which a
test compares. `SENDER` and `RECEIVER` are the protocol proper; `BESIDE` holds what refusals and
forced removal add.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.handover.domain.states import (
    BACK,
    FORWARD,
    RECEIVER_ENDS,
    SENDER_ENDS,
    Act,
    Event,
    Message,
    ReceiverState,
    SenderState,
    State,
    Trigger,
)

R = ReceiverState
S = SenderState
M = Message


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Args:
        state: where the handover stands.
        on: what happens; several triggers stand in one row only where they do the same.
        to: where it goes; the same state where the trigger is merely known to be possible.
        sends: the kind that goes to the other end in the same transaction.
        guards: names of functions in `guards`, all of which must pass.
    """

    state: State
    on: tuple[Trigger, ...]
    to: State
    sends: Message | None = None
    guards: tuple[str, ...] = ()

    @property
    def is_for_message(self) -> bool:
        """Whether an arriving message moves this row."""
        return isinstance(self.on[0], Message)


TWO_PERSONS = ("delegate", "second_person")
BY_DELEGATION = ("delegate", "second_if_demanded")
"""One person, or two where the delegation order says so."""
PROPOSE = (
    *TWO_PERSONS,
    "known_authority",
    "registered",
    "not_to_oneself",
    "not_excluded",
    "no_other_open",
    "grounds_recorded",
    "wish_recorded",
    "legal_ground",
    "police_answer",
    "answer_day",
)
WITHDRAW = (Act.WITHDRAW, Event.CONSENT_WITHDRAWN)
RULING = (*BY_DELEGATION, "ruling_final")

SENDER: tuple[Row, ...] = (
    Row(S.DRAFT, (Act.DROP,), S.DROPPED),
    Row(S.DRAFT, (Act.PROPOSE,), S.PROPOSED, M.PROPOSED, PROPOSE),
    Row(S.PROPOSED, (M.ACCEPTED,), S.SENDING, M.DOSSIER),
    Row(S.PROPOSED, (M.DECLINED,), S.DECLINED),
    Row(
        S.PROPOSED,
        (Act.APPLY_TO_IVO,),
        S.ESCALATING,
        M.DISPUTED,
        (*BY_DELEGATION, "month_passed"),
    ),
    Row(S.PROPOSED, WITHDRAW, S.WITHDRAWING, M.WITHDRAWN, (*BY_DELEGATION, "consent_is_ground")),
    Row(
        S.SENDING,
        WITHDRAW,
        S.WITHDRAWING,
        M.WITHDRAWN,
        (*BY_DELEGATION, "consent_is_ground", "receiver_agrees_if_ruled"),
    ),
    Row(S.ESCALATING, WITHDRAW, S.WITHDRAWING, M.WITHDRAWN, (*BY_DELEGATION, "consent_is_ground")),
    Row(S.DISPUTED, WITHDRAW, S.WITHDRAWING, M.WITHDRAWN, (*BY_DELEGATION, "consent_is_ground")),
    Row(
        S.ORDERING,
        (Act.WITHDRAW,),
        S.WITHDRAWING,
        M.WITHDRAWN,
        (*BY_DELEGATION, "receiver_agrees_if_ruled"),
    ),
    Row(S.SENDING, (M.RETURNED,), S.DECLINED),
    Row(S.SENDING, (M.COMPLETED,), S.COMPLETED),
    Row(S.DECLINED, (Act.APPLY_TO_IVO,), S.ESCALATING, M.DISPUTED, BY_DELEGATION),
    Row(
        S.DECLINED,
        (Act.KEEP, Event.CONSENT_WITHDRAWN),
        S.KEPT,
        M.KEPT,
        (*BY_DELEGATION, "consent_is_ground"),
    ),
    Row(S.ESCALATING, (M.NOTED,), S.DISPUTED),
    Row(S.ESCALATING, (M.ACCEPTED,), S.SENDING, M.DOSSIER),
    Row(S.ESCALATING, (M.DECLINED,), S.ESCALATING),
    Row(S.ESCALATING, (Act.RULE_SENDER,), S.KEPT, M.RULED_SENDER, RULING),
    Row(S.DISPUTED, (Act.RULE_SENDER,), S.KEPT, M.RULED_SENDER, RULING),
    Row(S.ESCALATING, (Act.RULE_RECEIVER,), S.ORDERING, M.RULED_RECEIVER, RULING),
    Row(S.DISPUTED, (Act.RULE_RECEIVER,), S.ORDERING, M.RULED_RECEIVER, RULING),
    Row(S.DISPUTED, (M.AGREED,), S.SENDING, M.DOSSIER),
    Row(S.ORDERING, (M.AGREED,), S.SENDING, M.DOSSIER),
    Row(S.ORDERING, (M.NOTED,), S.ORDERING),
    Row(S.ORDERING, (M.ACCEPTED,), S.ORDERING),
    Row(S.ORDERING, (M.DECLINED,), S.ORDERING),
    Row(S.KEPT, (M.NOTED,), S.KEPT),
    Row(S.KEPT, (M.AGREED,), S.KEPT),
    Row(S.KEPT, (M.ACCEPTED,), S.KEPT),
    Row(S.KEPT, (M.DECLINED,), S.KEPT),
    Row(S.WITHDRAWING, (M.NOTED,), S.WITHDRAWING),
    Row(S.WITHDRAWING, (M.ACCEPTED,), S.WITHDRAWING),
    Row(S.WITHDRAWING, (M.AGREED,), S.WITHDRAWING),
    Row(S.WITHDRAWING, (M.DECLINED,), S.WITHDRAWING),
    Row(S.WITHDRAWING, (M.RETURNED,), S.WITHDRAWING),
    Row(S.WITHDRAWING, (M.CANCELLED,), S.WITHDRAWN),
    Row(S.WITHDRAWING, (M.COMPLETED,), S.COMPLETED),
)

TAKE_OVER = (
    *TWO_PERSONS,
    "dossier_in_hand",
    "not_removed",
    "agreed_day_reached",
    "case_worker_named",
    "first_meeting_booked",
    "acute_protection_confirmed",
)

RECEIVER: tuple[Row, ...] = (
    Row(R.NONE, (M.PROPOSED,), R.RECEIVED),
    Row(R.RECEIVED, (Act.ACCEPT,), R.ACCEPTED, M.ACCEPTED, (*TWO_PERSONS, "day_ahead")),
    Row(R.RECEIVED, (Act.DECLINE,), R.DECLINED, M.DECLINED, (*TWO_PERSONS, "reasons_given")),
    Row(R.RECEIVED, (M.DISPUTED,), R.DISPUTED, M.NOTED),
    Row(R.DECLINED, (M.DISPUTED,), R.DISPUTED, M.NOTED),
    Row(R.RETURNED, (M.DISPUTED,), R.DISPUTED, M.NOTED),
    Row(R.ACCEPTED, (M.DISPUTED,), R.ACCEPTED),
    Row(R.ACCEPTED, (M.DOSSIER,), R.ACCEPTED),
    Row(R.AGREED, (M.DOSSIER,), R.AGREED),
    Row(R.ACCEPTED, (Act.TAKE_OVER,), R.TAKEN_OVER, M.COMPLETED, TAKE_OVER),
    Row(R.AGREED, (Act.TAKE_OVER,), R.TAKEN_OVER, M.COMPLETED, TAKE_OVER),
    Row(
        R.ACCEPTED,
        (Act.RETURN,),
        R.RETURNED,
        M.RETURNED,
        (*BY_DELEGATION, "dossier_in_hand", "reasons_given"),
    ),
    Row(R.DISPUTED, (Act.AGREE,), R.AGREED, M.AGREED, (*BY_DELEGATION, "day_ahead")),
    Row(R.ORDERED, (Act.AGREE,), R.AGREED, M.AGREED, (*BY_DELEGATION, "day_ahead")),
    Row(R.DISPUTED, (M.RULED_SENDER,), R.CLOSED),
    Row(R.ACCEPTED, (M.RULED_SENDER,), R.CLOSED),
    Row(R.AGREED, (M.RULED_SENDER,), R.CLOSED),
    Row(R.DISPUTED, (M.RULED_RECEIVER,), R.ORDERED),
    Row(R.ACCEPTED, (M.RULED_RECEIVER,), R.ORDERED),
    Row(R.AGREED, (M.RULED_RECEIVER,), R.AGREED),
    Row(R.DECLINED, (M.KEPT,), R.CLOSED),
    Row(R.RETURNED, (M.KEPT,), R.CLOSED),
    Row(R.RECEIVED, (M.WITHDRAWN,), R.CANCELLED, M.CANCELLED),
    Row(R.ACCEPTED, (M.WITHDRAWN,), R.CANCELLED, M.CANCELLED),
    Row(R.AGREED, (M.WITHDRAWN,), R.CANCELLED, M.CANCELLED),
    Row(R.DECLINED, (M.WITHDRAWN,), R.CANCELLED, M.CANCELLED),
    Row(R.RETURNED, (M.WITHDRAWN,), R.CANCELLED, M.CANCELLED),
    Row(R.DISPUTED, (M.WITHDRAWN,), R.CANCELLED, M.CANCELLED),
    Row(R.ORDERED, (M.WITHDRAWN,), R.CANCELLED, M.CANCELLED),
    Row(R.TAKEN_OVER, (M.WITHDRAWN,), R.TAKEN_OVER),
)

_OPEN = (S.PROPOSED, S.SENDING, S.DECLINED, S.ESCALATING, S.DISPUTED, S.ORDERING, S.WITHDRAWING)
_MOVED_ON = (
    S.SENDING,
    S.ESCALATING,
    S.DISPUTED,
    S.ORDERING,
    S.WITHDRAWING,
    S.WITHDRAWN,
    S.KEPT,
    S.COMPLETED,
)

BESIDE: tuple[Row, ...] = (
    # The receiver refuses the message `proposed` itself; it keeps the row without personal data.
    Row(R.NONE, (Event.PROPOSAL_REFUSED,), R.DECLINED),
    Row(S.PROPOSED, (Event.PROPOSAL_REFUSED,), S.DECLINED),
    # A refusal is not numbered: it may come when the sender has long moved on.
    *(Row(state, (Event.PROPOSAL_REFUSED,), state) for state in _MOVED_ON),
    # The receiver is removed by force: the sender need not wait for an answer.
    *(
        Row(
            state,
            (Act.CLOSE_AFTER_REMOVAL,),
            S.WITHDRAWN,
            None,
            (*BY_DELEGATION, "receiver_removed"),
        )
        for state in _OPEN
    ),
    # What the removed authority had signed before still arrives and still counts.
    *(
        Row(S.WITHDRAWN, (kind,), S.WITHDRAWN)
        for kind in (M.ACCEPTED, M.DECLINED, M.NOTED, M.AGREED, M.RETURNED, M.CANCELLED)
    ),
    Row(S.WITHDRAWN, (M.COMPLETED,), S.COMPLETED),
)
"""What refusals and forced removal add to the two tables."""


def _problems(rows: tuple[Row, ...]) -> Iterator[str]:
    """What makes the tables no tables: twice the same row, a message the wrong way, a dead end."""
    seen: set[tuple[State, Trigger]] = set()
    for row in rows:
        is_sender = isinstance(row.state, SenderState)
        if isinstance(row.to, SenderState) is not is_sender:
            yield f"{row.state} crosses to the other table"
        if row.sends is not None and (row.sends in FORWARD) is not is_sender:
            yield f"{row.state} sends {row.sends} the wrong way"
        for trigger in row.on:
            if (row.state, trigger) in seen:
                yield f"{row.state} has two rows for {trigger}"
            seen.add((row.state, trigger))
            if isinstance(trigger, Message) and (trigger in BACK) is not is_sender:
                yield f"{row.state} waits for {trigger}, which goes the other way"
    for state in (*SenderState, *ReceiverState):
        is_end = state in SENDER_ENDS or state in RECEIVER_ENDS
        leaves = any(row.state is state and row.to is not state for row in rows)
        if not is_end and not leaves:
            yield f"{state} is a dead end"


def index(rows: tuple[Row, ...]) -> Mapping[tuple[State, Trigger], Row]:
    """The rows by state and trigger.

    Raises:
        ValueError: the rows contradict each other; names every contradiction.
    """
    if problems := list(_problems(rows)):
        raise ValueError("; ".join(problems))
    return MappingProxyType({(row.state, trigger): row for row in rows for trigger in row.on})


TABLE = index((*SENDER, *RECEIVER, *BESIDE))


def find(state: State, on: Trigger) -> Row | None:
    """The row for this trigger in this state, or none: then the trigger is not allowed."""
    return TABLE.get((state, on))
