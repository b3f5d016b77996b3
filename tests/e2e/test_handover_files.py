"""Documents travel with the dossier: what the ground lets through, whole, and never by accident."""

import os
from datetime import timedelta

import pytest

from infra.postgres.databases import database_name
from services.cases import api as cases
from services.documents import domain
from services.documents.api import PIECE_BYTES
from services.handover import api as handover
from services.handover.domain.states import SenderState
from shared.actor import worker
from shared.bus import BusUnavailable
from shared.errors import DomainError
from shared.ids import SubjectId
from shared.inbox import Answers, ask_for_whole
from shared.outbox import Manifest, answers_subject
from shared.outbox.attachments import AttachmentRelay
from tests.support.exchange import sections

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

CONTRACT = b"%PDF-1.7 " + os.urandom(2 * PIECE_BYTES)
SECTIONS = {
    "needs.housing": ("Hyreskontrakt", CONTRACT),
    "identity": ("Passkopia", b"\x89PNG\r\n\x1a\n bild"),
    "needs.health_care": ("Vårdintyg", b"%PDF-1.4 intyg"),
    "police_material": ("Polisens PM", b"%PDF-1.4 polis"),
    "third_parties": ("Brev från syster", b"Hej du."),
    "journal": ("Minnesanteckning", b"Eget arbete."),
}


async def filled(pair, case_id, only=None):
    """The case gets one document of each section."""
    bench = pair.linkoping.bench
    for section, (title, content) in SECTIONS.items():
        if only is None or section in only:
            await bench.document(case_id, content, section=section, title=title)


async def drafted(pair, only=None):
    case_id, handover_id, consent_id = await pair.drafted()
    await filled(pair, case_id, only)
    return case_id, handover_id, consent_id


async def accepted(pair, only=None):
    """Proposed, with documents, and accepted; what follows has not been sent yet."""
    case_id, handover_id, consent_id = await drafted(pair, only)
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.goteborg.relay.run_once()
    await pair.linkoping.inbox.receive_once()
    await pair.linkoping.inbox.dispatch_once()
    return case_id, handover_id, consent_id


async def sending(pair):
    """Linköping's relay works until it has nothing left, or dies."""
    for _ in range(10):
        await pair.linkoping.relay.run_once()


async def take_over(pair, handover_id):
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())


async def in_new_file(pair, handover_id):
    """What the receiver's new file holds, with content, as its case worker reads it."""
    node, bo = pair.goteborg.node, await pair.goteborg.bench.case_worker()
    case_id = (await pair.goteborg.view(handover_id)).row.case_id
    found = {}
    for each in await cases.list_documents(node, bo, case_id):
        opened = await cases.read_document(node, bo, case_id, each.document_id, "prov")
        found[each.title] = (each.section, each.came_from, opened.content)
    return found


async def refusal(attempt):
    with pytest.raises(DomainError) as refused:
        await attempt
    return refused.value.code


def sent_chunks(pair, monkeypatch, stop_after=None):
    """Every chunk that Linköping publishes, by attachment and number; the exchange may go away."""
    published, publish = [], type(pair.linkoping.bus).publish

    async def watched(self, stream, to, frame, transport_id):
        if stream == "ATTACHMENT":
            if stop_after is not None and len(published) == stop_after:
                raise BusUnavailable
            published.append(tuple(transport_id.split(".")[:2]))
        await publish(self, stream, to, frame, transport_id)

    monkeypatch.setattr(type(pair.linkoping.bus), "publish", watched)
    return published


