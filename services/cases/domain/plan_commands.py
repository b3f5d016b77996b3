"""What a person may ask of a case in the programme: one frozen dataclass for each form."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.cases.domain.aid import AidKind, AidOutcome
from services.cases.domain.commands import NeedArea
from services.cases.domain.plan import Score
from services.cases.domain.programme import Condition, PauseCause
from shared.ids import CaseId, StaffId


@dataclass(frozen=True, slots=True)
class SignAgreement:
    """The person has signed the programme's conditions, on paper.

    Args:
        own_conditions: what was agreed besides the listed ones.
        paper: the signed paper among the case's documents, where it has been put there.
    """

    case_id: CaseId
    term: int
    conditions: tuple[Condition, ...]
    signed_on: date
    own_conditions: str = ""
    paper: UUID | None = None


@dataclass(frozen=True, slots=True)
class WithdrawAgreement:
    """The person takes the agreement back. Aid goes on: it rests on decisions of its own.

    Args:
        wish: what the person said, for the journal.
        source: how it was said.
    """

    case_id: CaseId
    term: int
    wish: str
    source: str


@dataclass(frozen=True, slots=True)
class StartProgramme:
    """The agreement is signed and the first decision made: the programme begins."""

    case_id: CaseId
    term: int
    first_follow_up_on: date


@dataclass(frozen=True, slots=True)
class DecideAid:
    """Grant or refuse aid, or end what was granted.

    Args:
        matter: what was applied for, and what is given.
        reasons: for the person to read.
        ends: the earlier decision, where the outcome is ENDED.
        minutes: day and section of the committee's minutes, where the delegation order leaves the
            decision to the committee and what it decided is recorded here.
    """

    case_id: CaseId
    term: int
    kind: AidKind
    outcome: AidOutcome
    area: NeedArea
    matter: str
    reasons: str
    granted_from: date | None = None
    granted_until: date | None = None
    ends: UUID | None = None
    minutes: str = ""


@dataclass(frozen=True, slots=True)
class RecordTold:
    """The person has been told of a decision: the time to appeal runs from that day."""

    case_id: CaseId
    term: int
    aid_id: UUID
    told_on: date


@dataclass(frozen=True, slots=True)
class SetGoal:
    """A goal of the plan, in the person's own area of life."""

    case_id: CaseId
    term: int
    area: NeedArea
    text: str
    due_on: date


@dataclass(frozen=True, slots=True)
class StartMeasure:
    """A decision begins to be carried out.

    Args:
        provider: who does it, where it is bought; a firm, never a person.
    """

    case_id: CaseId
    term: int
    aid_id: UUID
    what: str
    started_on: date
    provider: str = ""


@dataclass(frozen=True, slots=True)
class EndMeasure:
    """A measure has ended."""

    case_id: CaseId
    term: int
    measure_id: UUID
    ended_on: date


@dataclass(frozen=True, slots=True)
class GoalScore:
    """How far one goal has come."""

    goal_id: UUID
    score: Score


@dataclass(frozen=True, slots=True)
class RecordFollowUp:
    """The plan is gone through with the person.

    Args:
        summary: ours.
        persons_view: theirs, apart.
    """

    case_id: CaseId
    term: int
    held_on: date
    scores: tuple[GoalScore, ...]
    summary: str
    persons_view: str
    next_on: date


@dataclass(frozen=True, slots=True)
class AskRegisterCheck:
    """Ask the police whether their registers show anything; answered by a code only."""

    case_id: CaseId
    term: int


@dataclass(frozen=True, slots=True)
class TakeProtection:
    """The municipality confirms that it has the acute protection that the police end.

    Args:
        responsible: the member of the case who answers for the long-term protection.
    """

    case_id: CaseId
    term: int
    protection_id: UUID
    responsible: StaffId


@dataclass(frozen=True, slots=True)
class PauseProgramme:
    """The programme rests; somebody looks at it again on a set day."""

    case_id: CaseId
    term: int
    cause: PauseCause
    text: str
    review_on: date


@dataclass(frozen=True, slots=True)
class ResumeProgramme:
    """The programme goes on."""

    case_id: CaseId
    term: int
    next_follow_up_on: date


@dataclass(frozen=True, slots=True)
class CompleteProgramme:
    """The programme has reached its goals.

    Args:
        summary: what was done and what came of it.
        continued_support: what the person gets afterwards, and where to turn.
    """

    case_id: CaseId
    term: int
    summary: str
    continued_support: str


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """The person comes back: the case is investigated anew."""

    case_id: CaseId
    term: int
    reason: str
