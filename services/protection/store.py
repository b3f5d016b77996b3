"""The joint room's tables: migrations 0005, 0018, 0021, 0031 and 0041."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import distinct_on, insert

from services.protection.domain.model import Answer, PaperWord, PoliceUnit, QuestionKind
from shared.db import UnitOfWork, changed_one, conflict_when, metadata
from shared.errors import DomainError
from shared.ids import AuthorityCode, SubjectId, row_id

Record = Row[Any]
"""A row as the database gave it."""
_ROOM = "joint_room.room_id"

room = Table(
    "joint_room",
    metadata,
    Column("room_id", Uuid, primary_key=True),
    Column("subject_id", Uuid, nullable=False, unique=True),
    Column("is_incoming", Boolean, nullable=False),
    Column("term", Integer, nullable=False),
    Column("code_name", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("rests_on", Text, nullable=False),
    Column("shared_until", Date),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
)
room_unit = Table(
    "room_unit",
    metadata,
    Column("room_id", Uuid, ForeignKey(_ROOM), nullable=False),
    Column("unit", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("attached_at", DateTime(timezone=True), nullable=False),
    Column("attached_by", Uuid, nullable=False),
    PrimaryKeyConstraint("room_id", "unit", name="room_unit_pkey"),
)
threat = Table(
    "threat",
    metadata,
    Column("threat_id", Uuid, primary_key=True),
    Column("room_id", Uuid, ForeignKey(_ROOM), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("level", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("assessed_at", DateTime(timezone=True), nullable=False),
    Column("assessed_by", Uuid, nullable=False),
    Column("next_review_on", Date, nullable=False),
)
question = Table(
    "room_question",
    metadata,
    Column("question_id", Uuid, primary_key=True),
    Column("room_id", Uuid, ForeignKey(_ROOM), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("authority", Text),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("asked_by", Uuid, nullable=False),
    Column("answer", Text),
    Column("answered_at", DateTime(timezone=True)),
    Column("answered_by", Uuid),
)
acute = Table(
    "acute_protection",
    metadata,
    Column("threat_id", Uuid, ForeignKey("threat.threat_id"), primary_key=True),
    Column("room_id", Uuid, ForeignKey(_ROOM), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("holder", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("policy_from", Date, nullable=False),
    Column("policy_sha256", Text, nullable=False),
)
handover = Table(
    "protection_handover",
    metadata,
    Column("protection_id", Uuid, primary_key=True),
    Column("threat_id", Uuid, ForeignKey("threat.threat_id"), nullable=False),
    Column("room_id", Uuid, ForeignKey(_ROOM), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("unit", Text, nullable=False),
    Column("offered_at", DateTime(timezone=True), nullable=False),
    Column("offered_by", Uuid, nullable=False),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("confirmed_by", Uuid),
    Column("responsible", Uuid),
    UniqueConstraint("threat_id", name="protection_handover_once"),
)
paper = Table(
    "room_paper",
    metadata,
    Column("paper_id", Uuid, primary_key=True),
    Column("room_id", Uuid, ForeignKey(_ROOM), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("sealed", LargeBinary),
    Column("shared_until", Date),
    Column("put_at", DateTime(timezone=True), nullable=False),
    Column("put_by", Uuid, nullable=False),
    Column("word", Text),
    Column("given_at", DateTime(timezone=True)),
    Column("given_by", Uuid),
    UniqueConstraint("subject_id", "kind", "number", name="room_paper_once"),
)

conflict_when("room_question_once_idx", "question.waits_already")
conflict_when("room_paper_once", "db.changed_meanwhile")
conflict_when("room_unit_pkey", "db.changed_meanwhile")


async def room_of_subject(uow: UnitOfWork, subject: SubjectId) -> Row[Any] | None:
    """The subject's room, open or closed."""
    statement = select(room).where(room.c.subject_id == subject)
    return (await uow.execute(statement)).one_or_none()


async def open_rooms(uow: UnitOfWork, today: date, room_id: UUID | None = None) -> list[Row[Any]]:
    """Rooms that row security shows, open and shared today, newest first; one when named."""
    statement = (
        select(room)
        .where(
            room.c.closed_at.is_(None),
            or_(room.c.shared_until.is_(None), room.c.shared_until >= today),
        )
        .order_by(room.c.opened_at.desc(), room.c.room_id)
    )
    if room_id is not None:
        statement = statement.where(room.c.room_id == room_id)
    return list((await uow.execute(statement)).all())


async def put_room(uow: UnitOfWork, room_id: SubjectId, **values: object) -> None:
    """Make the room, or open it anew with what is shared now."""
    fresh = {**values, "closed_at": None}
    await changed_one(
        uow,
        insert(room)
        .values(room_id=room_id, opened_at=uow.now, **fresh)
        .on_conflict_do_update(index_elements=[room.c.room_id], set_=fresh),
    )


