"""The chain: how entries are linked, and how a broken chain names its row. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from shared.errors import DomainError, Fact
from shared.ids import StaffId

GENESIS: Final = bytes(32)
"""What the first link follows."""
CHECKPOINT_EVERY: Final = timedelta(minutes=15)
"""Witnesses shall hold one at most an hour old (reliability, S14); four tries fit into that."""

ReviewOutcome = Literal["nothing_found", "asked", "reported"]
"""Of a log review: nothing to ask about; somebody was asked and it was right; handed on."""
MOST_ENTRIES: Final = 1_000_000
"""A review of more rows than that is a slip of the keyboard."""

FaultKind = Literal["changed", "missing", "case_number", "checkpoint", "cut"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done or read, as it was written."""

    id: UUID
    at: datetime
    actor_id: UUID
    home: str
    roles: Sequence[str]
    unit: str | None
    action: str
    case_id: UUID | None
    reason: str | None
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry's place in the chain."""

    number: int
    case_number: int | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry with its place, as read back; None where the entry is gone."""

    entry: Entry | None
    link: Link


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed place in the chain; held by the authority itself or by a witness."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where.

    Args:
        kind: `changed`: the entry is another than was sealed. `missing`: there is no such link, or
            its entry is gone. `case_number`: the case's own numbers have a hole or a double.
            `checkpoint`: the chain says another thing than was signed. `cut`: it ends before it.
        number: the place in the chain.
    """

    kind: FaultKind
    number: int


@dataclass(frozen=True, slots=True)
class RecordReview:
    """A log review has been done: of which days, how many rows were read, what came of it."""

    from_on: date
    until_on: date
    entries: int
    outcome: ReviewOutcome


@dataclass(frozen=True, slots=True)
class Review:
    """One that was done; nothing of whom or what it found.

    Args:
        outcome: None for who may not know what came of it.
    """

    review_id: UUID
    from_on: date
    until_on: date
    entries: int
    outcome: ReviewOutcome | None
    reviewed_by: StaffId
    reviewed_at: datetime


def check_review(command: RecordReview, today: date) -> None:
    """Raise unless somebody can have read so many rows of these days.

    Raises:
        DomainError: `review.ends_before_start`, `review.in_future`, `review.entries`.
    """
    if command.until_on < command.from_on:
        raise DomainError("review.ends_before_start")
    if command.until_on > today:
        raise DomainError("review.in_future")
    if not 1 <= command.entries <= MOST_ENTRIES:
        raise DomainError("review.entries", most=MOST_ENTRIES)


def link_hash(previous: bytes, number: int, case_number: int | None, entry: Entry) -> bytes:
    """SHA-256 over the hash before, both numbers and all that the entry says."""
    content = msgspec.json.encode(
        [
            number,
            case_number,
            entry.id,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.actor_id,
            entry.home,
            list(entry.roles),
            entry.unit,
            entry.action,
            entry.case_id,
            entry.reason,
            dict(entry.facts),
        ],
        order="deterministic",
    )
    return hashlib.sha256(previous + content).digest()


def chain(
    entries: Iterable[Entry], head: Link | None, case_heads: Mapping[UUID, int]
) -> list[Link]:
    """The next links, one for each entry in this order.

    Args:
        head: the last link, None at the beginning.
        case_heads: the last number in the log of each case that occurs; 0 where missing.
    """
    number, previous = (head.number, head.hash) if head else (0, GENESIS)
    counted = dict(case_heads)
    links: list[Link] = []
    for entry in entries:
        number += 1
        case_number = None
        if entry.case_id is not None:
            case_number = counted[entry.case_id] = counted.get(entry.case_id, 0) + 1
        previous = link_hash(previous, number, case_number, entry)
        links.append(Link(number, case_number, previous))
    return links


def verify(rows: Iterable[Sealed], checkpoints: Iterable[Checkpoint] = ()) -> Iterator[Fault]:
    """Everything that is wrong with a whole log; nothing means that it is as it was sealed.

    Each link is checked against the stored hash before it, so that one changed row is one fault
    and not one for each row after it.

    Args:
        rows: the chain from its beginning, in the order of numbers; read once.
        checkpoints: the authority's own, and what witnesses hold.
    """
    signed: dict[int, set[bytes]] = {}
    for checkpoint in checkpoints:
        signed.setdefault(checkpoint.number, set()).add(checkpoint.hash)
    expected, previous = 1, GENESIS
    counted: dict[UUID, int] = {}
    for row in rows:
        link = row.link
        for absent in range(expected, link.number):
            signed.pop(absent, None)
            yield Fault("missing", absent)
        is_continuous = link.number == expected
        expected = link.number + 1
        if row.entry is None:
            yield Fault("missing", link.number)
        else:
            if is_continuous and link.hash != link_hash(
                previous, link.number, link.case_number, row.entry
            ):
                yield Fault("changed", link.number)
            if not _follows(row.entry, link, counted):
                yield Fault("case_number", link.number)
        if signed.pop(link.number, {link.hash}) != {link.hash}:
            yield Fault("checkpoint", link.number)
        previous = link.hash
    for number in sorted(signed):
        yield Fault("cut", number)


def _follows(entry: Entry, link: Link, counted: dict[UUID, int]) -> bool:
    if entry.case_id is None:
        return link.case_number is None
    number = counted[entry.case_id] = counted.get(entry.case_id, 0) + 1
    if link.case_number == number:
        return True
    if link.case_number is not None:
        counted[entry.case_id] = link.case_number
    return False


def is_checkpoint_due(head: int, last: int, last_at: datetime | None, now: datetime) -> bool:
    """Whether the chain has grown since the last checkpoint, and that was long enough ago."""
    return head > last and (last_at is None or now - last_at >= CHECKPOINT_EVERY)
