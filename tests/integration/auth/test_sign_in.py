"""S6: what a sign-in must prove, and what is refused."""

import base64
import hashlib
from urllib.parse import parse_qs

import pytest
from sqlalchemy import text

from shared.actor import worker
from tests.integration.auth.conftest import node_under_test
from tests.support.realm import Realm

pytestmark = pytest.mark.servers


def refused(answer) -> bool:
    return answer.status_code == 422 and answer.json()["code"] == "auth.sign_in_failed"


async def test_a_person_signs_in_and_comes_back_to_where_they_were_going(node):
    first = await node.client.get("/leaders?sort=age")
    assert (first.status_code, first.headers["location"]) == (
        303,
        "/sign-in?next=/leaders%3Fsort%3Dage",
    )
    answer = await node.sign_in(next="/leaders?sort=age")
    assert answer.headers["location"] == "/leaders?sort=age"
    page = (await node.client.get("/")).json()
    assert (page["roles"], page["home"], page["name"]) == (
        ["case_worker"],
        "0580",
        "Alva Uddman",
    )


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(node):
    answer = await node.sign_in()
    line = next(c for c in answer.headers.get_list("set-cookie") if "session" in c).lower()
    assert line.startswith("utvag_session_0580=")
    assert "httponly" in line
    assert "samesite=lax" in line
    assert "path=/" in line
    assert "domain" not in line
    assert "max-age" not in line
    assert answer.headers["cache-control"] == "no-store"


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(dsns):
    async with node_under_test(dsns["0580"].web, base_url="https://node.test") as node:
        answer = await node.sign_in()
    line = next(c for c in answer.headers.get_list("set-cookie") if "session" in c)
    assert line.startswith("__Host-utvag_session=")
    assert "secure" in line.lower()


async def test_the_code_is_exchanged_with_the_verifier_of_its_own_challenge(node):
    asked = await node.leave()
    await node.arrive(asked)
    sent = next(r for r in node.realm.requests if r.url.path.endswith("/token"))
    verifier = parse_qs(sent.content.decode())["code_verifier"][0]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    assert asked["code_challenge"] == digest.rstrip(b"=").decode()
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"


async def test_an_officer_is_led_on_to_the_police_realm(node):
    assert (await node.leave(via="polisen"))["kc_idp_hint"] == "polisen"
    assert "kc_idp_hint" not in await node.leave(via="somebody")


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "A" * 43},
        {"state": ...},
        {"state": ""},
        {"iss": ...},
        {"iss": "http://keycloak.test/realms/1480"},
        {"iss": "http://keycloak.test/realms/0580/"},
        {"code": ...},
        {"code": ..., "error": "access_denied"},
        {"error": "access_denied"},
    ],
    ids=repr,
)
async def test_an_answer_that_is_not_whole_and_ours_is_refused(node, changed):
    answer = await node.arrive(await node.leave(), **changed)
    assert refused(answer)
    assert node.cookie() is None


async def test_a_state_is_used_once(node):
    asked = await node.leave()
    await node.arrive(asked)
    assert refused(await node.arrive(asked))


async def test_a_state_is_old_after_ten_minutes(node):
    asked = await node.leave()
    node.later(minutes=10)
    assert refused(await node.arrive(asked))


async def test_a_state_of_another_browser_is_refused(node):
    """Login CSRF: somebody else's sign-in is finished in my browser."""
    theirs = await node.leave()
    node.client.cookies.clear()
    mine = await node.leave()
    node.realm.nonce = theirs["nonce"]
    assert refused(await node.arrive(theirs))
    node.realm.nonce = mine["nonce"]
    assert (await node.arrive(mine)).status_code == 303


async def test_without_the_sign_in_cookie_nothing_is_finished(node):
    asked = await node.leave()
    node.client.cookies.clear()
    assert refused(await node.arrive(asked))


async def test_two_tabs_may_sign_in_at_once(node):
    first, second = await node.leave(), None
    nonce = node.realm.nonce
    second = await node.leave()
    assert (await node.arrive(second)).status_code == 303
    node.realm.nonce = nonce
    assert (await node.arrive(first)).status_code == 303


async def test_a_parameter_given_twice_is_refused(node):
    asked = await node.leave()
    issuer = node.realm.issuer.identifier
    answer = await node.client.get(
        f"/sign-in/return?code=a&code=b&state={asked['state']}&iss={issuer}"
    )
    assert refused(answer)


async def test_a_code_is_used_once(node):
    assert (await node.arrive(await node.leave(), code="the-code")).status_code == 303
    node.client.cookies.clear()
    assert refused(await node.arrive(await node.leave(), code="the-code"))


