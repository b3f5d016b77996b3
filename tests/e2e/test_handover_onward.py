"""After the end: a case that goes on to a third, comes back, and a consent that is taken back."""

import pytest
import pytest_asyncio

from infra.directory import trust_files
from infra.verify import verify_file
from services.cases import api as cases
from services.handover import api as handover
from shared.errors import DomainError
from tests.support.cards import cards
from tests.support.casework import GOTEBORG, LINKOPING
from tests.support.three_towns import NORRKOPING, open_three

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def towns(postgres_server, tmp_path_factory):
    async with open_three(postgres_server, tmp_path_factory.mktemp("three")) as opened:
        yield opened


async def moved_twice(towns):
    """Linköping to Göteborg, and on to Norrköping."""
    case_id, consent_id = await towns.begun(LINKOPING, GOTEBORG, NORRKOPING)
    first = await towns.hand_over(LINKOPING, case_id, GOTEBORG)
    here = first.opened.case_id
    onward = await towns.consent(GOTEBORG, here, NORRKOPING, LINKOPING, term=2)
    second = await towns.hand_over(GOTEBORG, here, NORRKOPING, ground="consent", consent_id=onward)
    return case_id, consent_id, first, second


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gone_on(towns):
    """One case that went on, for tests that only look."""
    return await moved_twice(towns)


async def test_a_case_that_goes_on_to_a_third_has_the_same_chain_everywhere(towns, gone_on) -> None:
    case_id, _, first, second = gone_on
    chains = [
        await towns.chain_bytes(LINKOPING, case_id),
        await towns.chain_bytes(GOTEBORG, first.opened.case_id),
        await towns.chain_bytes(NORRKOPING, second.opened.case_id),
    ]
    assert chains[0] == chains[1] == chains[2]
    assert len(chains[0]) == 7  # responsible; then proposed, accepted, responsible, twice
    file = await towns.file(LINKOPING, case_id)
    assert cases.responsible(file.chain) == NORRKOPING
    assert (second.opened.term, first.opened.term) == (3, 2)


async def test_a_case_that_comes_back_opens_a_new_file_beside_the_closed_one(towns) -> None:
    case_id, _, first, second = await moved_twice(towns)
    there = second.opened.case_id
    consent_id = await towns.consent(NORRKOPING, there, LINKOPING, term=3)
    back = await towns.hand_over(
        NORRKOPING, there, LINKOPING, ground="consent", consent_id=consent_id
    )
    old = await towns.file(LINKOPING, case_id)
    new = await towns.file(LINKOPING, back.opened.case_id)
    assert new.header.federation_case_id == old.header.federation_case_id
    assert (old.header.state, new.header.state) == ("ENDED", "INVESTIGATION")
    assert new.header.term == 4
    chains = [
        await towns.chain_bytes(code, one)
        for code, one in (
            (LINKOPING, case_id),
            (GOTEBORG, first.opened.case_id),
            (NORRKOPING, there),
            (LINKOPING, back.opened.case_id),
        )
    ]
    assert all(chain == chains[0] for chain in chains)
    assert cases.responsible(old.chain) == cases.responsible(new.chain) == LINKOPING


async def test_the_closed_file_takes_no_writing_when_its_chain_grows(towns, gone_on) -> None:
    case_id, _, _, _ = gone_on
    asta = await towns[LINKOPING].bench.case_worker()
    note = cases.WriteNote(case_id, 1, "judgement", "Efteråt.", "", towns[LINKOPING].bench.today)
    with pytest.raises(DomainError, match=r"case\."):
        await cases.write_note(towns[LINKOPING].node, asta, note)


async def test_the_evidence_of_each_move_still_verifies_when_the_case_has_gone_on(
    towns, gone_on, tmp_path
) -> None:
    _, _, first, second = gone_on
    for code, one in ((LINKOPING, first), (GOTEBORG, first), (GOTEBORG, second)):
        town = towns[code]
        asta = await town.bench.case_worker()
        file = tmp_path / f"{code}-{one.handover_id}.json"
        file.write_bytes(await handover.export_evidence(town.node, asta, one.handover_id))
        trust = trust_files(towns.folder, code)
        report = verify_file(file, trust, handover.follows_protocol)
        assert report.holds, report


