"""What national statistics may know of a case: when things happened, and closed codes; no identity."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.cases.domain.chain import Link
from services.cases.domain.commands import Channel
from services.cases.domain.entry import GroupType
from services.cases.domain.meeting import HELD
from services.cases.domain.programme import RegisterOutcome
from services.cases.domain.states import EndedReason
from services.cases.domain.views import Event
from shared.clock import local_date
from shared.ids import AuthorityCode, CaseId

MomentKind = Literal[
    "contact",
    "met",
    "received",
    "applied",
    "assessed",
    "admitted",
    "not_admitted",
    "relapse_review",
    "protection_taken",
    "ended",
    "reopened",
]
Sex = Literal["woman", "man"]

OF_EVENT: Mapping[str, MomentKind] = {
    "case.contact_registered": "contact",
    HELD: "met",
    "case.taken_over": "received",
    "case.applied": "applied",
    "case.ready_for_entry": "assessed",
    "case.admitted": "admitted",
    "case.entry_refused": "not_admitted",
    "case.relapse_reported": "relapse_review",
    "case.protection_taken": "protection_taken",
    "case.transferred": "ended",
    "case.ended": "ended",
    "case.reopened": "reopened",
}
"""The case's history in the words of statistics; every other event is not counted."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened in the case.

    Args:
        on: local day on which it happened; of a handover the day of the receiver's take-over, which
            is the same at both ends; of the first meeting the day on which it was held.
        known_at: when it was written here, domain clock.
        ended: why, where it ended.
    """

    kind: MomentKind
    on: date
    known_at: datetime
    ended: EndedReason | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """A programme that reached its goals, and what the police's register check had said by then."""

    on: date
    known_at: datetime
    register_check: RegisterOutcome


@dataclass(frozen=True, slots=True)
class Bought:
    """A measure carried out by an external provider: from when to when."""

    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class CountedCase:
    """One case.

    Args:
        born_on, sex: None where no personal number is known, or the file's key was destroyed.
        channel: None in a file that came by take-over.
        group: what the person leaves, by the newest entry assessment; None before any.
        moments: oldest first.
        unit: of this municipality that has the case; None where it has no units.
        kept_from: colleagues and units that may not know of it: kind and value.
        closings: more than one where the case was opened again.
    """

    case_id: CaseId
    born_on: date | None
    sex: Sex | None
    channel: Channel | None
    group: GroupType | None
    moments: tuple[Moment, ...]
    unit: str | None = None
    kept_from: frozenset[tuple[str, str]] = frozenset()
    closings: tuple[Closing, ...] = ()
    bought: tuple[Bought, ...] = ()


def moments(history: Iterable[Event], handed_over_on: Mapping[str, date]) -> Iterator[Moment]:
    """What of a case's history is counted.

    Args:
        history: oldest first.
        handed_over_on: `take_over_days` of the case's chain.
    """
    for event in history:
        kind = OF_EVENT.get(event.code)
        if kind is None:
            continue
        on = handed_over_on.get(event.code, local_date(event.at))
        if event.code == HELD:
            on = date.fromisoformat(str(event.facts["on"]))
        yield Moment(kind, on, event.at, _reason(event) if kind == "ended" else None)
        if event.code == "case.entry_refused":
            yield Moment("ended", on, event.at, "NOT_ADMITTED")
        if event.code == "case.contact_registered" and event.facts.get("state") == "INTAKE":
            yield Moment("applied", on, event.at)


def _reason(event: Event) -> EndedReason:
    if event.code == "case.transferred":
        return "TRANSFERRED"
    reason: EndedReason = event.facts["reason"]  # type: ignore[assignment]
    return reason


def take_over_days(chain: Sequence[Link], own: AuthorityCode) -> dict[str, date]:
    """By event code the day on which this file received the case, and the day on which it left.

    The day stands in the receiver's own `responsible` link, which both ends keep: both count one
    handover in the same half-year, however long the message was on its way.
    """
    days: dict[str, date] = {}
    was_ours = False
    for link in chain:
        if link.kind != "responsible":
            continue
        is_ours = link.authority == own
        if is_ours and link.number > 1:
            days["case.taken_over"] = local_date(link.at)
        elif was_ours:
            days.setdefault("case.transferred", local_date(link.at))
        was_ours = is_ours
    return days