@pytest.mark.parametrize("nonce", ["another", None, ""])
async def test_a_nonce_that_is_not_of_this_sign_in_is_refused(node, nonce):
    asked = await node.leave()
    node.realm.nonce = nonce
    assert refused(await node.arrive(asked))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "utvag-api"},
        {"aud": ["utvag-web", "utvag-api"]},
        {"azp": "utvag-api"},
        {"iss": "http://keycloak.test/realms/1480"},
        {"typ": "Bearer"},
        {"at_hash": "AAAA"},
        {"at_hash": ""},
        {"sub": "another"},
        {"sid": "another"},
        {"sid": ""},
        {"exp": 1},
    ],
    ids=repr,
)
async def test_an_id_token_that_is_not_of_this_sign_in_is_refused(node, changed, monkeypatch):
    asked = await node.leave()
    good = Realm.identity
    monkeypatch.setattr(
        Realm, "identity", lambda realm, access, **more: good(realm, access, **more | changed)
    )
    assert refused(await node.arrive(asked))


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/%0d%0aset-cookie:a=b\r\n",
        "javascript:alert(1)",
        "evil.test",
        "",
        "/sign-out",
        "/sign-in/start",
        "/" + "a" * 2000,
        "/å",
        "/\u202egro.live",
    ],
)
async def test_sign_in_leads_nowhere_but_to_a_page_of_ours(node, wanted):
    answer = await node.sign_in(next=wanted)
    assert answer.headers["location"] == "/"


async def test_signing_in_ends_the_earlier_session_of_the_browser(node):
    await node.sign_in()
    old = node.cookie()
    await node.sign_in()
    assert node.cookie() != old
    node.client.cookies.set(node.plugin.gate.cookies.session, old)
    assert (await node.client.get("/")).status_code == 303


async def test_a_cookie_of_the_visitors_own_choice_never_becomes_a_session(node):
    name = node.plugin.gate.cookies.session
    node.client.cookies.set(name, "B" * 43)
    answer = await node.sign_in()
    assert "B" * 43 not in answer.headers["set-cookie"]


async def test_the_database_keeps_nothing_that_signs_anybody_in(node):
    await node.sign_in()
    async with node.db.begin(worker(node.realm.issuer.authority)) as uow:
        rows = (await uow.execute(text("select * from web_session"))).all()
    kept = repr(rows)
    assert len(rows) == 1
    assert node.cookie() not in kept
    assert "refresh-" not in kept


async def test_a_session_of_one_node_opens_nothing_at_another(node, dsns):
    await node.sign_in()
    async with node_under_test(dsns["1480"].web, "1480") as other:
        for name in ("utvag_session_0580", "utvag_session_1480"):
            other.client.cookies.set(name, node.cookie())
        assert (await other.client.get("/")).status_code == 303


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"roles": []}, "auth.no_role"),
        ({"roles": ["national_coordinator"]}, "auth.no_role"),
        ({"roles": ["api_monitor"]}, "auth.no_role"),
        ({"roles": ["case_worker", "log_reviewer"]}, "auth.roles_conflict"),
        ({"roles": ["case_worker", "system_admin"]}, "auth.roles_conflict"),
        ({"roles": ["log_reviewer", "system_admin"]}, "auth.roles_conflict"),
        ({"roles": ["police_partner"]}, "auth.police_only_brokered"),
        ({"roles": ["police_partner"], "police_unit": "bops-ost"}, "auth.police_only_brokered"),
    ],
    ids=repr,
)
async def test_a_person_who_may_not_enter_is_told_why(node, person, code):
    node.realm.person = {"name": "Folke Palm"} | person
    answer = await node.arrive(await node.leave())
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert node.cookie() is None


OFFICER = {
    "name": "Ulf Åkesson",
    "roles": ["police_partner", "default-roles-0580"],
    "identity_provider": "polisen",
    "police_unit": "bops-ost",
    "broker_acr": "http://id.elegnamnden.se/loa/1.0/loa3",
    "acr": "0",
}


async def test_an_officer_comes_from_the_police_with_a_unit(node):
    node.realm.person = OFFICER
    await node.sign_in(via="polisen")
    page = (await node.client.get("/")).json()
    assert (page["home"], page["unit"], page["roles"]) == ("9001", "bops-ost", ["police_partner"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"police_unit": ""}, "auth.no_unit"),
        ({"roles": ["police_partner", "case_worker"]}, "auth.roles_conflict"),
        ({"roles": ["case_worker"]}, "auth.police_only_brokered"),
        ({"identity_provider": "somebody"}, "auth.police_only_brokered"),
        ({"broker_acr": "http://id.elegnamnden.se/loa/1.0/loa2"}, "auth.sign_in_failed"),
    ],
    ids=repr,
)
async def test_an_officer_without_proof_from_the_police_is_refused(node, changed, code):
    node.realm.person = OFFICER | changed
    answer = await node.arrive(await node.leave())
    assert answer.json()["code"] == code


async def test_a_local_account_cannot_give_itself_a_police_unit(node):
    node.realm.person = {"name": "Eva", "roles": ["case_worker"], "police_unit": "bops-ost"}
    await node.sign_in()
    assert (await node.client.get("/")).json()["unit"] is None
