"""Take one guard away, and a named test falls: what protects a case is seen to be what protects it.

Each mutation is made in this process or in a fresh database, and the test that watches over the
guard is called as it stands. It must pass before, and fail while the guard is gone.
"""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from infra.postgres.databases import database_name
from shared.db.sql import SPAN, sql
from shared.inbox import dispatch
from shared.inbox.answers import Answers
from tests.integration.cases import test_fence
from tests.integration.inbox import test_crashes, test_order
from tests.integration.outbox import test_delivery
from tests.support.casework import open_bench
from tests.support.notes import open_note_pair

pytestmark = [pytest.mark.servers, pytest.mark.faults]

_FENCES = """
    select format('alter table %I {} trigger %I', relname, tgname) from pg_trigger t
    join pg_class c on c.oid = t.tgrelid where tgname like '%\\_fence' and not tgisinternal
"""


@asynccontextmanager
async def no_fence(postgres, world, monkeypatch):
    """The database no longer looks at the term."""
    del world, monkeypatch
    async with postgres.admin(database_name("0580")) as admin:
        for verb in ("disable", "enable"):
            for row in await admin.fetch(_FENCES.format(verb)):
                await admin.execute(row[0])
            if verb == "disable":
                yield


@asynccontextmanager
async def no_dedup_key(postgres, world, monkeypatch):
    """A message may be kept more than once: neither its id nor its number is unique."""
    del world, monkeypatch
    async with postgres.admin(database_name("1480")) as admin:
        await admin.execute("alter table inbox drop constraint inbox_pkey")
        await admin.execute("drop index inbox_number_idx")
        try:
            yield
        finally:
            await admin.execute("truncate inbox")
            await admin.execute("alter table inbox add primary key (origin, message_id)")
            await admin.execute(
                "create unique index inbox_number_idx on inbox (conversation_id, direction, number)"
                " where number > 0"
            )


@asynccontextmanager
async def receipt_before_commit(postgres, world, monkeypatch):
    """The receipt is committed by itself, before what it speaks of."""
    del postgres
    whole = Answers.receipt

    async def early(self, header):
        node = next(one for one in world.nodes.values() if one.authority == header.receiver)
        async with node.db.begin(node.worker) as uow:
            own = Answers(uow, self._to, self._key, self._signer)
            message_id = await whole(own, header)
            await uow.commit()
        return message_id

    monkeypatch.setattr(Answers, "receipt", early)
    yield


@asynccontextmanager
async def no_number_check(postgres, world, monkeypatch):
    """Whatever has come is applied, whichever number is next."""
    del postgres, world
    wanted = "and (i.number = 0 or i.number = f.applied + 1)"
    text = dispatch._CLAIM.text
    assert wanted in text
    claim = sql(text.replace(wanted, ""), lease=SPAN)
    monkeypatch.setattr(dispatch, "_CLAIM", claim)

    async def anything(uow, row):
        del uow, row
        return True

    monkeypatch.setattr(dispatch, "_is_still_next", anything)
    yield


@dataclass(frozen=True)
class Mutation:
    """A guard, and who watches over it.

    Args:
        remove: takes the guard away for as long as it is entered.
        test: must pass with the guard, and fail without.
        fixture: `bench` or `pair`.
        also: further arguments of the test.
    """

    remove: Any
    test: Any
    fixture: str
    also: tuple[Any, ...] = ()


MUTATIONS = (
    Mutation(no_fence, test_fence.test_the_database_fences_a_handler_that_forgot_to_look, "bench"),
    Mutation(no_fence, test_fence.test_the_worker_is_fenced_as_everybody, "bench"),
    Mutation(
        no_dedup_key,
        test_order.test_doubles_are_applied_once_and_answered_with_the_first_answer,
        "pair",
    ),
    Mutation(
        no_dedup_key,
        test_delivery.test_a_lost_receipt_comes_again_within_the_exchanges_duplicate_window,
        "pair",
    ),
    Mutation(
        receipt_before_commit,
        test_crashes.test_no_receipt_leaves_before_what_it_says_is_committed,
        "pair",
        ("inbox.after_receipt",),
    ),
    Mutation(no_number_check, test_order.test_what_comes_in_reverse_is_applied_in_order, "pair"),
    Mutation(no_number_check, test_order.test_what_comes_early_waits_for_what_is_missing, "pair"),
)


@asynccontextmanager
async def a_world(postgres, fixture):
    """What the named test is given."""
    if fixture == "bench":
        bench = await open_bench(await postgres.fresh_node_databases("0580"))
        try:
            yield bench
        finally:
            await bench.node.db.close()
            await bench.worker_node.db.close()
        return
    async with open_note_pair(postgres) as federation:
        yield federation


def _name(mutation: Mutation) -> str:
    return f"{mutation.remove.__name__}-{mutation.test.__name__}"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=_name)
async def test_without_this_guard_this_test_falls(postgres_server, monkeypatch, mutation) -> None:
    async with a_world(postgres_server, mutation.fixture) as world:
        await mutation.test(world, *mutation.also)
    async with (
        a_world(postgres_server, mutation.fixture) as world,
        mutation.remove(postgres_server, world, monkeypatch),
    ):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            await mutation.test(world, *mutation.also)
