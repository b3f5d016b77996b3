"""A handover on paper, step by step: for tests of its acts, its pages and its letters."""

import msgspec

from services.cases import api as cases
from services.handover import api as handover
from shared.ids import AuthorityCode, random_id

JONKOPING = AuthorityCode("0680")
"""A municipality that is in no directory."""
LETTER = b"%PDF-1.7 begaran"


async def drafted(town, *, number="IFO 2026/17", kinds=("identity", "residence")):
    """A case that belongs to Jönköping, and a draft of its handover."""
    bench = town.bench
    asta = await bench.case_worker()
    case_id = await bench.investigated()
    await bench.found_elsewhere(case_id, JONKOPING)
    party = cases.Counterparty(JONKOPING, "social_services")
    await bench.consent(case_id, counterparties=(party,), kinds=kinds)
    handover_id = await handover.start_draft(
        bench.node, asta, handover.StartDraft(case_id, 1, JONKOPING)
    )
    view = await town.view(handover_id, asta)
    draft = msgspec.structs.replace(
        view.draft,
        duration="Tills vidare.",
        circumstances="Familjen bor där.",
        wish="Vill till Jönköping.",
        need="Bostad.",
        register_number=number,
    )
    await handover.update_draft(
        bench.node, asta, handover.UpdateDraft(handover_id, view.row.revision, draft)
    )
    return case_id, handover_id


async def proposed(town, **how):
    """Decided by two; the letter waits to be sent."""
    case_id, handover_id = await drafted(town, **how)
    await town.decide(handover_id, handover.Propose())
    return case_id, handover_id


async def sent(town, handover_id, kind="proposed", on=None):
    """The newest letter of this kind has left."""
    command = handover.RecordSent(
        handover_id,
        await newest(town, handover_id, kind),
        on or town.bench.today,
        "registered_letter",
    )
    asta = await town.bench.case_worker()
    return await handover.record_sent(town.node, asta, command, LETTER)


async def newest(town, handover_id, kind="proposed"):
    """Our newest words of this kind."""
    view = await town.view(handover_id)
    letters = [each for each in view.papers if each.what == "message" and each.kind == kind]
    return letters[-1].paper_id


async def paper(town, case_id, said, **more):
    """What the first person notes, the scanned paper in the case."""
    scan = (
        b"%PDF-1.7 svar " + random_id().hex.encode()
    )  # no two papers are scanned to the same bytes
    document_id = await town.bench.document(case_id, scan, section="journal")
    given = {"received_on": town.bench.today, "document_id": document_id, "said": said} | more
    return handover.PaperReceived(**given)


async def came(town, case_id, handover_id, said, **more):
    """A paper came, and two persons have read it."""
    bo = await town.bench.case_worker("Bo")
    await town.decide(handover_id, await paper(town, case_id, said, **more), second=bo)


async def requested(town, **how):
    """Sent, and its receipt is in."""
    found = await proposed(town, **how)
    await sent(town, found[1])
    await came(town, *found, handover.ReceiptCame())
    return found
