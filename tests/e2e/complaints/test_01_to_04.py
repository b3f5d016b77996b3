"""Complaints 1 to 4 of those who use the nearest systems: two owners, races, pushing, silence."""

from datetime import timedelta

import msgspec
import pytest

from services.cases import api as cases
from services.handover import api as handover
from shared.db import failpoints
from shared.errors import AccessDenied, Conflict, DomainError
from tests.support.cards import cards
from tests.support.casework import CANARY
from tests.support.complaints import accept, opened, withdraw, write

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize(
    "place", ["inbox.after_apply", "inbox.after_receipt", "db.after_commit", "outbox.after_publish"]
)
async def test_complaint_01_never_do_both_sides_end_up_able_to_write(pair, place) -> None:
    """SORMAS-Project#9967: an exception while handing a case back left both as owner."""
    case_id, handover_id, _ = await pair.accepted()
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    with failpoints.armed(place, 1):
        try:
            await pair.settle()
        except (failpoints.Reached, BaseExceptionGroup):
            pass
        else:
            pytest.fail(f"{place} was not reached")
    for town in (pair.linkoping, pair.goteborg):
        town.restart()
    pair.exchange.redeliver()
    pair.clock.move(timedelta(seconds=21))
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)
    with pytest.raises(Conflict):
        await write(pair.linkoping, case_id, 1)
    there = await opened(pair.goteborg, handover_id)
    await write(pair.goteborg, there.header.case_id, there.header.term)


@pytest.mark.parametrize("first", ["withdraw", "accept"])
@pytest.mark.parametrize("again", [0, 3])
async def test_complaint_02_withdrawal_and_answer_that_race_end_the_same_at_both(
    pair, first, again
) -> None:
    """SORMAS-Project#8576, #6241, #6592: revoked on one side, a live copy on the other."""
    case_id, handover_id, _ = await pair.proposed()
    acts = [withdraw, accept] if first == "withdraw" else [accept, withdraw]
    for act in acts:
        await act(pair, handover_id)
    towns = [pair.linkoping, pair.goteborg] if first == "withdraw" else None
    for town in towns or [pair.goteborg, pair.linkoping]:
        await town.step()
    for _ in range(again):
        pair.exchange.redeliver()
        pair.clock.move(timedelta(seconds=21))
    await pair.settle()
    ends = (await pair.linkoping.state(handover_id), await pair.goteborg.state(handover_id))
    assert ends == ("withdrawn", "cancelled")
    assert await pair.responsible(handover_id) == (True, False)
    await write(pair.linkoping, case_id, 1)


async def test_complaint_02_a_case_is_on_its_way_to_one_place_at_a_time(pair) -> None:
    case_id, _, _ = await pair.proposed()
    asta = await pair.linkoping.bench.case_worker()
    for receiver in ("1480", "0581"):
        with pytest.raises(Conflict, match=r"handover\.already_open"):
            await handover.start_draft(
                pair.linkoping.node, asta, handover.StartDraft(case_id, 1, receiver)
            )


async def test_complaint_03_nothing_is_pushed_into_the_receivers_files(pair) -> None:
    """SORMAS-Project#4423: data written into the receiver's database without asking."""
    count = "select count(*) as n from case_header"
    before = (await pair.goteborg.rows(count))[0].n
    _, handover_id, _ = await pair.proposed()
    assert (await pair.goteborg.rows(count))[0].n == before
    leader = await pair.goteborg.bench.leader()
    assert "handover.proposed" in await cards(pair.goteborg, leader, handover_id)
    view = await pair.goteborg.view(handover_id, leader)
    seen = msgspec.json.encode(view.proposal)
    assert view.dossier is None
    assert CANARY.encode() not in seen
    outsider = await pair.goteborg.bench.person("Yngve", "log_reviewer")
    with pytest.raises(AccessDenied):
        await pair.goteborg.view(handover_id, outsider)
    await pair.goteborg.decide(handover_id, handover.Decline("facts_missing", "Se brevet."))
    await pair.settle()
    assert (await pair.goteborg.rows(count))[0].n == before


async def test_complaint_04_a_no_has_a_code_and_reasons_and_asks_the_sender_to_act(pair) -> None:
    """SORMAS-Project#9945, #6122, #9755: a decline that nobody hears of, without a reason."""
    _, handover_id, _ = await pair.proposed()
    for code, words in (("connection_not_here", " "), ("nej", "Bor inte här.")):
        with pytest.raises(DomainError):
            await pair.goteborg.sign(handover_id, handover.Decline(code, words))
    await pair.goteborg.decide(
        handover_id, handover.Decline("connection_not_here", "Bor inte här sedan i mars.")
    )
    await pair.settle()
    asta = await pair.linkoping.bench.case_worker()
    assert "handover.declined" in await cards(pair.linkoping, asta, handover_id)
    view = await pair.linkoping.view(handover_id, asta)
    assert view.row.answer_code == "connection_not_here"
    answers = [body for body in view.bodies.values() if type(body).__name__ == "Declined"]
    assert [body.text for body in answers] == ["Bor inte här sedan i mars."]
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(handover_id, handover.Keep("Vi behåller."), gun)
    await pair.settle()
    for town in (pair.linkoping, pair.goteborg):
        actor = await town.bench.leader()
        over = {row.handover_id for row in await handover.finished(town.node, actor)}
        assert handover_id in over
    assert (await cases.read_case(pair.linkoping.node, asta, view.row.case_id, "prov")).header
