"""The log's tables: reading what is not sealed, writing links and checkpoints."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.audit.domain import Checkpoint, Entry, Link, Sealed
from shared.db import UnitOfWork, metadata
from shared.db.audit import audit_entry
from shared.db.sql import IDS, XID8, sql
from shared.ids import AuthorityCode

audit_seal = Table(
    "audit_seal",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", Uuid, ForeignKey("audit_entry.id"), nullable=False, unique=True),
    Column("case_id", Uuid),
    Column("case_number", BigInteger),
    Column("hash", LargeBinary, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("case_id", "case_number", name="audit_seal_case_number"),
)

audit_sealer = Table(
    "audit_sealer",
    metadata,
    Column("is_row", Boolean, primary_key=True, server_default=text("true")),
    Column("through", XID8, nullable=False),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column(
        "number", BigInteger, ForeignKey("audit_seal.number"), primary_key=True, autoincrement=False
    ),
    Column("hash", LargeBinary, nullable=False),
    Column("signed_at", DateTime(timezone=True), nullable=False),
    Column("jws", Text, nullable=False),
)

audit_witnessed = Table(
    "audit_witnessed",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("jws", Text, nullable=False),
    Column("witnessed_at", DateTime(timezone=True), nullable=False),
)

audit_review = Table(
    "audit_review",
    metadata,
    Column("review_id", Uuid, primary_key=True),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("reviewed_by", Uuid, nullable=False),
    Column("reviewed_at", DateTime(timezone=True), nullable=False),
)

# Of its own, since row security shows it to fewer.
audit_review_outcome = Table(
    "audit_review_outcome",
    metadata,
    Column("review_id", Uuid, ForeignKey("audit_review.review_id"), primary_key=True),
    Column("outcome", Text, nullable=False),
)

# One sealer at a time; any constant of our own. Released with the transaction.
_LOCK = sql("select pg_try_advisory_xact_lock(7310579621)")
_BOUNDS = sql("""
    select cast(through as text) as through,
           cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as below,
           through > pg_snapshot_xmin(pg_current_snapshot()) as is_restored
    from audit_sealer
""")
_ENTRY = "e.id, e.at, e.actor_id, e.home, e.roles, e.unit, e.action, e.case_id, e.reason, e.facts"
# The window holds few rows; the anti-join is what makes a crash between two writes impossible to
# tell from none. After a restore into a new cluster transaction ids begin anew: then all are asked.
_UNSEALED = sql(f"""
    select {_ENTRY}, cast(e.xid as text) as xid from audit_entry e
    where (:is_restored or (e.xid >= cast(cast(:through as text) as xid8)
                            and e.xid < cast(cast(:below as text) as xid8)))
      and not exists (select from audit_seal s where s.entry_id = e.id)
    order by e.xid, e.id limit :batch
""")  # noqa: S608 - constants of this file
_CASE_HEADS = sql(
    "select case_id, max(case_number) as last from audit_seal"
    " where case_id = any(:cases) group by case_id",
    cases=IDS,
)
_MOVE = sql("update audit_sealer set through = cast(cast(:through as text) as xid8)")
_ROWS = sql(f"""
    select s.number, s.case_number, s.hash, {_ENTRY} from audit_seal s
    left join audit_entry e on e.id = s.entry_id
    where s.number > :after order by s.number limit :batch
""")  # noqa: S608 - constants of this file
_WAITING = sql("""
    select count(*) from audit_entry e
    where e.xid >= (select through from audit_sealer)
      and not exists (select from audit_seal s where s.entry_id = e.id)
""")


class Unsealed(NamedTuple):
    """A batch to seal.

    Args:
        through: how far the sealer has come once these are sealed.
    """

    entries: list[Entry]
    through: str


async def try_lock(uow: UnitOfWork) -> bool:
    """Become the one sealer for this transaction, unless another is."""
    return bool((await uow.execute(_LOCK)).scalar_one())


async def unsealed(uow: UnitOfWork, batch: int) -> Unsealed:
    """The next committed entries, in the order of their transactions."""
    bounds = (await uow.execute(_BOUNDS)).one()
    facts = {
        "through": bounds.through,
        "below": bounds.below,
        "is_restored": bounds.is_restored,
        "batch": batch,
    }
    rows = (await uow.execute(_UNSEALED, facts)).all()
    is_all = len(rows) < batch
    return Unsealed([_entry(row) for row in rows], bounds.below if is_all else rows[-1].xid)


async def head(uow: UnitOfWork) -> Link | None:
    """The chain's last link."""
    found = await uow.execute(select(audit_seal).order_by(audit_seal.c.number.desc()).limit(1))
    row = found.one_or_none()
    return None if row is None else Link(row.number, row.case_number, row.hash)


async def case_heads(uow: UnitOfWork, cases: Iterable[UUID]) -> dict[UUID, int]:
    """The last number in the log of each of these cases."""
    rows = await uow.execute(_CASE_HEADS, {"cases": sorted(set(cases))})
    return {row.case_id: row.last for row in rows}


