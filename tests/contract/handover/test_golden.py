"""Bodies of version 1, byte for byte: what one release writes, every later one reads."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases import api as cases
from services.handover import wire
from services.handover.domain.states import Message
from shared.errors import WireError
from shared.messages import Header, Registry
from shared.outbox.attachments import Manifest

GOLDEN = json.loads((Path(__file__).parent / "golden/v1.json").read_text())
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = date(2026, 12, 6)
ID = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
HASH = "ab" * 32
LINK = cases.Link(2, ID, 2, "responsible", "1480", "0580", AT, HASH, ("e30.e30.c2ln",))
BELONGING = wire.Belonging(
    "nights_rest", "Sover där.", "Tills vidare.", "Familj.", "Vill dit.", True, ""
)
THREAT = wire.PassedThreat("HIGH", "bops-ost", date(2026, 11, 20), date(2026, 12, 4))
BODIES = {
    "proposed": wire.Proposed(
        sending_function="avhoppare",
        receiving_function="avhoppare",
        belonging=BELONGING,
        need="Bostad.",
        urgency="soon",
        threat=THREAT,
        is_protected=False,
        ground=wire.ConsentGround(ID, ("identity",), ("handover",), DAY),
        answer_on=DAY,
        policy_from=date(2026, 1, 1),
        policy_sha256=HASH,
    ),
    "accepted": wire.Accepted(DAY, "Välkommen.", date(2026, 1, 1), HASH),
    "declined": wire.Declined("facts_missing", "Mer behövs.", date(2026, 1, 1), HASH),
    "dossier": wire.Dossier(Manifest(ID, HASH, 20_000, 1), DAY),
    "completed": wire.Completed(LINK, "avhoppare"),
    "returned": wire.Returned("facts_differ", "Stämmer inte.", AT),
    "withdrawn": wire.Withdrawn("consent_withdrawn", ""),
    "cancelled": wire.Cancelled(("proposal", "dossier"), AT),
    "disputed": wire.Disputed(DAY, "Till IVO."),
    "noted": wire.Noted(),
    "agreed": wire.Agreed(DAY, "Ja."),
    "kept": wire.Kept("decided", "Vi behåller."),
    "ruled_sender": wire.RuledSender("IVO 1", DAY, DAY),
    "ruled_receiver": wire.RuledReceiver("IVO 1", DAY, DAY),
    "question": wire.Question(ID, "När?"),
    "answer": wire.Answer(ID, "Måndag."),
    "vault": wire.Vault("k" * 43, b"sealed"),
    "notice": wire.Notice(wire.FactsChanged(("threat",), DAY, THREAT)),
    "notice/consent_withdrawn": wire.Notice(wire.ConsentWithdrawn(ID, DAY)),
    "notice/consent_handled": wire.Notice(
        wire.ConsentHandled(ID, "locked", "Beslut.", "documentation.duty")
    ),
    "notice/rectified": wire.Notice(wire.Rectified("residence", "Rätt dag.")),
    "notice/supplement": wire.Notice(wire.Supplement("Samtal i går.")),
    "notice/chain_links": wire.Notice(wire.ChainLinks((LINK,))),
    "notice/withdrawal_agreed": wire.Notice(wire.WithdrawalAgreed(DAY, "Ja.")),
    "notice/ruling_appealed": wire.Notice(wire.RulingAppealed("IVO 1", DAY)),
    "proposed/statute": wire.Proposed(
        sending_function="avhoppare",
        receiving_function="avhoppare",
        belonging=BELONGING,
        need="Bostad.",
        urgency="ordinary",
        threat=None,
        is_protected=True,
        ground=wire.StatuteGround("transfer.request"),
        answer_on=DAY,
        policy_from=date(2026, 1, 1),
        policy_sha256=HASH,
    ),
}
DOSSIER = wire.DossierContent(
    federation_case_id=ID,
    sections=(
        cases.IdentitySection("Ture", "Påhittad", None, "1480", "EXIT_THREAT"),
        cases.ResidenceSection("OTHER", "1480", "nights_rest", "Sover där.", DAY),
        cases.ThreatSection("HIGH", "bops-ost", DAY, DAY, True),
        cases.ConsentsSection(
            (cases.ConsentItem(ID, (("1480", "social_services"),), ("handover",), (), AT, DAY),)
        ),
        cases.HousingNeeds("Bostad.", "Boendestöd", DAY),
    ),
    withheld=(cases.Withheld("needs.health_care", "not_in_consent"),),
    chain=(LINK,),
)


LATER = json.loads((Path(__file__).parent / "golden/later.json").read_text())
FILES = Manifest(UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7"), HASH, 300_000, 2)
ITEM = cases.DocumentItem(
    ID, "needs.housing", "Hyreskontrakt", "application/pdf", HASH, 300_000, DAY
)
LATER_BODIES = {
    "dossier/2": wire.DossierWithFiles(Manifest(ID, HASH, 20_000, 1), DAY, (FILES,)),
    "attachment/dossier/2": wire.DossierContentWithFiles(
        **msgspec.structs.asdict(DOSSIER),
        documents=(wire.Enclosed(FILES.attachment_id, ITEM),),
        withheld_documents=(cases.WithheldDocuments("needs.family", "not_in_consent"),),
    ),
}


@pytest.mark.parametrize("kind", sorted(LATER_BODIES))
def test_a_later_version_is_written_and_read_so(kind) -> None:
    body = LATER_BODIES[kind]
    assert msgspec.json.encode(body).decode() == LATER[kind]
    assert msgspec.json.decode(LATER[kind].encode(), type=type(body)) == body


def test_every_later_version_has_its_bytes() -> None:
    assert {f"{kind}/{version}" for kind, version in wire.LATER} | {"attachment/dossier/2"} == set(
        LATER
    )


def test_each_version_of_a_dossier_is_read_as_itself_alone() -> None:
    first, second = GOLDEN["dossier"].encode(), LATER["dossier/2"].encode()
    assert type(registry().decode(header("dossier", 1), first)) is wire.Dossier
    assert type(registry().decode(header("dossier", 2), second)) is wire.DossierWithFiles
    for version, body in ((1, second), (2, first)):
        with pytest.raises(WireError, match=r"wire\.body"):
            registry().decode(header("dossier", version), body)
    assert wire.read("dossier", first) == BODIES["dossier"]
    assert wire.read("dossier", second) == LATER_BODIES["dossier/2"]


def test_a_first_version_of_the_dossier_is_one_without_documents() -> None:
    kept = GOLDEN["attachment/dossier"].encode()
    read = msgspec.json.decode(kept, type=wire.DossierContentWithFiles)
    assert (read.sections, read.documents, read.withheld_documents) == (DOSSIER.sections, (), ())


def registry() -> Registry:
    made = Registry()
    wire.register(made)
    return made


def header(kind, version=1) -> Header:
    return Header(
        sender="0580",
        receiver="1480",
        message_id=ID,
        conversation_id=ID,
        direction="forward",
        number=1,
        kind=kind,
        version=version,
        refers_to=None,
        content_hash=HASH,
        signed_at=AT,
    )


def test_every_kind_and_every_notice_has_its_bytes() -> None:
    assert set(GOLDEN) == {*BODIES, "attachment/dossier"}
    assert {kind.split("/")[0] for kind in BODIES} == set(wire.BODIES)
    tags = {type(body.content) for body in BODIES.values() if isinstance(body, wire.Notice)}
    assert tags == set(wire.NoticeContent.__args__)


def test_every_kind_of_the_tables_has_a_body() -> None:
    beside = {"question", "answer", "notice", "vault"}
    assert {kind.value for kind in Message} | beside == set(wire.BODIES)


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_body_is_written_so(kind) -> None:
    assert msgspec.json.encode(BODIES[kind]).decode() == GOLDEN[kind]


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_body_is_read_back(kind) -> None:
    read = registry().decode(header(kind.split("/")[0]), GOLDEN[kind].encode())
    assert read == BODIES[kind]


def test_the_dossier_is_written_and_read_so() -> None:
    assert msgspec.json.encode(DOSSIER).decode() == GOLDEN["attachment/dossier"]
    kept = GOLDEN["attachment/dossier"].encode()
    assert msgspec.json.decode(kept, type=wire.DossierContent) == DOSSIER


@pytest.mark.parametrize("kind", sorted(wire.BODIES))
def test_a_field_that_version_1_does_not_know_is_refused(kind) -> None:
    more = GOLDEN[kind][:-1] + ("," if len(GOLDEN[kind]) > 2 else "") + '"address":"Storgatan 1"}'
    with pytest.raises(WireError, match=r"wire\.body"):
        registry().decode(header(kind), more.encode())


def test_a_version_that_is_not_known_is_named() -> None:
    with pytest.raises(WireError, match=r"wire\.unknown_version"):
        registry().decode(header("proposed", 2), b"{}")


@given(st.sampled_from(sorted(wire.BODIES)), st.binary(max_size=300))
def test_no_body_breaks_the_reader(kind, body) -> None:
    refused = None
    try:
        registry().decode(header(kind), body)
    except WireError as refusal:
        refused = refusal.code
    assert refused in {None, "wire.body"}


def test_a_proposal_has_no_place_for_name_number_or_address() -> None:
    fields = set(wire.Proposed.__struct_fields__) | set(wire.Belonging.__struct_fields__)
    assert not fields & {"given_name", "family_name", "name", "personal_number", "address", "phone"}