async def close_room(uow: UnitOfWork, subject: SubjectId) -> None:
    """Empty it, detach every unit."""
    found = await room_of_subject(uow, subject)
    if found is None or found.closed_at is not None:
        return
    await uow.execute(delete(room_unit).where(room_unit.c.room_id == found.room_id))
    await changed_one(
        uow,
        update(room).where(room.c.room_id == found.room_id).values(sealed=None, closed_at=uow.now),
    )
    await share_papers(uow, subject, None)


async def set_shared_until(uow: UnitOfWork, subject: SubjectId, shared_until: date) -> None:
    """Another consent carries the room now."""
    await changed_one(
        uow, update(room).where(room.c.subject_id == subject).values(shared_until=shared_until)
    )


async def units(uow: UnitOfWork, room_id: UUID) -> dict[str, Row[Any]]:
    """Attached units by code."""
    statement = select(room_unit).where(room_unit.c.room_id == room_id)
    return {row.unit: row for row in await uow.execute(statement)}


async def attached_at(uow: UnitOfWork, rooms: Sequence[UUID], unit: str) -> dict[UUID, datetime]:
    """Since when the unit has been attached to each of these rooms."""
    statement = select(room_unit.c.room_id, room_unit.c.attached_at).where(
        room_unit.c.room_id.in_(rooms), room_unit.c.unit == unit
    )
    return {row.room_id: row.attached_at for row in await uow.execute(statement)}


async def is_kept_out(uow: UnitOfWork, room_id: UUID, unit: str) -> bool:
    """Whether the case's exclusion list names the unit."""
    return bool((await uow.execute(select(func.app_is_kept_out(room_id, unit)))).scalar_one())


async def attach(uow: UnitOfWork, room_id: UUID, unit: PoliceUnit) -> bool:
    """Attach a unit; False when it was already.

    Raises:
        DomainError: `threat.unit_excluded`.
    """
    if unit.code in await units(uow, room_id):
        return False
    if await is_kept_out(uow, room_id, unit.code):
        raise DomainError("threat.unit_excluded")
    await uow.execute(
        plain_insert(room_unit)
        .values(
            room_id=room_id,
            unit=unit.code,
            kind=unit.kind,
            attached_at=uow.now,
            attached_by=uow.actor.staff_id,
        )
        .inline()
    )
    return True


async def detach(uow: UnitOfWork, room_id: UUID, unit: str) -> bool:
    """Take a unit away; False when it was not there."""
    gone = await uow.execute(
        delete(room_unit).where(room_unit.c.room_id == room_id, room_unit.c.unit == unit)
    )
    return gone.rowcount == 1


async def add_threat(uow: UnitOfWork, **values: object) -> UUID:
    """One more assessment, in the actor's name and unit."""
    threat_id = row_id(uow.now)
    await uow.execute(
        plain_insert(threat)
        .values(
            threat_id=threat_id,
            assessed_at=uow.now,
            assessed_by=uow.actor.staff_id,
            unit=uow.actor.unit,
            **values,
        )
        .inline()
    )
    return threat_id


async def add_acute(uow: UnitOfWork, **values: object) -> None:
    """From now on somebody else answers for the acute protection."""
    await uow.execute(plain_insert(acute).values(since=uow.now, **values).inline())


async def acute_of(uow: UnitOfWork, subject: SubjectId) -> list[Row[Any]]:
    """Who has answered for the acute protection, newest first."""
    statement = (
        select(acute)
        .where(acute.c.subject_id == subject)
        .order_by(acute.c.since.desc(), acute.c.threat_id.desc())
    )
    return list((await uow.execute(statement)).all())


async def offer(uow: UnitOfWork, **values: object) -> None:
    """The police end the acute protection."""
    own = {"protection_id": row_id(uow.now), "offered_by": uow.actor.staff_id}
    await uow.execute(plain_insert(handover).values(offered_at=uow.now, **own, **values).inline())


async def handovers(uow: UnitOfWork, subject: SubjectId) -> list[Row[Any]]:
    """The acute protection given to the municipality, newest first."""
    statement = (
        select(handover)
        .where(handover.c.subject_id == subject)
        .order_by(handover.c.offered_at.desc(), handover.c.protection_id.desc())
    )
    return list((await uow.execute(statement)).all())


async def confirm(uow: UnitOfWork, protection_id: UUID, responsible: UUID) -> None:
    """The municipality has it; once."""
    await changed_one(
        uow,
        update(handover)
        .where(handover.c.protection_id == protection_id, handover.c.confirmed_at.is_(None))
        .values(confirmed_at=uow.now, confirmed_by=uow.actor.staff_id, responsible=responsible),
    )


async def newest_threats(uow: UnitOfWork, subjects: Sequence[UUID]) -> dict[SubjectId, Row[Any]]:
    """The assessment that counts, of each subject that has one."""
    statement = (
        select(threat)
        .ext(distinct_on(threat.c.subject_id))
        .where(threat.c.subject_id.in_(subjects))
        .order_by(threat.c.subject_id, threat.c.assessed_at.desc(), threat.c.threat_id.desc())
    )
    return {SubjectId(row.subject_id): row for row in await uow.execute(statement)}


