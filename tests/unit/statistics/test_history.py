"""What is counted of a case, to which half-year it belongs, and that a handover doubles nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.cases.domain.chain import Link
from services.cases.domain.counting import moments, take_over_days
from services.cases.domain.person import sex_of
from services.cases.domain.views import Event
from services.cases.handlers.protecting import TAKEN
from services.statistics.domain.counting import Dated, Since, belongs, counted
from services.statistics.domain.history import (
    CaseHistory,
    Check,
    Step,
    attributes,
    case_events,
    stocks,
    waited,
)
from services.statistics.domain.indicators import BY_ID
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.vector import Happening, tally
from shared.ids import AuthorityCode, StaffId, random_id

FIRST, SECOND = HalfYear(2026, 1), HalfYear(2026, 2)
LINKOPING, GOTEBORG = AuthorityCode("0580"), AuthorityCode("1480")


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def step(kind: str, month: int, day: int, reason: str | None = None) -> Step:
    return Step(kind, date(2026, month, day), at(month, day), reason)


CASE = CaseHistory(
    born_on=date(2005, 3, 1),
    sex="man",
    group_type="honour_based",
    channel="phone",
    levels=((date(2026, 2, 1), "HIGH"), (date(2026, 4, 1), "LOW")),
    steps=(step("contact", 1, 10), step("admitted", 3, 1)),
)


def series(case: CaseHistory) -> list[str]:
    return [each.happening.series for each in case_events(case)]


# -- one case --------------------------------------------------------------------------------------
def test_a_contact_of_somebody_who_said_who_they_are_is_identified_too():
    assert series(CASE) == ["contacts", "identified", "admitted"]
    assert series(replace(CASE, born_on=None)) == ["contacts", "admitted"]


def test_the_wait_for_the_first_meeting_is_counted_when_it_was_held():
    met = Step("met", date(2026, 2, 8), at(2, 20))
    (waiting,) = waits(replace(CASE, steps=(*CASE.steps, met)))
    assert waiting == Dated(Happening("weeks_to_meeting", {"weeks": "4"}), met.on, met.known_at)
    assert waits(CASE) == []


def test_who_comes_in_person_has_waited_for_nobody():
    (waiting,) = waits(replace(CASE, channel="visit"))
    assert (waiting.on, waiting.happening.attributes) == (date(2026, 1, 10), {"weeks": "0"})


def test_who_was_received_from_another_municipality_waited_there():
    met = Step("met", date(2026, 2, 8), at(2, 8))
    assert waits(replace(CASE, steps=(step("received", 1, 10), met), channel=None)) == []


def waits(case: CaseHistory) -> list[Dated]:
    return [each for each in case_events(case) if each.happening.series == "weeks_to_meeting"]


def test_the_polices_answer_at_closing_is_counted_and_with_nothing_to_report_twice():
    checks = (Check(date(2026, 6, 1), at(6, 1), is_clear=True),)
    found = series(replace(CASE, checks=checks))
    assert found[-2:] == ["checked_at_closing", "no_offence_at_closing"]
    checks = (Check(date(2026, 6, 1), at(6, 1), is_clear=False),)
    assert series(replace(CASE, checks=checks))[-1] == "checked_at_closing"


@pytest.mark.parametrize(
    ("bought", "is_counted"),
    [
        ([(date(2026, 6, 30), None)], True),
        ([(date(2026, 7, 1), None)], False),
        ([(date(2026, 2, 1), date(2026, 6, 30))], False),
        ([(date(2026, 2, 1), date(2026, 7, 1))] * 2, True),
        ([], False),
    ],
)
def test_a_case_counts_once_as_with_a_provider_while_a_measure_runs(bought, is_counted):
    case = replace(CASE, bought=tuple(bought))
    found = [each.series for each in stocks([case], FIRST.last_day, at(7, 20))]
    assert found == ["ongoing", *(["external_providers"] if is_counted else [])]


def test_age_and_threat_are_those_of_the_day():
    assert attributes(CASE, date(2026, 2, 28)) == {
        "age": "18-20",
        "sex": "man",
        "group_type": "honour_based",
        "channel": "phone",
        "threat": "HIGH",
    }
    later = attributes(CASE, date(2026, 4, 1))
    assert (later["age"], later["threat"]) == ("21-25", "LOW")
    assert attributes(CASE, date(2026, 1, 31))["threat"] == "NOT_ASSESSED"


def test_what_is_not_known_is_a_category_of_its_own():
    nobody = CaseHistory(None, None, "something new", None, (), ())
    assert attributes(nobody, date(2026, 1, 1)) == {
        "age": "unknown",
        "sex": "unknown",
        "group_type": "unknown",
        "channel": "unknown",
        "threat": "NOT_ASSESSED",
    }


@pytest.mark.parametrize(
    ("born", "age"),
    [(2009, "0-17"), (2008, "18-20"), (2005, "21-25"), (2000, "26-39"), (1986, "40+")],
)
def test_ages_are_whole_years(born, age):
    case = replace(CASE, born_on=date(born, 6, 30))
    assert attributes(case, date(2026, 6, 30))["age"] == age


@pytest.mark.parametrize(
    ("reason", "also"),
    [
        ("COMPLETED", ["completed"]),
        ("EXCLUDED_RELAPSE", ["excluded_relapse"]),
        ("WITHDRAWN", []),
        ("a reason of a later release", []),
    ],
)
def test_an_end_is_counted_by_its_reason(reason, also):
    case = replace(CASE, steps=(step("ended", 5, 1, reason),))
    assert series(case) == ["ended", *also]
    tally([each.happening for each in case_events(case)])  # every category is one


def test_a_refused_entry_is_an_end_and_a_refusal():
    history = [Event(at(5, 1), StaffId(random_id()), "case.entry_refused", {})]
    found = [(each.kind, each.ended) for each in moments(history, {})]
    assert found == [("not_admitted", None), ("ended", "NOT_ADMITTED")]


def test_protection_that_the_municipality_has_confirmed_is_a_handover_of_it():
    history = [Event(at(5, 1), StaffId(random_id()), TAKEN, {})]
    (taken,) = moments(history, {})
    assert taken.kind == "protection_taken"
    assert BY_ID["protection_handovers"].fed_by == "cases"
    case = replace(CASE, steps=(step(taken.kind, 5, 1),))
    found = [each.happening for each in case_events(case)]
    assert found == [Happening("protection_handovers", {})]
    tally(found)


def test_who_applies_at_the_first_contact_has_applied_that_day():
    facts = {"state": "INTAKE"}
    history = [Event(at(5, 1), StaffId(random_id()), "case.contact_registered", facts)]
    assert [each.kind for each in moments(history, {})] == ["contact", "applied"]


def test_an_event_that_statistics_do_not_know_is_not_counted():
    history = [Event(at(5, 1), StaffId(random_id()), "case.document_added", {})]
    assert list(moments(history, {})) == []


def test_the_last_digit_but_one_says_the_sex():
    assert sex_of("199503149800") == "woman"
    assert sex_of("199503149819") == "man"


@pytest.mark.parametrize(
    ("days", "weeks"), [(0, "0"), (6, "0"), (7, "1"), (363, "51"), (364, "52+"), (-1, "0")]
)
def test_waiting_is_counted_in_whole_weeks(days, weeks):
    began = datetime(2026, 1, 1, 12, tzinfo=UTC)
    found = waited("weeks_to_answer", began, began + timedelta(days=days))
    assert found.happening.attributes == {"weeks": weeks}


# -- which half-year -------------------------------------------------------------------------------
EVENT = Dated(Happening("assessed"), date(2026, 6, 30), at(7, 3))


def test_an_event_belongs_to_the_half_year_of_its_day():
    assert belongs(EVENT, FIRST, None, at(7, 15))
    july = replace(EVENT, on=date(2026, 7, 1))
    assert not belongs(july, FIRST, None, at(7, 15))
    assert belongs(july, SECOND, Since(FIRST, at(7, 15)), at(12, 31))


def test_what_became_known_after_the_count_belongs_to_the_next():
    late = replace(EVENT, known_at=at(8, 1))
    assert not belongs(late, FIRST, None, at(7, 15))
    assert belongs(late, SECOND, Since(FIRST, at(7, 15)), at(12, 31))
    assert not belongs(EVENT, SECOND, Since(FIRST, at(7, 15)), at(12, 31))


def test_what_was_sent_in_vain_is_counted_again():
    assert belongs(EVENT, SECOND, None, at(12, 31))
    before = Since(FIRST.previous, datetime(2026, 1, 15, tzinfo=UTC))
    assert belongs(EVENT, SECOND, before, at(12, 31))


@pytest.mark.parametrize("was_counted", [True, False])
def test_every_event_is_counted_exactly_once_whenever_it_becomes_known(was_counted):
    events = [
        Dated(Happening("assessed"), date(2026, month, 1), at(known, 20))
        for month in range(1, 13)
        for known in range(month, 13)
    ]
    first = list(counted(events, FIRST, None, at(7, 15)))
    since = Since(FIRST, at(7, 15)) if was_counted else None
    then = list(counted(events, SECOND, since, datetime(2027, 1, 15, tzinfo=UTC)))
    assert len(first if was_counted else []) + len(then) == len(events)


# -- open at the end of a day, and a handover --------------------------------------------------------
def test_open_is_who_came_and_did_not_end():
    def is_open(*steps):
        found = stocks([replace(CASE, steps=steps)], date(2026, 6, 30), at(7, 15))
        return len(list(found))

    came, went = step("contact", 1, 10), step("ended", 5, 1, "COMPLETED")
    assert is_open(came) == 1
    assert is_open(came, went) == 0
    assert is_open(came, went, step("reopened", 6, 1)) == 1
    assert is_open(came, step("ended", 7, 1, "COMPLETED")) == 1  # on that day it was open
    assert is_open(step("contact", 7, 1)) == 0
    assert is_open() == 0
    assert is_open(Step("ended", came.on, came.known_at, "TRANSFERRED"), came) == 0  # one instant


def link(number: int, authority: AuthorityCode, when: datetime) -> Link:
    return Link(number, random_id(), number, "responsible", authority, None, when, "")


CHAIN = [link(1, LINKOPING, at(1, 10)), link(2, GOTEBORG, at(6, 30))]


def test_both_ends_date_a_handover_by_the_receivers_take_over():
    """The sender learnt of it two days, and a half-year, later."""
    sent = [Event(at(7, 2), StaffId(random_id()), "case.transferred", {})]
    came = [Event(at(6, 30), StaffId(random_id()), "case.taken_over", {})]
    (left,) = moments(sent, take_over_days(CHAIN, LINKOPING))
    (received,) = moments(came, take_over_days(CHAIN, GOTEBORG))
    assert left.on == received.on == date(2026, 6, 30)
    assert (left.kind, left.ended, received.kind) == ("ended", "TRANSFERRED", "received")


def test_on_every_day_exactly_one_of_the_two_has_the_case():
    here = replace(
        CASE,
        steps=(step("contact", 1, 10), Step("ended", date(2026, 6, 30), at(7, 2), "TRANSFERRED")),
    )
    there = replace(CASE, steps=(step("received", 6, 30),))
    for day in (date(2026, 6, 29), date(2026, 6, 30), date(2026, 7, 1)):
        assert len(list(stocks([here, there], day, at(7, 15)))) == 1
    assert "contacts" not in series(there)


def test_a_case_that_comes_back_is_a_new_file_that_was_received():
    back = [*CHAIN, link(3, LINKOPING, at(9, 1))]
    assert take_over_days(back[:2], LINKOPING) == {"case.transferred": date(2026, 6, 30)}
    assert take_over_days(back, LINKOPING)["case.taken_over"] == date(2026, 9, 1)
