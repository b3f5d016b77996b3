"""A case goes from Linköping to Göteborg, and is never without a responsible municipality."""

import pytest

from services.cases import api as cases
from services.handover import api as handover
from shared.errors import AccessDenied, Conflict, DomainError
from tests.support.casework import CANARY
from tests.support.exchange import sections

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_a_case_is_handed_over_from_draft_to_take_over(pair) -> None:
    case_id, handover_id, _ = await pair.taken_over()
    assert await pair.responsible(handover_id) == (False, True)
    asta = await pair.linkoping.bench.case_worker()
    file = await cases.read_case(pair.linkoping.node, asta, case_id, "prov")
    assert (file.header.state, file.header.ended_reason) == ("ENDED", "TRANSFERRED")
    assert not file.header.is_responsible
    there = await pair.goteborg.bench.case_worker()
    view = await pair.goteborg.view(handover_id, there)
    theirs = await cases.read_case(pair.goteborg.node, there, view.row.case_id, "prov")
    assert theirs.header.state == "INVESTIGATION"
    assert theirs.header.term == 2
    assert theirs.person.family_name == CANARY


async def test_a_high_threat_needs_the_police_at_both_ends(pair) -> None:
    _, handover_id, _ = await pair.accepted(high=True)
    with pytest.raises(DomainError, match=r"handover\.acute_protection_unconfirmed"):
        await pair.goteborg.sign(handover_id, await pair.take_over_facts())
    await pair.acute_protection(handover_id)
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)


async def test_what_the_consent_does_not_cover_is_withheld_by_name(pair) -> None:
    _, handover_id, _ = await pair.accepted(high=True)
    view = await pair.goteborg.view(handover_id)
    sent = {section.__struct_config__.tag for section in view.dossier.sections}
    withheld = {each.section: each.reason for each in view.dossier.withheld}
    assert sent == {"identity", "residence", "threat_level", "consents", "needs.housing"}
    assert withheld["needs.health_care"] == "not_in_consent"
    assert withheld["police_material"] == "police_material"


async def test_a_level_that_the_police_have_not_approved_does_not_travel(pair) -> None:
    case_id, handover_id, _ = await pair.drafted()
    bench = pair.linkoping.bench
    await bench.threat_asked(case_id)
    from services.protection import api as protection
    from shared.ids import SubjectId

    officer = await bench.officer()
    room = protection.room_of(SubjectId(case_id))
    command = protection.GiveThreat(room, 1, "MEDIUM", "structured", bench.today.replace(day=30))
    await protection.give_threat(bench.node, officer, command)
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    view = await pair.goteborg.view(handover_id)
    assert view.proposal.threat is None
    await pair.goteborg.decide(handover_id, handover.Accept(bench.today))
    await pair.settle()
    dossier = (await pair.goteborg.view(handover_id)).dossier
    assert ("threat_level", "police_have_not_approved") in {
        (each.section, each.reason) for each in dossier.withheld
    }
    with pytest.raises(DomainError, match="acute_protection_unconfirmed"):
        await pair.goteborg.sign(handover_id, await pair.take_over_facts())


