"""What is asked of a review after a relapse, and what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.cases.domain.aid import Aid
from services.cases.domain.programme import Condition
from services.cases.domain.relapse import (
    ExclusionReason,
    Missing,
    PoliceWord,
    RelapseReview,
    RelapseSource,
    Retry,
    Suspicion,
)
from services.cases.domain.views import CaseHeader
from shared.ids import CaseId


@dataclass(frozen=True, slots=True)
class ReportRelapse:
    """A relapse is suspected: the programme is looked at anew.

    Args:
        text: what is known; sealed.
    """

    case_id: CaseId
    term: int
    suspicion: Suspicion
    source: RelapseSource
    text: str


@dataclass(frozen=True, slots=True)
class HearPerson:
    """The person has been heard, or would not be.

    Args:
        words: what they said; where they refused, how they were asked.
    """

    case_id: CaseId
    term: int
    review_id: UUID
    heard_on: date
    words: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class RetryAid:
    """A running aid is gone through again. To end or grant one is a decision about aid."""

    case_id: CaseId
    term: int
    review_id: UUID
    aid_id: UUID
    outcome: Retry
    text: str


@dataclass(frozen=True, slots=True)
class ContinueProgramme:
    """The programme goes on, with a changed plan."""

    case_id: CaseId
    term: int
    review_id: UUID
    changed_plan: str
    next_follow_up_on: date


@dataclass(frozen=True, slots=True)
class ProposeExclusion:
    """Propose that the person leaves the programme; who signed an earlier proposal signs anew."""

    case_id: CaseId
    term: int
    review_id: UUID
    reason: ExclusionReason
    broken: tuple[Condition, ...]
    reasons: str
    safety_plan: str


@dataclass(frozen=True, slots=True)
class SupportExclusion:
    """The second person of the delegation order has read the proposal and agrees."""

    case_id: CaseId
    term: int
    review_id: UUID
    proposal_id: UUID


@dataclass(frozen=True, slots=True)
class ExcludePerson:
    """The person leaves the programme. Aid and protection go on."""

    case_id: CaseId
    term: int
    review_id: UUID
    proposal_id: UUID


@dataclass(frozen=True, slots=True)
class RecordExclusionTold:
    """When the person was told that they are excluded."""

    case_id: CaseId
    term: int
    review_id: UUID
    told_on: date


@dataclass(frozen=True, slots=True)
class RelapseView:
    """The reviews of a case as members see them; building it is audited.

    Args:
        reviews: newest first; the first is open, or none is.
        untried: aid that the open review has not gone through.
        missing: what is left before an exclusion.
        police: the police's word on the newest proposal.
        is_police_wanted: whether the police have a word in it.
        is_refused_by_police: their last word is no; it stands until they say otherwise.
        takes_two: whether a second person must agree.
        second_roles: who may be that person.
        has_rule: whether the municipality's documents carry an exclusion.
        document, section, verified: where they say so, or say nothing.
        agreed: conditions of the agreement in force.
        running: aid that is granted today.
        names: display names of staff.
    """

    header: CaseHeader
    reviews: tuple[RelapseReview, ...]
    untried: tuple[Aid, ...]
    missing: tuple[Missing, ...]
    police: PoliceWord | None
    is_police_wanted: bool
    is_refused_by_police: bool
    takes_two: bool
    second_roles: tuple[str, ...]
    has_rule: bool
    document: str
    section: str
    verified: bool
    agreed: tuple[Condition, ...]
    running: tuple[Aid, ...]
    names: Mapping[UUID, str]

    @property
    def open(self) -> RelapseReview | None:
        """The review that nobody has decided yet."""
        return next((each for each in self.reviews if each.outcome is None), None)
