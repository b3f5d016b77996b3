"""Accounts as sign-in makes them."""

from collections.abc import Collection
from uuid import UUID

from services.staff.domain.roles import (
    CASE_ROLES,
    LONGEST_NAME,
    MAY_HAVE_CASES,
    Colleague,
    check_roles,
)
from services.staff.store import accounts as store
from shared.actor import Actor, worker
from shared.db import UnitOfWork
from shared.ids import AuthorityCode, StaffId
from shared.node import Node


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

    Raises:
        DomainError: `staff.roles_kept_apart`, `staff.role_of_another_authority`.
    """
    check_roles(roles, home, node.authority)
    name = " ".join(display_name.split())[:LONGEST_NAME] or "–"
    async with node.db.begin(worker(node.authority)) as uow:
        staff_id = await store.seen(
            uow,
            issuer=issuer,
            subject=subject,
            home=home,
            display_name=name,
            roles=sorted(roles),
            unit=unit,
        )
        uow.audit("staff.signed_in", staff=str(staff_id), home=home)
        await uow.commit()
    return Actor(
        staff_id=staff_id,
        authority=node.authority,
        home=home,
        roles=roles,
        unit=unit,
        display_name=name,
    )


async def colleagues(node: Node, actor: Actor) -> list[Colleague]:
    """Everybody of this municipality who may be given a case, by name; nobody for police."""
    if actor.home != node.authority or not actor.has_any(*CASE_ROLES):
        return []
    async with node.db.begin(actor) as uow:
        rows = await store.at_home(uow, node.authority)
        await uow.commit()
    return [each for row in rows if (each := _colleague(row)).roles & MAY_HAVE_CASES]


async def find(uow: UnitOfWork, staff_id: StaffId) -> Colleague | None:
    """One colleague of the actor's own authority; None for police and for nobody."""
    row = await store.one(uow, staff_id)
    if row is None or row.home != uow.actor.authority:
        return None
    return _colleague(row)


async def names(uow: UnitOfWork, wanted: Collection[UUID] | None) -> dict[UUID, str]:
    """Display names by account; of everybody when `wanted` is None."""
    return await store.names(uow, wanted)


def _colleague(row: store.Record) -> Colleague:
    return Colleague(StaffId(row.staff_id), row.display_name, frozenset(row.roles), row.unit)
