"""Who may be given a case: what policy demands is held today, or the assignment is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.cases import api as cases
from services.staff import api as staff
from shared.errors import AccessDenied, DomainError
from tests.support.casework import GOTEBORG, open_bench

pytestmark = pytest.mark.servers


@pytest.fixture
async def goteborg(postgres_server):
    """Göteborg's node: its policy demands special suitability of who handles exit cases."""
    made = await open_bench(await postgres_server.fresh_node_databases("1480"), GOTEBORG)
    made.records_competence = False
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


def judged(bench, whom, *, until=400):
    today = bench.today
    return staff.RecordCompetence(
        whom.staff_id,
        "special_suitability",
        "Bedömd",
        today - timedelta(days=500),
        today + timedelta(days=until),
    )


async def refusal(attempt):
    with pytest.raises(DomainError) as refused:
        await attempt
    return refused.value


async def test_who_has_not_what_policy_demands_is_not_given_a_case_until_it_is_recorded(goteborg):
    asta, gun, bo = (
        await goteborg.case_worker(),
        await goteborg.leader(),
        await goteborg.case_worker("Bo"),
    )
    case_id = await goteborg.register(asta)
    attempt = goteborg.assign(case_id, gun, bo, "case_worker")
    refused = await refusal(attempt)
    assert refused.code == "assignment.competence_missing"
    assert refused.facts["competence"] == "special_suitability"
    assert refused.facts["section"] == "Policy, åttonde punkten"

    await staff.record_competence(goteborg.node, gun, judged(goteborg, bo, until=-1))
    attempt = goteborg.assign(case_id, gun, bo, "case_worker")
    assert (await refusal(attempt)).code == "assignment.competence_missing"  # it has expired

    await staff.record_competence(goteborg.node, gun, judged(goteborg, bo))
    goteborg.clock.move(timedelta(minutes=1))
    await staff.record_competence(goteborg.node, gun, judged(goteborg, bo, until=-1))
    attempt = goteborg.assign(case_id, gun, bo, "case_worker")
    assert (await refusal(attempt)).code == "assignment.competence_missing"  # it was taken back
    goteborg.clock.move(timedelta(minutes=1))
    await staff.record_competence(goteborg.node, gun, judged(goteborg, bo))
    rows = await staff.competences(goteborg.node, gun)
    assert [each.counts for each in rows] == [True, False, False, False]
    await goteborg.assign(case_id, gun, bo, "case_worker")
    # A team leader confirms and handles nothing: nothing is demanded of that role here.
    await goteborg.assign(case_id, gun, gun, "team_leader")


async def test_who_registered_a_contact_goes_on_only_with_what_policy_demands(goteborg):
    asta, gun, bo = (
        await goteborg.case_worker(),
        await goteborg.leader(),
        await goteborg.case_worker("Bo"),
    )
    unjudged, judged_by = await goteborg.register(asta), await goteborg.register(bo)
    cleo = await goteborg.case_worker("Cleo")
    for whom in (bo, cleo):
        await staff.record_competence(goteborg.node, gun, judged(goteborg, whom))
    for case_id in (unjudged, judged_by):
        await cases.read_case(goteborg.node, asta if case_id == unjudged else bo, case_id, "form")
        await goteborg.assign(case_id, gun, cleo, "case_worker")
    with pytest.raises(AccessDenied):
        await cases.read_case(goteborg.node, asta, unjudged, "form")
    kept = await cases.read_case(goteborg.node, bo, judged_by, "form")
    assert {each.staff_id for each in kept.members if not each.ended_at} == {
        bo.staff_id,
        cleo.staff_id,
    }
    left = await cases.read_case(goteborg.node, cleo, unjudged, "form")
    assert [each.staff_id for each in left.members if not each.ended_at] == [cleo.staff_id]


async def test_whom_the_case_is_kept_from_is_refused_as_somebody_who_does_not_exist(goteborg):
    asta, gun, bo = (
        await goteborg.case_worker(),
        await goteborg.leader(),
        await goteborg.case_worker("Bo"),
    )
    case_id = await goteborg.register(asta)
    kept = cases.SetExclusion(case_id, 1, "staff", str(bo.staff_id), "Bor granne.")
    await cases.set_exclusion(goteborg.node, asta, kept)
    answers = []
    for staff_id in (bo.staff_id, uuid4()):
        for declared in (True, False):
            command = cases.AssignMember(case_id, 1, staff_id, "case_worker", "behövs", declared)
            refused = await refusal(cases.assign_member(goteborg.node, gun, command))
            answers.append((refused.code, dict(refused.facts)))
    assert answers == [("assignment.not_a_choice", {})] * 4
