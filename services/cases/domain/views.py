"""What a case shows, to whom: rows for lists without identity, the file for members."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.cases.domain.commands import (
    Channel,
    Counterparty,
    Finding,
    Ground,
    HeldRole,
    InformationKind,
    NeedArea,
    NoteKind,
    OnBehalf,
    Person,
    PersonKind,
    ProtectedIdentity,
    Purpose,
)
from services.cases.domain.states import EndedReason, State
from shared.errors import Fact
from shared.ids import AuthorityCode, CaseId, FederationCaseId, StaffId


@dataclass(frozen=True, slots=True)
class CaseHeader:
    """What is known of a case without its key.

    Args:
        open_handover: the open handover's id; at most one.
        is_responsible: this node answers for the case; False once it has been handed over.
        is_on_call: the actor is in the case as who is on call, and as nothing else.
    """

    case_id: CaseId
    federation_case_id: FederationCaseId
    code_name: str
    state: State
    ended_reason: EndedReason | None
    term: int
    revision: int
    unit: str | None
    is_responsible: bool
    open_handover: UUID | None
    opened_at: datetime
    is_on_call: bool = False


Next = Literal[
    "take_application",
    "follow_concern",
    "assign_case_worker",
    "record_residence",
    "confirm_residence",
    "give_consent",
    "request_threat",
    "await_threat",
    "review_threat",
    "record_needs",
    "mark_ready",
    "assess_entry",
    "propose_handover",
    "await_handover",
    "sign_agreement",
    "decide_aid",
    "start_programme",
    "set_goals",
    "carry_out_decision",
    "record_follow_up",
    "resume_programme",
    "review_relapse",
    "follow_aid",
]
"""What comes next for somebody in this municipality; the page has one text for each."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list: no identity, no place.

    Args:
        next: what to do next; None when nothing waits.
        due_on: last day for it; None when no day is set.
        is_member: False on a team leader's rows to assign from.
    """

    case_id: CaseId
    code_name: str
    term: int
    state: State
    ended_reason: EndedReason | None
    next: Next | None
    due_on: date | None
    threat_level: Literal["LOW", "MEDIUM", "HIGH"] | None
    has_open_handover: bool
    is_member: bool
    case_worker: str | None
    changed_at: datetime
    suspected_duplicate: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Who has access, from whom and why.

    Args:
        until_at: when access ends by itself: of who is on call.
    """

    staff_id: StaffId
    display_name: str
    role: HeldRole
    given_by: StaffId
    reason: str
    started_at: datetime
    ended_at: datetime | None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """How the case began."""

    channel: Channel
    person_kind: PersonKind
    on_behalf: OnBehalf
    note: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Residence:
    """One residence finding; the newest counts."""

    finding_id: UUID
    finding: Finding
    municipality: AuthorityCode | None
    ground: Ground | None
    facts: str
    found_at: datetime
    found_by: StaffId
    confirmed_at: datetime | None
    confirmed_by: StaffId | None


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent with its whole scope."""

    consent_id: UUID
    counterparties: tuple[Counterparty, ...]
    purposes: tuple[Purpose, ...]
    kinds: tuple[InformationKind, ...]
    given_at: datetime
    valid_until: date
    withdrawn_at: datetime | None

    def is_active(self, on: date) -> bool:
        """Given, not withdrawn, and the end date (counted in) not passed."""
        return self.withdrawn_at is None and on <= self.valid_until

    def covers(self, counterparty: Counterparty, purpose: Purpose, on: date) -> bool:
        """Whether it lifts secrecy to this function for this purpose on this day."""
        return (
            self.is_active(on) and counterparty in self.counterparties and purpose in self.purposes
        )


@dataclass(frozen=True, slots=True)
class Need:
    """The newest text of one area."""

    area: NeedArea
    text: str
    running_measure: str
    recorded_at: datetime
    recorded_by: StaffId


@dataclass(frozen=True, slots=True)
class Note:
    """One journal note."""

    note_id: UUID
    kind: NoteKind
    text: str
    source: str
    happened_on: date
    written_at: datetime
    written_by: StaffId
    corrects: UUID | None


@dataclass(frozen=True, slots=True)
class Event:
    """One step in the case's history: a code and its facts, no identity."""

    at: datetime
    actor: StaffId
    code: str
    facts: dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Redecision:
    """A measure that runs on after a take-over until this municipality has decided anew."""

    area: NeedArea
    running_measure: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a proposal may say of the person and where they belong."""

    person: Person
    residence: Residence | None
    need_areas: tuple[NeedArea, ...]
    protected_identity: ProtectedIdentity


@dataclass(frozen=True, slots=True)
class LogRow:
    """Who has done or read what on the case."""

    at: datetime
    actor: StaffId
    display_name: str
    action: str
    reason: str | None
