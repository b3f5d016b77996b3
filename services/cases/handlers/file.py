"""The whole file as members read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.cases.domain.alarm import Alarm
from services.cases.domain.chain import Link
from services.cases.domain.commands import Person
from services.cases.domain.immediate import Immediate
from services.cases.domain.views import (
    CaseHeader,
    Consent,
    ContactFacts,
    Event,
    Member,
    Need,
    Next,
    Note,
    Redecision,
    Residence,
)
from services.cases.wire import Dossier
from services.protection.api import AcuteProtection, ProtectionHandover, Question, Threat


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The whole file, for members; every building of it is audited.

    Args:
        exclusions: kind, value and reason of each.
        dossier: what came with a take-over; None in a case that began here.
        chain: the responsibility chain, oldest first.
        has_vault: contact data exist; they are not in the file.
        alarms: when the threat was raised, and who has read it; newest first.
        immediate: help that was decided at once, newest first.
        acute_protection: who answers for it, and did before; newest first.
        protection_handovers: what the police have ended of it, and who has it now; newest first.
        names: display names of staff, for whoever is named by id above.
        next_due_on: last day for what comes next; None when no day is set.
    """

    header: CaseHeader
    person: Person
    contact: ContactFacts | None
    members: tuple[Member, ...]
    residence: Residence | None
    consents: tuple[Consent, ...]
    needs: tuple[Need, ...]
    threat: Threat | None
    questions: tuple[Question, ...]
    notes: tuple[Note, ...]
    events: tuple[Event, ...]
    redecisions: tuple[Redecision, ...]
    exclusions: tuple[tuple[str, str, str], ...]
    dossier: Dossier | None
    chain: tuple[Link, ...]
    has_vault: bool
    next: Next | None
    alarms: tuple[Alarm, ...]
    immediate: tuple[Immediate, ...]
    acute_protection: tuple[AcuteProtection, ...]
    protection_handovers: tuple[ProtectionHandover, ...]
    names: Mapping[UUID, str]
    next_due_on: date | None = None
