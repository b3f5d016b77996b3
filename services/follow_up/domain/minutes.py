"""The minutes of a joint follow-up: what they hold, when they may be signed, when they are sealed.

A signature is of one version. Who changes the text makes a new version, which nobody has signed;
that is what voids the old signatures, and there is nothing else to undo.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import msgspec

from services.follow_up.domain.agreements import Obligation, Party
from shared.errors import Conflict, DomainError
from shared.ids import StaffId

Outcome = Literal["met", "partly", "not_met"]
PARTIES: tuple[Party, ...] = ("municipality", "police")


@dataclass(frozen=True, slots=True)
class Answer:
    """How one obligation has been met.

    Args:
        outcome: None while nobody has said.
        reasons: why, where it is not wholly met.
    """

    outcome: Outcome | None = None
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class Minutes:
    """One version of the text.

    Args:
        held_on: day of the meeting; None until it has been held.
        present: functions and units, never names of others than those who sign.
        answers: by the obligation's code.
        law: what the changes of the law mean.
        development: what is to become better, by whom, until when.
    """

    held_on: date | None = None
    present: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    law: str = ""
    development: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One party's word under one version."""

    party: Party
    signed_by: StaffId


def check_may_sign(
    minutes: Minutes, obligations: Sequence[Obligation], today: date, *, is_law_due: bool
) -> None:
    """Raise unless the text is whole.

    Raises:
        DomainError: `minutes.not_held`, `minutes.held_in_future`, `minutes.incomplete`,
            `minutes.reasons_missing`, `minutes.law_missing`, `minutes.development_missing`.
    """
    if minutes.held_on is None:
        raise DomainError("minutes.not_held")
    if minutes.held_on > today:
        raise DomainError("minutes.held_in_future")
    for each in obligations:
        answer = minutes.answers.get(each.code, Answer())
        if answer.outcome is None:
            raise DomainError("minutes.incomplete", obligation=each.code)
        if answer.outcome != "met" and not answer.reasons:
            raise DomainError("minutes.reasons_missing", obligation=each.code)
    if is_law_due and not minutes.law:
        raise DomainError("minutes.law_missing")
    if not minutes.development:
        raise DomainError("minutes.development_missing")


def sign(
    signatures: Sequence[Signature], party: Party, signer: StaffId, *, number: int, newest: int
) -> bool:
    """Whether the minutes are whole with this signature.

    Args:
        signatures: under this very version.
        number: the version that the signer has read; `newest` is the one there is.

    Raises:
        Conflict: `db.changed_meanwhile`: the text has changed since.
        DomainError: `minutes.party_has_signed`, `minutes.same_person`.
    """
    if number != newest:
        raise Conflict("db.changed_meanwhile")
    if any(each.party == party for each in signatures):
        raise DomainError("minutes.party_has_signed")
    if any(each.signed_by == signer for each in signatures):
        raise DomainError("minutes.same_person")
    return {each.party for each in signatures} | {party} == set(PARTIES)


_ENCODER = msgspec.json.Encoder(order="deterministic")


def encode(minutes: Minutes) -> bytes:
    """The text as it is kept: the same text, the same bytes."""
    return _ENCODER.encode(minutes)


def decode(content: bytes) -> Minutes:
    """What `encode` made."""
    return msgspec.json.decode(content, type=Minutes)


def sha256(content: bytes) -> str:
    """What a sealed version is known by."""
    return hashlib.sha256(content).hexdigest()
