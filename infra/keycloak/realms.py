"""Make every authority's realm what its tenant folder says.

A new realm takes one large request and three small ones; unchanged realms together take one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from keycloak import KeycloakAdmin

from gateway.auth.issuer import POLICE_ALIAS
from infra.keycloak.accounts import demo_accounts
from infra.keycloak.realm import DIGEST_ATTRIBUTE, Wish, representation
from infra.keycloak.secrets import client_secrets
from shared.ids import POLICE
from shared.policy.authority import Authority

KINDS_WITH_REALM = ("municipality", "police", "national_coordination", "collector")


@dataclass(slots=True)
class Report:
    """What was done to which realm, by code."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    seconds: float = 0.0


def apply(
    admin_url: str,
    username: str,
    password: str,
    authorities: Iterable[Authority],
    nodes: Mapping[str, str],
    state_dir: Path,
    *,
    is_demo: bool,
) -> Report:
    """Create what is missing, change what differs, leave the rest; never delete a realm or person.

    Args:
        admin_url: the server's address, the same that browsers use (`http://localhost:8080`).
        username: the administrator of the master realm.
        authorities: all of the federation; the operator gets no realm.
        nodes: code to the node's public address, for those that run one.
        state_dir: where secrets and demo accounts are kept.
        is_demo: makes password accounts; the node accepts their level in a demo state only.

    Raises:
        keycloak.exceptions.KeycloakError: the server refused or could not be reached.
    """
    started = monotonic()
    admin = KeycloakAdmin(
        server_url=admin_url, username=username, password=password, realm_name="master", timeout=30
    )
    present = {realm["realm"]: realm for realm in admin.get_realms()}
    report = Report()
    for wish in wishes(admin_url, authorities, nodes, state_dir, is_demo=is_demo):
        wanted = representation(wish)
        code = wish.authority.code
        existing = present.get(code)
        if existing is None:
            _create(admin, wanted)
            report.created.append(code)
        elif existing.get("attributes", {}).get(DIGEST_ATTRIBUTE) == _digest(wanted):
            report.unchanged.append(code)
        else:
            _Update(admin, code).apply(wanted)
            report.updated.append(code)
    report.seconds = monotonic() - started
    return report


def wishes(
    keycloak: str,
    authorities: Iterable[Authority],
    nodes: Mapping[str, str],
    state_dir: Path,
    *,
    is_demo: bool,
) -> list[Wish]:
    """The realm of each authority; the police first, for the others are brokered to it."""
    chosen = [authority for authority in authorities if authority.kind in KINDS_WITH_REALM]
    chosen.sort(key=lambda authority: (authority.kind != "police", authority.code))
    secrets = client_secrets(state_dir, [authority.code for authority in chosen])
    accounts = demo_accounts(state_dir, chosen) if is_demo else []
    has_police = any(authority.code == POLICE for authority in chosen)
    brokers: dict[str, str] = {
        authority.code: secrets[authority.code].broker
        for authority in chosen
        if authority.kind == "municipality" and authority.code in nodes
    }
    return [
        Wish(
            authority=authority,
            keycloak=keycloak.rstrip("/"),
            node=nodes[authority.code].rstrip("/") if authority.code in nodes else None,
            secrets=secrets[authority.code],
            police_realm=POLICE if has_police and authority.code in brokers else None,
            brokers=brokers if authority.kind == "police" else {},
            accounts=tuple(a for a in accounts if a.authority == authority.code),
            is_demo=is_demo,
        )
        for authority in chosen
    ]


def _create(admin: KeycloakAdmin, wanted: dict[str, Any]) -> None:
    """A new realm in one request; its digest is written last, so a cut creation is done again."""
    code = wanted["realm"]
    attributes = wanted["attributes"]
    unfinished = {key: text for key, text in attributes.items() if key != DIGEST_ATTRIBUTE}
    admin.create_realm(wanted | {"attributes": unfinished})
    admin.change_current_realm(code)
    try:
        _close_account_console(admin, code)
        admin.update_realm(code, {"realm": code, "attributes": attributes})
    finally:
        admin.change_current_realm("master")


