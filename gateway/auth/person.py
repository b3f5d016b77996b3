"""From a token's claims to who acts: a decision without I/O, the last one before an account."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.auth.issuer import API_CLIENT, POLICE_ALIAS, Issuer
from gateway.auth.roles import ALONE, API_MONITOR, POLICE_PARTNER
from gateway.auth.tokens import Claims, TokenRefusedError
from shared.errors import DomainError
from shared.ids import AuthorityCode


@dataclass(frozen=True, slots=True)
class Person:
    """Who a believed token speaks of.

    Args:
        home: where the person signed in; the police for a brokered officer.
        unit: of the municipality's account, or the police unit that the police realm named.
    """

    issuer: str
    subject: str
    display_name: str
    roles: frozenset[str]
    unit: str | None
    home: AuthorityCode


def person_of(claims: Claims, issuer: Issuer, roles: Sequence[str] | None = None) -> Person:
    """Who signed in, where, and with which roles.

    Whether somebody is police is read from the sign-in itself (`identity_provider`), which no
    account of the municipality's realm can carry; roles and attributes alone never make an officer.

    Args:
        roles: those of now, where the realm was asked after the token was signed.

    Raises:
        TokenRefusedError: the level of assurance is not enough.
        DomainError: `auth.no_role`, `auth.roles_conflict`, `auth.police_only_brokered`,
            `auth.no_unit`.
    """
    if claims.azp == API_CLIENT:
        return _client(claims, issuer)
    held = frozenset(claims.roles if roles is None else roles)
    brokered = bool(claims.identity_provider)
    if (claims.broker_acr if brokered else claims.acr) not in issuer.levels:
        raise TokenRefusedError("assurance")
    known = (held & issuer.roles) - {API_MONITOR}
    if not known:
        raise DomainError("auth.no_role")
    is_police = claims.identity_provider == POLICE_ALIAS
    if is_police != (POLICE_PARTNER in known):
        raise DomainError("auth.police_only_brokered")
    if len(known) > 1 and (is_police or known & ALONE):
        raise DomainError("auth.roles_conflict")
    if is_police and not claims.police_unit:
        raise DomainError("auth.no_unit")
    return Person(
        issuer=issuer.identifier,
        subject=claims.sub,
        display_name=claims.name,
        roles=known,
        unit=(claims.police_unit if is_police else claims.unit) or None,
        home=issuer.police if is_police else issuer.authority,
    )


def _client(claims: Claims, issuer: Issuer) -> Person:
    """An API client in its own name; it may never do what a person may."""
    if frozenset(claims.roles) & issuer.roles != {API_MONITOR}:
        raise DomainError("auth.no_role")
    return Person(
        issuer=issuer.identifier,
        subject=claims.sub,
        display_name="API-klient",
        roles=frozenset({API_MONITOR}),
        unit=None,
        home=issuer.authority,
    )
