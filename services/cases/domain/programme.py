"""The programme once somebody is admitted: agreement, start, pause, completion, what comes next.

Pure. Which role may do what is in `rights`; what the municipality demands is in its policy. Sources:
design note `domain.md` 1.2 rows 9 and 13, 1.4; the agreement of 2022 (seed 002).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from services.cases.domain.aid import Aid
from services.cases.domain.plan import Goal
from services.cases.domain.states import State
from services.cases.domain.views import Next
from shared.clock import local_date
from shared.errors import DomainError
from shared.ids import StaffId

Condition = Literal[
    "no_crime",
    "no_drugs",
    "keep_contact",
    "take_part",
    "tell_of_threats",
    "register_checks",
]
"""What the person agrees to. The contents are not public (seed 002); these are the product's own."""

PauseCause = Literal["CUSTODY", "HOSPITAL", "LOST_CONTACT"]
RegisterOutcome = Literal["NOTHING_TO_REPORT", "CONTACT_US", "NOT_ASKED"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
PAUSE_CAUSES: tuple[PauseCause, ...] = get_args(PauseCause)
IN_PROGRAMME: frozenset[State] = frozenset({"AGREEMENT_PENDING", "ACTIVE", "PAUSED"})
"""From admission to the end; a relapse under review is a matter of its own."""
WITH_NEXT_STEP: frozenset[State] = IN_PROGRAMME | {"RELAPSE_REVIEW"}
"""States whose next step the programme tells, not the tracks of the investigation."""

MAX_PAUSE_DAYS = 92  # product ceiling: a pause that nobody looks at is an end
SOON = timedelta(days=7)
"""A follow-up within a week is what comes next."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The person's signed agreement to the programme's conditions; the newest counts.

    Args:
        paper: the signed paper among the case's documents; None until somebody has put it there.
        withdrawn_at: when the person took it back.
    """

    agreement_id: UUID
    conditions: tuple[Condition, ...]
    own_conditions: str
    signed_on: date
    paper: UUID | None
    recorded_at: datetime
    recorded_by: StaffId
    withdrawn_at: datetime | None

    @property
    def is_in_force(self) -> bool:
        """Signed and not taken back."""
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class Marks:
    """What lists know of a programme without opening the file.

    Args:
        has_agreement: one in force that was recorded since the newest admission.
        follow_up_on: latest day of the next follow-up; None before the programme has begun.
        review_on: when a pause is looked at; None when there is none.
        carry_out_before: of the oldest granted decision that nobody carries out.
        aid_until: first last day of what is granted; None where all of it is until further notice.
        has_open_measure: something is carried out and has not ended.
    """

    has_agreement: bool
    has_aid: bool
    has_goals: bool
    follow_up_on: date | None
    review_on: date | None
    carry_out_before: date | None
    aid_until: date | None = None
    has_open_measure: bool = False


def check_agreement(
    state: State, conditions: Sequence[Condition], own: str, signed_on: date, today: date
) -> None:
    """Raise unless an admitted person can have signed these conditions that day.

    Raises:
        DomainError: `agreement.not_admitted`, `agreement.conditions_missing`,
            `agreement.signed_in_future`.
    """
    if state not in {"AGREEMENT_PENDING", "ACTIVE", "PAUSED", "RELAPSE_REVIEW"}:
        raise DomainError("agreement.not_admitted")
    if not conditions and not own:
        raise DomainError("agreement.conditions_missing")
    if signed_on > today:
        raise DomainError("agreement.signed_in_future")


def check_start(
    *,
    is_agreement_demanded: bool,
    agreement: Agreement | None,
    admitted_at: datetime | None,
    running_aids: Collection[Aid],
) -> None:
    """Raise unless the programme can begin: agreement signed where demanded, something granted.

    Args:
        admitted_at: the newest admission; who comes back and is admitted anew signs anew.

    Raises:
        DomainError: `programme.agreement_missing`, `programme.agreement_old`,
            `programme.decision_missing`.
    """
    if is_agreement_demanded:
        if agreement is None or not agreement.is_in_force:
            raise DomainError("programme.agreement_missing")
        if admitted_at is not None and (
            agreement.recorded_at < admitted_at or agreement.signed_on < local_date(admitted_at)
        ):
            raise DomainError("programme.agreement_old")
    if not running_aids:
        raise DomainError("programme.decision_missing")


def check_pause(review_on: date, today: date) -> None:
    """Raise unless the pause is looked at again in time.

    Raises:
        DomainError: `pause.review_in_past`, `pause.review_too_late`.
    """
    if review_on <= today:
        raise DomainError("pause.review_in_past")
    if (review_on - today).days > MAX_PAUSE_DAYS:
        raise DomainError("pause.review_too_late", days=MAX_PAUSE_DAYS)


def check_completion(
    goals: Collection[Goal],
    *,
    is_threat_demanded: bool,
    is_police_protecting: bool,
    threat_level: Literal["LOW", "MEDIUM", "HIGH"] | None,
    threat_review_on: date | None,
    is_check_waiting: bool,
    today: date,
) -> None:
    """Raise unless the programme has reached its end: goals met, no acute protection, threat known.

    Args:
        is_police_protecting: the municipality has not confirmed that it has the acute protection.
        threat_review_on: latest day of the next assessment; a final level is one that still holds.
        is_check_waiting: a register check has been asked for and not answered.

    Raises:
        DomainError: `closing.goals_missing`, `closing.goals_open`, `closing.acute_protection`,
            `closing.threat_not_assessed`, `closing.threat_outdated`, `closing.check_waits`.
    """
    if not goals:
        raise DomainError("closing.goals_missing")
    if any(goal.is_open for goal in goals):
        raise DomainError("closing.goals_open")
    if threat_level == "HIGH" or is_police_protecting:
        raise DomainError("closing.acute_protection")
    if threat_level is None and is_threat_demanded:
        raise DomainError("closing.threat_not_assessed")
    if threat_review_on is not None and threat_review_on < today:
        raise DomainError("closing.threat_outdated")
    if is_check_waiting:
        raise DomainError("closing.check_waits")


def next_in_programme(
    state: State,
    marks: Marks,
    today: date,
    *,
    is_agreement_demanded: bool,
    is_threat_overdue: bool,
) -> tuple[Next, date | None] | None:
    """What somebody here does next in the programme, and by when."""
    if state == "PAUSED":
        return "resume_programme", marks.review_on
    if state == "RELAPSE_REVIEW":
        return "review_relapse", None
    if state == "AGREEMENT_PENDING":
        return _before_the_start(marks, is_agreement_demanded=is_agreement_demanded), None
    if state != "ACTIVE":
        return None
    is_near = marks.follow_up_on is not None and marks.follow_up_on <= today + SOON
    in_order: tuple[tuple[bool, Next, date | None], ...] = (
        (is_threat_overdue, "review_threat", None),
        (is_near and marks.has_goals, "record_follow_up", marks.follow_up_on),
        (marks.carry_out_before is not None, "carry_out_decision", marks.carry_out_before),
        (not marks.has_goals, "set_goals", None),
        (True, "record_follow_up", marks.follow_up_on),
    )
    return next((step, due_on) for applies, step, due_on in in_order if applies)


def next_while_aided(marks: Marks) -> tuple[Next, date | None] | None:
    """What is left where we ended the programme and aid runs on; None where none does."""
    if marks.carry_out_before is not None:
        return "carry_out_decision", marks.carry_out_before
    if marks.has_aid or marks.has_open_measure:
        return "follow_aid", marks.aid_until
    return None


def _before_the_start(marks: Marks, *, is_agreement_demanded: bool) -> Next:
    if is_agreement_demanded and not marks.has_agreement:
        return "sign_agreement"
    return "start_programme" if marks.has_aid else "decide_aid"
