"""Which cards are open, as a person has them."""

from shared.db.cards import open_cards


async def cards(town, actor, subject) -> set[str]:
    """Kinds of the open cards about something."""
    async with town.node.db.begin(actor) as uow:
        return {row.kind for row in await open_cards(uow) if row.subject_id == subject}


async def cards_of_role(town, role) -> set[str]:
    """Kinds of all open cards that somebody of a role has."""
    actor = await town.bench.person(f"{role}-of-cards", role)
    async with town.node.db.begin(actor) as uow:
        return {row.kind for row in await open_cards(uow)}
