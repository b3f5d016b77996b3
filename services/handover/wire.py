"""What the messages of a handover hold, in every version.

Every body is a schema of its own; a field that a new version adds is refused by name, never lost in
silence. Old versions are never changed: `tests/contract/handover` keeps their bytes.
"""

import contextlib
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from services.cases.api import DocumentItem, Link, Section, Withheld, WithheldDocuments
from services.handover.domain.commands import ResidenceGround, Urgency
from services.handover.domain.on_paper import PaperSaid
from shared.messages import Registry
from shared.outbox.attachments import Manifest

Text = Annotated[str, Meta(max_length=20_000)]
ShortText = Annotated[str, Meta(max_length=200)]
Code = Annotated[str, Meta(pattern=r"\A[a-z][a-z_.]{0,59}\Z")]
Function = Annotated[str, Meta(pattern=r"\A[a-z][a-z-]{1,39}\Z")]
AuthorityText = Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Moment = Annotated[datetime, Meta(tz=True)]


class ConsentGround(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="consent"):
    """The person has lifted secrecy to the receiver, within this scope."""

    consent_id: UUID
    kinds: tuple[str, ...]
    purposes: tuple[str, ...]
    valid_until: date


class StatuteGround(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="statute"):
    """A provision that lets or makes the sender tell.

    Args:
        law: key of the register of law references.
    """

    law: Code


LegalGround = ConsentGround | StatuteGround


class Belonging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The four parts of the request, and the finding they rest on."""

    ground: ResidenceGround
    connection: Text
    duration: Text
    circumstances: Text
    wish: Text
    wish_is_followed: bool
    wish_overridden_because: Text


class PassedThreat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The level, only with the approval of the police."""

    level: Literal["LOW", "MEDIUM", "HIGH"]
    unit: ShortText
    assessed_on: date
    next_review_on: date


class Proposed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The least that lets the receiver judge: no name, no number, no address.

    Args:
        need: in general words.
        threat: None without the approval of the police; says nothing about the level then.
        is_protected: protected identity beyond what every exit case has.
        answer_on: the day an answer is wished for.
        policy_from, policy_sha256: the sender's policy that the proposal was made under.
    """

    sending_function: Function
    receiving_function: Function
    belonging: Belonging
    need: Text
    urgency: Urgency
    threat: PassedThreat | None
    is_protected: bool
    ground: LegalGround
    answer_on: date
    policy_from: date
    policy_sha256: SHA256


class Accepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Yes; from this day the receiver can take over."""

    take_over_on: date
    text: Text
    policy_from: date
    policy_sha256: SHA256


