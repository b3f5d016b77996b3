"""The entry assessment: what a municipality's policy demands, and what the answers come to.

A policy becomes a list of criteria (`services/cases/policy.py`). Each is one of a closed set of
tests; the file's facts leave each test the answers that are possible, and people choose among them
with reasons. A *condition* decides, a *consideration* is weighed and decides nothing alone.
The programme's entry is not aid: nothing here touches an application for assistance.

Sources: the agreement of 2022 (seed 002), Målgrupp; Göteborg's policy (seed 004); design note
`domain.md` 1.1, 1.6, 7.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

from services.cases.domain.commands import Finding, NeedArea
from services.cases.domain.text import optional
from shared.errors import DomainError

GroupType = Literal[
    "criminal_network", "motorcycle_gang", "violent_extremism", "honour_based", "other"
]
"""What the person leaves. `other` is everything that the list does not name."""
Answer = Literal["yes", "no", "unclear"]
CriterionCode = Literal[
    "target_group",
    "threat",
    "motivation",
    "suitability",
    "protection_need",
    "residence",
    "age",
    "consent",
    "conditions",
]
RefusalReason = Literal[
    "OUTSIDE_TARGET_GROUP",
    "NO_MOTIVATION",
    "NOT_SUITABLE",
    "NO_PROTECTION_NEED",
    "OTHER_MUNICIPALITY",
    "NO_CONSENT",
    "CONDITIONS_NOT_ACCEPTED",
]
"""Why somebody is not admitted: closed list of `domain.md` 1.6; each criterion has one."""
Track = Literal["residence", "threat", "consent", "needs"]
KnownThreat = Literal["LOW", "MEDIUM", "HIGH", "NONE_KNOWN"]
"""The police's answer: a level, or that they know of no threat."""
Verdict = Literal["MET", "NOT_MET", "UNCLEAR"]
Party = Literal["municipality", "police", "second"]
"""Who signs: the municipality's delegate, the police, and the second person of a refusal."""
Word = Literal["AGREED", "NOT_AGREED"]
GROUPS: tuple[GroupType, ...] = get_args(GroupType)
ANSWERS: tuple[Answer, ...] = get_args(Answer)
_ALL: frozenset[Answer] = frozenset(ANSWERS)
MAX_REASONS = 4_000
"""Characters for each criterion: the police read all of them before they sign."""


# -- the closed set of tests -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InTargetGroup:
    """The person wants to leave one of these groups."""

    groups: frozenset[GroupType]


@dataclass(frozen=True, slots=True)
class UnderThreat:
    """There is a latent or concrete threat; the police say so."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Only people can answer: motivation, suitability, conditions accepted."""


@dataclass(frozen=True, slots=True)
class NeedsProtection:
    """Judged from the police's assessment of threat and risk, where there is one to judge from."""


@dataclass(frozen=True, slots=True)
class BelongsHere:
    """The residence finding says so."""


@dataclass(frozen=True, slots=True)
class OldEnough:
    """At least this many years old."""

    years: int


@dataclass(frozen=True, slots=True)
class Consents:
    """A consent to exchange information with the police is in force."""


Test = InTargetGroup | UnderThreat | Judged | NeedsProtection | BelongsHere | OldEnough | Consents


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the assessment, with the rule that it comes from.

    Args:
        is_condition: it decides; False: it is weighed.
        rule: the policy's path (`cases.entry.threat`).
        document, section: where the municipality has decided so.
        verified: somebody has read it there.
    """

    code: CriterionCode
    test: Test
    is_condition: bool
    reason: RefusalReason
    rule: str
    document: str
    section: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Demands:
    """What must be answered before an assessment is made; needs always are.

    Args:
        areas: areas of life that every investigation of needs goes through.
    """

    residence: bool
    threat: bool
    consent: bool
    areas: frozenset[NeedArea]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the file and the police say.

    Args:
        finding: the newest residence finding, once two have read it.
        threat: None while the police have not answered.
        has_consent: to cooperate with the police, in force today.
        areas: areas of life whose needs are described.
    """

    age: int | None
    finding: Finding | None
    threat: KnownThreat | None
    has_consent: bool
    areas: frozenset[NeedArea]


@dataclass(frozen=True, slots=True)
class Answered:
    """One criterion's answer."""

    criterion: CriterionCode
    answer: Answer
    reasons: str


# -- before: are the tracks answered? --------------------------------------------------------------


def unanswered(demands: Demands, facts: Facts) -> tuple[Track, ...]:
    """The tracks that stand in the way of an assessment, in the order of the page.

    An unclear residence is an answer only where the policy does not ask for belonging.
    """
    answered: dict[Track, bool] = {
        "residence": facts.finding in {"HERE", "OTHER"}
        or (facts.finding == "UNCLEAR" and not demands.residence),
        "threat": facts.threat is not None or not demands.threat,
        "consent": facts.has_consent or not demands.consent,
        "needs": demands.areas <= facts.areas,
    }
    return tuple(track for track, is_answered in answered.items() if not is_answered)


