"""What is asked of an entry assessment, and what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.cases.domain.comparison import Comparison
from services.cases.domain.entry import (
    Answer,
    Answered,
    CriterionCode,
    GroupType,
    Outcome,
    Party,
    RefusalReason,
    Track,
    Word,
)
from services.cases.domain.views import CaseHeader
from shared.ids import AuthorityCode, CaseId, StaffId


@dataclass(frozen=True, slots=True)
class MarkReady:
    """All tracks are answered: the entry is to be assessed."""

    case_id: CaseId
    term: int


@dataclass(frozen=True, slots=True)
class AssessEntry:
    """Answer every criterion of the policy; what was signed before is no longer.

    Args:
        group: what the person leaves.
    """

    case_id: CaseId
    term: int
    group: GroupType
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class SignEntry:
    """Sign the assessment for the municipality, or as the second person of a refusal."""

    case_id: CaseId
    term: int
    entry_id: UUID
    party: Literal["municipality", "second"]


@dataclass(frozen=True, slots=True)
class Admit:
    """Every condition is met and everybody has signed: the person may enter."""

    case_id: CaseId
    term: int
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class RefuseEntry:
    """A condition is not met and everybody has signed: the person may not enter.

    Args:
        reason: of a condition that failed.
    """

    case_id: CaseId
    term: int
    entry_id: UUID
    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class CompareEntry:
    """Lay our policy beside another municipality's published one, on this case's facts."""

    case_id: CaseId
    authority: AuthorityCode


@dataclass(frozen=True, slots=True)
class EntryComparison:
    """One case under two policies; in each pair ours is first.

    Args:
        group: what the person leaves; None before anybody has said.
    """

    header: CaseHeader
    authority: AuthorityCode
    group: GroupType | None
    comparison: Comparison
    is_joint: tuple[bool, bool]
    favours_the_individual: tuple[bool, bool]
    policy_from: tuple[date, date]
    policy_sha256: tuple[str, str]


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion, the rule that asks for it, and its answer.

    Args:
        possible: the answers that the file leaves today, in the form's order.
        answer: None while nobody has answered.
    """

    code: CriterionCode
    is_condition: bool
    rule: str
    document: str
    section: str
    verified: bool
    possible: tuple[Answer, ...]
    answer: Answer | None
    reasons: str


@dataclass(frozen=True, slots=True)
class EntrySignature:
    """Who has signed for whom; the police's signer is an account of theirs."""

    party: Party
    signed_by: StaffId
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment; the newest counts.

    Args:
        refusal_reasons: codes of the conditions that failed.
        is_current: made under the policy of today, with answers that the file still bears out.
    """

    entry_id: UUID
    group: GroupType
    outcome: Outcome
    refusal_reasons: tuple[RefusalReason, ...]
    made_at: datetime
    made_by: StaffId
    policy_from: date
    policy_sha256: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class EntryDecision:
    """What was decided: `ADMITTED`, or the reason of the refusal."""

    outcome: str
    decided_at: datetime
    decided_by: StaffId
    second: StaffId | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """The entry as members see it.

    Args:
        missing: tracks that are not answered; empty once the assessment has begun.
        wanted: who must sign what stands there now.
        police_word: the police's, on what stands there now.
        policy_from, policy_sha256: the policy that the criteria are of.
        open_applications: when assistance was applied for that nobody has decided.
        names: display names of whoever is named by id.
    """

    header: CaseHeader
    missing: tuple[Track, ...]
    criteria: tuple[CriterionRow, ...]
    is_joint: bool
    favours_the_individual: bool
    assessment: Assessment | None
    wanted: tuple[Party, ...]
    signatures: tuple[EntrySignature, ...]
    police_word: Word | None
    decision: EntryDecision | None
    policy_from: date
    policy_sha256: str
    open_applications: tuple[datetime, ...]
    names: Mapping[UUID, str]
