"""A municipality is put on the exclusion list while a handover to it is open: people are told."""

import pytest

from services.cases import api as cases
from services.handover import api as handover
from tests.support.cards import cards

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def exclude(pair, case_id) -> None:
    asta = await pair.linkoping.bench.case_worker()
    kept_from = cases.SetExclusion(case_id, 1, "authority", "1480", "Anhöriga arbetar där.")
    await cases.set_exclusion(pair.linkoping.node, asta, kept_from)


async def test_who_answers_for_an_open_handover_is_told_and_shown_the_way_out(pair, desks) -> None:
    case_id, handover_id, _ = await pair.accepted()
    gun = await pair.linkoping.bench.leader()
    ours, theirs = desks
    before = (await ours.call("GET", f"/handovers/{handover_id}", "gun")).text
    assert "spärrlista" not in before
    await exclude(pair, case_id)
    assert "handover.excluded" in await cards(pair.linkoping, gun, handover_id)
    assert (await pair.linkoping.view(handover_id, gun)).is_excluded
    shown = (await ours.call("GET", f"/handovers/{handover_id}", "gun")).text
    assert "Mottagaren står på ärendets spärrlista" in shown
    assert f'href="/handovers/{handover_id}/act/withdraw"' in shown
    there = (await theirs.call("GET", f"/handovers/{handover_id}", "gun")).text
    assert "spärrlista" not in there  # from whom a case is kept is a secret too
    await pair.linkoping.decide(handover_id, handover.Withdraw("Ångrat."), gun)
    assert "handover.excluded" not in await cards(pair.linkoping, gun, handover_id)
    await pair.settle()
    assert not (await pair.linkoping.view(handover_id, gun)).is_excluded


async def test_an_exclusion_of_another_municipality_tells_nobody(pair) -> None:
    case_id, handover_id, _ = await pair.proposed()
    asta = await pair.linkoping.bench.case_worker()
    kept_from = cases.SetExclusion(case_id, 1, "authority", "0581", "Anhöriga arbetar där.")
    await cases.set_exclusion(pair.linkoping.node, asta, kept_from)
    assert "handover.excluded" not in await cards(pair.linkoping, asta, handover_id)
