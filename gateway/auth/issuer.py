"""The one realm that a node believes, and what it demands of its tokens."""

from dataclasses import dataclass

from gateway.auth.roles import roles_of
from gateway.settings import IdentitySettings, NodeSettings
from shared.ids import POLICE, AuthorityCode

POLICE_ALIAS = "polisen"
API_CLIENT = "utvag-client"

ACR_LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
ACR_DEMO = "urn:utvag:acr:demo-password"
"""What a demo state's passwords are worth; no node outside a demo state accepts it."""

ALGORITHM = "ES256"  # 128 bits of security (ASVS 5.0.0, 11.2.3)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whom the node believes; every address is made of settings, none is read from a token.

    Args:
        identifier: the realm's address, compared character by character.
        web: the confidential client of the pages.
        api: the public client of people who call the API.
        roles: those that mean something in this kind of authority.
        levels: levels of assurance (`acr`) that are enough; compared whole, never by prefix.
        police: code of the police realm's authority.
    """

    authority: AuthorityCode
    identifier: str
    web: str
    web_secret: str
    api: str
    roles: frozenset[str]
    levels: frozenset[str]
    police: AuthorityCode = POLICE

    @property
    def audience(self) -> str:
        """What an access token for this node, and no other, names."""
        return f"utvag-{self.authority}"

    def endpoint(self, name: str) -> str:
        """An address of the realm: `auth`, `token`, `certs`, `userinfo`, `logout`."""
        return f"{self.identifier}/protocol/openid-connect/{name}"

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Issuer({self.identifier!r})"


def issuer_of(settings: NodeSettings, kind: str) -> Issuer:
    """The issuer that the settings name.

    Args:
        kind: the authority's kind, which decides what roles there are.
    """
    identity: IdentitySettings = settings.identity
    return Issuer(
        authority=settings.code,
        identifier=f"{identity.base_url.rstrip('/')}/realms/{identity.realm}",
        web=identity.client_id,
        web_secret=identity.client_secret,
        api=identity.api_client_id,
        roles=frozenset(roles_of(kind)),
        levels=frozenset({ACR_LOA3, ACR_DEMO} if settings.is_demo else {ACR_LOA3}),
        police=AuthorityCode(identity.police_realm) if identity.police_realm else POLICE,
    )
