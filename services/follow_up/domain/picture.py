"""The situation picture: what the weekly coordination meeting saw in an area, and what follows.

Source: the report of 2017 on the action plan, area 1: meetings each week go out from a picture of
social risks and the need of operative measures by police, rescue service, safety guards and others
in the coming days. A line is about a place or a time of day, never about a person.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from shared.errors import DomainError

COMING_DAYS = timedelta(days=14)
"""How far a measure of one meeting reaches; the next meeting is a week away."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One area at one meeting.

    Args:
        area: number in the plan.
        seen: the situation picture.
        need: of what.
        measure: operative measure in the coming days; empty where nothing is needed.
        who: the function that does it.
        until: the measure's last day.
    """

    held_on: date
    area: int
    seen: str
    need: str = ""
    measure: str = ""
    who: str = ""
    until: date | None = None


def check_line(line: Line, areas: Iterable[int], today: date) -> None:
    """Whether a line says who does what until when.

    Raises:
        DomainError: `coordination.seen_missing`, `activity.area_unknown`,
            `coordination.in_future`, `coordination.who_missing`, `coordination.days_wrong`.
    """
    if not line.seen:
        raise DomainError("coordination.seen_missing")
    if line.area not in set(areas):
        raise DomainError("activity.area_unknown")
    if line.held_on > today:
        raise DomainError("coordination.in_future")
    if line.measure and not line.who:
        raise DomainError("coordination.who_missing")
    if line.until is not None and not line.held_on <= line.until <= line.held_on + COMING_DAYS:
        raise DomainError("coordination.days_wrong", days=COMING_DAYS.days)


def latest(lines: Iterable[Line]) -> dict[int, Line]:
    """The situation picture: each area as the last meeting that spoke of it saw it."""
    found: dict[int, Line] = {}
    for line in lines:
        known = found.get(line.area)
        if known is None or line.held_on >= known.held_on:
            found[line.area] = line
    return dict(sorted(found.items()))
