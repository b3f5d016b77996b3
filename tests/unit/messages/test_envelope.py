import json
from datetime import timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DomainError, WireError
from shared.ids import random_id
from shared.messages import (
    MAX_BODY_BYTES,
    Header,
    check_content,
    is_ahead,
    read_header,
    resign,
    restore,
    verify,
)
from tests.support.messages import Note, note
from tests.support.trust import GOTEBORG, LINKOPING, NOW, two_authorities

US, THEM, DIRECTORY = two_authorities()
MESSAGE = note(US)


def test_a_message_says_who_wrote_to_whom_about_what():
    assert (MESSAGE.sender, MESSAGE.header.receiver) == (LINKOPING, GOTEBORG)
    assert MESSAGE.message_id == MESSAGE.header.message_id
    assert MESSAGE.conversation_id == MESSAGE.header.conversation_id
    assert verify(MESSAGE.jws, DIRECTORY) == MESSAGE.header
    assert msgspec.json.decode(MESSAGE.body, type=Note) == Note("hej")


def test_a_message_of_our_own_store_is_the_same_again():
    assert restore(MESSAGE.jws, MESSAGE.body, MESSAGE.salt) == MESSAGE


def test_a_message_of_our_own_store_with_another_body_is_refused():
    with pytest.raises(WireError, match=r"wire\.content"):
        restore(MESSAGE.jws, b"{}", MESSAGE.salt)


def test_a_message_shows_nothing_of_its_body():
    shown = repr(note(US, "hemlig text"))
    assert "hemlig" not in shown


def test_the_same_body_never_has_the_same_hash():
    assert note(US).header.content_hash != note(US).header.content_hash


def test_a_chosen_message_id_is_kept():
    chosen = random_id()
    assert note(US, message_id=chosen).message_id == chosen


def test_a_body_over_the_limit_is_refused_before_anything_is_sent():
    note(US, "x" * (MAX_BODY_BYTES - len('{"text":""}')))
    with pytest.raises(DomainError, match=r"messages\.too_large") as refused:
        note(US, "x" * (MAX_BODY_BYTES - len('{"text":""}') + 1))
    assert refused.value.facts == {"limit_bytes": MAX_BODY_BYTES}


def test_a_body_that_the_receiver_would_refuse_is_a_bug_here():
    with pytest.raises(msgspec.ValidationError):
        note(US, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": -1},
        {"number": 2**31},
        {"kind": "Note"},
        {"kind": "note\n"},
        {"kind": ""},
        {"kind": "n" * 41},
        {"version": 0},
        {"direction": "sideways"},
        {"sender": "580"},
        {"sender": "*"},
        {"receiver": "1480.>"},
        {"receiver": "1480\n"},
        {"now": NOW.replace(tzinfo=None)},
    ],
)
def test_a_header_that_the_receiver_would_refuse_is_a_bug_here(wrong):
    with pytest.raises(msgspec.ValidationError):
        note(US, **wrong)


def test_signing_anew_keeps_id_number_and_content():
    later = NOW + timedelta(days=3)
    again = resign(MESSAGE, US.signing(later), later)
    assert again.header.signed_at == later
    assert msgspec.structs.replace(again.header, signed_at=NOW) == MESSAGE.header
    assert (again.body, again.salt) == (MESSAGE.body, MESSAGE.salt)
    assert verify(again.jws, DIRECTORY) == again.header


def test_an_expired_key_is_judged_by_the_day_of_signing():
    ring, _, directory = two_authorities(valid=timedelta(days=10))
    key = ring.signing(NOW)
    assert verify(note(ring, key=key, now=NOW + timedelta(days=10)).jws, directory)
    for day in (-1, 11):
        with pytest.raises(WireError, match=r"wire\.expired_key"):
            verify(note(ring, key=key, now=NOW + timedelta(days=day)).jws, directory)


def test_a_revoked_key_is_judged_by_now():
    ring, _, directory = two_authorities()
    directory.revoked.add(ring.signing(NOW).kid)
    with pytest.raises(WireError, match=r"wire\.revoked_key"):
        verify(note(ring).jws, directory)


def test_another_authoritys_key_does_not_sign_in_ones_name():
    with pytest.raises(WireError, match=r"wire\.unknown_key"):
        verify(note(THEM, sender=LINKOPING).jws, DIRECTORY)


def test_a_stranger_is_not_believed():
    with pytest.raises(WireError, match=r"wire\.unknown_sender"):
        verify(note(US, sender="0581").jws, DIRECTORY)


def signed_as(payload: bytes) -> str:
    return US.signing(NOW).sign(payload)


def changed(**changes) -> bytes:
    members = json.loads(msgspec.json.encode(MESSAGE.header)) | changes
    return json.dumps(members, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        changed(protocol="utvag/2"),
        changed(more=1),
        changed(number="1"),
        changed(number=1.0),
        changed(signed_at="2026-03-02T09:30:00"),
        changed(signed_at="2026-03-02T10:30:00+01:00"),
        changed(content_hash="00"),
        changed(message_id="x"),
        msgspec.json.encode(MESSAGE.header) + b" ",
        msgspec.json.encode(MESSAGE.header).replace(b'"number":1', b'"number":1,"number":1'),
        json.dumps(json.loads(msgspec.json.encode(MESSAGE.header)), sort_keys=True).encode(),
    ],
)
def test_a_header_in_any_other_form_is_refused_though_its_signature_holds(payload):
    with pytest.raises(WireError, match=r"wire\.(header|jws)"):
        verify(signed_as(payload), DIRECTORY)


def test_the_helper_that_changes_headers_changes_nothing_by_itself():
    assert verify(signed_as(changed()), DIRECTORY) == MESSAGE.header


@given(st.binary(max_size=200))
def test_any_signed_payload_is_read_or_refused(payload):
    with pytest.raises(WireError):
        verify(signed_as(payload), DIRECTORY)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    with pytest.raises(WireError):
        read_header(text)


@pytest.mark.parametrize(
    "salt",
    [b"", MESSAGE.salt[:-1], MESSAGE.salt + b"\0", bytes(32)],
    ids=["none", "cut", "longer", "zeros"],  # chance in a test's name differs from worker to worker
)
def test_another_salt_is_another_content(salt):
    with pytest.raises(WireError, match=r"wire\.content"):
        check_content(MESSAGE.header, MESSAGE.body, salt)


def test_a_byte_does_not_move_from_salt_to_body():
    with pytest.raises(WireError, match=r"wire\.content"):
        check_content(MESSAGE.header, MESSAGE.salt[-1:] + MESSAGE.body, MESSAGE.salt[:-1])


@pytest.mark.parametrize(("minutes", "expected"), [(-60, False), (0, False), (5, False), (6, True)])
def test_a_clock_is_ahead_from_five_minutes_on(minutes, expected):
    header = msgspec.structs.replace(MESSAGE.header, signed_at=NOW + timedelta(minutes=minutes))
    assert is_ahead(header, NOW) is expected


def test_a_time_in_another_zone_is_signed_as_the_same_moment():
    here = NOW.astimezone(timezone(timedelta(hours=1)))
    message = note(US, now=here)
    assert message.header.signed_at == NOW
    assert isinstance(message.header, Header)
    assert verify(message.jws, DIRECTORY) == message.header
