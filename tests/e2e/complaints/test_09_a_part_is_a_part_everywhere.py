"""Complaint 9: partial sharing is the part that breaks.

Every subset goes through one projection, whatever the channel: the page before it is sent, the API,
the message itself, the receiver's page and API, the export, and what the history and the cards say.
"""

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import select

from services.cases import api as cases
from services.cases.api import INFORMATION_KINDS
from services.handover import api as handover
from services.handover import wire
from services.handover.handlers import drafting, outgoing
from services.handover.handlers.common import keys_for
from services.handover.store import ends
from shared.ids import SubjectId
from shared.outbox.attachments import context_of
from shared.outbox.tables import attachment_out_chunk
from tests.support.exchange import open_pair
from tests.support.leaks import open_harness

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

AREAS = cases.NEED_AREAS
WORDS = {
    "identity": ("199503149800", "Pappret om identity"),
    "residence": ("Sover där de flesta", "Pappret om residence"),
    **{f"needs.{area}": (f"Kanarie {area}.", f"Pappret om needs.{area}") for area in AREAS},
}
"""What tells that a kind came along: its section's text, and its document's title."""
NEVER = ("Pappret om journal", "Pappret om police_material", "Pappret om third_parties")
KINDS = [kind for kind in INFORMATION_KINDS if kind != "threat_level"]
SUBSETS = [
    frozenset(KINDS),
    frozenset[str](),
    *(frozenset({kind}) for kind in KINDS),
    *(frozenset(KINDS) - {kind} for kind in KINDS),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("channels")
    async with open_pair(postgres_server, folder) as pair:
        harness = open_harness(pair.linkoping, folder)
        harness.people = {"asta": await pair.linkoping.bench.case_worker()}
        there = open_harness(pair.goteborg, folder)
        there.people = {"gun": await pair.goteborg.bench.leader()}
        yield pair, harness, there
        await harness.client.aclose()
        await there.client.aclose()


async def full_draft(pair):
    """A draft whose consent covers every kind, in a file that has a text and a paper of each."""
    bench = pair.linkoping.bench
    case_id, handover_id, _ = await pair.drafted()
    asta = await bench.case_worker()
    for area in AREAS:
        need = cases.RecordNeed(case_id, 1, area, f"Kanarie {area}.")
        await cases.record_need(bench.node, asta, need)
    for section in cases.DOCUMENT_SECTIONS:
        await bench.document(case_id, b"x", section=section, title=f"Pappret om {section}")
    consent_id = await bench.consent(case_id, kinds=INFORMATION_KINDS)
    await choose(pair, handover_id, frozenset(KINDS), consent_id=consent_id)
    return case_id, handover_id


async def choose(pair, handover_id, kinds, **changes):
    """Save the draft with this subset."""
    view = await pair.linkoping.view(handover_id)
    draft = msgspec.structs.replace(view.draft, kinds=kinds, **changes)
    asta = await pair.linkoping.bench.case_worker()
    update = handover.UpdateDraft(handover_id, view.row.revision, draft)
    await handover.update_draft(pair.linkoping.node, asta, update)


def shown(text):
    """Which kinds stand in a text, by their section or by their document."""
    return {kind for kind, words in WORDS.items() if any(word in text for word in words)}


def told(sections, documents):
    """The same for what was projected: both halves must agree."""
    tags = {section.__struct_config__.tag for section in sections} - {"consents"}
    assert tags == {document.section for document in documents}
    return tags


async def message(pair, case_id, handover_id):
    """The dossier's message as it would be sent now, opened again; nothing of it is kept."""
    bench = pair.linkoping.bench
    subject = SubjectId(handover_id)
    keys = await keys_for(pair.linkoping.worker_node, subject, SubjectId(case_id))
    async with pair.linkoping.worker_node.db.begin(bench.worker) as uow:
        row = await ends.outgoing(uow, handover_id)
        body = await outgoing.dossier(uow, pair.linkoping.worker_node, row, keys)
        wanted = attachment_out_chunk.c.attachment_id == body.manifest.attachment_id
        found = await uow.execute(select(attachment_out_chunk).where(wanted))
        parts = [
            keys[subject].open(chunk.sealed, context_of(chunk.attachment_id, chunk.number))
            for chunk in found
        ]
    return b"".join(parts)


async def test_every_subset_is_the_same_in_every_channel(desk):
    pair, harness, _ = desk
    case_id, handover_id = await full_draft(pair)
    for subset in SUBSETS:
        await choose(pair, handover_id, subset)
        content = await message(pair, case_id, handover_id)
        dossier = msgspec.json.decode(content, type=wire.DossierContentWithFiles)
        assert told(dossier.sections, [each.document for each in dossier.documents]) == subset
        assert shown(content.decode()) == subset
        held_back = {each.section for each in dossier.withheld_documents}
        assert held_back == set(INFORMATION_KINDS) - subset - {"threat_level"}
        api = await harness.call("GET", f"/api/v1/handovers/{handover_id}/preview", "asta")
        projected = api.json()
        assert {each["type"] for each in projected["copied"]} - {"consents"} == subset
        assert {each["section"] for each in projected["documents"]} == subset
        assert {each["section"] for each in projected["withheld_documents"]} == held_back
        page = await harness.call("GET", f"/handovers/{handover_id}/step/3", "asta")
        papers = {kind for kind, words in WORDS.items() if words[1] in page.text}
        assert papers == subset
        for text in (content.decode(), api.text, page.text):
            assert not [word for word in NEVER if word in text]


async def test_the_receiver_and_the_exports_have_the_part_and_no_more(desk):
    """One part, all the way: page, API and file at the receiver, evidence, cards and history."""
    pair, _, there = desk
    part = frozenset({"identity", "needs.housing"})
    _, handover_id = await full_draft(pair)
    await choose(pair, handover_id, part)
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    base = f"/handovers/{handover_id}"
    api = await there.call("GET", f"/api/v1{base}", "gun")
    page = await there.call("GET", f"{base}/dossier", "gun")
    assert (api.status_code, page.status_code) == (200, 200)
    # The proposal speaks of belonging in its own words; the section is not there.
    assert shown(api.text) - {"residence"} == part
    assert {kind for kind, words in WORDS.items() if words[1] in page.text} == part
    export = await there.call("GET", f"/api/v1{base}/evidence", "gun")
    assert shown(export.text) == set()
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    bench = pair.goteborg.bench
    file_id = (await pair.goteborg.view(handover_id)).row.case_id
    file = await cases.read_case(bench.node, await bench.leader(), file_id, "prov")
    papers = await cases.list_documents(bench.node, await bench.leader(), file_id)
    assert told(file.dossier.sections, papers) == part
    assert {need.area for need in file.needs} == {"housing"}
    for town in (pair.linkoping, pair.goteborg):
        for table in ("card", "case_event", "handover_event", "audit_entry", "outbox", "inbox"):
            rows = await town.rows(f'select row_to_json(t)::text as line from "{table}" t')
            assert shown("\n".join(row.line for row in rows)) == set()


async def test_there_is_one_projection_and_every_channel_walks_it(desk, monkeypatch):
    """Taken away, nothing comes out anywhere: no channel has a way of its own."""
    pair, harness, _ = desk
    case_id, handover_id = await full_draft(pair)

    async def nothing(*_):
        return cases.Dossier((), ())

    for module in (drafting, outgoing):
        monkeypatch.setattr(module.cases, "project_dossier", nothing)
    content = await message(pair, case_id, handover_id)
    assert shown(content.decode()) == set()
    api = (await harness.call("GET", f"/api/v1/handovers/{handover_id}/preview", "asta")).json()
    assert (api["copied"], api["documents"]) == ([], [])
    page = await harness.call("GET", f"/handovers/{handover_id}/step/3", "asta")
    assert not [words[1] for words in WORDS.values() if words[1] in page.text]
