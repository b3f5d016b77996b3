"""What follows from the other end's figures and ours. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from shared.digest.wire import Applied, Sent
from shared.outbox.claims import LAST_RESEND

LATE: timedelta = LAST_RESEND
"""What has waited longer than the longest pause between resends does not come by itself."""

MOST_LOST: Final = 10_000
"""Numbers that one digest may take from this end; a backup is 30 days old at most.

Without a bound the other end could use up all numbers (2^31) of a conversation in one message.
"""

Difference = Literal["lost_here", "lost_there", "numbers_lost", "not_arrived", "content"]


@dataclass(frozen=True, slots=True)
class Ours:
    """One flow as this end has it.

    Args:
        number: highest applied (of theirs) or given (of ours); 0 where nothing is known of it.
        answered: of ours: so far their receipts and refusals are in, without a hole.
        hash: over the content hashes of 1 to the number that the other end named; None where this
            end has not all of them, which the watch names as a hole.
    """

    number: int
    answered: int
    hash: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A difference in one flow, and the numbers that it concerns, both included."""

    code: Difference
    first: int
    last: int


def of_theirs(theirs: Sent, ours: Ours) -> Found | None:
    """A flow of theirs: have we all that we said we have?"""
    if ours.number < theirs.answered:
        return Found("lost_here", ours.number + 1, theirs.number)
    if ours.number < theirs.number:
        if theirs.waiting_s >= LATE.total_seconds():
            return Found("not_arrived", ours.number + 1, theirs.number)
        return None  # on its way
    if theirs.number and ours.hash not in (theirs.hash, None):
        return Found("content", 1, theirs.number)
    return None


def of_ours(theirs: Applied, ours: Ours) -> Found | None:
    """A flow of ours: have they all that they said they have, and nothing that we never sent?"""
    if theirs.number > ours.number:
        last = min(theirs.number, ours.number + MOST_LOST)
        return Found("numbers_lost", ours.number + 1, last)
    if theirs.number and ours.hash not in (theirs.hash, None):
        return Found("content", 1, theirs.number)
    if theirs.number < ours.answered:
        return Found("lost_there", theirs.number + 1, ours.answered)
    return None
