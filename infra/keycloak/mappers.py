"""What a token says about a person, and where each word of it comes from."""

import json
from typing import Any

from gateway.auth.issuer import POLICE_ALIAS
from gateway.auth.roles import POLICE_PARTNER


def node_mappers(code: str) -> list[dict[str, Any]]:
    """Claims of a token for the node `code`.

    `identity_provider`, `police_unit` and `broker_acr` are notes of the sign-in itself, written by
    the broker. No account in the municipality's realm can carry them, whatever its attributes or
    roles: that is why the node believes `police_unit` and not an attribute.
    """
    return [
        _mapper(
            "audience",
            "oidc-audience-mapper",
            {
                "included.custom.audience": f"utvag-{code}",
                "access.token.claim": "true",
                "id.token.claim": "false",
                "introspection.token.claim": "true",
            },
        ),
        _mapper(
            "roles",
            "oidc-usermodel-realm-role-mapper",
            _claim("roles", multivalued="true"),
        ),
        _mapper("name", "oidc-full-name-mapper", _everywhere()),
        attribute("unit"),
        _note("identity_provider", "identity_provider"),
        _note("unit", "police_unit"),
        _note("acr", "broker_acr"),
    ]


def broker_client_mappers() -> list[dict[str, Any]]:
    """Claims that the police realm sends to a municipality's broker: name and unit, no e-mail."""
    return [
        attribute("unit"),
        _property("firstName", "given_name"),
        _property("lastName", "family_name"),
    ]


def identity_provider_mappers() -> list[dict[str, Any]]:
    """What the municipality's realm does with them, anew at every sign-in."""
    return [
        # The name of the account never meets a local name: it is made of the alias and the
        # officer's id in the police realm.
        _idp("username", "oidc-username-idp-mapper", {"template": "${ALIAS}.${CLAIM.sub}"}),
        _idp("role", "oidc-hardcoded-role-idp-mapper", {"role": POLICE_PARTNER}),
        _idp(
            "sign-in",
            "oidc-user-session-note-idp-mapper",
            {
                "claims": json.dumps(
                    [
                        {"key": "unit", "value": "[a-z0-9-]{1,64}"},
                        {"key": "acr", "value": ".{1,200}"},
                    ]
                ),
                "are.claim.values.regex": "true",
            },
        ),
    ]


def attribute(name: str) -> dict[str, Any]:
    """A claim that repeats an attribute which only administrators may edit."""
    return _mapper(name, "oidc-usermodel-attribute-mapper", _claim(name) | {"user.attribute": name})


def _property(name: str, claim: str) -> dict[str, Any]:
    return _mapper(
        claim, "oidc-usermodel-property-mapper", _claim(claim) | {"user.attribute": name}
    )


def _note(note: str, claim: str) -> dict[str, Any]:
    return _mapper(
        claim, "oidc-usersessionmodel-note-mapper", _claim(claim) | {"user.session.note": note}
    )


def _claim(name: str, **more: str) -> dict[str, str]:
    return _everywhere() | {"claim.name": name, "jsonType.label": "String"} | more


def _everywhere() -> dict[str, str]:
    return {
        "id.token.claim": "true",
        "access.token.claim": "true",
        "userinfo.token.claim": "true",
        "introspection.token.claim": "true",
    }


def _mapper(name: str, kind: str, config: dict[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": kind,
        "consentRequired": False,
        "config": config,
    }


def _idp(name: str, kind: str, config: dict[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "identityProviderAlias": POLICE_ALIAS,
        "identityProviderMapper": kind,
        "config": {"syncMode": "FORCE"} | config,
    }
