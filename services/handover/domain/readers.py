"""Who reads a dossier between acceptance and take-over: named people, as few as possible.

Source: Socialstyrelsen's advice on protected personal data (a named list for each case, as short as
can be, decided by a head and checkable afterwards); the two numbers are the project's own.
"""

from typing import Literal

from services.handover.domain.states import ReceiverState
from shared.errors import Conflict, DomainError
from shared.ids import StaffId

Readers = frozenset[StaffId]
WhyReader = Literal["works_with_it", "second_person", "stands_in", "supervises"]
WhyNoReader = Literal["no_longer_needed", "conflict_of_interest", "named_by_mistake"]

MOST = 6
MOST_IF_PROTECTED = 3
"""The two who answered, and the one who will work with the person."""
NAME_READERS = frozenset({"team_leader", "exit_coordinator"})
IN_HAND = frozenset({ReceiverState.ACCEPTED, ReceiverState.AGREED})
"""Where a dossier may come and lie: here the readers are named, in no other state."""


def may_read(readers: Readers, whom: StaffId) -> bool:
    """Whether they may read what the handover says; before anybody is named the function does."""
    return not readers or whom in readers


def with_reader(
    readers: Readers, whom: StaffId, *, is_of_function: bool, is_protected: bool
) -> Readers:
    """One more.

    Args:
        is_of_function: they hold a role that the proposal came to.

    Raises:
        Conflict: `handover.already_reader`.
        DomainError: `handover.reader_not_of_function`, `handover.too_many_readers`.
    """
    if whom in readers:
        raise Conflict("handover.already_reader")
    if not is_of_function:
        raise DomainError("handover.reader_not_of_function")
    most = MOST_IF_PROTECTED if is_protected else MOST
    if len(readers) >= most:
        raise DomainError("handover.too_many_readers", most=most)
    return readers | {whom}


def without_reader(readers: Readers, whom: StaffId) -> Readers:
    """One less.

    Raises:
        Conflict: `handover.not_a_reader`.
        DomainError: `handover.last_reader`: somebody must be able to take the case over.
    """
    if whom not in readers:
        raise Conflict("handover.not_a_reader")
    if len(readers) == 1:
        raise DomainError("handover.last_reader")
    return readers - {whom}
