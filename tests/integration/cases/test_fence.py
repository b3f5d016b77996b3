"""A write under another term, or in a case that has left, changes nothing, whoever tries."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import insert, text, update

from services.cases import api as cases
from services.cases.store import tables
from services.protection import api as protection
from services.protection.api import GiveThreat
from shared.crypto import KeyRing
from shared.errors import Conflict, DomainError
from shared.ids import AuthorityCode, row_id
from tests.support.casework import GOTEBORG, LINKOPING, NOW, consent
from tests.support.trust import StaticDirectory

pytestmark = pytest.mark.servers


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def transferred(bench):
    """A case that has gone to Göteborg."""
    case_id, handover_id = await bench.investigated(), uuid4()
    await bench.consent(case_id)
    async with bench.node.db.begin(await bench.case_worker(), term=1) as uow:
        await cases.mark_open_handover(uow, case_id, handover_id)
        await uow.commit()
    async with bench.worker_node.db.begin(bench.worker) as uow:
        await cases.enter_term(uow, case_id, 1)
        await cases.end_transferred(uow, case_id, handover_id, to=GOTEBORG)
        await uow.commit()
    return case_id


def writes(case_id, term, today, staff_id):
    """One of every command that writes in the file."""
    return [
        (cases.apply, cases.Apply(case_id, term)),
        (
            cases.record_residence,
            cases.RecordResidence(case_id, term, "HERE", LINKOPING, "nights_rest", "f"),
        ),
        (cases.confirm_residence, cases.ConfirmResidence(case_id, term, uuid4())),
        (cases.give_consent, consent(case_id, today, term=term)),
        (cases.record_need, cases.RecordNeed(case_id, term, "housing", "x")),
        (cases.write_note, cases.WriteNote(case_id, term, "judgement", "x", "", today)),
        (cases.set_exclusion, cases.SetExclusion(case_id, term, "unit", "x", "y")),
        (cases.set_vault, cases.SetVault(case_id, term, cases.VaultContent("x"))),
        (cases.request_threat, cases.RequestThreat(case_id, term, "lpo-linkoping")),
        (cases.ask_placement, cases.AskPlacement(case_id, term, GOTEBORG)),
        (cases.ask_level_passing, cases.AskLevelPassing(case_id, term, GOTEBORG)),
    ]


async def test_every_command_under_a_stale_term_is_refused(bench):
    case_id = await bench.investigated()
    asta, gun = await bench.case_worker(), await bench.leader()
    for handler, command in writes(case_id, 2, bench.today, asta.staff_id):
        assert await refusal(handler(bench.node, asta, command)) == "case.responsibility_moved"
    cy = await bench.case_worker("Cy")
    for attempt in (
        bench.assign(case_id, gun, cy, "case_worker", term=2),
        cases.end_membership(
            bench.node, gun, cases.EndMembership(case_id, 2, asta.staff_id, "byte")
        ),
        cases.withdraw_consent(bench.node, asta, cases.WithdrawConsent(case_id, 2, uuid4())),
        cases.approve_reveal(
            bench.node, gun, cases.ApproveReveal(case_id, 2, asta.staff_id, "ringa")
        ),
    ):
        assert await refusal(attempt) == "case.responsibility_moved"


async def test_a_transferred_case_is_read_only_under_any_term(bench):
    case_id = await transferred(bench)
    asta = await bench.case_worker()
    for term in (1, 2):
        for handler, command in writes(case_id, term, bench.today, asta.staff_id):
            assert await refusal(handler(bench.node, asta, command)) == "case.responsibility_moved"


async def test_a_transferred_case_still_has_members_consent_to_take_back_and_a_chain(bench):
    case_id = await transferred(bench)
    asta, gun = await bench.case_worker(), await bench.leader()
    await bench.assign(case_id, gun, await bench.case_worker("Cy"), "case_worker")
    ended = cases.EndMembership(case_id, 1, asta.staff_id, "arkivet läser vidare")
    file = await cases.read_case(bench.node, asta, case_id, "läser")
    withdrawn = cases.WithdrawConsent(case_id, 1, file.consents[0].consent_id)
    await cases.withdraw_consent(bench.node, asta, withdrawn)
    async with bench.worker_node.db.begin(bench.worker) as uow:
        await cases.enter_term(uow, case_id, 1)
        signer = bench.node.keyring.signing(NOW)
        await cases.append_link(uow, signer, case_id, "withdrawn", GOTEBORG)
        await uow.commit()
    await cases.end_membership(bench.node, gun, ended)


async def test_the_database_fences_a_handler_that_forgot_to_look(bench):
    """The same writes by plain SQL, without any check of ours before them."""
    case_id = await bench.investigated()
    gone = await transferred(bench)
    asta = await bench.case_worker()
    row = {"written_at": NOW, "happened_on": bench.today, "kind": "fact", "sealed": b"x"}
    for target, term in ((case_id, 2), (case_id, None), (gone, 1), (gone, 2)):
        note = {"note_id": row_id(NOW), "case_id": target, "written_by": asta.staff_id, **row}
        statements = (
            insert(tables.note).values(**note).inline(),
            update(tables.person).where(tables.person.c.case_id == target).values(sealed=b"x"),
            insert(tables.open_handover).values(case_id=target, handover_id=uuid4(), since=NOW),
            update(tables.header)
            .where(tables.header.c.case_id == target)
            .values(state="ACTIVE", ended_reason=None),
        )
        for statement in statements:
            async with bench.node.db.begin(asta, term=term) as uow:
                with pytest.raises(Conflict) as fenced:
                    await uow.execute(statement)
                assert fenced.value.code == "case.responsibility_moved"


async def test_the_worker_is_fenced_as_everybody(bench):
    case_id = await bench.investigated()
    async with bench.worker_node.db.begin(bench.worker) as uow:
        with pytest.raises(Conflict) as stale:
            await cases.enter_term(uow, case_id, 2)
        assert stale.value.code == "case.responsibility_moved"
    async with bench.worker_node.db.begin(bench.worker) as uow:
        with pytest.raises(Conflict) as fenced:
            await cases.mark_open_handover(uow, case_id, uuid4())
        assert fenced.value.code == "case.responsibility_moved"


async def test_an_officers_old_form_is_fenced_too(bench):
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await bench.threat_asked(case_id)
    officer = await bench.officer()
    (room,) = await protection.joint_rooms(bench.node, officer)
    given = GiveThreat(room.room_id, 2, "LOW", "structured", bench.today.replace(day=29))
    assert await refusal(protection.give_threat(bench.node, officer, given)) == (
        "case.responsibility_moved"
    )


async def test_a_note_being_written_is_in_the_file_before_the_case_can_leave(bench):
    """The fence holds the case's row: it leaves after the writer's commit, or before its look."""
    case_id, handover_id = await bench.investigated(), uuid4()
    asta = await bench.case_worker()
    async with bench.node.db.begin(asta, term=1) as uow:
        await cases.mark_open_handover(uow, case_id, handover_id)
        await uow.commit()

    async def leave():
        async with bench.worker_node.db.begin(bench.worker) as uow:
            await cases.enter_term(uow, case_id, 1)
            await cases.end_transferred(uow, case_id, handover_id, to=GOTEBORG)
            await uow.commit()

    async with bench.node.db.begin(asta, term=1) as uow:
        note = tables.note
        await uow.execute(
            insert(note)
            .values(
                note_id=row_id(NOW),
                case_id=case_id,
                kind="fact",
                sealed=b"x",
                happened_on=bench.today,
                written_at=NOW,
                written_by=asta.staff_id,
            )
            .inline()
        )
        leaving = asyncio.create_task(leave())
        done, _ = await asyncio.wait({leaving}, timeout=0.3)
        assert not done
        await uow.commit()
    await leaving
    async with bench.node.db.begin(asta) as uow:
        assert (await cases.load_header(uow, case_id)).ended_reason == "TRANSFERRED"
        found = await uow.execute(text("select count(*) from case_note"))
        assert found.scalar_one() == 1


async def test_a_case_has_one_open_handover_at_most(bench):
    case_id = await bench.investigated()
    asta = await bench.case_worker()

    async def propose():
        async with bench.node.db.begin(asta, term=1) as uow:
            await cases.mark_open_handover(uow, case_id, uuid4())
            await uow.commit()

    outcomes = await asyncio.gather(*(propose() for _ in range(4)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert [error.code for error in refused] == ["case.handover_open"] * 3
    async with bench.node.db.begin(asta) as uow:
        assert (await cases.load_header(uow, case_id)).open_handover is not None


async def test_a_case_on_its_way_is_not_closed_by_anybody_here(bench):
    case_id, handover_id = await bench.investigated(), uuid4()
    asta = await bench.case_worker()
    async with bench.node.db.begin(asta, term=1) as uow:
        await cases.mark_open_handover(uow, case_id, handover_id)
        await uow.commit()
    ending = cases.EndAtPersonsWish(case_id, 1, "Vill inte längre.", "samtal")
    assert await refusal(cases.end_at_persons_wish(bench.node, asta, ending)) == (
        "case.handover_open"
    )
    for node, actor in ((bench.node, asta), (bench.worker_node, bench.worker)):
        async with node.db.begin(actor, term=1) as uow:
            forgot_to_look = (
                update(tables.header)
                .where(tables.header.c.case_id == case_id)
                .values(state="ENDED", ended_reason="WITHDRAWN")
            )
            assert await refusal(uow.execute(forgot_to_look)) == "case.handover_open"
    async with bench.node.db.begin(asta, term=1) as uow:
        await cases.clear_open_handover(uow, case_id, handover_id)
        await uow.commit()
    await cases.end_at_persons_wish(bench.node, asta, ending)
    file = await cases.read_case(bench.node, asta, case_id, "läser")
    assert (file.header.state, file.header.ended_reason) == ("ENDED", "WITHDRAWN")
    assert [note.text for note in file.notes] == ["Vill inte längre."]
    assert file.header.is_responsible
    note = cases.WriteNote(case_id, 1, "judgement", "Efteråt.", "", bench.today)
    assert await refusal(cases.write_note(bench.node, asta, note)) == "case.closed"


async def test_only_the_open_handover_is_cleared_or_ends_the_case(bench):
    case_id, handover_id = await bench.investigated(), uuid4()
    asta = await bench.case_worker()
    async with bench.node.db.begin(asta, term=1) as uow:
        await cases.mark_open_handover(uow, case_id, handover_id)
        await uow.commit()
    for call in (
        lambda uow: cases.clear_open_handover(uow, case_id, uuid4()),
        lambda uow: cases.end_transferred(uow, case_id, uuid4(), to=GOTEBORG),
    ):
        async with bench.node.db.begin(asta, term=1) as uow:
            assert await refusal(call(uow)) == "db.changed_meanwhile"
    async with bench.node.db.begin(asta, term=1) as uow:
        await cases.clear_open_handover(uow, case_id, handover_id)
        await uow.commit()
    async with bench.node.db.begin(asta) as uow:
        assert (await cases.load_header(uow, case_id)).open_handover is None


async def test_links_that_do_not_follow_are_refused_and_known_ones_must_be_the_same(bench):
    case_id = await bench.investigated()
    asta = await bench.case_worker()
    signer = bench.node.keyring.signing(NOW)
    async with bench.node.db.begin(asta, term=1) as uow:
        first = await cases.chain(uow, case_id)
        own = await cases.append_link(uow, signer, case_id, "proposed", GOTEBORG)
        await cases.receive_links(uow, bench.node, case_id, [*first, own])
        forged = cases.next_link(
            [*first, own],
            federation_case_id=own.federation_case_id,
            kind="accepted",
            authority=GOTEBORG,
            counterpart=LINKOPING,
            at=NOW,
            sign=signer.sign,
        )
        attempt = cases.receive_links(uow, bench.node, case_id, [forged])
        assert await refusal(attempt) == "chain.broken"
        other = cases.next_link(
            first,
            federation_case_id=own.federation_case_id,
            kind="withdrawn",
            authority=LINKOPING,
            counterpart=GOTEBORG,
            at=NOW,
            sign=signer.sign,
        )
        attempt = cases.receive_links(uow, bench.node, case_id, [other])
        assert await refusal(attempt) == "chain.forked"


async def test_a_link_that_one_node_notes_for_another_is_refused(bench):
    """Who had the case before cannot be told that they, or a third with a node, have it now."""
    rings = [bench.node.keyring, KeyRing.in_memory(GOTEBORG, NOW)]
    node = replace(bench.node, directory=StaticDirectory(rings))
    case_id = await bench.investigated()
    asta = await bench.case_worker()
    async with bench.node.db.begin(asta, term=1) as uow:
        first = await cases.chain(uow, case_id)

        def noted(authority):
            return cases.next_link(
                first,
                federation_case_id=first[0].federation_case_id,
                kind="responsible",
                authority=authority,
                counterpart=LINKOPING,
                at=NOW,
                sign=bench.node.keyring.signing(NOW).sign,
                recorded_by=LINKOPING,
            )

        forged = cases.receive_links(uow, node, case_id, [noted(GOTEBORG)])
        assert await refusal(forged) == "chain.broken"
        await cases.receive_links(uow, node, case_id, [noted(AuthorityCode("0680"))])
