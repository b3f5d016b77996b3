"""Sign-ins under way and sessions, in PostgreSQL: any web process of the node knows them all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    TIMESTAMP,
    Column,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.auth.person import Person
from shared.actor import Actor
from shared.db import UnitOfWork, metadata
from shared.ids import AuthorityCode, StaffId

_at = TIMESTAMP(timezone=True)

web_sign_in = Table(
    "web_sign_in",
    metadata,
    Column("state_hash", LargeBinary, primary_key=True),
    Column("browser_hash", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("began_at", _at, nullable=False, index=True),
)

web_session = Table(
    "web_session",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("sid", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("staff_id", Uuid, nullable=False, index=True),
    Column("home", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("unit", Text),
    Column("sealed", LargeBinary, nullable=False),
    Column("began_at", _at, nullable=False, index=True),
    Column("seen_at", _at, nullable=False),
    Column("checked_at", _at, nullable=False),
    Column("asking_until", _at),
)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A row of `web_session`, its actor put together."""

    id_hash: bytes
    sid: str
    subject: str
    actor: Actor
    sealed: bytes
    began_at: datetime
    seen_at: datetime
    checked_at: datetime


async def add_sign_in(
    uow: UnitOfWork, state_hash: bytes, browser_hash: bytes, sealed: bytes, now: datetime
) -> None:
    """Remember a sign-in that leaves for Keycloak."""
    values = {"state_hash": state_hash, "browser_hash": browser_hash, "sealed": sealed}
    await uow.execute(insert(web_sign_in).values(**values, began_at=now))


async def take_sign_in(
    uow: UnitOfWork, state_hash: bytes, browser_hash: bytes, after: datetime
) -> bytes | None:
    """Its sealed content, once; None where the state is unknown, used, old or another browser's."""
    taken = await uow.execute(
        delete(web_sign_in)
        .where(
            web_sign_in.c.state_hash == state_hash,
            web_sign_in.c.browser_hash == browser_hash,
            web_sign_in.c.began_at > after,
        )
        .returning(web_sign_in.c.sealed)
    )
    row = taken.one_or_none()
    return None if row is None else bytes(row.sealed)


async def sweep(uow: UnitOfWork, sign_ins_before: datetime, sessions_before: datetime) -> None:
    """Delete what is over by age."""
    await uow.execute(delete(web_sign_in).where(web_sign_in.c.began_at < sign_ins_before))
    await uow.execute(delete(web_session).where(web_session.c.began_at < sessions_before))


async def add_session(
    uow: UnitOfWork,
    id_hash: bytes,
    sid: str,
    subject: str,
    actor: Actor,
    sealed: bytes,
    now: datetime,
) -> None:
    """A new session, just confirmed by the realm."""
    await uow.execute(
        insert(web_session).values(
            id_hash=id_hash,
            sid=sid,
            subject=subject,
            staff_id=actor.staff_id,
            home=actor.home,
            display_name=actor.display_name,
            roles=sorted(actor.roles),
            unit=actor.unit,
            sealed=sealed,
            began_at=now,
            seen_at=now,
            checked_at=now,
        )
    )


async def load_session(
    uow: UnitOfWork, id_hash: bytes, authority: AuthorityCode
) -> StoredSession | None:
    """The session of this cookie, if there is one."""
    found = await uow.execute(select(web_session).where(web_session.c.id_hash == id_hash))
    row = found.one_or_none()
    return None if row is None else _session(row, authority)


async def touch(uow: UnitOfWork, id_hash: bytes, now: datetime) -> None:
    """Note that the person is there."""
    await uow.execute(
        update(web_session).where(web_session.c.id_hash == id_hash).values(seen_at=now)
    )


async def claim_check(
    uow: UnitOfWork, session: StoredSession, now: datetime, for_: timedelta
) -> bool:
    """Whether this request is the one that asks the realm."""
    claimed = await uow.execute(
        update(web_session)
        .where(
            web_session.c.id_hash == session.id_hash,
            web_session.c.checked_at == session.checked_at,
            or_(web_session.c.asking_until.is_(None), web_session.c.asking_until < now),
        )
        .values(asking_until=now + for_)
    )
    return claimed.rowcount == 1


async def confirm(
    uow: UnitOfWork, id_hash: bytes, actor: Actor, sealed: bytes, now: datetime
) -> bool:
    """Keep what the realm said; False where the session was ended meanwhile."""
    kept = await uow.execute(
        update(web_session)
        .where(web_session.c.id_hash == id_hash)
        .values(
            display_name=actor.display_name,
            roles=sorted(actor.roles),
            unit=actor.unit,
            sealed=sealed,
            checked_at=now,
            asking_until=None,
        )
    )
    return kept.rowcount == 1


async def ask_again_after(uow: UnitOfWork, id_hash: bytes, at: datetime) -> None:
    """The realm did not answer; nobody asks before this."""
    await uow.execute(
        update(web_session).where(web_session.c.id_hash == id_hash).values(asking_until=at)
    )


async def end_session(uow: UnitOfWork, id_hash: bytes) -> bool:
    """Delete the session; False where there was none."""
    ended = await uow.execute(delete(web_session).where(web_session.c.id_hash == id_hash))
    return ended.rowcount == 1


async def end_by_sid(uow: UnitOfWork, sid: str, subject: str) -> int:
    """Delete the sessions that belong to a realm's session; how many."""
    ended = await uow.execute(
        delete(web_session).where(web_session.c.sid == sid, web_session.c.subject == subject)
    )
    return ended.rowcount


async def end_by_staff(uow: UnitOfWork, staff_id: StaffId) -> int:
    """Delete all of a person's sessions; how many."""
    ended = await uow.execute(delete(web_session).where(web_session.c.staff_id == staff_id))
    return ended.rowcount


def is_same_right(actor: Actor, person: Person) -> bool:
    """Whether a stored actor still has what the realm now says."""
    return (actor.roles, actor.unit, actor.home, actor.display_name) == (
        person.roles,
        person.unit,
        person.home,
        person.display_name,
    )


def _session(row: Row[tuple[object, ...]], authority: AuthorityCode) -> StoredSession:
    actor = Actor(
        staff_id=StaffId(row.staff_id),
        authority=authority,
        home=AuthorityCode(row.home),
        roles=frozenset(row.roles),
        unit=row.unit,
        display_name=row.display_name,
    )
    return StoredSession(
        id_hash=bytes(row.id_hash),
        sid=row.sid,
        subject=row.subject,
        actor=actor,
        sealed=bytes(row.sealed),
        began_at=row.began_at,
        seen_at=row.seen_at,
        checked_at=row.checked_at,
    )
