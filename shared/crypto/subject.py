"""Keys that close rows: one for each subject, and one that finds without showing."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import DomainError
from shared.ids import SubjectId

KEY_BYTES: Final = 32
_FORM: Final = b"\x01"
_NONCE_BYTES: Final = 12  # NIST SP 800-38D, section 8.2.2: random nonces, far below 2^32 a key


def close(key: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
    """AES-256-GCM under a random nonce: form, nonce, ciphertext and tag."""
    nonce = os.urandom(_NONCE_BYTES)
    return _FORM + nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to)


def disclose(key: bytes, closed: bytes, bound_to: bytes) -> bytes:
    """What `close` was given.

    Raises:
        DomainError: `keys.damaged`: another key, another binding, or a changed byte.
    """
    nonce, ciphertext = closed[1 : 1 + _NONCE_BYTES], closed[1 + _NONCE_BYTES :]
    if closed[:1] != _FORM or len(nonce) != _NONCE_BYTES:
        raise DomainError("keys.damaged")
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, bound_to)
    except InvalidTag as error:
        raise DomainError("keys.damaged") from error


@dataclass(frozen=True)
class SubjectKey:
    """The data key of one case, or of one handover that has no case here yet.

    Args:
        subject: bound into everything that is closed: a row copied to another case won't open.
        key: 32 random bytes.
    """

    subject: SubjectId
    key: bytes = field(repr=False, compare=False)

    @classmethod
    def create(cls, subject: SubjectId) -> "SubjectKey":
        """A new key, kept nowhere yet."""
        return cls(subject, os.urandom(KEY_BYTES))

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Close what belongs to this subject; 29 bytes longer.

        Args:
            context: where it is kept (`"table.column:row"`); it opens nowhere else.
        """
        return close(self.key, plaintext, self._bound_to(context))

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed for this subject and this place.

        Raises:
            DomainError: `keys.damaged`: another subject's, another place's, or changed.
        """
        return disclose(self.key, sealed, self._bound_to(context))

    def _bound_to(self, context: str) -> bytes:
        return b"utvag subject 1" + self.subject.bytes + context.encode()


class BlindIndex:
    """Finds a personal number without keeping it: HMAC-SHA256 under a key of the node's own.

    Args:
        key: 32 bytes that serve nothing else.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a blind index has a key of 32 bytes")
        self._key = key

    def of(self, text: str) -> bytes:
        """32 bytes, the same for the same text; normalise the text first."""
        return hmac.digest(self._key, text.encode(), hashlib.sha256)
