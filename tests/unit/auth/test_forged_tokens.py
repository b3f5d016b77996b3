"""S5: forged tokens, each refused with 401 and one log line, and no key fetched from its address."""

import hmac
import json
import logging
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from litestar import Litestar, Request, get

from gateway.auth.access import bearer
from gateway.auth.issuer import ACR_LOA3
from gateway.auth.plugin import AuthPlugin
from shared.actor import Actor
from shared.clock import FixedClock
from shared.ids import StaffId
from tests.support.realm import BASE, NOW, Realm, b64

R = Realm()
OTHER = Realm("1480")
P = R.key.as_dict(private=False)
PEM = R.key.as_pem(private=False)
START = int(NOW.timestamp())
LOA2 = "http://id.elegnamnden.se/loa/1.0/loa2"


def stranger() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": R.key.kid})


def with_header(**header) -> str:
    """A header of the forger's choice over a signature that is good for that very input."""
    head = {"alg": "ES256", "typ": "at+jwt", "kid": R.key.kid} | header
    head = {name: value for name, value in head.items() if value is not ...}
    signing_input = f"{b64(head)}.{b64(R.claims())}"
    return f"{signing_input}.{_raw_es256(signing_input)}"


def _raw_es256(signing_input: str) -> str:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(
        R.key.private_key.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256()))
    )
    return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def with_payload(payload: str) -> str:
    """Exactly these bytes, signed by the realm: the claims' form alone is wrong."""
    signing_input = f"{b64({'alg': 'ES256', 'typ': 'at+jwt', 'kid': R.key.kid})}.{b64(payload)}"
    return f"{signing_input}.{_raw_es256(signing_input)}"


def hmac_with(secret: bytes, alg: str = "HS256") -> str:
    signing_input = f"{b64({'alg': alg, 'typ': 'at+jwt', 'kid': R.key.kid})}.{b64(R.claims())}"
    return f"{signing_input}.{b64(hmac.digest(secret, signing_input.encode(), 'sha256'))}"


def signed_by(key, alg: str, **header) -> str:
    head = {"alg": alg, "typ": "at+jwt", "kid": R.key.kid} | header
    return jws.serialize_compact(head, json.dumps(R.claims()).encode(), key, algorithms=[alg])


def parts(token: str | None = None) -> list[str]:
    return (token or R.access()).split(".")


def flipped(part: int) -> str:
    pieces = parts()
    first = "A" if pieces[part][5] != "A" else "B"
    pieces[part] = pieces[part][:5] + first + pieces[part][6:]
    return ".".join(pieces)


def own_text(**changed) -> str:
    return json.dumps(R.claims(**changed))


RSA_KEY = RSAKey.import_key(rsa.generate_private_key(65537, 2048))
OWN_ACCESS = R.access(azp="utvag-web")
OFFICER = {
    "identity_provider": "polisen",
    "police_unit": "bops-ost",
    "roles": ["police_partner"],
    "broker_acr": ACR_LOA3,
}
TWICE = f'{{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"{R.key.kid}"}}'

