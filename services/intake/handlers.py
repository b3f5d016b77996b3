"""First contact: check what was said, open the case."""

from dataclasses import dataclass

from services.cases.domain.commands import Channel, OnBehalf, PersonKind, ProtectedIdentity
from shared.actor import Actor
from shared.ids import CaseId
from shared.node import Node


@dataclass(frozen=True, slots=True)
class RegisterContact:
    """A contact with somebody who says who they are, as the form gives it.

    Args:
        personal_number: as typed, any usual form; None when not known.
        registered_municipality: four digits as typed, or None.
        wants_to_apply: the person applies for help: the case goes straight to intake.
    """

    channel: Channel
    person_kind: PersonKind
    on_behalf: OnBehalf
    personal_number: str | None
    given_name: str
    family_name: str
    registered_municipality: str | None
    protected_identity: ProtectedIdentity
    wants_to_apply: bool
    note: str


async def register_contact(node: Node, actor: Actor, command: RegisterContact) -> CaseId:
    """Open a case for the contact; who registers becomes its first member."""
    raise NotImplementedError
