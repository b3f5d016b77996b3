"""A municipality without a node: the same states, letters out, papers read in by two persons."""

from datetime import timedelta
from uuid import uuid4

import pytest

from infra.verify import FileReport
from services.cases import api as cases
from services.handover import api as handover
from shared.errors import AccessDenied, Conflict, DomainError
from shared.messages import verify_evidence
from tests.support.casework import LINKOPING
from tests.support.on_paper import (
    JONKOPING,
    LETTER,
    came,
    drafted,
    paper,
    proposed,
    requested,
    sent,
)

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_a_municipality_without_a_node_takes_over_on_paper(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await requested(town)
    await came(town, case_id, handover_id, handover.SaidYes(town.bench.today, "Välkommen."))
    assert await town.state(handover_id) == "sending"
    await sent(town, handover_id, "dossier")
    await came(town, case_id, handover_id, handover.TookOver(town.bench.today))
    assert await town.state(handover_id) == "completed"
    file = await cases.read_case(town.node, await town.bench.leader(), case_id, "prov")
    assert not file.header.is_responsible
    last = file.chain[-1]
    assert (last.kind, last.authority, last.counterpart) == ("responsible", JONKOPING, LINKOPING)
    assert (last.recorded_by, last.term) == (LINKOPING, 2)
    with pytest.raises(Conflict) as moved:
        await town.bench.document(case_id)
    assert moved.value.code == "case.responsibility_moved"


async def test_nothing_of_a_paper_handover_goes_to_the_exchange(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await requested(town)
    await came(town, case_id, handover_id, handover.SaidYes(town.bench.today))
    await pair.settle()
    for table in ("outbox", "attachment_out"):
        query = f"select 1 from {table} where conversation_id = :id"
        assert await town.rows(query, id=handover_id) == []
    unaccounted = "select 1 from card where kind = 'handover.unaccounted' and subject_id = :id"
    assert await town.rows(unaccounted, id=handover_id) == []


async def test_an_answer_counts_only_when_a_second_person_has_read_the_paper(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await requested(town)
    yes = await paper(town, case_id, handover.SaidYes(town.bench.today))
    assert not (await town.sign(handover_id, yes)).is_done
    assert await town.state(handover_id) == "proposed"
    with pytest.raises(DomainError) as same:
        await town.confirm(handover_id, await town.bench.case_worker())
    assert same.value.code == "handover.same_person"
    assert await town.state(handover_id) == "proposed"
    await town.confirm(handover_id, await town.bench.case_worker("Bo"))
    assert await town.state(handover_id) == "sending"


async def test_who_is_no_member_or_holds_no_such_role_notes_nothing(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await proposed(town)
    view = await town.view(handover_id)
    command = handover.RecordSent(handover_id, view.papers[0].paper_id, town.bench.today, "courier")
    stranger = await town.bench.case_worker("Främling")
    with pytest.raises(AccessDenied):
        await handover.record_sent(town.node, stranger, command, LETTER)
    with pytest.raises(AccessDenied):
        await handover.read_letter(town.node, stranger, handover_id, command.message_id)
    director = await town.bench.person("Ulla", "social_director")
    await town.bench.assign(case_id, await town.bench.leader(), director, "social_director")
    with pytest.raises(AccessDenied):
        await handover.record_sent(town.node, director, command, LETTER)
    signed = handover.Sign(
        handover_id, view.row.revision, await paper(town, case_id, handover.ReceiptCame())
    )
    with pytest.raises(AccessDenied):
        await handover.sign(town.node, director, signed)


async def test_a_paper_that_cannot_have_come_is_refused_by_name(pair) -> None:
    town = pair.linkoping
    today = town.bench.today
    case_id, handover_id = await proposed(town)

    async def refusal(said, **more) -> str:
        with pytest.raises(DomainError) as refused:
            await town.sign(handover_id, await paper(town, case_id, said, **more))
        return refused.value.code

    assert await refusal(handover.ReceiptCame()) == "handover.letter_not_sent"
    await sent(town, handover_id)
    with pytest.raises(Conflict) as twice:
        await sent(town, handover_id)
    assert twice.value.code == "handover.letter_already_sent"
    before, after = today - timedelta(days=1), today + timedelta(days=1)
    assert await refusal(handover.ReceiptCame(), received_on=before) == "handover.paper_too_early"
    assert await refusal(handover.ReceiptCame(), received_on=after) == "handover.paper_in_future"
    assert await refusal(handover.TookOver(today)) == "handover.not_in_this_state"
    assert await refusal(handover.SaidNo("hittepå", "Nej.")) == "handover.reason_code_unknown"
    assert await refusal(handover.TheyAnswered(uuid4(), "x")) == "handover.question_unknown"
    other_case = await town.bench.investigated()
    foreign = await town.bench.document(other_case)
    said = await paper(town, case_id, handover.ReceiptCame(), document_id=foreign)
    with pytest.raises(AccessDenied):
        await town.sign(handover_id, said)


async def test_our_letter_or_a_paper_already_noted_is_no_paper_of_theirs(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await requested(town)
    view = await town.view(handover_id)
    ours, receipt = (
        next(each.document_id for each in view.papers if each.kind == kind)
        for kind in ("sent", "receipt")
    )
    copied = await town.bench.document(case_id, LETTER, section="journal")
    for document_id in (ours, receipt, copied):
        said = handover.SaidYes(town.bench.today)
        with pytest.raises(DomainError) as refused:
            await town.sign(handover_id, await paper(town, case_id, said, document_id=document_id))
        assert refused.value.code == "handover.paper_already_noted"
    await came(town, case_id, handover_id, handover.SaidYes(town.bench.today))


async def test_without_a_register_number_nothing_leaves_on_paper(pair) -> None:
    _, handover_id = await drafted(pair.linkoping, number="")
    with pytest.raises(DomainError) as refused:
        await pair.linkoping.sign(handover_id, handover.Propose())
    assert refused.value.code == "handover.register_number_missing"


async def test_questions_go_and_come_on_paper(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await requested(town)
    asta = await town.bench.case_worker()
    await came(town, case_id, handover_id, handover.TheyAsked("Har personen barn?"))
    theirs = (await town.view(handover_id)).questions[0]
    assert not theirs.is_ours
    answer = handover.AnswerQuestion(handover_id, theirs.question_id, "Nej.")
    await handover.answer(town.node, asta, answer)
    await sent(town, handover_id, "answer")
    await handover.ask(town.node, asta, handover.Ask(handover_id, "Kan ni ta emot i mars?"))
    await sent(town, handover_id, "question")
    ours = next(each for each in (await town.view(handover_id)).questions if each.is_ours)
    await came(town, case_id, handover_id, handover.TheyAnswered(ours.question_id, "Ja."))
    answers = {each.is_ours: each.answer for each in (await town.view(handover_id)).questions}
    assert answers == {True: "Ja.", False: "Nej."}


async def test_a_month_of_silence_after_the_receipt_opens_the_way_to_ivo(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await proposed(town)
    await sent(town, handover_id)
    gun, dag = await town.bench.leader(), await pair.director()
    await town.bench.assign(case_id, gun, dag, "team_leader")
    apply = handover.ApplyToIVO(town.bench.today, "Vi delar inte bedömningen.")
    with pytest.raises(DomainError) as no_proof:
        await town.sign(handover_id, apply, gun)
    assert no_proof.value.code == "handover.no_receipt_yet"
    await came(town, case_id, handover_id, handover.ReceiptCame())
    with pytest.raises(DomainError) as too_soon:
        await town.sign(handover_id, apply, gun)
    assert too_soon.value.code == "handover.month_not_passed"
    pair.clock.move(timedelta(days=31))
    try:
        await town.decide(handover_id, apply, gun, dag)
        assert await town.state(handover_id) == "escalating"
        await sent(town, handover_id, "disputed")
        await came(town, case_id, handover_id, handover.SaidNoted())
        today = town.bench.today
        await town.decide(
            handover_id, handover.RecordRuling("receiver", "IVO 2026-9", today, today), gun
        )
        assert await town.state(handover_id) == "ordering"
        await came(town, case_id, handover_id, handover.SaidAgreed(today))
        assert await town.state(handover_id) == "sending"
        await sent(town, handover_id, "dossier")
        await came(town, case_id, handover_id, handover.TookOver(today))
        assert await town.state(handover_id) == "completed"
    finally:
        pair.clock.move(-timedelta(days=31))


async def test_a_no_on_paper_can_be_kept_and_a_withdrawal_needs_their_word(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await requested(town)
    await came(town, case_id, handover_id, handover.SaidNo("connection_not_here", "Bor inte här."))
    assert await town.state(handover_id) == "declined"
    gun = await town.bench.leader()
    await town.decide(handover_id, handover.Keep("Vi behåller."), gun)
    assert await town.state(handover_id) == "kept"
    case_id, handover_id = await requested(town)
    await town.decide(handover_id, handover.Withdraw("Ändrade skäl."), gun)
    assert await town.state(handover_id) == "withdrawing"
    await came(town, case_id, handover_id, handover.SaidCancelled())
    assert await town.state(handover_id) == "withdrawn"


async def exported(town, handover_id, *, with_bodies=False):
    leader = await town.bench.leader()
    content = await handover.export_evidence(
        town.node, leader, handover_id, with_bodies=with_bodies
    )
    return verify_evidence(content, town.node.directory, handover.follows_protocol)


async def test_evidence_of_a_paper_handover_says_that_it_is_one_sided(pair) -> None:
    town = pair.linkoping
    case_id, handover_id = await requested(town)
    await came(town, case_id, handover_id, handover.SaidYes(town.bench.today))
    await sent(town, handover_id, "dossier")
    await came(town, case_id, handover_id, handover.TookOver(town.bench.today))
    for with_bodies in (False, True):
        report = await exported(town, handover_id, with_bodies=with_bodies)
        assert report.failures == ()
        assert report.manifest.is_one_sided
        assert [each.kind for each in report.headers] == ["proposed", "dossier"]
        assert [(each.kind, each.persons) for each in report.papers] == [
            ("sent", 1),
            ("receipt", 2),
            ("accepted", 2),
            ("sent", 1),
            ("completed", 2),
        ]
    text = FileReport(report).as_text()
    assert "Ensidigt bevis" in text
    assert "Inte bevisat" in text
    assert f"Ansvarig: {JONKOPING}" in text
    assert f"Antecknat av {LINKOPING} ensam." in text
