"""A handover with a municipality that has no node: what its papers say, and when they may be noted.

The states are the same, and so are the tables: where a message would have moved a state, a paper
that two persons have read does. Nothing here travels; a paper's words are typed by who read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from services.handover.domain.facts import Facts, Reasons
from services.handover.domain.guards import reasons_given
from services.handover.domain.reasons import DECLINE_CODES, RETURN_CODES
from services.handover.domain.states import Message, SenderState
from services.handover.domain.table import find
from shared.errors import Conflict, DomainError

_Text = Annotated[str, Meta(max_length=20_000)]
_Reference = Annotated[str, Meta(max_length=200)]
Means = Literal["registered_letter", "courier", "by_hand", "secure_mail", "letter"]
"""How a letter went; never by open e-mail."""

FUNCTION = "socialnamnden"
"""Whom a request on paper is addressed to: the board, for no directory names its functions."""


class ReceiptCame(msgspec.Struct, frozen=True, tag="receipt"):
    """Proof that the request arrived: a signed return receipt, or an acknowledgement by letter."""


class SaidYes(msgspec.Struct, frozen=True, tag="accepted"):
    """Yes; not before that day."""

    take_over_on: date
    text: _Text = ""


class SaidNo(msgspec.Struct, frozen=True, tag="declined"):
    """No, with their reasons; the code is the reader's, of the closed list."""

    code: str
    text: _Text


class GaveBack(msgspec.Struct, frozen=True, tag="returned"):
    """After reading the dossier: not here."""

    code: str
    text: _Text


class TookOver(msgspec.Struct, frozen=True, tag="completed"):
    """They have taken over, from that day."""

    taken_over_on: date
    text: _Text = ""


class SaidNoted(msgspec.Struct, frozen=True, tag="noted"):
    """They know that the matter lies with IVO."""

    text: _Text = ""


class SaidAgreed(msgspec.Struct, frozen=True, tag="agreed"):
    """After the dispute, or the ruling: they take over; not before that day."""

    take_over_on: date
    text: _Text = ""


class SaidCancelled(msgspec.Struct, frozen=True, tag="cancelled"):
    """Our withdrawal stands: they have closed the matter."""

    text: _Text = ""


class TheyAsked(msgspec.Struct, frozen=True, tag="question"):
    """They ask something."""

    text: _Text


class TheyAnswered(msgspec.Struct, frozen=True, tag="answer"):
    """They answer a question of ours."""

    question_id: UUID
    text: _Text


class LetWithdraw(msgspec.Struct, frozen=True, tag="withdrawal_agreed"):
    """After a ruling that makes them responsible: they let us withdraw."""

    text: _Text = ""


PaperSaid = (
    ReceiptCame
    | SaidYes
    | SaidNo
    | GaveBack
    | TookOver
    | SaidNoted
    | SaidAgreed
    | SaidCancelled
    | TheyAsked
    | TheyAnswered
    | LetWithdraw
)

MOVES: Mapping[type[msgspec.Struct], Message] = MappingProxyType(
    {
        SaidYes: Message.ACCEPTED,
        SaidNo: Message.DECLINED,
        GaveBack: Message.RETURNED,
        TookOver: Message.COMPLETED,
        SaidNoted: Message.NOTED,
        SaidAgreed: Message.AGREED,
        SaidCancelled: Message.CANCELLED,
    }
)
"""What a paper does to the sender's table: the same row that the message would move along."""
_REFUSING: Mapping[type[msgspec.Struct], frozenset[str]] = MappingProxyType(
    {SaidNo: DECLINE_CODES, GaveBack: RETURN_CODES}
)
_TALKS = frozenset(
    {
        SenderState.PROPOSED,
        SenderState.SENDING,
        SenderState.DECLINED,
        SenderState.ESCALATING,
        SenderState.DISPUTED,
        SenderState.ORDERING,
        SenderState.WITHDRAWING,
    }
)


