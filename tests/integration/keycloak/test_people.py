"""People who sign in at the real Keycloak, and what they then reach in the node."""

import asyncio
import base64
import json
from datetime import timedelta

import httpx
import pytest

from infra.demo.signin import SignInFailedError, Visitor, client_token, forms, sign_in
from tests.support.signin import served_node, signed_in, token_of

pytestmark = pytest.mark.servers

LPO = "lpo-linkoping-1"
BOPS = "bops-ost-1"
MINUTE = timedelta(seconds=60)


async def page(visitor, node) -> dict:
    answer = await visitor.open(f"{node.base_url}/")
    assert str(answer.request.url) == f"{node.base_url}/", answer.request.url
    return answer.json()


async def is_signed_in(visitor, node) -> bool:
    return (await visitor.send("GET", f"{node.base_url}/")).status_code == 200


def claims(token: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


async def api(node, token: str, operation: str = "who") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        return await http.get(
            f"{node.base_url}/api/v1/{operation}", headers={"authorization": f"Bearer {token}"}
        )


async def test_a_case_worker_signs_in_at_the_own_realm(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "handlaggare1")
    async with signed_in(linkoping.base_url, person, "0580") as visitor:
        shown = await page(visitor, linkoping)
    assert (shown["name"], shown["roles"], shown["home"], shown["unit"]) == (
        person.name,
        ["case_worker"],
        "0580",
        None,
    )


@pytest.mark.parametrize(("username", "unit"), [(LPO, "lpo-linkoping"), (BOPS, "bops-ost")])
async def test_an_officer_comes_through_the_police_realm_with_a_unit(
    keycloak_server, linkoping, username, unit
):
    person = keycloak_server.account("9001", username)
    async with signed_in(linkoping.base_url, person, "0580") as visitor:
        shown = await page(visitor, linkoping)
        again = await sign_in(
            visitor, linkoping.base_url, person.username, person.password, via="polisen"
        )
    wanted = (person.name, ["police_partner"], "9001", unit)
    assert (shown["name"], shown["roles"], shown["home"], shown["unit"]) == wanted
    assert again.json()["unit"] == unit


async def test_an_officer_who_moves_acts_for_the_new_unit_from_the_next_sign_in(
    keycloak_server, linkoping
):
    person = keycloak_server.account("9001", "bops-ost-2")
    with keycloak_server.admin("9001") as admin:
        user = admin.get_user(admin.get_user_id(person.username))
        admin.update_user(user["id"], user | {"attributes": {"unit": ["bops-vast"]}})
        async with signed_in(linkoping.base_url, person, "0580") as visitor:
            shown = await page(visitor, linkoping)
        admin.update_user(user["id"], user | {"attributes": {"unit": [person.unit]}})
    assert shown["unit"] == "bops-vast"


async def test_an_officer_is_never_linked_to_a_local_account_of_the_same_name(
    keycloak_server, linkoping
):
    person = keycloak_server.account("9001", LPO)
    with keycloak_server.admin("9001") as police, keycloak_server.admin("0580") as admin:
        officer = police.get_user(police.get_user_id(person.username))
        police.update_user(officer["id"], officer | {"email": "lika@exempel.se"})
        twin = admin.create_user(
            {
                "username": person.username,
                "email": "lika@exempel.se",
                "emailVerified": True,
                "firstName": person.given_name,
                "lastName": person.family_name,
                "enabled": True,
            },
        )
        try:
            async with signed_in(linkoping.base_url, person, "0580") as visitor:
                shown = await page(visitor, linkoping)
            links = admin.get_user_social_logins(twin)
            roles = {role["name"] for role in admin.get_realm_roles_of_user(twin)}
            partners = admin.get_realm_role_members("police_partner")
        finally:
            admin.delete_user(twin)
            police.update_user(officer["id"], officer | {"email": ""})
    assert shown["home"] == "9001"
    assert links == []
    assert "police_partner" not in roles
    assert twin not in {partner["id"] for partner in partners}
    assert all(partner["username"].startswith("polisen.") for partner in partners)


async def test_a_local_account_made_into_police_by_hand_is_refused(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "sakerhetschef")
    with keycloak_server.admin("0580") as admin:
        user = admin.get_user(admin.get_user_id(person.username))
        role = admin.get_realm_role("police_partner")
        admin.assign_realm_roles(user["id"], [role])
        admin.update_user(user["id"], user | {"attributes": {"unit": ["bops-ost"]}})
        try:
            with pytest.raises(SignInFailedError):
                async with signed_in(linkoping.base_url, person, "0580"):
                    pass
            token = await token_of(linkoping.issuer.identifier, person, "0580")
            answer = await api(linkoping, token)
        finally:
            admin.delete_realm_roles_of_user(user["id"], [role])
            admin.update_user(user["id"], user | {"attributes": {}})
    assert (answer.status_code, answer.json()["code"]) == (422, "auth.police_only_brokered")


async def test_a_person_cannot_change_their_own_account(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "handlaggare2")
    token = await token_of(linkoping.issuer.identifier, person, "0580")
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        for path in ("account", "account/linked-accounts", "account/credentials"):
            answer = await http.get(
                f"{linkoping.issuer.identifier}/{path}",
                headers={"authorization": f"Bearer {token}", "accept": "application/json"},
            )
            assert answer.status_code in {401, 403}, path


async def test_a_token_of_one_realm_opens_nothing_in_another(keycloak_server, linkoping, goteborg):
    here = await token_of(
        linkoping.issuer.identifier, keycloak_server.account("0580", "handlaggare1"), "0580"
    )
    there = await token_of(
        goteborg.issuer.identifier, keycloak_server.account("1480", "handlaggare1"), "1480"
    )
    assert (await api(linkoping, here)).status_code == 200
    assert (await api(goteborg, there)).status_code == 200
    assert (await api(goteborg, here)).status_code == 401
    assert (await api(linkoping, there)).status_code == 401


async def test_a_session_of_one_node_opens_nothing_in_another(keycloak_server, linkoping, goteborg):
    person = keycloak_server.account("0580", "handlaggare1")
    async with signed_in(linkoping.base_url, person, "0580") as visitor:
        value = visitor.cookie("localhost", "utvag_session_0580")
        visitor.cookies["localhost", "/", "utvag_session_1480"] = value
        assert await is_signed_in(visitor, linkoping)
        assert not await is_signed_in(visitor, goteborg)


async def test_an_officers_token_says_no_more_than_the_node_needs(keycloak_server, linkoping):
    person = keycloak_server.account("9001", BOPS)
    token = await token_of(linkoping.issuer.identifier, person, "0580")
    said = claims(token)
    assert said["aud"] == "utvag-0580"
    assert said["police_unit"] == "bops-ost"
    assert not {"email", "preferred_username", "realm_access", "resource_access"} & set(said)
    answer = await api(linkoping, token)
    assert answer.json() == {"name": person.name, "home": "9001", "unit": "bops-ost"}


async def test_an_api_client_has_a_token_of_its_own_and_reads_no_case(keycloak_server, linkoping):
    token = await client_token(
        linkoping.issuer.identifier, "utvag-client", keycloak_server.client_secret("0580")
    )
    assert (await api(linkoping, token)).status_code == 200
    assert (await api(linkoping, token, "cases")).status_code == 404
    assert claims(token)["exp"] - claims(token)["iat"] <= 60


async def test_a_role_removed_in_keycloak_is_gone_within_a_minute(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "gruppledare")
    with keycloak_server.admin("0580") as admin:
        user, role = admin.get_user_id(person.username), admin.get_realm_role("team_leader")
        other = admin.get_realm_role("case_worker")
        admin.assign_realm_roles(user, [other])
        try:
            async with signed_in(linkoping.base_url, person, "0580") as visitor:
                before = await visitor.send("GET", f"{linkoping.base_url}/leaders")
                admin.delete_realm_roles_of_user(user, [role])
                linkoping.wall.ahead += MINUTE
                after = await visitor.send("GET", f"{linkoping.base_url}/leaders")
        finally:
            admin.assign_realm_roles(user, [role])
            admin.delete_realm_roles_of_user(user, [other])
    assert (before.status_code, after.status_code) == (200, 404)


async def test_a_closed_account_is_out_within_a_minute(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "socialchef")
    with keycloak_server.admin("0580") as admin:
        user = admin.get_user_id(person.username)
        try:
            async with signed_in(linkoping.base_url, person, "0580") as visitor:
                token = await token_of(linkoping.issuer.identifier, person, "0580")
                assert (await api(linkoping, token, "cases")).status_code == 404
                admin.update_user(user, {"enabled": False})
                linkoping.wall.ahead += MINUTE
                assert not await is_signed_in(visitor, linkoping)
                assert (await api(linkoping, token, "cases")).status_code == 401
        finally:
            admin.update_user(user, {"enabled": True})


async def test_what_keycloak_ends_is_ended_in_the_node_at_once(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "samordnare")
    await end_at_keycloak_and_see(keycloak_server, linkoping, person)


async def test_what_keycloak_ends_reaches_a_node_that_was_started_again(keycloak_server, dsns):
    """Keycloak keeps connections; one kept over the node's restart would swallow the sign-out."""
    person = keycloak_server.account("0580", "samordnare")
    for _ in range(2):
        async with served_node(keycloak_server, "0580", dsns["0580"].web) as node:
            await end_at_keycloak_and_see(keycloak_server, node, person)


async def end_at_keycloak_and_see(keycloak_server, node, person) -> None:
    with keycloak_server.admin("0580") as admin:
        async with signed_in(node.base_url, person, "0580") as visitor:
            assert await is_signed_in(visitor, node)
            await asyncio.to_thread(admin.user_logout, admin.get_user_id(person.username))
            assert not await is_signed_in(visitor, node)


async def test_what_the_police_end_is_ended_in_the_node_at_once(keycloak_server, linkoping):
    person = keycloak_server.account("9001", BOPS)
    with keycloak_server.admin("9001") as admin:
        async with signed_in(linkoping.base_url, person, "0580") as visitor:
            assert await is_signed_in(visitor, linkoping)
            await asyncio.to_thread(admin.user_logout, admin.get_user_id(person.username))
            assert not await is_signed_in(visitor, linkoping)


async def test_an_account_that_the_police_closed_is_out_within_the_hour(keycloak_server, linkoping):
    """Our realm cannot see it; the node's next question to the police can."""
    person = keycloak_server.account("9001", "bops-ost-2")
    with keycloak_server.admin("9001") as admin:
        user = admin.get_user_id(person.username)
        try:
            async with signed_in(linkoping.base_url, person, "0580") as visitor:
                admin.update_user(user, {"enabled": False})
                linkoping.wall.ahead += timedelta(hours=1)
                assert not await is_signed_in(visitor, linkoping)
                linkoping.wall.ahead = timedelta()
            with pytest.raises(SignInFailedError):
                async with signed_in(linkoping.base_url, person, "0580"):
                    pass
        finally:
            admin.update_user(user, {"enabled": True})


async def sign_out(visitor, node) -> httpx.Response:
    token = (await page(visitor, node))["form_token"]
    return await visitor.send(
        "POST",
        f"{node.base_url}/sign-out",
        data={"_csrf_token": token},
        headers={"origin": node.base_url, "sec-fetch-site": "same-origin"},
    )


async def asks_for_a_password(visitor, node, **query) -> bool:
    address = httpx.URL(f"{node.base_url}/sign-in/start", params=query)
    answer = await visitor.open(str(address))
    return any(form.id == "kc-form-login" for form in forms(answer))


async def test_sign_out_ends_the_session_at_keycloak_too(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "handlaggare1")
    async with signed_in(linkoping.base_url, person, "0580") as visitor:
        assert not await asks_for_a_password(visitor, linkoping)
        answer = await sign_out(visitor, linkoping)
        assert answer.headers["location"] == "/signed-out"
        assert not await is_signed_in(visitor, linkoping)
        assert await asks_for_a_password(visitor, linkoping)


async def test_an_officers_sign_out_ends_the_session_at_the_police_too(keycloak_server, linkoping):
    person = keycloak_server.account("9001", LPO)
    async with signed_in(linkoping.base_url, person, "0580") as visitor:
        await sign_out(visitor, linkoping)
        assert await asks_for_a_password(visitor, linkoping, via="polisen")


async def test_a_code_is_used_once(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "handlaggare1")
    back = f"{linkoping.base_url}/sign-in/return"
    async with Visitor() as visitor:
        form = await visitor.open(f"{linkoping.base_url}/sign-in/start")
        left = await visitor.submit(
            forms(form)[0],
            {"username": person.username, "password": person.password},
            stop_before=back,
        )
        address = left.headers["location"]
        assert (await visitor.send("GET", address)).status_code == 303
        again = await visitor.send("GET", address)
    assert (again.status_code, again.json()["code"]) == (422, "auth.sign_in_failed")


async def test_the_signing_key_may_change_under_way(keycloak_server, linkoping):
    person = keycloak_server.account("0580", "handlaggare1")
    old = await token_of(linkoping.issuer.identifier, person, "0580")
    assert (await api(linkoping, old)).status_code == 200
    with keycloak_server.admin("0580") as admin:
        added = {
            "name": "newer",
            "providerId": "ecdsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "config": {"priority": ["200"], "ecdsaEllipticCurveKey": ["P-256"]},
        }
        component = admin.create_component(added)
        try:
            linkoping.wall.ahead += MINUTE  # past the pause between two fetches
            new = await token_of(linkoping.issuer.identifier, person, "0580")
            assert (await api(linkoping, new)).status_code == 200
            assert (await api(linkoping, old)).status_code == 200
        finally:
            admin.delete_component(component)
