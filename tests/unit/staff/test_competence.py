from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.staff.domain.competence import (
    Competence,
    Demand,
    RecordCompetence,
    check_competence,
    check_demands,
    held_on,
)
from shared.errors import DomainError
from shared.ids import StaffId

LEADER, COLLEAGUE = StaffId(UUID(int=1)), StaffId(UUID(int=2))
TODAY = date(2026, 11, 22)


def recorded(**changes):
    given = {
        "staff_id": COLLEAGUE,
        "kind": "radicalisation",
        "course": "Grundkurs",
        "obtained_on": date(2025, 1, 1),
        "valid_until": date(2027, 1, 1),
    }
    return RecordCompetence(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"staff_id": LEADER}, "competence.own"),
        ({"obtained_on": date(2026, 11, 23)}, "competence.in_future"),
        ({"valid_until": date(2024, 12, 31)}, "competence.ends_before"),
        ({"valid_until": date(2031, 1, 1)}, "competence.too_long"),
    ],
)
def test_a_record_that_cannot_be_is_refused(changes, code):
    with pytest.raises(DomainError) as refused:
        check_competence(recorded(**changes), LEADER, TODAY)
    assert refused.value.code == code


def known(kind, day, until):
    return Competence(
        UUID(int=day),
        COLLEAGUE,
        kind,
        "Bedömd",
        date(2025, 1, 1),
        until,
        LEADER,
        datetime(2026, 1, day, tzinfo=UTC),
    )


def test_of_each_kind_the_newest_record_alone_counts_so_that_one_can_be_taken_back():
    later, past = date(2027, 1, 1), date(2026, 1, 2)
    held = [known("special_suitability", 1, later), known("exit_work", 2, later)]
    assert held_on(held, TODAY) == {"special_suitability", "exit_work"}
    taken_back = [known("special_suitability", 3, past), *held]
    for order in (taken_back, taken_back[::-1]):
        assert held_on(order, TODAY) == {"exit_work"}


def test_all_that_is_demanded_must_be_held_and_the_first_that_is_not_is_named():
    demands = [Demand("exit_work", "Policy", "4"), Demand("special_suitability", "Policy", "8")]
    check_demands(demands, frozenset({"exit_work", "special_suitability"}))
    check_demands([], frozenset())
    with pytest.raises(DomainError) as refused:
        check_demands(demands, frozenset({"exit_work"}))
    assert (refused.value.code, refused.value.facts["section"]) == (
        "assignment.competence_missing",
        "8",
    )


def test_a_record_of_a_colleague_passes():
    check_competence(recorded(), LEADER, TODAY)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2024, 12, 31), False),
        (date(2025, 1, 1), True),
        (date(2027, 1, 1), True),
        (date(2027, 1, 2), False),
    ],
)
def test_a_competence_counts_from_its_first_day_to_its_last(day, counts):
    command = recorded()
    known = Competence(
        UUID(int=3),
        COLLEAGUE,
        command.kind,
        command.course,
        command.obtained_on,
        command.valid_until,
        LEADER,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert ("radicalisation" in held_on([known], day)) is counts
