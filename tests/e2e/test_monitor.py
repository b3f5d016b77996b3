"""The monitor of a node names a gap without any person looking, and says nothing of anybody."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from gateway import monitor
from services.handover import api as handover
from shared.digest import Digester, DigestHandler, Watch
from shared.errors import AccessDenied, DomainError
from shared.ids import AuthorityCode
from tests.support.exchange import GOTEBORG, LINKOPING, open_pair

pytestmark = pytest.mark.servers


@asynccontextmanager
async def watched(postgres_server, folder):
    """A pair whose workers do all that real ones do: compare, watch and count too."""
    async with open_pair(postgres_server, folder) as pair:
        for town in (pair.linkoping, pair.goteborg):
            node = town.worker_node
            town.digester = Digester(
                node.db,
                node.directory,
                node.keyring,
                node.case_keys,
                handover.open_conversations,
                lambda: [LINKOPING, GOTEBORG],
            )
            town.watch = Watch(node.db, node.authority)
            dispatcher = town.inbox._dispatcher
            digests = DigestHandler(node.keyring)
            dispatcher._handlers[digests.kind, digests.version] = digests
        yield pair


@pytest.fixture
async def pair(postgres_server, tmp_path):
    async with watched(postgres_server, tmp_path) as pair:
        yield pair


async def look(town) -> None:
    await town.digester.run_once()
    await town.watch.run_once()
    await monitor.count_figures(town.worker_node)


async def shown(town) -> monitor.Monitor:
    admin = await town.bench.person("Sam", "system_admin")
    return await monitor.monitor(town.node, admin)


def dropping(pair, to, number_of_copies_kept=0):
    """From now on the exchange takes frames for this authority and loses every one."""
    queue = pair.exchange.queue("EXCHANGE", AuthorityCode(to))
    lost = len(queue.waiting)
    queue.waiting.clear()
    return lost


STORY = ("proposed", "accepted", "dossier", "completed")


@pytest.mark.parametrize("kind", STORY)
async def test_any_message_that_the_exchange_loses_is_named_within_a_day_and_arrives(pair, kind):
    """Every copy of one message is lost for a day; nobody looks; the monitor of its sender names it."""
    forward = kind in {"proposed", "dossier"}
    town, to = (pair.linkoping, GOTEBORG) if forward else (pair.goteborg, LINKOPING)
    if kind == "proposed":
        _, handover_id, _ = await pair.drafted()
        await pair.linkoping.decide(handover_id, handover.Propose())
    elif kind == "completed":
        _, handover_id, _ = await pair.accepted()
        await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    else:
        _, handover_id, _ = await pair.proposed()
        await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    if kind == "dossier":  # the acceptance arrives, its answer does not
        await pair.goteborg.relay.run_once()
        await pair.linkoping.inbox.receive_once()
        await pair.linkoping.inbox.dispatch_once()
    for _ in range(24):
        await town.relay.run_once()
        dropping(pair, to)
        pair.clock.move(timedelta(hours=1))
        await town.watch.run_once()
    await monitor.count_figures(town.worker_node)
    found = await shown(town)
    assert [(gap.code, gap.conversation_id) for gap in found.gaps] == [("unanswered", handover_id)]
    assert found.figures["exchange.gaps"] == 1
    assert found.figures["exchange.undelivered"] == 1
    await pair.settle()
    await look(town)
    assert (await shown(town)).gaps == []
    assert await pair.responsible(handover_id) in {(True, False), (False, True)}


async def test_every_sent_proposal_is_counted_in_one_place(pair):
    _, handover_id, _ = await pair.drafted()
    pair.exchange.go_away()
    await pair.linkoping.decide(handover_id, handover.Propose())
    await monitor.count_figures(pair.linkoping.worker_node)
    assert _sent(await shown(pair.linkoping)) == {"undelivered": 1}
    pair.exchange.come_back()
    await pair.settle()
    for days, place in ((0, "waiting"), (20, "overdue"), (31, "expired")):
        pair.clock.move(timedelta(days=days))
        await monitor.count_figures(pair.linkoping.worker_node)
        await monitor.count_figures(pair.goteborg.worker_node)
        assert _sent(await shown(pair.linkoping)) == {place: 1}
        assert (await shown(pair.goteborg)).figures["handover.came_unanswered"] == 1
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    await monitor.count_figures(pair.linkoping.worker_node)
    assert _sent(await shown(pair.linkoping)) == {"answered": 1}
    assert (await shown(pair.linkoping)).figures["handover.unaccounted"] == 0


def _sent(found: monitor.Monitor) -> dict[str, int]:
    prefix = "handover.sent_"
    return {
        name.removeprefix(prefix): value
        for name, value in found.figures.items()
        if name.startswith(prefix) and value
    }


async def test_two_ends_of_a_whole_handover_agree_every_day(pair):
    _, handover_id, _ = await pair.accepted()
    for _ in range(3):
        for town in (pair.linkoping, pair.goteborg):
            await look(town)
        await pair.settle()
        pair.clock.move(timedelta(days=1))
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    for town, other in ((pair.linkoping, GOTEBORG), (pair.goteborg, LINKOPING)):
        await look(town)
        found = await shown(town)
        assert found.gaps == []
        (row,) = [each for each in found.authorities if each.authority == other]
        assert row.flows > 0
        assert row.differing == 0


async def test_only_who_runs_the_node_resends_and_closes(pair):
    _, handover_id, _ = await pair.drafted()
    pair.exchange.go_away()
    await pair.linkoping.decide(handover_id, handover.Propose())
    pair.exchange.come_back()
    town = pair.linkoping
    await town.relay.run_once()
    dropping(pair, GOTEBORG)
    pair.clock.move(timedelta(seconds=5))
    await town.relay.run_once()
    dropping(pair, GOTEBORG)
    pair.clock.move(timedelta(seconds=5))  # the next resend is due in 5 s
    worker = await town.bench.case_worker()
    admin = await town.bench.person("Sam", "system_admin")
    for refused in (
        monitor.resend(town.node, worker, monitor.Resend(GOTEBORG)),
        monitor.close(town.node, worker, monitor.CloseGap(handover_id, "disk_fault")),
        monitor.close(town.node, admin, monitor.CloseGap(handover_id, "disk_fault")),
    ):
        with pytest.raises(AccessDenied):
            await refused
    assert await town.relay.run_once() == 0
    await monitor.resend(town.node, admin, monitor.Resend(GOTEBORG))
    assert await town.relay.run_once() == 1
    await pair.settle()
    assert await pair.goteborg.state(handover_id) == "received"


async def test_a_gap_that_no_machine_heals_is_closed_with_a_reason_of_a_closed_list(
    pair, postgres_server
):
    _, handover_id, _ = await pair.proposed()
    async with postgres_server.admin("utvag_0580") as admin:
        await admin.execute("set session_replication_role = replica")
        await admin.execute("update outbox set content_hash = repeat('a', 64) where number > 0")
    await pair.goteborg.digester.run_once()
    await pair.settle()
    person = await pair.linkoping.bench.person("Sam", "system_admin")
    (gap,) = (await shown(pair.linkoping)).gaps
    assert (gap.code, gap.conversation_id) == ("content", handover_id)
    with pytest.raises(DomainError, match=r"exchange\.reason_missing"):
        await monitor.close(
            pair.linkoping.node, person, monitor.CloseGap(gap.gap_id, "Ture Kanariefågel")
        )
    await monitor.close(pair.linkoping.node, person, monitor.CloseGap(gap.gap_id, "disk_fault"))
    assert (await shown(pair.linkoping)).gaps == []
    kept = "select reason from audit_entry where action = 'exchange.gap_closed'"
    assert await pair.linkoping.rows(kept) == [("disk_fault",)]
