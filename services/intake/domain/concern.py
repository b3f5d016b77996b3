"""The route of a concern: who is told of it, on which ground, in which order, and who assesses it.

The route is the tenant's policy. A step that does not apply is shown with its reason and never
taken; one that applies is taken, or left with a reason, before the next. An assessment waits for all
of them and for somebody with the competence that the policy names, a decision for the assessment.
Source: the note to protocol 257 (seed 000) asks for the flow of information when radicalisation is
suspected; the tenant's policy answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.errors import Conflict, DomainError
from shared.ids import StaffId

ConcernKind = Literal["radicalisation", "criminal_network", "threat", "other"]
ReporterKind = Literal[
    "school",
    "police",
    "prison_and_probation",
    "national_care_board",
    "health_care",
    "other_municipality",
    "private_person",
]
StepName = Literal["safety_check", "extremism_coordinator", "police", "guardians", "reporter"]
Applies = Literal["always", "under_18"]
StepGround = Literal[
    "own_task",
    "secrecy.consent",
    "secrecy.necessary",
    "secrecy.statutory_duty",
    "guardians.insight",
    "reporter.feedback",
]
"""`own_task`: within the same board, no secrecy to lift; the others are keys of the law book."""
Outcome = Literal["taken", "left"]
Opinion = Literal["open", "not_open"]
Status = Literal["taken", "left", "next", "later", "not_for_adults"]

COMES_OF_AGE = 18  # föräldrabalken (1949:381) 9 kap. 1 §


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the route, as the policy lays it down.

    Args:
        within_days: from the report, at the latest; 0 is the same day.
        grounds: on which of these whoever is told may be told.
        document, section: what decided it.
    """

    name: StepName
    applies: Applies
    within_days: int
    grounds: tuple[StepGround, ...]
    document: str
    section: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A step as it was taken, or left.

    Args:
        ground: None when it was left.
        told: which function was told; empty for a step that tells nobody.
        text: what was said or seen, or why it was left.
    """

    step: StepName
    outcome: Outcome
    ground: StepGround | None
    told: str
    text: str
    at: datetime
    by: StaffId


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of this concern, where it stands today.

    Args:
        due_on: last day; None where it does not apply.
        since: from which day the person is an adult, where that is why it does not apply.
    """

    step: Step
    status: Status
    due_on: date | None
    since: date | None
    settled: Settled | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What somebody with the competence for it judges.

    Args:
        competence: which competence it rests on, in force on that day.
    """

    assessment_id: UUID
    opinion: Opinion
    competence: str
    reasons: str
    at: datetime
    by: StaffId


def of_age_on(born_on: date) -> date:
    """The day a person comes of age; who was born on a leap day does so on the first of March."""
    try:
        return born_on.replace(year=born_on.year + COMES_OF_AGE)
    except ValueError:
        return date(born_on.year + COMES_OF_AGE, 3, 1)


def plan(
    steps: Sequence[Step],
    settled: Mapping[StepName, Settled],
    *,
    received_on: date,
    of_age: date | None,
    today: date,
) -> tuple[Planned, ...]:
    """The route of one concern as it stands today.

    Args:
        of_age: when the person comes of age; None where that is not known: then a step for the
            young applies, and whoever leaves it says why.
    """
    found: list[Planned] = []
    is_next_taken = False
    for step in steps:
        known = settled.get(step.name)
        is_adult = of_age is not None and of_age <= today
        due_on = received_on + timedelta(days=step.within_days)
        if known is not None:
            found.append(Planned(step, known.outcome, due_on, None, known))
        elif step.applies == "under_18" and is_adult:
            found.append(Planned(step, "not_for_adults", None, of_age, None))
        else:
            found.append(Planned(step, "later" if is_next_taken else "next", due_on, None, None))
            is_next_taken = True
    return tuple(found)


def check_step(
    planned: Sequence[Planned], name: StepName, outcome: Outcome, ground: StepGround | None
) -> None:
    """Raise unless this step is the next one and is taken on a ground that the route allows.

    Raises:
        DomainError: `concern.step_unknown`, `concern.step_not_for_adults` with `since`,
            `concern.step_before`, `concern.ground_missing`, `concern.ground_not_allowed`.
        Conflict: `concern.step_settled`.
    """
    each = next((one for one in planned if one.step.name == name), None)
    if each is None:
        raise DomainError("concern.step_unknown")
    if each.status == "not_for_adults":
        assert each.since is not None
        raise DomainError("concern.step_not_for_adults", since=each.since.isoformat())
    if each.settled is not None:
        raise Conflict("concern.step_settled")
    if each.status == "later":
        raise DomainError("concern.step_before")
    if outcome == "taken" and ground is None:
        raise DomainError("concern.ground_missing")
    if outcome == "taken" and ground not in each.step.grounds:
        raise DomainError("concern.ground_not_allowed")


def check_assessment(
    planned: Sequence[Planned], held: frozenset[str], wanted: str, known: Assessment | None
) -> None:
    """Raise unless every step is settled and the assessor has the competence.

    Raises:
        DomainError: `concern.steps_open`, `concern.competence_missing` with `competence`.
        Conflict: `concern.assessed_already`.
    """
    if known is not None:
        raise Conflict("concern.assessed_already")
    if any(each.status in {"next", "later"} for each in planned):
        raise DomainError("concern.steps_open")
    if wanted not in held:
        raise DomainError("concern.competence_missing", competence=wanted)


def must_agree(of_age: date | None, today: date) -> bool:
    """Whether the person must want to be investigated: an adult, and whose age nobody knows.

    The steps for the young apply to the latter too: those cost less when they prove an adult than
    an investigation against an adult's will.
    """
    return of_age is None or of_age <= today


def check_decision(
    assessment: Assessment | None, outcome: Opinion, *, must_agree: bool, person_agrees: bool
) -> None:
    """Raise unless the concern was assessed, and whoever must agree to be investigated does.

    Raises:
        DomainError: `concern.assessment_missing`, `concern.adult_must_agree`.
    Source: an adult is not investigated against their will (design note `domain.md` 1.2, row 2).
    """
    if assessment is None:
        raise DomainError("concern.assessment_missing")
    if outcome == "open" and must_agree and not person_agrees:
        raise DomainError("concern.adult_must_agree")
