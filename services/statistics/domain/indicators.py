"""What is counted: a fixed set of series, each with its definition, period rule and breakdowns.

Data, not code: nothing here is computed. `table.py` beside it says what is published of this, and
`vector.py` in which order it travels. The ids are stable for ever; a changed definition is a new id.
Source: design note `domain.md` 5.2, indicators I1 to I18.

**Period rule.** An `event` belongs to the half-year of the day on which it happened, at the
municipality that was responsible on that day. What became known after the half-year was counted
belongs to the next. A `stock` is what holds at the end of the half-year's last day; what was missed
is not made up for later.

**A handover is one event with two ends.** The receiving file is no new contact: it counts as
`received`, never as `contacts`, `assessed` or `admitted`; the giving file counts as `ended` with
`TRANSFERRED`. On every day exactly one of the two stands in `ongoing`.
"""

from dataclasses import dataclass
from typing import Literal

DimensionId = Literal[
    "age",
    "sex",
    "group_type",
    "threat",
    "channel",
    "not_admitted_reason",
    "ended_reason",
    "weeks",
]
PeriodRule = Literal["event", "stock"]

UNKNOWN = "unknown"
LONGEST_WEEKS = 52
LONGER = f"{LONGEST_WEEKS}+"

DIMENSIONS: dict[DimensionId, tuple[str, ...]] = {
    # Whole years on the day of the event.
    "age": ("0-17", "18-20", "21-25", "26-39", "40+", UNKNOWN),
    # From the personal number; none is asked for.
    "sex": ("woman", "man", UNKNOWN),
    "group_type": (
        "criminal_network",
        "motorcycle_gang",
        "violent_extremism",
        "honour_based",
        "other",
        UNKNOWN,
    ),
    # The police's newest assessment on the day of the event.
    "threat": ("LOW", "MEDIUM", "HIGH", "NOT_ASSESSED"),
    "channel": ("phone", "visit", "letter", "referral", "message", UNKNOWN),
    # Closed lists: `domain.md` 1.6.
    "not_admitted_reason": (
        "NO_MOTIVATION",
        "NOT_SUITABLE",
        "NO_PROTECTION_NEED",
        "OTHER_MUNICIPALITY",
        "NO_CONSENT",
        "CONDITIONS_NOT_ACCEPTED",
        "OUTSIDE_TARGET_GROUP",
        UNKNOWN,
    ),
    "ended_reason": (
        "COMPLETED",
        "WITHDRAWN",
        "EXCLUDED_RELAPSE",
        "EXCLUDED_CONDITIONS",
        "TRANSFERRED",
        "LOST_CONTACT",
        "DECEASED",
        "NOT_OPENED",
        "NOT_ADMITTED",
        UNKNOWN,
    ),
    # Whole weeks that have passed: 6 days are week 0, 7 days week 1.
    "weeks": (*(str(week) for week in range(LONGEST_WEEKS)), LONGER),
}
"""Each breakdown's categories, in order. The order is part of what travels: never changed."""


@dataclass(frozen=True, slots=True)
class Series:
    """One number for each municipality and half-year, with its breakdowns.

    Args:
        id: stable.
        indicator: I1 to I18; the order of the design note.
        rule: see the module.
        meaning: what one counts.
        breakdowns: besides the total; one or two dimensions each.
        is_regional: the total is shown for county groups too; never a breakdown.
        fed_by: the service whose rows it is counted from; None where no part of the product
            records it yet: then it is 0 everywhere, and shown as not collected.
        most: a higher figure from one municipality in a half-year is a mistake (a plausible bound,
            ten times the largest known volume, `domain.md` 5.1).
    """

    id: str
    indicator: str
    rule: PeriodRule
    meaning: str
    breakdowns: tuple[tuple[DimensionId, ...], ...] = ()
    is_regional: bool = False
    fed_by: str | None = None
    most: int = 1000


_WHO: tuple[tuple[DimensionId, ...], ...] = (
    ("age",),
    ("sex",),
    ("group_type",),
    ("age", "sex"),
    ("age", "group_type"),
)
_THREAT: tuple[tuple[DimensionId, ...], ...] = (("threat",), ("group_type", "threat"))
_WEEKS: tuple[tuple[DimensionId, ...], ...] = (("weeks",),)

