from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.crypto import KeyRing, SealingKey
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode
from shared.messages import (
    MAX_BODY_BYTES,
    MAX_FRAME_BYTES,
    Message,
    message_id_of,
    open_frame,
    seal,
)
from tests.support.messages import note
from tests.support.trust import GOTEBORG, LINKOPING, NOW, StaticDirectory, two_authorities

NORRKOPING = AuthorityCode("0581")
US, THEM, _ = two_authorities()
THIRD = KeyRing.in_memory(NORRKOPING, NOW)
DIRECTORY = StaticDirectory([US, THEM, THIRD])
TO = DIRECTORY.sealing_key(GOTEBORG, NOW)
MESSAGE = note(US)
FRAME = seal(MESSAGE, TO)
KIB = 1024


def opened(frame, keys=THEM, sender=LINKOPING, receiver=GOTEBORG, directory=DIRECTORY, now=NOW):
    return open_frame(frame, keys, sender, receiver, directory, now)


def test_the_addressee_opens_what_was_sealed():
    assert opened(FRAME) == MESSAGE


def test_a_frame_says_which_message_it_claims_to_be():
    assert message_id_of(FRAME) == MESSAGE.message_id


def test_a_message_is_never_sealed_alike():
    assert seal(MESSAGE, TO) != FRAME


def test_nothing_of_a_message_stands_in_its_frame():
    text = "ett ord som inte finns annars"
    frame = seal(note(US, text), TO)
    for part in (text, "note", "0580", "1480", "forward"):
        assert part.encode() not in frame


@pytest.mark.parametrize(
    ("text_bytes", "frame_kib"),
    [(0, 4), (2_000, 4), (2_400, 8), (20_000, 24), (62_000, 64), (64_000, 128), (200_000, 256)],
)
def test_frames_come_in_steps(text_bytes, frame_kib):
    frame = seal(note(US, "x" * text_bytes), TO)
    assert len(frame) == frame_kib * KIB
    assert opened(frame).body == b'{"text":"%s"}' % (b"x" * text_bytes)


def test_the_largest_body_fits_the_largest_frame():
    largest = note(US, "x" * (MAX_BODY_BYTES - len('{"text":""}')), number=2**31 - 1)
    frame = seal(largest, TO)
    assert len(frame) == MAX_FRAME_BYTES
    assert opened(frame) == largest


def test_a_body_that_came_past_compose_is_refused_by_the_seal():
    grown = Message(MESSAGE.header, bytes(MAX_FRAME_BYTES), MESSAGE.salt, MESSAGE.jws)
    with pytest.raises(DomainError, match=r"messages\.too_large"):
        seal(grown, TO)


@given(st.integers(0, len(FRAME) - 1), st.integers(1, 255))
@settings(max_examples=100)
def test_no_changed_byte_goes_unseen(at, mask):
    changed = bytearray(FRAME)
    changed[at] ^= mask
    with pytest.raises(WireError):
        opened(bytes(changed))


@given(st.binary(max_size=5_000))
def test_any_bytes_are_opened_or_refused(noise):
    with pytest.raises(WireError):
        opened(noise)
    with pytest.raises(WireError):
        opened(FRAME[:52] + noise)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        FRAME[:-1],
        FRAME + b"\0",
        FRAME + bytes(4 * KIB),
        b"UTV\x02" + FRAME[4:],
        FRAME[:1000],
        FRAME[:4] + bytes(MAX_FRAME_BYTES + 64 * KIB - 4),
    ],
)
def test_what_is_no_frame_is_refused(frame):
    with pytest.raises(WireError, match=r"wire\.(frame|sealed)"):
        opened(frame)


@pytest.mark.parametrize("length", [52, 4 * KIB + 1, MAX_FRAME_BYTES + 64 * KIB])
def test_a_frame_of_another_size_is_refused_before_any_key_is_used(length):
    frame = FRAME[:4] + bytes(length - 4)
    with pytest.raises(WireError, match=r"wire\.frame"):
        message_id_of(frame)


def test_an_unknown_key_is_named_so():
    with pytest.raises(WireError, match=r"wire\.unknown_key"):
        opened(FRAME, keys=THIRD)


def test_a_frame_under_another_senders_name_does_not_open():
    with pytest.raises(WireError, match=r"wire\.sealed"):
        opened(FRAME, sender=NORRKOPING)


def test_a_frame_under_another_message_id_does_not_open():
    other = FRAME[:4] + bytes(16) + FRAME[20:]
    with pytest.raises(WireError, match=r"wire\.sealed"):
        opened(other)


def forwarded(message: Message, sender: str, receiver: str, to: SealingKey) -> bytes:
    """Sealed anew by somebody who opened it, under names of their choice."""
    header = msgspec.structs.replace(message.header, sender=sender, receiver=receiver)
    return seal(Message(header, message.body, message.salt, message.jws), to)


