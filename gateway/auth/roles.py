"""The roles of each kind of authority (domain model, section 10), and which cannot be combined.

The realms are made from this table and the node checks tokens against it, so a role that somebody
adds by hand in Keycloak means nothing.
"""

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

# One person may not hold these together with any other role: who reviews the log must not be in
# it, and who runs the system must hold no case (domain model, section 10).
ALONE = frozenset({"log_reviewer", "system_admin"})

_OVERSIGHT = {name: MUNICIPAL_ROLES[name] for name in sorted(ALONE)}
_API = {API_MONITOR: "API-klient som läser nodens hälsa"}


def roles_of(kind: str) -> dict[str, str]:
    """Role and Swedish description for an authority of this kind; the police realm needs none.

    Args:
        kind: as in `authority.toml`.
    """
    if kind == "municipality":
        return MUNICIPAL_ROLES | {POLICE_PARTNER: "Polis i samverkansrum"} | _API
    if kind == "national_coordination":
        return {NATIONAL_COORDINATOR: "Nationell samordnare"} | _OVERSIGHT | _API
    if kind == "collector":
        return _OVERSIGHT | _API
    return {}
