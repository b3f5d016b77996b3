"""The page of a municipality's own figures: a leader's unit exactly, others side by side, no one else's."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import pytest_asyncio

from services.audit import api as audit
from services.statistics.api import OwnCounter
from shared.clock import local_date
from tests.support.casework import open_bench
from tests.support.leaks import open_harness

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_server, tmp_path_factory):
    bench = await open_bench(await postgres_server.fresh_node_databases("1480"), "1480")
    for unit, count in {"centrum": 8, "nordost": 3, "hisingen": 7}.items():
        worker = await bench.person(f"Asta {unit}", "case_worker", unit=unit)
        for _ in range(count):
            await bench.register(worker)
    counter = OwnCounter(bench.worker_node)
    rut = await bench.person("Rut", "log_reviewer")
    today = local_date(bench.clock.now())
    await audit.record_review(bench.node, rut, audit.RecordReview(today, today, 9, "asked"))
    bench.clock.move(timedelta(days=60))
    await counter.run_once()
    harness = open_harness(SimpleNamespace(node=bench.node), tmp_path_factory.mktemp("own figures"))
    harness.people = {
        "leader": await bench.person("Gun", "team_leader", unit="nordost"),
        "director": await bench.person("Siv", "social_director"),
        "chief": await bench.person("Sune", "security_chief"),
        "coordinator": await bench.person("Karin", "exit_coordinator"),
        "worker": await bench.person("Asta nordost", "case_worker", unit="nordost"),
        "reviewer": rut,
        "admin": await bench.person("Adam", "system_admin"),
    }
    yield harness
    await harness.client.aclose()
    await bench.node.db.close()
    await bench.worker_node.db.close()


async def read(desk, path, who):
    response = await desk.call("GET", path, who)
    assert response.status_code == 200, (path, who, response.status_code)
    return response


def words(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.text).split())


async def test_a_leader_sees_the_own_unit_exactly_with_workload_and_log_reviews(desk):
    said = words(await read(desk, "/figures", "leader"))
    assert "Första kontakter 3" in said
    assert "Asta nordost 3" in said
    assert "2026 1" in said
    assert "centrum" not in said
    (found,) = [
        each
        for each in (await read(desk, "/api/v1/own-figures", "leader")).json()["items"]
        if each["half_year"] == "2026H2"
    ]
    assert (found["unit"], found["counts"]["contacts"]) == ("nordost", 3)


async def test_the_units_stand_side_by_side_without_what_would_give_a_small_one_away(desk):
    for who in ("director", "chief", "coordinator"):
        said = words(await read(desk, "/figures", who))
        assert "centrum" in said
        assert "visas inte" in said
        assert not re.search(r"Första kontakter 8 7", said)
    found = (await read(desk, "/api/v1/own-figures/units", "director")).json()["items"]
    (half,) = [each for each in found if each["half_year"] == "2026H2"]
    contacts = {f["unit"]: f["count"] for f in half["figures"] if f["series"] == "contacts"}
    assert contacts["nordost"] is None
    assert list(contacts.values()).count(None) >= 2


async def test_nobody_reads_the_others_figures(desk):
    refused = {
        "/figures": ("worker", "reviewer", "admin"),
        "/api/v1/own-figures": ("director", "chief", "coordinator", "worker", "reviewer", "admin"),
        "/api/v1/own-figures/units": ("leader", "worker", "reviewer", "admin"),
    }
    for path, people in refused.items():
        for who in people:
            assert (await desk.call("GET", path, who)).status_code == 404, (path, who)


async def test_the_reviewer_writes_a_review_and_a_wrong_one_comes_back_filled_in(desk):
    form = {"from_on": "2026-11-01", "until_on": "2026-11-20", "outcome": "nothing_found"}
    wrong = await desk.call("POST", "/log-review", "reviewer", form | {"entries": "0"})
    assert wrong.status_code == 422
    assert "Skriv hur många rader du läste" in wrong.text
    assert 'value="2026-11-01"' in wrong.text
    right = await desk.call("POST", "/log-review", "reviewer", form | {"entries": "25"})
    assert right.status_code == 303
    said = words(await read(desk, "/log-review", "reviewer"))
    assert "25" in said
    for who in ("leader", "director", "worker"):
        refused = await desk.call("POST", "/log-review", who, form | {"entries": "25"})
        assert refused.status_code == 404
