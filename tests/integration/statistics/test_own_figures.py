"""A municipality's own figures: each unit's for its leader, side by side for who compares, no others'."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.cases import api as cases
from services.statistics.domain.periods import half_year_of
from services.statistics.handlers.own import OwnCounter, unit_half_years, units_side_by_side
from shared.clock import local_date
from shared.db import StorageError
from shared.errors import AccessDenied
from tests.support.casework import open_bench

pytestmark = pytest.mark.servers


@pytest.fixture
async def bench(postgres_server):
    made = await open_bench(await postgres_server.fresh_node_databases("1480"), "1480")
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


async def two_units(bench, counts):
    """Contacts in each unit, in the half-year that runs."""
    for unit, count in counts.items():
        worker = await bench.person(f"Asta {unit}", "case_worker", unit=unit)
        for _ in range(count):
            await bench.register(worker)


async def pass_to_the_count(bench):
    due = half_year_of(local_date(bench.clock.now())).following.first_day + timedelta(days=16)
    bench.clock.move(timedelta(days=(due - local_date(bench.clock.now())).days))


async def test_a_leader_reads_the_own_units_exact_figures_and_no_other(bench):
    await two_units(bench, {"centrum": 2, "nordost": 1})
    await OwnCounter(bench.worker_node).run_once()
    gun = await bench.person("Gun", "team_leader", unit="nordost")
    (found,) = [each for each in await unit_half_years(bench.node, gun) if not each.is_final]
    assert (found.unit, found.is_final, found.counts["contacts"]) == ("nordost", False, 1)
    assert found.counts["ongoing"] == 1
    with pytest.raises(AccessDenied):
        await units_side_by_side(bench.node, gun)
    # Who leads no unit of these, and who leads none at all, sees none of them.
    assert await unit_half_years(bench.node, await bench.person("Gerd", "team_leader")) == []
    for role in ("case_worker", "social_director", "security_chief", "log_reviewer"):
        with pytest.raises(AccessDenied):
            await unit_half_years(bench.node, await bench.person(f"X {role}", role))


async def kept_from(bench, case_id, worker, kind, value):
    exclusion = cases.SetExclusion(case_id, 1, kind, value, "släkt")
    await cases.set_exclusion(bench.node, worker, exclusion)


async def test_no_leader_reads_a_figure_that_counts_a_case_kept_from_the_leader(bench):
    """Not today, not of a half-year that is over, and not by the row of another in the database."""
    gun = await bench.person("Gun", "team_leader", unit="nordost")
    gerd = await bench.person("Gerd", "team_leader", unit="nordost")
    asta = await bench.person("Asta", "case_worker", unit="nordost")
    moved = await bench.person("Bo", "case_worker", unit="centrum")  # since the first contact
    found = [await bench.register(who) for who in (asta, asta, replace(moved, unit="nordost"))]
    await kept_from(bench, found[0], asta, "staff", str(gun.staff_id))
    counter, half = OwnCounter(bench.worker_node), half_year_of(local_date(bench.clock.now())).id

    async def contacts():
        await counter.run_once()
        return [
            {each.half_year: each for each in await unit_half_years(bench.node, who)}[half].counts
            for who in (gun, gerd)
        ]

    assert [(c["contacts"], c["ongoing"]) for c in await contacts()] == [(2, 2), (3, 3)]

    await kept_from(bench, found[1], asta, "staff", str(gun.staff_id))
    assert [c["contacts"] for c in await contacts()] == [1, 3]
    await pass_to_the_count(bench)
    assert [c["contacts"] for c in await contacts()] == [1, 3]
    await kept_from(bench, found[2], moved, "unit", "nordost")
    assert [c["contacts"] for c in await contacts()] == [0, 2]
    for who in (gun, gerd):
        async with bench.node.db.begin(who) as uow:
            query = text("select half_year from statistics_own")
            rows = (await uow.execute(query)).scalars().all()
        assert len(rows) == len(set(rows)) == 3


async def test_who_compares_sees_each_half_year_once_without_small_figures(bench):
    await two_units(bench, {"centrum": 6, "nordost": 2})
    counter = OwnCounter(bench.worker_node)
    await counter.run_once()
    siv = await bench.person("Siv", "social_director")
    half = half_year_of(local_date(bench.clock.now())).id
    assert half not in {each.half_year for each in await units_side_by_side(bench.node, siv)}
    await pass_to_the_count(bench)
    await counter.run_once()
    before = await units_side_by_side(bench.node, siv)
    (shown,) = [each for each in before if each.half_year == half]
    assert shown.units == ("centrum", "nordost")
    assert shown.figure("contacts", "nordost").count is None
    row = [shown.figure("contacts", unit).count for unit in ("centrum", "*")]
    assert None in row  # else the small one could be reckoned
    await OwnCounter(bench.worker_node).run_once()
    assert await units_side_by_side(bench.node, siv) == before
    for role in ("case_worker", "system_admin"):
        with pytest.raises(AccessDenied):
            await units_side_by_side(bench.node, await bench.person(f"X {role}", role))


async def test_the_database_shows_exact_figures_to_the_units_leader_alone(bench):
    await two_units(bench, {"centrum": 6, "nordost": 6})
    counter = OwnCounter(bench.worker_node)
    await pass_to_the_count(bench)
    await counter.run_once()
    siv = await bench.person("Siv", "social_director")
    gun = await bench.person("Gun", "team_leader", unit="nordost")
    both = await bench.person("Bo", "team_leader", "social_director", unit="nordost")
    for who, seen in ((siv, 0), (gun, 2), (both, 2)):
        async with bench.node.db.begin(who) as uow:
            rows = (await uow.execute(text("select unit from statistics_own"))).scalars().all()
            assert (len(rows), set(rows) <= {"nordost"}) == (seen, True)
    for who, seen in ((siv, 1), (gun, 0), (both, 0)):
        async with bench.node.db.begin(who) as uow:
            query = text("select half_year from statistics_own_shown")
            assert len((await uow.execute(query)).all()) == seen
    async with bench.node.db.begin(siv) as uow:
        with pytest.raises(StorageError, match="42501"):
            await uow.execute(text("select kept from statistics_own_shown"))
    async with bench.worker_node.db.begin(bench.worker) as uow:
        with pytest.raises(StorageError, match="42501"):
            await uow.execute(text("update statistics_own_shown set content = 'x'"))
