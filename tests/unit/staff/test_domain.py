import pytest

from services.staff.domain.roles import check_roles
from shared.errors import DomainError
from shared.ids import POLICE, AuthorityCode

HERE = AuthorityCode("0580")


@pytest.mark.parametrize(
    ("roles", "home", "code"),
    [
        ({"log_reviewer", "case_worker"}, HERE, "staff.roles_kept_apart"),
        ({"system_admin", "social_director"}, HERE, "staff.roles_kept_apart"),
        ({"system_admin", "police_partner"}, POLICE, "staff.roles_kept_apart"),
        ({"police_partner"}, HERE, "staff.role_of_another_authority"),
        ({"case_worker"}, POLICE, "staff.role_of_another_authority"),
        ({"police_partner", "case_worker"}, POLICE, "staff.role_of_another_authority"),
        ({"police_partner"}, AuthorityCode("1480"), "staff.role_of_another_authority"),
        (set(), POLICE, "staff.role_of_another_authority"),
    ],
)
def test_roles_that_one_person_may_not_hold_together_are_refused(roles, home, code):
    with pytest.raises(DomainError) as error:
        check_roles(frozenset(roles), home, HERE)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        ({"case_worker", "team_leader"}, HERE),
        ({"log_reviewer"}, HERE),
        (set(), HERE),
        ({"police_partner"}, POLICE),
    ],
)
def test_roles_that_go_together_pass(roles, home):
    check_roles(frozenset(roles), home, HERE)