FORGED = {
    # no signature, or another algorithm than ours
    "alg none, no signature": f"{b64({'alg': 'none', 'typ': 'at+jwt', 'kid': R.key.kid})}.{parts()[1]}.",
    "alg none, our signature": with_header(alg="none"),
    "alg None in capitals": with_header(alg="None"),
    "alg nOnE": with_header(alg="nOnE"),
    "alg empty": with_header(alg=""),
    "alg missing": with_header(alg=...),
    "alg a list": with_header(alg=["ES256"]),
    "alg null": with_header(alg=None),
    "HS256 with the public key as PEM": hmac_with(PEM),
    "HS256 with the public key as JWK": hmac_with(json.dumps(P).encode()),
    "HS256 with an empty secret": hmac_with(b""),
    "HS256 with the client's secret": hmac_with(R.issuer.web_secret.encode()),
    "HS512 by name": hmac_with(PEM, "HS512"),
    "RS256 by a stranger's key": signed_by(RSA_KEY, "RS256"),
    "PS256 by a stranger's key": signed_by(RSA_KEY, "PS256"),
    "ES384 by a stranger's key": signed_by(ECKey.generate_key("P-384"), "ES384"),
    "EdDSA by a stranger's key": signed_by(OKPKey.generate_key("Ed25519"), "Ed25519"),
    "our signature called RS256": with_header(alg="RS256"),
    "our signature called ES512": with_header(alg="ES512"),
    # the token says which key
    "signed by a stranger under our kid": R.sign(R.claims(), stranger()),
    "kid unknown": with_header(kid="unknown"),
    "kid a path": with_header(kid="../../../../dev/null"),
    "kid an address": with_header(kid="http://evil.test/key"),
    "kid SQL": with_header(kid="' or '1'='1"),
    "kid missing": with_header(kid=...),
    "kid a number": with_header(kid=1),
    "kid a list": with_header(kid=[R.key.kid]),
    "jwk inside": signed_by(stranger(), "ES256", jwk=stranger().as_dict(private=False)),
    "jwk inside, our own": with_header(jwk=P),
    "jku": with_header(jku="http://evil.test/jwks"),
    "jku on our host": with_header(jku=f"{BASE}/realms/0580/protocol/openid-connect/certs"),
    "x5u": with_header(x5u="http://evil.test/chain"),
    "x5c": with_header(x5c=["MIIB"]),
    "x5t": with_header(x5t="abc"),
    "crit": with_header(crit=["exp"]),
    "b64 false": with_header(b64=False, crit=["b64"]),
    "zip": with_header(zip="DEF"),
    "cty nested": with_header(cty="JWT"),
    "typ JWT": with_header(typ="JWT"),
    "typ missing": with_header(typ=...),
    "typ logout": with_header(typ="logout+jwt"),
    # another realm, audience, client, kind
    "of another realm, its key": OTHER.access(),
    "of another realm, its key, our kid": OTHER.sign(OTHER.claims(), kid=R.key.kid),
    "issuer of another realm, our key": R.access(iss=OTHER.issuer.identifier),
    "issuer with a slash more": R.access(iss=R.issuer.identifier + "/"),
    "issuer in capitals": R.access(iss=R.issuer.identifier.upper()),
    "issuer missing": R.access(iss=...),
    "audience of another node": R.access(aud="utvag-1480"),
    "audience of the client": R.access(aud="utvag-web"),
    "audience ours and another": R.access(aud=["utvag-0580", "utvag-1480"]),
    "audience empty": R.access(aud=[]),
    "audience missing": R.access(aud=...),
    "audience a longer word": R.access(aud="utvag-05801"),
    "of a client that is not ours": R.access(azp="admin-cli"),
    "of no client": R.access(azp=...),
    "ID token": R.identity(OWN_ACCESS),
    "ID token called an access token": R.sign(R.claims(typ="ID")),
    "refresh token": R.sign(R.claims(typ="Refresh")),
    "logout token": R.logout(),
    "without a session": R.access(sid=...),
    "an API client's token that lives long": R.access(
        azp="utvag-client", sid=..., roles=["api_monitor"]
    ),
    "an API client's token of a person's session": R.access(
        azp="utvag-client", roles=["api_monitor"], exp=START + 60
    ),
    "an API client that holds a person's role": R.access(
        azp="utvag-client", sid=..., roles=["case_worker"], exp=START + 3600
    ),
    # time
    "expired": R.access(exp=START - 60, iat=START - 360),
    "expired for eleven seconds": R.access(exp=START - 11, iat=START - 311),
    "without end": R.access(exp=...),
    "end a text": R.access(exp=str(START + 300)),
    "end infinite": with_payload(own_text(exp=0).replace('"exp": 0', '"exp": Infinity')),
    "lives a year": R.access(exp=START + 31_536_000),
    "not yet": R.access(nbf=START + 60),
    "issued tomorrow": R.access(iat=START + 86_400, exp=START + 86_700),
    "issued at no time": R.access(iat=...),
    # person
    "no subject": R.access(sub=...),
    "subject empty": R.access(sub=""),
    "subject a number": R.access(sub=7),
    "assurance too low": R.access(acr=LOA2),
    "assurance missing": R.access(acr=...),
    "assurance with a suffix": R.access(acr="http://id.elegnamnden.se/loa/1.0/loa3-uncertified"),
    "assurance of a demo": R.access(acr="urn:utvag:acr:demo-password"),
    "brokered with the local level only": R.access(
        identity_provider="polisen", police_unit="bops-ost", roles=["police_partner"]
    ),
    "brokered, and the police not asked for an hour": R.access(**OFFICER, auth_time=START - 3600),
    "brokered, and nobody says when": R.access(**OFFICER, auth_time=...),
    "roles a text": R.access(roles="case_worker"),
    # form
    "a claim twice": with_payload(own_text()[:-1] + ', "aud": "utvag-0580"}'),
    "payload a list": with_payload("[]"),
    "payload no JSON": with_payload("{"),
    "payload not UTF-8": with_payload(
        "{\udcff}".encode("utf-8", "surrogateescape").decode("latin-1")
    ),
    "alg twice": f"{b64(TWICE)}.{parts()[1]}.{parts()[2]}",
    "header no JSON": f"{b64('{')}.{parts()[1]}.{parts()[2]}",
    "header 5,000 deep": f"{b64('[' * 5000)}.{parts()[1]}.{parts()[2]}",
    "payload changed": flipped(1),
    "signature changed": flipped(2),
    "signature cut": ".".join(parts())[:-4],
    "signature of zeros": f"{parts()[0]}.{parts()[1]}.{b64(bytes(64))}",
    "signature empty": f"{parts()[0]}.{parts()[1]}.",
    "two parts": ".".join(parts()[:2]),
    "four parts": R.access() + ".AAAA",
    "five parts, as if encrypted": ".".join([*parts(), "AAAA", "AAAA"]),
    "padding": f"{parts()[0]}=.{parts()[1]}.{parts()[2]}",
    "another token's signature": f"{parts()[0]}.{b64(R.claims(roles=['team_leader']))}.{parts()[2]}",
    "1 MB": "A" * 1_000_000,
    "16,385 characters": R.access(name="x" * 16_385),
    "a word": "token",
    "quotes": '"' + R.access() + '"',
}


