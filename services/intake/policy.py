"""Policy of the first contact: how fast, how anonymously, and who is told."""

from datetime import date, timedelta
from typing import Literal, assert_never

from services.intake.domain.concern import Applies, Step, StepGround, StepName
from services.staff.api import CompetenceKind
from shared.policy import PolicyStruct, Sourced, SourcedRow, add_working_days

MAX_PRELIMINARY_DAYS_CHILD = 14  # SoL (2025:400) 20 kap. 2 §; law reference `preliminary.child`
MAX_FIRST_CONTACT_WORKING_DAYS = 14  # product ceiling: later is no first contact but a lost one


class NotStatedUrgency(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="not_stated"):
    """The documents say nothing of how fast."""


class WithoutDelay(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="without_delay"):
    """Act without delay; decisions may be made at once."""

    immediate_decisions: bool


Urgency = NotStatedUrgency | WithoutDelay


class AnonymousNotStated(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="not_stated"
):
    """The documents say nothing of contact without a name; advice is still open to all."""


class PhoneLine(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="phone_line"):
    """A telephone line where no name is asked for."""

    weekdays: bool
    opens_hour: int
    closes_hour: int

    def __post_init__(self) -> None:
        """Refuse hours that are none."""
        if not 0 <= self.opens_hour < self.closes_hour <= 24:
            raise ValueError("opens_hour is before closes_hour, both within a day")


AnonymousContact = AnonymousNotStated | PhoneLine
SafetyCheck = Literal["same_day", "next_day"]


class ConcernStep(SourcedRow, frozen=True, kw_only=True):
    """One step of the route of a concern, in the order of the file.

    Args:
        step: which.
        applies: to everybody, or while the person is under 18.
        within_days: from the report, at the latest.
        grounds: on which of these whoever is told may be told.
    """

    step: StepName
    applies: Applies
    within_days: int
    grounds: tuple[StepGround, ...]

    compared = ("applies", "within_days", "grounds")

    def __post_init__(self) -> None:
        """Hold the floors: a step has a ground and a day, and telling guardians is of the young."""
        if not self.grounds:
            raise ValueError(f"{self.step}: no ground")
        if not 0 <= self.within_days <= MAX_PRELIMINARY_DAYS_CHILD:
            raise ValueError(f"{self.step}: within 0 to {MAX_PRELIMINARY_DAYS_CHILD} days")
        if self.step in ONLY_OF_THE_YOUNG and self.applies != "under_18":
            raise ValueError(f"{self.step}: of somebody under 18 only")
        self.check_source(self.step)

    @property
    def rule_key(self) -> str:
        """The row's name in a comparison of policies."""
        return f"concern.{self.step}"


ONLY_OF_THE_YOUNG: frozenset[StepName] = frozenset({"guardians", "reporter"})
"""An adult's guardian is nobody, and who reported an adult is told nothing: secrecy holds
(offentlighets- och sekretesslagen (2009:400) 26 kap. 1 §)."""


class IntakePolicy(PolicyStruct, frozen=True, kw_only=True):
    """Section `[policy.intake]`.

    Args:
        urgency: how fast the documents say that the municipality acts.
        anonymous_contact: whether somebody may ask without saying who they are.
        first_contact_working_days: from a contact to the first answer.
        preliminary_days_child: for a report that concerns somebody under 18.
        safety_check: latest day for the immediate safety check of a child.
        concern_competence: what whoever assesses a reported concern must have learnt.
        concern: the route of a concern, step by step.
    """

    urgency: Sourced[Urgency]
    anonymous_contact: Sourced[AnonymousContact]
    first_contact_working_days: Sourced[int]
    preliminary_days_child: Sourced[int]
    safety_check: Sourced[SafetyCheck]
    concern_competence: Sourced[CompetenceKind]
    concern: tuple[ConcernStep, ...]

    def __post_init__(self) -> None:
        """Hold law's ceilings, and a route on which no step stands twice."""
        steps = [row.step for row in self.concern]
        if len(steps) != len(set(steps)) or not steps:
            raise ValueError("the route of a concern has each of its steps once, and one at least")
        if not 1 <= self.preliminary_days_child.value <= MAX_PRELIMINARY_DAYS_CHILD:
            raise ValueError(f"preliminary_days_child is 1 to {MAX_PRELIMINARY_DAYS_CHILD}")
        if not 0 <= self.first_contact_working_days.value <= MAX_FIRST_CONTACT_WORKING_DAYS:
            raise ValueError(f"first_contact_working_days is 0 to {MAX_FIRST_CONTACT_WORKING_DAYS}")


def first_contact_due(contacted_on: date, policy: IntakePolicy) -> date:
    """Last day to get back to who contacted us; the day itself where no delay is allowed."""
    match policy.urgency.value:
        case WithoutDelay() | NotStatedUrgency():
            return add_working_days(contacted_on, policy.first_contact_working_days.value)
        case never:
            assert_never(never)


def preliminary_due(received_on: date, policy: IntakePolicy) -> date:
    """Last day of a child's preliminary assessment; day 0 is not counted."""
    return received_on + timedelta(days=policy.preliminary_days_child.value)


def concern_steps(policy: IntakePolicy, titles: dict[str, str]) -> tuple[Step, ...]:
    """The route as the domain reads it.

    Args:
        titles: of the governing documents, by key.
    """
    return tuple(
        Step(
            row.step,
            row.applies,
            row.within_days,
            row.grounds,
            titles[row.document],
            row.section,
        )
        for row in policy.concern
    )
