"""Authorities come, pause, leave in order and are removed, while cases are on their way."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text

from infra import keys, leaving, listing
from infra.directory import bootstrap, trust_files
from infra.new_tenant import new_tenant
from infra.post import Post
from services.directory import api as directory
from services.handover import api as handover
from shared.bus import BusUnavailable
from shared.clock import local_date
from shared.errors import DomainError
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import load_tenants, tenants_root
from tests.support.cards import cards_of_role
from tests.support.exchange import GOTEBORG, LINKOPING, open_pair
from tests.support.leaks import open_harness

pytestmark = pytest.mark.servers

UPPSALA = AuthorityCode("0380")


async def test_running_nodes_learn_of_who_joins(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path / "state") as pair:
        with pytest.raises(DomainError, match=r"directory\.unknown_authority"):
            directory.check_may_propose_to(pair.linkoping.node, UPPSALA)
        root = shutil.copytree(tenants_root(), tmp_path / "tenants")
        new_tenant(UPPSALA, root)
        bootstrap(pair.folder, load_tenants(root), now=pair.clock.now())
        told = await pair.spread()
        assert {each.confirmed for each in told.values()} == {2}
        for town in (pair.linkoping, pair.goteborg):
            assert directory.authority(town.node, UPPSALA).runs_node
            directory.check_may_propose_to(town.node, UPPSALA)
            assert "directory.joined" in await cards_of_role(town, "system_admin")


async def test_what_is_for_who_has_paused_waits_and_goes_on_when_it_is_back(
    postgres_server, tmp_path
):
    async with open_pair(postgres_server, tmp_path) as pair:
        _, handover_id, _ = await pair.proposed()
        await pair.publish(listing.Changes(statuses={GOTEBORG: "paused"}))
        assert "directory.paused" in await cards_of_role(pair.linkoping, "team_leader")
        asta = await pair.linkoping.bench.case_worker()
        harness = open_harness(pair.linkoping, tmp_path)
        harness.people = {"asta": asta}
        shown = await harness.call("GET", f"/handovers/{handover_id}", "asta")
        assert "Göteborg har gjort uppehåll i utbytet" in shown.text
        await handover.ask(pair.linkoping.node, asta, handover.Ask(handover_id, "När?"))
        for _ in range(3):
            await pair.linkoping.relay.run_once()
            pair.clock.move(timedelta(hours=2))
        (waits,) = await pair.linkoping.rows("select * from outbox where kind = 'question'")
        assert (waits.sends, waits.done_at) == (0, None)
        _, another, _ = await pair.drafted()
        with pytest.raises(DomainError, match=r"directory\.not_active"):
            await pair.linkoping.sign(another, handover.Propose())
        await pair.publish(listing.Changes(statuses={GOTEBORG: "active"}))
        shown = await harness.call("GET", f"/handovers/{handover_id}", "asta")
        assert "uppehåll" not in shown.text
        assert "directory.paused" not in await cards_of_role(pair.linkoping, "team_leader")
        pair.clock.move(timedelta(hours=1))
        await pair.settle()
        (came,) = await pair.linkoping.rows("select * from outbox where kind = 'question'")
        assert came.outcome == "applied"


async def test_nobody_leaves_while_anything_is_open(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as pair:
        await pair.proposed()
        today = local_date(pair.clock.now())
        for town in (pair.linkoping, pair.goteborg):
            with pytest.raises(DomainError, match=r"directory\.still_open"):
                await directory.ask_to_leave(town.worker_node, today)
        # Göteborg's own rows say nothing is open, Linköping's say otherwise: the other end decides.
        async with pair.goteborg.worker_node.db.begin(pair.goteborg.bench.worker) as uow:
            await uow.execute(text("update incoming_handover set state = 'closed'"))
            await uow.commit()
        asked = await directory.ask_to_leave(pair.goteborg.worker_node, today)
        await pair.settle()
        (answer,) = await pair.goteborg.rows(
            "select * from outbox where message_id = :id", id=asked[LINKOPING]
        )
        assert (answer.outcome, answer.refusal_code) == ("refused", "directory.still_open")
        files = trust_files(tmp_path, GOTEBORG)
        with pytest.raises(DomainError, match=r"directory\.leave_missing"):
            leaving.accepted(files, GOTEBORG, files.held(), pair.clock.now())


async def left(pair, folder):
    """Göteborg asks to leave; the two towns are the only active nodes."""
    others = dict.fromkeys(("0581", "9002", "9003", "9004"), "paused")
    await pair.publish(listing.Changes(statuses=others))
    files, today = trust_files(folder, GOTEBORG), local_date(pair.clock.now())
    assert await leaving.collect(pair.goteborg.worker_node, files, today, 0) == [LINKOPING]
    await pair.settle()
    return files


async def test_who_has_nothing_open_leaves_in_order(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as pair:
        files = await left(pair, tmp_path)
        today = local_date(pair.clock.now())
        node = pair.goteborg.worker_node

        async def settled(seconds):
            await pair.settle()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(leaving.asyncio, "sleep", settled)
            assert await leaving.collect(node, files, today, 30) == []
        known = trust_files(tmp_path, OPERATOR).held()
        removal = leaving.accepted(files, GOTEBORG, known, pair.clock.now())
        with pytest.raises(DomainError, match=r"directory\.leave_unproven"):
            leaving.accepted(files, GOTEBORG, known, pair.clock.now() + timedelta(days=2))
        with pytest.raises(DomainError, match=r"directory\.leave_unproven"):
            leaving.accepted(files, LINKOPING, known, pair.clock.now())
        await pair.publish(listing.Changes(removals={GOTEBORG: removal}))
        assert directory.authority(pair.linkoping.node, GOTEBORG).status == "removed"
        assert "directory.removed" in await cards_of_role(pair.linkoping, "team_leader")
        assert "directory.leaving" in await cards_of_role(pair.linkoping, "team_leader")


async def test_a_removal_by_force_needs_the_nation_and_the_operator(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as pair:
        _, handover_id, _ = await pair.accepted()
        now, today = pair.clock.now(), local_date(pair.clock.now())
        for alone in (OPERATOR, LINKOPING):
            signed = listing.signed_removal(tmp_path, GOTEBORG, today, now, by=alone)
            with pytest.raises(DomainError, match=r"directory\.removal_unproven"):
                listing.publish(tmp_path, now, listing.Changes(removals={GOTEBORG: signed}))
        signed = listing.signed_removal(tmp_path, GOTEBORG, today, now, by=listing.NATION)
        await pair.publish(listing.Changes(removals={GOTEBORG: signed}))
        with pytest.raises(DomainError, match=r"handover\.removed"):
            await pair.goteborg.sign(handover_id, await pair.take_over_facts())
        payload = handover.CloseAfterRemoval("Borttagen ur utbytet.")
        await pair.linkoping.decide(handover_id, payload)
        assert await pair.responsible(handover_id) == (True, False)


async def test_a_list_is_sent_until_it_is_receipted_and_never_twice_under_one_number(
    postgres_server, tmp_path
):
    async with open_pair(postgres_server, tmp_path) as pair:
        post = Post(tmp_path, pair.exchange.bus(OPERATOR), pair.clock)
        pair.exchange.go_away()
        listing.publish(tmp_path, pair.clock.now(), listing.Changes(statuses={"0581": "paused"}))
        with pytest.raises(BusUnavailable):
            await post.deliver(0, only=[LINKOPING])
        pair.exchange.come_back()
        await post.deliver(0, only=[LINKOPING])  # not read before the next comes
        listing.publish(tmp_path, pair.clock.now(), listing.Changes(statuses={"0581": "active"}))
        keys.rotate(trust_files(tmp_path, OPERATOR), pair.clock.now(), timedelta())
        told = await pair.publish(to=(LINKOPING,))
        assert (told[LINKOPING].confirmed, told[LINKOPING].waiting) == (4, 0)
        rows = await pair.linkoping.rows(
            "select number, outcome from inbox where kind = 'directory' order by number"
        )
        assert [row.outcome for row in rows] == ["applied"] * len(rows)
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        assert pair.linkoping.node.directory.directory.version == 4


async def test_no_case_comes_from_a_node_that_has_not_passed(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as pair:
        _, handover_id, _ = await pair.drafted()
        await pair.linkoping.decide(handover_id, handover.Propose())
        pair.goteborg.node.directory._confirms_all = False  # no demo at this end
        await pair.settle()
        view = await pair.linkoping.view(handover_id)
        assert view.messages[0].refusal_code == "directory.not_tested"
        assert view.row.state.value == "declined"
        gun = await pair.linkoping.bench.leader()
        await pair.linkoping.decide(handover_id, handover.Keep("Vi behåller."), gun)
        await pair.settle()
        view = await pair.linkoping.view(handover_id)
        assert view.messages[-1].refusal_code == "directory.not_tested"
        assert await pair.goteborg.state(handover_id) == "none"  # its number 2 makes no row either
        tested = listing.signed_pass(tmp_path, LINKOPING, 1, ["replay"], pair.clock.now())
        await pair.publish(listing.Changes(tested={LINKOPING: tested}))
        _, second, _ = await pair.drafted()
        await pair.linkoping.decide(second, handover.Propose())
        await pair.settle()
        assert await pair.goteborg.state(second) == "received"
