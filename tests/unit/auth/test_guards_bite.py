"""Each check of a token is taken away in turn; a forgery then gets through, so the tests see it."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

import gateway.auth.person
import gateway.auth.tokens
from gateway.auth.tokens import TokenRefusedError
from shared.errors import DomainError
from tests.support.realm import NOW
from tests.unit.auth.test_forged_tokens import FORGED, R

KEYS = {R.key.kid: R.key}

# What stands in the source, and what a hurried change would make of it.
TOKENS = {
    "size": ("len(token) > MAX_SIZE", "False"),
    "header form": ("set(header) != _HEADER or", "not {'alg', 'kid', 'typ'} <= set(header) or"),
    "header type": ("header.type not in types", "False"),
    "claims type and header type": (
        'types={"at+jwt"}, kind="Bearer"',
        'types={"at+jwt", "JWT", "logout+jwt"}, kind="Bearer"',
    ),
    "kind": ("claims.typ != kind", "False"),
    "issuer": ("claims.iss != issuer.identifier", "False"),
    "issuer by prefix": (
        "claims.iss != issuer.identifier",
        "not claims.iss.startswith(issuer.identifier)",
    ),
    "audience": ("claims.audiences != [issuer.audience]", "False"),
    "audience among others": (
        "claims.audiences != [issuer.audience]",
        "issuer.audience not in claims.audiences",
    ),
    "client": ("claims.azp not in {issuer.web, issuer.api}", "False"),
    "session": ("elif not claims.sid:", "elif False:"),
    "client's life": ("claims.sid or claims.exp - claims.iat > MAX_CLIENT_LIFE_S", "False"),
    "broker's age": ("now.timestamp() >= claims.auth_time + MAX_BROKERED_S", "False"),
    "end": ("now >= claims.exp + LEEWAY_S", "False"),
    "leeway": ("LEEWAY_S = 10", "LEEWAY_S = 60"),
    "beginning": ("claims.nbf > now + LEEWAY_S", "False"),
    "issued": ("claims.iat > now + LEEWAY_S or", ""),
    "life": ("claims.exp - claims.iat > MAX_LIFE_S", "False"),
    "subject": ("if not claims.sub:", "if False:"),
    "names twice": ("len(found) != len(pairs)", "False"),
    "signature": (
        "jws.deserialize_compact(token, key, algorithms=[ALGORITHM]).payload",
        "_decoded(token.split('.')[1])",
    ),
}
PERSON = {
    "assurance": (
        "(claims.broker_acr if brokered else claims.acr) not in issuer.levels",
        "False",
    ),
    "assurance by prefix": (
        "(claims.broker_acr if brokered else claims.acr) not in issuer.levels",
        "not (claims.broker_acr if brokered else claims.acr).startswith(tuple(issuer.levels))",
    ),
    "assurance of the broker": ("claims.broker_acr if brokered else claims.acr", "claims.acr"),
}


def without(module: ModuleType, check: tuple[str, str]) -> ModuleType:
    """The module with one check taken away."""
    source = Path(module.__file__).read_text("utf-8")
    there, instead = check
    assert there in source, "the check has moved; say here how it reads now"
    changed = ModuleType(f"changed_{module.__name__}")
    changed.__file__ = module.__file__
    sys.modules[changed.__name__] = changed
    try:
        exec(compile(source.replace(there, instead), module.__file__, "exec"), changed.__dict__)
    finally:
        del sys.modules[changed.__name__]
    return changed


def believed(tokens: ModuleType, person: ModuleType) -> list[str]:
    """Which forgeries get through."""
    found = []
    for name, token in FORGED.items():
        try:
            claims = tokens.access_claims(token, KEYS, R.issuer, NOW)
            person.person_of(claims, R.issuer)
        except (TokenRefusedError, tokens.TokenRefusedError, DomainError):
            continue
        except Exception:  # noqa: BLE001 - a crash is no belief
            continue
        found.append(name)
    return found


def test_no_forgery_gets_through_with_every_check_in_place():
    assert believed(gateway.auth.tokens, gateway.auth.person) == []


@pytest.mark.parametrize("check", TOKENS.values(), ids=TOKENS)
def test_a_forgery_gets_through_without_a_check_of_the_token(check):
    assert believed(without(gateway.auth.tokens, check), gateway.auth.person)


@pytest.mark.parametrize("check", PERSON.values(), ids=PERSON)
def test_a_forgery_gets_through_without_a_check_of_the_person(check):
    assert believed(gateway.auth.tokens, without(gateway.auth.person, check))
