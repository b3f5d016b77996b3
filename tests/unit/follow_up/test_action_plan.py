"""The action plan's rules: areas, activities, pledges, the weekly picture."""

from datetime import date
from uuid import UUID

import msgspec
import pytest

from services.follow_up.domain.action_plan import (
    STATUSES,
    Activity,
    Area,
    Plan,
    Pledge,
    areas_of,
    check_activity,
    check_plan,
    check_pledge,
    is_overdue,
    replaced,
    standing,
)
from services.follow_up.domain.picture import Line, check_line, latest
from services.follow_up.domain.plan_report import PlanReport, check_plan_report
from shared.errors import DomainError
from shared.report import Listing, Paragraph, written

TODAY = date(2026, 11, 22)
EARLIER, LATER = date(2026, 11, 21), date(2026, 11, 23)
AREAS = (Area(1, "Sociala risker"), Area(2, "Brottsaktiva ungdomar"))
ACTIVITY = Activity(areas=(1,), text="Nattvandring.", status="ONGOING")
PLAN = Plan(
    title="Plan", valid_from=EARLIER, valid_until=LATER, agreement="", replaces="", areas=AREAS
)
PLEDGE = Pledge(valid_from=EARLIER, valid_until=TODAY, promise="Fler på gatan.")
LINE = Line(held_on=EARLIER, area=1, seen="Klotter.", measure="Rundor.", who="Polisen")
REPORT = PlanReport(occasion="FINAL", title="Slut", dated=TODAY, proposal="1. Godkänn.")
ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)


def changed(value, **changes):
    return msgspec.structs.replace(value, **changes)


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (lambda: areas_of(["", ""]), "plan.areas_missing"),
        (lambda: areas_of(["Risker", "risker"]), "plan.area_twice"),
        (lambda: areas_of([str(n) for n in range(21)]), "plan.too_many_areas"),
        (lambda: check_plan(changed(PLAN, title="")), "plan.title_missing"),
        (lambda: check_plan(changed(PLAN, valid_until=date(2026, 1, 1))), "plan.ends_before"),
        (lambda: check_plan(PLAN, [*AREAS, Area(3, "Klotter")]), "plan.area_in_use"),
        (lambda: check_plan(PLAN, [Area(1, "Brottsaktiva ungdomar")]), "plan.area_in_use"),
        (lambda: check_activity(changed(ACTIVITY, text=""), AREAS), "activity.text_missing"),
        (lambda: check_activity(changed(ACTIVITY, areas=()), AREAS), "activity.area_missing"),
        (lambda: check_activity(changed(ACTIVITY, areas=(3,)), AREAS), "activity.area_unknown"),
        (lambda: check_activity(changed(ACTIVITY, areas=(1, 1)), AREAS), "activity.area_unknown"),
        (
            lambda: check_activity(changed(ACTIVITY, start_on=LATER, due_on=TODAY), AREAS),
            "activity.due_before_start",
        ),
        (
            lambda: check_activity(changed(ACTIVITY, status="PARTIAL"), AREAS),
            "activity.deviation_missing",
        ),
        (lambda: check_pledge(changed(PLEDGE, promise=""), {}), "pledge.promise_missing"),
        (lambda: check_pledge(changed(PLEDGE, valid_from=LATER), {}), "pledge.ends_before"),
        (lambda: check_pledge(changed(PLEDGE, replaces=ONE), {}), "pledge.replaces_unknown"),
        (
            lambda: check_pledge(changed(PLEDGE, replaces=ONE), {ONE: PLEDGE}),
            "pledge.replaces_later",
        ),
        (
            lambda: check_pledge(
                changed(PLEDGE, valid_from=TODAY, replaces=ONE),
                {ONE: PLEDGE, TWO: changed(PLEDGE, replaces=ONE)},
            ),
            "pledge.replaced_already",
        ),
        (lambda: check_line(changed(LINE, seen=""), {1}, TODAY), "coordination.seen_missing"),
        (lambda: check_line(LINE, {2}, TODAY), "activity.area_unknown"),
        (lambda: check_line(changed(LINE, held_on=LATER), {1}, TODAY), "coordination.in_future"),
        (lambda: check_line(changed(LINE, who=""), {1}, TODAY), "coordination.who_missing"),
        (
            lambda: check_line(changed(LINE, until=date(2026, 12, 24)), {1}, TODAY),
            "coordination.days_wrong",
        ),
        (lambda: check_plan_report(changed(REPORT, title="")), "plan_report.title_missing"),
        (lambda: check_plan_report(changed(REPORT, proposal="")), "plan_report.proposal_missing"),
    ],
)
def test_what_a_reader_could_not_follow_is_refused_by_its_own_code(check, code) -> None:
    with pytest.raises(DomainError) as refused:
        check()
    assert refused.value.code == code


def test_what_is_whole_is_taken() -> None:
    check_plan(PLAN, AREAS)
    check_plan(changed(PLAN, areas=(*AREAS, Area(3, "Klotter"))), AREAS)
    check_activity(changed(ACTIVITY, areas=(2, 1), start_on=TODAY, due_on=TODAY), AREAS)
    check_activity(changed(ACTIVITY, status="PARTIAL", deviation="Pengarna tog slut."), AREAS)
    check_pledge(changed(PLEDGE, valid_from=TODAY, replaces=ONE), {ONE: PLEDGE})
    check_line(changed(LINE, until=LATER), {1}, TODAY)
    check_plan_report(REPORT)
    assert areas_of(["Sociala risker", "", "Brottsaktiva ungdomar"]) == AREAS


def test_only_what_still_has_a_day_to_keep_is_late() -> None:
    late = {status: changed(ACTIVITY, status=status, due_on=EARLIER) for status in STATUSES}
    assert {status for status, each in late.items() if is_overdue(each, TODAY)} == {
        "ONGOING",
        "RECURRING",
        "NOT_STARTED",
        "PLANNED",
    }
    assert not is_overdue(changed(ACTIVITY, due_on=TODAY), TODAY)
    assert not is_overdue(ACTIVITY, TODAY)


def test_an_activity_of_two_areas_is_counted_once_under_its_first() -> None:
    counts = standing([ACTIVITY, changed(ACTIVITY, areas=(2, 1), status="DONE")], AREAS)
    assert (counts[1]["ONGOING"], counts[1]["DONE"], counts[2]["DONE"]) == (1, 0, 1)
    assert sum(sum(row.values()) for row in counts.values()) == 2


def test_the_picture_is_what_the_last_meeting_saw_in_each_area() -> None:
    newer = changed(LINE, held_on=TODAY, seen="Lugnt.")
    other = changed(LINE, area=2)
    assert latest([newer, other, LINE]) == {1: newer, 2: other}


def test_a_pledge_that_another_replaces_is_known_as_replaced() -> None:
    assert replaced({ONE: PLEDGE, TWO: changed(PLEDGE, replaces=ONE)}) == {ONE}


def test_what_is_written_in_a_field_becomes_paragraphs_points_and_numbers() -> None:
    text = "Inledning.\nRad två.\n\n- ett\n- två\n\n1. först\n2. sedan\n\n2. inte en lista\n\n\n- en\nnej"
    assert written(text) == (
        Paragraph(text="Inledning.\nRad två."),
        Listing(items=("ett", "två")),
        Listing(items=("först", "sedan"), is_numbered=True),
        Paragraph(text="2. inte en lista"),
        Paragraph(text="- en\nnej"),
    )
    assert written("") == ()
