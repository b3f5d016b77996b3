"""The acute protection goes from the police to the municipality, and is never nobody's."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from services.cases import api as cases
from services.protection import api as protection
from services.protection import store
from shared.db import StorageError
from shared.errors import AccessDenied, DomainError
from shared.ids import SubjectId
from tests.support.cards import cards

pytestmark = pytest.mark.servers


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def protected(bench):
    """A case that Bops protects."""
    case_id = await bench.investigated()
    await bench.consent(case_id, purposes=("threat_assessment", "cooperation"))
    await bench.threat_asked(case_id, "bops-ost")
    await bench.assessed(case_id, "HIGH")
    return case_id


async def assessed(bench, case_id, level):
    """Bops assesses anew, later."""
    bench.clock.move(timedelta(minutes=1))
    await bench.assessed(case_id, level)


async def read(bench, case_id):
    return await cases.read_case(bench.node, await bench.case_worker(), case_id, "prov")


def taking(case_id, file, responsible):
    offer = file.protection_handovers[0]
    return cases.TakeProtection(case_id, 1, offer.protection_id, responsible.staff_id)


async def test_the_police_protect_until_the_municipality_has_confirmed(bench):
    asta, bo = await bench.case_worker(), await bench.case_worker("Bo")
    case_id = await protected(bench)
    await assessed(bench, case_id, "LOW")
    file = await read(bench, case_id)
    assert [each.holder for each in file.acute_protection] == ["police"]
    assert file.protection_handovers[0].waits
    assert "protection.offered" in await cards(bench, asta, case_id)
    room = protection.room_of(SubjectId(case_id))
    officer = await bench.officer("bops-ost")
    seen = await protection.read_room(bench.node, officer, room, "svar")
    assert seen.handovers[0].waits

    stranger = await bench.case_worker("Stig")
    with pytest.raises(AccessDenied):
        await cases.take_protection(bench.node, stranger, taking(case_id, file, asta))
    attempt = cases.take_protection(bench.node, asta, taking(case_id, file, stranger))
    assert await refusal(attempt) == "protection.not_a_member"
    await cases.take_protection(bench.node, asta, taking(case_id, file, bo))

    after = await read(bench, case_id)
    assert [each.holder for each in after.acute_protection] == ["municipality", "police"]
    done = after.protection_handovers[0]
    assert (done.confirmed_by, done.responsible, done.offered_by) == (
        asta.staff_id,
        bo.staff_id,
        officer.staff_id,
    )
    assert [event.code for event in after.events].count("case.protection_taken") == 1
    assert "protection.offered" not in await cards(bench, asta, case_id)
    attempt = cases.take_protection(bench.node, asta, taking(case_id, file, bo))
    assert await refusal(attempt) == "protection.nothing_offered"


async def test_what_a_newer_assessment_overtakes_is_not_taken_over(bench):
    asta = await bench.case_worker()
    case_id = await protected(bench)
    await assessed(bench, case_id, "LOW")
    stale = taking(case_id, await read(bench, case_id), asta)
    await assessed(bench, case_id, "HIGH")
    assert await refusal(cases.take_protection(bench.node, asta, stale)) == (
        "protection.nothing_offered"
    )
    file = await read(bench, case_id)
    assert [each.holder for each in file.acute_protection] == ["police"]
    assert not file.protection_handovers[0].waits


async def test_nobody_moves_the_protection_to_the_municipality_past_a_confirmation(bench):
    asta = await bench.case_worker()
    case_id = await protected(bench)
    await assessed(bench, case_id, "LOW")
    offer = (await read(bench, case_id)).protection_handovers[0]
    async with bench.node.db.begin(asta, term=1) as uow:
        with pytest.raises(StorageError):
            await uow.execute(
                insert(store.acute)
                .values(
                    threat_id=offer.threat_id,
                    room_id=protection.room_of(SubjectId(case_id)),
                    subject_id=case_id,
                    holder="municipality",
                    unit="bops-ost",
                    since=uow.now,
                    policy_from=bench.today,
                    policy_sha256="0" * 64,
                )
                .inline()
            )


async def test_an_assessment_that_was_never_high_asks_nobody_to_confirm(bench):
    case_id = await bench.investigated()
    await bench.consent(case_id, purposes=("threat_assessment", "cooperation"))
    await bench.threat_asked(case_id)
    await bench.assessed(case_id, "MEDIUM", "lpo-linkoping")
    file = await read(bench, case_id)
    assert [each.holder for each in file.acute_protection] == ["municipality"]
    assert file.protection_handovers == ()
