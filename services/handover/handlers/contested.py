"""What stands between the two ends of a handover, read from what they have told each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.handover import wire
from services.handover.domain.records import Travelled
from services.handover.domain.timers import IVO_DECIDES_WITHIN_MONTHS
from shared.clock import months_after

Bodies = Mapping[UUID, msgspec.Struct]


@dataclass(frozen=True, slots=True)
class Dispute:
    """What stands between the two ends, as far as this end still keeps it.

    Args:
        answer_code, answer_text, answered_at: the no, with its reasons; empty where none came.
        is_returned: the no came after the dossier was read.
        applied_on: the sender's application to IVO.
        statement: the sender's words to it.
        ivo_due_on: the day IVO should have decided by.
        appealed_on, appealed_document: the last appeal that either end has told of.
        ruled_for: by the final ruling.
    """

    answer_code: str | None
    answer_text: str
    answered_at: datetime | None
    is_returned: bool
    applied_on: date | None
    statement: str
    ivo_due_on: date | None
    appealed_on: date | None
    appealed_document: str
    ruled_for: Literal["sender", "receiver"] | None
    ruling_document: str
    decided_on: date | None
    final_on: date | None


def dispute_of(messages: Sequence[Travelled], bodies: Bodies, *, is_silent: bool) -> Dispute | None:
    """What the messages of a handover say of its dispute; None where there is nothing to dispute.

    Args:
        bodies: of the messages, by id, as far as they are kept.
        is_silent: a month has passed without an answer.
    """
    answer, no = last_said(messages, bodies, "declined", "returned")
    application, applied = last_said(messages, bodies, "disputed")
    ruled_for, ruling = _ruling(messages, bodies)
    appeals = [
        body.content
        for body in bodies.values()
        if isinstance(body, wire.Notice) and isinstance(body.content, wire.RulingAppealed)
    ]
    appeal = max(appeals, key=lambda each: each.appealed_on, default=None)
    if not (answer or application or ruled_for or is_silent):
        return None
    applied_on = applied.applied_on if isinstance(applied, wire.Disputed) else None
    return Dispute(
        answer_code=getattr(no, "code", None),
        answer_text=getattr(no, "text", ""),
        answered_at=None if answer is None else answer.at,
        is_returned=answer is not None and answer.kind == "returned",
        applied_on=applied_on,
        statement=applied.text if isinstance(applied, wire.Disputed) else "",
        ivo_due_on=applied_on and months_after(applied_on, IVO_DECIDES_WITHIN_MONTHS),
        appealed_on=None if appeal is None else appeal.appealed_on,
        appealed_document="" if appeal is None else appeal.document,
        ruled_for=ruled_for,
        ruling_document="" if ruling is None else ruling.document,
        decided_on=None if ruling is None else ruling.decided_on,
        final_on=None if ruling is None else ruling.final_on,
    )


def last_said(
    messages: Sequence[Travelled], bodies: Bodies, *kinds: str
) -> tuple[Travelled | None, msgspec.Struct | None]:
    """The last message of these kinds and what it says, as far as that is kept."""
    found = [each for each in messages if each.kind in kinds]
    return (found[-1], bodies.get(found[-1].message_id)) if found else (None, None)


def _ruling(
    messages: Sequence[Travelled], bodies: Bodies
) -> tuple[Literal["sender", "receiver"] | None, wire.Ruled | None]:
    for_whom: dict[str, Literal["sender", "receiver"]] = {
        "ruled_sender": "sender",
        "ruled_receiver": "receiver",
    }
    message, body = last_said(messages, bodies, *for_whom)
    if message is None:
        return None, None
    return for_whom[message.kind], body if isinstance(body, wire.Ruled) else None
