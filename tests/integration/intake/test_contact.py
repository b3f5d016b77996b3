from datetime import timedelta

import pytest

from services.cases import api as cases
from services.intake.api import register_contact
from shared.db.audit import audit_entry
from shared.errors import DomainError
from tests.support.casework import CANARY, GOTEBORG, NUMBER, contact

pytestmark = pytest.mark.servers


async def test_a_contact_becomes_a_case_with_what_was_said(bench):
    asta = await bench.case_worker()
    case_id = await register_contact(bench.node, asta, contact())
    file = await cases.read_case(bench.node, asta, case_id, "läser")
    assert file.person.personal_number == NUMBER.replace("-", "")
    assert file.person.registered_municipality == GOTEBORG
    assert (file.contact.channel, file.contact.note) == ("referral", "Vill lämna ett nätverk.")
    assert file.header.state == "INTAKE"
    async with bench.node.db.begin(asta) as uow:
        (link,) = await cases.chain(uow, case_id)
        await uow.commit()
    assert (link.kind, link.authority, link.term) == ("responsible", "0580", 1)


async def test_a_person_may_be_known_by_name_alone(bench):
    asta = await bench.case_worker()
    nameless = contact(personal_number=" ", registered_municipality=None)
    case_id = await register_contact(bench.node, asta, nameless)
    file = await cases.read_case(bench.node, asta, case_id, "läser")
    assert (file.person.personal_number, file.person.registered_municipality) == (None, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"personal_number": "19950314-9801"}, "person.number_invalid"),
        ({"registered_municipality": "9999"}, "municipality.unknown"),
        ({"given_name": " "}, "person.name_missing"),
        ({"family_name": ""}, "person.name_missing"),
        ({"given_name": "x" * 201}, "text.too_long"),
    ],
)
async def test_bad_input_is_refused_before_anything_is_written(bench, changes, code):
    asta = await bench.case_worker()
    with pytest.raises(DomainError) as refused:
        await register_contact(bench.node, asta, contact(**changes))
    assert refused.value.code == code
    assert refused.value.facts.keys() <= {"longest"}
    assert await cases.worklist(bench.node, asta) == []


async def test_nobody_born_tomorrow_is_registered(bench):
    asta = await bench.case_worker()
    bench.clock.move(timedelta(days=-365 * 19))
    with pytest.raises(DomainError) as refused:
        await register_contact(bench.node, asta, contact(personal_number="20081117-9936"))
    assert refused.value.code == "person.born_in_future"


@pytest.mark.parametrize("role", ["social_director", "log_reviewer", "security_chief"])
async def test_only_those_who_work_in_files_register(bench, role):
    actor = await bench.person("Någon", role)
    with pytest.raises(DomainError) as refused:
        await register_contact(bench.node, actor, contact())
    assert refused.value.code == "case.role_may_not"


async def test_police_register_nothing(bench):
    with pytest.raises(DomainError) as refused:
        await register_contact(bench.node, await bench.officer(), contact())
    assert refused.value.code == "case.role_may_not"


async def test_lists_and_log_carry_the_code_name_and_nothing_of_the_person(bench):
    asta = await bench.case_worker()
    await register_contact(bench.node, asta, contact())
    (row,) = await cases.worklist(bench.node, asta)
    assert len(row.code_name.split()) == 3
    reviewer = await bench.person("Rut", "log_reviewer")
    async with bench.node.db.begin(reviewer) as uow:
        rows = (await uow.execute(audit_entry.select())).all()
        await uow.commit()
    for canary in (CANARY, "Ture", "9800", "nätverk"):
        assert canary not in repr(row)
        assert canary not in repr(rows)
