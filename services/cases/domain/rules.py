"""Rules of the tracks: residence, consent, assignment, and what comes next."""

from collections.abc import Collection, Container
from datetime import date, timedelta
from uuid import UUID, uuid5

from services.cases.domain.commands import (
    INFORMATION_KINDS,
    AssignMember,
    Counterparty,
    GiveConsent,
    MemberRole,
    Person,
    RecordResidence,
)
from services.cases.domain.states import CLOSED_STATES, State
from services.cases.domain.views import Consent, Next, Residence
from shared.errors import DomainError
from shared.ids import POLICE, AuthorityCode, CaseId, StaffId, SubjectId

_VAULT = UUID("0f4d1d5b-94b3-4d0a-8d7c-3d6f2f1f7a55")
MAX_CODE_NAMES = 8
"""Draws before giving up: of more than 900,000 names a node uses a few thousand."""


def subject_of(case_id: CaseId) -> SubjectId:
    """The subject of the case's own key."""
    return SubjectId(case_id)


def vault_of(case_id: CaseId) -> SubjectId:
    """The subject of the vault's key: another one, so that the file opens without the address."""
    return SubjectId(uuid5(_VAULT, str(case_id)))


def check_municipality(
    code: AuthorityCode | None, known: Container[AuthorityCode]
) -> AuthorityCode | None:
    """The code, when Statistics Sweden knows it. Raises `municipality.unknown`."""
    if code is not None and code not in known:
        raise DomainError("municipality.unknown")
    return code


def check_residence(
    command: RecordResidence,
    person: Person,
    here: AuthorityCode,
    known: Container[AuthorityCode],
) -> None:
    """Raise unless the finding follows from what it names.

    Raises:
        DomainError: `residence.unclear_names_nothing`, `residence.ground_missing`,
            `residence.municipality_missing`, `municipality.unknown`, `residence.not_here`,
            `residence.not_elsewhere`, `residence.not_registered_there`,
            `residence.protected_registration`.
    """
    if command.finding == "UNCLEAR":
        if command.municipality is not None or command.ground is not None:
            raise DomainError("residence.unclear_names_nothing")
        return
    if command.ground is None:
        raise DomainError("residence.ground_missing")
    if command.municipality is None:
        raise DomainError("residence.municipality_missing")
    check_municipality(command.municipality, known)
    if command.finding == "HERE" and command.municipality != here:
        raise DomainError("residence.not_here")
    if command.finding == "OTHER" and command.municipality == here:
        raise DomainError("residence.not_elsewhere")
    if command.ground == "main_rule":
        if person.protected_identity == "PROTECTED_REGISTRATION":
            # Protected registration keeps a person registered where they do not live.
            raise DomainError("residence.protected_registration")
        if person.registered_municipality != command.municipality:
            raise DomainError("residence.not_registered_there")


def check_confirmation(finding: Residence | None, finding_id: UUID, reader: StaffId) -> None:
    """Raise unless this is the newest finding, unconfirmed, and another person's.

    Raises:
        DomainError: `residence.superseded`, `residence.already_confirmed`,
            `residence.same_reader`.
    """
    if finding is None or finding.finding_id != finding_id:
        raise DomainError("residence.superseded")
    if finding.confirmed_at is not None:
        raise DomainError("residence.already_confirmed")
    if finding.found_by == reader:
        raise DomainError("residence.same_reader")