def _close_account_console(admin: KeycloakAdmin, code: str) -> None:
    """Take from everybody what Keycloak gives to everybody: linking accounts, offline tokens."""
    default = f"default-roles-{code}"
    given = admin.get_composite_realm_roles_of_role(default)
    if given:
        admin.remove_composite_realm_roles_to_role(default, given)


def _digest(representation: dict[str, Any]) -> str:
    return str(representation["attributes"][DIGEST_ATTRIBUTE])


class _Update:
    """Brings a realm that exists to the wanted form, person by person and client by client.

    The digest is written last: a cut change is done again.
    """

    def __init__(self, admin: KeycloakAdmin, code: str) -> None:
        self._admin = admin
        self._code = code

    def apply(self, wanted: dict[str, Any]) -> None:
        self._admin.change_current_realm(self._code)
        try:
            self._roles(wanted["roles"]["realm"])
            self._flows(wanted)
            self._clients(wanted["clients"])
            self._identity_providers(wanted)
            self._people(wanted["users"])
            _close_account_console(self._admin, self._code)
            parts = (
                *("roles", "clients", "users", "identityProviders", "identityProviderMappers"),
                *("authenticationFlows", "authenticatorConfig", "components", "defaultRole"),
            )
            self._admin.update_realm(
                self._code, {key: value for key, value in wanted.items() if key not in parts}
            )
        finally:
            self._admin.change_current_realm("master")

    def _roles(self, roles: list[dict[str, Any]]) -> None:
        for role in roles:
            self._admin.create_realm_role(role, skip_exists=True)

    def _flows(self, wanted: dict[str, Any]) -> None:
        """Settings of steps; a flow's shape changes with its name only (`FORM`, new alias)."""
        configs = {config["alias"]: config for config in wanted["authenticatorConfig"]}
        for flow in self._admin.get_authentication_flows():
            if flow["alias"].startswith("utvag-"):
                for step in self._admin.get_authentication_flow_executions(flow["alias"]):
                    config = configs.get(step.get("alias", ""))
                    if config and step.get("authenticationConfig"):
                        number = step["authenticationConfig"]
                        self._admin.update_authenticator_config(config | {"id": number}, number)

    def _clients(self, clients: list[dict[str, Any]]) -> None:
        known = {client["clientId"]: client["id"] for client in self._admin.get_clients()}
        for client in clients:
            number = known.get(client["clientId"])
            if number is None:
                self._admin.create_client(client)
                continue
            self._admin.update_client(number, client)
            kept = {
                mapper["name"]: mapper["id"]
                for mapper in self._admin.get_mappers_from_client(number)
            }
            for mapper in client["protocolMappers"]:
                mapper_id = kept.get(mapper["name"])
                if mapper_id is None:
                    self._admin.add_mapper_to_client(number, mapper)
                else:
                    self._admin.update_client_mapper(number, mapper_id, mapper | {"id": mapper_id})

    def _identity_providers(self, wanted: dict[str, Any]) -> None:
        known = {provider["alias"] for provider in self._admin.get_idps()}
        for provider in wanted["identityProviders"]:
            if provider["alias"] in known:
                self._admin.update_idp(provider["alias"], provider)
            else:
                self._admin.create_idp(provider)
        if not wanted["identityProviders"]:
            return
        kept = {
            mapper["name"]: mapper["id"] for mapper in self._admin.get_idp_mappers(POLICE_ALIAS)
        }
        for mapper in wanted["identityProviderMappers"]:
            mapper_id = kept.get(mapper["name"])
            if mapper_id is None:
                self._admin.add_mapper_to_idp(POLICE_ALIAS, mapper)
            else:
                self._admin.update_mapper_in_idp(
                    POLICE_ALIAS, mapper_id, mapper | {"id": mapper_id}
                )

    def _people(self, users: list[dict[str, Any]]) -> None:
        for user in users:
            if "serviceAccountClientId" in user:
                client = str(self._admin.get_client_id(user["serviceAccountClientId"]))
                user_id = self._admin.get_client_service_account_user(client)["id"]
            elif (found := self._admin.get_user_id(user["username"])) is not None:
                user_id = found
            else:
                user_id = self._admin.create_user(user)
            roles = [self._admin.get_realm_role(role) for role in user["realmRoles"]]
            if roles:
                self._admin.assign_realm_roles(user_id, roles)
