"""Who must read that the threat was raised, and whom time calls."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.cases.domain.alarm import ON_CALL, ON_CALL_MAY, Alarm, Reading, calls
from services.cases.domain.rights import RIGHTS
from services.protection.domain.model import LEVELS, holder_of, is_raised
from shared.ids import CaseId, StaffId

RAISED = datetime(2026, 11, 22, 1, 14, tzinfo=UTC)
TODAY, CONFIRM_BY = date(2026, 11, 22), date(2026, 11, 23)
ASTA, JOUR = StaffId(uuid4()), StaffId(uuid4())
HALF_AN_HOUR = timedelta(minutes=30)


def alarm(*readings, level="HIGH", **changes):
    facts = {"escalated_at": None, "overdue_at": None, **changes}
    read = tuple(Reading(who, role, RAISED) for who, role in readings)
    return Alarm(uuid4(), CaseId(uuid4()), "LOW", level, RAISED, CONFIRM_BY, readings=read, **facts)


def called(found, after=HALF_AN_HOUR, today=TODAY, on_call=None, *, is_let_in=False):
    return calls(
        found,
        RAISED + after,
        today,
        answer_within=HALF_AN_HOUR,
        on_call=on_call,
        is_let_in=is_let_in,
    )


@pytest.mark.parametrize("before", [None, *LEVELS])
@pytest.mark.parametrize("now", LEVELS)
def test_an_alarm_is_what_is_worse_than_was_known(before, now):
    worse = now == "HIGH" if before is None else LEVELS.index(now) > LEVELS.index(before)
    assert is_raised(before, now) == worse


def test_the_police_protect_while_the_threat_is_high_and_then_alone():
    assert [holder_of(level) for level in LEVELS] == ["municipality", "municipality", "police"]


def test_nobody_is_called_before_the_time_to_answer_is_over():
    assert called(alarm(), HALF_AN_HOUR - timedelta(seconds=1)) == ()
    assert called(alarm()) == ("escalate",)


def test_one_who_has_read_it_stops_the_escalation_and_a_second_is_not_made():
    assert called(alarm((JOUR, ON_CALL))) == ()
    assert called(alarm(escalated_at=RAISED)) == ()


def test_whoever_comes_on_call_while_nobody_has_read_it_is_called_too():
    assert called(alarm(), timedelta(), on_call=JOUR) == ("next_on_call",)
    assert called(alarm(), timedelta(), on_call=JOUR, is_let_in=True) == ()
    assert called(alarm((ASTA, "case_worker")), on_call=JOUR) == ()
    assert called(alarm(level="MEDIUM"), timedelta(), on_call=JOUR) == ()


def test_the_night_is_kept_by_who_is_on_call_but_only_a_case_worker_confirms():
    late = CONFIRM_BY + timedelta(days=1)
    kept = alarm((JOUR, ON_CALL))
    assert called(kept, today=CONFIRM_BY) == ()
    assert called(kept, today=late) == ("overdue",)
    assert called(alarm((ASTA, "case_worker")), today=late) == ()
    assert called(alarm((JOUR, ON_CALL), overdue_at=RAISED), today=late) == ()


def test_each_case_worker_and_who_is_on_call_read_it_themselves():
    read = alarm((JOUR, "case_worker"))
    assert read.waits_for(ASTA, "case_worker")
    assert read.waits_for(ASTA, ON_CALL)
    assert not read.waits_for(ASTA, "team_leader")
    assert alarm((JOUR, ON_CALL)).waits_for(ASTA, "team_leader")
    assert not read.waits_for(JOUR, "case_worker")


def test_access_for_a_night_opens_reading_the_journal_and_the_vault_by_two():
    assert {"see", "write_journal", "reveal_vault", "decide_at_once"} == ON_CALL_MAY
    assert set(RIGHTS) > ON_CALL_MAY