async def test_a_consent_taken_back_after_the_end_reaches_the_holder_and_the_next(towns) -> None:
    case_id, consent_id, first, second = await moved_twice(towns)
    asta = await towns[LINKOPING].bench.case_worker()
    await cases.withdraw_consent(
        towns[LINKOPING].node, asta, cases.WithdrawConsent(case_id, 1, consent_id)
    )
    await towns.settle()
    for code, opened, came_by in (
        (GOTEBORG, first.opened.case_id, first.handover_id),
        (NORRKOPING, second.opened.case_id, second.handover_id),
    ):
        file = await towns.file(code, opened)
        held = next(one for one in file.consents if one.consent_id == consent_id)
        assert held.withdrawn_at is not None
        worker = await towns[code].bench.case_worker()
        assert "handover.consent_withdrawn" in await cards(towns[code], worker, came_by)


async def test_a_consent_that_the_receiver_never_got_is_no_news_to_it(towns) -> None:
    case_id, _ = await towns.begun(LINKOPING, GOTEBORG)
    other = await towns.consent(LINKOPING, case_id, NORRKOPING)
    moved = await towns.hand_over(LINKOPING, case_id, GOTEBORG)
    asta = await towns[LINKOPING].bench.case_worker()
    await cases.withdraw_consent(
        towns[LINKOPING].node, asta, cases.WithdrawConsent(case_id, 1, other)
    )
    await towns.settle()
    worker = await towns[GOTEBORG].bench.case_worker()
    events = [each.code for each in (await towns[GOTEBORG].view(moved.handover_id, worker)).events]
    assert "consent_withdrawn" not in events


async def consent_answered(towns, outcome):
    """The consent is taken back after the end, and the holder answers."""
    case_id, consent_id = await towns.begun(LINKOPING, GOTEBORG)
    moved = await towns.hand_over(LINKOPING, case_id, GOTEBORG)
    asta = await towns[LINKOPING].bench.case_worker()
    await cases.withdraw_consent(
        towns[LINKOPING].node, asta, cases.WithdrawConsent(case_id, 1, consent_id)
    )
    await towns.settle()
    holder = await towns[GOTEBORG].bench.case_worker()
    answer = handover.TellConsentHandled(
        moved.handover_id, consent_id, outcome, "Egna beslut och anteckningar.", "file.purge"
    )
    await handover.tell_consent_handled(towns[GOTEBORG].node, holder, answer)
    await towns.settle()
    ours = await towns[LINKOPING].view(moved.handover_id, asta)
    said = [
        body.content
        for body in ours.bodies.values()
        if isinstance(getattr(body, "content", None), handover.ConsentHandled)
    ]
    return moved, said, await towns[GOTEBORG].view(moved.handover_id, holder)


async def test_a_holder_that_erased_has_nothing_left_of_what_came(towns) -> None:
    moved, said, view = await consent_answered(towns, "erased")
    assert [(one.outcome, one.remainder_law) for one in said] == [("erased", "file.purge")]
    assert (view.dossier, view.proposal) == (None, None)
    assert not view.bodies  # our own answer too: its key is gone, the history has its codes
    told = next(each for each in view.events if each.code == "told_consent_handled")
    assert told.facts == {"outcome": "erased", "law": "file.purge"}
    kept = await towns[GOTEBORG].rows(
        "select (select count(*) from case_dossier where case_id = :id) as dossiers,"
        " (select count(*) from attachment_in_chunk c join attachment_in a using (attachment_id)"
        " where a.conversation_id = :handover) as pieces",
        id=moved.opened.case_id,
        handover=moved.handover_id,
    )
    assert (kept[0].dossiers, kept[0].pieces) == (0, 0)
    assert (await towns.file(GOTEBORG, moved.opened.case_id)).dossier is None


async def test_a_holder_that_locked_keeps_what_law_demands_and_says_so(towns) -> None:
    moved, said, view = await consent_answered(towns, "locked")
    assert [one.outcome for one in said] == ["locked"]
    assert view.dossier is not None
    worker = await towns[GOTEBORG].bench.case_worker()
    assert "handover.consent_withdrawn" not in await cards(
        towns[GOTEBORG], worker, moved.handover_id
    )
