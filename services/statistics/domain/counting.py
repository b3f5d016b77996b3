"""What belongs to a half-year: the period rule, applied once to everything that is counted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.statistics.domain.periods import HalfYear
from services.statistics.domain.vector import Happening


@dataclass(frozen=True, slots=True)
class Since:
    """What is in the nation's numbers already.

    Args:
        half_year: the last one of ours that was counted.
        known_until: what was written until then was in it.
    """

    half_year: HalfYear
    known_until: datetime


@dataclass(frozen=True, slots=True)
class Dated:
    """An event, and when it happened and became known.

    Args:
        on: the local day on which it happened.
        known_at: when it was written here, domain clock.
    """

    happening: Happening
    on: date
    known_at: datetime


def counted(
    events: Iterable[Dated], half_year: HalfYear, since: Since | None, known_until: datetime
) -> Iterator[Happening]:
    """The events that belong to the half-year: each to exactly one, whenever it becomes known."""
    for event in events:
        if belongs(event, half_year, since, known_until):
            yield event.happening


def belongs(event: Dated, half_year: HalfYear, since: Since | None, known_until: datetime) -> bool:
    """Whether an event is counted now: it is known, has happened, and was not counted before."""
    if event.on > half_year.last_day or event.known_at > known_until:
        return False
    return (
        since is None or event.on > since.half_year.last_day or event.known_at > since.known_until
    )
