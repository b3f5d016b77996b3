"""Read a token, or refuse it: the only place where the node decides to believe one.

The order is fixed. Form and header first, by an allow-list (no header may name a key, an address or
an algorithm of its own choice); then the signature, with a key that we fetched ourselves; then the
claims. What is refused is refused with a short reason for the log, the same for every caller.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from gateway.auth.issuer import ALGORITHM, API_CLIENT, Issuer

MAX_SIZE = 16_384
LEEWAY_S = 10  # clocks of the node and of Keycloak; a token's life is minutes
MAX_LIFE_S = 3600
MAX_CLIENT_LIFE_S = 60  # a client's token is not asked about again, so it must be short
MAX_BROKERED_S = 3600
"""Our realm cannot see that another authority closed an account: after an hour we ask it anew."""
BACK_CHANNEL_EVENT = "http://schemas.openid.net/event/backchannel-logout"

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_HEADER = frozenset({"alg", "typ", "kid"})


class TokenRefusedError(Exception):
    """Not believed: HTTP 401.

    Args:
        reason: one word for the log; never anything of the token.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Claims(msgspec.Struct, frozen=True):
    """What we read of a token; other claims are ignored, wrong types are refused."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: int
    iat: int
    typ: str
    azp: str = ""
    nbf: int = 0
    auth_time: int = 0
    sid: str = ""
    nonce: str = ""
    acr: str = ""
    at_hash: str = ""
    name: str = ""
    roles: list[str] = []
    unit: str = ""
    identity_provider: str = ""
    police_unit: str = ""
    broker_acr: str = ""
    events: dict[str, Any] = {}

    @property
    def audiences(self) -> list[str]:
        """As a list, however it was written."""
        return [self.aud] if isinstance(self.aud, str) else self.aud


@dataclass(frozen=True, slots=True)
class Header:
    """The signed header's three words."""

    algorithm: str
    type: str
    key_id: str


def header_of(token: str) -> Header:
    """The header, if it has the form of ours and says nothing else.

    Raises:
        TokenRefusedError: not three parts, too long, or a header that names more than `alg`, `typ`
            and `kid`.
    """
    if len(token) > MAX_SIZE:
        raise TokenRefusedError("size")
    if not _COMPACT.fullmatch(token):
        raise TokenRefusedError("form")
    header = _json(_decoded(token.split(".", 1)[0]))
    if set(header) != _HEADER or not all(isinstance(word, str) for word in header.values()):
        raise TokenRefusedError("header")
    if header["alg"] != ALGORITHM:
        raise TokenRefusedError("algorithm")
    return Header(header["alg"], header["typ"], header["kid"])


def access_claims(token: str, keys: Mapping[str, ECKey], issuer: Issuer, now: datetime) -> Claims:
    """An access token for this node: of a person by one of our clients, or of an API client.

    Raises:
        TokenRefusedError: whatever is wrong.
    """
    claims = _claims(token, keys, issuer, now, types={"at+jwt"}, kind="Bearer")
    if claims.audiences != [issuer.audience]:
        raise TokenRefusedError("audience")
    if claims.azp == API_CLIENT:
        if claims.sid or claims.exp - claims.iat > MAX_CLIENT_LIFE_S:
            raise TokenRefusedError("lifetime")
    elif claims.azp not in {issuer.web, issuer.api}:
        raise TokenRefusedError("client")
    elif not claims.sid:
        raise TokenRefusedError("session")
    if claims.identity_provider and now.timestamp() >= claims.auth_time + MAX_BROKERED_S:
        raise TokenRefusedError("stale")
    return claims


def id_claims(
    token: str,
    keys: Mapping[str, ECKey],
    issuer: Issuer,
    now: datetime,
    *,
    nonce: str | None,
    access_token: str,
) -> Claims:
    """An ID token of our own sign-in (OpenID Connect Core 1.0, 3.1.3.7).

    Args:
        nonce: of this sign-in; None when the token comes of a refresh, which carries none.
        access_token: came with it; its hash stands in the ID token.

    Raises:
        TokenRefusedError: whatever is wrong.
    """
    claims = _claims(token, keys, issuer, now, types={"JWT"}, kind="ID")
    if claims.audiences != [issuer.web] or claims.azp not in {issuer.web, ""}:
        raise TokenRefusedError("audience")
    if nonce is not None and claims.nonce != nonce:
        raise TokenRefusedError("nonce")
    digest = hashlib.sha256(access_token.encode()).digest()[:16]
    if claims.at_hash != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
        raise TokenRefusedError("at_hash")
    if not claims.sid:
        raise TokenRefusedError("session")
    return claims


def logout_claims(token: str, keys: Mapping[str, ECKey], issuer: Issuer, now: datetime) -> Claims:
    """A logout token (OpenID Connect Back-Channel Logout 1.0, 2.6).

    Raises:
        TokenRefusedError: whatever is wrong.
    """
    claims = _claims(token, keys, issuer, now, types={"logout+jwt", "JWT"}, kind="Logout")
    if claims.audiences != [issuer.web]:
        raise TokenRefusedError("audience")
    if claims.nonce or BACK_CHANNEL_EVENT not in claims.events:
        raise TokenRefusedError("event")
    if not claims.sid:
        raise TokenRefusedError("session")
    return claims


def _claims(
    token: str,
    keys: Mapping[str, ECKey],
    issuer: Issuer,
    now: datetime,
    *,
    types: set[str],
    kind: str,
) -> Claims:
    header = header_of(token)
    if header.type not in types:
        raise TokenRefusedError("type")
    key = keys.get(header.key_id)
    if key is None:
        raise TokenRefusedError("key")
    try:
        payload = jws.deserialize_compact(token, key, algorithms=[ALGORITHM]).payload
    except (JoseError, ValueError):
        raise TokenRefusedError("signature") from None
    try:
        claims = msgspec.convert(_json(payload), Claims)
    except msgspec.ValidationError:
        raise TokenRefusedError("claims") from None
    if claims.typ != kind:
        raise TokenRefusedError("type")
    if claims.iss != issuer.identifier:
        raise TokenRefusedError("issuer")
    if not claims.sub:
        raise TokenRefusedError("subject")
    _check_times(claims, now.timestamp())
    return claims


def _check_times(claims: Claims, now: float) -> None:
    if now >= claims.exp + LEEWAY_S:
        raise TokenRefusedError("expired")
    if claims.iat > now + LEEWAY_S or claims.nbf > now + LEEWAY_S:
        raise TokenRefusedError("early")
    if claims.exp - claims.iat > MAX_LIFE_S or claims.exp <= claims.iat:
        raise TokenRefusedError("lifetime")


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise TokenRefusedError("form") from None


def _json(content: bytes) -> dict[str, Any]:
    """An object in which no name stands twice: two readers must not read two things."""
    try:
        found = json.loads(content, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise TokenRefusedError("json") from None
    if not isinstance(found, dict):
        raise TokenRefusedError("json")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")
