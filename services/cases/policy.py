"""Policy of a case: who is meant, what is demanded, how long consent lasts, what is kept."""

from typing import Any, Literal, assert_never

from services.cases.domain.entry import (
    GROUPS,
    BelongsHere,
    Consents,
    Criterion,
    CriterionCode,
    Demands,
    GroupType,
    InTargetGroup,
    Judged,
    NeedsProtection,
    OldEnough,
    RefusalReason,
    Test,
    UnderThreat,
)
from shared.policy import Policy, PolicyStruct, Sourced

MAX_CONSENT_DAYS = 365  # product ceiling: a waiver of secrecy that nobody renews is none
MAX_FOLLOW_UP_MONTHS = 12  # agreement of 2022, Giltighet: at least once a year
MIN_RETENTION_YEARS = 5  # SoL (2001:453) 12 kap. 1–2 §§; law reference `file.purge`

NeedSection = Literal[
    "housing", "economy", "occupation", "health_care", "addiction", "family", "safety"
]
ResidenceGround = Literal["nights_rest", "strongest_connection"]


class OrganisedCrime(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="organised_crime"
):
    """Who leaves a criminal group, network or organised crime.

    Args:
        punishes_leaving: only where leaving is punished.
    """

    punishes_leaving: bool


class AllCrimeAndExtremism(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="all_crime_and_extremism"
):
    """Everyone who wants to leave crime and criminal or violent-extremist groups."""


TargetGroup = OrganisedCrime | AllCrimeAndExtremism


class NoAgeLimit(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="no_limit"):
    """The documents set no lowest age."""


class FromAge(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="from_age"):
    """From this age on the programme is open; aid to younger ones follows the law as always."""

    years: int

    def __post_init__(self) -> None:
        """Refuse a limit above majority: it would shut out the young."""
        if not 1 <= self.years <= 18:
            raise ValueError("years is 1 to 18")


AgeLimit = NoAgeLimit | FromAge


class Belongs(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="belongs"):
    """The case must belong to the municipality.

    Args:
        main_rule: registered here.
        exceptions: what may stand in for it.
    """

    main_rule: Literal["registered"]
    exceptions: tuple[ResidenceGround, ...]


class NoResidenceRule(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="not_stated"):
    """The documents set no rule of their own: the law decides who is responsible."""


ResidenceRule = Belongs | NoResidenceRule
ThreatRule = Literal["required", "not_required"]
ProtectionNeed = Literal["condition", "consideration"]
Motivation = Literal["required_cooperative_and_suitable", "weighed_from_others"]
ConsentRule = Literal["required_at_start", "asked_when_measures"]
AgreementRule = Literal["signed", "not_stated"]
EntryDecision = Literal["joint_with_police", "municipality_with_regard_to_others"]
Interpretation = Literal["national_definitions", "favours_the_individual"]
Suitability = Literal["not_regulated", "special_suitability_required"]
RelapseRule = Literal["conditions_in_agreement", "not_stated"]
FollowUpReport = Literal["yearly_joint_and_to_board", "as_guideline_says"]
RetentionMode = Literal["purge", "archive_sample", "archive_all"]


class EntryPolicy(PolicyStruct, frozen=True, kw_only=True):
    """`[policy.cases.entry]`: who may enter the programme. Aid is tried in any case.

    Args:
        target_group: who is meant.
        threat: whether a latent or concrete threat is demanded.
        protection_need: demanded, or one consideration among others.
        extremism_included: whether leaving violent extremism is meant too.
        age: lowest age.
        residence: whether the case must belong here.
        motivation: demanded, or weighed from what others have judged.
        consent: when consent to exchange information is asked for.
        agreement: whether the person signs conditions.
        decided_by: who makes the entry assessment.
        interpretation: what decides when the rules leave room.
        victims_included: whether measures are also for victims of crime.
    """

    target_group: Sourced[TargetGroup]
    threat: Sourced[ThreatRule]
    protection_need: Sourced[ProtectionNeed]
    extremism_included: Sourced[bool]
    age: Sourced[AgeLimit]
    residence: Sourced[ResidenceRule]
    motivation: Sourced[Motivation]
    consent: Sourced[ConsentRule]
    agreement: Sourced[AgreementRule]
    decided_by: Sourced[EntryDecision]
    interpretation: Sourced[Interpretation]
    victims_included: Sourced[bool]

    def __post_init__(self) -> None:
        """Refuse a target group and an answer on extremism that contradict each other."""
        group = self.target_group.value
        if isinstance(group, AllCrimeAndExtremism) and not self.extremism_included.value:
            raise ValueError("target_group includes extremism, extremism_included says no")


