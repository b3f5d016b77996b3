"""What the complaint tests share: the log, what a file holds, steps of a handover."""

from sqlalchemy import text

from services.cases import api as cases
from services.handover import api as handover


async def logged(town, action, **facts) -> list[dict[str, object]]:
    """Facts of the log's rows of an action, in the order they were written."""
    rows = await town.rows(
        "select facts from audit_entry where action = :action order by at", action=action
    )
    return [row.facts for row in rows if facts.items() <= row.facts.items()]


async def opened(town, handover_id):
    """The new file after the take-over, as its case worker reads it."""
    there = await town.bench.case_worker()
    view = await town.view(handover_id, there)
    return await cases.read_case(town.node, there, view.row.case_id, "prov")


async def write(town, case_id, term, actor=None):
    """A note in the journal."""
    actor = actor or await town.bench.case_worker()
    note = cases.WriteNote(case_id, term, "fact", "Mötet hölls.", "samtal", town.bench.today)
    return await cases.write_note(town.node, actor, note)


async def withdraw(pair, handover_id) -> None:
    await pair.linkoping.decide(handover_id, handover.Withdraw("Flyttar inte."))


async def accept(pair, handover_id) -> None:
    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))


async def undelivered(town) -> int:
    """How many of the town's messages have no answer yet."""
    async with town.worker_node.db.begin(town.bench.worker) as uow:
        return (await uow.execute(text("select count(*) from undelivered"))).scalar_one()
