"""Who reads a dossier until the take-over: named, few, never nobody."""

from uuid import UUID

import pytest

from services.handover.domain.readers import (
    MOST,
    MOST_IF_PROTECTED,
    may_read,
    with_reader,
    without_reader,
)
from shared.errors import Conflict, DomainError
from shared.ids import StaffId

PEOPLE = [StaffId(UUID(int=n)) for n in range(1, 12)]


def add(readers, whom, *, is_of_function=True, is_protected=False):
    return with_reader(readers, whom, is_of_function=is_of_function, is_protected=is_protected)


def test_before_the_answer_the_function_reads_and_then_only_the_named():
    assert may_read(frozenset(), PEOPLE[0])
    assert may_read(frozenset(PEOPLE[:2]), PEOPLE[0])
    assert not may_read(frozenset(PEOPLE[:2]), PEOPLE[2])


@pytest.mark.parametrize(("is_protected", "most"), [(False, MOST), (True, MOST_IF_PROTECTED)])
def test_fewer_read_of_a_protected_person(is_protected, most):
    readers = frozenset(PEOPLE[:1])
    for one in PEOPLE[1:most]:
        readers = add(readers, one, is_protected=is_protected)
    assert len(readers) == most
    with pytest.raises(DomainError, match=r"handover\.too_many_readers"):
        add(readers, PEOPLE[-1], is_protected=is_protected)


def test_a_reader_is_of_the_function_and_named_once():
    with pytest.raises(DomainError, match=r"handover\.reader_not_of_function"):
        add(frozenset(PEOPLE[:1]), PEOPLE[1], is_of_function=False)
    with pytest.raises(Conflict, match=r"handover\.already_reader"):
        add(frozenset(PEOPLE[:1]), PEOPLE[0])


def test_somebody_always_reads():
    assert without_reader(frozenset(PEOPLE[:2]), PEOPLE[0]) == {PEOPLE[1]}
    with pytest.raises(DomainError, match=r"handover\.last_reader"):
        without_reader(frozenset(PEOPLE[:1]), PEOPLE[0])
    with pytest.raises(Conflict, match=r"handover\.not_a_reader"):
        without_reader(frozenset(PEOPLE[:2]), PEOPLE[2])
