"""A small conversation of two authorities, exported and verified in every broken form."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import WireError
from shared.ids import AuthorityCode, random_id
from shared.messages import (
    EvidenceMessage,
    Ground,
    Receipt,
    Refusal,
    export_evidence,
    verify_evidence,
)
from shared.messages.evidence import EvidenceLink
from shared.messages.evidence.checks import MAX_BYTES
from shared.messages.evidence.document import Heading, Step, write
from tests.support.messages import CONVERSATION, note, receipt
from tests.support.trust import GOTEBORG, LINKOPING, NOW, two_authorities

US, THEM, DIRECTORY = two_authorities()
PROPOSED = note(US, "föreslagen", kind="proposed")
ACCEPTED = note(THEM, "tackat ja", kind="accepted", direction="back", receiver=LINKOPING)
DOSSIER = note(US, "akten", kind="dossier", number=2)
MESSAGES = [
    PROPOSED,
    receipt(THEM, PROPOSED),
    ACCEPTED,
    receipt(US, ACCEPTED),
    DOSSIER,
    receipt(THEM, DOSSIER),
]
POLICY = Ground("policy", "0580 2026-01-01", "ab" * 32)


def link(ring, number, previous_hash, **more):
    payload = {"number": number, "authority": ring.authority, "previous_hash": previous_hash} | more
    return ring.signing(NOW).sign(json.dumps(payload).encode())


def hash_of(jws):
    payload = jws.split(".")[1]
    from shared.crypto.encoding import from_base64url

    return hashlib.sha256(from_base64url(payload)).hexdigest()


FIRST = link(US, 1, "", kind="responsible")
SECOND = link(THEM, 2, hash_of(FIRST), kind="responsible")
LINKS = [[FIRST], [SECOND]]


def export(messages=MESSAGES, links=LINKS, **fields):
    settings = {
        "conversation_id": CONVERSATION,
        "exported_by": LINKOPING,
        "directory_version": 3,
        "signer": US.signing(NOW),
        "now": NOW,
        "grounds": [POLICY],
    } | fields
    return export_evidence(
        [
            each if isinstance(each, EvidenceMessage) else EvidenceMessage.of(each)
            for each in messages
        ],
        links=links,
        **settings,
    )


WHOLE = export()


@dataclass
class Opened:
    """A file taken apart, to be put together otherwise."""

    heading: Heading
    messages: list[EvidenceMessage]
    links: list[EvidenceLink]


def tampered(change, content=WHOLE):
    """The file with its parts changed and the manifest as it was."""
    first, *lines = content.splitlines()
    steps = [msgspec.json.decode(line, type=Step) for line in lines]
    file = Opened(
        msgspec.json.decode(first, type=Heading),
        [each for each in steps if isinstance(each, EvidenceMessage)],
        [each for each in steps if isinstance(each, EvidenceLink)],
    )
    for name, value in change(file).items():
        setattr(file, name, value)
    return write(file.heading, (*file.messages, *file.links))


def failures(content, **more):
    return [
        (each.where, each.code) for each in verify_evidence(content, DIRECTORY, **more).failures
    ]


def test_a_whole_conversation_holds():
    report = verify_evidence(WHOLE, DIRECTORY)
    assert report.holds
    assert [header.kind for header in report.headers] == [
        "proposed",
        "receipt",
        "accepted",
        "receipt",
        "dossier",
        "receipt",
    ]
    assert report.erased == 0
    assert report.manifest.grounds == (POLICY,)
    assert [json.loads(payload)["authority"] for payload in report.links] == [LINKOPING, GOTEBORG]
    assert report.manifest.directory_version == 3


def test_erased_bodies_do_not_break_the_proof():
    bare = [
        each if each.header.kind == "receipt" else EvidenceMessage(each.jws) for each in MESSAGES
    ]
    report = verify_evidence(export(bare), DIRECTORY)
    assert report.holds
    assert report.erased == 3


@pytest.mark.parametrize("place", range(1, 7))
def test_a_dropped_step_is_named(place):
    content = tampered(
        lambda file: {"messages": file.messages[: place - 1] + file.messages[place:]}
    )
    found = verify_evidence(content, DIRECTORY).failures
    missing = [each for each in found if each.code == "evidence.step_missing"]
    dropped = MESSAGES[place - 1].header
    assert [(each.where, each.name) for each in missing] == [
        (f"message {place}", f"{dropped.kind} {dropped.direction} {dropped.number}")
    ]


def test_a_dropped_step_is_named_also_when_the_exporter_dropped_it():
    assert failures(export([each for each in MESSAGES if each is not PROPOSED])) == [
        ("forward 1", "evidence.number_missing"),
        ("message 1", "evidence.answers_nothing"),
    ]
    assert failures(export(MESSAGES[:-1])) == [("message 5", "evidence.receipt_missing")]


def test_an_added_step_is_named():
    extra = EvidenceMessage.of(note(US, number=3))
    content = tampered(lambda file: {"messages": (*file.messages, extra)})
    assert failures(content)[0] == ("line 8", "evidence.step_unlisted")


def test_steps_in_another_order_are_seen():
    content = tampered(lambda file: {"messages": file.messages[::-1]})
    assert failures(content) == [("message 6", "evidence.order")]


def test_a_changed_body_is_named():
    def change(file):
        first = msgspec.structs.replace(file.messages[0], body='{"text":"annat"}')
        return {"messages": (first, *file.messages[1:])}

    assert failures(tampered(change)) == [("message 1", "wire.content")]


@pytest.mark.parametrize("field", ["body", "salt"])
def test_half_a_content_is_named(field):
    def change(file):
        first = msgspec.structs.replace(file.messages[0], **{field: None})
        return {"messages": (first, *file.messages[1:])}

    assert failures(tampered(change)) == [("message 1", "evidence.half_content")]


def test_a_salt_that_is_no_salt_is_named():
    def change(file):
        first = msgspec.structs.replace(file.messages[0], salt="?")
        return {"messages": (first, *file.messages[1:])}

    assert failures(tampered(change)) == [("message 1", "wire.content")]


def test_a_message_of_another_conversation_is_named():
    stray = note(US, number=3, conversation_id=random_id())
    assert ("message 7", "evidence.other_conversation") in failures(export([*MESSAGES, stray]))


def test_a_forged_message_is_named():
    forged = note(THEM, number=3, sender=LINKOPING)
    assert failures(export([*MESSAGES, forged])) == [("message 7", "wire.unknown_key")]


def test_two_messages_of_one_number_are_named():
    twin = note(US, "en annan", kind="dossier", number=2)
    found = failures(export([*MESSAGES, twin, receipt(THEM, twin)]))
    assert found == [("forward 2", "evidence.number_twice")]


def test_a_wide_hole_is_named_once():
    far = note(US, number=2**31 - 1)
    assert failures(export([*MESSAGES, far, receipt(THEM, far)])) == [
        ("forward 3", "evidence.number_missing")
    ]


def test_a_direction_has_one_speaker():
    wrong = note(THEM, number=3, direction="forward", receiver=LINKOPING)
    assert ("forward", "evidence.other_sender") in failures(
        export([*MESSAGES, wrong, receipt(US, wrong)])
    )


def test_a_refusal_answers_as_a_receipt_does():
    refused = note(US, number=3)
    answer = receipt(
        THEM,
        refused,
        kind="refusal",
        body=Refusal("handover.case_closed", {}, refused.header.content_hash, NOW),
    )
    assert failures(export([*MESSAGES, refused, answer])) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"refers_to": None}, "evidence.answers_nothing"),
        ({"refers_to": random_id()}, "evidence.answers_nothing"),
        ({"body": Receipt("applied", "00" * 32, NOW)}, "evidence.other_content"),
    ],
)
def test_an_answer_to_something_else_is_no_answer(fields, code):
    sent = note(US, number=3)
    found = failures(export([*MESSAGES, sent, receipt(THEM, sent, **fields)]))
    assert found == [("message 8", code), ("message 7", "evidence.receipt_missing")]


def test_who_sent_a_message_cannot_receipt_it():
    sent = note(US, number=3)
    own = receipt(US, sent, receiver=GOTEBORG, direction="forward")
    found = failures(export([*MESSAGES, sent, own]))
    assert found == [
        ("message 8", "evidence.other_sender"),
        ("message 7", "evidence.receipt_missing"),
    ]


def test_a_receipt_whose_body_is_gone_or_unreadable_answers_nothing():
    sent = note(US, number=3)
    gone = EvidenceMessage(receipt(THEM, sent).jws)
    from tests.support.messages import Note

    unreadable = receipt(THEM, sent, body=Note("ingen kvittens"))
    for answer in (gone, unreadable):
        assert ("message 8", "evidence.other_content") in failures(
            export([*MESSAGES, sent, answer])
        )


def test_a_one_sided_handover_needs_no_receipts_and_says_so():
    request = note(US, kind="proposed", receiver=AuthorityCode("0680"))
    report = verify_evidence(export([request], is_one_sided=True), DIRECTORY)
    assert report.holds
    assert report.manifest.is_one_sided


def test_nobody_does_without_receipts_by_calling_a_handover_between_nodes_one_sided():
    found = failures(export([PROPOSED], is_one_sided=True))
    assert found == [("manifest", "evidence.paper_two_sided")]


def test_a_dropped_link_is_named():
    content = tampered(lambda file: {"links": file.links[:1]})
    assert failures(content) == [("link 2", "evidence.step_missing")]
    assert failures(export(links=[[SECOND]])) == [("link 1", "evidence.link_broken")]


def test_links_in_another_order_are_named():
    content = tampered(lambda file: {"links": file.links[::-1]})
    assert failures(content) == [
        ("link 2", "evidence.order"),
        ("link 2", "evidence.link_broken"),
        ("link 1", "evidence.link_broken"),
    ]


def test_a_link_that_another_signed_is_named():
    forged = link(THEM, 2, hash_of(FIRST), authority=LINKOPING)
    assert failures(export(links=[[FIRST], [forged]])) == [("link 2", "wire.unknown_key")]


def test_signatures_of_one_link_are_of_the_same_link():
    other = link(US, 1, "", kind="proposed")
    assert failures(export(links=[[FIRST, other]])) == [("link 1", "evidence.link_differs")]
    assert failures(export(links=[[FIRST, FIRST]])) == []


@pytest.mark.parametrize("payload", [b"{}", b"\xff", b"[" * 50_000])
def test_a_link_that_is_none_is_named(payload):
    assert failures(export(links=[[US.signing(NOW).sign(payload)]])) == [
        ("link 1", "evidence.unreadable")
    ]


def test_the_protocol_names_what_no_state_allows():
    def protocol(headers, links):
        assert len(links) == 2
        assert [header.kind for header in headers][4] == "dossier"
        return [(4, "handover.not_expected")]

    report = verify_evidence(WHOLE, DIRECTORY, protocol)
    (failure,) = report.failures
    assert (failure.where, failure.code, failure.name) == (
        "message 5",
        "handover.not_expected",
        "dossier forward 2",
    )


def test_a_manifest_of_a_stranger_is_refused():
    content = export(exported_by=AuthorityCode("0581"))
    assert failures(content) == [("manifest", "wire.unknown_sender")]


def test_a_manifest_that_another_signed_is_refused():
    content = export(exported_by=GOTEBORG)
    assert failures(content) == [("manifest", "wire.unknown_key")]


def test_a_manifest_signed_after_the_keys_last_day_is_refused():
    content = export(now=NOW + timedelta(days=400))
    assert failures(content) == [("manifest", "wire.expired_key")]


def test_another_signed_document_is_no_manifest():
    other = Heading("utvag-evidence/2", PROPOSED.jws)
    content = tampered(lambda file: {"heading": other})
    assert failures(content) == [("manifest", "evidence.manifest")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\n",
        b"[" * 100_000,
        WHOLE.replace(b"\n", b" "),
        WHOLE.replace(b"\n", b"\r\n"),
    ],
)
def test_what_is_no_evidence_file_is_refused(content):
    assert failures(content) == [("file", "evidence.unreadable")]


@pytest.mark.parametrize(
    "content",
    [
        b" " + WHOLE,
        b"\n" + WHOLE,
        WHOLE.replace(b"utvag-evidence/2", b"utvag-evidence/3"),
        WHOLE[WHOLE.index(b"\n") :],
    ],
)
def test_a_file_without_its_first_line_has_no_manifest(content):
    assert failures(content) == [("manifest", "evidence.unreadable")]


def test_more_behind_the_end_is_named_by_its_line():
    assert failures(WHOLE + b" ") == [("line 10", "evidence.unreadable")]
    assert failures(WHOLE + b"\n") == [("line 10", "evidence.unreadable")]


def test_a_file_that_ends_in_the_middle_of_a_step_names_it_and_all_that_is_gone():
    at = WHOLE.index(b"\n", WHOLE.index(b"\n") + 1) - 10
    found = failures(WHOLE[:at])
    assert ("message 1", "evidence.unreadable") in found
    assert [where for where, code in found if code == "evidence.step_missing"] == [
        *(f"message {number}" for number in range(2, 7)),
        "link 1",
        "link 2",
    ]


def test_a_file_too_large_is_refused_unread(monkeypatch):
    monkeypatch.setattr("shared.messages.evidence.checks.MAX_BYTES", len(WHOLE) - 1)
    assert failures(WHOLE) == [("file", "evidence.unreadable")]
    assert MAX_BYTES == 64 * 1024 * 1024


def test_a_link_has_a_signature():
    content = tampered(lambda file: {"links": (EvidenceLink(()),)})
    assert ("link 1", "evidence.unreadable") in failures(content)


def test_a_receipt_that_stands_there_twice_is_named():
    content = tampered(
        lambda file: {"messages": [*file.messages[:2], file.messages[1], *file.messages[2:]]}
    )
    assert failures(content) == [("line 4", "evidence.step_unlisted")]


def test_a_step_put_in_for_another_is_named_by_its_place():
    other = EvidenceMessage.of(receipt(THEM, PROPOSED))
    content = tampered(lambda file: {"messages": [file.messages[0], other, *file.messages[2:]]})
    assert failures(content) == [("message 2", "evidence.step_changed")]


def test_the_steps_behind_one_that_is_gone_keep_their_numbers():
    def change(file):
        last = msgspec.structs.replace(file.messages[4], body='{"text":"annat"}')
        return {"messages": [*file.messages[:1], *file.messages[2:4], last, file.messages[5]]}

    found = failures(tampered(change))
    assert found[0] == ("message 2", "evidence.step_missing")
    assert ("message 5", "wire.content") in found


@given(st.sets(st.integers(0, 5), min_size=1), st.sets(st.integers(0, 1)))
def test_every_dropped_step_is_named_however_many(messages, links):
    content = tampered(
        lambda file: {
            "messages": tuple(m for at, m in enumerate(file.messages) if at not in messages),
            "links": tuple(each for at, each in enumerate(file.links) if at not in links),
        }
    )
    missing = {
        each.where
        for each in verify_evidence(content, DIRECTORY).failures
        if each.code == "evidence.step_missing"
    }
    assert missing == {f"message {at + 1}" for at in messages} | {f"link {at + 1}" for at in links}


@given(st.binary(max_size=300))
def test_any_bytes_are_reported_on(noise):
    assert not verify_evidence(noise, DIRECTORY).holds


def test_exporting_what_is_no_message_is_a_bug_here():
    with pytest.raises(WireError):
        export([EvidenceMessage("x")])
