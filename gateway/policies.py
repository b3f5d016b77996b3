"""Every policy section there is: the one place that knows all services' policy structs."""

from pathlib import Path

from services.cases.policy import CasesPolicy
from services.decisions.policy import DecisionsPolicy
from services.follow_up.policy import FollowUpPolicy
from services.handover.policy import HandoverPolicy
from services.intake.policy import IntakePolicy
from services.protection.policy import ProtectionPolicy
from services.staff.policy import StaffPolicy, demands_of
from shared.clock import local_date
from shared.ids import AuthorityCode
from shared.node import Node
from shared.policy import Policy, PolicyInvalid, Sections, Tenant, load_tenants

SECTIONS: Sections = {
    "intake": IntakePolicy,
    "cases": CasesPolicy,
    "protection": ProtectionPolicy,
    "decisions": DecisionsPolicy,
    "handover": HandoverPolicy,
    "staff": StaffPolicy,
    "follow_up": FollowUpPolicy,
}


def load_federation(root: Path | None = None) -> dict[AuthorityCode, Tenant]:
    """Every authority, each policy decoded and checked; adding a folder adds an authority.

    Args:
        root: `tenants/` of the product where not named.

    Raises:
        PolicyInvalid: naming file, day and path. Nothing starts on half a policy.
    """
    tenants = load_tenants(root, SECTIONS)
    for tenant in tenants.values():
        addresses = {function.address for function in tenant.authority.functions}
        for policy in tenant.policies.policies:
            _check_suitability(tenant.code, policy)
            handover = policy.section("handover", HandoverPolicy)
            if handover.receiving_function.value not in addresses:
                raise PolicyInvalid(
                    f"{tenant.code} policy {policy.valid_from}: handover.receiving_function is no "
                    "function in authority.toml"
                )
    return tenants


def _check_suitability(code: AuthorityCode, policy: Policy) -> None:
    """What one section says of case workers, the other must demand."""
    wanted = policy.section("cases", CasesPolicy).work.handler_suitability.value
    demanded = {each.kind for each in demands_of(policy, "case_worker")}
    if (wanted == "special_suitability_required") != ("special_suitability" in demanded):
        raise PolicyInvalid(
            f"{code} policy {policy.valid_from}: cases.work.handler_suitability and staff.demands "
            "disagree"
        )


def cases_policy(node: Node) -> CasesPolicy:
    """What the node's policy says of cases today, for a form's limits."""
    return node.policies.on(local_date(node.clock.now())).section("cases", CasesPolicy)


def open_within_days(node: Node) -> int:
    """The time in days from acceptance to take-over, before it is an alarm."""
    policy = node.policies.on(local_date(node.clock.now()))
    return policy.section("handover", HandoverPolicy).open_within_days.value


def review_days(node: Node) -> dict[str, int]:
    """The longest time in days to the next threat assessment, by level."""
    policy = node.policies.on(local_date(node.clock.now()))
    days = policy.section("protection", ProtectionPolicy).review_days.value
    return {"LOW": days.low, "MEDIUM": days.medium, "HIGH": days.high}
