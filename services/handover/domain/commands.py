"""What a person may ask of a handover, and what is kept of it until a second person confirms.

Every command that changes something carries the `revision` that its form was drawn under: who was
not shown the newest state does not decide on it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from services.handover.domain.on_paper import PaperReceived
from services.handover.domain.readers import WhyNoReader, WhyReader
from services.handover.domain.states import Act
from shared.errors import DomainError
from shared.ids import AuthorityCode, CaseId, ConversationId, StaffId

Urgency = Literal["ordinary", "soon", "at_once"]
ResidenceGround = Literal["main_rule", "nights_rest", "strongest_connection"]
_Text = Annotated[str, Meta(max_length=20_000)]
_Reference = Annotated[str, Meta(max_length=200)]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal while it is written: the form's content, sealed under the handover's key.

    Args:
        receiving_function: address of the function there; from the directory.
        residence_ground: of the confirmed finding.
        kinds: what shall travel, chosen item by item; the ground narrows it further.
        statute: key of a law reference, where the ground is statute.
        register_number: the matter's number in our own register, for what leaves on paper.
    """

    receiving_function: str
    residence_ground: ResidenceGround = "strongest_connection"
    connection: _Text = ""
    duration: _Text = ""
    circumstances: _Text = ""
    wish: _Text = ""
    wish_is_followed: bool = True
    wish_overridden_because: _Text = ""
    need: _Text = ""
    urgency: Urgency = "ordinary"
    ground: Literal["consent", "statute"] | None = None
    consent_id: UUID | None = None
    statute: str | None = None
    kinds: frozenset[str] = frozenset()
    answer_on: date | None = None
    register_number: _Reference = ""


@dataclass(frozen=True, slots=True)
class StartDraft:
    """Begin a proposal; it blocks nothing until it is sent."""

    case_id: CaseId
    term: int
    receiver: AuthorityCode


@dataclass(frozen=True, slots=True)
class UpdateDraft:
    """Save the form; a signature that waits for a second person falls."""

    handover_id: ConversationId
    revision: int
    draft: Draft


class Propose(msgspec.Struct, frozen=True, tag="propose"):
    """Send the proposal as it stands."""


class Drop(msgspec.Struct, frozen=True, tag="drop"):
    """Throw the draft away."""


class Withdraw(msgspec.Struct, frozen=True, tag="withdraw"):
    """Ask to withdraw; the receiver's answer decides."""

    text: _Text = ""


class ApplyToIVO(msgspec.Struct, frozen=True, tag="apply_to_ivo"):
    """The application has been sent to IVO, outside this system.

    Args:
        text: our statement, for IVO and for the receiver.
        register_number: of the matter, in our own register.
    """

    applied_on: date
    text: _Text = ""
    register_number: _Reference = ""


class Keep(msgspec.Struct, frozen=True, tag="keep"):
    """Keep the case after a no."""

    text: _Text = ""


class RecordRuling(msgspec.Struct, frozen=True, tag="record_ruling"):
    """IVO's decision is final.

    Args:
        document: register number of the decision in the case.
        final_on: the day it became final, as the person has established it.
        appeal_document: what ended the appeal, where either end has recorded one.
    """

    responsible: Literal["sender", "receiver"]
    document: _Reference
    decided_on: date
    final_on: date
    appeal_document: _Reference = ""


class CloseAfterRemoval(msgspec.Struct, frozen=True, tag="close_after_removal"):
    """The receiver was removed from the exchange by force."""

    text: _Text = ""


class Accept(msgspec.Struct, frozen=True, tag="accept"):
    """Yes.

    Args:
        take_over_on: not before that day.
    """

    take_over_on: date
    text: _Text = ""


class Decline(msgspec.Struct, frozen=True, tag="decline"):
    """No, with a code of the closed list and reasons."""

    code: str
    text: _Text


class ReturnIt(msgspec.Struct, frozen=True, tag="return_it"):
    """After reading the dossier: not here."""

    code: str
    text: _Text


class Agree(msgspec.Struct, frozen=True, tag="agree"):
    """After the dispute, or after the ruling: we take over."""

    take_over_on: date
    text: _Text = ""


class TakeOver(msgspec.Struct, frozen=True, tag="take_over"):
    """What must stand before the responsibility moves; see the guards.

    Args:
        case_worker: who will work with the person from the first minute.
        first_meeting_at: aware; the person knows it.
    """

    agreed_on: date
    case_worker: UUID
    first_meeting_at: datetime


Payload = (
    Propose
    | Drop
    | Withdraw
    | ApplyToIVO
    | Keep
    | RecordRuling
    | CloseAfterRemoval
    | Accept
    | Decline
    | ReturnIt
    | Agree
    | TakeOver
    | PaperReceived
)


@dataclass(frozen=True, slots=True)
class Sign:
    """Decide something about a handover, or be the first of two who do."""

    handover_id: ConversationId
    revision: int
    payload: Payload


