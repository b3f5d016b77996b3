"""What stands beside an end: messages, events, signatures, questions, reminders."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.handover.domain.records import Happened, Travelled
from services.handover.store.tables import event, incoming, message, pending, question, reminder
from shared.crypto import SubjectKey
from shared.db import UnitOfWork, changed_one
from shared.db.cards import card
from shared.errors import Fact
from shared.ids import ConversationId, StaffId, row_id

# Made once: each message writes them, and building them anew cost as much as running them.
_ADD_MESSAGE = insert(message).inline()
_ADD_EVENT = insert(event).inline()
_ADD_QUESTION = insert(question).inline()


# -- messages ------------------------------------------------------------------------------------
def _body_place(message_id: UUID) -> str:
    return f"handover_message.sealed:{message_id}"


async def add_message(
    uow: UnitOfWork,
    handover_id: ConversationId,
    message_id: UUID,
    kind: str,
    body: bytes | None,
    key: SubjectKey | None,
    *,
    is_ours: bool,
    number: int = 0,
) -> None:
    """Keep that a message went or came, and what it said unless that is not to be kept."""
    sealed = None
    if body is not None and key is not None:
        sealed = key.seal(body, _body_place(message_id))
    await uow.execute(
        _ADD_MESSAGE,
        {
            "message_id": message_id,
            "handover_id": handover_id,
            "is_ours": is_ours,
            "kind": kind,
            "number": number,
            "at": uow.now,
            "sealed": sealed,
        },
    )


async def messages(uow: UnitOfWork, handover_id: ConversationId) -> list[Travelled]:
    """All of them, oldest first."""
    rows = await uow.execute(
        select(
            message.c.message_id,
            message.c.is_ours,
            message.c.kind,
            message.c.number,
            message.c.at,
            message.c.refusal_code,
            message.c.sent_again_at,
        )
        .where(message.c.handover_id == handover_id)
        .order_by(message.c.place)
    )
    return [Travelled(**row) for row in rows.mappings()]


async def bodies(
    uow: UnitOfWork, handover_id: ConversationId, key: SubjectKey
) -> dict[UUID, bytes]:
    """The bodies that are still there, by message."""
    rows = await uow.execute(
        select(message.c.message_id, message.c.sealed).where(
            message.c.handover_id == handover_id, message.c.sealed.is_not(None)
        )
    )
    return {row.message_id: key.open(row.sealed, _body_place(row.message_id)) for row in rows}


async def note_refused(uow: UnitOfWork, message_id: UUID, code: str) -> None:
    """The other end refused it."""
    await changed_one(
        uow,
        update(message)
        .where(message.c.message_id == message_id, message.c.is_ours)
        .values(refusal_code=code, refused_at=uow.now),
    )


async def note_sent_again(uow: UnitOfWork, message_id: UUID) -> None:
    """A person sent it anew, under a number of its own.

    Raises:
        Conflict: `db.changed_meanwhile`: somebody else has.
    """
    await changed_one(
        uow,
        update(message)
        .where(message.c.message_id == message_id, message.c.sent_again_at.is_(None))
        .values(sent_again_at=uow.now),
    )


# -- events --------------------------------------------------------------------------------------
async def add_event(
    uow: UnitOfWork,
    handover_id: ConversationId,
    code: str,
    state: str,
    facts: Mapping[str, Fact] | None = None,
) -> None:
    """Note what the actor did, or the node noticed."""
    await uow.execute(
        _ADD_EVENT,
        {
            "event_id": row_id(uow.now),
            "handover_id": handover_id,
            "at": uow.now,
            "actor": uow.actor.staff_id,
            "code": code,
            "state": state,
            "facts": dict(facts or {}),
        },
    )


async def events(uow: UnitOfWork, handover_id: ConversationId) -> list[Happened]:
    """All of them, oldest first."""
    rows = await uow.execute(
        select(event.c.at, event.c.actor, event.c.code, event.c.state, event.c.facts)
        .where(event.c.handover_id == handover_id)
        .order_by(event.c.place)
    )
    return [Happened(**row) for row in rows.mappings()]


async def has_happened(uow: UnitOfWork, handover_id: ConversationId, code: str) -> bool:
    """Whether an event of this code is noted."""
    statement = select(event.c.event_id).where(
        event.c.handover_id == handover_id, event.c.code == code
    )
    return (await uow.execute(statement.limit(1))).first() is not None


# -- signatures that wait ------------------------------------------------------------------------
def _pending_place(handover_id: UUID) -> str:
    return f"handover_pending.sealed:{handover_id}"


async def add_pending(
    uow: UnitOfWork,
    handover_id: ConversationId,
    act: str,
    revision: int,
    payload: bytes,
    key: SubjectKey,
) -> None:
    """Keep a signature until a second person confirms it.

    Raises:
        Conflict: `handover.already_signed`.
    """
    await uow.execute(
        insert(pending)
        .values(
            handover_id=handover_id,
            act=act,
            revision=revision,
            first=uow.actor.staff_id,
            signed_at=uow.now,
            sealed=key.seal(payload, _pending_place(handover_id)),
        )
        .inline()
    )


async def find_pending(
    uow: UnitOfWork, handover_id: ConversationId, key: SubjectKey
) -> tuple[int, StaffId, datetime, bytes] | None:
    """Revision, first person, when, and what was signed; None when nothing waits."""
    statement = select(pending).where(pending.c.handover_id == handover_id)
    row = (await uow.execute(statement)).one_or_none()
    if row is None:
        return None
    payload = key.open(row.sealed, _pending_place(handover_id))
    return row.revision, StaffId(row.first), row.signed_at, payload


async def has_pending(uow: UnitOfWork) -> set[UUID]:
    """The handovers, of those the actor sees, that wait for a second person."""
    return set((await uow.execute(select(pending.c.handover_id))).scalars())


async def drop_pending(uow: UnitOfWork, handover_id: ConversationId) -> bool:
    """Take a waiting signature away; whether there was one."""
    result = await uow.execute(delete(pending).where(pending.c.handover_id == handover_id))
    return result.rowcount == 1


# -- questions -----------------------------------------------------------------------------------
def _question_place(question_id: UUID, part: str) -> str:
    return f"handover_question.{part}:{question_id}"


async def add_question(
    uow: UnitOfWork,
    handover_id: ConversationId,
    question_id: UUID,
    text: str,
    key: SubjectKey,
    *,
    is_ours: bool,
) -> None:
    """Keep a question."""
    await uow.execute(
        _ADD_QUESTION,
        {
            "question_id": question_id,
            "handover_id": handover_id,
            "is_ours": is_ours,
            "asked_at": uow.now,
            "question": key.seal(text.encode(), _question_place(question_id, "question")),
        },
    )


async def answer_question(
    uow: UnitOfWork,
    handover_id: ConversationId,
    question_id: UUID,
    text: str,
    key: SubjectKey,
    *,
    is_ours: bool,
) -> bool:
    """Keep the answer; whether such an unanswered question was there.

    Args:
        is_ours: the question was asked from here.
    """
    result = await uow.execute(
        update(question)
        .where(
            question.c.question_id == question_id,
            question.c.handover_id == handover_id,
            question.c.is_ours.is_(is_ours),
            question.c.answered_at.is_(None),
        )
        .values(
            answered_at=uow.now,
            answer=key.seal(text.encode(), _question_place(question_id, "answer")),
        )
    )
    return result.rowcount == 1


async def questions(
    uow: UnitOfWork, handover_id: ConversationId, key: SubjectKey
) -> list[tuple[UUID, bool, datetime, str, datetime | None, str | None]]:
    """Id, ours or theirs, asked when and what, answered when and what; oldest first."""
    rows = await uow.execute(
        select(question)
        .where(question.c.handover_id == handover_id, question.c.question.is_not(None))
        .order_by(question.c.asked_at, question.c.question_id)
    )
    return [
        (
            row.question_id,
            row.is_ours,
            row.asked_at,
            key.open(row.question, _question_place(row.question_id, "question")).decode(),
            row.answered_at,
            None
            if row.answer is None
            else key.open(row.answer, _question_place(row.question_id, "answer")).decode(),
        )
        for row in rows
    ]


# -- cards ---------------------------------------------------------------------------------------
_STAY_OPEN = (
    "handover.question",
    "handover.answer",
    "handover.message_refused",
    "handover.facts_changed",
    "handover.consent_withdrawn",
    "handover.consent_handled",
    "handover.rectified",
    "handover.supplement",
    "handover.ruling_appealed",
    "handover.threat_changed",
    "handover.not_delivered",
    "handover.not_delivered_leader",
    "handover.unaccounted",
    "handover.letter_to_send",
    "handover.vault",
    "handover.vault_not_needed",
    "handover.vault_stays",
)
"""What is to be read stays until it is read; what is to be done is done by the next step."""


async def finish_cards(uow: UnitOfWork, handover_id: ConversationId) -> None:
    """The handover has moved: what earlier cards asked for is done, or no longer to be done."""
    await uow.execute(
        update(card)
        .where(
            card.c.subject_id == handover_id,
            card.c.done_at.is_(None),
            card.c.kind.like("handover.%"),
            card.c.kind.not_in(_STAY_OPEN),
        )
        .values(done_at=uow.now, done_by=uow.actor.staff_id)
    )


async def finish_reminders(
    uow: UnitOfWork, kinds: Collection[str], called_for: Collection[tuple[UUID, str]]
) -> None:
    """The days or the state that called for these cards have passed.

    Args:
        called_for: handover and kind of those that stay.
    """
    await uow.execute(
        update(card)
        .where(
            card.c.done_at.is_(None),
            card.c.kind.in_(list(kinds)),
            tuple_(card.c.subject_id, card.c.kind).not_in(list(called_for)),
        )
        .values(done_at=uow.now, done_by=uow.actor.staff_id)
    )


async def finish_delivery_cards(uow: UnitOfWork, late: Collection[UUID]) -> None:
    """All messages of these handovers but the late ones have arrived."""
    await uow.execute(
        update(card)
        .where(
            card.c.done_at.is_(None),
            card.c.kind.like("handover.not_delivered%"),
            card.c.subject_id.not_in(list(late)),
        )
        .values(done_at=uow.now, done_by=uow.actor.staff_id)
    )


# -- what is erased, what was reminded of ---------------------------------------------------------
async def erase_dossier(uow: UnitOfWork, handover_id: ConversationId) -> None:
    """Take the dossier's words away; the manifest's hash stays as proof."""
    await uow.execute(
        update(message)
        .where(
            message.c.handover_id == handover_id,
            message.c.kind == "dossier",
            message.c.is_ours.is_(False),
        )
        .values(sealed=None)
    )


async def erase_all(uow: UnitOfWork, handover_id: ConversationId) -> None:
    """Take every word away that came or was written here; kinds, times and hashes stay."""
    await uow.execute(
        update(message).where(message.c.handover_id == handover_id).values(sealed=None)
    )
    await uow.execute(
        update(question)
        .where(question.c.handover_id == handover_id)
        .values(question=None, answer=None)
    )
    await drop_pending(uow, handover_id)
    await uow.execute(
        update(incoming).where(incoming.c.handover_id == handover_id).values(sealed=None)
    )


async def note_reminded(
    uow: UnitOfWork, handover_id: ConversationId, what: str, since: datetime, times: int
) -> bool:
    """Whether this reminder is new."""
    result = await uow.execute(
        insert(reminder)
        .values(handover_id=handover_id, reminder=what, since=since, times=times)
        .on_conflict_do_nothing()
    )
    return result.rowcount == 1
