"""Police units, as the police's own folder names them."""

from collections.abc import Sequence
from typing import Protocol

from services.protection.domain.model import Level, PoliceUnit
from services.protection.policy import ProtectionPolicy, unit_kind
from services.protection.policy import may_ask_register_check as may_ask
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import AccessDenied, DomainError
from shared.ids import POLICE, AuthorityCode
from shared.node import Node
from shared.policy import Authority, Policy


class PoliceRegister(Protocol):
    """Provided by the composition root: `node.provide(PoliceRegister, …)`."""

    def units(self) -> Sequence[PoliceUnit]:
        """All units of the police."""
        ...


class PoliceFolder:
    """The register that the police's tenant folder is.

    Args:
        police: the authority 9001 as loaded from `tenants/`.
    """

    def __init__(self, police: Authority) -> None:
        self._units = tuple(
            PoliceUnit(
                code=unit.code,
                name=unit.name,
                kind=unit.kind,
                municipalities=frozenset(AuthorityCode(code) for code in unit.municipalities),
            )
            for unit in police.units
        )

    def units(self) -> Sequence[PoliceUnit]:
        """All units of the police."""
        return self._units


def police_units(node: Node) -> list[PoliceUnit]:
    """The units that cover this municipality."""
    register: PoliceRegister = node.find(PoliceRegister)  # type: ignore[type-abstract]
    return [unit for unit in register.units() if node.authority in unit.municipalities]


def find_unit(node: Node, code: str) -> PoliceUnit:
    """The unit of that code that covers this municipality. Raises `threat.unit_unknown`."""
    for unit in police_units(node):
        if unit.code == code:
            return unit
    raise DomainError("threat.unit_unknown")


def responsible_unit(node: Node, level: Level) -> PoliceUnit:
    """The unit that answers for this level here, by policy.

    Raises:
        DomainError: `threat.no_unit_for_level`: no unit of the kind covers this municipality.
    """
    policy = node.policies.on(local_date(node.clock.now()))
    kind = unit_kind(level, policy.section("protection", ProtectionPolicy))
    for unit in police_units(node):
        if unit.kind == kind:
            return unit
    raise DomainError("threat.no_unit_for_level", level=level)


def unit_of(node: Node, actor: Actor) -> PoliceUnit:
    """The officer's own unit, by the token's claim.

    Raises:
        AccessDenied: no police officer, or of a unit that does not cover this municipality.
    """
    if actor.home == POLICE and actor.has_any("police_partner"):
        for unit in police_units(node):
            if unit.code == actor.unit:
                return unit
    raise AccessDenied


def reveal_minutes(policy: Policy) -> int:
    """How long an approval to look into the vault lasts."""
    return policy.section("protection", ProtectionPolicy).reveal_minutes.value


def needs_placement_answer(policy: Policy, level: Level) -> bool:
    """Whether nobody is placed or handed over at this level without the police's answer."""
    return level in policy.section("protection", ProtectionPolicy).placement_answer_at.value


def may_ask_register_check(policy: Policy) -> bool:
    """Whether the municipality's documents let it ask the police to check their registers."""
    return may_ask(policy.section("protection", ProtectionPolicy))
