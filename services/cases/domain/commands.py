"""What a person may ask of a case: one frozen dataclass for each form.

Every command that writes carries the `term` that its form was drawn under. The database refuses it
when the case has changed responsible authority since (`case.responsibility_moved`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from uuid import UUID

from shared.ids import AuthorityCode, CaseId, FederationCaseId, StaffId

Channel = Literal["phone", "visit", "letter", "referral", "message"]
PersonKind = Literal["exiter", "relative", "victim"]
OnBehalf = Literal["self", "guardian", "authority"]
ProtectedIdentity = Literal["EXIT_THREAT", "MARKED", "PROTECTED_REGISTRATION"]
"""Domain.md 3. `FICTITIOUS` is never a value: the link to the old identity is never stored."""
MemberRole = Literal["case_worker", "exit_coordinator", "team_leader", "social_director"]
"""The social director joins a case only for a decision that the delegation order puts there."""
HeldRole = MemberRole | Literal["on_call"]
"""Nobody is assigned as `on_call`: a raised threat lets in who is, and time ends it."""
Finding = Literal["HERE", "OTHER", "UNCLEAR"]
Ground = Literal["main_rule", "nights_rest", "strongest_connection"]
NoteKind = Literal["fact", "judgement"]
ExclusionKind = Literal["authority", "unit", "staff"]
CounterpartyFunction = Literal["social_services", "police"]
Purpose = Literal["handover", "threat_assessment", "placement", "cooperation"]
InformationKind = Literal[
    "identity",
    "residence",
    "threat_level",
    "needs.housing",
    "needs.economy",
    "needs.occupation",
    "needs.health_care",
    "needs.addiction",
    "needs.family",
    "needs.safety",
]
DocumentSection = Literal[
    "identity",
    "residence",
    "needs.housing",
    "needs.economy",
    "needs.occupation",
    "needs.health_care",
    "needs.addiction",
    "needs.family",
    "needs.safety",
    "journal",
    "police_material",
    "third_parties",
]
"""What a document holds: a kind of information, or one of what never travels by itself."""
NeedArea = Literal[
    "housing", "economy", "occupation", "health_care", "addiction", "family", "safety"
]
NEED_AREAS: tuple[NeedArea, ...] = get_args(NeedArea)
INFORMATION_KINDS: tuple[InformationKind, ...] = get_args(InformationKind)
DOCUMENT_SECTIONS: tuple[DocumentSection, ...] = get_args(DocumentSection)


@dataclass(frozen=True, slots=True)
class Person:
    """Who the case is about; stands only inside the case, sealed under the case's key.

    Args:
        personal_number: twelve digits (`199503149800`), a coordination number too; None when the
            person has not said it.
        registered_municipality: where the population register has the person. Under
            `PROTECTED_REGISTRATION` it is no evidence of residence.
    """

    given_name: str
    family_name: str
    personal_number: str | None
    registered_municipality: AuthorityCode | None
    protected_identity: ProtectedIdentity = "EXIT_THREAT"


Begins = Literal["contact", "apply", "report"]
"""How a case begins: advice, the person's own application, what somebody else reports."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What intake hands over when a contact opens a case."""

    person: Person
    channel: Channel
    person_kind: PersonKind
    on_behalf: OnBehalf
    begins: Begins
    note: str


@dataclass(frozen=True, slots=True)
class Apply:
    """The person applies, orally or in writing: the contact becomes an intake."""

    case_id: CaseId
    term: int


@dataclass(frozen=True, slots=True)
class EndAtPersonsWish:
    """The person wants no more help: the case ends as WITHDRAWN; aid is voluntary.

    Args:
        wish: what the person said, for the journal.
        source: how it was said.
    """

    case_id: CaseId
    term: int
    wish: str
    source: str


@dataclass(frozen=True, slots=True)
class AssignMember:
    """Give a colleague access to the case; the first case worker starts the investigation.

    Args:
        reason: why this person needs it; shown in the list of members.
        no_conflict_of_interest: the colleague has declared that no conflict of interest is known.
    """

    case_id: CaseId
    term: int
    staff_id: StaffId
    role: MemberRole
    reason: str
    no_conflict_of_interest: bool


@dataclass(frozen=True, slots=True)
class EndMembership:
    """Take a colleague's access away, at once."""

    case_id: CaseId
    term: int
    staff_id: StaffId
    reason: str


