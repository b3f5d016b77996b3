"""Messages of version 1, byte for byte: what one release writes, every later one reads."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from shared.crypto import KeyRing, SealingKey, SigningKey
from shared.ids import AuthorityCode
from shared.messages import (
    AttachmentMissing,
    AttachmentReceived,
    Message,
    Missing,
    Receipt,
    Refusal,
    Registry,
    ResignWanted,
    check_content,
    compose,
    envelope,
    open_frame,
    read_header,
    register_kernel_kinds,
    verify,
)
from shared.messages.kinds import KERNEL_KINDS
from tests.support.trust import GOTEBORG, LINKOPING, StaticDirectory

GOLDEN = json.loads((Path(__file__).parent / "golden/v1.json").read_text())
SALT = bytes.fromhex(GOLDEN["salt"])
AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
END = AT + timedelta(days=365)
OURS = KeyRing(
    LINKOPING, [SigningKey.of_private(bytes.fromhex(GOLDEN["signing_private"]), AT, END)], []
)
THEIRS = KeyRing(
    GOTEBORG, [], [SealingKey.of_private(bytes.fromhex(GOLDEN["sealing_private"]), AT, END)]
)
DIRECTORY = StaticDirectory([OURS, THEIRS])

HASH = "ab" * 32
REFERS_TO = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
BODIES = {
    "receipt": Receipt("applied", HASH, AT),
    "refusal": Refusal(
        "handover.case_closed", {"days": 3, "is_open": False, "authority": "1480"}, HASH, AT
    ),
    "missing": Missing("forward", 2, 4),
    "resign_wanted": ResignWanted(REFERS_TO, "wire.signature"),
    "attachment_received": AttachmentReceived(REFERS_TO, HASH, AT),
    "attachment_missing": AttachmentMissing(REFERS_TO, (0, 7, 99)),
}
KINDS = sorted(BODIES)


def test_every_kind_of_the_kernel_has_its_bytes():
    assert set(GOLDEN["messages"]) == set(BODIES) == set(KERNEL_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_written_so(kind, monkeypatch):
    monkeypatch.setattr(envelope.os, "urandom", lambda size: SALT)
    message = compose(
        sender=LINKOPING,
        receiver=GOTEBORG,
        conversation_id=UUID("e02fd0e4-00fd-490a-8c30-0d00ba0017ee"),
        direction="back",
        number=0,
        kind=kind,
        version=1,
        body=BODIES[kind],
        key=OURS.signing(AT),
        now=AT,
        refers_to=REFERS_TO,
        message_id=UUID("7b0d0b3e-58a1-4f6c-8a55-0d9c6e3f2a11"),
    )
    golden = GOLDEN["messages"][kind]
    assert message.body.decode() == golden["body"]
    assert msgspec.json.encode(message.header).decode() == golden["header"]
    assert message.jws == golden["jws"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_was_written_is_read(kind):
    registry = Registry()
    register_kernel_kinds(registry)
    golden = GOLDEN["messages"][kind]
    header = verify(golden["jws"], DIRECTORY)
    check_content(header, golden["body"].encode(), SALT)
    assert registry.decode(header, golden["body"].encode()) == BODIES[kind]


def test_a_frame_that_was_sealed_opens():
    golden = GOLDEN["messages"]["receipt"]
    frame = bytes.fromhex(golden["frame"])
    message = open_frame(frame, THEIRS, LINKOPING, AuthorityCode("1480"), DIRECTORY, AT)
    assert message == Message(
        read_header(golden["jws"]), golden["body"].encode(), SALT, golden["jws"]
    )
