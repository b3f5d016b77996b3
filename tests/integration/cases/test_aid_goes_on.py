"""Aid that runs on after an exclusion: it has a file, somebody who watches it, and an end."""

import asyncio

import pytest

from services.cases import api as cases
from services.cases.store import files, plan_tables, tables
from shared.errors import Conflict
from shared.ids import row_id
from tests.integration.cases.test_relapse import police_say, prepared, proposal
from tests.support.entry import coordinator

pytestmark = pytest.mark.servers


async def excluded(bench):
    """Somebody who was excluded by two and the police, while aid runs that nobody has begun."""
    siv, gun = await coordinator(bench), await bench.leader()
    case_id, aid_id, review_id = await prepared(bench)
    made = await cases.propose_exclusion(bench.node, siv, proposal(case_id, review_id))
    support = cases.SupportExclusion(case_id, 1, review_id, made)
    await cases.support_exclusion(bench.node, gun, support)
    await police_say(bench, case_id, "AGREED")
    await cases.exclude_person(bench.node, siv, cases.ExcludePerson(case_id, 1, review_id, made))
    return case_id, aid_id, review_id


async def listed(bench, case_id):
    file = await cases.read_case(bench.node, await bench.case_worker(), case_id, "prov")
    rows = await cases.worklist(bench.node, await bench.case_worker())
    row = next(each for each in rows if each.case_id == case_id)
    assert (row.next, row.due_on) == (file.next, file.next_due_on)
    return row.next, row.due_on


async def test_aid_after_an_exclusion_is_carried_out_watched_and_closed_with_its_end(bench):
    case_id, aid_id, _ = await excluded(bench)
    asta = await bench.case_worker()
    decided = await cases.read_programme(bench.node, asta, case_id, "prov")
    (aid,) = (each for each in decided.aids if each.aid_id == aid_id)
    assert await listed(bench, case_id) == ("carry_out_decision", aid.carry_out_before)

    begun = cases.StartMeasure(case_id, 1, aid_id, "Kontaktperson", bench.today)
    measure_id = await cases.start_measure(bench.node, asta, begun)
    assert await listed(bench, case_id) == ("follow_aid", None)
    note = cases.WriteNote(case_id, 1, "fact", "Första träffen blev av.", "Personen", bench.today)
    await cases.write_note(bench.node, asta, note)
    moved = cases.SetVault(case_id, 1, cases.VaultContent("Nya gatan 1"))
    await cases.set_vault(bench.node, asta, moved)

    ending = cases.DecideAid(
        case_id, 1, "aid.counselling", "ENDED", "occupation", "x", "y", ends=aid_id
    )
    await cases.decide_aid(bench.node, await bench.leader(), ending)
    # Decided to end, and still carried out: whoever carries it out writes, and ends it.
    await cases.write_note(bench.node, asta, note)
    assert await listed(bench, case_id) == ("follow_aid", None)
    over = cases.EndMeasure(case_id, 1, measure_id, bench.today)
    await cases.end_measure(bench.node, asta, over)

    assert await listed(bench, case_id) == (None, None)
    for attempt in (
        cases.write_note(bench.node, asta, note),
        cases.set_vault(bench.node, asta, moved),
        cases.start_measure(bench.node, asta, begun),
    ):
        with pytest.raises(Conflict) as closed:
            await attempt
        assert closed.value.code == "case.closed"


async def test_the_database_opens_no_more_than_that_and_no_longer(bench):
    """The same writes by plain SQL, without any check of ours before them."""
    case_id, aid_id, _ = await excluded(bench)
    asta = await bench.case_worker()

    async def is_fenced(table, **values):
        async with bench.node.db.begin(asta, term=1) as uow:
            attempt = files.add(uow, table, case_id=case_id, sealed=b"x", **values)
            (answer,) = await asyncio.gather(attempt, return_exceptions=True)
        assert answer is None or answer.code == "case.responsibility_moved"
        return answer is not None

    now = bench.clock.now()
    note = {"note_id": row_id(now), "kind": "fact", "happened_on": bench.today}
    note |= {"written_at": now, "written_by": asta.staff_id}
    goal = {"goal_id": row_id(now), "area": "housing", "due_on": bench.today}
    goal |= {"set_at": now, "set_by": asta.staff_id}
    assert not await is_fenced(tables.note, **note)
    assert await is_fenced(plan_tables.goal, **goal)
    ending = cases.DecideAid(
        case_id, 1, "aid.counselling", "ENDED", "occupation", "x", "y", ends=aid_id
    )
    await cases.decide_aid(bench.node, await bench.leader(), ending)
    assert await is_fenced(tables.note, **note)