async def questions(uow: UnitOfWork, subject: SubjectId) -> list[Row[Any]]:
    """All questions, newest first."""
    statement = (
        select(question)
        .where(question.c.subject_id == subject)
        .order_by(question.c.asked_at.desc(), question.c.question_id.desc())
    )
    return list((await uow.execute(statement)).all())


async def open_questions(uow: UnitOfWork, subjects: Sequence[UUID]) -> list[Row[Any]]:
    """Unanswered questions of these subjects."""
    statement = select(question).where(
        question.c.subject_id.in_(subjects), question.c.answered_at.is_(None)
    )
    return list((await uow.execute(statement)).all())


async def threat_questions(uow: UnitOfWork, subjects: Sequence[UUID]) -> list[Row[Any]]:
    """All threat questions of these subjects, newest first."""
    statement = (
        select(question)
        .where(question.c.subject_id.in_(subjects), question.c.kind == "threat")
        .order_by(question.c.asked_at.desc(), question.c.question_id.desc())
    )
    return list((await uow.execute(statement)).all())


async def ask(
    uow: UnitOfWork,
    asked_in: Row[Any],
    kind: QuestionKind,
    unit: str,
    authority: AuthorityCode | None,
) -> UUID:
    """Put a question; the one that waits already when there is one."""
    for waiting in await open_questions(uow, [asked_in.subject_id]):
        if (waiting.kind, waiting.unit, waiting.authority) == (kind, unit, authority):
            return UUID(str(waiting.question_id))
    question_id = row_id(uow.now)
    await uow.execute(
        plain_insert(question)
        .values(
            question_id=question_id,
            room_id=asked_in.room_id,
            subject_id=asked_in.subject_id,
            kind=kind,
            unit=unit,
            authority=authority,
            asked_at=uow.now,
            asked_by=uow.actor.staff_id,
        )
        .inline()
    )
    return question_id


async def answer(uow: UnitOfWork, question_id: UUID, given: Answer | None) -> None:
    """Answer once."""
    await changed_one(
        uow,
        update(question)
        .where(question.c.question_id == question_id, question.c.answered_at.is_(None))
        .values(answer=given, answered_at=uow.now, answered_by=uow.actor.staff_id),
    )


async def every_level(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """All assessments, oldest first: for the worker's counting."""
    columns = threat.c.subject_id, threat.c.level, threat.c.assessed_at
    statement = select(*columns).order_by(threat.c.assessed_at, threat.c.threat_id)
    return (await uow.execute(statement)).all()


async def answered_threat_requests(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """When each answered request was asked and answered: for the worker's counting."""
    statement = select(question.c.subject_id, question.c.asked_at, question.c.answered_at).where(
        question.c.kind == "threat", question.c.answered_at.is_not(None)
    )
    return (await uow.execute(statement)).all()


async def put_paper(uow: UnitOfWork, **values: object) -> None:
    """One more paper; it replaces the one before of its kind."""
    await uow.execute(
        plain_insert(paper).values(put_at=uow.now, put_by=uow.actor.staff_id, **values).inline()
    )


async def share_papers(uow: UnitOfWork, subject: SubjectId, until: date | None) -> None:
    """Let the police read every paper until then; None: blank them, only the words given stay."""
    kept = paper.c.subject_id == subject, paper.c.sealed.is_not(None)
    values: dict[str, object] = {"sealed": None} if until is None else {"shared_until": until}
    await uow.execute(update(paper).where(*kept).values(values))


async def newest_papers(uow: UnitOfWork, subjects: Sequence[UUID]) -> list[Row[Any]]:
    """The paper that counts, of each subject and kind."""
    statement = (
        select(paper)
        .ext(distinct_on(paper.c.subject_id, paper.c.kind))
        .where(paper.c.subject_id.in_(subjects))
        .order_by(paper.c.subject_id, paper.c.kind, paper.c.number.desc())
    )
    return list((await uow.execute(statement)).all())


async def papers(uow: UnitOfWork, subject: SubjectId, kind: str) -> list[Row[Any]]:
    """Every paper of a kind, newest first."""
    statement = (
        select(paper)
        .where(paper.c.subject_id == subject, paper.c.kind == kind)
        .order_by(paper.c.number.desc())
    )
    return list(await uow.execute(statement))


async def sign_paper(uow: UnitOfWork, paper_id: UUID, word: PaperWord) -> None:
    """The police's word, once."""
    await changed_one(
        uow,
        update(paper)
        .where(
            paper.c.paper_id == paper_id, paper.c.given_at.is_(None), paper.c.sealed.is_not(None)
        )
        .values(word=word, given_at=uow.now, given_by=uow.actor.staff_id),
    )