def test_a_receiver_cannot_pass_a_message_on_as_sent_to_a_third():
    """Surreptitious forwarding: sealed for the third, under the first sender's name."""
    frame = forwarded(MESSAGE, LINKOPING, NORRKOPING, DIRECTORY.sealing_key(NORRKOPING, NOW))
    with pytest.raises(WireError, match=r"wire\.addressee"):
        opened(frame, keys=THIRD, receiver=NORRKOPING)


def test_a_receiver_cannot_pass_a_message_on_in_its_own_name():
    frame = forwarded(MESSAGE, GOTEBORG, NORRKOPING, DIRECTORY.sealing_key(NORRKOPING, NOW))
    with pytest.raises(WireError, match=r"wire\.addressee"):
        opened(frame, keys=THIRD, sender=GOTEBORG, receiver=NORRKOPING)


def test_a_message_is_not_taken_from_another_sender_than_the_bus_names():
    frame = forwarded(MESSAGE, NORRKOPING, GOTEBORG, TO)
    with pytest.raises(WireError, match=r"wire\.sender"):
        opened(frame, sender=NORRKOPING)


def test_a_frame_that_claims_another_message_id_than_is_signed_is_refused():
    header = msgspec.structs.replace(MESSAGE.header, message_id=note(US).message_id)
    frame = seal(Message(header, MESSAGE.body, MESSAGE.salt, MESSAGE.jws), TO)
    with pytest.raises(WireError, match=r"wire\.message_id"):
        opened(frame)


def test_a_body_changed_before_sealing_is_refused():
    frame = seal(Message(MESSAGE.header, b'{"text":"nej"}', MESSAGE.salt, MESSAGE.jws), TO)
    with pytest.raises(WireError, match=r"wire\.content"):
        opened(frame)


def test_a_forged_signature_is_refused():
    frame = seal(Message(MESSAGE.header, MESSAGE.body, MESSAGE.salt, note(US).jws), TO)
    with pytest.raises(WireError, match=r"wire\.message_id"):
        opened(frame)
    cut = MESSAGE.jws[:-8] + "AAAAAAAA"
    frame = seal(Message(MESSAGE.header, MESSAGE.body, MESSAGE.salt, cut), TO)
    with pytest.raises(WireError, match=r"wire\.(jws|signature)"):
        opened(frame)


def test_clocks_some_hours_apart_change_nothing():
    assert opened(FRAME, now=NOW - timedelta(hours=25)) == MESSAGE
    assert opened(FRAME, now=NOW + timedelta(days=400)) == MESSAGE


def test_a_date_that_no_clock_explains_is_refused():
    with pytest.raises(WireError, match=r"wire\.signed_ahead"):
        opened(FRAME, now=NOW - timedelta(days=2, seconds=1))


def test_what_was_sealed_before_a_rotation_opens_after_it():
    keys = KeyRing.in_memory(GOTEBORG, NOW)
    directory = StaticDirectory([US, keys])
    frame = seal(MESSAGE, directory.sealing_key(GOTEBORG, NOW))
    keys.rotate(NOW, valid_days=365)
    later = NOW + timedelta(days=30)
    assert directory.sealing_key(GOTEBORG, later) != directory.sealing_key(GOTEBORG, NOW)
    assert opened(frame, keys=keys, directory=directory, now=later) == MESSAGE


def packed(*, jws: bytes, salt: bytes, body_length: int, body: bytes, tail: bytes) -> bytes:
    """A frame that is sealed rightly around anything."""
    inner = len(jws).to_bytes(2, "big") + jws + salt + body_length.to_bytes(4, "big") + body + tail
    info = f"utvag/1|{LINKOPING}|{GOTEBORG}|{MESSAGE.message_id}".encode()
    return FRAME[:52] + TO.seal(inner.ljust(len(FRAME) - 52 - 1136, b"\0"), info)


@pytest.mark.parametrize(
    "changes",
    [
        {"body_length": 2**32 - 1},
        {"body_length": 3_000},
        {"body_length": 0},
        {"tail": b"hidden"},
        {"jws": b"\xff\xfe"},
        {"jws": b""},
        {"salt": b"short"},
    ],
)
def test_what_is_sealed_rightly_around_nonsense_is_refused(changes):
    parts = {
        "jws": MESSAGE.jws.encode(),
        "salt": MESSAGE.salt,
        "body_length": len(MESSAGE.body),
        "body": MESSAGE.body,
        "tail": b"",
    }
    assert opened(packed(**parts)) == MESSAGE
    with pytest.raises(WireError):
        opened(packed(**parts | changes))


@given(st.binary(max_size=2_800))
def test_any_plaintext_is_read_or_refused(noise):
    info = f"utvag/1|{LINKOPING}|{GOTEBORG}|{MESSAGE.message_id}".encode()
    with pytest.raises(WireError):
        opened(FRAME[:52] + TO.seal(noise.ljust(len(FRAME) - 52 - 1136, b"\0"), info))
