"""Each decision is made by the roles that a municipality's order names, and by nobody else."""

from datetime import date
from typing import get_args

import pytest

from gateway.auth.roles import MUNICIPAL_ROLES, POLICE_PARTNER
from gateway.policies import load_federation
from services.decisions import api as decisions
from services.decisions.policy import DecisionKind, DecisionsPolicy, Role
from shared.actor import Actor
from shared.errors import DomainError
from shared.ids import AuthorityCode, random_id

DAY = date(2026, 11, 22)
MUNICIPALITIES = ("0580", "0581", "1480")
KINDS = get_args(DecisionKind)
ROLES = sorted({*get_args(Role), *MUNICIPAL_ROLES, POLICE_PARTNER, "worker"})


@pytest.fixture(scope="module")
def federation():
    return load_federation()


def somebody(code, role, home=None):
    return Actor(random_id(), AuthorityCode(code), AuthorityCode(home or code), frozenset({role}))


@pytest.mark.parametrize("code", MUNICIPALITIES)
def test_a_decision_is_refused_to_every_role_that_the_order_does_not_name(federation, code):
    policy = federation[code].policies.on(DAY)
    order = policy.section("decisions", DecisionsPolicy)
    for kind in KINDS:
        named = order.row(kind)
        for role in ROLES:
            if role in named.roles:
                assert decisions.require_delegate(policy, kind, somebody(code, role)).kind == kind
                continue
            with pytest.raises(DomainError) as refused:
                decisions.require_delegate(policy, kind, somebody(code, role))
            assert refused.value.code == "decision.not_delegate", (kind, role)
            assert refused.value.facts["section"] == named.section


@pytest.mark.parametrize("code", MUNICIPALITIES)
def test_the_same_role_from_elsewhere_decides_nothing(federation, code):
    policy = federation[code].policies.on(DAY)
    for kind in KINDS:
        for role in decisions.delegation(policy, kind).roles:
            with pytest.raises(DomainError) as refused:
                decisions.require_delegate(policy, kind, somebody(code, role, home="9001"))
            assert refused.value.code == "decision.not_delegate"


@pytest.mark.parametrize("code", MUNICIPALITIES)
def test_the_second_person_has_a_role_that_the_order_names_and_is_another(federation, code):
    policy = federation[code].policies.on(DAY)
    first = random_id()
    for kind in KINDS:
        row = decisions.delegation(policy, kind)
        wanted = row.second_roles or row.roles
        for role in ROLES:
            second = somebody(code, role)
            if role in wanted:
                decisions.require_second(policy, kind, first, second)
                with pytest.raises(DomainError) as refused:
                    decisions.require_second(policy, kind, second.staff_id, second)
                assert refused.value.code == "decision.same_person"
                continue
            with pytest.raises(DomainError) as refused:
                decisions.require_second(policy, kind, first, second)
            assert refused.value.code == "decision.not_second", (kind, role)
