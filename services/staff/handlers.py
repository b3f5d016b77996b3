"""Accounts as sign-in makes them."""

from dataclasses import dataclass

from shared.actor import Actor
from shared.ids import AuthorityCode, StaffId
from shared.node import Node


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of this municipality who may be given a case; never police."""

    staff_id: StaffId
    display_name: str
    roles: frozenset[str]
    unit: str | None


async def sign_in(
    node: Node,
    *,
    issuer: str,
    subject: str,
    display_name: str,
    roles: frozenset[str],
    unit: str | None,
    home: AuthorityCode,
) -> Actor:
    """The account of this token's person, made at the first sign-in.

    Roles and unit are the token's every time; what is stored serves the list of colleagues only.
    """
    raise NotImplementedError


async def colleagues(node: Node, actor: Actor) -> list[Colleague]:
    """Everybody of this municipality with a case role, by name."""
    raise NotImplementedError
