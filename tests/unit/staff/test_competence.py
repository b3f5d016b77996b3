from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.staff.domain.competence import (
    Competence,
    RecordCompetence,
    check_competence,
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
