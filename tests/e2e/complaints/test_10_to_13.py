"""Complaints 10 to 13: who erases, duplicates, another's handover, consent as a screen rule."""

import contextlib

import msgspec
import pytest

from services.cases import api as cases
from services.handover import api as handover
from shared.errors import AccessDenied, DomainError
from tests.support.cards import cards
from tests.support.complaints import accept, opened

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_complaint_10_the_copy_is_erased_by_who_holds_it_and_the_proof_stays(pair) -> None:
    """SORMAS-Project#7879, #2100; matrix-org/synapse#1941, #1287: who deletes the copy?"""
    case_id, handover_id, consent_id = await pair.proposed()
    asta = await pair.linkoping.bench.case_worker()
    withdraw = cases.WithdrawConsent(case_id, 1, consent_id)
    await cases.withdraw_consent(pair.linkoping.node, asta, withdraw)
    await pair.settle()
    theirs = await pair.goteborg.view(handover_id)
    assert (theirs.proposal, dict(theirs.bodies)) == (None, {})
    with pytest.raises(DomainError, match=r"keys\.erased"):
        await pair.goteborg.node.case_keys.get(handover_id)
    ours = await pair.linkoping.view(handover_id)
    told = [body for body in ours.bodies.values() if type(body).__name__ == "Cancelled"]
    assert [body.erased for body in told] == [("proposal",)]
    assert [each.kind for each in theirs.messages] == ["proposed", "withdrawn", "cancelled"]


async def test_complaint_11_a_person_known_already_is_told_to_the_team_leader_and_no_link_breaks(
    pair,
) -> None:
    """SORMAS-Project#9527, #10135, #11483, #9994: merging broke what both sides had to share."""
    known = await pair.goteborg.bench.register()
    case_id, handover_id, _ = await pair.taken_over()
    there = await opened(pair.goteborg, handover_id)
    gun = await pair.goteborg.bench.leader()
    assert "case.duplicate_suspected" in await cards(pair.goteborg, gun, there.header.case_id)
    bo = await pair.goteborg.bench.case_worker()
    assert "case.duplicate_suspected" not in await cards(pair.goteborg, bo, there.header.case_id)
    asta = await pair.linkoping.bench.case_worker()
    here = await cases.read_case(pair.linkoping.node, asta, case_id, "prov")
    assert len({known, case_id, there.header.case_id}) == 3
    one_case = {link.federation_case_id for link in (*here.chain, *there.chain)}
    assert len(one_case) == 1
    assert there.chain == here.chain


async def test_complaint_12_nobody_answers_a_handover_that_is_not_theirs(pair) -> None:
    """Primero 462adabc13: the record in the address was authorised, not the one acted upon."""
    _, mine, _ = await pair.proposed()
    _, other, _ = await pair.proposed()
    node, bench = pair.goteborg.node, pair.goteborg.bench
    bo, leader = await bench.case_worker(), await bench.leader()
    payload = handover.Accept(bench.today)
    revision = (await pair.goteborg.view(mine, bo)).row.revision
    outsiders = [
        await bench.person("Sune", "system_admin"),
        await bench.person("Lova", "log_reviewer"),
        await bench.officer("bops-vast"),
    ]
    for outsider in outsiders:
        with pytest.raises(AccessDenied):
            await handover.sign(node, outsider, handover.Sign(mine, revision, payload))
        with pytest.raises(AccessDenied):
            await handover.confirm(node, outsider, handover.Confirm(mine, revision))
        with pytest.raises(AccessDenied):
            await handover.read(node, outsider, mine, "prov")
    asta = await pair.linkoping.bench.case_worker()
    with pytest.raises(DomainError):  # the sender cannot answer itself
        await pair.linkoping.sign(mine, payload, asta)
    # A signature on one opens nothing of the other, and who may answer still may.
    await pair.goteborg.sign(mine, payload, bo)
    with pytest.raises(DomainError, match=r"handover\.nothing_to_confirm"):
        await pair.goteborg.confirm(other, leader)
    await pair.goteborg.confirm(mine, leader)
    assert await pair.goteborg.state(mine) == "accepted"
    assert await pair.goteborg.state(other) == "received"


async def test_complaint_13_what_a_screen_asks_for_never_widens_a_consent(pair) -> None:
    """Primero's `consent_overridden`, care_fe#398: a rule of the screen, not of the server."""
    _, handover_id, consent_id = await pair.drafted()
    asta = await pair.linkoping.bench.case_worker()
    view = await pair.linkoping.view(handover_id, asta)
    wider = msgspec.structs.replace(view.draft, kinds=view.draft.kinds | {"needs.health_care"})
    command = handover.UpdateDraft(handover_id, view.row.revision, wider)
    with contextlib.suppress(DomainError):  # refused here or narrowed later: both are well
        await handover.update_draft(pair.linkoping.node, asta, command)
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    await accept(pair, handover_id)
    await pair.settle()
    dossier = (await pair.goteborg.view(handover_id)).dossier
    sent = {section.__struct_config__.tag for section in dossier.sections}
    assert "needs.health_care" not in sent
    assert ("needs.health_care", "not_in_consent") in {
        (each.section, each.reason) for each in dossier.withheld
    }
    assert consent_id is not None


async def test_complaint_13_without_ground_nothing_leaves(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    asta = await pair.linkoping.bench.case_worker()
    view = await pair.linkoping.view(handover_id, asta)
    bare = msgspec.structs.replace(view.draft, ground=None, consent_id=None)
    await handover.update_draft(
        pair.linkoping.node, asta, handover.UpdateDraft(handover_id, view.row.revision, bare)
    )
    with pytest.raises(DomainError, match=r"handover\.no_legal_ground"):
        await pair.linkoping.sign(handover_id, handover.Propose(), asta)
    await pair.settle()
    assert await pair.goteborg.state(handover_id) == "none"
