"""Before a proposal leaves: who may be chosen, what the police say, what the policies differ in."""

from datetime import timedelta

import msgspec
import pytest

from services.cases import api as cases
from services.handover import api as handover
from services.intake.api import register_contact
from services.protection import api as protection
from shared.errors import DomainError
from shared.ids import SubjectId
from tests.support.casework import GOTEBORG, contact
from tests.support.exchange import sections

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def preview(pair, handover_id):
    asta = await pair.linkoping.bench.case_worker()
    return await handover.preview(pair.linkoping.node, asta, handover_id, sections())


async def excluded(pair, case_id):
    asta = await pair.linkoping.bench.case_worker()
    command = cases.SetExclusion(case_id, 1, "authority", GOTEBORG, "Hot därifrån.")
    await cases.set_exclusion(pair.linkoping.node, asta, command)


async def test_no_draft_begins_towards_an_excluded_municipality(pair) -> None:
    case_id = await pair.linkoping.bench.investigated()
    await excluded(pair, case_id)
    asta = await pair.linkoping.bench.case_worker()
    with pytest.raises(DomainError, match=r"handover\.excluded"):
        await handover.start_draft(
            pair.linkoping.node, asta, handover.StartDraft(case_id, 1, GOTEBORG)
        )
    rows = await pair.linkoping.rows(
        "select count(*) as n from handover where case_id = :id", id=case_id
    )
    assert rows[0].n == 0


async def test_a_municipality_excluded_after_the_draft_began_gets_nothing(pair) -> None:
    case_id, handover_id, _ = await pair.drafted()
    await pair.linkoping.sign(handover_id, handover.Propose())
    await excluded(pair, case_id)
    gun = await pair.linkoping.bench.leader()
    with pytest.raises(DomainError, match=r"handover\.excluded"):
        await pair.linkoping.confirm(handover_id, gun)
    await pair.settle()
    assert await pair.goteborg.state(handover_id) == "none"


async def test_the_police_s_no_about_a_place_stops_a_handover_at_any_level(pair) -> None:
    case_id, handover_id, _ = await pair.drafted()
    bench = pair.linkoping.bench
    asta = await bench.case_worker()
    await bench.threat_asked(case_id, "lpo-linkoping")
    officer = await bench.officer("lpo-linkoping")
    room = protection.room_of(SubjectId(case_id))
    review = bench.today + timedelta(days=30)
    given = protection.GiveThreat(room, 1, "LOW", "structured", review)
    await protection.give_threat(bench.node, officer, given)
    assert "placement_not_asked" in (await preview(pair, handover_id)).warnings
    await cases.ask_placement(bench.node, asta, cases.AskPlacement(case_id, 1, GOTEBORG))
    asked = await protection.read_room(bench.node, officer, room, "prov")
    question = next(each for each in asked.questions if each.kind == "placement")
    answer = protection.AnswerQuestion(room, 1, question.question_id, "NOT_CLEAR")
    await protection.answer_question(bench.node, officer, answer)
    codes = {each.code for each in (await preview(pair, handover_id)).refusals}
    assert "handover.placement_not_clear" in codes
    with pytest.raises(DomainError, match=r"handover\.placement_not_clear"):
        await pair.linkoping.sign(handover_id, handover.Propose())


async def test_the_preview_compares_the_policies_on_this_case(pair) -> None:
    case_id, handover_id, _ = await pair.drafted()
    seen = await preview(pair, handover_id)
    rules = {each.rule: each for each in seen.differences}
    assert rules["cases.entry.threat"].meaning.code == "threat.met"
    assert "cases.governance.strategic_owner" not in rules
    assert all(each.left.document for each in seen.differences if each.left.value is not None)
    assert "policy_differs" in seen.warnings
    del case_id


async def light(pair):
    """A contact for advice, nothing investigated, that belongs in Göteborg."""
    bench = pair.linkoping.bench
    asta, gun = await bench.case_worker(), await bench.leader()
    case_id = await register_contact(bench.node, asta, contact(wants_to_apply=False))
    await bench.assign(case_id, gun, gun, "team_leader")
    until = bench.today + timedelta(days=60)
    await bench.consent(case_id, kinds=("identity", "residence"), valid_until=until)
    handover_id = await handover.start_draft(
        bench.node, asta, handover.StartDraft(case_id, 1, GOTEBORG)
    )
    view = await pair.linkoping.view(handover_id, asta)
    draft = msgspec.structs.replace(
        view.draft, connection="Bor i Göteborg.", wish="Vill ha stöd där.", need="Råd."
    )
    await handover.update_draft(
        bench.node, asta, handover.UpdateDraft(handover_id, view.row.revision, draft)
    )
    return case_id, handover_id


async def test_a_contact_is_handed_over_before_any_investigation(pair) -> None:
    case_id, handover_id = await light(pair)
    seen = await preview(pair, handover_id)
    assert "nothing_investigated" in seen.warnings
    assert seen.refusals == []
    await pair.linkoping.decide(handover_id, handover.Propose())
    await pair.settle()
    assert await pair.responsible(handover_id) == (True, False)
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)
    asta = await pair.linkoping.bench.case_worker()
    left = await cases.read_case(pair.linkoping.node, asta, case_id, "prov")
    assert (left.header.state, left.header.ended_reason) == ("ENDED", "TRANSFERRED")
    bo = await pair.goteborg.bench.case_worker()
    opened = (await pair.goteborg.view(handover_id, bo)).row.case_id
    came = await cases.read_case(pair.goteborg.node, bo, opened, "prov")
    assert came.header.state == "INVESTIGATION"


async def test_an_investigated_case_still_needs_all_four_parts(pair) -> None:
    _, handover_id, _ = await pair.drafted()
    asta = await pair.linkoping.bench.case_worker()
    view = await pair.linkoping.view(handover_id, asta)
    draft = msgspec.structs.replace(view.draft, duration=" ")
    await handover.update_draft(
        pair.linkoping.node, asta, handover.UpdateDraft(handover_id, view.row.revision, draft)
    )
    with pytest.raises(DomainError, match=r"handover\.ground_part_missing"):
        await pair.linkoping.sign(handover_id, handover.Propose())