class ConsentPolicy(PolicyStruct, frozen=True, kw_only=True):
    """`[policy.cases.consent]`: how long a waiver of secrecy lasts.

    Args:
        default_days: what the form proposes.
        max_days: the longest that may be chosen.
        warn_days_before: when the worklist says that it ends soon.
    """

    default_days: Sourced[int]
    max_days: Sourced[int]
    warn_days_before: Sourced[int]

    def __post_init__(self) -> None:
        """Hold the ceiling."""
        if not 1 <= self.default_days.value <= self.max_days.value <= MAX_CONSENT_DAYS:
            raise ValueError(f"1 <= default_days <= max_days <= {MAX_CONSENT_DAYS}")
        if not 0 <= self.warn_days_before.value <= self.default_days.value:
            raise ValueError("warn_days_before is 0 to default_days")


class WorkPolicy(PolicyStruct, frozen=True, kw_only=True):
    """`[policy.cases.work]`: how the case is worked on and kept.

    Args:
        need_sections: areas that every investigation of needs goes through.
        handler_suitability: whether case workers must be specially suitable.
        relapse: what the documents say of relapse.
        follow_up_months: longest time between two follow-ups of a case.
        follow_up_report: how the work as a whole is followed up.
        retention: what happens to the file in the end.
        retention_years: from the last note; law's floor.
    """

    need_sections: Sourced[tuple[NeedSection, ...]]
    handler_suitability: Sourced[Suitability]
    relapse: Sourced[RelapseRule]
    follow_up_months: Sourced[int]
    follow_up_report: Sourced[FollowUpReport]
    retention: Sourced[RetentionMode]
    retention_years: Sourced[int]

    def __post_init__(self) -> None:
        """Hold the floors and ceilings."""
        if not self.need_sections.value:
            raise ValueError("need_sections is empty")
        if not 1 <= self.follow_up_months.value <= MAX_FOLLOW_UP_MONTHS:
            raise ValueError(f"follow_up_months is 1 to {MAX_FOLLOW_UP_MONTHS}")
        if self.retention_years.value < MIN_RETENTION_YEARS:
            raise ValueError(f"retention_years is at least {MIN_RETENTION_YEARS}")


class GovernancePolicy(PolicyStruct, frozen=True, kw_only=True):
    """`[policy.cases.governance]`: who answers for the work; shown on "Så arbetar vi".

    Args:
        organisation_home: where the work is done.
        strategic_owner: who answers for it strategically.
        governing_documents: the chain of documents.
    """

    organisation_home: Sourced[str]
    strategic_owner: Sourced[str]
    governing_documents: Sourced[tuple[str, ...]]


class CasesPolicy(PolicyStruct, frozen=True, kw_only=True):
    """Section `[policy.cases]`."""

    entry: EntryPolicy
    consent: ConsentPolicy
    work: WorkPolicy
    governance: GovernancePolicy


# -- the entry policy as criteria ------------------------------------------------------------------

# Agreement of 2022, Målgrupp: a criminal group, network or organised crime. Extremism has a policy
# of its own in Linköping (seed 000); honour-based groups are named by no document that we have.
ORGANISED_CRIME: frozenset[GroupType] = frozenset({"criminal_network", "motorcycle_gang"})


