"""The realms that tenants ask for, before anything is sent."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.auth.issuer import ACR_DEMO, ACR_LOA3
from infra.keycloak.accounts import demo_accounts, load_accounts
from infra.keycloak.realm import DIGEST_ATTRIBUTE, representation
from infra.keycloak.realms import wishes
from infra.keycloak.secrets import client_secrets
from shared.policy import load_tenants

AUTHORITIES = [tenant.authority for tenant in load_tenants().values()]
NODES = {a.code: f"http://127.0.0.1:2{a.code}" for a in AUTHORITIES if a.runs_node}
KEYCLOAK = "http://localhost:18080"


def realms(state, *, is_demo=True) -> dict[str, dict]:
    found = wishes(KEYCLOAK, AUTHORITIES, NODES, state, is_demo=is_demo)
    return {wish.authority.code: representation(wish) for wish in found}


@pytest.fixture
def state(tmp_path):
    return tmp_path


def test_outside_a_demo_nobody_has_a_password_of_ours(state):
    for realm in realms(state, is_demo=False).values():
        assert all("credentials" not in user for user in realm["users"])
        assert json.loads(realm["attributes"]["acr.loa.map"]) == {ACR_LOA3: 1}
    assert load_accounts(state) == []


def test_a_demos_passwords_say_that_they_are_a_demos(state):
    for realm in realms(state).values():
        assert json.loads(realm["attributes"]["acr.loa.map"]) == {ACR_DEMO: 1}


def test_each_role_that_people_hold_has_an_account_in_every_municipality(state):
    wanted = {
        *("case_worker", "exit_coordinator", "team_leader", "social_director"),
        *("security_chief", "log_reviewer", "system_admin"),
    }
    for authority in AUTHORITIES:
        if authority.kind == "municipality":
            people = demo_accounts(state, [authority])
            assert {role for person in people for role in person.roles} == wanted
            assert sum("case_worker" in person.roles for person in people) == 2


def test_each_police_unit_has_an_officer_and_none_holds_a_role(state):
    police = next(a for a in AUTHORITIES if a.kind == "police")
    officers = demo_accounts(state, [police])
    assert {officer.unit for officer in officers} == {unit.code for unit in police.units}
    assert all(officer.roles == () for officer in officers)


def test_no_two_people_of_an_authority_share_a_name_or_a_password(state):
    people = demo_accounts(state, AUTHORITIES)
    assert len({person.password for person in people}) == len(people)
    assert len({(person.authority, person.name) for person in people}) == len(people)


def test_accounts_and_secrets_are_drawn_once_and_are_their_owners_only(state):
    first, secrets = demo_accounts(state, AUTHORITIES), client_secrets(state, NODES)
    assert demo_accounts(state, AUTHORITIES) == first
    assert client_secrets(state, NODES) == secrets
    for name in ("accounts.json", "realms.json"):
        assert stat.S_IMODE((state / "secrets" / name).stat().st_mode) == 0o600


def test_two_that_draw_secrets_at_once_draw_the_same(state):
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: client_secrets(state, ["0580", "9001"]), range(16)))
    assert all(each == drawn[0] for each in drawn)


def test_the_digest_stands_for_the_whole_realm(state):
    first, second = realms(state), realms(state)
    assert first == second
    elsewhere = {code: f"{address}0" for code, address in NODES.items()}
    moved = {
        wish.authority.code: representation(wish)
        for wish in wishes(KEYCLOAK, AUTHORITIES, elsewhere, state, is_demo=True)
    }
    for code in NODES:
        assert (
            moved[code]["attributes"][DIGEST_ATTRIBUTE]
            != first[code]["attributes"][DIGEST_ATTRIBUTE]
        )
    assert moved["9001"] == first["9001"]


def test_only_a_municipality_is_brokered_to_the_police(state):
    found = realms(state)
    kinds = {a.code: a.kind for a in AUTHORITIES}
    for code, realm in found.items():
        assert bool(realm["identityProviders"]) == (kinds[code] == "municipality")
    clients = {client["clientId"] for client in found["9001"]["clients"]}
    assert clients == {f"broker-{code}" for code, kind in kinds.items() if kind == "municipality"}


def test_the_secret_of_a_broker_is_the_same_on_both_sides(state):
    found = realms(state)
    police = {client["clientId"]: client["secret"] for client in found["9001"]["clients"]}
    settings = found["1480"]["identityProviders"][0]["config"]
    assert police[settings["clientId"]] == settings["clientSecret"]


def test_the_operator_has_no_realm(state):
    assert "9000" not in realms(state)
