"""The realm that an authority ought to have, as Keycloak's own representation; nothing is sent."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from gateway.auth.issuer import ACR_DEMO, ACR_LOA3, ALGORITHM, API_CLIENT, POLICE_ALIAS
from gateway.auth.roles import API_MONITOR, roles_of
from gateway.auth.tokens import MAX_CLIENT_LIFE_S
from infra.keycloak import flows, mappers
from infra.keycloak.accounts import Account
from infra.keycloak.secrets import ClientSecrets
from shared.policy.authority import Authority

DIGEST_ATTRIBUTE = "utvag.digest"
FORM = 1
"""Counts changes to how realms are made; a new number re-applies every realm."""

ACCESS_TOKEN_S = 300
SESSION_IDLE_S = 35 * 60  # a little longer than the node's own 30 minutes, which rule
SESSION_MAX_S = 10 * 3600

PASSWORDS = "length(14) and notUsername"
# A demo's passwords are drawn by machine (98 bits): a slow hash would protect nothing and costs
# half of the time that the realms take.
DEMO_PASSWORDS = f"{PASSWORDS} and hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"
_DEFAULT_SCOPES = ["basic", "acr"]


@dataclass(frozen=True, slots=True)
class Wish:
    """One authority's realm.

    Args:
        keycloak: the server's public address, as browsers see it.
        node: the node's public address; None for the police, who run none.
        brokers: the police realm's clients: municipality's code to its secret.
        accounts: demo accounts; empty outside a demo state.
    """

    authority: Authority
    keycloak: str
    node: str | None
    secrets: ClientSecrets
    police_realm: str | None
    brokers: dict[str, str]
    accounts: tuple[Account, ...]
    is_demo: bool


def representation(wish: Wish) -> dict[str, Any]:
    """The whole realm; the attribute `utvag.digest` names its content."""
    code = wish.authority.code
    realm: dict[str, Any] = {
        "realm": code,
        "enabled": True,
        "displayName": wish.authority.name,
        "roles": {
            "realm": [
                {"name": name, "description": description, "composite": False}
                for name, description in roles_of(wish.authority.kind).items()
            ]
        },
        "defaultRole": {"name": f"default-roles-{code}", "composite": False},
        "clients": _clients(wish),
        "users": [*map(_user, wish.accounts), *_service_account(wish)],
        "identityProviders": [_identity_provider(wish)] if wish.police_realm else [],
        "identityProviderMappers": (
            mappers.identity_provider_mappers() if wish.police_realm else []
        ),
        "authenticationFlows": flows.flows(),
        "authenticatorConfig": flows.authenticator_configs(
            sessions_per_person=50 if wish.is_demo else 5
        ),
        "components": _components(),
        **flows.bindings(),
        **_guards(),
        "passwordPolicy": DEMO_PASSWORDS if wish.is_demo else PASSWORDS,
        **_language(wish.authority),
    }
    acr = {ACR_DEMO if wish.is_demo else ACR_LOA3: 1}
    realm["attributes"] = {"acr.loa.map": json.dumps(acr), "frontendUrl": ""}
    text = json.dumps([FORM, realm], sort_keys=True, ensure_ascii=False)
    realm["attributes"][DIGEST_ATTRIBUTE] = hashlib.sha256(text.encode()).hexdigest()
    return realm


def _guards() -> dict[str, Any]:
    return {
        "sslRequired": "external",
        "registrationAllowed": False,
        "resetPasswordAllowed": False,
        "editUsernameAllowed": False,
        "rememberMe": False,
        "verifyEmail": False,
        "loginWithEmailAllowed": False,
        "duplicateEmailsAllowed": True,  # an e-mail names nobody here, so it can block nobody
        "userManagedAccessAllowed": False,
        "bruteForceProtected": True,
        "permanentLockout": False,
        "failureFactor": 10,
        "waitIncrementSeconds": 60,
        "maxFailureWaitSeconds": 900,
        "maxDeltaTimeSeconds": 43200,
        "quickLoginCheckMilliSeconds": 200,
        "minimumQuickLoginWaitSeconds": 10,
        "defaultSignatureAlgorithm": ALGORITHM,
        "accessTokenLifespan": ACCESS_TOKEN_S,
        "accessCodeLifespan": 60,
        "ssoSessionIdleTimeout": SESSION_IDLE_S,
        "ssoSessionMaxLifespan": SESSION_MAX_S,
        "eventsEnabled": True,
        "eventsExpiration": 90 * 24 * 3600,
        "adminEventsEnabled": True,
        "adminEventsDetailsEnabled": False,
        "eventsListeners": ["jboss-logging"],
    }


def _language(authority: Authority) -> dict[str, Any]:
    return {
        "internationalizationEnabled": True,
        "supportedLocales": ["sv"],
        "defaultLocale": "sv",
        "localizationTexts": {
            "sv": {
                "loginAccountTitle": f"Logga in i Utväg – {authority.name}",
                "loginTitle": f"Logga in – {authority.name}",
                "identity-provider-login-label": "Annan organisation",
            }
        },
    }


def _components() -> dict[str, Any]:
    """Keys of the realm (no RSA at all), and which attributes an account has."""

    def key(name: str, provider: str, **config: str) -> dict[str, Any]:
        settings = {"enabled": "true", "active": "true", "priority": "100"} | config
        return {
            "name": name,
            "providerId": provider,
            "config": {k: [v] for k, v in settings.items()},
        }

    profile = {
        "attributes": [
            _attribute("username", {"length": {"min": 3, "max": 255}}),
            _attribute("email", {"email": {}, "length": {"max": 255}}),
            _attribute("firstName", {"length": {"max": 255}}),
            _attribute("lastName", {"length": {"max": 255}}),
            _attribute("unit", {"pattern": {"pattern": "^[a-z0-9-]{1,64}$"}}),
        ],
        "groups": [],
    }
    return {
        "org.keycloak.keys.KeyProvider": [
            key("utvag-signing", "ecdsa-generated", ecdsaEllipticCurveKey="P-256"),
            key("utvag-hmac", "hmac-generated", algorithm="HS512"),
            key("utvag-aes", "aes-generated"),
        ],
        "org.keycloak.userprofile.UserProfileProvider": [
            {
                "providerId": "declarative-user-profile",
                "config": {"kc.user.profile.config": [json.dumps(profile)]},
            }
        ],
    }


def _attribute(name: str, validations: dict[str, Any]) -> dict[str, Any]:
    # Only administrators edit: a person cannot move to another unit or take another's name.
    return {
        "name": name,
        "displayName": "${" + name + "}",
        "validations": validations,
        "permissions": {"view": ["admin", "user"], "edit": ["admin"]},
        "multivalued": False,
    }


def _clients(wish: Wish) -> list[dict[str, Any]]:
    code = wish.authority.code
    brokers = [_broker(wish, *broker) for broker in wish.brokers.items()]
    if wish.node is None:
        return brokers
    web = _client(
        "utvag-web",
        "Nodens sidor",
        secret=wish.secrets.web,
        redirects=[f"{wish.node}/sign-in/return"],
        logged_out=[f"{wish.node}/signed-out"],
        mapped=mappers.node_mappers(code),
    )
    web["attributes"] |= _told_of_sign_out(f"{wish.node}/sign-out/back-channel")
    api = _client(
        "utvag-api",
        "API för personal: en klient på den egna datorn",
        secret=None,
        redirects=["http://127.0.0.1/return"],
        mapped=mappers.node_mappers(code),
    )
    api["attributes"]["use.refresh.tokens"] = "false"
    monitor = _client(
        API_CLIENT,
        "API-klient med egen token",
        secret=wish.secrets.client,
        mapped=mappers.node_mappers(code),
    )
    # Nobody asks again whether a client's token still holds, so it lives a minute.
    monitor["attributes"]["access.token.lifespan"] = str(MAX_CLIENT_LIFE_S)
    monitor |= {"standardFlowEnabled": False, "serviceAccountsEnabled": True}
    return [*brokers, web, api, monitor]


def _broker(wish: Wish, municipality: str, secret: str) -> dict[str, Any]:
    """The police realm's client for a municipality's realm, which is told when a session ends."""
    realm = f"{wish.keycloak}/realms/{municipality}"
    endpoint = f"{realm}/broker/{POLICE_ALIAS}/endpoint"
    client = _client(
        f"broker-{municipality}",
        f"{municipality}: inloggning som partner",
        secret=secret,
        redirects=[endpoint],
        logged_out=[f"{endpoint}/logout_response"],
        mapped=mappers.broker_client_mappers(),
    )
    client["attributes"] |= _told_of_sign_out(
        f"{realm}/protocol/openid-connect/logout/backchannel-logout"
    )
    return client


def _told_of_sign_out(address: str) -> dict[str, str]:
    return {
        "backchannel.logout.url": address,
        "backchannel.logout.session.required": "true",
        "backchannel.logout.revoke.offline.tokens": "false",
    }


def _client(
    client_id: str,
    name: str,
    *,
    secret: str | None,
    redirects: list[str] | None = None,
    logged_out: list[str] | None = None,
    mapped: list[dict[str, Any]],
) -> dict[str, Any]:
    """Code flow with PKCE only, exact addresses, nothing implicit, no password grant."""
    client: dict[str, Any] = {
        "clientId": client_id,
        "name": name,
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": secret is None,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "consentRequired": False,
        "fullScopeAllowed": True,
        "frontchannelLogout": False,
        "redirectUris": redirects or [],
        "webOrigins": [],
        "defaultClientScopes": _DEFAULT_SCOPES,
        "optionalClientScopes": [],
        "protocolMappers": mapped,
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": "##".join(logged_out or []) or "-",
            "access.token.header.type.rfc9068": "true",
            "exclude.session.state.from.auth.response": "true",
            "display.on.consent.screen": "false",
        },
    }
    if secret is not None:
        client |= {"clientAuthenticatorType": "client-secret", "secret": secret}
    return client


def _identity_provider(wish: Wish) -> dict[str, Any]:
    police = f"{wish.keycloak}/realms/{wish.police_realm}"
    endpoint = f"{police}/protocol/openid-connect"
    return {
        "alias": POLICE_ALIAS,
        "displayName": "Polisen",
        "providerId": "keycloak-oidc",
        "enabled": True,
        "trustEmail": True,
        "storeToken": False,
        "addReadTokenRoleOnCreate": False,
        "linkOnly": False,
        "firstBrokerLoginFlowAlias": flows.BROKER,
        "postBrokerLoginFlowAlias": flows.AFTER_BROKER,
        "config": {
            "issuer": police,
            "authorizationUrl": f"{endpoint}/auth",
            "tokenUrl": f"{endpoint}/token",
            "logoutUrl": f"{endpoint}/logout",
            "jwksUrl": f"{endpoint}/certs",
            "useJwksUrl": "true",
            "validateSignature": "true",
            "pkceEnabled": "true",
            "pkceMethod": "S256",
            "clientAuthMethod": "client_secret_post",
            "clientId": f"broker-{wish.authority.code}",
            "clientSecret": wish.secrets.broker,
            "syncMode": "FORCE",
            "defaultScope": "openid",
            "disableUserInfo": "true",
            "backchannelSupported": "true",
            "sendIdTokenOnLogout": "true",
        },
    }


def _user(account: Account) -> dict[str, Any]:
    return {
        "username": account.username,
        "enabled": True,
        "firstName": account.given_name,
        "lastName": account.family_name,
        "attributes": {"unit": [account.unit]} if account.unit else {},
        "credentials": [{"type": "password", "value": account.password, "temporary": False}],
        "realmRoles": list(account.roles),
    }


def _service_account(wish: Wish) -> list[dict[str, Any]]:
    if wish.node is None:
        return []
    return [
        {
            "username": f"service-account-{API_CLIENT}",
            "enabled": True,
            "serviceAccountClientId": API_CLIENT,
            "realmRoles": [API_MONITOR],
        }
    ]