def entry_criteria(policy: Policy) -> tuple[Criterion, ...]:
    """What the policy asks of somebody who wants to enter, in the order of the form."""
    entry = policy.section("cases", CasesPolicy).entry
    asked = _Asked(policy)
    asked.about("target_group", entry.target_group, _target(entry), "OUTSIDE_TARGET_GROUP")
    if entry.threat.value == "required":
        asked.about("threat", entry.threat, UnderThreat(), "NO_PROTECTION_NEED")
    if isinstance(entry.age.value, FromAge):
        asked.about("age", entry.age, OldEnough(entry.age.value.years), "OUTSIDE_TARGET_GROUP")
    is_demanded = entry.motivation.value == "required_cooperative_and_suitable"
    asked.about("motivation", entry.motivation, Judged(), "NO_MOTIVATION", decides=is_demanded)
    if is_demanded:
        asked.about("suitability", entry.motivation, Judged(), "NOT_SUITABLE")
    asked.about(
        "protection_need",
        entry.protection_need,
        NeedsProtection(),
        "NO_PROTECTION_NEED",
        decides=entry.protection_need.value == "condition",
    )
    if isinstance(entry.residence.value, Belongs):
        asked.about("residence", entry.residence, BelongsHere(), "OTHER_MUNICIPALITY")
    if entry.consent.value == "required_at_start":
        asked.about("consent", entry.consent, Consents(), "NO_CONSENT")
    if entry.agreement.value == "signed":
        asked.about("conditions", entry.agreement, Judged(), "CONDITIONS_NOT_ACCEPTED")
    return tuple(asked.criteria)


def entry_demands(policy: Policy) -> Demands:
    """What must be answered before an assessment is made."""
    cases = policy.section("cases", CasesPolicy)
    entry = cases.entry
    return Demands(
        residence=isinstance(entry.residence.value, Belongs),
        threat=entry.threat.value == "required" or entry.protection_need.value == "condition",
        consent=entry.consent.value == "required_at_start",
        areas=frozenset(cases.work.need_sections.value),
    )


def is_joint(policy: Policy) -> bool:
    """Whether the police sign the entry assessment too."""
    return policy.section("cases", CasesPolicy).entry.decided_by.value == "joint_with_police"


def favours_the_individual(policy: Policy) -> bool:
    """Whether what is unclear counts in the person's favour."""
    entry = policy.section("cases", CasesPolicy).entry
    return entry.interpretation.value == "favours_the_individual"


def exclusion_rule(policy: Policy) -> Sourced[RelapseRule]:
    """What the municipality's documents say of who does not keep the conditions."""
    return policy.section("cases", CasesPolicy).work.relapse


class _Asked:
    """The criteria as they are found in a policy."""

    def __init__(self, policy: Policy) -> None:
        self.criteria: list[Criterion] = []
        self._documents = policy.documents

    def about(
        self,
        code: CriterionCode,
        source: Sourced[Any],
        test: Test,
        reason: RefusalReason,
        *,
        decides: bool = True,
    ) -> None:
        """One more criterion, from the parameter that asks for it."""
        name = "motivation" if code == "suitability" else code
        rule = "cases.entry.agreement" if code == "conditions" else f"cases.entry.{name}"
        document = self._documents[source.document].title
        self.criteria.append(
            Criterion(code, test, decides, reason, rule, document, source.section, source.verified)
        )


def _target(entry: EntryPolicy) -> InTargetGroup:
    group = entry.target_group.value
    match group:
        case OrganisedCrime():
            extremism: frozenset[GroupType] = frozenset({"violent_extremism"})
            is_meant = entry.extremism_included.value
            return InTargetGroup(ORGANISED_CRIME | extremism if is_meant else ORGANISED_CRIME)
        case AllCrimeAndExtremism():
            return InTargetGroup(frozenset(GROUPS))
        case never:
            assert_never(never)
