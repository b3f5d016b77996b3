"""The plan: goals, measures under decisions, follow-ups.

Pure. Source: design note `domain.md` 1.2 row 11; how often is policy's to say.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

from services.cases.domain.aid import Aid, running
from services.cases.domain.commands import NeedArea
from services.cases.domain.states import BEFORE_INVESTIGATION, State
from shared.clock import months_after
from shared.errors import DomainError
from shared.ids import StaffId

Score = Literal["MET", "PARTLY", "NOT_MET", "DROPPED"]
SCORES: tuple[Score, ...] = get_args(Score)
DONE: frozenset[Score] = frozenset({"MET", "DROPPED"})
"""Scores after which a goal is no longer worked on."""

_NUMBER = re.compile(r"\d{6,8}[-+]?\d{4}")


@dataclass(frozen=True, slots=True)
class Goal:
    """What the person and the municipality work towards in one area.

    Args:
        score: as of the newest follow-up; None before the first.
    """

    goal_id: UUID
    area: NeedArea
    text: str
    due_on: date
    set_at: datetime
    score: Score | None

    @property
    def is_open(self) -> bool:
        """Still worked on."""
        return self.score not in DONE


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done, under which decision, and by whom where it is bought.

    Args:
        provider: the firm or association; never a person.
    """

    measure_id: UUID
    aid_id: UUID
    what: str
    provider: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up of the plan, with the person's own view apart from ours.

    Args:
        scores: of each goal that was open.
        next_on: latest day of the next.
    """

    follow_up_id: UUID
    held_on: date
    scores: Mapping[UUID, Score]
    summary: str
    persons_view: str
    next_on: date
    recorded_by: StaffId


def unexecuted(aids: Sequence[Aid], measures: Collection[Measure], on: date) -> list[Aid]:
    """What is granted and nobody has begun to carry out."""
    begun = {measure.aid_id for measure in measures}
    return [aid for aid in running(aids, on) if aid.aid_id not in begun]


def require_plannable(state: State) -> None:
    """Raise `plan.too_early` before anything is investigated."""
    if state in BEFORE_INVESTIGATION:
        raise DomainError("plan.too_early")


def check_goal(due_on: date, today: date) -> None:
    """Raise `goal.due_in_past` unless the goal lies ahead."""
    if due_on <= today:
        raise DomainError("goal.due_in_past")


def check_provider(provider: str, names: Collection[str]) -> None:
    """Raise `measure.provider_names_person` where a firm's name tells who is helped.

    Args:
        names: the person's own.
    """
    words = set(re.findall(r"\w+", provider.casefold()))
    known = {part for name in names for part in re.findall(r"\w+", name.casefold())}
    if _NUMBER.search(provider) or words & known:
        raise DomainError("measure.provider_names_person")


def check_measure_start(aids: Sequence[Aid], aid_id: UUID, started_on: date, today: date) -> None:
    """Raise unless a decision carries the measure that day.

    Raises:
        DomainError: `measure.no_decision`, `measure.before_decision`, `measure.in_future`.
    """
    aid = next((each for each in running(aids, started_on) if each.aid_id == aid_id), None)
    if aid is None:
        raise DomainError("measure.no_decision")
    if aid.granted_from is not None and started_on < aid.granted_from:
        raise DomainError("measure.before_decision")
    if started_on > today:
        raise DomainError("measure.in_future")


def check_measure_end(measure: Measure, ended_on: date, today: date) -> None:
    """Raise unless a running measure can have ended that day.

    Raises:
        DomainError: `measure.ended_already`, `measure.ends_before_start`, `measure.in_future`.
    """
    if measure.ended_on is not None:
        raise DomainError("measure.ended_already")
    if ended_on < measure.started_on:
        raise DomainError("measure.ends_before_start")
    if ended_on > today:
        raise DomainError("measure.in_future")


def check_follow_up(
    goals: Sequence[Goal],
    scored: Collection[UUID],
    held_on: date,
    next_on: date,
    *,
    today: date,
    months: int,
) -> None:
    """Raise unless each open goal is scored once, and the next follow-up is within policy's time.

    Raises:
        DomainError: `follow_up.no_goals`, `follow_up.goal_unscored`, `follow_up.goal_unknown`,
            `follow_up.in_future`, `follow_up.next_in_past`, `follow_up.next_too_late`.
    """
    wanted = {goal.goal_id for goal in goals if goal.is_open}
    if not goals:
        raise DomainError("follow_up.no_goals")
    if set(scored) - wanted or len(scored) != len(set(scored)):
        raise DomainError("follow_up.goal_unknown")
    if wanted - set(scored):
        raise DomainError("follow_up.goal_unscored")
    if held_on > today:
        raise DomainError("follow_up.in_future")
    check_next_follow_up(held_on, next_on, today=today, months=months)


def check_next_follow_up(since: date, next_on: date, *, today: date, months: int) -> None:
    """Raise unless the day lies ahead, and not further than policy lets.

    Raises:
        DomainError: `follow_up.next_in_past`, `follow_up.next_too_late`.
    """
    if next_on <= today:
        raise DomainError("follow_up.next_in_past")
    if next_on > months_after(since, months):
        raise DomainError("follow_up.next_too_late", months=months)


def scored(goals: Iterable[Goal], follow_ups: Sequence[FollowUp]) -> dict[UUID, Score]:
    """Each goal's newest score.

    Args:
        follow_ups: oldest first.
    """
    known = {goal.goal_id for goal in goals}
    return {
        goal_id: score
        for each in follow_ups
        for goal_id, score in each.scores.items()
        if goal_id in known
    }