@dataclass(frozen=True, slots=True)
class RecordResidence:
    """The residence finding: where the person belongs, on which ground, from which facts.

    Args:
        municipality: the municipality that the finding points at; None only when `UNCLEAR`.
        ground: None only when `UNCLEAR`.
    """

    case_id: CaseId
    term: int
    finding: Finding
    municipality: AuthorityCode | None
    ground: Ground | None
    facts: str


@dataclass(frozen=True, slots=True)
class ConfirmResidence:
    """A second person has read the finding and agrees; never the one who wrote it."""

    case_id: CaseId
    term: int
    finding_id: UUID


@dataclass(frozen=True, slots=True)
class Counterparty:
    """To whom the consent lifts secrecy: a function at an authority, never a person."""

    authority: AuthorityCode
    function: CounterpartyFunction


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """The person lifts secrecy (OSL 10:1, 12:2) for these, for this, until then."""

    case_id: CaseId
    term: int
    counterparties: tuple[Counterparty, ...]
    purposes: tuple[Purpose, ...]
    kinds: tuple[InformationKind, ...]
    valid_until: date


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """The person takes the consent back; sharing stops in the same transaction."""

    case_id: CaseId
    term: int
    consent_id: UUID


@dataclass(frozen=True, slots=True)
class WriteNote:
    """A journal note: facts and judgements are kept apart, nothing is ever overwritten.

    Args:
        source: who said it or where it was seen; required for facts.
        corrects: the note that this one corrects, or None.
    """

    case_id: CaseId
    term: int
    kind: NoteKind
    text: str
    source: str
    happened_on: date
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True)
class RecordNeed:
    """What the person needs in one area of life; the newest text of an area counts.

    Args:
        running_measure: what is given today, in a few words; listed for a new decision when the
            case moves. Empty when nothing is given.
    """

    case_id: CaseId
    term: int
    area: NeedArea
    text: str
    running_measure: str = ""


@dataclass(frozen=True, slots=True)
class AddDocument:
    """Put a file into the case; its content comes beside the command, as a stream.

    Args:
        section: the kind of information it holds, by which it may travel or not.
        title: what it is, in words; stands for the file's own name, which is not kept.
        received_on: the day it came to the municipality.
    """

    case_id: CaseId
    term: int
    section: DocumentSection
    title: str
    received_on: date


@dataclass(frozen=True, slots=True)
class SetExclusion:
    """Keep the case from a municipality, a unit or a colleague; `value` is its code or id."""

    case_id: CaseId
    term: int
    kind: ExclusionKind
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class VaultContent:
    """Where the person can be found and reached; under a key of its own."""

    address: str = ""
    phone: str = ""
    workplace: str = ""
    other_places: str = ""


@dataclass(frozen=True, slots=True)
class SetVault:
    """Write the protected contact data anew."""

    case_id: CaseId
    term: int
    content: VaultContent


@dataclass(frozen=True, slots=True)
class RevealVault:
    """Look at the protected contact data, for a reason that the log keeps.

    Args:
        approval_id: a colleague's `ApproveReveal`; always needed, since every exit case is treated
            as protected (domain.md 3).
    """

    case_id: CaseId
    reason: str
    approval_id: UUID


@dataclass(frozen=True, slots=True)
class ApproveReveal:
    """Let a named colleague look once within the hour."""

    case_id: CaseId
    term: int
    staff_id: StaffId
    reason: str


@dataclass(frozen=True, slots=True)
class RequestThreat:
    """Ask a police unit for a threat assessment; opens the joint room to that unit.

    Args:
        statutory_ground: the law that lets the question be asked without consent; None when a
            consent to the police covers it.
    """

    case_id: CaseId
    term: int
    unit: str
    statutory_ground: str | None = None


@dataclass(frozen=True, slots=True)
class AskPlacement:
    """Ask the responsible police unit whether the person can be placed in a municipality."""

    case_id: CaseId
    term: int
    municipality: AuthorityCode


@dataclass(frozen=True, slots=True)
class AskLevelPassing:
    """Ask the responsible police unit to approve that the threat level is passed on."""

    case_id: CaseId
    term: int
    receiver: AuthorityCode


@dataclass(frozen=True, slots=True)
class NewMember:
    """A colleague who gets access when a transferred case is opened."""

    staff_id: StaffId
    role: MemberRole


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a transferred case comes from."""

    federation_case_id: FederationCaseId
    handover_id: UUID
    sender: AuthorityCode
