"""What is decided by delegation is told to the board: once, by code name, by the unit's leader."""

from datetime import timedelta

import pytest

from services.cases import api as cases
from services.decisions.api import COMMITTEE_ID
from shared.errors import AccessDenied, DomainError
from shared.ids import random_id
from tests.support.casework import CANARY

pytestmark = pytest.mark.servers


async def decided(bench, leader, **changes):
    """A granted aid and a committee's, in a case of the bench's unit."""
    asta = await bench.case_worker()
    case_id = await bench.register(asta)
    await bench.assign(case_id, leader, await bench.case_worker("Bo"), "case_worker")
    for kind, minutes in (("aid.counselling", ""), ("aid.protected_housing", "§ 118")):
        command = cases.DecideAid(
            case_id,
            1,
            kind,
            "GRANTED",
            "housing",
            "Kontaktperson",
            "Skäl som nämnden inte läser.",
            bench.today,
            minutes=minutes,
            **changes,
        )
        await cases.decide_aid(bench.node, asta, command)
    return case_id


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def test_the_leader_reports_the_units_delegated_decisions_once_without_the_person(bench):
    gun = await bench.leader()  # no member of the case
    case_id = await decided(bench, gun)
    found = await cases.decisions_to_report(bench.node, gun)
    row, from_minutes = sorted(found.rows, key=lambda each: each.kind)
    assert (row.case_id, row.kind, row.outcome) == (case_id, "aid.counselling", "GRANTED")
    assert found.code_names[case_id]
    assert CANARY not in repr(found)
    assert "Skäl" not in repr(found)
    # One person wrote that the committee had decided: the committee is shown it.
    assert (from_minutes.kind, from_minutes.decided_by) == ("aid.protected_housing", COMMITTEE_ID)
    both = (row.decision_id, from_minutes.decision_id)
    report = cases.ReportDecisions(bench.today + timedelta(days=9), both)
    await cases.report_decisions(bench.node, gun, report)
    assert (await cases.decisions_to_report(bench.node, gun)).rows == ()
    with pytest.raises(AccessDenied):
        await cases.report_decisions(bench.node, gun, report)


async def test_a_decision_is_reported_by_nobody_else_and_to_no_meeting_that_has_been(bench):
    gun = await bench.leader()
    await decided(bench, gun)
    row, _ = (await cases.decisions_to_report(bench.node, gun)).rows
    later = bench.today + timedelta(days=9)
    report = cases.ReportDecisions(later, (row.decision_id,))
    asta = await bench.case_worker()
    assert await refusal(cases.decisions_to_report(bench.node, asta)) == "case.role_may_not"
    assert await refusal(cases.report_decisions(bench.node, asta, report)) == "case.role_may_not"
    other = await bench.person("Rut", "team_leader", unit="barn")
    assert (await cases.decisions_to_report(bench.node, other)).rows == ()
    with pytest.raises(AccessDenied):
        await cases.report_decisions(bench.node, other, report)
    for command, code in (
        (cases.ReportDecisions(later, ()), "decision.none_chosen"),
        (
            cases.ReportDecisions(bench.today - timedelta(days=1), (row.decision_id,)),
            "decision.meeting_in_past",
        ),
    ):
        assert await refusal(cases.report_decisions(bench.node, gun, command)) == code
    with pytest.raises(AccessDenied):
        await cases.report_decisions(bench.node, gun, cases.ReportDecisions(later, (random_id(),)))
