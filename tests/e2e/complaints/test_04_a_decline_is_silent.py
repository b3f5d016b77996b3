"""Complaint 4: a decline is silent: no reason, no task for the sender, gone at the receiver.

Source: SORMAS-Project#9945, #6122, #9755 (lessons from peers, complaint 4).
"""

import pytest
import pytest_asyncio

from services.handover import api as handover
from shared.errors import DomainError
from tests.support.leaks import open_harness

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(pair, tmp_path_factory):
    """Linköping's pages, with the case worker."""
    opened = open_harness(pair.linkoping, tmp_path_factory.mktemp("desk"))
    opened.people = {"asta": await pair.linkoping.bench.case_worker()}
    yield opened
    await opened.client.aclose()


async def cards(town, handover_id, *, is_open=True) -> list[str]:
    rows = await town.rows(
        "select kind from card where subject_id = :id and (done_at is null) = :is_open",
        id=handover_id,
        is_open=is_open,
    )
    return [row.kind for row in rows]


@pytest.mark.parametrize(
    ("code", "text", "refusal"),
    [
        ("", "Nej.", "handover.reason_code_unknown"),
        ("connection_not_here", " \n", "handover.reasons_missing"),
    ],
)
async def test_a_no_without_a_coded_reason_and_words_is_not_given(
    pair, code, text, refusal
) -> None:
    _, handover_id, _ = await pair.proposed()
    with pytest.raises(DomainError, match=refusal.replace(".", r"\.")):
        await pair.goteborg.decide(handover_id, handover.Decline(code, text))
    assert await pair.goteborg.state(handover_id) == "received"


async def test_the_sender_gets_a_task_that_says_why_and_leads_to_the_words(pair, desk) -> None:
    _, handover_id, _ = await pair.declined()
    assert "handover.declined" in await cards(pair.linkoping, handover_id)
    start = (await desk.call("GET", "/", "asta")).text
    assert "Mottagaren har nekat: anknytningen är inte starkast hit" in start
    assert f"/handovers/{handover_id}" in start
    there = (await desk.call("GET", f"/handovers/{handover_id}", "asta")).text
    assert "Anknytningen är inte starkast hit. Bor inte här." in there
    assert "Linköping ansvarar" in there


async def test_the_task_stands_until_the_sender_has_decided(pair) -> None:
    _, handover_id, _ = await pair.declined()
    await pair.settle()
    assert "handover.declined" in await cards(pair.linkoping, handover_id)
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(handover_id, handover.Keep("Vi behåller."), gun)
    assert "handover.declined" not in await cards(pair.linkoping, handover_id)
    assert "handover.declined" in await cards(pair.linkoping, handover_id, is_open=False)


async def test_a_no_after_reading_the_dossier_tells_its_reasons_too(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    await pair.goteborg.decide(handover_id, handover.ReturnIt("facts_differ", "Stämmer inte."))
    await pair.settle()
    said = (await pair.linkoping.view(handover_id)).dispute
    assert (said.answer_code, said.answer_text) == ("facts_differ", "Stämmer inte.")
    assert said.is_returned
    assert "handover.returned" in await cards(pair.linkoping, handover_id)


async def test_both_ends_keep_what_was_declined(pair) -> None:
    _, handover_id, _ = await pair.declined()
    for town in (pair.linkoping, pair.goteborg):
        rows = await handover.board(town.node, await town.bench.case_worker())
        assert handover_id in {row.handover_id for row in rows}
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(handover_id, handover.Keep("Vi behåller."), gun)
    await pair.settle()
    for town in (pair.linkoping, pair.goteborg):
        rows = await handover.finished(town.node, await town.bench.case_worker())
        assert handover_id in {row.handover_id for row in rows}
        kinds = {each.kind for each in (await town.view(handover_id)).messages}
        assert {"proposed", "declined", "kept"} <= kinds
