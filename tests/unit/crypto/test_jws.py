import base64
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import OctKey, OKPKey

from shared.crypto import SigningKey, key_id_of, payload_of
from shared.crypto.encoding import from_base64url, to_base64url
from shared.crypto.jws import MAX_LENGTH
from shared.errors import WireError
from tests.support.trust import NOW

KEY = SigningKey.create(NOW, timedelta(days=1))
OTHER = SigningKey.create(NOW, timedelta(days=1))
SIGNED = KEY.sign(b'{"a":1}')


def forged(header: dict, payload: bytes = b'{"a":1}', key: SigningKey = KEY) -> str:
    """Signed by hand, so that any header can be tried."""
    protected = to_base64url(json.dumps(header, separators=(",", ":")).encode())
    signing_input = f"{protected}.{to_base64url(payload)}"
    raw = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": to_base64url(key.public),
            "d": to_base64url(key.private),
        }
    ).private_key
    return f"{signing_input}.{to_base64url(raw.sign(signing_input.encode()))}"


GOOD = {"alg": "Ed25519", "kid": KEY.kid, "typ": "utvag+jws"}


def test_what_is_signed_verifies_and_is_returned():
    assert KEY.verify(SIGNED) == b'{"a":1}'
    assert key_id_of(SIGNED) == KEY.kid
    assert payload_of(SIGNED) == b'{"a":1}'


def test_the_hand_made_form_is_the_one_the_signer_writes():
    assert forged(GOOD) == SIGNED


def test_the_public_half_is_enough_to_verify_and_not_to_sign():
    public = SigningKey.of_public(KEY.public, KEY.not_before, KEY.not_after)
    assert public.verify(SIGNED) == b'{"a":1}'
    with pytest.raises(Exception, match=r"private key|sign"):
        public.sign(b"{}")


@pytest.mark.parametrize(
    "header",
    [
        {**GOOD, "alg": "EdDSA"},
        {**GOOD, "alg": "none"},
        {**GOOD, "alg": "HS256"},
        {**GOOD, "alg": "ES256"},
        {**GOOD, "crit": ["exp"], "exp": 1},
        {**GOOD, "b64": False},
        {**GOOD, "b64": False, "crit": ["b64"]},
        {**GOOD, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": to_base64url(OTHER.public)}},
        {**GOOD, "jku": "http://169.254.169.254/keys"},
        {**GOOD, "x5u": "file:///etc/passwd"},
        {**GOOD, "cty": "x"},
        {**GOOD, "typ": "JWT"},
        {**GOOD, "kid": "../../" + KEY.kid[6:]},
        {**GOOD, "kid": KEY.kid + "A"},
        {"kid": KEY.kid, "alg": "Ed25519", "typ": "utvag+jws"},
        {"alg": "Ed25519", "kid": KEY.kid},
        {},
    ],
)
def test_a_header_of_another_form_is_refused_though_its_signature_holds(header):
    with pytest.raises(WireError, match=r"wire\.jws"):
        KEY.verify(forged(header))


def test_a_header_with_a_member_twice_is_refused():
    protected = to_base64url(
        f'{{"alg":"none","alg":"Ed25519","kid":"{KEY.kid}","typ":"utvag+jws"}}'.encode()
    )
    with pytest.raises(WireError, match=r"wire\.jws"):
        KEY.verify(".".join([protected, *SIGNED.split(".")[1:]]))


def test_the_public_key_is_no_secret_to_sign_with():
    secret = OctKey.import_key(base64.urlsafe_b64encode(KEY.public).decode())
    text = joserfc_jws.serialize_compact(
        {"alg": "HS256", "kid": KEY.kid}, b"{}", secret, algorithms=["HS256"]
    )
    with pytest.raises(WireError, match=r"wire\.jws"):
        KEY.verify(text)


def test_another_keys_signature_is_refused_under_its_own_name():
    with pytest.raises(WireError, match=r"wire\.signature"):
        KEY.verify(OTHER.sign(b"{}"))


def test_another_keys_signature_is_refused_under_this_name():
    with pytest.raises(WireError, match=r"wire\.signature"):
        KEY.verify(forged(GOOD, key=OTHER))


def test_a_signature_of_another_payload_is_refused():
    protected, _, signature = SIGNED.split(".")
    with pytest.raises(WireError, match=r"wire\.signature"):
        KEY.verify(f"{protected}.{to_base64url(b'{}')}.{signature}")


@given(st.data())
def test_no_changed_character_goes_unseen(data):
    at = data.draw(st.integers(0, len(SIGNED) - 1))
    other = data.draw(st.characters().filter(lambda c: c != SIGNED[at]))
    with pytest.raises(WireError):
        KEY.verify(SIGNED[:at] + other + SIGNED[at + 1 :])


@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 255))
def test_no_flipped_byte_goes_unseen(at, mask):
    changed = bytearray(SIGNED.encode())
    changed[at] ^= mask
    if bytes(changed) == SIGNED.encode():
        return
    with pytest.raises(WireError):
        KEY.verify(changed.decode("latin-1"))


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    with pytest.raises(WireError):
        KEY.verify(text)


@pytest.mark.parametrize("text", ["", ".", "..", "...", "a.b", "a" * (MAX_LENGTH + 1)])
def test_what_is_not_three_parts_is_refused(text):
    with pytest.raises(WireError, match=r"wire\.jws"):
        payload_of(text)


def test_a_signature_of_another_length_is_refused():
    short = to_base64url(from_base64url(SIGNED.split(".")[2])[:-1])
    with pytest.raises(WireError, match=r"wire\.jws"):
        KEY.verify(".".join([*SIGNED.split(".")[:2], short]))
