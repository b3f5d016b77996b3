"""Policy of protection: which police unit answers, how often a threat is assessed anew."""

from datetime import date, timedelta
from typing import Literal, assert_never

from shared.policy import PolicyStruct, Sourced

ThreatLevel = Literal["HIGH", "MEDIUM", "LOW"]
PoliceUnitKind = Literal["local_police_area", "police_protection_unit"]

# Product ceilings: a threat that nobody looks at is not known. Source: domain model, table 1.3.
MAX_REVIEW_DAYS_HIGH = 30
MAX_REVIEW_DAYS = 180
MAX_REVEAL_MINUTES = 60  # a revealed address closes by itself
MAX_BREAK_GLASS_MINUTES = 60  # product ceiling: one emergency, not one working day


class UnitsByLevel(PolicyStruct, frozen=True, kw_only=True):
    """Which kind of police unit answers for the police's work at each level."""

    high: PoliceUnitKind
    medium: PoliceUnitKind
    low: PoliceUnitKind

    def __post_init__(self) -> None:
        """A high threat is Bops' everywhere: protection of that kind is not the local area's."""
        if self.high != "police_protection_unit":
            raise ValueError("a high threat always belongs to police_protection_unit")


class ReviewDays(PolicyStruct, frozen=True, kw_only=True):
    """Longest time between two assessments at each level."""

    high: int
    medium: int
    low: int

    def __post_init__(self) -> None:
        """Hold the ceilings, and never a graver threat looked at more seldom."""
        if not 1 <= self.high <= MAX_REVIEW_DAYS_HIGH:
            raise ValueError(f"high is 1 to {MAX_REVIEW_DAYS_HIGH} days")
        if not self.high <= self.medium <= self.low <= MAX_REVIEW_DAYS:
            raise ValueError(f"high <= medium <= low <= {MAX_REVIEW_DAYS} days")


class AfterPoliceRelease(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="after_police_release"
):
    """The municipality answers for protection in the long run from when the police let go."""


class LongTermEndurance(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="long_term_endurance"
):
    """The documents promise endurance and continuity, without saying when who takes over."""


LongTermProtection = AfterPoliceRelease | LongTermEndurance


class ChecksOnRequest(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="on_request"):
    """The police check their registers when the municipality asks, during the programme."""


class ChecksNotStated(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="not_stated"):
    """The documents say nothing of register checks: none are asked for."""


RegisterChecks = ChecksOnRequest | ChecksNotStated


class ProtectionPolicy(PolicyStruct, frozen=True, kw_only=True):
    """Section `[policy.protection]`.

    Args:
        unit_by_level: who in the police answers.
        long_term_protection: who answers when the acute protection ends.
        register_checks: whether the municipality may ask the police to check.
        review_days: longest time to the next assessment.
        answer_threat_days: when an answer from the police is wished for.
        placement_answer_at: levels at which no placement or handover goes without the police's
            answer; more may be named, `HIGH` always is.
        reveal_minutes: how long a revealed address stays open.
        break_glass_minutes: how long an emergency opening lasts.
        break_glass_review_working_days: when it must have been reviewed.
    """

    unit_by_level: Sourced[UnitsByLevel]
    long_term_protection: Sourced[LongTermProtection]
    register_checks: Sourced[RegisterChecks]
    review_days: Sourced[ReviewDays]
    answer_threat_days: Sourced[int]
    placement_answer_at: Sourced[tuple[ThreatLevel, ...]]
    reveal_minutes: Sourced[int]
    break_glass_minutes: Sourced[int]
    break_glass_review_working_days: Sourced[int]

    def __post_init__(self) -> None:
        """Hold the floors and ceilings."""
        if "HIGH" not in self.placement_answer_at.value:
            raise ValueError("placement_answer_at always names HIGH")
        if not 1 <= self.reveal_minutes.value <= MAX_REVEAL_MINUTES:
            raise ValueError(f"reveal_minutes is 1 to {MAX_REVEAL_MINUTES}")
        if not 1 <= self.break_glass_minutes.value <= MAX_BREAK_GLASS_MINUTES:
            raise ValueError(f"break_glass_minutes is 1 to {MAX_BREAK_GLASS_MINUTES}")
        if not 1 <= self.break_glass_review_working_days.value <= 5:
            raise ValueError("break_glass_review_working_days is 1 to 5")
        if not 1 <= self.answer_threat_days.value <= MAX_REVIEW_DAYS_HIGH:
            raise ValueError(f"answer_threat_days is 1 to {MAX_REVIEW_DAYS_HIGH}")


def unit_kind(level: ThreatLevel, policy: ProtectionPolicy) -> PoliceUnitKind:
    """The kind of police unit that answers at this level."""
    units = policy.unit_by_level.value
    match level:
        case "HIGH":
            return units.high
        case "MEDIUM":
            return units.medium
        case "LOW":
            return units.low
        case never:
            assert_never(never)


def review_due(assessed_on: date, level: ThreatLevel, policy: ProtectionPolicy) -> date:
    """Last day for the next assessment."""
    days = policy.review_days.value
    match level:
        case "HIGH":
            return assessed_on + timedelta(days=days.high)
        case "MEDIUM":
            return assessed_on + timedelta(days=days.medium)
        case "LOW":
            return assessed_on + timedelta(days=days.low)
        case never:
            assert_never(never)


def may_ask_register_check(policy: ProtectionPolicy) -> bool:
    """Whether the documents let the municipality ask the police to check their registers."""
    match policy.register_checks.value:
        case ChecksOnRequest():
            return True
        case ChecksNotStated():
            return False
        case never:
            assert_never(never)
