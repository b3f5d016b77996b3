"""The realms as Keycloak keeps them."""

from contextlib import contextmanager

import httpx
import msgspec
import pytest

from gateway.auth.issuer import POLICE_ALIAS
from gateway.auth.roles import roles_of
from infra.demo.signin import SignInFailedError, Visitor, api_token, client_token

pytestmark = pytest.mark.servers


def test_each_authority_but_the_operator_has_a_realm(keycloak_server):
    wanted = {a.code for a in keycloak_server.authorities if a.kind != "operator"}
    with keycloak_server.admin("master") as admin:
        realms = {realm["realm"] for realm in admin.get_realms()}
    assert realms == wanted | {"master"}
    assert set(keycloak_server.first_report.created) == wanted


def test_applying_again_changes_nothing(keycloak_server):
    report = keycloak_server.apply()
    assert (report.created, report.updated) == ([], [])
    assert set(report.unchanged) == set(keycloak_server.first_report.created)


@contextmanager
def changed(keycloak_server, code, **fields):
    """Apply the tenants with one of them changed; put it back afterwards."""
    authorities = [
        msgspec.structs.replace(a, **fields) if a.code == code else a
        for a in keycloak_server.authorities
    ]
    yield keycloak_server.apply(authorities)
    keycloak_server.apply()


def test_a_changed_tenant_changes_its_realm_and_leaves_its_people(keycloak_server):
    with keycloak_server.admin("1480") as admin:
        before = {user["username"]: user["id"] for user in admin.get_users()}
    with (
        changed(keycloak_server, "1480", name="Göteborgs nya stad") as report,
        keycloak_server.admin("1480") as admin,
    ):
        after = {user["username"]: user["id"] for user in admin.get_users()}
        name = admin.get_realm("1480")["displayName"]
        roles = admin.get_realm_roles_of_user(after["gruppledare"])
    assert report.updated == ["1480"]
    assert name == "Göteborgs nya stad"
    assert after == before
    assert "team_leader" in {role["name"] for role in roles}


def test_a_municipality_that_was_missing_gets_its_realm_at_the_next_start(keycloak_server):
    with keycloak_server.admin("0581") as admin:
        admin.delete_realm("0581")
    assert keycloak_server.apply().created == ["0581"]


def test_a_change_made_by_hand_to_a_client_goes_at_the_next_change(keycloak_server):
    with keycloak_server.admin("1480") as admin:
        client = admin.get_client_id("utvag-web")
        admin.update_client(client, {"redirectUris": ["*"], "directAccessGrantsEnabled": True})
    with changed(keycloak_server, "1480", name="Göteborg"), keycloak_server.admin("1480") as admin:
        kept = admin.get_client(client)
    assert kept["redirectUris"] == [f"{keycloak_server.nodes['1480']}/sign-in/return"]
    assert kept["directAccessGrantsEnabled"] is False


@pytest.mark.parametrize("code", ["0580", "1480", "9002", "9003"])
def test_a_realm_has_the_roles_of_its_kind(keycloak_server, code):
    kind = next(a.kind for a in keycloak_server.authorities if a.code == code)
    with keycloak_server.admin(code) as admin:
        roles = {role["name"] for role in admin.get_realm_roles()}
    own = {f"default-roles-{code}", "offline_access", "uma_authorization"}
    assert roles - own == set(roles_of(kind))


@pytest.mark.parametrize("code", ["0580", "9001", "9002"])
def test_a_realm_is_closed_where_we_do_not_use_it(keycloak_server, code):
    with keycloak_server.admin(code) as admin:
        realm = admin.get_realm(code)
        everybody = admin.get_composite_realm_roles_of_role(f"default-roles-{code}")
    assert realm["bruteForceProtected"]
    assert not realm["registrationAllowed"]
    assert not realm["resetPasswordAllowed"]
    assert not realm["editUsernameAllowed"]
    assert realm["defaultSignatureAlgorithm"] == "ES256"
    assert realm["accessTokenLifespan"] <= 300
    assert realm["supportedLocales"] == ["sv"]
    assert everybody == []  # no account console, no offline tokens


