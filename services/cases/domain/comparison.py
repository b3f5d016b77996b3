"""One case's facts under two municipalities' policies: where the outcome differs, and by which rule.

A criterion's answer here is what the assessment says, or the one that the file leaves. There it is
the same, as far as it follows from the same facts: what the file decides is asked of the file again
(a case that belongs here does not belong there), what people have judged here they would judge alike
there, and what nobody has been asked is `open`. Nothing is guessed, and nothing is sent: the other
municipality's policy is what it has published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.cases.domain.commands import Finding
from services.cases.domain.entry import (
    Answered,
    Criterion,
    CriterionCode,
    Facts,
    GroupType,
    InTargetGroup,
    Verdict,
    outcome,
    possible,
)
from shared.ids import AuthorityCode

Ruling = Literal["yes", "no", "unclear", "open"]
"""`open`: it turns on what nobody has answered yet."""
Comparable = Verdict | Literal["OPEN"]


@dataclass(frozen=True, slots=True)
class Ruled:
    """One municipality's policy on these facts.

    Args:
        facts: as that municipality would find them, see `facts_at`.
    """

    criteria: Sequence[Criterion]
    facts: Facts
    favours_the_individual: bool


@dataclass(frozen=True, slots=True)
class Side:
    """What one policy says of one criterion."""

    ruling: Ruling
    is_condition: bool
    rule: str
    document: str
    section: str
    verified: bool


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One criterion under both.

    Args:
        here, there: None where that policy does not ask for it.
        is_cause: the outcomes differ, and this is why.
    """

    code: CriterionCode
    here: Side | None
    there: Side | None
    is_cause: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both outcomes, and every criterion that either policy has, ours first."""

    here: Comparable
    there: Comparable
    rows: tuple[ComparedRow, ...]


def facts_at(facts: Facts, belongs_to: AuthorityCode | None, authority: AuthorityCode) -> Facts:
    """The same facts in that municipality: where the person belongs is all that turns on where.

    Args:
        belongs_to: what the residence finding names; None where it names nobody.
    """
    if facts.finding is None:
        return facts
    found: Finding = "UNCLEAR"
    if belongs_to is not None:
        found = "HERE" if belongs_to == authority else "OTHER"
    return replace(facts, finding=found)


def compare(
    here: Ruled, there: Ruled, group: GroupType | None, answers: Sequence[Answered]
) -> Comparison:
    """Both policies on one case.

    Args:
        group: what the person leaves; None before anybody has said.
        answers: of the newest assessment here; none before one is made.
    """
    judged = _judged(here, group, answers)
    ours = _rulings(here, group, judged)
    theirs = _rulings(there, group, judged)
    first, second = _verdict(here, ours), _verdict(there, theirs)
    causes = _causes(here, ours, theirs, there) if first != second else frozenset[CriterionCode]()
    by_code = {each.code: each for each in there.criteria}
    codes = dict.fromkeys([*(each.code for each in here.criteria), *by_code])
    ours_by_code = {each.code: each for each in here.criteria}
    return Comparison(
        first,
        second,
        tuple(
            ComparedRow(
                code,
                _side(ours_by_code.get(code), ours),
                _side(by_code.get(code), theirs),
                is_cause=code in causes,
            )
            for code in codes
        ),
    )


def _judged(
    here: Ruled, group: GroupType | None, answers: Sequence[Answered]
) -> dict[CriterionCode, Ruling]:
    """What people have answered here where the file left them a choice."""
    asked = {each.code for each in here.criteria if len(possible(each, here.facts, group)) > 1}
    return {each.criterion: each.answer for each in answers if each.criterion in asked}


def _rulings(
    ruled: Ruled, group: GroupType | None, judged: Mapping[CriterionCode, Ruling]
) -> dict[CriterionCode, Ruling]:
    return {each.code: _ruling(each, ruled.facts, group, judged) for each in ruled.criteria}


def _ruling(
    criterion: Criterion,
    facts: Facts,
    group: GroupType | None,
    judged: Mapping[CriterionCode, Ruling],
) -> Ruling:
    choices = possible(criterion, facts, group)
    if len(choices) == 1:
        (only,) = choices
        return only
    if criterion.code in judged:
        return judged[criterion.code]
    is_named = isinstance(criterion.test, InTargetGroup) and group in criterion.test.groups
    # The policy names the group itself, all but what stands for everything unnamed.
    return "yes" if is_named and group != "other" else "open"


def _verdict(ruled: Ruled, rulings: Mapping[CriterionCode, Ruling]) -> Comparable:
    conditions = [rulings[each.code] for each in ruled.criteria if each.is_condition]
    if "no" not in conditions and "open" in conditions:
        return "OPEN"
    answers = [Answered(code, answer, "") for code, answer in rulings.items() if answer != "open"]
    favours = ruled.favours_the_individual
    return outcome(ruled.criteria, answers, favours_the_individual=favours).verdict


def _causes(
    here: Ruled,
    ours: Mapping[CriterionCode, Ruling],
    theirs: Mapping[CriterionCode, Ruling],
    there: Ruled,
) -> frozenset[CriterionCode]:
    """The conditions that stand in the way on one side and not on the other."""
    return frozenset(_in_the_way(here, ours) ^ _in_the_way(there, theirs))


def _in_the_way(ruled: Ruled, rulings: Mapping[CriterionCode, Ruling]) -> set[CriterionCode]:
    in_the_way: set[Ruling] = {"no", "open"}
    if not ruled.favours_the_individual:
        in_the_way.add("unclear")
    return {
        each.code
        for each in ruled.criteria
        if each.is_condition and rulings[each.code] in in_the_way
    }


def _side(criterion: Criterion | None, rulings: Mapping[CriterionCode, Ruling]) -> Side | None:
    if criterion is None:
        return None
    return Side(
        rulings[criterion.code],
        criterion.is_condition,
        criterion.rule,
        criterion.document,
        criterion.section,
        criterion.verified,
    )
