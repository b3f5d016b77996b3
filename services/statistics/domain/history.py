"""From what happened in a case to what is counted of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.statistics.domain.counting import Dated
from services.statistics.domain.indicators import (
    DIMENSIONS,
    LONGER,
    LONGEST_WEEKS,
    UNKNOWN,
    DimensionId,
)
from services.statistics.domain.vector import Happening
from shared.clock import local_date

SERIES_OF: Mapping[str, str] = {
    "contact": "contacts",
    "received": "received",
    "assessed": "assessed",
    "admitted": "admitted",
    "not_admitted": "not_admitted",
    "relapse_review": "relapse_reviews",
    "protection_taken": "protection_handovers",
    "ended": "ended",
}
"""The series that counts each kind of step; the others open and close without being counted."""
_OPENS = frozenset({"contact", "received", "reopened"})
_AGES = ((17, "0-17"), (20, "18-20"), (25, "21-25"), (39, "26-39"))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened in a case, in the words of `cases`.

    Args:
        reason: of an end: why; of a refused entry: the failed criterion.
    """

    kind: str
    on: date
    known_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """The police's answer to the register check, as it stood on that day."""

    on: date
    known_at: datetime
    is_clear: bool


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """One case: no identity.

    Args:
        levels: the police's assessments, oldest first.
        steps: oldest first.
        checks: what the police had answered when the programme was completed; nothing of who was
            never asked about.
        bought: measures by external providers, first and last day.
    """

    born_on: date | None
    sex: str | None
    group_type: str | None
    channel: str | None
    levels: tuple[tuple[date, str], ...]
    steps: tuple[Step, ...]
    checks: tuple[Check, ...] = ()
    bought: tuple[tuple[date, date | None], ...] = ()


def case_events(case: CaseHistory) -> Iterator[Dated]:
    """Every event of the case that a series counts."""
    for step in case.steps:
        for series, attributes in _counted_as(case, step):
            yield Dated(Happening(series, attributes), step.on, step.known_at)
    for check in case.checks:
        yield Dated(Happening("checked_at_closing"), check.on, check.known_at)
        if check.is_clear:
            yield Dated(Happening("no_offence_at_closing"), check.on, check.known_at)
    yield from _first_meeting(case)


def _first_meeting(case: CaseHistory) -> Iterator[Dated]:
    """From contact to meeting. Who comes in person has met somebody by that."""
    contact = next((step for step in case.steps if step.kind == "contact"), None)
    if contact is None:
        return
    if case.channel == "visit":
        yield waited_days("weeks_to_meeting", contact.on, contact.on, contact.known_at)
        return
    met = next((step for step in case.steps if step.kind == "met"), None)
    if met is not None:
        yield waited_days("weeks_to_meeting", contact.on, met.on, met.known_at)


def _counted_as(case: CaseHistory, step: Step) -> Iterator[tuple[str, Mapping[DimensionId, str]]]:
    if step.kind not in SERIES_OF:
        return
    who = attributes(case, step.on)
    match step.kind:
        case "ended":
            yield "ended", {"ended_reason": _known("ended_reason", step.reason)}
            if step.reason == "COMPLETED":
                yield "completed", who
            if step.reason == "EXCLUDED_RELAPSE":
                yield "excluded_relapse", {}
        case "not_admitted":
            yield (
                "not_admitted",
                {"not_admitted_reason": _known("not_admitted_reason", step.reason)},
            )
        case "protection_taken":
            yield "protection_handovers", {}
        case "contact":
            yield "contacts", who
            if case.born_on is not None:
                yield "identified", {}
        case _:
            yield SERIES_OF[step.kind], who


def stocks(
    cases: Iterable[CaseHistory], last_day: date, known_until: datetime
) -> Iterator[Happening]:
    """The cases open here at the end of that day, as far as is known; those with a provider too."""
    for case in cases:
        known = [s for s in case.steps if s.on <= last_day and s.known_at <= known_until]
        is_open = False
        # What was written in the same instant, as in a take-over: the end is last.
        for step in sorted(known, key=lambda s: (s.known_at, s.kind == "ended")):
            if step.kind in _OPENS:
                is_open = True
            elif step.kind == "ended":
                is_open = False
        if is_open:
            yield Happening("ongoing", attributes(case, last_day))
            if any(
                first <= last_day and (end is None or end > last_day) for first, end in case.bought
            ):
                yield Happening("external_providers")


def attributes(case: CaseHistory, on: date) -> Mapping[DimensionId, str]:
    """The case's categories on that day; what is not known is a category of its own."""
    levels = [level for day, level in case.levels if day <= on]
    return {
        "age": _age(case.born_on, on),
        "sex": _known("sex", case.sex),
        "group_type": _known("group_type", case.group_type),
        "channel": _known("channel", case.channel),
        "threat": levels[-1] if levels else "NOT_ASSESSED",
    }


def waited(series: str, began: datetime, ended: datetime) -> Dated:
    """A time that was waited, in whole weeks; an event of the day on which it ended."""
    return waited_days(series, local_date(began), local_date(ended), ended)


def waited_days(series: str, began: date, ended: date, known_at: datetime) -> Dated:
    """As `waited`, for what became known another day than it ended."""
    weeks = (ended - began).days // 7
    category = LONGER if weeks >= LONGEST_WEEKS else str(max(weeks, 0))
    return Dated(Happening(series, {"weeks": category}), ended, known_at)


def _known(dimension: DimensionId, value: str | None) -> str:
    return value if value in DIMENSIONS[dimension] else UNKNOWN


def _age(born_on: date | None, on: date) -> str:
    if born_on is None:
        return UNKNOWN
    years = on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
    return next((name for most, name in _AGES if years <= most), "40+")


assert [name for _, name in _AGES] == list(DIMENSIONS["age"][: len(_AGES)])
