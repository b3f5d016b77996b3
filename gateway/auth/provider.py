"""The realm's own addresses: codes and refresh tokens in, tokens out, keys fetched and kept.

Plain HTTP rather than `python-keycloak`, which the realms are made with: its token calls change
headers shared by all requests, put answers into error texts and read no size limit.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from gateway.auth import tokens
from gateway.auth.issuer import ALGORITHM, Issuer
from gateway.auth.tokens import Claims
from shared.clock import Clock
from shared.db import assert_no_transaction

MAX_ANSWER = 262_144
TIMEOUT_S = 10.0
KEYS_FRESH = timedelta(minutes=10)
KEYS_COOL_DOWN = timedelta(seconds=30)
"""However many unknown `kid` are sent to us, the realm is asked this seldom."""
KEYS_RETRY = timedelta(seconds=1)
T = TypeVar("T")

_LONG_AGO = timedelta(days=36500)


class ProviderUnavailableError(Exception):
    """Keycloak does not answer, or answers with an error of its own: HTTP 503, nothing is ended."""


class GrantRefusedError(Exception):
    """Keycloak says no: the code is used, the session is ended, the account is closed."""


class TokenSet(msgspec.Struct, frozen=True):
    """What the token endpoint answers."""

    access_token: str
    id_token: str
    refresh_token: str


class UserInfo(msgspec.Struct, frozen=True):
    """What the realm says now of the person behind an access token."""

    sub: str
    roles: list[str] = []


class KeySet(msgspec.Struct, frozen=True):
    """What the realm's key address answers (RFC 7517, section 5)."""

    keys: list[dict[str, Any]]


@dataclass(slots=True)
class _Keys:
    by_id: dict[str, ECKey]
    fetched_at: datetime
    asked_at: datetime


class Provider:
    """Speaks to one realm, at addresses made of settings, without following redirects.

    Args:
        issuer: the realm and our clients.
        wall: decides when keys are stale.
        transport: replaced in tests that must not open a socket.
    """

    def __init__(
        self, issuer: Issuer, wall: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.issuer = issuer
        self._wall = wall
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, transport=transport
        )
        never = wall.now() - _LONG_AGO
        self._keys = _Keys({}, never, never)
        self._asking = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> TokenSet:
        """Tokens for a code (RFC 6749, 4.1.3, with PKCE).

        Raises:
            GrantRefusedError: the code is wrong, used or too old.
            ProviderUnavailableError: no answer.
        """
        return await self._tokens(
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=redirect_uri,
        )

    async def refresh(self, refresh_token: str) -> TokenSet:
        """New tokens, with the rights that the person has now.

        Raises:
            GrantRefusedError: the session or the account is no more.
            ProviderUnavailableError: no answer.
        """
        return await self._tokens(grant_type="refresh_token", refresh_token=refresh_token)

    async def end(self, refresh_token: str) -> None:
        """End the realm's session, and through it the session at the police realm.

        Raises:
            ProviderUnavailableError: no answer.
        """
        await self._post("logout", refresh_token=refresh_token)

    async def user_info(self, access_token: str) -> UserInfo:
        """Who stands behind the token now.

        Raises:
            GrantRefusedError: the session or the account is no more.
            ProviderUnavailableError: no answer.
        """
        status, body = await self._send(
            "GET", "userinfo", headers={"authorization": f"Bearer {access_token}"}
        )
        if status in {401, 403}:
            raise GrantRefusedError
        return _read(body, UserInfo)

    async def access(self, token: str) -> Claims:
        """The claims of an access token for this node.

        Raises:
            TokenRefusedError: not believed.
            ProviderUnavailableError: no key was ever fetched.
        """
        keys = await self._keys_for(token)
        return tokens.access_claims(token, keys, self.issuer, self._wall.now())

    async def identity(self, given: TokenSet, nonce: str | None) -> tuple[Claims, Claims]:
        """The claims of an ID token and of the access token that came with it.

        Raises:
            TokenRefusedError: not believed, or they speak of two people.
            ProviderUnavailableError: no key was ever fetched.
        """
        keys = await self._keys_for(given.id_token)
        now = self._wall.now()
        identity = tokens.id_claims(
            given.id_token, keys, self.issuer, now, nonce=nonce, access_token=given.access_token
        )
        access = await self.access(given.access_token)
        if (identity.sub, identity.sid) != (access.sub, access.sid):
            raise tokens.TokenRefusedError("subject")
        return identity, access

    async def logged_out(self, token: str) -> Claims:
        """The claims of a logout token.

        Raises:
            TokenRefusedError: not believed.
            ProviderUnavailableError: no key was ever fetched.
        """
        keys = await self._keys_for(token)
        return tokens.logout_claims(token, keys, self.issuer, self._wall.now())

    async def _tokens(self, **fields: str) -> TokenSet:
        return _read(await self._post("token", **fields), TokenSet)

    async def _post(self, endpoint: str, **fields: str) -> bytes:
        secrets = {"client_id": self.issuer.web, "client_secret": self.issuer.web_secret}
        status, body = await self._send("POST", endpoint, data=fields | secrets)
        if status in {400, 401, 403}:
            raise GrantRefusedError
        if status not in {200, 204}:
            raise ProviderUnavailableError
        return body

    async def _send(
        self,
        method: str,
        endpoint: str,
        *,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of one request; no answer is read beyond `MAX_ANSWER`."""
        assert_no_transaction()
        body = b""
        try:
            async with self._client.stream(
                method, self.issuer.endpoint(endpoint), data=data, headers=headers
            ) as answer:
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER:
                        raise ProviderUnavailableError
        except httpx.HTTPError:
            # The error's text holds the address only, but its request holds secrets.
            raise ProviderUnavailableError from None
        return answer.status_code, body

    async def _keys_for(self, token: str) -> Mapping[str, ECKey]:
        """Our keys, fetched anew when stale or when the token names one that we lack."""
        wanted = tokens.header_of(token).key_id
        if self._needs_keys(wanted):
            async with self._asking:
                if self._needs_keys(wanted):
                    await self._fetch_keys()
        if not self._keys.by_id:
            raise ProviderUnavailableError
        return self._keys.by_id

    def _needs_keys(self, wanted: str) -> bool:
        now, keys = self._wall.now(), self._keys
        if wanted in keys.by_id and now - keys.fetched_at < KEYS_FRESH:
            return False
        return now - keys.asked_at >= (KEYS_COOL_DOWN if keys.by_id else KEYS_RETRY)

    async def _fetch_keys(self) -> None:
        """Ask once; what we had stays when there is no answer."""
        now = self._wall.now()
        self._keys.asked_at = now
        try:
            status, body = await self._send("GET", "certs")
            found = _read(body, KeySet) if status == 200 else KeySet([])
        except ProviderUnavailableError:
            return
        usable = [row for row in found.keys if _is_signing_key(row)]
        try:
            keys = {row["kid"]: ECKey.import_key(row) for row in usable}
        except (JoseError, ValueError):
            return
        if keys:
            self._keys = _Keys(keys, now, now)


def _is_signing_key(row: dict[str, Any]) -> bool:
    return (
        row.get("kty") == "EC"
        and row.get("crv") == "P-256"
        and row.get("use") == "sig"
        and row.get("alg") == ALGORITHM
        and isinstance(row.get("kid"), str)
    )


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        raise ProviderUnavailableError from None