class PaperReceived(msgspec.Struct, frozen=True, tag="paper_received"):
    """A paper came: read by one person, and by a second who compares it with what was written.

    Args:
        received_on: the day it came to us.
        document_id: the scanned paper, among the case's documents.
        register_number: its number in their register, where it has one.
        said: what it says.
    """

    received_on: date
    document_id: UUID
    said: PaperSaid
    register_number: _Reference = ""


@dataclass(frozen=True, slots=True)
class RecordSent:
    """A letter of ours has left.

    Args:
        message_id: which of our words it carries.
        sent_on: the day it left.
    """

    handover_id: UUID
    message_id: UUID
    sent_on: date
    means: Means


@dataclass(frozen=True, slots=True)
class Standing:
    """What the noting of a paper is judged by.

    Args:
        proposed_sent_on, dossier_sent_on: the day that letter left; None: it has not.
        has_receipt: proof that the request arrived is noted.
        take_over_on: their word: not before that day.
        questions: ours that wait for an answer.
    """

    facts: Facts
    state: SenderState
    proposed_sent_on: date | None
    dossier_sent_on: date | None
    has_receipt: bool
    take_over_on: date | None
    questions: frozenset[UUID]


def kind_of(said: PaperSaid) -> str:
    """What such a paper is called; the kind of the message that it stands for."""
    return str(said.__struct_config__.tag)


def check(paper: PaperReceived, standing: Standing) -> None:
    """Raise unless this paper can have come, and says all that it must.

    Raises:
        Conflict: `handover.not_in_this_state`.
        DomainError: `handover.paper_in_future`, `handover.letter_not_sent`,
            `handover.paper_too_early`, `handover.reason_code_unknown`, `handover.reasons_missing`,
            `handover.question_unknown`, `handover.text_missing`,
            `handover.take_over_day_not_reached`.
    """
    if kind_of(paper.said) not in possible(standing.state, has_receipt=standing.has_receipt):
        raise Conflict(
            "handover.not_in_this_state", state=str(standing.state), on=kind_of(paper.said)
        )
    _check_days(paper, standing)
    _check_words(paper.said, standing)


def _check_days(paper: PaperReceived, standing: Standing) -> None:
    if paper.received_on > standing.facts.today:
        raise DomainError("handover.paper_in_future")
    answers = standing.proposed_sent_on
    if isinstance(paper.said, TookOver | GaveBack):  # nobody decides on a dossier that never left
        answers = standing.dossier_sent_on
    if answers is None:
        raise DomainError("handover.letter_not_sent")
    if paper.received_on < answers:
        raise DomainError("handover.paper_too_early", sent_on=answers.isoformat())
    if isinstance(paper.said, TookOver):
        taken_over_on, agreed_on = paper.said.taken_over_on, standing.take_over_on
        if agreed_on is not None and taken_over_on < agreed_on:
            raise DomainError("handover.take_over_day_not_reached", agreed_on=agreed_on.isoformat())
        if not answers <= taken_over_on <= standing.facts.today:
            raise DomainError("handover.paper_in_future")


def _check_words(said: PaperSaid, standing: Standing) -> None:
    match said:
        case SaidNo(code=code, text=text) | GaveBack(code=code, text=text):
            reasons_given(_with_reasons(standing.facts, code, text, _REFUSING[type(said)]))
        case TheyAsked(text=text) if not text.strip():
            raise DomainError("handover.text_missing")
        case TheyAnswered(question_id=question_id, text=text):
            if question_id not in standing.questions:
                raise DomainError("handover.question_unknown")
            if not text.strip():
                raise DomainError("handover.text_missing")
        case _:
            pass


def _with_reasons(facts: Facts, code: str, text: str, allowed: frozenset[str]) -> Facts:
    return replace(facts, reasons=Reasons(code, text, allowed))


def possible(state: SenderState, *, has_receipt: bool) -> tuple[str, ...]:
    """What a paper may say in this state, in the order in which it is likely to come."""
    if state not in _TALKS:
        return ()
    found = [] if has_receipt else ["receipt"]
    found += [str(on) for on in MOVES.values() if find(state, on) is not None]
    found += ["question", "answer"]
    if state in {SenderState.ORDERING, SenderState.SENDING}:
        found.append("withdrawal_agreed")
    return tuple(found)