@pytest.mark.parametrize("code", ["0580", "9001"])
def test_no_client_of_ours_takes_a_password_or_an_implicit_answer(keycloak_server, code):
    with keycloak_server.admin(code) as admin:
        clients = [c for c in admin.get_clients() if c["clientId"].startswith(("utvag", "broker-"))]
    assert len(clients) >= 3
    for client in clients:
        assert not client["implicitFlowEnabled"]
        assert not client["directAccessGrantsEnabled"]
        assert client["attributes"]["pkce.code.challenge.method"] == "S256"
        assert not any("*" in uri for uri in client["redirectUris"])
        assert client["webOrigins"] == []


@pytest.mark.parametrize("client", ["utvag-api", "admin-cli"])
async def test_a_password_alone_gives_no_token(keycloak_server, client):
    person = keycloak_server.account("0580", "gruppledare")
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answer = await http.post(
            f"{keycloak_server.base_url}/realms/0580/protocol/openid-connect/token",
            data={
                "grant_type": "password",
                "client_id": client,
                "username": person.username,
                "password": person.password,
            },
        )
    assert answer.status_code in {400, 401}
    assert "access_token" not in answer.text


ASKED = {
    "client_id": "utvag-web",
    "response_type": "code",
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "code_challenge": "A" * 43,
    "code_challenge_method": "S256",
}


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
        {"response_type": "id_token token"},
        {"redirect_uri": "http://evil.test/"},
        {"redirect_uri": "{node}/sign-in/return/../../elsewhere"},
        {"redirect_uri": "{node}/"},
        {"redirect_uri": None},
    ],
    ids=repr,
)
async def test_a_sign_in_that_is_not_the_nodes_own_gets_no_form(keycloak_server, changed):
    node = keycloak_server.nodes["0580"]
    asked = {"redirect_uri": f"{node}/sign-in/return"} | ASKED | changed
    asked = {name: value.format(node=node) for name, value in asked.items() if value is not None}
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answer = await http.get(
            f"{keycloak_server.base_url}/realms/0580/protocol/openid-connect/auth", params=asked
        )
    assert "kc-form-login" not in answer.text
    assert "code=" not in answer.headers.get("location", "")


async def test_the_sign_in_page_speaks_swedish_and_says_where_one_is(keycloak_server):
    node = keycloak_server.nodes["0580"]
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answer = await http.get(
            f"{keycloak_server.base_url}/realms/0580/protocol/openid-connect/auth",
            params=ASKED | {"redirect_uri": f"{node}/sign-in/return"},
        )
    assert answer.status_code == 200
    assert 'lang="sv"' in answer.text
    assert "Logga in i Utväg – Linköpings kommun" in answer.text
    assert "Användarnamn" in answer.text
    assert "Polisen" in answer.text
    assert "Glömt" not in answer.text
    assert "Registrera" not in answer.text


async def test_a_wrong_password_gives_nothing(keycloak_server):
    issuer = f"{keycloak_server.base_url}/realms/0580"
    async with Visitor() as visitor:
        with pytest.raises(SignInFailedError):
            await api_token(visitor, issuer, "gruppledare", "fel lösenord helt")


async def test_an_api_client_cannot_use_another_realms_secret(keycloak_server):
    with pytest.raises(SignInFailedError):
        await client_token(
            f"{keycloak_server.base_url}/realms/0580",
            "utvag-client",
            keycloak_server.client_secret("1480"),
        )


def test_the_police_send_no_e_mail_and_the_broker_checks_their_signature(keycloak_server):
    with keycloak_server.admin("0580") as admin:
        broker = admin.get_idp(POLICE_ALIAS)
    settings = broker["config"]
    assert settings["validateSignature"] == settings["useJwksUrl"] == "true"
    assert settings["pkceEnabled"] == "true"
    assert settings["pkceMethod"] == "S256"
    assert settings["syncMode"] == "FORCE"
    assert settings["issuer"] == f"{keycloak_server.base_url}/realms/9001"
    assert settings["defaultScope"] == "openid"
    assert not broker["storeToken"]
