"""Use cases of the joint room, and what services above ask of it inside their own transaction."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from services.protection.domain.model import (
    AnswerQuestion,
    GiveThreat,
    Level,
    PoliceUnit,
    Question,
    QuestionKind,
    Room,
    RoomRow,
    SharedIdentity,
    Threat,
    ThreatChanged,
)
from shared.actor import Actor
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.ids import AuthorityCode, SubjectId
from shared.node import Node


class ThreatEvents(Protocol):
    """What a service above wants to hear: `node.find(ThreatEvents)`, same transaction.

    The transaction runs as the police officer, who sees no case: the listener writes only what a
    police officer's row policies let through (a card) and leaves the rest to the worker.
    """

    async def on_threat_changed(self, uow: UnitOfWork, change: ThreatChanged) -> None:
        """A newer assessment has another level than the one before."""
        ...


async def joint_rooms(node: Node, actor: Actor) -> list[RoomRow]:
    """The rooms that the officer's own unit is attached to."""
    raise NotImplementedError


async def read_room(node: Node, actor: Actor, room_id: UUID, reason: str) -> Room:
    """One room; audited. AccessDenied unless the officer's unit is attached to it."""
    raise NotImplementedError


async def give_threat(node: Node, actor: Actor, command: GiveThreat) -> None:
    """Record the police's assessment; HIGH attaches the municipality's Bops at once."""
    raise NotImplementedError


async def answer_question(node: Node, actor: Actor, command: AnswerQuestion) -> None:
    """Answer what the municipality asked."""
    raise NotImplementedError


def police_units(node: Node) -> Sequence[PoliceUnit]:
    """The police units that cover this municipality, from the police's tenant folder."""
    raise NotImplementedError


def responsible_unit(node: Node, level: Level) -> PoliceUnit:
    """The unit that answers for this level here."""
    raise NotImplementedError


async def open_room(
    uow: UnitOfWork,
    room_key: SubjectKey,
    *,
    subject: SubjectId,
    term: int,
    code_name: str,
    identity: SharedIdentity,
) -> None:
    """Make the room, or renew what it shows; `room_key` is the key of `room_of(subject)`."""
    raise NotImplementedError


async def attach_unit(uow: UnitOfWork, subject: SubjectId, unit: str) -> None:
    """Let a police unit see the room."""
    raise NotImplementedError


async def close_room(uow: UnitOfWork, subject: SubjectId) -> None:
    """Detach every unit and empty the room: consent is withdrawn or the case has left."""
    raise NotImplementedError


async def ask(
    uow: UnitOfWork,
    *,
    subject: SubjectId,
    kind: QuestionKind,
    unit: str,
    authority: AuthorityCode | None = None,
) -> UUID:
    """Put a question to a unit; an unanswered one of the same kind and place is not put twice."""
    raise NotImplementedError


async def current_threat(uow: UnitOfWork, subject: SubjectId) -> Threat | None:
    """The newest assessment."""
    raise NotImplementedError


async def questions(uow: UnitOfWork, subject: SubjectId) -> list[Question]:
    """All that has been asked, newest first."""
    raise NotImplementedError


async def placement_answer(
    uow: UnitOfWork, subject: SubjectId, municipality: AuthorityCode
) -> Question | None:
    """The newest placement question for this municipality; its `answer` is None while it waits."""
    raise NotImplementedError


async def level_passing_approved(
    uow: UnitOfWork, subject: SubjectId, receiver: AuthorityCode
) -> bool:
    """Whether the police have approved that the present level is passed on to this receiver."""
    raise NotImplementedError


async def acute_protection_confirmed(uow: UnitOfWork, subject: SubjectId) -> bool:
    """Whether the police have confirmed the acute protection here (subject: the handover)."""
    raise NotImplementedError


async def review_due(uow: UnitOfWork, subject: SubjectId) -> date | None:
    """The day the newest assessment is to be renewed."""
    raise NotImplementedError
