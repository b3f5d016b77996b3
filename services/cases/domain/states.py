"""The case's state machine: one literal table, checked at import, drawn in the docs.

A handover is no state of the case but a fact beside it: while one is open the case is worked on as
before, and only what would end or erase it is refused. Source: design note `domain.md` 1.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from shared.errors import Conflict, DomainError

State = Literal[
    "CONTACT",
    "INTAKE",
    "PRELIMINARY",
    "INVESTIGATION",
    "ENTRY_ASSESSMENT",
    "AGREEMENT_PENDING",
    "ACTIVE",
    "PAUSED",
    "RELAPSE_REVIEW",
    "ENDED",
    "RETENTION",
    "PURGE_DUE",
    "PURGED",
    "ARCHIVED",
]
EndedReason = Literal[
    "NOT_OPENED",
    "NOT_ADMITTED",
    "WITHDRAWN",
    "EXCLUDED_RELAPSE",
    "EXCLUDED_CONDITIONS",
    "COMPLETED",
    "TRANSFERRED",
    "LOST_CONTACT",
    "DECEASED",
]
EventName = Literal[
    "register_contact",
    "apply",
    "report",
    "open_investigation",
    "not_open",
    "assign",
    "ready",
    "admit",
    "refuse_entry",
    "sign",
    "pause",
    "resume",
    "report_relapse",
    "continue",
    "exclude",
    "complete",
    "withdraw",
    "taken_over",
    "take_over",
    "reopen",
    "start_retention",
    "fall_due",
    "purge",
    "archive",
]
Start = Literal["-"]
STATES: tuple[State, ...] = get_args(State)
OPEN_STATES: tuple[State, ...] = STATES[: STATES.index("ENDED")]
CLOSED_STATES: frozenset[State] = frozenset(STATES[STATES.index("ENDED") :])
BEFORE_INVESTIGATION: frozenset[State] = frozenset(OPEN_STATES[: STATES.index("INVESTIGATION")])
"""A contact, advice, an intake: nothing is investigated, no measure runs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One arrow: from a state (`-` before the case exists) by an event to a state.

    Args:
        actors: roles that may cause it; `message` is another authority's signed message, `system`
            the worker's tick.
    """

    from_state: State | Start
    event: EventName
    to: State
    actors: frozenset[str]


def _by(*roles: str) -> frozenset[str]:
    return frozenset(roles)


_HANDLERS = _by("case_worker", "exit_coordinator", "team_leader")
_COORDINATOR = _by("exit_coordinator")

TABLE: tuple[Row, ...] = (
    Row("-", "register_contact", "CONTACT", _HANDLERS),
    Row("CONTACT", "apply", "INTAKE", _HANDLERS),
    Row("CONTACT", "report", "PRELIMINARY", _HANDLERS),
    Row("PRELIMINARY", "open_investigation", "INTAKE", _by("team_leader")),
    Row("PRELIMINARY", "not_open", "ENDED", _by("team_leader")),
    Row("INTAKE", "assign", "INVESTIGATION", _by("team_leader", "exit_coordinator")),
    Row("INVESTIGATION", "ready", "ENTRY_ASSESSMENT", _by("case_worker")),
    Row("ENTRY_ASSESSMENT", "admit", "AGREEMENT_PENDING", _COORDINATOR),
    Row("ENTRY_ASSESSMENT", "refuse_entry", "ENDED", _COORDINATOR),
    Row("AGREEMENT_PENDING", "sign", "ACTIVE", _by("case_worker")),
    Row("ACTIVE", "pause", "PAUSED", _by("case_worker")),
    Row("PAUSED", "resume", "ACTIVE", _by("case_worker")),
    # The police tell by their coded answer in the joint room; in a file they write nothing.
    Row("ACTIVE", "report_relapse", "RELAPSE_REVIEW", _by("case_worker", "exit_coordinator")),
    Row("RELAPSE_REVIEW", "continue", "ACTIVE", _COORDINATOR),
    Row("RELAPSE_REVIEW", "exclude", "ENDED", _COORDINATOR),
    Row("ACTIVE", "complete", "ENDED", _COORDINATOR),
    *(
        Row(state, "withdraw", "ENDED", _by("case_worker", "exit_coordinator"))
        for state in OPEN_STATES
    ),
    *(Row(state, "taken_over", "ENDED", _by("message")) for state in OPEN_STATES),
    Row("-", "take_over", "INVESTIGATION", _HANDLERS),
    Row("ENDED", "reopen", "INVESTIGATION", _by("team_leader")),
    Row("ENDED", "start_retention", "RETENTION", _by("system")),
    Row("RETENTION", "fall_due", "PURGE_DUE", _by("system")),
    Row("PURGE_DUE", "purge", "PURGED", _by("records_officer")),
    Row("PURGE_DUE", "archive", "ARCHIVED", _by("records_officer")),
)


def arrows(table: Sequence[Row]) -> dict[tuple[State | Start, EventName], State]:
    """The table as a map, once it holds together.

    Raises:
        ValueError: two rows leave a state by one event, an event has other actors in another state,
            or a state or event is never used.
    """
    found = {(row.from_state, row.event): row.to for row in table}
    if len(found) != len(table):
        raise ValueError("two rows of the case's table leave the same state by the same event")
    if len({(row.event, row.actors) for row in table}) != len({row.event for row in table}):
        raise ValueError("an event of the case has other actors in another state")
    if {row.event for row in table} != set(get_args(EventName)):
        raise ValueError("an event of the case has no row")
    if {row.to for row in table} != set(STATES):
        raise ValueError("a state of the case is never reached")
    return found


_ARROWS = arrows(TABLE)

ENDING: frozenset[EventName] = frozenset(
    row.event
    for row in TABLE
    if row.to in CLOSED_STATES and row.from_state not in CLOSED_STATES and row.event != "taken_over"
)
"""Events that close a case by a decision here: refused while a handover is open."""


def after(state: State | Start, event: EventName, *, has_open_handover: bool = False) -> State:
    """The state that follows.

    Raises:
        DomainError: `case.event_not_allowed` when the table has no such arrow,
            `case.handover_open` when the event would close a case that is on its way.
    """
    to = _ARROWS.get((state, event))
    if to is None:
        raise DomainError("case.event_not_allowed", state=state, event=event)
    if has_open_handover and event in ENDING:
        raise Conflict("case.handover_open")
    return to


def actors_of(event: EventName) -> frozenset[str]:
    """The roles that may cause the event; the same from every state, which `arrows` checks."""
    return next(row.actors for row in TABLE if row.event == event)


def require_open(state: State) -> None:
    """Raise `case.closed` unless the case may be written in."""
    if state in CLOSED_STATES:
        raise Conflict("case.closed")
