"""A case in Göteborg whose threat may rise, and somebody on call: for tests of the night."""

from datetime import timedelta

from services.cases import api as cases
from services.cases.store import immediate
from services.staff import api as staff
from shared.db.cards import open_cards
from shared.ids import POLICE
from tests.support.casework import GOTEBORG, Counterparty

HOUR = timedelta(hours=1)
BOPS = "bops-vast"


async def watched(bench):
    """A case whose threat Bops has been asked about; Bops is attached to its room."""
    case_id = await bench.investigated()
    parties = (Counterparty(POLICE, "police"),)
    await bench.consent(case_id, counterparties=parties)
    await bench.threat_asked(case_id, BOPS)
    return case_id


async def on_call(bench, who, *, begins=-1, hours=9, unit=None):
    """Somebody's duty, in the unit's roster."""
    gun = (
        await bench.leader()
        if unit is None
        else await bench.person("Ulla", "team_leader", unit=unit)
    )
    start = bench.clock.now() + begins * HOUR
    command = staff.PutOnCall(who.staff_id, start, start + hours * HOUR)
    return await staff.put_on_call(bench.node, gun, command)


async def raised(bench, case_id, level="HIGH"):
    """Bops gives a level, a minute after whatever was before: the newest counts."""
    bench.clock.move(timedelta(minutes=1))
    await bench.assessed(case_id, level, BOPS)


async def alarm_of(bench, case_id, actor):
    """The newest alarm as a member sees it."""
    return (await cases.read_case(bench.node, actor, case_id, "prov")).alarms[0]


async def cards_of(bench, actor):
    """Kinds of the cards that somebody sees."""
    async with bench.node.db.begin(actor) as uow:
        found = [card["kind"] for card in await open_cards(uow)]
        await uow.commit()
    return found


async def waits_for_review(bench, case_id, aid_id, kind="aid.counselling"):
    """An aid decision marked as made at once, by the team leader: for the ordinary delegate."""
    async with bench.node.db.begin(await bench.leader(), term=1) as uow:
        await immediate.add(uow, aid_id=aid_id, case_id=case_id, kind=kind, review_by=bench.today)
        await uow.commit()


__all__ = [
    "BOPS",
    "GOTEBORG",
    "HOUR",
    "alarm_of",
    "cards_of",
    "on_call",
    "raised",
    "waits_for_review",
    "watched",
]
