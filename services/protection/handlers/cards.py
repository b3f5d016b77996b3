"""Cards for the people of a case: that something came from the police, not what it says."""

from shared.db import UnitOfWork
from shared.db.cards import add_card, add_cards
from shared.errors import Fact
from shared.ids import SubjectId

AUDIENCE = "case_worker"
LEADERS = ("team_leader", "exit_coordinator")


async def tell_members(uow: UnitOfWork, card: str, subject: SubjectId, **facts: Fact) -> None:
    """A card for the case's members; of an incoming handover nobody is one, and its page tells."""
    await add_card(uow, card, AUDIENCE, subject=subject, case_id=subject, facts=facts)


OFFERED = "protection.offered"


async def offer_protection(uow: UnitOfWork, subject: SubjectId) -> None:
    """Cards for the case's people: the police end their protection, somebody must confirm."""
    for audience in (AUDIENCE, *LEADERS):
        await add_card(uow, OFFERED, audience, subject=subject, case_id=subject)


async def call_people(uow: UnitOfWork, card: str, subject: SubjectId) -> None:
    """A card for the case's members, and for those who may give the case to somebody."""
    await tell_members(uow, card, subject)
    await add_cards(uow, card, LEADERS, subject=subject)
