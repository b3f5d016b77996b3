"""The directory's rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.directory.domain import Directory, Entry, SignedDirectory, encode, entry_digest
from shared.db import UnitOfWork, changed_one, conflict_when, metadata
from shared.db.cards import card
from shared.ids import AuthorityCode, StaffId
from shared.inbox.tables import inbox

KIND = "directory"

directory_version = Table(
    "directory_version",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("root", Text, nullable=False),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
)

directory_entry = Table(
    "directory_entry",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("authority", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

directory_confirmation = Table(
    "directory_confirmation",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("confirmed_on", Date, nullable=False),
    Column("confirmed_by", Uuid, nullable=False),
    Column("spoken_with", Text, nullable=False),
)

directory_meeting = Table(
    "directory_meeting",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("held_on", Date, nullable=False),
    Column("recorded_by", Uuid, nullable=False),
    Column("confirmed_by", Uuid),
)

conflict_when("directory_confirmation_pkey", "directory.confirmed_already")
conflict_when("directory_meeting_pkey", "directory.meeting_recorded_already")


async def newest_version(uow: UnitOfWork) -> int | None:
    """The highest version accepted; None where none came since set-up."""
    result = await uow.execute(select(func.max(directory_version.c.version)))
    version: int | None = result.scalar_one()
    return version


async def load(uow: UnitOfWork, version: int) -> SignedDirectory:
    """The list of that version with every entry that is kept; unchecked."""
    root = (
        await uow.execute(
            select(directory_version.c.root).where(directory_version.c.version == version)
        )
    ).scalar_one()
    rows = (await uow.execute(select(directory_entry.c.content))).scalars()
    return SignedDirectory(root, tuple(msgspec.json.decode(row, type=Entry) for row in rows))


async def keep(uow: UnitOfWork, directory: Directory) -> None:
    """Keep an accepted directory; entries that are kept already are left as they are."""
    entries = [
        {"sha256": entry_digest(entry), "authority": code, "content": encode(entry)}
        for code, entry in directory.entries.items()
    ]
    await uow.execute(insert(directory_entry).on_conflict_do_nothing(), entries)
    await uow.execute(
        insert(directory_version).on_conflict_do_nothing(),
        {"version": directory.version, "root": directory.root_jws, "accepted_at": uow.wall},
    )


async def untold_refusals(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """Lists that were refused here and that nobody has been told of."""
    told = select(card.c.id).where(
        card.c.kind == "directory.refused", card.c.subject_id == inbox.c.message_id
    )
    result = await uow.execute(
        select(inbox.c.message_id, inbox.c.refusal_code).where(
            inbox.c.kind == KIND, inbox.c.outcome == "refused", ~told.exists()
        )
    )
    return result.all()


async def confirmations(uow: UnitOfWork) -> frozenset[tuple[AuthorityCode, str]]:
    """Every fingerprint that was confirmed by telephone."""
    rows = await uow.execute(
        select(directory_confirmation.c.authority, directory_confirmation.c.fingerprint)
    )
    return frozenset((AuthorityCode(row.authority), row.fingerprint) for row in rows)


async def add_confirmation(
    uow: UnitOfWork,
    authority: AuthorityCode,
    fingerprint: str,
    confirmed_on: date,
    spoken_with: str,
) -> None:
    """Keep that the actor made the call.

    Raises:
        Conflict: `directory.confirmed_already`.
    """
    await uow.execute(
        insert(directory_confirmation).values(
            authority=authority,
            fingerprint=fingerprint,
            confirmed_on=confirmed_on,
            confirmed_by=uow.actor.staff_id,
            spoken_with=spoken_with,
        )
    )


async def meetings(uow: UnitOfWork) -> frozenset[tuple[AuthorityCode, str]]:
    """Keys compared at a meeting that both persons have recorded."""
    rows = await uow.execute(
        select(directory_meeting.c.authority, directory_meeting.c.fingerprint).where(
            directory_meeting.c.confirmed_by.is_not(None)
        )
    )
    return frozenset((AuthorityCode(row.authority), row.fingerprint) for row in rows)


async def open_meetings(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """Meetings that wait for the second person."""
    result = await uow.execute(
        select(directory_meeting).where(directory_meeting.c.confirmed_by.is_(None))
    )
    return result.all()


async def add_meeting(
    uow: UnitOfWork, authority: AuthorityCode, fingerprint: str, held_on: date
) -> None:
    """Keep the first person's record.

    Raises:
        Conflict: `directory.meeting_recorded_already`.
    """
    await uow.execute(
        insert(directory_meeting).values(
            authority=authority,
            fingerprint=fingerprint,
            held_on=held_on,
            recorded_by=uow.actor.staff_id,
        )
    )


async def recorded_by(
    uow: UnitOfWork, authority: AuthorityCode, fingerprint: str
) -> StaffId | None:
    """Who recorded the meeting first."""
    result = await uow.execute(
        select(directory_meeting.c.recorded_by).where(
            directory_meeting.c.authority == authority,
            directory_meeting.c.fingerprint == fingerprint,
        )
    )
    staff_id: StaffId | None = result.scalar_one_or_none()
    return staff_id


async def confirm_meeting(uow: UnitOfWork, authority: AuthorityCode, fingerprint: str) -> None:
    """Keep the second person's word.

    Raises:
        Conflict: `db.changed_meanwhile`, confirmed already.
    """
    await changed_one(
        uow,
        update(directory_meeting)
        .where(
            directory_meeting.c.authority == authority,
            directory_meeting.c.fingerprint == fingerprint,
            directory_meeting.c.confirmed_by.is_(None),
        )
        .values(confirmed_by=uow.actor.staff_id),
    )
