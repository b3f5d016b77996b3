"""What the people of a handover want next, seen from both ends' states. Pure."""

from dataclasses import dataclass
from uuid import UUID

from infra.faults.plan import CROSSING, DISPUTED, Branch, Intent
from services.handover.api import (
    ReceiverState,
    SenderState,
    receiver_is_responsible,
    sender_is_responsible,
)

ENDS = frozenset(
    {
        (SenderState.COMPLETED, ReceiverState.TAKEN_OVER),
        (SenderState.KEPT, ReceiverState.CLOSED),
        (SenderState.WITHDRAWN, ReceiverState.CANCELLED),
    }
)
_S, _R = SenderState, ReceiverState


@dataclass(frozen=True, slots=True)
class Sending:
    """The sender's row, as it was read."""

    handover_id: UUID
    receiver: str
    state: SenderState
    revision: int
    case_id: UUID
    consent_id: UUID | None


@dataclass(frozen=True, slots=True)
class Receiving:
    """The receiver's row, as it was read."""

    handover_id: UUID
    state: ReceiverState
    revision: int
    has_dossier: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to do something now.

    Args:
        by_sender: which end.
        revision: of the row that they have read.
    """

    by_sender: bool
    act: str
    revision: int


def has_ended(sending: Sending, receiving: Receiving | None) -> bool:
    """Whether both ends stand where nothing follows."""
    return receiving is not None and (sending.state, receiving.state) in ENDS


def has_nobody(sending: Sending, receiving: Receiving | None) -> bool:
    """Whether nobody answers for the person.

    Args:
        receiving: read *after* `sending`: who has taken over stays so, so that two reads one after
            the other cannot miss the moment.
    """
    if sender_is_responsible(sending.state):
        return False
    return receiving is None or not receiver_is_responsible(receiving.state)


def wishes(
    intent: Intent, sending: Sending, receiving: Receiving | None, age_s: float
) -> list[Wish]:
    """What the people of both ends would do now.

    Args:
        age_s: since the proposal was first seen sent.
    """
    found = []
    if act := _senders(intent, sending.state, age_s):
        found.append(Wish(True, act, sending.revision))
    if receiving is not None and (act := _receivers(intent.branch, receiving)):
        found.append(Wish(False, act, receiving.revision))
    return found


def _senders(intent: Intent, state: SenderState, age_s: float) -> str:
    branch = intent.branch
    if branch in CROSSING and state in (_S.PROPOSED, _S.SENDING) and age_s >= intent.waits_s:
        return "consent" if branch is Branch.CONSENT else "withdraw"
    if state is _S.DECLINED:
        return "apply_to_ivo" if branch in DISPUTED else "keep"
    if state is _S.DISPUTED:
        return {Branch.RULED_SENDER: "rule_sender", Branch.RULED_RECEIVER: "rule_receiver"}.get(
            branch, ""
        )
    return ""


def _receivers(branch: Branch, row: Receiving) -> str:
    match row.state:
        case _R.RECEIVED:
            return "decline" if branch is Branch.DECLINE or branch in DISPUTED else "accept"
        case _R.ACCEPTED if row.has_dossier:
            return "return_it" if branch is Branch.RETURN else "take_over"
        case _R.AGREED if row.has_dossier:
            return "take_over"
        case _R.DISPUTED if branch is Branch.SETTLED:
            return "agree"
        case _R.ORDERED:
            return "agree"
    return ""