class Declined(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No, with a code of the closed list and the reasons."""

    code: Code
    text: Text
    policy_from: date
    policy_sha256: SHA256


class Dossier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dossier is on its way as an attachment; in hand when it has come and matches."""

    manifest: Manifest
    take_over_on: date | None


class DossierContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The attachment itself.

    Args:
        sections: what consent or statute lets through, each a schema of its own.
        withheld: what does not travel, each with its reason.
        chain: the case's responsibility chain from its first link.
    """

    federation_case_id: UUID
    sections: tuple[Section, ...]
    withheld: tuple[Withheld, ...]
    chain: tuple[Link, ...]


class DossierWithFiles(Dossier, frozen=True):
    """Version 2: the case's documents travel too, each an attachment; in hand when all have come.

    Args:
        files: what the attachments are; which document each is stands in the dossier itself.
    """

    files: Annotated[tuple[Manifest, ...], Meta(max_length=500)]


class Enclosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which attachment holds which document."""

    attachment_id: UUID
    document: DocumentItem


class DossierContentWithFiles(DossierContent, frozen=True):
    """The attachment that is the dossier, version 2; it reads version 1 as one without documents."""

    documents: tuple[Enclosed, ...] = ()
    withheld_documents: tuple[WithheldDocuments, ...] = ()


class Completed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Taken over: from this link on the receiver is responsible."""

    link: Link
    receiving_function: Function


class Vault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After the take-over: what lay in the sender's vault, for the receiver's vault alone.

    Sealed once more, to the receiver's node and bound to this handover, inside the message: neither
    the conversation's key nor what keeps messages opens it.

    Args:
        kid: of the receiver's sealing key.
    """

    kid: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    sealed: Annotated[bytes, Meta(max_length=64 * 1024)]


class Returned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After reading the dossier: not here, with reasons; the dossier is erased."""

    code: Code
    text: Text
    erased_at: Moment


class Withdrawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sender asks to withdraw; the receiver's answer decides."""

    because: Literal["decided", "consent_withdrawn"]
    text: Text


class Cancelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The receiver closes and erases; what it erased, and when."""

    erased: tuple[Literal["proposal", "dossier"], ...]
    erased_at: Moment


class Disputed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sender has applied to IVO."""

    applied_on: date
    text: Text


class Noted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The receiver knows that the matter lies with IVO."""


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After all, or after the ruling: the receiver will take over."""

    take_over_on: date
    text: Text


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sender keeps the case."""

    because: Literal["decided", "consent_withdrawn"]
    text: Text


class Ruled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """IVO's final decision.

    Args:
        document: register number of the decision; the decision itself is enclosed on request.
        final_on: the day it became final, as a person at the sender established it.
    """

    document: ShortText
    decided_on: date
    final_on: date


class RuledSender(Ruled, frozen=True):
    """The sender of the handover is responsible."""


class RuledReceiver(Ruled, frozen=True):
    """The receiver of the handover is responsible."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either end asks."""

    question_id: UUID
    text: Text


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The other end answers."""

    question_id: UUID
    text: Text


class FactsChanged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="facts_changed"):
    """Something the receiver must see before it presses any button.

    Args:
        threat: the new level, where the police have approved that it is passed on.
    """

    what: tuple[
        Literal["threat", "protected_identity", "death", "majority", "personal_number"], ...
    ]
    changed_on: date
    threat: PassedThreat | None


class ConsentWithdrawn(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="consent_withdrawn"
):
    """The person took the consent back; the holder locks what rests on it."""

    consent_id: UUID
    withdrawn_on: date


class ConsentHandled(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="consent_handled"
):
    """What the holder did, and what it must keep by law."""

    consent_id: UUID
    outcome: Literal["locked", "erased"]
    remainder: Text
    remainder_law: Code | None


class Rectified(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="rectified"):
    """Something sent before was wrong; the receiver notes it beside, never over."""

    section: Code
    text: Text


class Supplement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="supplement"):
    """What the sender wrote before it learnt of the take-over."""

    text: Text


class ChainLinks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="chain_links"):
    """The chain's later links, when the case goes on to a third."""

    links: tuple[Link, ...]


class WithdrawalAgreed(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="withdrawal_agreed"
):
    """After a ruling for the receiver: it agrees that the sender withdraws."""

    agreed_on: date
    text: Text


class RulingAppealed(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ruling_appealed"
):
    """IVO's decision is appealed, so it is not final."""

    document: ShortText
    appealed_on: date


NoticeContent = (
    FactsChanged
    | ConsentWithdrawn
    | ConsentHandled
    | Rectified
    | Supplement
    | ChainLinks
    | WithdrawalAgreed
    | RulingAppealed
)


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to know; numbered like all else, moves no state."""

    content: NoticeContent


VERSION = 1
BODIES: dict[str, type[msgspec.Struct]] = {
    "proposed": Proposed,
    "accepted": Accepted,
    "declined": Declined,
    "dossier": Dossier,
    "completed": Completed,
    "returned": Returned,
    "withdrawn": Withdrawn,
    "cancelled": Cancelled,
    "disputed": Disputed,
    "noted": Noted,
    "agreed": Agreed,
    "kept": Kept,
    "ruled_sender": RuledSender,
    "ruled_receiver": RuledReceiver,
    "question": Question,
    "answer": Answer,
    "notice": Notice,
    "vault": Vault,
}


LATER: dict[tuple[str, int], type[msgspec.Struct]] = {("dossier", 2): DossierWithFiles}
"""Versions after the first; `BODIES` stays as it was, and is read for ever."""


def kind_of(body: msgspec.Struct) -> tuple[str, int]:
    """Which kind and version a body is."""
    for kind, struct in BODIES.items():
        if type(body) is struct:
            return kind, VERSION
    return next(key for key, struct in LATER.items() if type(body) is struct)


def read(kind: str, body: bytes) -> msgspec.Struct:
    """A body that is kept here, whichever version it was; it was judged when it came."""
    later = [struct for (one, _), struct in sorted(LATER.items(), reverse=True) if one == kind]
    for struct in (*later, BODIES[kind]):
        with contextlib.suppress(msgspec.ValidationError):
            found: msgspec.Struct = msgspec.json.decode(body, type=struct)
            return found
    with contextlib.suppress(msgspec.ValidationError):  # a paper says it in words of its own
        said: msgspec.Struct = msgspec.json.decode(body, type=PaperSaid)
        return said
    raise ValueError(f"no version of {kind} reads what was kept")


def register(registry: Registry) -> None:
    """Make a registry read every kind of a handover, in every version."""
    for kind, body in BODIES.items():
        registry.register(kind, VERSION, body)
    for (kind, version), body in LATER.items():
        registry.register(kind, version, body)
