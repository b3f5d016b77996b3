"""Sign-in flows: which steps Keycloak runs, and none that we do not use.

A realm made by us carries only these flows. Registration, password reset by e-mail, the direct
grant and Docker's own log-in are bound to a flow that refuses.
"""

from typing import Any

BROWSER = "utvag-browser"
BROKER = "utvag-first-broker"
AFTER_BROKER = "utvag-after-broker"
CLIENTS = "utvag-clients"
REFUSE = "utvag-refuse"

SIGN_IN_MAX_AGE_S = 10 * 3600
"""As long as the longest session: a step done this long ago must be done again."""


def flows() -> list[dict[str, Any]]:
    """Every flow of a realm, for a realm representation."""
    return [
        _flow(
            BROWSER,
            "Inloggning: befintlig session, annan organisation eller lösenord",
            _subflow("utvag-sign-in", "REQUIRED"),
            _step("user-session-limits", "REQUIRED", "utvag-session-limit"),
        ),
        _flow(
            "utvag-sign-in",
            "Ett av tre sätt",
            _step("auth-cookie", "ALTERNATIVE"),
            _step("identity-provider-redirector", "ALTERNATIVE"),
            _subflow("utvag-forms", "ALTERNATIVE"),
            top=False,
        ),
        _flow(
            "utvag-forms",
            "Användarnamn och lösenord",
            _subflow("utvag-level-1", "CONDITIONAL"),
            top=False,
        ),
        _flow(
            "utvag-level-1",
            "Tillitsnivå för lösenord",
            _step("conditional-level-of-authentication", "REQUIRED", "utvag-level-1"),
            _step("auth-username-password-form", "REQUIRED"),
            top=False,
        ),
        # An account of the same name or e-mail is never linked: the only step makes a new user,
        # and refuses when it cannot.
        _flow(
            BROKER,
            "Första inloggning från annan organisation: alltid ett nytt konto, aldrig länkning",
            _step("idp-create-user-if-unique", "REQUIRED", "utvag-new-user"),
        ),
        _flow(
            AFTER_BROKER,
            "Efter inloggning från annan organisation",
            _step("user-session-limits", "REQUIRED", "utvag-session-limit"),
        ),
        _flow(
            CLIENTS,
            "Klienter visar sin hemlighet",
            _step("client-secret", "ALTERNATIVE"),
            _step("client-jwt", "ALTERNATIVE"),
            provider="client-flow",
        ),
        _flow(REFUSE, "Används inte", _step("deny-access-authenticator", "REQUIRED")),
    ]


def authenticator_configs(*, sessions_per_person: int) -> list[dict[str, Any]]:
    """What the steps are told."""
    return [
        {
            "alias": "utvag-session-limit",
            "config": {
                "userRealmLimit": str(sessions_per_person),
                "userClientLimit": "0",
                "behavior": "Terminate oldest session",
            },
        },
        {
            "alias": "utvag-level-1",
            "config": {
                "loa-condition-level": "1",
                "loa-max-age": str(SIGN_IN_MAX_AGE_S),
            },
        },
        {
            "alias": "utvag-new-user",
            "config": {"require.password.update.after.registration": "false"},
        },
    ]


def bindings() -> dict[str, str]:
    """Which flow a realm runs for what."""
    return {
        "browserFlow": BROWSER,
        "firstBrokerLoginFlow": BROKER,
        "clientAuthenticationFlow": CLIENTS,
        "registrationFlow": REFUSE,
        "directGrantFlow": REFUSE,
        "resetCredentialsFlow": REFUSE,
        "dockerAuthenticationFlow": REFUSE,
    }


def _flow(
    alias: str,
    description: str,
    *executions: dict[str, Any],
    top: bool = True,
    provider: str = "basic-flow",
) -> dict[str, Any]:
    return {
        "alias": alias,
        "description": description,
        "providerId": provider,
        "topLevel": top,
        "builtIn": False,
        "authenticationExecutions": [
            execution | {"priority": number * 10} for number, execution in enumerate(executions)
        ],
    }


def _step(authenticator: str, requirement: str, config: str | None = None) -> dict[str, Any]:
    step: dict[str, Any] = {
        "authenticator": authenticator,
        "authenticatorFlow": False,
        "requirement": requirement,
    }
    return step | ({"authenticatorConfig": config} if config else {})


def _subflow(alias: str, requirement: str) -> dict[str, Any]:
    return {"flowAlias": alias, "authenticatorFlow": True, "requirement": requirement}
