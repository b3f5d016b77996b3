"""A realm without a server: real ES256 keys and tokens, answered over an in-process transport.

For tests of what a node believes. That Keycloak makes such tokens is tested with Keycloak itself.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
from joserfc import jws
from joserfc.jwk import ECKey

from gateway.auth.issuer import ACR_LOA3, Issuer
from gateway.auth.roles import roles_of
from shared.ids import AuthorityCode

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BASE = "http://keycloak.test"


def issuer(code: str = "0580", kind: str = "municipality") -> Issuer:
    return Issuer(
        authority=AuthorityCode(code),
        identifier=f"{BASE}/realms/{code}",
        web="utvag-web",
        web_secret="a secret of the tests",
        api="utvag-api",
        roles=frozenset(roles_of(kind)),
        levels=frozenset({ACR_LOA3}),
    )


def b64(content: bytes | str | dict) -> str:
    if isinstance(content, dict):
        content = json.dumps(content)
    if isinstance(content, str):
        content = content.encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Realm:
    """Signs tokens as a realm would, and answers at the realm's addresses."""

    def __init__(self, code: str = "0580", now: datetime = NOW) -> None:
        self.issuer = issuer(code)
        self.now = now
        self.signed_in_at = now
        self.key = ECKey.generate_key("P-256", {"kid": f"key-{code}", "use": "sig", "alg": "ES256"})
        self.requests: list[httpx.Request] = []
        self.person: dict = {"roles": ["case_worker"], "name": "Alva Uddman"}
        self.subject = "5bd2bbd4-7b3c-4b39-9d09-9b8a3a5a9d0e"
        self.sid = "sid-1"
        self.nonce: str | None = None
        self.is_away = False
        self.has_ended = False
        self.issued: list[str] = []

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def claims(self, **changed) -> dict:
        start = int(self.now.timestamp())
        claims = {
            "iss": self.issuer.identifier,
            "sub": self.subject,
            "aud": self.issuer.audience,
            "azp": self.issuer.api,
            "exp": start + 300,
            "iat": start,
            "typ": "Bearer",
            "sid": self.sid,
            "acr": ACR_LOA3,
            "scope": "openid",
            "auth_time": int(self.signed_in_at.timestamp()),
            **self.person,
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not ...}

    def sign(self, claims: dict | str, key=None, **header) -> str:
        head = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid} | header
        payload = claims if isinstance(claims, str) else json.dumps(claims)
        return jws.serialize_compact(head, payload.encode(), key or self.key)

    def access(self, **changed) -> str:
        return self.sign(self.claims(**changed))

    def identity(self, access_token: str, **changed) -> str:
        digest = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = self.claims(
            typ="ID", aud=self.issuer.web, azp=self.issuer.web, at_hash=b64(digest)
        )
        if self.nonce is not None:
            claims["nonce"] = self.nonce
        return self.sign(claims | changed, typ="JWT")

    def logout(self, **changed) -> str:
        start = int(self.now.timestamp())
        claims = {
            "iss": self.issuer.identifier,
            "sub": self.subject,
            "aud": self.issuer.web,
            "iat": start,
            "exp": start + 120,
            "typ": "Logout",
            "sid": self.sid,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changed
        return self.sign(
            {name: value for name, value in claims.items() if value is not ...}, typ="logout+jwt"
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.is_away:
            raise httpx.ConnectError("refused", request=request)
        match request.url.path.rsplit("/", 1)[-1]:
            case "certs":
                return httpx.Response(200, json={"keys": [self.key.as_dict(private=False)]})
            case "userinfo":
                if self.has_ended:
                    return httpx.Response(401)
                return httpx.Response(200, json={"sub": self.subject, **self.person})
            case "token":
                return self._tokens(parse_qs(request.content.decode()))
            case "logout":
                self.has_ended = True
                return httpx.Response(204)
        return httpx.Response(404)

    def _tokens(self, asked: dict[str, list[str]]) -> httpx.Response:
        if self.has_ended or asked["client_secret"] != [self.issuer.web_secret]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        if asked["grant_type"] == ["authorization_code"]:
            code = asked["code"][0]
            if code in self.issued:
                return httpx.Response(400, json={"error": "invalid_grant"})
            self.issued.append(code)
        access = self.access(azp=self.issuer.web)
        return httpx.Response(
            200,
            json={
                "access_token": access,
                "id_token": self.identity(access),
                "refresh_token": f"refresh-{len(self.requests)}",
                "expires_in": 300,
            },
        )
