"""Gaps: named once, widened while they last, healed when what they name is here or answered."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from shared.db import UnitOfWork
from shared.db.cards import add_card, finish_cards_about
from shared.db.sql import sql
from shared.digest.tables import gap
from shared.errors import Fact
from shared.ids import AuthorityCode, row_id

CARD = "exchange.gap_named"
LASTING = ("content", "numbers_lost", "hole")
"""Nothing that machines do heals these: a person looks into them and says so."""

# One statement for all sorts: each row says which end must have come how far.
_HEAL = sql("""
    update exchange_gap g set healed_at = :now
    where g.healed_at is null and case
        when g.code in ('lost_here', 'not_arrived') then exists (
            select from conversation_flow f where f.conversation_id = g.conversation_id
              and f.direction = g.direction and f.applied >= g.last_number)
        when g.code in ('lost_there', 'unanswered') then not exists (
            select from outbox o where o.conversation_id = g.conversation_id
              and o.direction = g.direction and o.done_at is null
              and o.number between g.first_number and g.last_number)
        when g.code = 'held_back' then not exists (
            select from inbox i where i.conversation_id = g.conversation_id
              and i.direction = g.direction and i.done_at is null and i.number > 0)
        when g.code = 'silent' then exists (
            select from exchange_peer p where p.peer = g.peer and p.came_at > g.named_at)
        else false end
    returning g.conversation_id
""")


async def name_gap(
    uow: UnitOfWork,
    peer: AuthorityCode,
    conversation: UUID,
    direction: str,
    code: str,
    first: int,
    last: int,
    alarm_role: str,
) -> bool:
    """Name it, with a card for a person; whether it is a new one."""
    row = insert(gap).values(
        id=row_id(uow.wall),
        peer=peer,
        conversation_id=conversation,
        direction=direction,
        code=code,
        first_number=first,
        last_number=last,
        named_at=uow.wall,
    )
    named = await uow.execute(
        row.on_conflict_do_update(
            index_elements=[gap.c.conversation_id, gap.c.direction, gap.c.code],
            index_where=gap.c.healed_at.is_(None),
            set_={"last_number": row.excluded.last_number},
            where=gap.c.last_number < row.excluded.last_number,
        ).returning(gap.c.first_number, gap.c.named_at)
    )
    found = named.one_or_none()
    is_new = found is not None and found.named_at == uow.wall
    if is_new:
        await tell(uow, peer, conversation, code, first, last, alarm_role)
    return is_new


async def tell(
    uow: UnitOfWork,
    peer: AuthorityCode,
    conversation: UUID,
    code: str,
    first: int,
    last: int,
    alarm_role: str,
) -> None:
    """A card for a person, and a line in the log."""
    facts: dict[str, Fact] = {
        "authority": peer,
        "code": code,
        "from_number": first,
        "to_number": last,
    }
    await add_card(uow, CARD, alarm_role, subject=conversation, facts=facts)
    uow.audit(
        "exchange.gap_named",
        conversation=str(conversation),
        authority=peer,
        code=code,
        from_number=first,
        to_number=last,
    )


async def heal_gaps(uow: UnitOfWork) -> int:
    """Note what has healed; how many. A conversation without gaps needs nobody's eye any more."""
    healed = {row.conversation_id for row in await uow.execute(_HEAL, {"now": uow.wall})}
    for conversation in healed:
        await _finish_card(uow, conversation)
    return len(healed)


async def heal_content(uow: UnitOfWork, conversation: UUID, direction: str) -> None:
    """Both ends say the same of this flow again."""
    done = await uow.execute(
        update(gap)
        .where(
            gap.c.conversation_id == conversation,
            gap.c.direction == direction,
            gap.c.code == "content",
            gap.c.healed_at.is_(None),
        )
        .values(healed_at=uow.wall)
    )
    if done.rowcount:
        await _finish_card(uow, conversation)


async def close_gap(uow: UnitOfWork, gap_id: UUID) -> tuple[str, UUID] | None:
    """A person has looked into a lasting one; its code and conversation, None if it is not open."""
    done = await uow.execute(
        update(gap)
        .where(gap.c.id == gap_id, gap.c.healed_at.is_(None), gap.c.code.in_(LASTING))
        .values(healed_at=uow.wall)
        .returning(gap.c.code, gap.c.conversation_id)
    )
    row = done.one_or_none()
    if row is None:
        return None
    await _finish_card(uow, row.conversation_id)
    return row.code, row.conversation_id


async def _finish_card(uow: UnitOfWork, conversation: UUID) -> None:
    rest = await uow.execute(
        select(gap.c.id)
        .where(gap.c.conversation_id == conversation, gap.c.healed_at.is_(None))
        .limit(1)
    )
    if rest.first() is None:
        await finish_cards_about(uow, CARD, conversation)
