"""Accounts: migration 0003."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Row, Table, Text, UniqueConstraint, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from shared.db import UnitOfWork, metadata
from shared.ids import AuthorityCode, StaffId, random_id

Record = Row[Any]
"""A row as the database gave it."""

account = Table(
    "staff_account",
    metadata,
    Column("staff_id", Uuid, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("unit", Text),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("issuer", "subject", name="staff_account_issuer_subject_key"),
)


async def seen(
    uow: UnitOfWork,
    *,
    issuer: str,
    subject: str,
    home: AuthorityCode,
    display_name: str,
    roles: Sequence[str],
    unit: str | None,
) -> StaffId:
    """The account's id; made, or brought up to what the token says."""
    latest = {
        "home": home,
        "display_name": display_name,
        "roles": list(roles),
        "unit": unit,
        "last_seen_at": uow.wall,
    }
    statement = (
        insert(account)
        .values(
            staff_id=random_id(),
            issuer=issuer,
            subject=subject,
            first_seen_at=uow.wall,
            **latest,
        )
        .on_conflict_do_update(constraint="staff_account_issuer_subject_key", set_=latest)
        .returning(account.c.staff_id)
    )
    return StaffId((await uow.execute(statement)).scalar_one())


async def at_home(uow: UnitOfWork, home: AuthorityCode) -> Sequence[Row[Any]]:
    """Everybody of the authority, by name."""
    statement = (
        select(account)
        .where(account.c.home == home)
        .order_by(account.c.display_name, account.c.staff_id)
    )
    return (await uow.execute(statement)).all()


async def one(uow: UnitOfWork, staff_id: StaffId) -> Row[Any] | None:
    """One account."""
    statement = select(account).where(account.c.staff_id == staff_id)
    return (await uow.execute(statement)).one_or_none()


async def names(uow: UnitOfWork, wanted: Collection[UUID] | None) -> dict[UUID, str]:
    """Display names; of everybody when `wanted` is None."""
    statement = select(account.c.staff_id, account.c.display_name)
    if wanted is not None:
        statement = statement.where(account.c.staff_id.in_(wanted))
    return {row.staff_id: row.display_name for row in await uow.execute(statement)}
