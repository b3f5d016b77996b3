"""A case on its way to the entry assessment, and the answers that a municipality may give."""

from services.cases import api as cases
from services.cases.api import Answered, AssessEntry, MarkReady, SignEntry
from services.protection import api as protection
from services.protection.api import AnswerQuestion, GiveThreat, SignPaper, room_of
from shared.ids import SubjectId

JUDGED = {
    "target_group": "yes",
    "motivation": "yes",
    "suitability": "yes",
    "protection_need": "yes",
    "conditions": "yes",
}
"""What people answer when everything speaks for; the rest the file decides."""


async def coordinator(bench, name="Siv"):
    return await bench.person(name, "exit_coordinator")


async def investigated(bench, *, threat="MEDIUM", finding="HERE", consents=True, needs=True):
    """A case in INVESTIGATION whose tracks are answered; the coordinator is a member.

    Args:
        threat: a level, `NONE_KNOWN`, or None: the police are not asked.
    """
    case_id = await bench.investigated(registered_municipality=bench.node.authority)
    asta, gun, siv = await bench.case_worker(), await bench.leader(), await coordinator(bench)
    await bench.assign(case_id, gun, siv, "exit_coordinator")
    if consents:
        await bench.consent(case_id, purposes=("threat_assessment", "cooperation"))
    if finding == "HERE":
        command = cases.RecordResidence(
            case_id, 1, "HERE", bench.node.authority, "main_rule", "Folkbokförd här."
        )
        found = await cases.record_residence(bench.node, asta, command)
        await cases.confirm_residence(bench.node, gun, cases.ConfirmResidence(case_id, 1, found))
    elif finding == "OTHER":
        await bench.found_elsewhere(case_id)
    if needs:
        for area in cases.NEED_AREAS:
            await cases.record_need(
                bench.node, asta, cases.RecordNeed(case_id, 1, area, f"Behov: {area}.")
            )
    if threat is not None:
        await ask_and_answer(bench, case_id, threat)
    return case_id


async def ask_and_answer(bench, case_id, threat):
    """The local area is asked, and gives a level or says that no threat is known."""
    unit = "lpo-linkoping" if bench.node.authority == "0580" else "lpo-goteborg"
    question = await bench.threat_asked(case_id, unit)
    officer = await bench.officer(unit)
    room = room_of(SubjectId(case_id))
    if threat == "NONE_KNOWN":
        await protection.answer_question(
            bench.node, officer, AnswerQuestion(room, 1, question, "CLEAR")
        )
        return
    review = bench.today.replace(day=bench.today.day + 5)
    await protection.give_threat(
        bench.node, officer, GiveThreat(room, 1, threat, "structured", review)
    )


async def assessing(bench, **given):
    """As `investigated`, in ENTRY_ASSESSMENT."""
    case_id = await investigated(bench, **given)
    await cases.mark_ready(bench.node, await bench.case_worker(), MarkReady(case_id, 1))
    return case_id


async def view(bench, case_id, actor=None):
    return await cases.read_entry(bench.node, actor or await coordinator(bench), case_id)


async def answers(bench, case_id, **changes):
    """An answer to each criterion of the policy: what the file says, else what is wanted."""
    wanted = {**JUDGED, **changes}
    rows = (await view(bench, case_id)).criteria
    return tuple(
        Answered(
            row.code,
            wanted[row.code] if len(row.possible) > 1 else row.possible[0],
            f"Skäl: {row.code}.",
        )
        for row in rows
    )


async def assessed(bench, case_id, group="criminal_network", **changes):
    """Answer every criterion; the assessment's id."""
    command = AssessEntry(case_id, 1, group, await answers(bench, case_id, **changes))
    return await cases.assess_entry(bench.node, await coordinator(bench), command)


async def sign(bench, case_id, entry_id, actor=None, party="municipality"):
    await cases.sign_entry(
        bench.node,
        actor or await coordinator(bench),
        SignEntry(case_id, 1, entry_id, party),
    )


async def police_sign(bench, case_id, entry_id, word="AGREED", unit="lpo-linkoping"):
    command = SignPaper(room_of(SubjectId(case_id)), 1, entry_id, word)
    await protection.sign_paper(bench.node, await bench.officer(unit), command)


async def admitted(bench):
    """A case in AGREEMENT_PENDING, assessed and signed by both parties."""
    case_id = await assessing(bench)
    entry_id = await assessed(bench, case_id)
    await sign(bench, case_id, entry_id)
    await police_sign(bench, case_id, entry_id)
    await cases.admit(bench.node, await coordinator(bench), cases.Admit(case_id, 1, entry_id))
    return case_id