async def test_before_the_answer_only_the_proposal_is_seen_and_no_name(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    view = await pair.goteborg.view(handover_id)
    assert view.dossier is None
    assert view.proposal.need == "Bostad och sysselsättning."
    import msgspec

    assert CANARY.encode() not in msgspec.json.encode(view.proposal)
    assert b"19950314" not in msgspec.json.encode(view.proposal)


async def test_the_two_chains_are_the_same_after_the_take_over(pair) -> None:
    case_id, handover_id, _ = await pair.taken_over()
    there = await pair.goteborg.bench.case_worker()
    theirs_id = (await pair.goteborg.view(handover_id, there)).row.case_id
    async with pair.linkoping.worker_node.db.begin(pair.linkoping.bench.worker) as uow:
        ours = await cases.chain(uow, case_id)
    async with pair.goteborg.worker_node.db.begin(pair.goteborg.bench.worker) as uow:
        theirs = await cases.chain(uow, theirs_id)
    assert ours == theirs
    assert [link.kind for link in ours] == ["responsible", "proposed", "accepted", "responsible"]
    assert cases.responsible(ours) == "1480"


async def test_while_it_is_open_the_case_cannot_be_handed_over_a_second_time(pair) -> None:
    case_id, _, _ = await pair.proposed()
    asta = await pair.linkoping.bench.case_worker()
    with pytest.raises(Conflict, match=r"handover\.already_open"):
        await handover.start_draft(
            pair.linkoping.node, asta, handover.StartDraft(case_id, 1, "1480")
        )


async def test_an_old_tab_of_the_sender_writes_nothing_after_the_take_over(pair) -> None:
    case_id, _, _ = await pair.taken_over()
    asta = await pair.linkoping.bench.case_worker()
    note = cases.WriteNote(case_id, 1, "fact", "För sent.", "samtal", pair.linkoping.bench.today)
    with pytest.raises(Conflict):
        await cases.write_note(pair.linkoping.node, asta, note)


async def test_the_one_who_proposed_cannot_confirm(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.sign(handover_id, handover.Propose(), gun)
    with pytest.raises(DomainError, match=r"handover\.same_person"):
        await pair.linkoping.confirm(handover_id, gun)


async def test_a_draft_that_is_changed_asks_for_the_first_signature_again(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    asta = await pair.linkoping.bench.case_worker()
    await pair.linkoping.sign(handover_id, handover.Propose(), asta)
    view = await pair.linkoping.view(handover_id, asta)
    await handover.update_draft(
        pair.linkoping.node,
        asta,
        handover.UpdateDraft(handover_id, view.row.revision, view.draft),
    )
    with pytest.raises(Conflict, match=r"handover\.nothing_to_confirm"):
        await pair.linkoping.confirm(handover_id)


async def test_who_is_no_member_does_not_see_that_a_handover_exists(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    stranger = await pair.linkoping.bench.case_worker("Nils")
    with pytest.raises(AccessDenied):
        await handover.read(pair.linkoping.node, stranger, handover_id, "nyfiken")
    outside = await pair.goteborg.bench.person("Sam", "security_chief")
    with pytest.raises(AccessDenied):
        await handover.read(pair.goteborg.node, outside, handover_id, "nyfiken")
    officer = await pair.goteborg.bench.officer("lpo-goteborg-city")
    with pytest.raises(AccessDenied):
        await handover.read(pair.goteborg.node, officer, handover_id, "nyfiken")


async def test_a_preview_shows_what_travels_what_does_not_and_why(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    asta = await pair.linkoping.bench.case_worker()
    shown = await handover.preview(pair.linkoping.node, asta, handover_id, sections())
    assert shown.refusals == []
    assert {each.__struct_config__.tag for each in shown.copied} >= {"identity", "needs.housing"}
    assert ("needs.health_care", "not_in_consent") in {
        (each.section, each.reason) for each in shown.withheld
    }
    assert "policy_differs" in shown.warnings
    assert shown.proposal.receiving_function
    assert all(each.rule for each in shown.differences)


async def test_the_evidence_of_a_finished_handover_verifies_at_both_ends(pair) -> None:
    from shared.messages.evidence import verify_evidence

    _, handover_id, _ = await pair.taken_over()
    for town in (pair.linkoping, pair.goteborg):
        actor = await town.bench.case_worker()
        for with_bodies in (False, True):
            content = await handover.export_evidence(
                town.node, actor, handover_id, with_bodies=with_bodies
            )
            report = verify_evidence(content, town.node.directory, handover.follows_protocol)
            assert report.failures == ()
            assert {header.kind for header in report.headers} >= {
                "proposed",
                "accepted",
                "dossier",
                "completed",
                "receipt",
            }


async def test_nothing_of_the_person_stands_in_clear_in_either_database(pair) -> None:
    await pair.taken_over()
    for town in (pair.linkoping, pair.goteborg):
        columns = await town.rows(
            "select table_name as of, column_name as name, data_type = 'bytea' as is_bytes"
            " from information_schema.columns join information_schema.tables"
            " using (table_schema, table_name)"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
            " and table_name <> 'alembic_version'"
        )
        # Bytes are searched as bytes: spelt in hex they hide a word, and show a number by chance.
        as_bytes = "position(convert_to(:{0}, 'UTF8') in {1}) > 0"
        as_text = "{1}::text ilike '%' || :{0} || '%'"
        for column in columns:
            how = as_bytes if column.is_bytes else as_text
            found = await town.rows(
                f"select count(*) as n from {column.of}"
                f" where {how.format('name', column.name)} or {how.format('number', column.name)}",
                name=CANARY,
                number="19950314",
            )
            assert found[0].n == 0, (column.of, column.name)


async def test_who_is_not_suitable_is_not_given_the_case_that_is_taken_over(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    bench = pair.goteborg.bench
    bench.records_competence = False
    eva = await bench.case_worker("Eva")
    bench.records_competence = True
    await pair.name_reader(handover_id, eva)
    await pair.goteborg.sign(handover_id, await pair.take_over_facts(eva))
    with pytest.raises(DomainError, match=r"assignment\.competence_missing"):
        await pair.goteborg.confirm(handover_id)
    assert await pair.responsible(handover_id) == (True, False)
