"""The joint follow-up: two parties write, both sign the same text, and then it is for ever."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from services.follow_up import api as follow_up
from services.follow_up.api import (
    ObligationAnswer,
    OpenMeeting,
    RecordLawChange,
    SignMinutes,
    WriteMinutes,
)
from shared.db import StorageError
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import POLICE
from shared.policy import load_law, tenants_root
from tests.support.casework import GOTEBORG, open_bench

pytestmark = pytest.mark.servers
LAW = load_law(tenants_root() / "law.toml")


async def people(bench):
    return (
        await bench.person("Sam", "exit_coordinator"),
        await bench.person("Chefen", "social_director"),
        await bench.officer(),
    )


def answers(obligations, **changed):
    found = [ObligationAnswer(each.code, "met") for each in obligations]
    found += [ObligationAnswer(code, *said) for code, said in changed.items()]
    return tuple({each.code: each for each in found}.values())


def written(meeting_id, number=1, obligations=(), **changes):
    given = {
        "held_on": date(2026, 11, 20),
        "present": "Socialchefen och chefen för lokalpolisområdet.",
        "answers": answers(obligations, register_checks=("partly", "Svaren dröjde ibland.")),
        "law": "Hänvisningarna byts i nästa överenskommelse.",
        "development": "Svarstiden följs varje kvartal.",
    }
    return WriteMinutes(meeting_id, number, **{**given, **changes})


async def opened(bench, year=2026):
    sam, *_ = await people(bench)
    meeting_id = await follow_up.open_meeting(bench.node, sam, OpenMeeting(year))
    return meeting_id, (await read(bench, sam, meeting_id)).agreement.obligations


async def read(bench, actor, meeting_id):
    return await follow_up.read_meeting(bench.node, actor, meeting_id, law=LAW)


async def sign(bench, actor, meeting_id, number=2):
    await follow_up.sign_minutes(bench.node, actor, SignMinutes(meeting_id, number), law=LAW)


async def refusal(attempt):
    with pytest.raises(DomainError) as refused:
        await attempt
    return refused.value.code


async def test_both_parties_sign_the_same_text_and_it_is_sealed(bench):
    sam, chief, officer = await people(bench)
    dues = await follow_up.dues_for(bench.node, officer, law=LAW)
    assert ("yearly", "soon") in {(each.occasion, each.stage) for each in dues}
    assert ("law_change", "overdue") in {(each.occasion, each.stage) for each in dues}
    meeting_id, obligations = await opened(bench)
    assert len(obligations) == 15
    await follow_up.write_minutes(bench.node, sam, written(meeting_id, 1, obligations))
    assert await refusal(sign(bench, sam, meeting_id)) == "minutes.not_signer"
    await sign(bench, chief, meeting_id)
    assert await refusal(sign(bench, chief, meeting_id)) == "minutes.party_has_signed"
    assert (await read(bench, officer, meeting_id)).sealed_at is None
    await sign(bench, officer, meeting_id)
    sealed = await read(bench, sam, meeting_id)
    assert sealed.sealed_at == bench.clock.now()
    assert [each.party for each in sealed.signatures] == ["municipality", "police"]
    assert sealed.sealed_sha256
    assert len(sealed.sealed_sha256) == 64
    assert await follow_up.dues_for(bench.node, sam, law=LAW) == []
    late = written(meeting_id, 2, obligations, development="Något annat.")
    assert await refusal(follow_up.write_minutes(bench.node, sam, late)) == "minutes.sealed"


async def test_a_changed_text_has_nobodys_signature(bench):
    sam, chief, officer = await people(bench)
    meeting_id, obligations = await opened(bench)
    await follow_up.write_minutes(bench.node, sam, written(meeting_id, 1, obligations))
    await sign(bench, chief, meeting_id)
    theirs = written(meeting_id, 2, obligations, development="Svarstiden följs varje månad.")
    await follow_up.write_minutes(bench.node, officer, theirs)
    now = await read(bench, sam, meeting_id)
    assert (now.number, now.signatures, [each.number for each in now.voided]) == (3, [], [2])
    with pytest.raises(Conflict):
        await sign(bench, officer, meeting_id, 2)  # has not read what it says now
    await sign(bench, officer, meeting_id, 3)
    assert (await read(bench, sam, meeting_id)).sealed_at is None
    await sign(bench, chief, meeting_id, 3)
    assert (await read(bench, sam, meeting_id)).sealed_at


async def test_the_same_text_again_voids_nothing_and_an_older_one_is_a_conflict(bench):
    sam, chief, _ = await people(bench)
    meeting_id, obligations = await opened(bench)
    await follow_up.write_minutes(bench.node, sam, written(meeting_id, 1, obligations))
    await sign(bench, chief, meeting_id)
    await follow_up.write_minutes(bench.node, sam, written(meeting_id, 2, obligations))
    assert (await read(bench, sam, meeting_id)).number == 2
    with pytest.raises(Conflict):
        await follow_up.write_minutes(bench.node, sam, written(meeting_id, 1, law="Äldre."))


async def test_who_has_no_part_in_it_gets_nothing(bench, postgres_server):
    meeting_id, obligations = await opened(bench)
    for who in (
        await bench.case_worker(),
        await bench.officer("bops-ost"),
        await bench.officer("lpo-norrkoping"),
    ):
        with pytest.raises(AccessDenied):
            await follow_up.overview(bench.node, who, law=LAW)
        with pytest.raises(AccessDenied):
            await read(bench, who, meeting_id)
        with pytest.raises(AccessDenied):
            await follow_up.write_minutes(bench.node, who, written(meeting_id, 1, obligations))
        with pytest.raises(AccessDenied):
            await sign(bench, who, meeting_id, 1)
        with pytest.raises(AccessDenied):
            await follow_up.open_meeting(bench.node, who, OpenMeeting(2026))
        assert await follow_up.dues_for(bench.node, who, law=LAW) == []
    watcher = await bench.person("Sak", "security_chief")
    assert (await read(bench, watcher, meeting_id)).may_write is False
    with pytest.raises(AccessDenied):
        await follow_up.write_minutes(bench.node, watcher, written(meeting_id, 1, obligations))


async def test_who_also_is_security_chief_writes_and_signs_as_the_director_they_are(bench):
    _, _, officer = await people(bench)
    both = await bench.person("Båda", "social_director", "security_chief")
    meeting_id = await follow_up.open_meeting(bench.node, both, OpenMeeting(2026))
    obligations = (await read(bench, both, meeting_id)).agreement.obligations
    await follow_up.write_minutes(bench.node, both, written(meeting_id, 1, obligations))
    await sign(bench, both, meeting_id)
    await sign(bench, officer, meeting_id)
    assert (await read(bench, both, meeting_id)).sealed_at


async def test_the_database_itself_keeps_the_parties_apart(bench):
    sam, chief, officer = await people(bench)
    meeting_id, _ = await opened(bench)
    forged = text(
        "insert into follow_up_signature (meeting_id, number, party, signed_at, signed_by)"
        " values (:meeting, 1, :party, now(), :who)"
    )
    for actor, party in ((chief, "police"), (officer, "municipality")):
        async with bench.node.db.begin(actor) as uow:
            with pytest.raises(StorageError):
                await uow.execute(
                    forged, {"meeting": meeting_id, "party": party, "who": actor.staff_id}
                )
    async with bench.node.db.begin(sam) as uow:
        with pytest.raises(StorageError):
            await uow.execute(text("update follow_up_minutes set sha256 = sha256"))


async def test_a_text_that_names_somebody_is_refused_on_entry(bench):
    sam, *_ = await people(bench)
    meeting_id, obligations = await opened(bench)
    for place in ("present", "law", "development"):
        named = written(meeting_id, 1, obligations, **{place: "Se 20010822-9816."})
        assert await refusal(follow_up.write_minutes(bench.node, sam, named)) == "text.names_person"
    named = written(
        meeting_id,
        1,
        obligations,
        answers=answers((), support=("met", "Granit Lärka 41 fick vänta.")),
    )
    assert await refusal(follow_up.write_minutes(bench.node, sam, named)) == "text.names_person"
    change = RecordLawChange("Ny lag, se 010822-9816", date(2026, 1, 1))
    assert (
        await refusal(follow_up.record_law_change(bench.node, sam, change)) == "text.names_person"
    )
    unknown = written(meeting_id, 1, obligations, answers=answers((), other=("met",)))
    assert (
        await refusal(follow_up.write_minutes(bench.node, sam, unknown))
        == "minutes.unknown_obligation"
    )


async def test_one_is_open_at_a_time_and_of_a_year_that_has_come(bench):
    sam, *_ = await people(bench)
    assert (
        await refusal(follow_up.open_meeting(bench.node, sam, OpenMeeting(2027)))
        == "follow_up.year_wrong"
    )
    await opened(bench)
    assert (
        await refusal(follow_up.open_meeting(bench.node, sam, OpenMeeting(2026)))
        == "follow_up.open_already"
    )


async def test_a_law_change_entered_by_hand_makes_the_follow_up_due(bench):
    sam, chief, officer = await people(bench)
    meeting_id, obligations = await opened(bench)
    await follow_up.write_minutes(bench.node, sam, written(meeting_id, 1, obligations))
    await sign(bench, chief, meeting_id)
    await sign(bench, officer, meeting_id)
    bench.clock.move(timedelta(days=10))
    change = RecordLawChange("Polislagen: ny paragraf om stöd", date(2026, 12, 1))
    await follow_up.record_law_change(bench.node, sam, change)
    found = await follow_up.overview(bench.node, officer, law=LAW)
    assert [(each.occasion, each.about, each.stage) for each in found.dues] == [
        ("law_change", "Polislagen: ny paragraf om stöd", "later")
    ]
    empty = RecordLawChange(" ", date(2026, 12, 1))
    assert (
        await refusal(follow_up.record_law_change(bench.node, sam, empty))
        == "law_change.what_missing"
    )


async def test_reminders_come_once_for_each_stage_and_go_when_it_is_done(bench):
    sam, chief, officer = await people(bench)
    assert await follow_up.remind(bench.worker_node, law=LAW) == 3  # the year, and two changed laws
    assert await follow_up.remind(bench.worker_node, law=LAW) == 0
    assert await cards(bench) == {("follow_up.soon", 2), ("follow_up.overdue", 4)}
    meeting_id, obligations = await opened(bench)
    await follow_up.write_minutes(bench.node, sam, written(meeting_id, 1, obligations))
    await sign(bench, chief, meeting_id)
    await sign(bench, officer, meeting_id)
    await follow_up.remind(bench.worker_node, law=LAW)
    assert await cards(bench) == set()


async def cards(bench):
    async with bench.worker_node.db.begin(bench.worker) as uow:
        rows = await uow.execute(
            text("select kind, count(*) as n from card where done_at is null group by kind")
        )
        return {(row.kind, row.n) for row in rows}


async def test_where_no_agreement_is_known_nothing_is_followed_up(postgres_server):
    made = await open_bench(await postgres_server.fresh_node_databases(GOTEBORG), GOTEBORG)
    sam = await made.person("Sam", "exit_coordinator")
    found = await follow_up.overview(made.node, sam, law=LAW)
    assert (found.agreement, found.dues, found.may_open) == (None, [], False)
    assert (
        await refusal(follow_up.open_meeting(made.node, sam, OpenMeeting(2026)))
        == "follow_up.no_agreement"
    )
    officer = await made.person("Lpo", "police_partner", unit="lpo-goteborg", home=POLICE)
    with pytest.raises(AccessDenied):
        await follow_up.overview(made.node, officer, law=LAW)
    await made.node.db.close()
    await made.worker_node.db.close()