async def seal(
    uow: UnitOfWork, entries: Sequence[Entry], links: Sequence[Link], through: str
) -> None:
    """Write the links, and how far this went."""
    if entries:
        await uow.execute(
            insert(audit_seal).inline(),
            [
                {
                    "number": link.number,
                    "entry_id": entry.id,
                    "case_id": entry.case_id,
                    "case_number": link.case_number,
                    "hash": link.hash,
                    "sealed_at": uow.wall,
                }
                for entry, link in zip(entries, links, strict=True)
            ],
        )
    await uow.execute(_MOVE, {"through": through})


async def sealed_after(uow: UnitOfWork, number: int, batch: int) -> list[Sealed]:
    """The chain, a page at a time."""
    rows = (await uow.execute(_ROWS, {"after": number, "batch": batch})).all()
    return [
        Sealed(None if row.id is None else _entry(row), Link(row.number, row.case_number, row.hash))
        for row in rows
    ]


async def waiting(uow: UnitOfWork) -> int:
    """How many committed entries are not sealed yet; for health."""
    return int((await uow.execute(_WAITING)).scalar_one())


async def last_checkpoint(uow: UnitOfWork) -> Row[Any] | None:
    """The newest of our own."""
    found = await uow.execute(
        select(audit_checkpoint).order_by(audit_checkpoint.c.number.desc()).limit(1)
    )
    return found.one_or_none()


async def add_checkpoint(uow: UnitOfWork, link: Link, signed_at: datetime, jws: str) -> None:
    """Keep one of our own."""
    await uow.execute(
        insert(audit_checkpoint)
        .inline()
        .values(number=link.number, hash=link.hash, signed_at=signed_at, jws=jws)
    )


async def own_checkpoints(uow: UnitOfWork) -> list[Checkpoint]:
    """All of our own."""
    rows = await uow.execute(select(audit_checkpoint.c.number, audit_checkpoint.c.hash))
    return [Checkpoint(row.number, row.hash) for row in rows]


async def witnessed(uow: UnitOfWork, authority: AuthorityCode) -> list[Row[Any]]:
    """What we keep of another authority's log, oldest first."""
    rows = await uow.execute(
        select(audit_witnessed)
        .where(audit_witnessed.c.authority == authority)
        .order_by(audit_witnessed.c.number)
    )
    return list(rows.all())


async def last_witnessed(uow: UnitOfWork, authority: AuthorityCode) -> Row[Any] | None:
    """The furthest place that another authority has signed."""
    rows = await uow.execute(
        select(audit_witnessed)
        .where(audit_witnessed.c.authority == authority)
        .order_by(audit_witnessed.c.number.desc())
        .limit(1)
    )
    return rows.one_or_none()


async def add_witnessed(
    uow: UnitOfWork, authority: AuthorityCode, checkpoint: Checkpoint, jws: str
) -> None:
    """Keep another authority's checkpoint; the same one twice is one."""
    await uow.execute(
        upsert(audit_witnessed)
        .values(
            authority=authority,
            number=checkpoint.number,
            hash=checkpoint.hash,
            jws=jws,
            witnessed_at=uow.wall,
        )
        .on_conflict_do_nothing()
    )


async def entries(
    uow: UnitOfWork, *, since: datetime, until: datetime, case_id: UUID | None, limit: int
) -> list[Entry]:
    """What the actor may see of the log, newest first."""
    query = (
        select(audit_entry)
        .where(audit_entry.c.at >= since, audit_entry.c.at < until)
        .order_by(audit_entry.c.at.desc(), audit_entry.c.id.desc())
        .limit(limit)
    )
    if case_id is not None:
        query = query.where(audit_entry.c.case_id == case_id)
    return [_entry(row) for row in (await uow.execute(query)).all()]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.id,
        row.at,
        row.actor_id,
        row.home,
        row.roles,
        row.unit,
        row.action,
        row.case_id,
        row.reason,
        row.facts,
    )


async def add_review(uow: UnitOfWork, review_id: UUID, outcome: str, **values: object) -> None:
    """One more that was done, and what came of it."""
    await uow.execute(insert(audit_review).values(review_id=review_id, **values).inline())
    of_it = {"review_id": review_id, "outcome": outcome}
    await uow.execute(insert(audit_review_outcome).values(**of_it).inline())


async def reviews(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """All that were done, newest first."""
    statement = select(audit_review).order_by(
        audit_review.c.reviewed_at.desc(), audit_review.c.review_id.desc()
    )
    return (await uow.execute(statement)).all()


async def review_outcomes(uow: UnitOfWork) -> dict[UUID, Any]:
    """What came of each; empty for who may not know it."""
    rows = await uow.execute(select(audit_review_outcome))
    return {row.review_id: row.outcome for row in rows}
