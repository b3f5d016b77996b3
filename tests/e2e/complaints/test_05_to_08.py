"""Complaints 5 to 8: invisible after the yes, stale screens, deleting meanwhile, no trail."""

from datetime import timedelta

import msgspec
import pytest

from services.cases import api as cases
from services.handover import api as handover
from shared.errors import Conflict, DomainError
from tests.support.cards import cards
from tests.support.casework import in_one
from tests.support.complaints import accept, logged, opened, write

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_complaint_05_what_was_accepted_is_seen_by_a_named_case_worker(pair) -> None:
    """SORMAS-Project#8113, #3213: nobody at the new owner could see the case."""
    _, handover_id, _ = await pair.accepted()
    ready = await pair.take_over_facts()
    gun = await pair.goteborg.bench.leader()
    nobody = msgspec.structs.replace(ready, case_worker=pair.linkoping.bench.worker.staff_id)
    with pytest.raises(DomainError):
        await pair.goteborg.decide(handover_id, nobody)
    await pair.goteborg.decide(handover_id, ready)
    await pair.settle()
    bo = await pair.goteborg.bench.case_worker()
    there = await opened(pair.goteborg, handover_id)
    assert there.header.case_id in {
        row.case_id for row in await cases.worklist(pair.goteborg.node, bo)
    }
    assert gun.staff_id != bo.staff_id


async def test_complaint_05_accepted_and_not_opened_is_an_alarm(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    leader = await pair.goteborg.bench.leader()
    alarm = "handover.accepted_not_opened"
    assert alarm not in await cards(pair.goteborg, leader, handover_id)
    pair.clock.move(timedelta(days=8))
    await pair.settle()
    assert alarm in await cards(pair.goteborg, leader, handover_id)
    assert await pair.responsible(handover_id) == (True, False)


async def test_complaint_06_no_side_door_writes_after_the_case_has_left(pair) -> None:
    """SORMAS-Project#11391, #6941: a stale tab added samples and took ownership back."""
    case_id, handover_id, _ = await pair.taken_over()
    node, bench = pair.linkoping.node, pair.linkoping.bench
    asta = await bench.case_worker()
    document = cases.AddDocument(case_id, 1, "needs.housing", "Intyg", bench.today)
    doors = {
        "note": lambda: write(pair.linkoping, case_id, 1),
        "need": lambda: cases.record_need(
            node, asta, cases.RecordNeed(case_id, 1, "housing", "Nytt.")
        ),
        "consent": lambda: bench.consent(case_id),
        "document": lambda: cases.add_document(node, asta, document, in_one(b"%PDF-1.7 sent")),
        "exclusion": lambda: cases.set_exclusion(
            node, asta, cases.SetExclusion(case_id, 1, "authority", "0581", "Hot.")
        ),
        "residence": lambda: bench.found_elsewhere(case_id),
        "threat": lambda: bench.threat_asked(case_id),
        "handover": lambda: handover.start_draft(
            node, asta, handover.StartDraft(case_id, 1, "0581")
        ),
    }
    open_doors = []  # giving a colleague the closed file to read is none: it changes nothing in it
    for name, door in doors.items():
        try:
            await door()
        except Conflict:
            continue
        open_doors.append(name)
    assert open_doors == []
    there = await opened(pair.goteborg, handover_id)
    assert cases.responsible(there.chain) == "1480"


async def test_complaint_07_a_case_on_its_way_is_not_closed(pair) -> None:
    """SORMAS-Project#11204, #10611, #10931: accepted, and there was nothing there."""
    case_id, handover_id, _ = await pair.proposed()
    asta = await pair.linkoping.bench.case_worker()
    wish = cases.EndAtPersonsWish(case_id, 1, "Vill inte mer.", "samtal")
    with pytest.raises(Conflict, match="handover"):
        await cases.end_at_persons_wish(pair.linkoping.node, asta, wish)
    await accept(pair, handover_id)
    await pair.settle()
    with pytest.raises(Conflict, match="handover"):
        await cases.end_at_persons_wish(pair.linkoping.node, asta, wish)
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert (await opened(pair.goteborg, handover_id)).person.family_name


async def test_complaint_08_what_crossed_the_border_stands_in_both_logs_with_one_hash(pair) -> None:
    """SORMAS-Project#11637: a transfer between jurisdictions is missing from the audit."""
    _, handover_id, _ = await pair.taken_over()
    ways = (
        ("proposed", pair.linkoping, pair.goteborg),
        ("accepted", pair.goteborg, pair.linkoping),
        ("dossier", pair.linkoping, pair.goteborg),
        ("completed", pair.goteborg, pair.linkoping),
    )
    for kind, sender, receiver in ways:
        rows = await sender.rows(
            "select content_hash from outbox where conversation_id = :id and kind = :kind",
            id=handover_id,
            kind=kind,
        )
        assert len(rows) == 1
        crossed = {"kind": kind, "hash": rows[0].content_hash}
        assert len(await logged(sender, "message.sent", **crossed)) == 1, kind
        assert len(await logged(receiver, "message.applied", **crossed)) == 1, kind
