"""JWS compact (RFC 7515) with one algorithm and one spelling.

What `joserfc` would accept is wider than what we send. The protected header is therefore compared,
byte for byte, with the only one our own signer writes for that `kid`: no `crit`, `jwk`, `jku` or
`b64`, no second algorithm, no duplicate member, no white space. What is left cannot be confused.
"""

import re
from functools import lru_cache
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.crypto.encoding import from_base64url
from shared.errors import WireError

ALGORITHM: Final = "Ed25519"  # RFC 9864, section 2.2; its elder name EdDSA leaves the curve open
TYPE: Final = "utvag+jws"
MAX_LENGTH: Final = 120_000
"""Characters of a whole JWS; the longest is the directory's list, about 90 a line."""

# RFC 7638 with SHA-256: 32 bytes, 43 characters.
_PROTECTED = re.compile(
    rf'\{{"alg":"{ALGORITHM}","kid":"([A-Za-z0-9_-]{{43}})","typ":"{re.escape(TYPE)}"\}}'
)


def sign(payload: bytes, kid: str, key: OKPKey) -> str:
    """A signed text that carries this payload."""
    protected = {"alg": ALGORITHM, "kid": kid, "typ": TYPE}
    return jws.serialize_compact(protected, payload, key, algorithms=[ALGORITHM])


def verify(text: str, kid: str, key: OKPKey) -> bytes:
    """The payload, when this key made the signature.

    Raises:
        WireError: `wire.jws` when it is not in our form, `wire.signature` when another key, or
            another payload, made it.
    """
    if key_id_of(text) != kid:
        raise WireError("wire.signature")
    payload = payload_of(text)
    try:
        jws.deserialize_compact(text, key, algorithms=[ALGORITHM])
    except (JoseError, ValueError) as error:
        raise WireError("wire.signature") from error
    return payload


def key_id_of(text: str) -> str:
    """Which key claims to have signed; a claim only, until `SigningKey.verify`."""
    protected, _ = _parts(text)
    form = _PROTECTED.fullmatch(protected.decode("latin-1"))
    if form is None:
        raise WireError("wire.jws")
    return form[1]


def payload_of(text: str) -> bytes:
    """What claims to be signed; for reading our own rows back, never for trusting another's."""
    return _parts(text)[1]


@lru_cache(maxsize=64)
def _parts(text: str) -> tuple[bytes, bytes]:
    """Protected header and payload, unverified; asked four times for each message opened."""
    parts = text.split(".") if len(text) <= MAX_LENGTH else []
    if len(parts) != 3:
        raise WireError("wire.jws")
    try:
        protected, payload, signature = (from_base64url(part) for part in parts)
    except ValueError as error:
        raise WireError("wire.jws") from error
    if len(signature) != 64:  # RFC 8032, section 5.1.6
        raise WireError("wire.jws")
    return protected, payload
