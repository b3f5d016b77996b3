"""One projection of the file: what may travel, and what is held back and why."""

from collections.abc import Mapping, Sequence
from datetime import date

from services.cases.domain.commands import INFORMATION_KINDS, NeedArea, Person
from services.cases.domain.views import Consent, Need, PersonFacts, Residence
from services.cases.handlers import sealing
from services.cases.handlers.consents import active_consents
from services.cases.store import files
from services.cases.wire import (
    AddictionNeeds,
    ConsentItem,
    ConsentsSection,
    DocumentItem,
    Dossier,
    DossierScope,
    EconomyNeeds,
    FamilyNeeds,
    HealthCareNeeds,
    HousingNeeds,
    IdentitySection,
    Needs,
    OccupationNeeds,
    ResidenceSection,
    SafetyNeeds,
    Section,
    ThreatSection,
    Withheld,
    WithheldDocuments,
    WithheldReason,
)
from services.documents import api as documents
from services.protection import api as protection
from services.protection.api import Threat
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import AccessDenied
from shared.ids import POLICE, AuthorityCode, CaseId, SubjectId

_NEEDS: Mapping[NeedArea, type[Needs]] = {
    "housing": HousingNeeds,
    "economy": EconomyNeeds,
    "occupation": OccupationNeeds,
    "health_care": HealthCareNeeds,
    "addiction": AddictionNeeds,
    "family": FamilyNeeds,
    "safety": SafetyNeeds,
}
_NEVER: tuple[Withheld, ...] = (
    Withheld("journal", "needs_own_assessment"),
    Withheld("contact_data", "vault_at_take_over"),
    Withheld("police_material", "police_material"),
    Withheld("third_parties", "third_parties"),
)
"""Design note `domain.md` 2.3: what no scope lets through; said each time."""


async def project_dossier(
    uow: UnitOfWork, key: SubjectKey, case_id: CaseId, scope: DossierScope
) -> Dossier:
    """The sections that the scope lets through; the rest named with its reason.

    A section that the file does not have is neither sent nor withheld.
    """
    facts = await person_facts(uow, key, case_id)
    today = local_date(uow.now)
    threat = await protection.current_threat(uow, SubjectId(case_id))
    needs = [sealing.need(key, row) for row in await files.newest_needs(uow, case_id)]
    consents = await active_consents(uow, key, case_id, today)
    sections: list[Section] = []
    withheld: list[Withheld] = []
    for section, reason in (
        (_identity(facts), _unless(scope, "identity")),
        (_residence(facts.residence), _unless(scope, "residence")),
        (_threat(threat), _threat_reason(scope)),
        (_consents(consents, consents_name(scope.receiver, uow.actor.authority)), None),
        *((_need(need), _unless(scope, f"needs.{need.area}")) for need in needs),
    ):
        if section is None:
            continue
        if reason is None:
            sections.append(section)
        else:
            withheld.append(Withheld(section.__struct_config__.tag, reason))  # type: ignore[arg-type]
    found = await documents.listed(uow, key, case_id)
    travelling, held_back = _documents(found, scope)
    return Dossier(tuple(sections), (*withheld, *_NEVER), travelling, held_back)


async def person_of(uow: UnitOfWork, key: SubjectKey, case_id: CaseId) -> Person:
    """Who the case is about.

    Raises:
        AccessDenied: row security shows no such file.
    """
    row = await files.person_row(uow, case_id)
    if row is None:
        raise AccessDenied
    return sealing.person(key, row)


async def person_facts(uow: UnitOfWork, key: SubjectKey, case_id: CaseId) -> PersonFacts:
    """What a proposal may say of the person and where they belong.

    Raises:
        AccessDenied: row security shows no such file.
    """
    person = await person_of(uow, key, case_id)
    needs = await files.newest_needs(uow, case_id)
    return PersonFacts(
        person=person,
        residence=sealing.residence(key, await files.newest_residence(uow, case_id)),
        need_areas=tuple(need.area for need in needs),
        protected_identity=person.protected_identity,
    )


def _documents(
    found: Sequence[documents.Document], scope: DossierScope
) -> tuple[tuple[DocumentItem, ...], tuple[WithheldDocuments, ...]]:
    """The same rule for documents: each belongs to a section, and goes where the section may.

    Those of a section that never travels are not named beside it: `_NEVER` says it each time, and
    that there are some is not told.
    """
    travelling: list[DocumentItem] = []
    held_back: set[str] = set()
    for each in found:
        if each.section not in INFORMATION_KINDS:
            continue
        if each.section in scope.kinds and scope.reads_files:
            travelling.append(_item(each))
        else:
            held_back.add(each.section)
    return tuple(travelling), tuple(
        WithheldDocuments(
            section, "receiver_reads_no_files" if section in scope.kinds else "not_in_consent"
        )
        for section in INFORMATION_KINDS
        if section in held_back
    )


def _item(document: documents.Document) -> DocumentItem:
    return DocumentItem(
        document_id=document.document_id,
        section=document.section,  # type: ignore[arg-type]
        title=document.title,
        media_type=document.media_type,
        sha256=document.sha256,
        size_bytes=document.size_bytes,
        received_on=document.received_on,
    )


def _unless(scope: DossierScope, kind: str) -> WithheldReason | None:
    return None if kind in scope.kinds else "not_in_consent"


def _threat_reason(scope: DossierScope) -> WithheldReason | None:
    if not scope.may_pass_level:
        return "police_have_not_approved"
    return _unless(scope, "threat_level")


def _identity(facts: PersonFacts) -> Section:
    person = facts.person
    return IdentitySection(
        given_name=person.given_name,
        family_name=person.family_name,
        personal_number=person.personal_number,
        registered_municipality=person.registered_municipality,
        protected_identity=person.protected_identity,
    )


def _residence(finding: Residence | None) -> Section | None:
    if finding is None or finding.confirmed_at is None:
        return None
    return ResidenceSection(
        finding=finding.finding,
        municipality=finding.municipality,
        ground=finding.ground,
        facts=finding.facts,
        found_on=local_date(finding.found_at),
    )


def _threat(threat: Threat | None) -> Section | None:
    if threat is None:
        return None
    return ThreatSection(
        level=threat.level,
        unit=threat.unit,
        assessed_on=local_date(threat.assessed_at),
        next_review_on=threat.next_review_on,
        is_structured=threat.method == "structured",
    )


def consents_name(receiver: AuthorityCode, sender: AuthorityCode) -> frozenset[AuthorityCode]:
    """Whom a consent that travels may name: a consent that names none of them stays at home."""
    return frozenset({receiver, sender, POLICE})


def _consents(consents: list[Consent], known: frozenset[AuthorityCode]) -> Section | None:
    """The consents as far as they name somebody the receiver knows of: a town is a secret too."""
    items = [_consent(consent, known) for consent in consents]
    named = tuple(item for item in items if item.counterparties)
    return ConsentsSection(named) if named else None


def _consent(consent: Consent, known: frozenset[AuthorityCode]) -> ConsentItem:
    return ConsentItem(
        consent_id=consent.consent_id,
        counterparties=tuple(
            (c.authority, c.function) for c in consent.counterparties if c.authority in known
        ),
        purposes=tuple(consent.purposes),
        kinds=tuple(consent.kinds),
        given_at=consent.given_at,
        valid_until=consent.valid_until,
    )


def _need(need: Need) -> Section:
    recorded_on: date = local_date(need.recorded_at)
    return _NEEDS[need.area](
        text=need.text, running_measure=need.running_measure, recorded_on=recorded_on
    )
