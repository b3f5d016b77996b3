"""What a difference between two policies means for one case, and which differences touch it at all.

A rule is named in `TOUCHES`, or it touches every case: a rule that nobody has thought of is shown
rather than hidden. What follows from a difference is said as a code and facts; words are elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from shared.errors import Fact
from shared.policy import Difference

Level = Literal["LOW", "MEDIUM", "HIGH"]


@dataclass(frozen=True, slots=True)
class OnCase:
    """What of a case the rules ask about.

    Args:
        level, assessed_on: the newest threat assessment; None where there is none.
        age: in whole years; None where the person has given no number.
        ground: of the confirmed residence finding.
        need_areas: that something is written about.
        consent_until: last day of the consent that the handover rests on.
        is_light: nothing has been investigated yet.
    """

    today: date
    level: Level | None = None
    assessed_on: date | None = None
    age: int | None = None
    ground: str | None = None
    need_areas: frozenset[str] = frozenset()
    consent_until: date | None = None
    is_light: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What follows for this case.

    Args:
        facts: of the sentence that the code names; no personal data.
    """

    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class OnThisCase:
    """A difference that touches the case.

    Args:
        rule, left, right: as `shared.policy.Difference`; ours is left.
        meaning: None where the two values say it all.
    """

    rule: str
    left: Any
    right: Any
    meaning: Meaning | None


_OF_THE_WHOLE = "follow_up."
"""Rules of how all the work is followed up; no case turns on them."""

Touch = Callable[[OnCase, Any, Any], Meaning | Literal[False] | None]
"""Given ours and theirs: what follows, None for nothing more than they say, False: no matter here."""


def on_this_case(differences: Sequence[Difference], case: OnCase) -> list[OnThisCase]:
    """The differences that touch the case, each with what follows from it."""
    found = []
    for each in differences:
        if each.rule.startswith(_OF_THE_WHOLE):
            continue
        touch = TOUCHES.get(each.rule, _shown)
        meaning = touch(case, each.left.value, each.right.value)
        if meaning is not False:
            found.append(OnThisCase(each.rule, each.left, each.right, meaning))
    return found


def _shown(_case: OnCase, _ours: Any, _theirs: Any) -> None:
    """Touches every case."""


def _no_matter(_case: OnCase, _ours: Any, _theirs: Any) -> Literal[False]:
    """How the authority works in itself: nothing of this case turns on it."""
    return False


def _before_investigation(case: OnCase, _ours: Any, _theirs: Any) -> Literal[False] | None:
    return None if case.is_light else False


def _met(is_met: bool, rule: str) -> Meaning:  # noqa: FBT001 - the sentence's own verb
    return Meaning(f"{rule}.{'met' if is_met else 'not_met'}", {})


def _threat(case: OnCase, _ours: Any, theirs: Any) -> Meaning:
    return _met(theirs != "required" or case.level is not None, "threat")


def _age(case: OnCase, _ours: Any, theirs: Any) -> Meaning | None:
    if theirs is None or theirs.get("kind") != "from_age":
        return _met(is_met=True, rule="age")
    return None if case.age is None else _met(case.age >= theirs["years"], "age")


def _residence(case: OnCase, _ours: Any, theirs: Any) -> Meaning | None:
    if theirs is None or theirs.get("kind") != "belongs":
        return None
    if case.ground is None:
        return Meaning("residence.not_found", {})
    return _met(case.ground == "main_rule" or case.ground in theirs["exceptions"], "residence")


def _consent(case: OnCase, _ours: Any, theirs: Any) -> Meaning | Literal[False]:
    if case.consent_until is None or theirs is None:
        return False
    left = (case.consent_until - case.today).days
    return False if left <= theirs else Meaning("consent.longer", {"days": theirs})


def _needs(case: OnCase, _ours: Any, theirs: Any) -> Meaning | Literal[False]:
    there = frozenset(theirs or ())
    unknown = case.need_areas - there
    missing = there - case.need_areas
    if unknown:
        return Meaning("needs.not_theirs", {"areas": ",".join(sorted(unknown))})
    return (
        Meaning("needs.to_investigate", {"areas": ",".join(sorted(missing))}) if missing else False
    )


def _unit(case: OnCase, ours: Any, theirs: Any) -> Meaning | Literal[False] | None:
    if case.level is None:
        return None
    at = case.level.lower()
    if ours is None or theirs is None:
        return None
    return False if ours[at] == theirs[at] else Meaning("unit.other", {"level": case.level})


def _review(case: OnCase, ours: Any, theirs: Any) -> Meaning | Literal[False] | None:
    if case.level is None or case.assessed_on is None or ours is None or theirs is None:
        return None
    at = case.level.lower()
    if ours[at] == theirs[at]:
        return False
    by = case.assessed_on + timedelta(days=theirs[at])
    return Meaning("review.by", {"level": case.level, "by": by.isoformat()})


def _placement(case: OnCase, ours: Any, theirs: Any) -> Meaning | Literal[False] | None:
    if case.level is None:
        return None
    here, there = case.level in (ours or ()), case.level in (theirs or ())
    if here == there:
        return False
    return Meaning("placement.asked_there" if there else "placement.not_asked_there", {})


def _first_meeting(case: OnCase, _ours: Any, theirs: Any) -> Meaning | None:
    if theirs is None:
        return None
    by = case.today + timedelta(days=theirs)
    return Meaning("first_meeting.by", {"by": by.isoformat()})


TOUCHES: Mapping[str, Touch] = {
    "intake.urgency": _before_investigation,
    "intake.anonymous_contact": _no_matter,
    "intake.first_contact_working_days": _before_investigation,
    "intake.preliminary_days_child": lambda case, ours, theirs: (
        False if case.age is None or case.age >= 18 else _before_investigation(case, ours, theirs)
    ),
    "intake.safety_check": _before_investigation,
    "cases.entry.threat": _threat,
    "cases.entry.age": _age,
    "cases.entry.residence": _residence,
    "cases.consent.default_days": _no_matter,
    "cases.consent.max_days": _consent,
    "cases.consent.warn_days_before": _no_matter,
    "cases.work.need_sections": _needs,
    "cases.work.follow_up_report": _no_matter,
    "cases.governance.organisation_home": _no_matter,
    "cases.governance.strategic_owner": _no_matter,
    "cases.governance.governing_documents": _no_matter,
    "protection.unit_by_level": _unit,
    "protection.review_days": _review,
    "protection.answer_threat_days": _no_matter,
    "protection.placement_answer_at": _placement,
    "protection.reveal_minutes": _no_matter,
    "protection.break_glass_minutes": _no_matter,
    "protection.break_glass_review_working_days": _no_matter,
    "handover.remind_days_before": _no_matter,
    "handover.receiving_function": _no_matter,
    "handover.first_meeting_days": _first_meeting,
    "decisions.investigation.open": _before_investigation,
    "decisions.investigation.not_open": _before_investigation,
    "decisions.policy.change": _no_matter,
    "decisions.purge.decide": _no_matter,
}
