from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto import SealingKey, SigningKey
from shared.crypto.keys import SEAL_OVERHEAD
from shared.errors import WireError
from tests.support.trust import NOW

DAY = timedelta(days=1)
SIGNING = SigningKey.create(NOW, DAY)
SEALING = SealingKey.create(NOW, DAY)
PUBLIC = SealingKey.of_public(SEALING.public, SEALING.not_before, SEALING.not_after)
SEALED = PUBLIC.seal(b"body", b"info")


def test_a_key_made_again_from_its_private_half_is_the_same():
    assert SigningKey.of_private(SIGNING.private, NOW, NOW + DAY) == SIGNING
    assert SealingKey.of_private(SEALING.private, NOW, NOW + DAY) == SEALING


def test_the_public_half_has_the_same_name():
    assert SigningKey.of_public(SIGNING.public, NOW, NOW).kid == SIGNING.kid
    assert PUBLIC.kid == SEALING.kid


def test_a_private_half_is_never_shown():
    for key in (SIGNING, SEALING):
        assert "private" not in repr(key)
        assert repr(key.private) not in repr(key)


@pytest.mark.parametrize("key", [SIGNING, SEALING])
@pytest.mark.parametrize(
    ("after", "is_valid"),
    [(-1, False), (0, True), (86_400, True), (86_401, False)],
)
def test_a_key_is_valid_from_its_first_moment_to_its_last(key, after, is_valid):
    assert key.is_valid_at(NOW + timedelta(seconds=after)) is is_valid


def test_what_is_sealed_opens_under_the_same_info():
    assert SEALING.open(SEALED, b"info") == b"body"
    assert len(SEALED) == SEAL_OVERHEAD + 4


def test_the_same_text_is_never_sealed_alike():
    assert PUBLIC.seal(b"body", b"info") != SEALED


def test_another_info_does_not_open_it():
    with pytest.raises(WireError, match=r"wire\.sealed"):
        SEALING.open(SEALED, b"other")


def test_another_key_does_not_open_it():
    with pytest.raises(WireError, match=r"wire\.sealed"):
        SealingKey.create(NOW, DAY).open(SEALED, b"info")


@pytest.mark.parametrize("half", [slice(0, 64), slice(64, 96)])
def test_half_of_the_private_key_does_not_open_it(half):
    other = bytearray(SealingKey.create(NOW, DAY).private)
    other[half] = SEALING.private[half]
    thief = SealingKey.of_private(bytes(other), NOW, NOW + DAY)
    with pytest.raises(WireError, match=r"wire\.sealed"):
        thief.open(SEALED, b"info")


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_changed_byte_does_not_open(at, mask):
    changed = bytearray(SEALED)
    changed[at] ^= mask
    with pytest.raises(WireError, match=r"wire\.sealed"):
        SEALING.open(bytes(changed), b"info")


@given(st.binary(max_size=1_300))
def test_any_bytes_open_or_are_refused(noise):
    with pytest.raises(WireError, match=r"wire\.sealed"):
        SEALING.open(noise, b"info")


def test_a_low_order_point_is_refused():
    # X25519 of the zero point is zero whatever the secret (RFC 7748, section 6.1).
    enc_end = SEAL_OVERHEAD - 16
    weak = SEALED[: enc_end - 32] + bytes(32) + SEALED[enc_end:]
    with pytest.raises(WireError, match=r"wire\.sealed"):
        SEALING.open(weak, b"info")


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33)])
def test_a_signing_key_of_another_length_is_refused(public):
    with pytest.raises(WireError, match=r"wire\.key"):
        SigningKey.of_public(public, NOW, NOW)


@pytest.mark.parametrize("public", [b"", bytes(1215), bytes(1217), b"\xff" * 1216])
def test_what_is_no_sealing_key_is_refused(public):
    with pytest.raises(WireError, match=r"wire\.key"):
        SealingKey.of_public(public, NOW, NOW)
