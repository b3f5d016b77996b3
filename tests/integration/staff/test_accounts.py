import pytest
from sqlalchemy import text

from services.staff import api as staff
from services.staff.api import sign_in
from shared.errors import DomainError
from shared.ids import POLICE

pytestmark = pytest.mark.servers

REALM = "https://id.example/realms/0580"


async def enter(bench, subject="s-1", *, issuer=REALM, roles=("case_worker",), **changes):
    given = {"display_name": "Asta A.", "unit": None, "home": bench.node.authority}
    return await sign_in(
        bench.node, issuer=issuer, subject=subject, roles=frozenset(roles), **{**given, **changes}
    )


async def test_the_same_person_has_the_same_account_and_the_tokens_rights(bench):
    first = await enter(bench)
    again = await enter(bench, roles=("team_leader",), unit="sig", display_name="Asta  B.")
    assert again.staff_id == first.staff_id
    assert (again.roles, again.unit, again.display_name) == ({"team_leader"}, "sig", "Asta B.")


async def test_equal_names_in_two_realms_are_two_accounts(bench):
    first = await enter(bench)
    other = await enter(bench, issuer="https://id.example/realms/1480")
    assert first.staff_id != other.staff_id


async def test_roles_that_are_kept_apart_do_not_sign_in(bench):
    with pytest.raises(DomainError) as refused:
        await enter(bench, roles=("log_reviewer", "case_worker"))
    assert refused.value.code == "staff.roles_kept_apart"
    with pytest.raises(DomainError) as refused:
        await enter(bench, roles=("police_partner",))
    assert refused.value.code == "staff.role_of_another_authority"


async def test_colleagues_are_those_with_a_case_role_and_never_police(bench):
    asta = await enter(bench)
    await enter(bench, "s-2", roles=("system_admin",), display_name="Sven")
    await enter(bench, "s-3", roles=("social_director",), display_name="Siv")
    police = await enter(bench, "p-1", roles=("police_partner",), home=POLICE, display_name="Pia")
    found = await staff.colleagues(bench.node, asta)
    assert [c.display_name for c in found] == ["Asta A.", "Siv"]
    assert await staff.colleagues(bench.node, police) == []
    async with bench.node.db.begin(asta) as uow:
        assert await staff.find(uow, police.staff_id) is None
        assert (await staff.find(uow, asta.staff_id)).display_name == "Asta A."
        await uow.commit()


async def test_a_sign_in_is_logged_without_a_name(bench):
    asta = await enter(bench)
    reviewer = await enter(bench, "r-1", roles=("log_reviewer",), display_name="Rut")
    async with bench.node.db.begin(reviewer) as uow:
        rows = await uow.execute(text("select facts::text from audit_entry"))
        facts = [row[0] for row in rows]
        await uow.commit()
    assert any(str(asta.staff_id) in fact for fact in facts)
    assert not any("Asta" in fact for fact in facts)