async def test_the_ground_decides_which_documents_go_and_the_rest_is_named(pair):
    _, handover_id, _ = await drafted(pair)
    bench = pair.linkoping.bench
    seen = await handover.preview(bench.node, await bench.leader(), handover_id, sections())
    assert {each.title for each in seen.documents} == {"Hyreskontrakt", "Passkopia"}
    withheld = [(each.section, each.reason) for each in seen.withheld_documents]
    assert withheld == [("needs.health_care", "not_in_consent")]
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    dossier = (await pair.goteborg.view(handover_id)).dossier
    assert {each.document.title for each in dossier.documents} == {"Hyreskontrakt", "Passkopia"}
    assert dossier.withheld_documents == tuple(seen.withheld_documents)
    for hidden in ("Vårdintyg", "Polisens PM", "Brev från syster", "Minnesanteckning"):
        assert hidden not in repr(dossier)
    await take_over(pair, handover_id)
    await pair.settle()
    assert await in_new_file(pair, handover_id) == {
        title: (section, "0580", content)
        for section, (title, content) in SECTIONS.items()
        if section in {"needs.housing", "identity"}
    }
    assert await pair.responsible(handover_id) == (False, True)


async def test_what_came_is_erased_when_the_consent_goes_and_a_decision_keeps_its_paper(pair):
    case_id, handover_id, consent_id = await accepted(pair, {"needs.housing", "identity"})
    asta, bo = await pair.linkoping.bench.case_worker(), await pair.goteborg.bench.case_worker()
    content = cases.VaultContent(address="Hemliga gatan 1")
    await cases.set_vault(pair.linkoping.node, asta, cases.SetVault(case_id, 1, content))
    await pair.settle()
    await take_over(pair, handover_id)
    await pair.settle()
    new = (await pair.goteborg.view(handover_id)).row.case_id
    own = await pair.goteborg.bench.document(
        new, b"Eget beslut.", actor=bo, term=2, title="Eget beslut"
    )
    listed = await cases.list_documents(pair.goteborg.node, bo, new)
    kept = next(each.document_id for each in listed if each.title == "Hyreskontrakt")
    withdraw = cases.WithdrawConsent(case_id, 1, consent_id)
    await cases.withdraw_consent(pair.linkoping.node, asta, withdraw)
    await pair.settle()
    handled = handover.TellConsentHandled(
        handover_id, consent_id, "erased", "Bistånd till hyra.", "file.purge", (kept,)
    )
    await handover.tell_consent_handled(pair.goteborg.node, bo, handled)
    left = await cases.list_documents(pair.goteborg.node, bo, new)
    assert {each.document_id for each in left} == {own, kept}
    for table, counted in (("document_piece", 2), ("case_vault", 0), ("case_dossier", 0)):
        rows = await pair.goteborg.rows(f"select 1 from {table} where case_id = :id", id=new)
        assert (table, len(rows) > 0) == (table, counted > 0)
    await pair.settle()
    theirs = (await pair.linkoping.view(handover_id, asta)).events
    assert "consent_handled" in {each.code for each in theirs}
    with pytest.raises(DomainError, match=r"keys\.erased"):
        await pair.goteborg.node.case_keys.get(SubjectId(handover_id))
    rows = await pair.goteborg.rows(
        "select key_destroyed_at from incoming_handover where handover_id = :id", id=handover_id
    )
    assert rows[0].key_destroyed_at is not None
    view = await pair.goteborg.view(handover_id, bo)
    assert (view.proposal, view.dossier, dict(view.bodies)) == (None, None, {})


async def test_who_was_excluded_after_the_proposal_gets_nothing_of_the_person(pair):
    case_id, handover_id, _ = await drafted(pair)
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    asta = await pair.linkoping.bench.case_worker()
    kept_from = cases.SetExclusion(case_id, 1, "authority", "1480", "Anhöriga arbetar där.")
    await cases.set_exclusion(pair.linkoping.node, asta, kept_from)
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    dossier = (await pair.goteborg.view(handover_id)).dossier
    assert dossier is not None
    said = [each.__struct_config__.tag for each in dossier.sections]
    assert (set(said) - {"consents"}, list(dossier.documents)) == (set(), [])
    # Why is not told: from whom a case is kept is a secret too.
    assert {each.reason for each in dossier.withheld if each.section == "identity"} == {
        "not_in_consent"
    }


