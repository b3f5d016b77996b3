"""The yearly report's way from draft to published: one table, and what stops a step.

What the parties review is frozen when it is sent to them, and what is published is that, byte for
byte: a report that goes back to draft is written and reviewed anew.
Source: design note `domain.md` 6; who may is the tenant's policy.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from services.follow_up.domain.agreements import Party
from services.follow_up.domain.texts import NamesCase, names_person
from shared.errors import DomainError

State = Literal["DRAFT", "PARTY_REVIEW", "DISCLOSURE_CHECK", "KS", "PUBLISHED"]
Event = Literal["write", "submit", "sign", "pass_check", "publish", "send_back"]
Who = Literal["drafter", "approver", "police"]

SECTIONS = (
    "summary",
    "proposal",
    "background",
    "areas",
    "exit_work",
    "obligations",
    "pledge",
    "security",
    "competence",
    "law",
    "development",
    "send_list",
)
"""The free texts, in the order of the report."""

_HERE: frozenset[Who] = frozenset({"drafter", "approver"})
TABLE: Mapping[tuple[State, Event], tuple[State, frozenset[Who]]] = {
    ("DRAFT", "write"): ("DRAFT", frozenset({"drafter"})),
    ("DRAFT", "submit"): ("PARTY_REVIEW", frozenset({"drafter"})),
    # Moves on when each party has signed: `after_signature`.
    ("PARTY_REVIEW", "sign"): ("PARTY_REVIEW", frozenset({"approver", "police"})),
    ("PARTY_REVIEW", "send_back"): ("DRAFT", _HERE | {"police"}),
    ("DISCLOSURE_CHECK", "pass_check"): ("KS", _HERE),
    ("DISCLOSURE_CHECK", "send_back"): ("DRAFT", _HERE),
    ("KS", "publish"): ("PUBLISHED", frozenset({"approver"})),
    ("KS", "send_back"): ("DRAFT", frozenset({"approver"})),
}
"""State and event: where it leads, and whose event it is. What does not stand here is refused."""

_FEW_PERSONS = re.compile(
    r"\b(?:två|tre|fyra|[1-4])\s+(?:\w+\s+)?"
    r"(?:person|avhoppar|individ|klient|ungdom|kvinn|män\b|brottsoffer|deltagare)",
    re.IGNORECASE,
)
"""Fewer persons than the threshold of five (`domain.md` 5.4, rule 2), said in words or figures."""


def step(state: State, event: Event, who: Collection[Who]) -> State:
    """Where the event leads.

    Raises:
        DomainError: `report.event_not_allowed`, `report.role_may_not`.
    """
    found = TABLE.get((state, event))
    if found is None:
        raise DomainError("report.event_not_allowed")
    then, allowed = found
    if allowed.isdisjoint(who):
        raise DomainError("report.role_may_not")
    return then


def events_now(state: State, who: Collection[Who]) -> list[Event]:
    """What somebody may do with it as it stands."""
    return [
        event
        for (at, event), (_, allowed) in TABLE.items()
        if at == state and not allowed.isdisjoint(who)
    ]


def after_signature(signed: Collection[Party], parties: Collection[Party]) -> State:
    """On to the check when each party has signed what it was sent."""
    return "DISCLOSURE_CHECK" if set(parties) <= set(signed) else "PARTY_REVIEW"


def unsafe_texts(texts: Iterable[str], names_case: NamesCase) -> list[str]:
    """Why a text may not be made public: `names_person`, `few_persons`; empty when it may."""
    found: set[str] = set()
    for text in texts:
        if names_person(text, names_case):
            found.add("names_person")
        if _FEW_PERSONS.search(text):
            found.add("few_persons")
    return sorted(found)


def check_safe(texts: Sequence[str], figures: Collection[str], names_case: NamesCase) -> None:
    """Raise unless nobody can be read out of the report.

    Args:
        figures: what the audit of the numbers found.

    Raises:
        DomainError: `report.figures_unsafe`, `report.names_person`, `report.few_persons`.
    """
    if figures:
        raise DomainError("report.figures_unsafe", figures=len(figures))
    unsafe = unsafe_texts(texts, names_case)
    if "names_person" in unsafe:
        raise DomainError("report.names_person")
    if "few_persons" in unsafe:
        raise DomainError("report.few_persons")
