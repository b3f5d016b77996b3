"""Scenario 2 as casework sees it: from first contact to both files as they should be after."""

from uuid import uuid4

import pytest

from services.cases import api as cases
from services.cases.api import (
    DossierScope,
    NewMember,
    Origin,
    RecordNeed,
    SetVault,
    VaultContent,
    WriteNote,
)
from services.protection import api as protection
from services.protection.api import AnswerQuestion, GiveThreat
from shared.crypto import KeyRing
from shared.errors import AccessDenied, Conflict
from shared.ids import SubjectId
from tests.support.casework import CANARY, GOTEBORG, LINKOPING, NOW, open_bench

pytestmark = pytest.mark.servers


@pytest.fixture
async def both(postgres_server):
    rings = {code: KeyRing.in_memory(code, NOW) for code in (LINKOPING, GOTEBORG)}
    benches = [
        await open_bench(await postgres_server.fresh_node_databases(code), code, rings=rings)
        for code in (LINKOPING, GOTEBORG)
    ]
    yield benches
    for bench in benches:
        await bench.node.db.close()
        await bench.worker_node.db.close()


async def test_a_case_goes_from_contact_to_take_over_and_each_end_has_its_file(  # noqa: PLR0915 - a story is told in one piece
    both,
):
    linkoping, goteborg = both
    asta = await linkoping.case_worker()
    case_id = await linkoping.investigated()
    await linkoping.consent(case_id)
    await linkoping.found_elsewhere(case_id)
    for area, text in (("housing", "Behöver bostad."), ("health_care", "Vårdkontakt.")):
        await cases.record_need(
            linkoping.node, asta, RecordNeed(case_id, 1, area, text, f"Insats {area}")
        )
    await cases.write_note(
        linkoping.node,
        asta,
        WriteNote(case_id, 1, "fact", "Berättade om nätterna.", "samtal", linkoping.today),
    )
    await cases.set_vault(
        linkoping.node, asta, SetVault(case_id, 1, VaultContent(address="Hemliga gatan 1"))
    )
    await linkoping.threat_asked(case_id, "bops-ost")
    bops = await linkoping.officer("bops-ost")
    (room,) = await protection.joint_rooms(linkoping.node, bops)
    await protection.give_threat(
        linkoping.node,
        bops,
        GiveThreat(room.room_id, 1, "HIGH", "structured", linkoping.today.replace(day=30)),
    )
    for ask, command in (
        (cases.ask_placement, cases.AskPlacement(case_id, 1, GOTEBORG)),
        (cases.ask_level_passing, cases.AskLevelPassing(case_id, 1, GOTEBORG)),
    ):
        question = await ask(linkoping.node, asta, command)
        answer = AnswerQuestion(room.room_id, 1, question, "CLEAR")
        await protection.answer_question(linkoping.node, bops, answer)

    file = await cases.read_case(linkoping.node, asta, case_id, "förbereder överlämning")
    assert (file.header.state, file.next) == ("INVESTIGATION", "propose_handover")
    assert (file.threat.level, file.residence.municipality) == ("HIGH", GOTEBORG)

    handover_id = uuid4()
    key = await linkoping.node.case_keys.get(SubjectId(case_id))
    signer = linkoping.node.keyring.signing(NOW)
    async with linkoping.node.db.begin(asta, term=1) as uow:
        await cases.mark_open_handover(uow, case_id, handover_id)
        await cases.append_link(uow, signer, case_id, "proposed", GOTEBORG)
        assert await protection.level_passing_approved(uow, SubjectId(case_id), GOTEBORG)
        placement = await protection.placement_answer(uow, SubjectId(case_id), GOTEBORG)
        assert placement.answer == "CLEAR"
        scope = DossierScope(
            kinds=frozenset({"identity", "residence", "threat_level", "needs.housing"}),
            may_pass_level=True,
            receiver=GOTEBORG,
        )
        dossier = await cases.project_dossier(uow, key, case_id, scope)
        links = await cases.chain(uow, case_id)
        await uow.commit()
    assert {section.__struct_config__.tag for section in dossier.sections} == {
        "identity",
        "residence",
        "threat_level",
        "consents",
        "needs.housing",
    }
    assert ("needs.health_care", "not_in_consent") in {
        (w.section, w.reason) for w in dossier.withheld
    }
    assert "Hemliga" not in str(dossier)

    ulla, olof = await goteborg.case_worker("Ulla"), await goteborg.leader("Olof")
    new_id = cases.new_case_id()
    new_key = await goteborg.node.case_keys.ensure(SubjectId(new_id))
    async with goteborg.node.db.begin(olof) as uow:
        responsible = await cases.open_transferred(
            uow,
            new_key,
            node=goteborg.node,
            case_id=new_id,
            origin=Origin(file.header.federation_case_id, handover_id, LINKOPING),
            chain=links,
            dossier=dossier,
            unit=None,
            members=(NewMember(ulla.staff_id, "case_worker"),),
            signer=goteborg.node.keyring.signing(NOW),
        )
        await uow.commit()
    assert (responsible.term, responsible.authority) == (2, GOTEBORG)

    async with linkoping.worker_node.db.begin(linkoping.worker) as uow:
        await cases.enter_term(uow, case_id, 1)
        await cases.end_transferred(uow, case_id, handover_id, to=GOTEBORG)
        await cases.receive_links(uow, linkoping.worker_node, case_id, [*links, responsible])
        await uow.commit()

    old = await cases.read_case(linkoping.node, asta, case_id, "läser efter överlämning")
    assert (old.header.state, old.header.ended_reason) == ("ENDED", "TRANSFERRED")
    assert not old.header.is_responsible
    new = await cases.read_case(goteborg.node, ulla, new_id, "tar emot")
    assert (new.header.state, new.header.term, new.person.family_name) == (
        "INVESTIGATION",
        2,
        CANARY,
    )
    assert [(r.area, r.running_measure) for r in new.redecisions] == [("housing", "Insats housing")]
    assert [c.consent_id for c in new.consents] == [c.consent_id for c in old.consents]
    with pytest.raises(AccessDenied):
        await cases.read_case(goteborg.node, olof, new_id, "öppnade men är inte medlem")
    for term in (1, 2):
        note = WriteNote(case_id, term, "judgement", "För sent.", "", linkoping.today)
        with pytest.raises(Conflict) as stale:
            await cases.write_note(linkoping.node, asta, note)
        assert stale.value.code == "case.responsibility_moved"
    assert await protection.joint_rooms(linkoping.node, bops) == []