async def test_the_dossier_is_in_hand_when_its_last_document_is(pair):
    _, handover_id, _ = await accepted(pair, {"needs.housing"})
    await sending(pair)
    chunks = pair.exchange.queue("ATTACHMENT", pair.goteborg.node.authority).waiting
    assert len(chunks) == 4  # the dossier, and the document's three
    held_back = chunks.popleft()  # the document's; the dossier's own comes
    await pair.goteborg.inbox.receive_once()
    await pair.goteborg.inbox.receive_once(stream="ATTACHMENT")
    await pair.goteborg.inbox.dispatch_once()
    assert (await pair.goteborg.view(handover_id)).dossier is None
    assert await refusal(take_over(pair, handover_id)) == "handover.dossier_missing"
    chunks.append(held_back)
    await pair.settle()
    assert (await pair.goteborg.view(handover_id)).dossier is not None


async def test_a_relay_that_dies_in_the_middle_sends_only_what_is_missing(pair, monkeypatch):
    _, handover_id, _ = await accepted(pair, {"needs.housing"})

    class Died(BaseException):
        pass

    with monkeypatch.context() as patch:
        first = sent_chunks(pair, patch)
        send, count = AttachmentRelay._send, 0

        async def twice(self, file, number, key):
            nonlocal count
            if file["chunks"] > 1:
                count += 1
                if count == 3:
                    raise Died
            return await send(self, file, number, key)

        patch.setattr(AttachmentRelay, "_send", twice)
        with pytest.raises(Died):
            await sending(pair)
    pair.linkoping.restart()
    pair.clock.move(timedelta(minutes=1))
    with monkeypatch.context() as patch:
        second = sent_chunks(pair, patch)
        await pair.settle()
    assert (len(first) + len(second), len(second)) == (4, 2)
    assert not set(first) & set(second)
    await take_over(pair, handover_id)
    assert (await in_new_file(pair, handover_id))["Hyreskontrakt"][2] == CONTRACT


async def test_a_cut_transfer_resumes_when_the_exchange_is_back(pair, monkeypatch):
    _, handover_id, _ = await accepted(pair, {"needs.housing"})
    with monkeypatch.context() as patch:
        first = sent_chunks(pair, patch, stop_after=2)
        with pytest.raises(BusUnavailable):
            await sending(pair)
    pair.clock.move(timedelta(minutes=1))
    with monkeypatch.context() as patch:
        second = sent_chunks(pair, patch)
        await pair.settle()
    assert len(first) + len(second) == 4
    assert not set(first) & set(second)
    assert (await pair.goteborg.view(handover_id)).dossier is not None


async def test_a_copy_that_spoils_is_refused_by_its_hash_and_asked_for_again(pair, postgres_server):
    _, handover_id, _ = await accepted(pair, {"needs.housing"})
    await pair.settle()
    async with postgres_server.admin(database_name("1480")) as admin:
        await admin.execute(
            "update attachment_in_chunk c set sealed = set_byte(c.sealed, 99, 255 -"
            " get_byte(c.sealed, 99)) from attachment_in a where a.conversation_id = $1"
            " and a.attachment_id = c.attachment_id and a.chunks = 3 and c.number = 1",
            handover_id,
        )
    await pair.goteborg.sign(handover_id, await pair.take_over_facts())
    assert await refusal(pair.goteborg.confirm(handover_id)) == "attachment.spoiled"
    assert (await pair.goteborg.view(handover_id)).dossier is None
    assert await pair.goteborg.state(handover_id) == "accepted"
    await pair.settle()
    await pair.goteborg.confirm(handover_id)
    assert (await in_new_file(pair, handover_id))["Hyreskontrakt"][2] == CONTRACT
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)


