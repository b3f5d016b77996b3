"""How rows of the file are closed and opened: msgspec JSON under the case's key, bound to its place."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

import msgspec

from services.cases.domain.commands import (
    Channel,
    Counterparty,
    InformationKind,
    NeedArea,
    OnBehalf,
    Person,
    PersonKind,
    Purpose,
    VaultContent,
)
from services.cases.domain.entry import Answered, GroupType
from services.cases.domain.views import (
    Consent,
    ContactFacts,
    Need,
    Note,
    Redecision,
    Residence,
)
from services.cases.store.rows import Record
from services.cases.wire import Dossier
from shared.crypto import SubjectKey
from shared.ids import AuthorityCode

T = TypeVar("T")


class ContactBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_contact`."""

    channel: Channel
    person_kind: PersonKind
    on_behalf: OnBehalf
    note: str


class ResidenceBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_residence`."""

    municipality: AuthorityCode | None
    facts: str


class ConsentBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_consent`."""

    counterparties: tuple[Counterparty, ...]
    purposes: tuple[Purpose, ...]
    kinds: tuple[InformationKind, ...]


class EntryBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_entry`."""

    group: GroupType
    answers: tuple[Answered, ...]


class NeedBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_need`, and of `case_redecision`."""

    text: str
    running_measure: str


class NoteBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_note`."""

    text: str
    source: str


def close(key: SubjectKey, table: str, row: UUID, body: object) -> bytes:
    """Seal a body for its row."""
    return key.seal(msgspec.json.encode(body), f"{table}.sealed:{row}")


def reveal(key: SubjectKey, table: str, row: UUID, sealed: bytes, body: type[T]) -> T:
    """Open what `close` made."""
    return msgspec.json.decode(key.open(sealed, f"{table}.sealed:{row}"), type=body)


def person(key: SubjectKey, row: Record) -> Person:
    """The person."""
    return reveal(key, "case_person", row.case_id, row.sealed, Person)


def contact(key: SubjectKey, base: Record) -> ContactFacts | None:
    """How the case began; None in a file that came by take-over."""
    if base.contact is None:
        return None
    body = reveal(key, "case_contact", base.case_id, base.contact, ContactBody)
    return ContactFacts(
        channel=body.channel,
        person_kind=body.person_kind,
        on_behalf=body.on_behalf,
        note=body.note,
        registered_at=base.registered_at,
    )


def residence(key: SubjectKey, row: Record | None) -> Residence | None:
    """A finding."""
    if row is None:
        return None
    body = reveal(key, "case_residence", row.finding_id, row.sealed, ResidenceBody)
    return Residence(
        finding_id=row.finding_id,
        finding=row.finding,
        municipality=body.municipality,
        ground=row.ground,
        facts=body.facts,
        found_at=row.found_at,
        found_by=row.found_by,
        confirmed_at=row.confirmed_at,
        confirmed_by=row.confirmed_by,
    )


def consents(key: SubjectKey, rows: Sequence[Record]) -> tuple[Consent, ...]:
    """Consents, in the rows' order."""
    return tuple(consent(key, row) for row in rows)


def consent(key: SubjectKey, row: Record) -> Consent:
    """One consent."""
    body = reveal(key, "case_consent", row.consent_id, row.sealed, ConsentBody)
    return Consent(
        consent_id=row.consent_id,
        counterparties=body.counterparties,
        purposes=body.purposes,
        kinds=body.kinds,
        given_at=row.given_at,
        valid_until=row.valid_until,
        withdrawn_at=row.withdrawn_at,
    )


def need(key: SubjectKey, row: Record) -> Need:
    """One area's text."""
    body = reveal(key, "case_need", row.need_id, row.sealed, NeedBody)
    area: NeedArea = row.area
    return Need(
        area=area,
        text=body.text,
        running_measure=body.running_measure,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )


def note(key: SubjectKey, row: Record) -> Note:
    """One journal note."""
    body = reveal(key, "case_note", row.note_id, row.sealed, NoteBody)
    return Note(
        note_id=row.note_id,
        kind=row.kind,
        text=body.text,
        source=body.source,
        happened_on=row.happened_on,
        written_at=row.written_at,
        written_by=row.written_by,
        corrects=row.corrects,
    )


def vault(key: SubjectKey, row: Record) -> VaultContent:
    """The contact data; `key` is the vault's own."""
    return reveal(key, "case_vault", row.case_id, row.sealed, VaultContent)


def dossier(key: SubjectKey, base: Record) -> Dossier | None:
    """What came with a take-over."""
    if base.dossier is None:
        return None
    return reveal(key, "case_dossier", base.case_id, base.dossier, Dossier)


def redecision(key: SubjectKey, row: Record) -> Redecision:
    """A measure to decide anew."""
    body = reveal(key, "case_redecision", row.redecision_id, row.sealed, NeedBody)
    return Redecision(row.area, body.running_measure, row.decided_at)


def entry(key: SubjectKey, row: Record) -> EntryBody:
    """What the person leaves, and the answers of an entry assessment."""
    return reveal(key, "case_entry", row.entry_id, row.sealed, EntryBody)


def exclusion_reason(key: SubjectKey, row: Record) -> str:
    """Why the case is kept from somebody."""
    return reveal(key, "case_exclusion", row.exclusion_id, row.sealed, str)
