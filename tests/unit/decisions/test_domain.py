from uuid import uuid4

import pytest

from services.decisions.domain.delegation import (
    Delegation,
    check_days,
    check_first,
    check_second,
    refusing,
)
from shared.errors import DomainError
from shared.ids import StaffId

ROW = Delegation(
    "handover.propose", frozenset({"case_worker"}), frozenset({"team_leader"}), "Ordning", "4.2"
)
ONE, OTHER = StaffId(uuid4()), StaffId(uuid4())


def refusal(check, *args, **kwargs):
    with pytest.raises(DomainError) as error:
        check(*args, **kwargs)
    return error.value


@pytest.mark.parametrize(
    ("roles", "is_of_here"), [({"team_leader"}, True), ({"case_worker"}, False)]
)
def test_only_a_delegate_of_this_municipality_decides(roles, is_of_here):
    error = refusal(check_first, ROW, frozenset(roles), is_of_here=is_of_here)
    assert error.code == "decision.not_delegate"
    assert error.facts == {
        "kind": "handover.propose",
        "roles": "case_worker",
        "document": "Ordning",
        "section": "4.2",
    }
    check_first(ROW, frozenset({"case_worker"}), is_of_here=True)


def second(first=ONE, other=OTHER, roles=("team_leader",), *, row=ROW, is_of_here=True):
    check_second(row, first, other, frozenset(roles), is_of_here=is_of_here)


def test_nobody_is_both_persons():
    assert refusal(second, ONE, ONE).code == "decision.same_person"


def test_the_second_person_holds_a_role_that_the_order_names():
    assert refusal(second, roles=("case_worker",)).code == "decision.not_second"
    assert refusal(second, is_of_here=False).code == "decision.not_second"
    second()


def test_where_the_order_names_no_second_role_the_deciding_roles_do():
    alone = Delegation("handover.keep", frozenset({"case_worker"}), frozenset(), "Ordning", "4.7")
    second(row=alone, roles=("case_worker",))
    assert refusal(second, row=alone).facts["roles"] == "case_worker"


def test_a_delegate_grants_no_longer_than_the_order_lets():
    limited = Delegation(
        "aid.emergency_housing", frozenset({"team_leader"}), frozenset(), "O", "5", 30
    )
    check_days(limited, 30)
    check_days(ROW, None)
    for days in (31, None):
        error = refusal(check_days, limited, days)
        assert (error.code, error.facts) == ("decision.beyond_limit", {"days": 30})


def test_a_refusal_is_never_decided_lower_than_the_grant():
    committees = Delegation(
        "aid.protected_housing", frozenset({"subcommittee"}), frozenset(), "O", "5"
    )
    assert refusing(committees, ROW) is committees
    assert refusing(ROW, committees) is committees
    assert committees.is_the_committees
    assert not ROW.is_the_committees
