import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.audit import store
from services.audit.api import (
    Checkpoint,
    Fault,
    Sealer,
    WitnessHandler,
    read_log,
    register,
    verify_log,
    witnessed_of,
)
from services.audit.wire import CheckpointSigned
from shared.actor import Actor
from shared.db import failpoints
from shared.errors import AccessDenied
from shared.ids import AuthorityCode, StaffId
from tests.support.federation import Federation

pytestmark = pytest.mark.servers

REVIEWER = Actor(
    StaffId(uuid4()), AuthorityCode("0580"), AuthorityCode("0580"), frozenset({"log_reviewer"})
)
WORKER_ISH = replace(REVIEWER, roles=frozenset({"case_worker"}))


@pytest.fixture
async def federation(postgres_server):
    async with Federation.open(
        postgres_server,
        "0580",
        "1480",
        "9002",
        kinds=[("checkpoint", 1, CheckpointSigned)],
        is_kernel_only=True,
    ) as opened:
        for node in opened.nodes.values():
            node.handlers.append(WitnessHandler(opened.directory))
            node.rebuild()
        yield opened


@pytest.fixture
def node(federation):
    return federation["0580"]


def sealer_of(node, *witnesses, **settings):
    return Sealer(
        node.db,
        node.keyring,
        node.case_keys,
        [AuthorityCode(code) for code in witnesses],
        **settings,
    )


async def write(node, count=1, case_id=None):
    for n in range(count):
        async with node.web.begin(WORKER_ISH) as uow:
            uow.audit("case.read", case_id=case_id, n=n)
            await uow.commit()


async def verdict(node, witnessed=()):
    return await verify_log(node.service_node(web=True), REVIEWER, witnessed)


async def seal_all(sealer):
    total = 0
    while count := await sealer.seal_once():
        total += count
    return total


async def test_entries_are_linked_with_numbers_of_their_own_case(node):
    one, two = uuid4(), uuid4()
    for case_id in (one, two, None, one):
        await write(node, case_id=case_id)
    assert await seal_all(sealer_of(node)) == 4
    assert [
        tuple(row)
        for row in await node.rows("select number, case_number from audit_seal order by number")
    ] == [(1, 1), (2, 1), (3, None), (4, 2)]
    result = await verdict(node)
    assert (result.rows, result.faults) == (4, ())


async def test_sealing_again_does_nothing(node):
    await write(node, 3)
    sealer = sealer_of(node)
    assert await seal_all(sealer) == 3
    assert await sealer.seal_once() == 0


async def test_a_rolled_back_entry_leaves_no_hole(node):
    await write(node)
    async with node.web.begin(WORKER_ISH) as uow:
        uow.audit("case.read")
        await uow.execute(text("select pg_current_xact_id()"))
    await write(node)
    assert await seal_all(sealer_of(node)) == 2
    assert (await verdict(node)).faults == ()


async def test_an_open_transaction_holds_back_and_nothing_is_skipped(node):
    """The reason why "last id" is never remembered: the older transaction commits last."""
    sealer = sealer_of(node)
    await write(node)
    async with node.web.begin(WORKER_ISH) as slow:
        slow.audit("case.read", slow=True)
        await slow.execute(text("select pg_current_xact_id()"))
        others = asyncio.create_task(write(node, 5))
        await others
        assert await seal_all(sealer) == 1
        assert await node.rows("select count(*) from audit_seal") == [(1,)]
        await slow.commit()
    assert await seal_all(sealer) == 6
    assert (await verdict(node)).faults == ()
    order = await node.rows(
        "select e.facts ? 'slow' from audit_seal s join audit_entry e on e.id = s.entry_id order by number"
    )
    assert [row[0] for row in order] == [False, True, False, False, False, False, False]


async def test_batches_of_one_transaction_larger_than_the_batch(node):
    async with node.web.begin(WORKER_ISH) as uow:
        for n in range(25):
            uow.audit("case.read", n=n)
        await uow.commit()
    await write(node, 5)
    assert await seal_all(sealer_of(node, batch=7)) == 30
    assert (await verdict(node)).faults == ()


async def test_two_sealers_seal_each_row_once_while_rows_come(node):
    sealers = [sealer_of(node, batch=10), sealer_of(node, batch=10)]
    done = asyncio.Event()

    async def run(sealer):
        while not done.is_set():
            await sealer.seal_once()

    tasks = [asyncio.create_task(run(sealer)) for sealer in sealers]
    await asyncio.gather(*(write(node, 25, uuid4()) for _ in range(4)))
    done.set()
    await asyncio.gather(*tasks)
    await seal_all(sealers[0])
    result = await verdict(node)
    assert result.faults == ()
    assert await node.rows(
        "select count(*), count(distinct entry_id), max(number) from audit_seal"
    ) == [(100, 100, 100)]