@dataclass(frozen=True, slots=True)
class Confirm:
    """Be the second of two; what is confirmed is what the first signed, word for word."""

    handover_id: ConversationId
    revision: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Take back a signature that waits for a second person; either of the two may."""

    handover_id: ConversationId
    revision: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the other end something."""

    handover_id: ConversationId
    text: str


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """Answer what the other end asked."""

    handover_id: ConversationId
    question_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Send anew what the other end refused."""

    handover_id: ConversationId
    revision: int


@dataclass(frozen=True, slots=True)
class AgreeToWithdrawal:
    """At the receiver, after a ruling: let the sender withdraw."""

    handover_id: ConversationId
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class AddReader:
    """At the receiver, until the take-over: one more colleague reads the dossier."""

    handover_id: ConversationId
    staff_id: StaffId
    why: WhyReader


@dataclass(frozen=True, slots=True)
class RemoveReader:
    """Likewise: one less."""

    handover_id: ConversationId
    staff_id: StaffId
    why: WhyNoReader


@dataclass(frozen=True, slots=True)
class RecordAppeal:
    """Either end: IVO's decision is appealed, so it is not final.

    Args:
        is_ours: we have appealed ourselves, which the delegation order has a row for.
    """

    handover_id: ConversationId
    document: str
    appealed_on: date
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class TellFacts:
    """At the sender: something has changed that the receiver must know before it acts."""

    handover_id: ConversationId
    what: tuple[
        Literal["threat", "protected_identity", "death", "majority", "personal_number"], ...
    ]


@dataclass(frozen=True, slots=True)
class TellRectified:
    """At the sender: something sent before was wrong; the receiver notes it beside, never over."""

    handover_id: ConversationId
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class TellSupplement:
    """At the sender, after the take-over: what was written before one learnt of it."""

    handover_id: ConversationId
    text: str


@dataclass(frozen=True, slots=True)
class TellConsentHandled:
    """At the holder: what became of the data after the consent was taken back.

    Args:
        remainder: what must be kept by law, in general words; empty where nothing is.
        remainder_law: key of the law reference.
        keep: where erased: documents that came and that a decision of our own rests on.
    """

    handover_id: ConversationId
    consent_id: UUID
    outcome: Literal["locked", "erased"]
    remainder: str = ""
    remainder_law: str | None = None
    keep: tuple[UUID, ...] = ()


MAX_TEXT = 20_000
MAX_REFERENCE = 200
_REFERENCES = frozenset(
    {
        "document",
        "appeal_document",
        "register_number",
        "code",
        "receiving_function",
        "statute",
    }
)
_LAW = re.compile(r"[a-z][a-z_.]{0,59}", re.ASCII)


def check_texts(written: msgspec.Struct) -> None:
    """Hold what a person has written to what a message may carry.

    Structs check when they are decoded, and forms construct them.

    Raises:
        DomainError: `handover.text_too_long`, `handover.no_legal_ground` for a law reference that
            cannot be one.
    """
    for name in written.__struct_fields__:
        value = getattr(written, name)
        if not isinstance(value, str):
            continue
        limit = MAX_REFERENCE if name in _REFERENCES else MAX_TEXT
        if len(value) > limit:
            raise DomainError("handover.text_too_long", limit=limit)
        if name == "statute" and not _LAW.fullmatch(value):
            raise DomainError("handover.no_legal_ground")


def act_of(payload: Payload) -> Act:
    """The table's word for what is asked."""
    if isinstance(payload, RecordRuling):
        return Act.RULE_SENDER if payload.responsible == "sender" else Act.RULE_RECEIVER
    tag = payload.__struct_config__.tag
    return Act(str(tag))


DELEGATED: dict[Act, str] = {
    Act.PROPOSE: "handover.propose",
    Act.WITHDRAW: "handover.recall",
    Act.CLOSE_AFTER_REMOVAL: "handover.recall",
    Act.APPLY_TO_IVO: "handover.dispute",
    Act.KEEP: "handover.keep",
    Act.RULE_SENDER: "handover.ruling",
    Act.RULE_RECEIVER: "handover.ruling",
    Act.ACCEPT: "handover.answer",
    Act.DECLINE: "handover.answer",
    Act.RETURN: "handover.return",
    Act.TAKE_OVER: "handover.take_over",
    Act.AGREE: "handover.agree",
}
"""The kind in the delegation order; a draft is dropped by whoever works with the case."""
LAW: dict[Act, str] = {
    **dict.fromkeys(DELEGATED, "transfer.request"),
    Act.APPLY_TO_IVO: "transfer.dispute",
    Act.RULE_SENDER: "transfer.dispute",
    Act.RULE_RECEIVER: "transfer.dispute",
    Act.AGREE: "transfer.dispute",
}
"""The key in the register of law references that a decision goes by."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of a signature: done at once, or waiting for a second person."""

    is_done: bool
    second_roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pending:
    """A signature that waits."""

    act: Act
    payload: Payload
    first: StaffId
    signed_at: datetime
    revision: int
