"""Scenario 3: Norrköping declines, IVO rules, Norrköping takes over; through the API alone."""

from datetime import datetime, timedelta

from infra.demo.caller import Cast, StoryError
from infra.demo.clock import TODAY, set_clock
from infra.demo.story import (
    LINKOPING,
    NORRKOPING,
    File,
    Move,
    Office,
    Outcome,
    Tell,
    confirm,
    until,
)

NEEDS = ("housing", "economy", "occupation")
KINDS = ("identity", "residence", "threat_level", *(f"needs.{area}" for area in NEEDS))
REASONS = "Sover i Norrköping tillfälligt hos en vän. Familj och arbete finns i Linköping."
STATEMENT = "Personen har sovit i Norrköping de flesta nätter sedan i mars. Polisen bekräftar."
DECIDED = TODAY + timedelta(days=80)  # within the three months that IVO has
FINAL = DECIDED + timedelta(days=22)  # three weeks to appeal, and the day after


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once, with a new case; the domain clock ends in the following spring.

    Raises:
        StoryError: a step did not go as it must.
    """
    here, there = Office(cast, LINKOPING), Office(cast, NORRKOPING)
    file = await _casework(here, tell)
    move = await _propose(file, there, tell)
    await _decline(file, move, tell)
    await _apply(file, move, tell)
    await _rule(cast, file, move, tell)
    new = await _take_over(file, move, tell)
    return await _afterwards(file, move, new, tell)


async def _casework(office: Office, tell: Tell) -> File:
    file = await File.register(
        office,
        {
            "channel": "visit",
            "personal_number": "19990505-9896",
            "given_name": "Nora",
            "family_name": "Nyberg",
            "registered_municipality": LINKOPING,
            "note": "Kommer till socialkontoret. Vill lämna, och sover hos en vän i Norrköping.",
        },
    )
    tell(f"{office.worker.name} registrerar en kontakt. Ärendet får kodnamnet {file.code_name}.")
    await file.assign_two()
    await file.assign(office.director, "social_director", "Beslutar om tvister")
    # A dispute takes months: consent for the usual 90 days would have run out before the end.
    await file.consent(KINDS, NORRKOPING, days=180)
    await file.needs(*NEEDS)
    await file.residence(
        NORRKOPING,
        "nights_rest",
        "Folkbokförd i Linköping, men har sin huvudsakliga dygnsvila i Norrköping.",
    )
    tell("Undantaget: huvudsaklig dygnsvila i Norrköping. Två har läst bedömningen.")
    await file.threat("lpo-linkoping", "LOW", 90)
    await file.clear_the_place("lpo-linkoping", NORRKOPING)
    tell("Lokalpolisområdet bedömer hotet som lågt, och nivån får lämnas vidare.")
    return file


async def _propose(file: File, there: Office, tell: Tell) -> Move:
    move = await Move.proposed(
        file,
        there,
        {
            "duration": "Minst ett år.",
            "circumstances": "Har en vän och en praktikplats i Norrköping.",
            "wish": "Vill bo i Norrköping.",
            "need": "Boende, försörjning och sysselsättning.",
            "urgency": "ordinary",
        },
    )
    tell(f"{file.office.place} föreslår att {there.place} tar över.")
    return move


async def _decline(file: File, move: Move, tell: Tell) -> None:
    there = move.receiver
    await move.decide(there, {"type": "decline", "code": "connection_not_here", "text": REASONS})
    await move.reaches(file.office, "declined")
    seen = (await file.office.worker.get(move.path))["dispute"]
    if (seen["answer_code"], seen["answer_text"]) != ("connection_not_here", REASONS):
        raise StoryError("skälen kom inte fram")
    tell(f"{there.place} nekar, med skäl. {file.office.place} ser dem, och ansvarar.")
    await _demand_responsible(file)


async def _apply(file: File, move: Move, tell: Tell) -> None:
    office = file.office
    is_done = await move.sign(
        office.leader,
        {
            "type": "apply_to_ivo",
            "applied_on": TODAY.date().isoformat(),
            "text": STATEMENT,
            "register_number": "SN 2026-0417",
        },
    )
    if is_done:
        raise StoryError("ansökan skulle kräva två personer")
    letter = await office.director.download(f"{move.path}/ivo-application")
    if not letter.startswith(b"%PDF"):
        raise StoryError("ansökan kom inte som PDF")
    refused = await move.receiver.leader.ask("GET", f"{move.path}/ivo-application")
    if refused.status_code != 404:
        raise StoryError(f"{move.receiver.place} skulle inte kunna hämta ansökan")
    tell(
        f"{office.leader.name} skriver ansökan till IVO. {office.director.name} läser den som PDF."
    )
    await confirm(office.director, move.path)
    await move.reaches(office, "disputed")
    await move.reaches(move.receiver, "disputed")
    tell(
        "Ansökan är gjord. Båda ser båda sidornas skäl, vem som ansvarar och när IVO ska ha svarat."
    )
    await _demand_responsible(file)


async def _rule(cast: Cast, file: File, move: Move, tell: Tell) -> None:
    """IVO decides for Norrköping; nobody appeals, and the leader records it when it is final."""
    ruling = {
        "type": "record_ruling",
        "responsible": "receiver",
        "document": "IVO 3.4.2-2027/118",
        "decided_on": DECIDED.date().isoformat(),
        "final_on": FINAL.date().isoformat(),
    }
    set_clock(cast.folder, DECIDED + timedelta(days=1))
    early = await _refused(move, file.office, ruling)
    if early != "handover.ruling_not_final":
        raise StoryError("ett beslut som kan överklagas skulle inte gälla")
    tell(f"IVO beslutar {_day(DECIDED)}: Norrköping är ansvarigt. Det kan ännu överklagas.")
    set_clock(cast.folder, FINAL)
    await move.sign(file.office.leader, ruling)
    await move.reaches(move.receiver, "ordered")
    for office in (file.office, move.receiver):
        seen = (await office.worker.get(move.path))["dispute"]
        if seen["ruled_for"] != "receiver" or seen["final_on"] != FINAL.date().isoformat():
            raise StoryError(f"{office.place} fick inte beslutet")
    tell(f"Laga kraft {_day(FINAL)}. Båda ser beslutet; övertagandet väntar, Linköping ansvarar.")
    await _demand_responsible(file)


async def _refused(move: Move, office: Office, payload: dict[str, str]) -> str:
    view = await office.leader.get(move.path)
    body = {"revision": view["row"]["revision"], "payload": payload}
    answer = await office.leader.ask("POST", f"{move.path}/signatures", body)
    return str(answer.json().get("code", ""))


async def _take_over(file: File, move: Move, tell: Tell) -> File:
    there = move.receiver
    agree = {"type": "agree", "take_over_on": FINAL.date().isoformat(), "text": ""}
    if not await move.sign(there.leader, agree):
        await confirm(there.cast.at(there.code, "samordnare"), move.path)
    reader = {"staff_id": (await there.worker.get("/me"))["staff_id"], "why": "works_with_it"}
    await there.leader.post(f"{move.path}/readers", reader)
    await move.dossier()
    tell(f"{there.place} säger att de tar över samma dag. Underlaget skickas av sig självt.")
    await _demand_responsible(file)
    new = await move.take_over(FINAL)
    tell(f"{there.worker.name} och {there.leader.name} tar över. Från nu ansvarar {there.place}.")
    return new


async def _demand_responsible(file: File) -> None:
    """Until the take-over Linköping answers for the case, whatever has been said."""
    seen = await file.summary()
    if seen["responsible"] != LINKOPING or seen["term"] != 1 or seen["state"] == "ENDED":
        raise StoryError("Linköping skulle ansvara ända till övertagandet")


async def _afterwards(file: File, move: Move, new: File, tell: Tell) -> Outcome:
    async def has_ended() -> bool:
        return bool((await file.summary())["state"] == "ENDED")

    await until(f"{file.office.place} får veta", has_ended)
    sender, receiver = await file.summary(), await new.summary()
    evidence = {office.code: await move.evidence(office) for office in (file.office, new.office)}
    tell("Varje steg står i bevisen, hos båda.")
    chains = [[link["kind"] for link in (await each.read())["chain"]] for each in (file, new)]
    is_right = (
        sender["responsible"] == receiver["responsible"] == NORRKOPING
        and receiver["state"] == "INVESTIGATION"
        and chains[0] == chains[1]
        and {"declined", "disputed", "ruled", "agreed"} <= set(chains[0])
    )
    says = (
        f"Linköping säger:  {sender['responsible']} ansvarar, akten avslutad.",
        f"Norrköping säger: {receiver['responsible']} ansvarar, ny akt öppnad.",
    )
    return Outcome(move.handover_id, is_right, says, evidence)


def _day(at: datetime) -> str:
    return at.date().isoformat()