@pytest.mark.parametrize(
    "place", ["audit.in_seal", "audit.after_seal", "db.before_commit", "db.after_commit"]
)
async def test_a_sealer_that_dies_anywhere_leaves_a_whole_chain(node, place):
    await write(node, 12, uuid4())
    sealer = sealer_of(node, batch=5)
    with failpoints.armed(place, 2), pytest.raises(failpoints.Reached):
        await seal_all(sealer)
    await seal_all(sealer_of(node, batch=5))
    assert (await verdict(node)).faults == ()
    assert await node.rows("select count(*), max(number) from audit_seal") == [(12, 12)]


async def test_what_is_committed_is_sealed_in_the_next_round_and_a_round_comes_each_second(
    node, monkeypatch
):
    """R20: the lag is one round, plus what an open transaction holds back."""
    sealer, seen = sealer_of(node), []

    async def keep(name, step, stop, **rests):
        seen.append((name, rests))

    monkeypatch.setattr("services.audit.handlers.keep_running", keep)
    await sealer.run(asyncio.Event())
    assert ("sealer", {"idle_s": 1.0, "idle_most_s": 1.0}) in seen
    for n in range(1, 6):
        await write(node)
        async with node.web.begin(WORKER_ISH) as slow:
            slow.audit("case.read")
            await slow.execute(text("select pg_current_xact_id()"))
            await write(node)  # committed later than the open one began: waits for it
            await sealer.seal_once()
            assert await node.rows("select count(*) from audit_seal") == [(3 * n - 2,)]
            await slow.commit()
        await sealer.seal_once()
        assert await node.rows("select count(*) from audit_seal") == [(3 * n,)]
    assert (await verdict(node)).faults == ()


async def test_after_a_restore_into_a_new_cluster_nothing_is_skipped(node, postgres_server):
    """A dump restored elsewhere meets transaction ids that begin anew."""
    await write(node, 3)
    await seal_all(sealer_of(node))
    await write(node, 2)
    async with postgres_server.admin("utvag_0580") as admin:
        await admin.execute("update audit_sealer set through = '9000000000000000000'")
    await write(node, 2)
    assert await seal_all(sealer_of(node)) == 4
    assert (await verdict(node)).faults == ()


@pytest.mark.parametrize(
    ("spoil", "faults"),
    [
        ("update audit_entry set reason = 'annat' where id = (select entry_id from audit_seal where number = 3)", {Fault("changed", 3)}),
        ("update audit_entry set facts = '{\"n\": 99}' where id = (select entry_id from audit_seal where number = 4)", {Fault("changed", 4)}),
        ("delete from audit_seal where number = 5", {Fault("missing", 5), Fault("case_number", 6)}),
        ("delete from audit_seal where number > 7", {Fault("cut", 8)}),
        ("update audit_seal set case_number = 77 where number = 8", {Fault("changed", 8), Fault("case_number", 8)}),
        ("update audit_seal set hash = sha256('x') where number = 2", {Fault("changed", 2), Fault("changed", 3)}),
    ],
)  # fmt: skip
async def test_a_change_behind_the_nodes_back_names_the_row(node, postgres_server, spoil, faults):
    await write(node, 8, uuid4())
    sealer = sealer_of(node)
    await seal_all(sealer)
    assert await sealer.checkpoint_once() == 1
    async with postgres_server.admin("utvag_0580") as admin:
        await admin.execute("set session_replication_role = replica")  # as who owns the machine
        await admin.execute(spoil)
    assert set((await verdict(node)).faults) == faults


async def test_two_witnesses_hold_what_the_node_signed(federation, node):
    sealer = sealer_of(node, "1480", "9002", "0580")
    await write(node, 3)
    await seal_all(sealer)
    assert await sealer.checkpoint_once() == 1
    assert await sealer.checkpoint_once() == 0
    await write(node, 2)
    await seal_all(sealer)
    assert await sealer.checkpoint_once() == 0  # a quarter of an hour has not passed
    federation.pass_time(timedelta(minutes=15))
    assert await sealer.checkpoint_once() == 1
    await federation.settle()
    for code in ("1480", "9002"):
        reviewer = replace(REVIEWER, authority=AuthorityCode(code), home=AuthorityCode(code))
        held = await witnessed_of(
            federation[code].service_node(web=True), reviewer, AuthorityCode("0580")
        )
        assert [checkpoint.number for checkpoint in held] == [3, 6]
        assert (await verdict(node, held)).faults == ()
        assert await federation[code].rows("select kind from card") == []


