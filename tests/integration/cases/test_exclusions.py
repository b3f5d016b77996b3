"""Who stands on a case's exclusion list neither sees it, nor can be chosen, nor finds it in a count."""

import pytest

from services.cases import api as cases
from shared.errors import AccessDenied, DomainError
from tests.support.casework import GOTEBORG

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def exclude(bench, case_id, kind, value) -> None:
    asta = await bench.case_worker()
    await cases.set_exclusion(
        bench.node, asta, cases.SetExclusion(case_id, 1, kind, str(value), "Nära anhörig.")
    )


async def test_an_excluded_leader_of_the_unit_does_not_see_that_the_case_is_there(bench) -> None:
    case_id = await bench.investigated()
    other = await bench.leader("Leda")
    before = {row.case_id for row in await cases.unit_cases(bench.node, other)}
    assert case_id in before
    await exclude(bench, case_id, "staff", other.staff_id)
    after = await cases.unit_cases(bench.node, other)
    assert {row.case_id for row in after} == before - {case_id}
    with pytest.raises(AccessDenied):
        await cases.assignable(bench.node, other, case_id)
    with pytest.raises(AccessDenied):
        await bench.assign(case_id, other, other, "team_leader")


async def test_an_excluded_colleague_cannot_be_chosen(bench) -> None:
    case_id = await bench.investigated()
    gun, other = await bench.leader(), await bench.case_worker("Olle")
    await exclude(bench, case_id, "staff", other.staff_id)
    chosen = await cases.assignable(bench.node, gun, case_id)
    assert other.staff_id not in {each.staff_id for each in chosen}
    with pytest.raises(DomainError, match=r"assignment\.excluded"):
        await bench.assign(case_id, gun, other, "case_worker")


async def test_whoever_has_access_must_lose_it_before_the_exclusion(bench) -> None:
    case_id = await bench.investigated()
    bo = await bench.case_worker("Bo")
    with pytest.raises(DomainError, match=r"exclusion\.is_member"):
        await exclude(bench, case_id, "staff", bo.staff_id)


async def test_no_consent_and_no_question_names_an_excluded_municipality(bench) -> None:
    case_id = await bench.investigated()
    await exclude(bench, case_id, "authority", GOTEBORG)
    with pytest.raises(DomainError, match=r"consent\.counterparty_excluded"):
        await bench.consent(case_id)
    asta = await bench.case_worker()
    with pytest.raises(DomainError, match=r"placement\.excluded"):
        await cases.ask_placement(bench.node, asta, cases.AskPlacement(case_id, 1, GOTEBORG))


async def test_an_excluded_police_unit_is_not_asked(bench) -> None:
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await exclude(bench, case_id, "unit", "lpo-linkoping")
    with pytest.raises(DomainError, match=r"threat\.unit_excluded"):
        await bench.threat_asked(case_id, "lpo-linkoping")
