"""What only a browser's cookie opens.

A cookie's value is 256 random bits and is stored nowhere. The database holds its hash, to find the
row, and tokens sealed under a key made of the value: a copy of the database signs nobody in.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORM = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_NONCE_SIZE = 12


def draw() -> str:
    """256 random bits, fit for a cookie, a state, a nonce or a PKCE verifier."""
    return secrets.token_urlsafe(32)


def is_drawn(value: str | None) -> bool:
    """Whether a value could be one of ours."""
    return value is not None and _FORM.fullmatch(value) is not None


def found_by(value: str) -> bytes:
    """What the database knows of a value."""
    return hashlib.sha256(value.encode()).digest()


def seal(value: str, plaintext: bytes, purpose: str) -> bytes:
    """AES-256-GCM under a key made of the value; a fresh key for each purpose."""
    nonce = os.urandom(_NONCE_SIZE)
    return nonce + AESGCM(_key(value, purpose)).encrypt(nonce, plaintext, purpose.encode())


def unseal(value: str, sealed: bytes, purpose: str) -> bytes | None:
    """The plaintext; None where value, purpose or content do not belong together."""
    key = AESGCM(_key(value, purpose))
    try:
        return key.decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], purpose.encode())
    except InvalidTag:
        return None


def form_token(value: str) -> str:
    """What a form of this session must carry: of the session, and no way back to the cookie."""
    mac = hmac.digest(value.encode(), b"utvag form", "sha256")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def is_form_token(value: str, token: str) -> bool:
    """Whether the token is this session's, compared in constant time."""
    return hmac.compare_digest(form_token(value).encode(), token.encode())


def _key(value: str, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"utvag {purpose}".encode())
    return kdf.derive(value.encode())
