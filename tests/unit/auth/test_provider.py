"""How the node speaks to its realm: fixed addresses, bounded answers, keys asked for seldom."""

from datetime import timedelta

import httpx
import pytest

from gateway.auth.provider import (
    MAX_ANSWER,
    GrantRefusedError,
    Provider,
    ProviderUnavailableError,
)
from gateway.auth.tokens import TokenRefusedError
from shared.clock import FixedClock
from tests.support.realm import NOW, Realm


def provider(realm: Realm, answer=None) -> tuple[Provider, FixedClock]:
    clock = FixedClock(NOW)
    transport = httpx.MockTransport(answer) if answer else realm.transport
    return Provider(realm.issuer, clock, transport), clock


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"location": "http://169.254.169.254/"}),
        httpx.Response(307, headers={"location": "file:///etc/passwd"}),
        httpx.Response(500),
        httpx.Response(200, text="no JSON"),
        httpx.Response(200, json={"access_token": "only"}),
        httpx.Response(200, content=b"x" * (MAX_ANSWER + 1)),
    ],
    ids=lambda answer: f"{answer.status_code}-{len(answer.content)}",
)
async def test_an_answer_that_is_not_the_realms_is_no_answer_and_leads_nowhere(answer):
    asked = []

    def reply(request):
        asked.append(str(request.url))
        return answer

    realm = Realm()
    found, _ = provider(realm, reply)
    with pytest.raises(ProviderUnavailableError):
        await found.refresh("token")
    assert asked == [realm.issuer.endpoint("token")]


async def test_a_refused_grant_is_told_from_a_realm_that_is_away():
    realm = Realm()
    found, _ = provider(realm)
    realm.has_ended = True
    with pytest.raises(GrantRefusedError):
        await found.refresh("token")
    realm.is_away = True
    with pytest.raises(ProviderUnavailableError):
        await found.refresh("token")


async def test_keys_are_kept_for_ten_minutes_and_beyond_when_the_realm_is_away():
    realm = Realm()
    found, clock = provider(realm)
    await found.access(realm.access())
    clock.move(timedelta(seconds=290))
    await found.access(realm.access())
    assert len(realm.requests) == 1
    clock.move(timedelta(minutes=10))
    realm.now, realm.is_away = clock.now(), True
    await found.access(realm.access())
    assert len(realm.requests) == 2


async def test_a_new_key_is_learnt_and_the_old_one_forgotten():
    realm = Realm()
    found, clock = provider(realm)
    old = realm.access()
    await found.access(old)
    realm.key = Realm("1480").key
    clock.move(timedelta(seconds=31))
    await found.access(realm.access())
    with pytest.raises(TokenRefusedError, match="key"):
        await found.access(old)


@pytest.mark.parametrize(
    "changed",
    [{"kty": "oct", "k": "AAAA"}, {"use": "enc"}, {"alg": "ES512"}, {"crv": "P-384"}, {"kid": 1}],
    ids=repr,
)
async def test_a_key_for_another_use_is_no_key_of_ours(changed):
    realm = Realm()
    key = realm.key.as_dict(private=False) | changed
    found, _ = provider(realm, lambda _: httpx.Response(200, json={"keys": [key]}))
    with pytest.raises(ProviderUnavailableError):
        await found.access(realm.access())


@pytest.mark.parametrize("body", ["[]", "{}", '{"keys": 1}', '{"keys": [1]}', '{"keys": null}'])
async def test_keys_in_no_form_of_ours_are_no_keys(body):
    found, _ = provider(Realm(), lambda _: httpx.Response(200, text=body))
    with pytest.raises(ProviderUnavailableError):
        await found.access(Realm().access())