async def test_consent_withdrawn_while_documents_are_on_their_way_stops_the_rest(pair, monkeypatch):
    case_id, handover_id, consent_id = await accepted(pair, {"needs.housing"})
    asta = await pair.linkoping.bench.case_worker()
    withdrawal = cases.WithdrawConsent(case_id, 1, consent_id)
    await cases.withdraw_consent(pair.linkoping.node, asta, withdrawal)
    published = sent_chunks(pair, monkeypatch)
    pair.clock.move(timedelta(minutes=1))
    await pair.settle()
    assert published == []
    left = await pair.linkoping.rows(
        "select a.outcome, count(c.number) as chunks from attachment_out a"
        " left join attachment_out_chunk c using (attachment_id)"
        " where a.conversation_id = :id group by 1",
        id=handover_id,
    )
    assert [(row.outcome, row.chunks) for row in left] == [("erased", 0)]
    assert await pair.linkoping.state(handover_id) == SenderState.WITHDRAWN.value


async def test_what_arrived_before_the_consent_was_withdrawn_cannot_be_fetched_again(
    pair, monkeypatch
):
    case_id, handover_id, consent_id = await accepted(pair, {"needs.housing"})
    await pair.settle()
    here = pair.goteborg
    files = await here.rows(
        "select attachment_id, sha256, size_bytes, chunks from attachment_in"
        " where conversation_id = :id",
        id=handover_id,
    )
    assert len(files) == 2
    asta = await pair.linkoping.bench.case_worker()
    withdrawal = cases.WithdrawConsent(case_id, 1, consent_id)
    await cases.withdraw_consent(pair.linkoping.node, asta, withdrawal)
    published = sent_chunks(pair, monkeypatch)
    subject = answers_subject(here.node.authority, pair.linkoping.node.authority)
    key = await here.node.case_keys.ensure(subject)
    async with here.node.db.begin(worker(here.node.authority)) as uow:
        signer = here.node.keyring.signing(uow.wall)
        answers = Answers(uow, pair.linkoping.node.authority, key, signer)
        for each in files:
            await ask_for_whole(uow, handover_id, Manifest(*each), answers)
        await uow.commit()
    await pair.settle()
    assert published == []
    kept = await pair.linkoping.rows(
        "select a.outcome, count(c.number) as chunks from attachment_out a"
        " left join attachment_out_chunk c using (attachment_id)"
        " where a.conversation_id = :id group by 1",
        id=handover_id,
    )
    assert [(row.outcome, row.chunks) for row in kept] == [("received", 0)]


async def test_returned_documents_are_erased_and_what_the_receiver_kept_is_nothing(pair):
    _, handover_id, _ = await accepted(pair, {"needs.housing"})
    await pair.settle()
    reasons = handover.ReturnIt("facts_differ", "Stämmer inte.")
    await pair.goteborg.decide(handover_id, reasons)
    kept = await pair.goteborg.rows(
        "select 1 from attachment_in_chunk join attachment_in using (attachment_id)"
        " where conversation_id = :id",
        id=handover_id,
    )
    assert kept == []


async def test_a_program_that_another_node_let_in_is_not_taken_in_here(pair, monkeypatch):
    case_id, handover_id, _ = await pair.drafted()
    with monkeypatch.context() as patch:
        patch.setattr(domain, "_PROGRAMS", (b"\0never",))
        await pair.linkoping.bench.document(case_id, b"#!/bin/sh\n", section="identity")
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    assert await refusal(take_over(pair, handover_id)) == "document.differs"
    assert await pair.responsible(handover_id) == (True, False)


async def test_a_receiver_that_reads_no_documents_gets_the_dossier_it_reads(pair, monkeypatch):
    _, handover_id, _ = await drafted(pair, {"needs.housing"})
    live = pair.linkoping.node.directory
    monkeypatch.setattr(type(live), "version_of", lambda *_: frozenset({1}))
    bench = pair.linkoping.bench
    seen = await handover.preview(bench.node, await bench.leader(), handover_id, sections())
    assert [(each.section, each.reason) for each in seen.withheld_documents] == [
        ("needs.housing", "receiver_reads_no_files")
    ]
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    versions = await pair.goteborg.rows(
        "select version from inbox where conversation_id = :id and kind = 'dossier'",
        id=handover_id,
    )
    assert [row.version for row in versions] == [1]
    await take_over(pair, handover_id)
    assert await in_new_file(pair, handover_id) == {}