async def account(person) -> Actor:
    return Actor(
        StaffId(UUID(person.subject)),
        R.issuer.authority,
        person.home,
        person.roles,
        person.unit,
        person.display_name,
    )


@get("/api/v1/who", access=bearer("case_worker", "team_leader", "police_partner"))
async def who(request: Request) -> dict:
    return {"roles": sorted(request.user.roles), "home": request.user.home}


def app() -> Litestar:
    plugin = AuthPlugin(
        R.issuer, "http://node.test", None, FixedClock(NOW), account, transport=R.transport
    )
    return Litestar([who], plugins=[plugin], openapi_config=None)


ONE = app()


@asynccontextmanager
async def caller(of: Litestar):
    R.requests.clear()
    transport = httpx.ASGITransport(of)
    async with httpx.AsyncClient(transport=transport, base_url="http://node.test") as client:
        yield client


@pytest.fixture
async def api():
    async with caller(ONE) as client:
        yield client


def test_at_least_sixty_forgeries_are_tried():
    assert len(FORGED) >= 60


async def test_the_realms_own_token_is_believed(api):
    answer = await api.get("/api/v1/who", headers={"authorization": f"Bearer {R.access()}"})
    assert (answer.status_code, answer.json()) == (200, {"roles": ["case_worker"], "home": "0580"})


async def test_an_officers_token_is_believed_within_the_hour(api, monkeypatch):
    monkeypatch.setattr(R, "person", {"name": "Ulf Åkesson"} | OFFICER)
    token = R.access(auth_time=START - 3599)
    answer = await api.get("/api/v1/who", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["home"]) == (200, "9001")


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused_and_logged_once(api, token, caplog):
    with caplog.at_level(logging.INFO, logger="utvag.auth"):
        answer = await api.get(
            "/api/v1/who", headers={"authorization": b"Bearer " + token.encode("latin-1")}
        )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    lines = [record for record in caplog.records if record.name == "utvag.auth"]
    assert len(lines) == 1
    assert R.subject not in lines[0].getMessage()
    asked = {str(request.url) for request in R.requests}
    assert asked <= {R.issuer.endpoint("certs")}


@pytest.mark.parametrize("given", ["", "Basic YTpi", "Bearer", "Bearer ", "bearer"])
async def test_a_request_without_a_token_is_told_how_to_bring_one(api, given):
    answer = await api.get("/api/v1/who", headers={"authorization": given} if given else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_cookie_opens_nothing_at_the_api(api):
    answer = await api.get("/api/v1/who", headers={"cookie": f"utvag_session_0580={'A' * 43}"})
    assert answer.status_code == 401


async def test_unknown_keys_make_the_node_ask_the_realm_once_in_half_a_minute():
    async with caller(app()) as api:
        for number in range(20):
            token = with_header(kid=f"unknown-{number}")
            await api.get("/api/v1/who", headers={"authorization": f"Bearer {token}"})
    assert len(R.requests) == 1
