"""Between acceptance and take-over a dossier has named readers; PostgreSQL holds it, not only pages."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from services.handover import api as handover
from shared.errors import AccessDenied, DomainError

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

_WORDS = """
    select (select count(*) from attachment_in_chunk c join attachment_in a using (attachment_id)
            where a.conversation_id = :id) as pieces,
        (select count(*) from handover_message where handover_id = :id) as messages,
        (select count(*) from incoming_handover where handover_id = :id) as rows
"""


async def seen(town, actor, handover_id) -> tuple[int, ...]:
    """Pieces of the dossier, messages and rows that row security lets the person fetch."""
    async with town.node.db.begin(actor) as uow:
        return tuple((await uow.execute(text(_WORDS), {"id": handover_id})).one())


async def test_only_who_said_yes_reads_the_dossier(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    bo, leader = await pair.goteborg.bench.case_worker(), await pair.goteborg.bench.leader()
    other = await pair.goteborg.bench.person("Kollega", "case_worker")
    for reader in (bo, leader):
        view = await pair.goteborg.view(handover_id, reader)
        assert view.dossier is not None
        assert view.row.readers == {bo.staff_id, leader.staff_id}
        pieces, messages, rows = await seen(pair.goteborg, reader, handover_id)
        assert (pieces > 0, messages, rows) == (True, 3, 1)
    assert await seen(pair.goteborg, other, handover_id) == (0, 0, 1)
    view = await pair.goteborg.view(handover_id, other)
    assert (view.is_reader, view.proposal, view.dossier) == (False, None, None)
    assert not view.messages
    assert not view.questions
    assert not any(each.is_mine for each in view.possible)
    with pytest.raises(DomainError, match=r"handover\.not_reader"):
        await pair.goteborg.sign(handover_id, await pair.take_over_facts(), other)
    with pytest.raises(DomainError, match=r"handover\.not_reader"):
        await handover.ask(pair.goteborg.node, other, handover.Ask(handover_id, "Vem?"))


async def test_before_the_answer_the_whole_function_reads_the_proposal(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    other = await pair.goteborg.bench.person("Kollega", "case_worker")
    view = await pair.goteborg.view(handover_id, other)
    assert view.is_reader
    assert view.proposal is not None


async def test_who_leads_names_a_reader_and_it_is_logged_with_why(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    town = pair.goteborg
    other = await town.bench.person("Kollega", "case_worker")
    stranger = await town.bench.person("Granskare", "log_reviewer")
    add = handover.AddReader(handover_id, other.staff_id, "stands_in")
    with pytest.raises(DomainError, match=r"handover\.may_not_name_readers"):
        await handover.add_reader(town.node, other, add)
    leader = await town.bench.leader()
    command = handover.AddReader(handover_id, stranger.staff_id, "supervises")
    with pytest.raises(DomainError, match=r"handover\.reader_not_of_function"):
        await handover.add_reader(town.node, leader, command)
    await handover.add_reader(town.node, leader, add)
    assert (await town.view(handover_id, other)).dossier is not None
    logged = await town.rows(
        "select facts->>'why' as why from audit_entry where action = 'handover.reader_added'"
        " and facts->>'handover' = :id",
        id=str(handover_id),
    )
    assert [row.why for row in logged] == ["stands_in"]
    end = handover.RemoveReader(handover_id, other.staff_id, "no_longer_needed")
    await handover.remove_reader(town.node, leader, end)
    assert await seen(town, other, handover_id) == (0, 0, 1)


async def test_naming_a_reader_leaves_a_signature_that_waits(pair) -> None:
    """A second person who was away is replaced without the first signing anew."""
    _, handover_id, _ = await pair.accepted()
    town = pair.goteborg
    await town.sign(handover_id, await pair.take_over_facts())
    other = await town.bench.person("Chef", "team_leader")
    with pytest.raises(DomainError, match=r"handover\.not_reader"):
        await town.confirm(handover_id, other)
    await handover.add_reader(
        town.node, other, handover.AddReader(handover_id, other.staff_id, "second_person")
    )
    await town.confirm(handover_id, other)
    assert await town.state(handover_id) == "taken_over"


async def test_of_a_protected_person_three_may_read(pair) -> None:
    _, handover_id, _ = await pair.proposed()
    asta = await pair.linkoping.bench.case_worker()
    told = handover.TellFacts(handover_id, ("protected_identity",))
    await handover.tell_facts(pair.linkoping.node, asta, told)
    await pair.settle()
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    town, leader = pair.goteborg, await pair.goteborg.bench.leader()
    third, fourth = [await town.bench.person(f"K{n}", "case_worker") for n in range(2)]
    await handover.add_reader(
        town.node, leader, handover.AddReader(handover_id, third.staff_id, "works_with_it")
    )
    with pytest.raises(DomainError, match=r"handover\.too_many_readers"):
        await handover.add_reader(
            town.node, leader, handover.AddReader(handover_id, fourth.staff_id, "works_with_it")
        )


async def test_what_is_returned_is_read_by_nobody_and_argued_by_the_function(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    await pair.goteborg.decide(handover_id, handover.ReturnIt("facts_differ", "Fel."))
    other = await pair.goteborg.bench.person("Kollega", "case_worker")
    view = await pair.goteborg.view(handover_id, other)
    assert view.row.readers == frozenset()
    assert view.proposal is not None
    assert (await seen(pair.goteborg, other, handover_id))[0] == 0


async def test_after_the_take_over_the_members_read_and_the_readers_no_longer(pair) -> None:
    _, handover_id, _ = await pair.accepted()
    town, leader = pair.goteborg, await pair.goteborg.bench.leader()
    third = await town.bench.person("Kollega", "case_worker")
    await handover.add_reader(
        town.node, leader, handover.AddReader(handover_id, third.staff_id, "works_with_it")
    )
    pair.clock.move(timedelta(minutes=1))
    await town.decide(handover_id, await pair.take_over_facts())
    with pytest.raises(AccessDenied):
        await town.view(handover_id, third)
    assert await seen(town, third, handover_id) == (0, 0, 0)
