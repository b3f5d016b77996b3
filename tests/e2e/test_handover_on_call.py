"""Who is let into a case for a night reads its handover, and moves, signs, asks and sends nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.handover import api as handover
from shared.errors import DomainError

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

NOT_OPENED = "case.on_call_may_not"


async def jour(town, case_id):
    """Somebody who was let in for the night."""
    jo = await town.bench.person("Jo", "case_worker", "team_leader")
    async with town.worker_node.db.begin(town.bench.worker, term=await term(town, case_id)) as uow:
        row = {
            "id": uuid4(),
            "case": case_id,
            "staff": jo.staff_id,
            "by": town.bench.worker.staff_id,
            "now": uow.now,
            "then": uow.now + timedelta(hours=8),
        }
        await uow.execute(
            text(
                "insert into case_member"
                " (member_id, case_id, staff_id, role, given_by, reason, started_at, until_at)"
                " values (:id, :case, :staff, 'on_call', :by, 'case.on_call', :now, :then)"
            ),
            row,
        )
        await uow.commit()
    return jo


async def term(town, case_id):
    return (await town.rows("select term from case_header where case_id = :id", id=case_id))[0].term


async def refusal(attempt):
    with pytest.raises(DomainError) as error:
        await attempt
    return error.value.code


async def test_who_is_on_call_reads_the_handover_and_does_nothing_with_it(pair) -> None:
    town = pair.linkoping
    case_id, handover_id, _ = await pair.accepted()
    jo = await jour(town, case_id)
    question = handover.Ask(handover_id, "Vem möter på tåget?")
    await handover.ask(pair.goteborg.node, await pair.goteborg.bench.leader(), question)
    await pair.settle()
    view = await town.view(handover_id, jo)
    revision = view.row.revision
    asked = [each.question_id for each in view.questions]
    today = town.bench.today
    attempts = {
        "ask": handover.ask(town.node, jo, handover.Ask(handover_id, "Var?")),
        "answer": handover.answer(
            town.node, jo, handover.AnswerQuestion(handover_id, asked[0], "Jag.")
        ),
        "send_again": handover.send_again(town.node, jo, handover.SendAgain(handover_id, revision)),
        "tell_facts": handover.tell_facts(
            town.node, jo, handover.TellFacts(handover_id, ("death",))
        ),
        "tell_supplement": handover.tell_supplement(
            town.node, jo, handover.TellSupplement(handover_id, "Mer.")
        ),
        "tell_rectified": handover.tell_rectified(
            town.node, jo, handover.TellRectified(handover_id, "residence", "Fel gata.")
        ),
        "appeal": handover.record_appeal(
            town.node, jo, handover.RecordAppeal(handover_id, "IVO 1", today, is_ours=False)
        ),
        "sign": town.sign(handover_id, handover.Withdraw("Ångrat."), jo),
        "take_back": handover.take_back(town.node, jo, handover.TakeBack(handover_id, revision)),
    }
    for name, attempt in attempts.items():
        assert await refusal(attempt) == NOT_OPENED, name
    ours = await town.view(handover_id)
    assert (ours.row.revision, ours.pending) == (revision, None)


async def test_who_is_on_call_is_neither_of_two_and_takes_no_signature_back(pair) -> None:
    town = pair.linkoping
    case_id, handover_id, _ = await pair.drafted()
    jo = await jour(town, case_id)
    assert await refusal(town.sign(handover_id, handover.Propose(), jo)) == NOT_OPENED
    assert not (await town.sign(handover_id, handover.Propose())).is_done
    revision = (await town.view(handover_id)).row.revision
    back = handover.take_back(town.node, jo, handover.TakeBack(handover_id, revision))
    assert await refusal(back) == NOT_OPENED
    assert await refusal(town.confirm(handover_id, jo)) == NOT_OPENED
    async with town.node.db.begin(jo, term=1) as uow:
        erase = text("delete from handover_pending where handover_id = :id")
        assert await refusal(uow.execute(erase, {"id": handover_id})) == NOT_OPENED
    assert (await town.view(handover_id)).pending is not None


async def test_who_is_on_call_at_the_new_holder_answers_for_nothing_that_came(pair) -> None:
    town = pair.goteborg
    _, handover_id, consent_id = await pair.taken_over()
    case_id = (await town.view(handover_id)).row.case_id
    jo = await jour(town, case_id)
    handled = handover.TellConsentHandled(
        handover_id, consent_id, "erased", "Egna beslut.", "archive"
    )
    assert await refusal(handover.tell_consent_handled(town.node, jo, handled)) == NOT_OPENED


async def test_the_database_closes_all_of_a_handover_to_who_is_on_call(pair) -> None:
    town = pair.linkoping
    case_id, handover_id, _ = await pair.proposed()
    jo = await jour(town, case_id)
    now = pair.clock.now()
    statements = {
        "pending": "insert into handover_pending (handover_id, act, revision, first, signed_at,"
        " sealed) values (:id, 'withdraw', 1, :jo, :now, 'x')",
        "event": "insert into handover_event (event_id, handover_id, at, actor, code, state)"
        " values (:other, :id, :now, :jo, 'asked', 'PROPOSED')",
        "question": "insert into handover_question (question_id, handover_id, is_ours, asked_at,"
        " question) values (:other, :id, true, :now, 'x')",
        "message": "update handover_message set sent_again_at = :now where handover_id = :id",
        "message in": "insert into handover_message (message_id, handover_id, is_ours, kind, at)"
        " values (:other, :id, true, 'question', :now)",
        "paper": "insert into handover_paper (paper_id, handover_id, is_ours, what, kind, number,"
        " recorded_at, first, jws) values (:other, :id, true, 'message', 'question', 9, :now,"
        " :jo, 'x')",
        "outbox": "insert into outbox (message_id, conversation_id, direction, number, receiver,"
        " kind, version, content_hash, jws, subject_id, sealed, created_at, not_before) values"
        " (:other, :id, 'forward', 99, '1480', 'question', 1, 'x', 'x', :id, 'x', :now, :now)",
        "numbering": "update conversation_flow set sent = 99 where conversation_id = :id"
        " and direction = 'forward'",
        "handover": "update handover set state = 'WITHDRAWN' where handover_id = :id",
    }
    for name, statement in statements.items():
        facts = {"id": handover_id, "other": uuid4(), "jo": jo.staff_id, "now": now}
        used = {key: value for key, value in facts.items() if f":{key}" in statement}
        async with town.node.db.begin(jo, term=1) as uow:
            assert await refusal(uow.execute(text(statement), used)) == NOT_OPENED, name


async def test_no_table_of_a_handover_is_without_the_fence(pair) -> None:
    open_tables = await pair.linkoping.rows(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " where c.relkind = 'r' and a.attname = 'handover_id'"
        " and (has_table_privilege(current_database() || '_web', c.oid, 'insert, delete')"
        " or has_any_column_privilege(current_database() || '_web', c.oid, 'update'))"
        " and not exists (select from pg_trigger t join pg_proc p on p.oid = t.tgfoid"
        " where t.tgrelid = c.oid and (p.proname = 'app_fence' or p.proname ~ '^app_fence_on_call'))"
    )
    assert [row.relname for row in open_tables] == []
