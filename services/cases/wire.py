"""What may travel with a case: each section a schema of its own, from one projection.

The same projection serves the preview, the message, the page and any export; what is held back is
named with its reason, never silently missing.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from services.cases.domain.commands import (
    Finding,
    Ground,
    InformationKind,
    ProtectedIdentity,
)
from shared.ids import AuthorityCode

WithheldReason = Literal[
    "not_in_consent",
    "police_have_not_approved",
    "vault_at_take_over",
    "needs_own_assessment",
    "police_material",
    "third_parties",
]
SectionName = Literal[
    "identity",
    "residence",
    "threat_level",
    "consents",
    "needs.housing",
    "needs.economy",
    "needs.occupation",
    "needs.health_care",
    "needs.addiction",
    "needs.family",
    "needs.safety",
    "journal",
    "contact_data",
    "police_material",
    "third_parties",
]


class IdentitySection(msgspec.Struct, frozen=True, tag="identity", forbid_unknown_fields=True):
    """Who the person is."""

    given_name: str
    family_name: str
    personal_number: str | None
    registered_municipality: str | None
    protected_identity: ProtectedIdentity


class ResidenceSection(msgspec.Struct, frozen=True, tag="residence", forbid_unknown_fields=True):
    """The residence finding and the facts behind it."""

    finding: Finding
    municipality: str | None
    ground: Ground | None
    facts: str
    found_on: date


class ThreatSection(msgspec.Struct, frozen=True, tag="threat_level", forbid_unknown_fields=True):
    """The police's result, never their material."""

    level: Literal["LOW", "MEDIUM", "HIGH"]
    unit: str
    assessed_on: date
    next_review_on: date
    is_structured: bool


class ConsentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One consent, so that the receiver can keep its limits."""

    consent_id: UUID
    counterparties: tuple[tuple[str, str], ...]
    purposes: tuple[str, ...]
    kinds: tuple[str, ...]
    given_at: datetime
    valid_until: date


class ConsentsSection(msgspec.Struct, frozen=True, tag="consents", forbid_unknown_fields=True):
    """The consents in force."""

    consents: tuple[ConsentItem, ...]


class _Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    running_measure: str
    recorded_on: date


class HousingNeeds(_Needs, frozen=True, tag="needs.housing"):
    """Where to live."""


class EconomyNeeds(_Needs, frozen=True, tag="needs.economy"):
    """Income and debts."""


class OccupationNeeds(_Needs, frozen=True, tag="needs.occupation"):
    """Work, school, days."""


class HealthCareNeeds(_Needs, frozen=True, tag="needs.health_care"):
    """Health care."""


class AddictionNeeds(_Needs, frozen=True, tag="needs.addiction"):
    """Help against addiction."""


class FamilyNeeds(_Needs, frozen=True, tag="needs.family"):
    """Children, partner, family."""


class SafetyNeeds(_Needs, frozen=True, tag="needs.safety"):
    """What makes the person safer."""


Needs = (
    HousingNeeds
    | EconomyNeeds
    | OccupationNeeds
    | HealthCareNeeds
    | AddictionNeeds
    | FamilyNeeds
    | SafetyNeeds
)
Section = IdentitySection | ResidenceSection | ThreatSection | ConsentsSection | Needs


class Withheld(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section that does not travel, and why."""

    section: SectionName
    reason: WithheldReason


class DocumentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document that travels beside the sections; its content is an attachment of its own.

    Args:
        document_id: the sender's; a new file gives it a new one.
    """

    document_id: UUID
    section: InformationKind
    title: Annotated[str, Meta(max_length=200)]
    media_type: Literal["application/pdf", "image/png", "image/jpeg", "text/plain"]
    sha256: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    size_bytes: Annotated[int, Meta(ge=1, le=26_214_400)]
    received_on: date


class WithheldDocuments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section whose documents do not travel, and why; how many there are is not told."""

    section: InformationKind
    reason: Literal["not_in_consent", "receiver_reads_no_files"]


class Dossier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What travels, and what does not.

    Args:
        documents: those that the same scope lets through.
        withheld_documents: a section once for all its documents.
    """

    sections: tuple[Section, ...]
    withheld: tuple[Withheld, ...]
    documents: tuple[DocumentItem, ...] = ()
    withheld_documents: tuple[WithheldDocuments, ...] = ()


class DossierScope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What consent or statute lets through.

    Args:
        kinds: the kinds of information that the ground covers.
        may_pass_level: the police have approved that the threat level is passed on.
        receiver: to whom; consents are shown as far as they name it, the police or the sender.
        reads_files: the receiver's release reads documents.
    """

    kinds: frozenset[InformationKind]
    may_pass_level: bool
    receiver: AuthorityCode
    reads_files: bool = True
