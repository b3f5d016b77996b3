"""What a municipality has sent to the national statistics: shown to who answers for it, and no other."""

import pytest

from services.statistics.domain.vector import Happening
from services.statistics.handlers.contributing import Contributor
from services.statistics.handlers.sent import half_years_sent
from shared.errors import AccessDenied
from tests.support.casework import open_bench
from tests.support.nation import FixedBodies

pytestmark = pytest.mark.servers


@pytest.fixture
async def bench(postgres_server):
    made = await open_bench(await postgres_server.fresh_node_databases("0580"))
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


async def three_contacts(_half, _since, _until):
    who = {"age": "40+", "sex": "man", "group_type": "other", "channel": "phone"}
    return [Happening("contacts", who)] * 3


async def test_the_leader_sees_what_was_sent_and_when_and_the_reading_is_logged(bench):
    bodies = FixedBodies(municipalities=("0580",))
    assert await Contributor(bench.worker_node, bodies, three_contacts).run_once() == 1
    (sent,) = await half_years_sent(bench.node, await bench.leader())
    assert sent.state == "sent"
    assert sent.collectors == ("9003", "9004")
    assert sent.sent_at is not None
    assert not hasattr(sent, "figures")  # exact, of every case, those kept from the leader too
    (row,) = [
        row
        for row in await rows(bench, "select action, facts from audit_entry")
        if row.action == "statistics.sent_read"
    ]
    assert row.facts == {"rows": 1}


async def test_a_director_and_a_units_leader_read_when_it_was_sent(bench):
    bodies = FixedBodies(municipalities=("0580",))
    await Contributor(bench.worker_node, bodies, three_contacts).run_once()
    for who in (
        await bench.person("Siv", "social_director"),
        await bench.person("Gerd", "team_leader", unit="nordost"),
    ):
        (sent,) = await half_years_sent(bench.node, who)
        assert sent.state == "sent"
        assert sent.sent_at is not None


async def test_nobody_else_sees_it_and_the_database_shows_them_nothing(bench):
    from services.statistics.store import contributions

    bodies = FixedBodies(municipalities=("0580",))
    await Contributor(bench.worker_node, bodies, three_contacts).run_once()
    worker = await bench.case_worker()
    with pytest.raises(AccessDenied):
        await half_years_sent(bench.node, worker)
    async with bench.node.db.begin(worker) as uow:
        assert list(await contributions.every(uow)) == []


async def rows(bench, query):
    from sqlalchemy import text

    async with bench.worker_node.db.begin(bench.worker) as uow:
        return list((await uow.execute(text(query))).all())
