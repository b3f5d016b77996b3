"""Cards for the people of a case: that something came from the police, not what it says."""

from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.errors import Fact
from shared.ids import SubjectId

AUDIENCE = "case_worker"


async def tell_members(uow: UnitOfWork, card: str, subject: SubjectId, **facts: Fact) -> None:
    """A card for the case's members; of an incoming handover nobody is one, and its page tells."""
    await add_card(uow, card, AUDIENCE, subject=subject, case_id=subject, facts=facts)