async def test_a_chain_rewritten_with_the_nodes_own_key_is_caught_by_a_witness(
    federation, node, postgres_server
):
    sealer = sealer_of(node, "1480", "9002")
    await write(node, 6)
    await seal_all(sealer)
    await sealer.checkpoint_once()
    await federation.settle()
    async with postgres_server.admin("utvag_0580") as admin:
        await admin.execute("set session_replication_role = replica")
        await admin.execute(
            "delete from audit_checkpoint; delete from audit_seal;"
            " delete from audit_entry where facts->>'n' = '2'; update audit_sealer set through = '0'"
        )
    await seal_all(sealer)
    assert (await verdict(node)).faults == ()  # whole, to itself
    held = await witnessed_of(
        federation["1480"].service_node(web=True),
        replace(REVIEWER, authority=AuthorityCode("1480"), home=AuthorityCode("1480")),
        AuthorityCode("0580"),
    )
    assert Fault("checkpoint", 6) in (await verdict(node, held)).faults
    # And the next checkpoint does not continue what the witnesses hold.
    federation.pass_time(timedelta(minutes=20))
    await sealer.checkpoint_once()
    await federation.settle()
    for code in ("1480", "9002"):
        assert await federation[code].rows("select kind, audience from card") == [
            ("audit.forked", "log_reviewer")
        ]


async def test_only_a_reviewer_reads_and_the_reading_is_logged(node, federation):
    await write(node, 2)
    since, until = (
        federation.clock.now() - timedelta(days=1),
        federation.clock.now() + timedelta(days=1),
    )
    with pytest.raises(AccessDenied):
        await read_log(node.service_node(web=True), WORKER_ISH, since=since, until=until)
    with pytest.raises(AccessDenied):
        await verify_log(node.service_node(web=True), WORKER_ISH)
    assert len(await read_log(node.service_node(web=True), REVIEWER, since=since, until=until)) == 2
    again = await read_log(node.service_node(web=True), REVIEWER, since=since, until=until)
    assert {entry.action for entry in again} == {"case.read", "audit.read"}
    case_id = uuid4()
    await write(node, 3, case_id)
    found = await read_log(
        node.service_node(web=True), REVIEWER, since=since, until=until, case_id=case_id
    )
    assert len(found) == 3


async def test_a_checkpoint_about_another_authority_is_refused(federation, node):
    from services.audit.domain import Link
    from shared.outbox import pair_conversation

    statement = sealer_of(federation["9002"])._sign(
        Link(1, None, bytes(32)), None, federation.wall.now()
    )
    conversation = pair_conversation(AuthorityCode("0580"), AuthorityCode("1480"), "checkpoint")
    await node.send("1480", conversation, "checkpoint", CheckpointSigned(statement))
    await federation.settle()
    assert await node.rows("select outcome, refusal_code from outbox") == [
        ("refused", "wire.unknown_key")
    ]
    assert await federation["1480"].rows("select 1 from audit_witnessed") == []


async def test_twenty_thousand_rows_are_sealed_in_seconds_and_verified_faster(
    node, postgres_server
):
    async with postgres_server.admin("utvag_0580") as admin:
        await admin.execute("""
            insert into audit_entry (id, at, actor_id, home, roles, action, case_id, facts)
            select gen_random_uuid(), now(), gen_random_uuid(), '0580', '{case_worker}', 'case.read',
                   gen_random_uuid(), '{}' from generate_series(1, 20000)
        """)
    started = time.perf_counter()
    assert await seal_all(sealer_of(node)) == 20_000
    sealed_s = time.perf_counter() - started
    result = await verdict(node)
    assert (result.rows, result.faults) == (20_000, ())
    assert sealed_s < 15
    async with node.db.begin(node.worker) as uow:
        assert await store.waiting(uow) == 1  # the verification's own entry


async def test_the_sealer_runs_beside_everything_and_ends_when_told(node):
    stop = asyncio.Event()
    task = asyncio.create_task(sealer_of(node).run(stop))
    await write(node, 2)
    async with asyncio.timeout(5):
        while await node.rows("select count(*) from audit_seal") != [(2,)]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    stop.set()
    async with asyncio.timeout(2):
        await task


def test_the_kind_is_registered_once():
    from shared.messages import Registry

    registry = Registry()
    register(registry)
    assert registry.versions() == {"checkpoint": frozenset({1})}
    assert Checkpoint(1, b"x") == Checkpoint(1, b"x")
