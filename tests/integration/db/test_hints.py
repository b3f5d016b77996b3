"""A transaction whose commit does not wait for the disk, and what it may not do."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.actor import Actor
from shared.clock import FixedClock
from shared.db import Database
from shared.ids import AuthorityCode, StaffId

pytestmark = pytest.mark.servers

OWN = AuthorityCode("0580")
SOMEBODY = Actor(StaffId(uuid4()), OWN, OWN, frozenset())


@pytest.fixture
async def web(postgres_server):
    dsns = await postgres_server.fresh_node_databases("0580")
    clock = FixedClock(datetime(2026, 11, 2, 8, 0, tzinfo=UTC))
    database = Database.open(dsns.web, clock=clock, pool_size=1)
    yield database
    await database.close()


async def waits(uow) -> str:
    return (await uow.execute(text("show synchronous_commit"))).scalar_one()


async def test_only_a_hint_does_not_wait_and_the_next_transaction_waits_again(web, postgres_server):
    async with postgres_server.admin("utvag_0580") as admin:  # the tests' server never waits
        await admin.execute("alter database utvag_0580 set synchronous_commit = local")
        try:
            async with web.begin(SOMEBODY, is_hint=True) as uow:
                assert await waits(uow) == "off"
                await uow.commit()
            async with web.begin(SOMEBODY) as uow:
                assert await waits(uow) == "local"
        finally:
            await admin.execute("alter database utvag_0580 reset synchronous_commit")


async def test_a_hint_cannot_be_logged(web):
    async with web.begin(SOMEBODY, is_hint=True) as uow:
        with pytest.raises(RuntimeError, match="is_hint"):
            uow.audit("case.opened")


def test_only_claims_marks_and_put_off_rows_are_hints():
    files = [*Path("shared").rglob("*.py"), *Path("services").rglob("*.py")]
    found = {
        (str(file), function.name)
        for file in files
        for function in ast.walk(ast.parse(file.read_text()))
        if isinstance(function, ast.AsyncFunctionDef)
        if "is_hint=True" in ast.unparse(function)
    }
    assert found == {
        ("shared/inbox/dispatch.py", "run_once"),
        ("shared/outbox/relay.py", "_send_messages"),
        ("shared/outbox/relay.py", "_note"),
    }