def check_ready(missing: Sequence[Track]) -> None:
    """Raise `entry.not_ready`, naming the tracks, unless nothing is missing."""
    if missing:
        raise DomainError("entry.not_ready", tracks=",".join(missing))


# -- the answers -----------------------------------------------------------------------------------


def possible(  # noqa: PLR0911 - one return for each variant
    criterion: Criterion, facts: Facts, group: GroupType | None
) -> frozenset[Answer]:
    """The answers that the facts leave: one alone where the file has decided already.

    Args:
        group: None before the form has said what the person leaves: nothing is excluded by it.
    """
    match criterion.test:
        case InTargetGroup(groups):
            # What the list does not name is judged by people; what it names is in or out.
            is_out = group is not None and group != "other" and group not in groups
            return frozenset({"no"}) if is_out else _ALL
        case UnderThreat():
            return frozenset({_threatened(facts.threat)})
        case NeedsProtection():
            is_weighed = not criterion.is_condition or _threatened(facts.threat) == "yes"
            return _ALL if is_weighed else frozenset({_threatened(facts.threat)})
        case BelongsHere():
            return frozenset({_belongs(facts.finding)})
        case OldEnough(years):
            if facts.age is None:
                return frozenset({"unclear"})
            return frozenset({"yes" if facts.age >= years else "no"})
        case Consents():
            return frozenset({"yes" if facts.has_consent else "no"})
        case Judged():
            return _ALL
        case never:
            assert_never(never)


def _threatened(threat: KnownThreat | None) -> Answer:
    if threat is None:
        return "unclear"
    return "no" if threat == "NONE_KNOWN" else "yes"


def _belongs(finding: Finding | None) -> Answer:
    if finding is None or finding == "UNCLEAR":
        return "unclear"
    return "yes" if finding == "HERE" else "no"


def complete(
    criteria: Sequence[Criterion], facts: Facts, group: GroupType, given: Iterable[Answered]
) -> tuple[Answered, ...]:
    """The answers in the policy's order, one for each criterion, none against the facts.

    Where the facts leave one answer, reasons may be left out: the file says why.

    Raises:
        DomainError: `entry.criterion_unknown`, `entry.answered_twice`, `entry.answer_missing`,
            `entry.against_facts`, `entry.reasons_missing` (all with `criterion`),
            `text.too_long`.
    """
    by_code: dict[CriterionCode, Answered] = {}
    known = {criterion.code for criterion in criteria}
    for each in given:
        if each.criterion not in known:
            raise DomainError("entry.criterion_unknown", criterion=each.criterion)
        if each.criterion in by_code:
            raise DomainError("entry.answered_twice", criterion=each.criterion)
        by_code[each.criterion] = each
    return tuple(
        _checked(criterion, possible(criterion, facts, group), by_code.get(criterion.code))
        for criterion in criteria
    )


def _checked(criterion: Criterion, choices: frozenset[Answer], given: Answered | None) -> Answered:
    if given is None:
        raise DomainError("entry.answer_missing", criterion=criterion.code)
    if given.answer not in choices:
        raise DomainError("entry.against_facts", criterion=criterion.code)
    reasons = optional(given.reasons, MAX_REASONS)
    if not reasons and len(choices) > 1:
        raise DomainError("entry.reasons_missing", criterion=criterion.code)
    return Answered(criterion.code, given.answer, reasons)


# -- what they come to -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answers come to under the policy.

    Args:
        failed: conditions answered no, in the policy's order.
        unclear: conditions answered unclear that count against, or for, by the interpretation.
    """

    verdict: Verdict
    failed: tuple[CriterionCode, ...]
    unclear: tuple[CriterionCode, ...]


def outcome(
    criteria: Sequence[Criterion], answers: Collection[Answered], *, favours_the_individual: bool
) -> Outcome:
    """A no to a condition refuses; an unclear one holds up, or counts in the person's favour.

    Source: Göteborg's policy (seed 004), first point: interpretation in the individual's favour.
    """
    given = {each.criterion: each.answer for each in answers}
    conditions = [each.code for each in criteria if each.is_condition]
    failed = tuple(code for code in conditions if given.get(code) == "no")
    unclear = tuple(code for code in conditions if given.get(code, "unclear") == "unclear")
    if failed:
        return Outcome("NOT_MET", failed, unclear)
    is_held_up = bool(unclear) and not favours_the_individual
    return Outcome("UNCLEAR" if is_held_up else "MET", (), unclear)


def still_holds(
    criteria: Sequence[Criterion], facts: Facts, group: GroupType, answers: Sequence[Answered]
) -> bool:
    """Whether the answers are those that the facts of today leave possible."""
    given = {each.criterion: each.answer for each in answers}
    return given.keys() == {each.code for each in criteria} and all(
        given[each.code] in possible(each, facts, group) for each in criteria
    )


def reasons_of(criteria: Sequence[Criterion], found: Outcome) -> tuple[RefusalReason, ...]:
    """The reason codes of the conditions that failed, each once."""
    by_code = {each.code: each.reason for each in criteria}
    return tuple(dict.fromkeys(by_code[code] for code in found.failed))
