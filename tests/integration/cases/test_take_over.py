"""What opening a transferred case demands, and a case that comes back."""

from datetime import date
from uuid import uuid4

import pytest

from services.cases import api as cases
from services.cases.api import (
    Dossier,
    HousingNeeds,
    IdentitySection,
    NewMember,
    Origin,
    next_link,
)
from services.decisions import api as decisions
from shared.crypto import KeyRing
from shared.errors import Conflict, DomainError
from shared.ids import FederationCaseId, SubjectId
from tests.support.casework import GOTEBORG, LINKOPING, NOW, open_bench

pytestmark = pytest.mark.servers

IDENTITY = IdentitySection("Ture", "Test", None, None, "MARKED")
NEEDS = HousingNeeds("Bostad.", "Boendestöd", date(2026, 11, 1))
OTHER = KeyRing.in_memory(GOTEBORG, NOW)


@pytest.fixture
async def receiver(postgres_server):
    """Linköping receives; Göteborg's keys are known."""
    rings = {LINKOPING: KeyRing.in_memory(LINKOPING, NOW), GOTEBORG: OTHER}
    made = await open_bench(await postgres_server.fresh_node_databases("0580"), rings=rings)
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()


def links(case=None, ring=OTHER):
    return [
        next_link(
            (),
            federation_case_id=case or FederationCaseId(uuid4()),
            kind="responsible",
            authority=GOTEBORG,
            counterpart=None,
            at=NOW,
            sign=ring.signing(NOW).sign,
        )
    ]


async def take_over(bench, chain, *, sections=(IDENTITY, NEEDS), members=None, case=None):
    asta = await bench.case_worker()
    case_id = cases.new_case_id()
    key = await bench.node.case_keys.ensure(SubjectId(case_id))
    if members is None:
        members = (NewMember(asta.staff_id, "case_worker"),)
    async with bench.node.db.begin(asta) as uow:
        link = await cases.open_transferred(
            uow,
            key,
            node=bench.node,
            case_id=case_id,
            origin=Origin(case or chain[0].federation_case_id, uuid4(), GOTEBORG),
            chain=chain,
            dossier=Dossier(tuple(sections), ()),
            unit=None,
            members=members,
            signer=bench.node.keyring.signing(NOW),
        )
        await uow.commit()
    return case_id, link


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def test_a_taken_over_case_is_this_municipalitys_from_its_new_term_on(receiver):
    case_id, link = await take_over(receiver, links())
    asta = await receiver.case_worker()
    file = await cases.read_case(receiver.node, asta, case_id, "tar emot")
    assert (file.header.state, file.header.term, link.term) == ("INVESTIGATION", 2, 2)
    assert (file.contact, file.dossier.sections) == (None, (IDENTITY, NEEDS))
    assert file.person.protected_identity == "MARKED"
    note = cases.WriteNote(case_id, 2, "judgement", "Nu är det vi.", "", receiver.today)
    await cases.write_note(receiver.node, asta, note)


async def test_a_chain_that_does_not_verify_opens_nothing(receiver):
    forged = links(ring=receiver.node.keyring)
    assert await refusal(take_over(receiver, forged)) == "chain.broken"
    other_case = take_over(receiver, links(), case=FederationCaseId(uuid4()))
    assert await refusal(other_case) == "chain.broken"


async def test_a_dossier_without_the_person_opens_nothing(receiver):
    attempt = take_over(receiver, links(), sections=(NEEDS,))
    assert await refusal(attempt) == "dossier.identity_missing"
    assert await cases.worklist(receiver.node, await receiver.case_worker()) == []


async def test_nobody_takes_over_without_a_case_worker_who_is_one(receiver):
    gun = await receiver.leader()
    for members, code in (
        ((NewMember(gun.staff_id, "team_leader"),), "assignment.case_worker_missing"),
        ((NewMember(gun.staff_id, "case_worker"),), "assignment.role_not_held"),
        ((NewMember(uuid4(), "case_worker"),), "assignment.role_not_held"),
    ):
        attempt = take_over(receiver, links(), members=members)
        assert await refusal(attempt) == code


async def test_a_case_that_comes_back_gets_a_new_file_and_no_second_open_one(receiver):
    chain = links()
    first, mine = await take_over(receiver, chain)
    again = [
        *chain,
        mine,
        next_link(
            [*chain, mine],
            federation_case_id=mine.federation_case_id,
            kind="responsible",
            authority=GOTEBORG,
            counterpart=LINKOPING,
            at=NOW,
            sign=OTHER.signing(NOW).sign,
        ),
    ]
    with pytest.raises(Conflict) as refused:
        await take_over(receiver, again)
    assert refused.value.code == "case.open_already"
    handover_id = uuid4()
    async with receiver.node.db.begin(await receiver.case_worker(), term=2) as uow:
        await cases.mark_open_handover(uow, first, handover_id)
        await cases.end_transferred(uow, first, handover_id, to=GOTEBORG)
        await uow.commit()
    second, link = await take_over(receiver, again)
    assert (second != first, link.term) == (True, 4)
    listed = await cases.worklist(receiver.node, await receiver.case_worker())
    assert {row.case_id: row.ended_reason for row in listed} == {
        first: "TRANSFERRED",
        second: None,
    }


async def test_code_names_that_are_all_taken_stop_the_opening(receiver, monkeypatch):
    monkeypatch.setattr("services.cases.handlers.opening.secrets.randbelow", lambda _n: 7)
    await receiver.register()
    assert await refusal(receiver.register()) == "case.no_code_name_left"


async def test_a_kind_that_the_order_does_not_name_is_decided_by_nobody(receiver):
    policy = receiver.node.policies.on(receiver.today)
    asta = await receiver.case_worker()
    with pytest.raises(DomainError) as refused:
        decisions.require_delegate(policy, "war.declare", asta)
    assert refused.value.code == "decision.kind_not_delegated"
    assert not decisions.may_decide(policy, "war.declare", asta)
    assert decisions.may_decide(policy, "residence.find", asta)
