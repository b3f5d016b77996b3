"""Somebody reads a handover at the very moment when a message arrives."""

import asyncio
import contextvars

import pytest

from services.handover import api as handover
from services.handover.store import beside

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_a_message_that_comes_while_the_file_is_read_is_shown_the_next_time(
    pair, monkeypatch
) -> None:
    _, handover_id, _ = await pair.proposed()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    reader = await pair.goteborg.bench.case_worker()
    real = beside.messages

    async def then_the_dossier_comes(uow, handover_id):
        found = await real(uow, handover_id)
        monkeypatch.undo()
        # The worker is another process: it has no part in the reader's transaction.
        await asyncio.create_task(pair.settle(), context=contextvars.Context())
        return found

    monkeypatch.setattr(beside, "messages", then_the_dossier_comes)
    before = await pair.goteborg.view(handover_id, reader)
    after = await pair.goteborg.view(handover_id, reader)
    assert [each.kind for each in before.messages] == ["proposed", "accepted"]
    assert before.bodies.keys() <= {each.message_id for each in before.messages}
    assert [each.kind for each in after.messages] == ["proposed", "accepted", "dossier"]
    assert after.dossier is not None
