"""Documents and their pieces; explained column by column in migration 0009."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    delete,
    insert,
    select,
)

from shared.db import UnitOfWork, metadata
from shared.ids import AuthorityCode, CaseId

document = Table(
    "document",
    metadata,
    Column("document_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_header.case_id"), nullable=False),
    Column("section", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("added_by", Uuid, nullable=False),
    Column("came_from", Text),
    UniqueConstraint("case_id", "document_id", name="document_of_case"),
)
piece = Table(
    "document_piece",
    metadata,
    Column("document_id", Uuid, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("document_id", "number", name="document_piece_pkey"),
    ForeignKeyConstraint(
        ["case_id", "document_id"],
        ["document.case_id", "document.document_id"],
        name="document_piece_of_document",
    ),
)
Record = Row[Any]
_AT_ONCE = 16
"""Pieces in one statement: 4 MiB on its way to the database at a time."""


async def add(uow: UnitOfWork, **values: object) -> None:
    """One more document."""
    await uow.execute(insert(document).values(**values).inline())


async def add_pieces(
    uow: UnitOfWork, case_id: CaseId, document_id: UUID, sealed: Sequence[bytes], first: int = 0
) -> None:
    """Its content from piece `first` on."""
    for start in range(0, len(sealed), _AT_ONCE):
        await uow.execute(
            insert(piece).inline(),
            [
                {
                    "document_id": document_id,
                    "case_id": case_id,
                    "number": first + start + number,
                    "sealed": one,
                }
                for number, one in enumerate(sealed[start : start + _AT_ONCE])
            ],
        )


async def erase(uow: UnitOfWork, case_id: CaseId, ids: Sequence[UUID]) -> int:
    """Take these away, their content first; how many there were."""
    await uow.execute(delete(piece).where(piece.c.case_id == case_id, piece.c.document_id.in_(ids)))
    gone = await uow.execute(
        delete(document).where(document.c.case_id == case_id, document.c.document_id.in_(ids))
    )
    return gone.rowcount


async def came_from(uow: UnitOfWork, case_id: CaseId, authority: AuthorityCode) -> list[UUID]:
    """Those that another municipality sent along."""
    statement = select(document.c.document_id).where(
        document.c.case_id == case_id, document.c.came_from == authority
    )
    return list((await uow.execute(statement)).scalars())


async def listed(uow: UnitOfWork, case_id: CaseId) -> Sequence[Record]:
    """All of a case, newest first."""
    statement = select(document).where(document.c.case_id == case_id)
    order = (document.c.added_at.desc(), document.c.document_id)
    return (await uow.execute(statement.order_by(*order))).all()


async def find(uow: UnitOfWork, case_id: CaseId, document_id: UUID) -> Record | None:
    """One of a case, unless row security hides it."""
    statement = select(document).where(
        document.c.case_id == case_id, document.c.document_id == document_id
    )
    return (await uow.execute(statement)).one_or_none()


async def sealed_pieces(
    uow: UnitOfWork, document_id: UUID, numbers: Iterable[int]
) -> Sequence[Record]:
    """Some of its pieces, in order."""
    statement = (
        select(piece.c.number, piece.c.sealed)
        .where(piece.c.document_id == document_id, piece.c.number.in_(list(numbers)))
        .order_by(piece.c.number)
    )
    return (await uow.execute(statement)).all()
