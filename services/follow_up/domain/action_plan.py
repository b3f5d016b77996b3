"""The action plan: areas that the parties work in together, and what is done in each.

Nothing here is about a person: an activity has an owner, which is an office or a function.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, get_args
from uuid import UUID

import msgspec

from shared.errors import DomainError

Status = Literal[
    "DONE", "ONGOING", "RECURRING", "PARTIAL", "NOT_STARTED", "REPORTED_ELSEWHERE", "PLANNED"
]
STATUSES: tuple[Status, ...] = get_args(Status)
_OPEN: frozenset[Status] = frozenset({"ONGOING", "RECURRING", "NOT_STARTED", "PLANNED"})
"""What still has a day to keep."""
MAX_AREAS = 20


class Area(msgspec.Struct, frozen=True):
    """One area of cooperation, by its number in the plan."""

    number: int
    name: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An action plan for some years.

    Args:
        valid_from, valid_until: both counted in.
        agreement: the agreement that it follows, in words.
        replaces: what it replaces, in words; empty where it is the first.
    """

    title: str
    valid_from: date
    valid_until: date
    agreement: str
    replaces: str
    areas: tuple[Area, ...]


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is done, or was to be done, in one or more areas.

    Args:
        areas: numbers; it is told in full under the first, and the others refer there.
        text: what it is and how it went, as the report says it.
        owner: the office or function that answers for it; empty where nobody is named.
        partner: with whom.
        evidence: where one sees that it is so.
        deviation: why it did not go as it was meant.
    """

    areas: tuple[int, ...]
    text: str
    status: Status
    owner: str = ""
    partner: str = ""
    start_on: date | None = None
    due_on: date | None = None
    evidence: str = ""
    deviation: str = ""
    next_step: str = ""


def areas_of(names: Sequence[str]) -> tuple[Area, ...]:
    """The areas in their order, numbered from 1.

    Raises:
        DomainError: `plan.areas_missing`, `plan.area_twice`, `plan.too_many_areas`.
    """
    found = [name for name in names if name]
    if not found:
        raise DomainError("plan.areas_missing")
    if len({name.casefold() for name in found}) < len(found):
        raise DomainError("plan.area_twice")
    if len(found) > MAX_AREAS:
        raise DomainError("plan.too_many_areas", most=MAX_AREAS)
    return tuple(Area(number, name) for number, name in enumerate(found, start=1))


def check_plan(plan: Plan, used: Iterable[Area] = ()) -> None:
    """Whether a plan can be kept.

    Args:
        used: areas that its activities already stand in, as they were: an activity knows its areas
            by number, so none of them may go, or give its number to another.

    Raises:
        DomainError: `plan.title_missing`, `plan.ends_before`, `plan.area_in_use`.
    """
    if not plan.title:
        raise DomainError("plan.title_missing")
    if plan.valid_until < plan.valid_from:
        raise DomainError("plan.ends_before")
    names = {area.number: area.name.casefold() for area in plan.areas}
    if gone := [area for area in used if names.get(area.number) != area.name.casefold()]:
        raise DomainError("plan.area_in_use", number=min(area.number for area in gone))


def check_activity(activity: Activity, areas: Sequence[Area]) -> None:
    """Whether an activity says what a reader must know.

    Raises:
        DomainError: `activity.text_missing`, `activity.area_missing`, `activity.area_unknown`,
            `activity.due_before_start`, `activity.deviation_missing`.
    """
    if not activity.text:
        raise DomainError("activity.text_missing")
    if not activity.areas:
        raise DomainError("activity.area_missing")
    if len(set(activity.areas)) < len(activity.areas) or not set(activity.areas) <= {
        area.number for area in areas
    }:
        raise DomainError("activity.area_unknown")
    if activity.start_on and activity.due_on and activity.due_on < activity.start_on:
        raise DomainError("activity.due_before_start")
    if activity.status == "PARTIAL" and not activity.deviation:
        raise DomainError("activity.deviation_missing")


def is_overdue(activity: Activity, today: date) -> bool:
    """Whether its day has passed and it still has one to keep."""
    return activity.status in _OPEN and activity.due_on is not None and activity.due_on < today


def standing(
    activities: Iterable[Activity], areas: Sequence[Area]
) -> dict[int, Mapping[Status, int]]:
    """How many activities of each status each area has; each is counted under its first area."""
    counts: dict[int, dict[Status, int]] = {
        area.number: dict.fromkeys(STATUSES, 0) for area in areas
    }
    for each in activities:
        counts[each.areas[0]][each.status] += 1
    return dict(counts)


class Pledge(msgspec.Struct, frozen=True, kw_only=True):
    """What the municipality and the police have promised the citizens together.

    Args:
        measure: how one sees whether it is kept.
        result: empty until it has been followed up.
        replaces: the pledge before it.
    """

    valid_from: date
    valid_until: date
    promise: str
    measure: str = ""
    result: str = ""
    replaces: UUID | None = None


def check_pledge(pledge: Pledge, others: Mapping[UUID, Pledge]) -> None:
    """Whether a pledge can be kept in the plan.

    Args:
        others: the plan's other pledges.

    Raises:
        DomainError: `pledge.promise_missing`, `pledge.ends_before`, `pledge.replaces_unknown`,
            `pledge.replaced_already`, `pledge.replaces_later`.
    """
    if not pledge.promise:
        raise DomainError("pledge.promise_missing")
    if pledge.valid_until < pledge.valid_from:
        raise DomainError("pledge.ends_before")
    if pledge.replaces is None:
        return
    before = others.get(pledge.replaces)
    if before is None:
        raise DomainError("pledge.replaces_unknown")
    if any(each.replaces == pledge.replaces for each in others.values()):
        raise DomainError("pledge.replaced_already")
    if pledge.valid_from <= before.valid_from:
        raise DomainError("pledge.replaces_later")


def replaced(pledges: Mapping[UUID, Pledge]) -> frozenset[UUID]:
    """The pledges that another has taken the place of."""
    return frozenset(each.replaces for each in pledges.values() if each.replaces is not None)
