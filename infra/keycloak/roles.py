"""The roles that a realm knows, with the Swedish text an administrator reads in Keycloak."""

MUNICIPAL_ROLES = {
    "case_worker": "Handläggare",
    "exit_coordinator": "Avhopparsamordnare",
    "team_leader": "Gruppledare",
    "social_director": "Socialchef",
    "security_chief": "Säkerhetschef",
    "log_reviewer": "Logggranskare",
    "system_admin": "Systemadministratör",
}
POLICE_PARTNER = "police_partner"
NATIONAL_COORDINATOR = "national_coordinator"
API_MONITOR = "api_monitor"

_NATIONAL_ROLES = {
    NATIONAL_COORDINATOR: "Nationell samordnare",
    "log_reviewer": MUNICIPAL_ROLES["log_reviewer"],
    "system_admin": MUNICIPAL_ROLES["system_admin"],
}
_COLLECTOR_ROLES = {
    "log_reviewer": MUNICIPAL_ROLES["log_reviewer"],
    "system_admin": MUNICIPAL_ROLES["system_admin"],
}
_API_ROLE = {API_MONITOR: "API-klient som läser nodens hälsa"}


def roles_of(kind: str) -> dict[str, str]:
    """Role and description for an authority of this kind; the police realm needs none.

    A municipality's `police_partner` is given by the broker alone; the node refuses it to anybody
    who did not sign in at the police realm.
    """
    if kind == "municipality":
        return MUNICIPAL_ROLES | {POLICE_PARTNER: "Polis i samverkansrum"} | _API_ROLE
    if kind == "national_coordination":
        return _NATIONAL_ROLES | _API_ROLE
    if kind == "collector":
        return _COLLECTOR_ROLES | _API_ROLE
    return {}
