"""Cards: what a person should look at. They say that something is so, not about whom."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Table, Text, Uuid, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.engine import RowMapping

from shared.db.schema import metadata
from shared.db.work import UnitOfWork, changed_one
from shared.errors import Fact
from shared.ids import row_id

card = Table(
    "card",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("subject_id", Uuid),
    Column("case_id", Uuid),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("done_at", DateTime(timezone=True)),
    Column("done_by", Uuid),
)
Index(
    "card_once_idx",
    card.c.kind,
    card.c.audience,
    card.c.subject_id,
    unique=True,
    postgresql_where=card.c.done_at.is_(None),
    postgresql_nulls_not_distinct=True,
)


# Made once: building it anew costs more than running it.
_ADD = insert(card).on_conflict_do_nothing().inline()


async def add_card(
    uow: UnitOfWork,
    kind: str,
    audience: str,
    *,
    subject: UUID | None = None,
    case_id: UUID | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> bool:
    """Ask for a person's attention; nothing happens where the same card is still open.

    Args:
        kind: dotted (`exchange.refused`); its Swedish text is in `gateway/texts.py`.
        audience: the role that sees it.
        subject: the case, handover or conversation it is about.
        case_id: if set, only members of this case see it.
        facts: codes and counts; no personal data.

    Returns:
        Whether it is a new one.
    """
    result = await uow.execute(
        insert(card)
        .values(
            id=row_id(uow.now),
            kind=kind,
            audience=audience,
            subject_id=subject,
            case_id=case_id,
            facts=dict(facts or {}),
            created_at=uow.now,
        )
        .on_conflict_do_nothing()
    )
    return result.rowcount == 1


async def add_cards(
    uow: UnitOfWork,
    kind: str,
    audiences: Iterable[str],
    *,
    subject: UUID,
    facts: Mapping[str, Fact] | None = None,
) -> None:
    """The same card for several roles, in one statement; those that have it still open keep it."""
    rows = [
        {
            "id": row_id(uow.now),
            "kind": kind,
            "audience": audience,
            "subject_id": subject,
            "case_id": None,
            "facts": dict(facts or {}),
            "created_at": uow.now,
        }
        for audience in sorted(set(audiences))  # in one order for all: two could deadlock
    ]
    if rows:
        await uow.execute(_ADD, rows)


async def open_cards(uow: UnitOfWork) -> list[RowMapping]:
    """The cards that the actor sees and nobody has seen to, oldest first."""
    rows = await uow.execute(select(card).where(card.c.done_at.is_(None)).order_by(card.c.id))
    return list(rows.mappings())


async def finish_card(uow: UnitOfWork, card_id: UUID) -> None:
    """Note that the actor has seen to it.

    Raises:
        Conflict: `db.changed_meanwhile`: somebody else has, or it is not the actor's to see.
    """
    await changed_one(
        uow,
        update(card)
        .where(card.c.id == card_id, card.c.done_at.is_(None))
        .values(done_at=uow.now, done_by=uow.actor.staff_id),
    )


async def finish_cards_about(uow: UnitOfWork, kind: str, subject: UUID) -> int:
    """What the card asked for has been done by other means; how many the actor could finish."""
    result = await uow.execute(
        update(card)
        .where(card.c.kind == kind, card.c.subject_id == subject, card.c.done_at.is_(None))
        .values(done_at=uow.now, done_by=uow.actor.staff_id)
    )
    return result.rowcount
