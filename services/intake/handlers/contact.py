"""First contact: check what was said, open the case."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.cases import api as cases
from services.cases.api import Channel, OnBehalf, OpenCase, Person, PersonKind, ProtectedIdentity
from services.intake.domain.contact import municipality_code
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import CaseId
from shared.node import Node
from shared.policy import municipalities


@dataclass(frozen=True, slots=True)
class RegisterContact:
    """A contact with somebody who says who they are, as the form gives it.

    Args:
        personal_number: as typed, any usual form; None or empty when not known.
        registered_municipality: four digits as typed; None or empty when not known.
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
    """Open a case for the contact; who registers becomes its first member.

    Whether the person is known here already is told to the team leader, never to the asker.

    Raises:
        DomainError: `person.number_invalid`, `person.born_in_future`, `person.number_too_old`,
            `person.name_missing`, `municipality.unknown`, `case.role_may_not`.
    """
    opened = OpenCase(
        person=person_of(command, local_date(node.clock.now())),
        channel=command.channel,
        person_kind=command.person_kind,
        on_behalf=command.on_behalf,
        begins="apply" if command.wants_to_apply else "contact",
        note=command.note,
    )
    return await cases.open_case(node, actor, opened)


class Named(Protocol):
    """What a form says of who somebody is."""

    @property
    def personal_number(self) -> str | None:
        """As typed, any usual form; None or empty when not known."""

    @property
    def given_name(self) -> str:
        """As typed."""

    @property
    def family_name(self) -> str:
        """As typed."""

    @property
    def registered_municipality(self) -> str | None:
        """Four digits as typed; None or empty when not known."""

    @property
    def protected_identity(self) -> ProtectedIdentity:
        """How the person's data are protected."""


def person_of(said: Named, today: date) -> Person:
    """The person, checked.

    Raises:
        DomainError: `person.number_invalid`, `person.born_in_future`, `person.number_too_old`,
            `municipality.unknown`.
    """
    typed = (said.personal_number or "").strip()
    return Person(
        given_name=said.given_name,
        family_name=said.family_name,
        personal_number=cases.personal_number(typed, today) if typed else None,
        registered_municipality=municipality_code(said.registered_municipality, municipalities()),
        protected_identity=said.protected_identity,
    )
