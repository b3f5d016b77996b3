"""Aid that runs on after an exclusion: it has a file, somebody who watches it, and an end."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.exclusion_letter import compose
from gateway.policies import load_federation
from gateway.texts.days import day
from services.cases import api as cases
from services.cases.store import plan_tables, tables
from shared.db import add_row
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import row_id
from shared.policy import Policy, PolicyBook, load_law, tenants_root
from tests.integration.cases.test_relapse import police_say, prepared, proposal
from tests.support.casework import GOTEBORG, nobody
from tests.support.entry import coordinator

pytestmark = pytest.mark.servers
LAW = load_law(tenants_root() / "law.toml")


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
            attempt = add_row(uow, table, case_id=case_id, sealed=b"x", **values)
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


def words_of(letter):
    parts = (
        text for part in letter.parts for text in (part.text, *part.items, *sum(part.rows, ()))
    )
    return "\n".join((letter.notice, *parts))


async def test_the_letter_says_what_was_decided_whatever_comes_after(bench):
    case_id, aid_id, review_id = await excluded(bench)
    asta, excluded_on = await bench.case_worker(), bench.today
    letter = await cases.read_exclusion(bench.node, asta, case_id, review_id)
    before = words_of(compose(letter, LAW, authority="Linköping"))
    assert [aid.aid_id for aid in letter.running] == [aid_id]
    for said in ("Det stöd du har beviljats fortsätter", "Vi har beslutat att", "tre veckor"):
        assert said.lower() in before.lower()
    assert "bedömning av om du uppfyller villkoren" not in before

    bench.clock.move(timedelta(days=3))
    ending = cases.DecideAid(
        case_id, 1, "aid.counselling", "ENDED", "occupation", "x", "y", ends=aid_id
    )
    await cases.decide_aid(bench.node, await bench.leader(), ending)
    other = load_federation()[GOTEBORG].policies.on(excluded_on)
    known = bench.node.policies
    later = Policy(other.authority, bench.today, other.decided_in, other.documents, other.raw)
    changed = replace(bench.node, policies=PolicyBook(known.authority, [*known.policies, later]))
    after = await cases.read_exclusion(changed, asta, case_id, review_id)
    assert words_of(compose(after, LAW, authority="Linköping")) == before
    assert "fortsätter" not in words_of(compose(replace(after, running=()), LAW, authority="x"))


async def test_the_time_to_appeal_an_exclusion_runs_from_when_the_person_was_told(bench):
    case_id, _, review_id = await excluded(bench)
    asta, told_on = await bench.case_worker(), bench.today
    telling = cases.RecordExclusionTold(case_id, 1, review_id, told_on)
    for wrong, code in ((-1, "aid.told_before_decision"), (1, "aid.told_in_future")):
        early = replace(telling, told_on=told_on + timedelta(days=wrong))
        with pytest.raises(DomainError) as refused:
            await cases.record_exclusion_told(bench.node, asta, early)
        assert refused.value.code == code
    with pytest.raises(AccessDenied):
        await cases.record_exclusion_told(bench.node, nobody("case_worker"), telling)
    await cases.record_exclusion_told(bench.node, asta, telling)
    with pytest.raises(DomainError) as again:
        await cases.record_exclusion_told(bench.node, asta, telling)
    assert again.value.code == "aid.told_already"
    letter = await cases.read_exclusion(bench.node, asta, case_id, review_id)
    assert letter.appeal_until == told_on + timedelta(weeks=3)
    assert day(letter.appeal_until) in words_of(compose(letter, LAW, authority="Linköping"))