def check_consent(
    command: GiveConsent, today: date, max_days: int, known: Container[AuthorityCode]
) -> None:
    """Raise unless the consent says to whom, for what, about what and until when.

    Raises:
        DomainError: `consent.counterparty_missing`, `consent.counterparty_unknown`,
            `consent.purpose_missing`, `consent.kind_missing`, `consent.kind_unknown`,
            `consent.ends_in_past`, `consent.too_long`.
    """
    if not command.counterparties:
        raise DomainError("consent.counterparty_missing")
    for counterparty in command.counterparties:
        is_police = counterparty.function == "police"
        if is_police != (counterparty.authority == POLICE):
            raise DomainError("consent.counterparty_unknown")
        if not is_police and counterparty.authority not in known:
            raise DomainError("consent.counterparty_unknown")
    if not command.purposes:
        raise DomainError("consent.purpose_missing")
    if not command.kinds:
        raise DomainError("consent.kind_missing")
    if not set(command.kinds) <= set(INFORMATION_KINDS):
        raise DomainError("consent.kind_unknown")
    if command.valid_until < today:
        raise DomainError("consent.ends_in_past")
    if command.valid_until > today + timedelta(days=max_days):
        raise DomainError("consent.too_long", days=max_days)


POLICE_FUNCTION = Counterparty(POLICE, "police")


def covering(
    consents: Collection[Consent], counterparty: Counterparty, purpose: str, on: date
) -> Consent | None:
    """The consent in force that lasts longest and covers this; None when there is none."""
    fitting = [c for c in consents if c.is_active(on) and counterparty in c.counterparties]
    fitting = [c for c in fitting if purpose in c.purposes and "identity" in c.kinds]
    return max(fitting, key=lambda c: c.valid_until, default=None)


def check_assignment(
    command: AssignMember,
    roles: frozenset[str],
    *,
    is_excluded: bool,
    is_member: bool,
) -> None:
    """Raise unless the colleague may have the case in that role.

    Args:
        roles: the colleague's own.

    Raises:
        DomainError: `assignment.role_not_held`, `assignment.conflict_of_interest`,
            `assignment.not_a_choice`, `assignment.already_member`.
    """
    if is_excluded:
        # As somebody who does not exist: whom the case is kept from is for those in it to know.
        raise DomainError("assignment.not_a_choice")
    check_member_role(command.role, roles)
    if not command.no_conflict_of_interest:
        raise DomainError("assignment.conflict_of_interest")
    if is_member:
        raise DomainError("assignment.already_member")


def check_member_role(role: MemberRole, held: frozenset[str]) -> None:
    """Raise `assignment.role_not_held` unless the person holds the role that membership names."""
    if role not in held:
        raise DomainError("assignment.role_not_held", role=role)


def next_step(
    *,
    state: State,
    has_case_worker: bool,
    has_open_handover: bool,
    finding: str | None,
    is_confirmed: bool,
    has_consent: bool,
    has_threat: bool,
    is_threat_asked: bool,
    is_threat_overdue: bool,
    has_needs: bool,
    has_all_needs: bool,
    demands_threat: bool,
    demands_consent: bool,
) -> Next | None:
    """What somebody here does next; the first that is missing.

    Args:
        has_threat: the police have answered, with a level or that they know of no threat.
        has_all_needs: every area that the policy names is described; one is enough to hand over.
        demands_threat, demands_consent: the policy's; a handover always rests on consent.
    """
    if state in CLOSED_STATES:
        return None
    in_order: tuple[tuple[bool, Next], ...] = (
        (has_open_handover, "await_handover"),
        (state == "CONTACT", "take_application"),
        (state == "PRELIMINARY", "follow_concern"),
        (not has_case_worker, "assign_case_worker"),
        (finding is None, "record_residence"),
        (not is_confirmed, "confirm_residence"),
        (not has_consent and (demands_consent or finding == "OTHER"), "give_consent"),
        (is_threat_overdue, "review_threat"),
        (demands_threat and not has_threat and not is_threat_asked, "request_threat"),
        (demands_threat and not has_threat, "await_threat"),
        (not has_needs, "record_needs"),
        (finding == "OTHER", "propose_handover"),
        (state == "INVESTIGATION" and not has_all_needs, "record_needs"),
        (state == "INVESTIGATION", "mark_ready"),
        (state == "ENTRY_ASSESSMENT", "assess_entry"),
    )
    return next((step for applies, step in in_order if applies), None)
