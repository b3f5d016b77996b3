"""The two ends as they are kept, without their sealed content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.handover.domain.states import ReceiverState, SenderState
from shared.ids import AuthorityCode, CaseId, ConversationId, StaffId


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The sender's end.

    Args:
        receipt_at: the receiver's signed receipt of the proposal; None while it is on its way.
        take_over_on: the receiver's word: not before that day.
        answer_code: coded reason of the last no.
        is_on_paper: the receiver had no node when it was begun; it is finished on paper.
    """

    handover_id: ConversationId
    case_id: CaseId
    term: int
    receiver: AuthorityCode
    state: SenderState
    revision: int
    since: datetime
    created_at: datetime
    created_by: StaffId
    ground: Literal["consent", "statute", "ruling"] | None
    consent_id: UUID | None
    consent_withdrawn_at: datetime | None
    answer_on: date | None
    proposed_at: datetime | None
    receipt_at: datetime | None
    take_over_on: date | None
    answer_code: str | None
    withdrawn_because: Literal["decided", "consent_withdrawn"] | None
    ruled_for: Literal["sender", "receiver"] | None
    withdrawal_agreed_at: datetime | None
    dossier_at: datetime | None
    is_on_paper: bool

    @property
    def other(self) -> AuthorityCode:
        """The authority at the other end."""
        return self.receiver


@dataclass(frozen=True, slots=True)
class Incoming:
    """The receiver's end.

    Args:
        roles: who of us sees it.
        dispute_roles: who sees it when it is locked.
        readers: from acceptance to take-over, who of us reads it; empty before.
        is_protected: protected identity beyond what every such case has.
        is_threat_high: by a later notice; None: as the dossier says.
        dossier: manifest of the attachment that is the dossier, as it was signed.
        files: manifests of the documents that travel beside it, likewise.
        case_id: our new file, after the take-over.
        erased_at: the content is gone, the proof stays.
    """

    handover_id: ConversationId
    sender: AuthorityCode
    sending_function: str
    receiving_function: str
    roles: frozenset[str]
    dispute_roles: frozenset[str]
    readers: frozenset[StaffId]
    is_protected: bool
    is_locked: bool
    state: ReceiverState
    revision: int
    since: datetime
    received_at: datetime
    answer_on: date | None
    urgency: Literal["ordinary", "soon", "at_once"] | None
    is_threat_high: bool | None
    was_refused: bool
    take_over_on: date | None
    dossier: Mapping[str, object] | None
    files: Sequence[Mapping[str, object]]
    dossier_at: datetime | None
    withdrawal_agreed_at: datetime | None
    case_id: CaseId | None
    erased_at: datetime | None
    key_destroyed_at: datetime | None

    @property
    def other(self) -> AuthorityCode:
        """The authority at the other end."""
        return self.sender


@dataclass(frozen=True, slots=True)
class Travelled:
    """A message of a handover, without its body."""

    message_id: UUID
    is_ours: bool
    kind: str
    number: int
    at: datetime
    refusal_code: str | None
    sent_again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """What a person did or the node noticed."""

    at: datetime
    actor: StaffId
    code: str
    state: str
    facts: dict[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Paper:
    """What is noted of a paper, or of words of ours that are to leave on one.

    Args:
        what: `message`, words of ours; `sent`, that their letter left; `received`, a paper that came.
        paper_on: the day it was sent, or came; None for words of ours.
        means: how a letter went.
        document_id: the file that is kept of it, in the case.
        first, second: who noted it; a paper that came has two.
    """

    paper_id: UUID
    is_ours: bool
    what: Literal["message", "sent", "received"]
    kind: str
    number: int
    refers_to: UUID | None
    paper_on: date | None
    means: str | None
    sha256: str | None
    document_id: UUID | None
    recorded_at: datetime
    first: StaffId
    second: StaffId | None
