"""An authority's two kinds of key, public or whole, with a name and a term of validity."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from joserfc.jwk import OKPKey

from shared.crypto import jws
from shared.crypto.encoding import to_base64url
from shared.errors import WireError

SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
SEALING_ALGORITHM: Final = "HPKE-MLKEM768X25519-SHA256-A256GCM"
SEAL_OVERHEAD: Final = hpke.KEM.MLKEM768_X25519.enc_length() + 16
"""Bytes that sealing adds: the encapsulated key and the tag."""

_MLKEM_PUBLIC = 1184  # FIPS 203, table 3
_MLKEM_SEED = 64  # FIPS 203, section 3.3: d and z


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key: signs where the private half is held, verifies everywhere.

    Args:
        kid: RFC 7638 thumbprint of the public half; a name cannot be given to another key.
        public: 32 bytes.
        not_before, not_after: the days on which it may sign.
        private: 32 bytes, None for another authority's key.
    """

    kid: str
    public: bytes
    not_before: datetime
    not_after: datetime
    private: bytes | None = field(default=None, repr=False, compare=False)

    @classmethod
    def create(cls, not_before: datetime, valid: timedelta) -> Self:
        """A new pair."""
        return cls.of_private(
            Ed25519PrivateKey.generate().private_bytes_raw(), not_before, not_before + valid
        )

    @classmethod
    def of_private(cls, private: bytes, not_before: datetime, not_after: datetime) -> Self:
        """The whole key from its private half."""
        public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
        return cls(signing_kid(public), public, not_before, not_after, private)

    @classmethod
    def of_public(cls, public: bytes, not_before: datetime, not_after: datetime) -> Self:
        """Another authority's key.

        Raises:
            WireError: `wire.key`.
        """
        if len(public) != 32:
            raise WireError("wire.key")
        return cls(signing_kid(public), public, not_before, not_after)

    def is_valid_at(self, at: datetime) -> bool:
        """Whether it may sign then. Expired is judged by the day of signing."""
        return self.not_before <= at <= self.not_after

    def sign(self, payload: bytes) -> str:
        """JWS compact; needs the private half."""
        return jws.sign(payload, self.kid, self._jwk)

    def verify(self, text: str) -> bytes:
        """The payload of a text that this key signed.

        Raises:
            WireError: `wire.jws`, `wire.signature`.
        """
        return jws.verify(text, self.kid, self._jwk)

    @cached_property
    def _jwk(self) -> OKPKey:
        members: dict[str, str | list[str]] = {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": to_base64url(self.public),
        }
        if self.private is not None:
            members["d"] = to_base64url(self.private)
        return OKPKey.import_key(members)


@dataclass(frozen=True)
class SealingKey:
    """A hybrid key pair (X25519 + ML-KEM-768): closed as long as one of the two holds.

    Args:
        kid: thumbprint of the public half.
        public: 1,216 bytes, ML-KEM-768 first, then X25519.
        not_before, not_after: the days on which one may seal to it; opening has no last day.
        private: 96 bytes, the seed of ML-KEM-768 first, None for another authority's key.
    """

    kid: str
    public: bytes
    not_before: datetime
    not_after: datetime
    private: bytes | None = field(default=None, repr=False, compare=False)

    @classmethod
    def create(cls, not_before: datetime, valid: timedelta) -> Self:
        """A new pair."""
        private = (
            MLKEM768PrivateKey.generate().private_bytes_raw()
            + X25519PrivateKey.generate().private_bytes_raw()
        )
        return cls.of_private(private, not_before, not_before + valid)

    @classmethod
    def of_private(cls, private: bytes, not_before: datetime, not_after: datetime) -> Self:
        """The whole key from its private half."""
        kem, curve = _private_halves(private)
        public = kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        return cls(sealing_kid(public), public, not_before, not_after, private)

    @classmethod
    def of_public(cls, public: bytes, not_before: datetime, not_after: datetime) -> Self:
        """Another authority's key, checked to be one.

        Raises:
            WireError: `wire.key`.
        """
        key = cls(sealing_kid(public), public, not_before, not_after)
        try:
            _ = key._sealer
        except ValueError as error:
            raise WireError("wire.key") from error
        return key

    def is_valid_at(self, at: datetime) -> bool:
        """Whether one may seal to it then."""
        return self.not_before <= at <= self.not_after

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Closed to the holder of the private half; `info` must be the same to open."""
        return SUITE.encrypt(plaintext, self._sealer, info)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What was sealed to this key under this `info`; needs the private half.

        Raises:
            WireError: `wire.sealed`: another key, another `info`, or a changed byte.
        """
        try:
            return SUITE.decrypt(sealed, self._opener, info)
        except (InvalidTag, ValueError) as error:
            raise WireError("wire.sealed") from error

    @cached_property
    def _sealer(self) -> hpke.MLKEM768X25519PublicKey:
        return hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.public[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(self.public[_MLKEM_PUBLIC:]),
        )

    @cached_property
    def _opener(self) -> hpke.MLKEM768X25519PrivateKey:
        assert self.private is not None, "another authority's key opens nothing"
        return hpke.MLKEM768X25519PrivateKey(*_private_halves(self.private))


def signing_kid(public: bytes) -> str:
    """RFC 7638 thumbprint of an Ed25519 public key."""
    return _thumbprint(f'{{"crv":"Ed25519","kty":"OKP","x":"{to_base64url(public)}"}}')


def sealing_kid(public: bytes) -> str:
    """The same for a hybrid key, in the form JOSE gives to algorithm key pairs (kty `AKP`)."""
    return _thumbprint(
        f'{{"alg":"{SEALING_ALGORITHM}","kty":"AKP","pub":"{to_base64url(public)}"}}'
    )


def _thumbprint(canonical: str) -> str:
    return to_base64url(hashlib.sha256(canonical.encode()).digest())


def _private_halves(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    return (
        MLKEM768PrivateKey.from_seed_bytes(private[:_MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(private[_MLKEM_SEED:]),
    )
