"""What two whole municipalities count when a case goes from one to the other: nobody lost, nobody twice."""

from collections import Counter

import pytest

from services.audit import api as audit
from services.cases import api as cases
from services.statistics.domain.indicators import DIMENSIONS
from services.statistics.domain.periods import half_year_of
from services.statistics.domain.vector import tally
from services.statistics.handlers.gathering import gather
from shared.errors import AccessDenied, DomainError
from tests.support.casework import open_bench
from tests.support.entry import assessed, assessing, coordinator, police_sign, sign
from tests.support.exchange import open_pair

pytestmark = pytest.mark.servers


@pytest.fixture
async def pair(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as found:
        yield found


async def counted(pair, town):
    half = half_year_of(pair.clock.now().date())
    return await gather(town.worker_node, half, None, pair.clock.now())


async def test_a_handover_loses_nobody_and_counts_nobody_twice(pair):
    await pair.taken_over()
    here, there = await counted(pair, pair.linkoping), await counted(pair, pair.goteborg)
    by_series = Counter(each.series for each in here)
    assert by_series["contacts"] == by_series["proposed"] == 1
    assert by_series["weeks_to_answer"] == by_series["weeks_to_take_over"] == 1
    assert by_series["ended"] == 1
    assert [each.attributes for each in here if each.series == "ended"] == [
        {"ended_reason": "TRANSFERRED"}
    ]
    assert Counter(each.series for each in there) == {"received": 1, "ongoing": 1}
    assert by_series["ongoing"] == 0
    for happened in (here, there):
        tally(happened)  # every category is one of the fixed ones


async def test_while_it_is_under_way_the_sender_alone_has_the_case(pair):
    await pair.accepted()
    here, there = await counted(pair, pair.linkoping), await counted(pair, pair.goteborg)
    assert [each.series for each in here].count("ongoing") == 1
    assert there == []


async def test_a_contact_is_counted_with_age_sex_and_channel_and_a_question_with_its_weeks(pair):
    await pair.drafted(high=True)
    happened = await counted(pair, pair.linkoping)
    (contact,) = (each.attributes for each in happened if each.series == "contacts")
    assert contact["age"] != "unknown"
    assert contact["sex"] in {"woman", "man"}
    assert contact["channel"] in DIMENSIONS["channel"][:-1]
    (ongoing,) = (each.attributes for each in happened if each.series == "ongoing")
    assert ongoing["threat"] == "HIGH"
    assert [each.attributes for each in happened if each.series == "weeks_to_threat"] == [
        {"weeks": "0"}
    ]


async def test_an_entry_assessment_is_counted_by_group_and_by_the_criterion_that_failed(
    postgres_server,
):
    bench = await open_bench(await postgres_server.fresh_node_databases("0580"))
    siv, gun = await coordinator(bench), await bench.leader()
    taken = await assessing(bench, threat="LOW")
    entry_id = await assessed(bench, taken)
    await sign(bench, taken, entry_id)
    await police_sign(bench, taken, entry_id)
    await cases.admit(bench.node, siv, cases.Admit(taken, 1, entry_id))
    refused = await assessing(bench, threat="NONE_KNOWN")
    entry_id = await assessed(bench, refused, "violent_extremism", target_group="no")
    await sign(bench, refused, entry_id)
    await sign(bench, refused, entry_id, gun, "second")
    await police_sign(bench, refused, entry_id)
    command = cases.RefuseEntry(refused, 1, entry_id, "NO_PROTECTION_NEED")
    await cases.refuse_entry(bench.node, siv, command)
    now = bench.clock.now()
    happened = await gather(bench.worker_node, half_year_of(now.date()), None, now)
    by_series = Counter(each.series for each in happened)
    assert by_series["assessed"] == 2
    (admitted,) = (each.attributes for each in happened if each.series == "admitted")
    assert (admitted["group_type"], admitted["threat"]) == ("criminal_network", "LOW")
    assert [each.attributes for each in happened if each.series in {"not_admitted", "ended"}] == [
        {"not_admitted_reason": "NO_PROTECTION_NEED"},
        {"ended_reason": "NOT_ADMITTED"},
    ]
    assert by_series["ongoing"] == 1
    tally(happened)
    await bench.node.db.close()
    await bench.worker_node.db.close()


async def test_meetings_log_reviews_and_money_are_counted_and_only_who_may_writes_them(
    postgres_server,
):
    bench = await open_bench(await postgres_server.fresh_node_databases("0580"))
    asta, rut = await bench.case_worker(), await bench.person("Rut", "log_reviewer")
    case_id = await bench.register(channel="phone")
    met = cases.RecordFirstMeeting(case_id, 1, bench.today)
    with pytest.raises(AccessDenied):
        await cases.record_first_meeting(bench.node, await bench.case_worker("Bo"), met)
    await cases.record_first_meeting(bench.node, asta, met)
    with pytest.raises(DomainError, match="recorded_already"):
        await cases.record_first_meeting(bench.node, asta, met)
    review = audit.RecordReview(bench.today, bench.today, 20, "nothing_found")
    for who in (asta, await bench.leader(), await bench.person("Siv", "social_director")):
        with pytest.raises(AccessDenied):
            await audit.record_review(bench.node, who, review)
    with pytest.raises(AccessDenied):
        await audit.log_reviews(bench.node, asta)
    await audit.record_review(bench.node, rut, review)
    siv = await bench.person("Siv", "social_director")
    # A leader may be the one who was reported: the director hears it first.
    for who, outcome in (
        (rut, "nothing_found"),
        (siv, "nothing_found"),
        (await bench.leader(), None),
    ):
        (done,) = await audit.log_reviews(bench.node, who)
        assert (done.entries, done.outcome, done.reviewed_by) == (20, outcome, rut.staff_id)
    money = await cases.apply_for_money(
        bench.node, asta, cases.ApplyForMoney(case_id, 1, bench.today, 450_000)
    )
    answer = cases.RecordMoneyAnswer(case_id, 1, money, "GRANTED", bench.today, 400_000)
    with pytest.raises(AccessDenied):
        await cases.record_money_answer(bench.node, await bench.case_worker("Bo"), answer)
    await cases.record_money_answer(bench.node, asta, answer)
    paid = cases.RecordMoneyPaid(case_id, 1, money, bench.today, 400_000)
    await cases.record_money_paid(bench.node, asta, paid)
    found = (await cases.read_programme(bench.node, asta, case_id, "prov")).money
    assert [(each.outcome, each.granted, each.paid) for each in found] == [
        ("GRANTED", 400_000, 400_000)
    ]
    now = bench.clock.now()
    happened = await gather(bench.worker_node, half_year_of(now.date()), None, now)
    counted_here = Counter(each.series for each in happened)
    assert counted_here["money_applied"] == counted_here["money_granted"] == 1
    (waited,) = (each.attributes for each in happened if each.series == "weeks_to_meeting")
    assert waited == {"weeks": "0"}
    assert [each.series for each in happened].count("log_reviews") == 1
    tally(happened)
    await bench.node.db.close()
    await bench.worker_node.db.close()


async def test_counting_is_logged_and_names_nobody(pair):
    await pair.drafted()
    await counted(pair, pair.linkoping)
    rows = await pair.linkoping.rows(
        "select action, case_id, facts from audit_entry where action like '%.counted' order by action"
    )
    assert [(row.action, row.case_id) for row in rows] == [
        ("cases.counted", None),
        ("statistics.counted", None),
    ]