SERIES: tuple[Series, ...] = (
    Series(
        "contacts",
        "I1",
        "event",
        "First contacts that were registered as a case.",
        (*_WHO, ("channel",)),
        is_regional=True,
        fed_by="cases",
    ),
    Series(
        "identified",
        "I2",
        "event",
        "Contacts in which the person said who they are; counted on the day of the contact.",
        fed_by="cases",
    ),
    Series(
        "assessed",
        "I3",
        "event",
        "Cases ready for the joint entry assessment.",
        fed_by="cases",
    ),
    Series(
        "admitted",
        "I4",
        "event",
        "Cases admitted after the joint entry assessment.",
        (*_WHO, *_THREAT, ("channel",)),
        is_regional=True,
        fed_by="cases",
    ),
    Series(
        "not_admitted",
        "I5",
        "event",
        "Cases not admitted, by the failed criterion.",
        (("not_admitted_reason",),),
        fed_by="cases",
    ),
    Series(
        "ongoing",
        "I6",
        "stock",
        "Open cases that this municipality is responsible for.",
        (*_WHO, *_THREAT),
        is_regional=True,
        fed_by="cases",
        most=3000,
    ),
    Series(
        "ended",
        "I7",
        "event",
        "Cases that ended, by reason; TRANSFERRED are the handed over.",
        (("ended_reason",),),
        is_regional=True,
        fed_by="cases",
    ),
    Series(
        "received",
        "I7",
        "event",
        "Cases taken over from another municipality.",
        fed_by="cases",
    ),
    Series(
        "completed",
        "I8",
        "event",
        "Cases that ended because the goals were met.",
        (*_WHO, *_THREAT),
        is_regional=True,
        fed_by="cases",
    ),
    Series(
        "relapse_reviews",
        "I9",
        "event",
        "Reviews opened because of a relapse.",
        fed_by="cases",
    ),
    Series(
        "excluded_relapse",
        "I9",
        "event",
        "Cases that ended by exclusion for a relapse.",
        fed_by="cases",
    ),
    Series(
        "checked_at_closing",
        "I10",
        "event",
        "Completed cases in which the police answered the register check at closing.",
        fed_by="cases",
    ),
    Series(
        "no_offence_at_closing",
        "I10",
        "event",
        "Of these, with nothing to report.",
        fed_by="cases",
    ),
    Series(
        "checked_after_a_year",
        "I10",
        "event",
        "Completed cases in which the police answered the register check 12 months later.",
    ),
    Series(
        "no_offence_after_a_year",
        "I10",
        "event",
        "Of these, with nothing to report.",
    ),
    Series(
        "weeks_to_meeting",
        "I11",
        "event",
        "Weeks from contact to first meeting; counted when the meeting was held.",
        _WEEKS,
        fed_by="cases",
    ),
    Series(
        "weeks_to_decision",
        "I12",
        "event",
        "Weeks from application to the first decision on aid; counted when it was decided.",
        _WEEKS,
        fed_by="decisions",
    ),
    Series(
        "weeks_to_threat",
        "I13",
        "event",
        "Weeks from the threat request to the police's answer; counted when it was answered.",
        _WEEKS,
        fed_by="protection",
    ),
    Series(
        "proposed",
        "I14",
        "event",
        "Handovers that were proposed; counted at the sender.",
        is_regional=True,
        fed_by="handover",
    ),
    Series(
        "declined",
        "I14",
        "event",
        "Handovers that the receiver declined; counted at the sender.",
        fed_by="handover",
    ),
    Series(
        "disputed",
        "I14",
        "event",
        "Handovers brought to the supervisory authority (IVO); counted at the sender.",
        is_regional=True,
        fed_by="handover",
    ),
    Series(
        "weeks_to_answer",
        "I14",
        "event",
        "Weeks from proposal to the receiver's answer; counted at the sender, when it came.",
        _WEEKS,
        fed_by="handover",
    ),
    Series(
        "weeks_to_take_over",
        "I14",
        "event",
        "Weeks from proposal to take-over; counted at the sender, when it came.",
        _WEEKS,
        fed_by="handover",
    ),
    Series(
        "protection_handovers",
        "I15",
        "event",
        "Handovers of protection from the police to the municipality, confirmed by it.",
        fed_by="cases",
    ),
    Series(
        "money_applied",
        "I16",
        "event",
        "Applications for state money.",
        fed_by="cases",
    ),
    Series(
        "money_granted",
        "I16",
        "event",
        "Applications for state money that were granted; counted when they were.",
        fed_by="cases",
    ),
    Series(
        "external_providers",
        "I17",
        "stock",
        "Open cases with a running measure by an external provider.",
        fed_by="cases",
        most=3000,
    ),
    Series(
        "break_glass",
        "I18",
        "event",
        "Emergency openings: somebody on call, no member of the case, let in as the threat was raised.",
        fed_by="cases",
    ),
    Series(
        "log_reviews",
        "I18",
        "event",
        "Log reviews that were done; no persons.",
        fed_by="audit",
    ),
)


def _by_id() -> dict[str, Series]:
    found = {each.id: each for each in SERIES}
    if len(found) != len(SERIES):
        raise ValueError("two series have the same id")
    for series in SERIES:
        for dimensions in series.breakdowns:
            if not 1 <= len(dimensions) <= 2 or len(set(dimensions)) != len(dimensions):
                raise ValueError(f"{series.id}: at most two different dimensions at a time")
    return found


BY_ID: dict[str, Series] = _by_id()
