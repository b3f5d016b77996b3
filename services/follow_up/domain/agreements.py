"""When the parties must follow up their agreement together, and why.

Source: the agreement of 2022 (seed 002), giltighet: jointly every year, or when the law changes for
one of the parties.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

Party = Literal["municipality", "police"]
Occasion = Literal["yearly", "law_change"]
Stage = Literal["later", "soon", "overdue"]


@dataclass(frozen=True, slots=True)
class Obligation:
    """What one party has taken upon itself, and where it says so."""

    party: Party
    code: str
    text: str
    section: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The cooperation agreement as one policy has it.

    Args:
        police_unit: the other party.
        signed_by: roles that sign for the municipality.
        title, section: of the governing document.
        in_force_from, last_day: its own days; no last day until further notice.
        yearly_from: the first year that is followed up here; None where no document demands it.
        yearly_by: month and day.
        law_days: from a change of the law; None where no document says so.
        remind_days: before it is due.
    """

    police_unit: str
    obligations: tuple[Obligation, ...]
    signed_by: tuple[str, ...]
    title: str
    section: str
    in_force_from: date
    last_day: date | None
    yearly_from: int | None
    yearly_by: tuple[int, int]
    law_days: int | None
    remind_days: int


@dataclass(frozen=True, slots=True)
class LawChange:
    """A change in the law of one of the parties.

    Args:
        what: the provision as it is printed now, or in the words of whoever entered it.
        in_force_on: its first day.
        recorded_at: when somebody entered it; None for what the book of references knows.
    """

    what: str
    in_force_on: date
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A joint follow-up that both parties have signed.

    Args:
        year: that it is of.
        held_on: day of the meeting.
        sealed_at: when the second party signed.
    """

    year: int
    held_on: date
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """One reason why a joint follow-up must be held.

    Args:
        key: stable, and the same every day: what was reminded of is not reminded of again.
        about: the year, or what of the law has changed.
    """

    key: str
    occasion: Occasion
    about: str
    due_on: date
    stage: Stage


def due(
    agreement: Agreement, held: Sequence[Held], changes: Iterable[LawChange], today: date
) -> list[Due]:
    """What is to be followed up, the most urgent first.

    Every year has its own, until it is held: one held in January is the new year's only if its
    minutes say so. A change of the law is seen to by the first meeting on or after the day that it
    is in force; one that somebody enters, only by minutes that were sealed when it was known.
    """
    found = []
    if agreement.yearly_from is not None:
        done = {each.year for each in held}
        for year in range(agreement.yearly_from, today.year + 1):
            last = date(year, *agreement.yearly_by)
            if year not in done and _is_in_force(agreement, last):
                found.append(_due(f"yearly:{year}", "yearly", str(year), last, agreement, today))
    if agreement.law_days is not None:
        for change in changes:
            is_in_force = agreement.in_force_from <= change.in_force_on <= today
            if is_in_force and not any(_sees_to(each, change) for each in held):
                last = change.in_force_on + timedelta(days=agreement.law_days)
                key = f"law:{change.in_force_on}:{change.what}"
                found.append(_due(key, "law_change", change.what, last, agreement, today))
    return sorted(found, key=lambda each: (each.due_on, each.key))


def _sees_to(held: Held, change: LawChange) -> bool:
    was_known = change.recorded_at is None or change.recorded_at <= held.sealed_at
    return change.in_force_on <= held.held_on and was_known


def _is_in_force(agreement: Agreement, day: date) -> bool:
    return agreement.in_force_from <= day and (
        agreement.last_day is None or day <= agreement.last_day
    )


def _due(
    key: str, occasion: Occasion, about: str, last: date, agreement: Agreement, today: date
) -> Due:
    if today > last:
        stage: Stage = "overdue"
    elif today >= last - timedelta(days=agreement.remind_days):
        stage = "soon"
    else:
        stage = "later"
    return Due(key, occasion, about, last, stage)
