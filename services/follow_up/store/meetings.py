"""Joint follow-ups, their minutes and signatures; explained column by column in the migration."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.db import UnitOfWork, changed_one, conflict_when, metadata

Record = Row[Any]

meeting = Table(
    "follow_up_meeting",
    metadata,
    Column("meeting_id", Uuid, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("police_unit", Text, nullable=False),
    Column("policy_from", Date, nullable=False),
    Column("policy_sha256", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("held_on", Date),
    Column("sealed_at", DateTime(timezone=True)),
    Column("sealed_number", Integer),
    Column("sealed_sha256", Text),
    Column("jws", Text),
)
Index(
    "follow_up_meeting_open",
    meeting.c.police_unit,
    unique=True,
    postgresql_where=meeting.c.sealed_at.is_(None),
)
minutes = Table(
    "follow_up_minutes",
    metadata,
    Column("meeting_id", Uuid, ForeignKey("follow_up_meeting.meeting_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("written_by", Uuid, nullable=False),
    PrimaryKeyConstraint("meeting_id", "number", name="follow_up_minutes_pkey"),
)
signature = Table(
    "follow_up_signature",
    metadata,
    Column("meeting_id", Uuid, ForeignKey("follow_up_meeting.meeting_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("party", Text, nullable=False),
    Column("signed_at", DateTime(timezone=True), nullable=False),
    Column("signed_by", Uuid, nullable=False),
    PrimaryKeyConstraint("meeting_id", "number", "party", name="follow_up_signature_pkey"),
    UniqueConstraint("meeting_id", "number", "signed_by", name="follow_up_signature_two"),
    ForeignKeyConstraint(
        ["meeting_id", "number"],
        ["follow_up_minutes.meeting_id", "follow_up_minutes.number"],
        name="follow_up_signature_of",
    ),
)
law_change = Table(
    "follow_up_law_change",
    metadata,
    Column("change_id", Uuid, primary_key=True),
    Column("what", Text, nullable=False),
    Column("in_force_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Uuid, nullable=False),
)
reminded = Table(
    "follow_up_reminded",
    metadata,
    Column("key", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reminded_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("key", "stage", name="follow_up_reminded_pkey"),
)
conflict_when("follow_up_meeting_open", "follow_up.open_already")
conflict_when("follow_up_minutes_pkey", "db.changed_meanwhile")
conflict_when("follow_up_signature_pkey", "minutes.party_has_signed")


async def meetings(uow: UnitOfWork) -> Sequence[Record]:
    """All that the actor may see, newest first."""
    order = (meeting.c.year.desc(), meeting.c.opened_at.desc())
    return (await uow.execute(select(meeting).order_by(*order))).all()


async def find(uow: UnitOfWork, meeting_id: UUID, *, lock: bool = False) -> Record | None:
    """One, unless row security hides it."""
    statement = select(meeting).where(meeting.c.meeting_id == meeting_id)
    if lock:
        statement = statement.with_for_update()
    return (await uow.execute(statement)).one_or_none()


async def newest_minutes(uow: UnitOfWork, meeting_id: UUID) -> Record:
    """The version that counts."""
    statement = (
        select(minutes)
        .where(minutes.c.meeting_id == meeting_id)
        .order_by(minutes.c.number.desc())
        .limit(1)
    )
    return (await uow.execute(statement)).one()


async def signatures(uow: UnitOfWork, meeting_id: UUID) -> Sequence[Record]:
    """All signatures, under whichever version, oldest first."""
    statement = (
        select(signature)
        .where(signature.c.meeting_id == meeting_id)
        .order_by(signature.c.number, signature.c.signed_at)
    )
    return (await uow.execute(statement)).all()


async def seal(
    uow: UnitOfWork,
    meeting_id: UUID,
    *,
    number: int,
    held_on: date,
    sealed_at: datetime,
    sha256: str,
    jws: str,
) -> None:
    """Close it for ever."""
    await changed_one(
        uow,
        update(meeting)
        .where(meeting.c.meeting_id == meeting_id, meeting.c.sealed_at.is_(None))
        .values(
            held_on=held_on,
            sealed_at=sealed_at,
            sealed_number=number,
            sealed_sha256=sha256,
            jws=jws,
        ),
    )


async def law_changes(uow: UnitOfWork) -> Sequence[Record]:
    """Those that somebody has entered, oldest first."""
    order = (law_change.c.in_force_on, law_change.c.change_id)
    return (await uow.execute(select(law_change).order_by(*order))).all()


async def remind(uow: UnitOfWork, key: str, stage: str) -> bool:
    """Whether this is the first time for this stage."""
    statement = (
        upsert(reminded).values(key=key, stage=stage, reminded_at=uow.now).on_conflict_do_nothing()
    )
    return (await uow.execute(statement)).rowcount == 1


async def reminded_keys(uow: UnitOfWork) -> set[str]:
    """Whatever has been reminded of."""
    return set((await uow.execute(select(reminded.c.key).distinct())).scalars())
