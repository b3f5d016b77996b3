"""Scenario 2: from first contact in Linköping to Göteborg's take-over, through the API alone."""

from datetime import date

from infra.demo.caller import Cast, StoryError
from infra.demo.clock import TODAY
from infra.demo.story import GOTEBORG, LINKOPING, File, Move, Office, Outcome, Tell, until

SHARED_NEEDS = ("housing", "economy", "occupation", "addiction", "safety")
KINDS = ("identity", "residence", "threat_level", *(f"needs.{area}" for area in SHARED_NEEDS))


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once, with a new case.

    Raises:
        StoryError: a step did not go as it must.
    """
    here, there = Office(cast, LINKOPING), Office(cast, GOTEBORG)
    file = await _casework(here, tell)
    move = await _propose(file, there, tell)
    await _accept(move, tell)
    new = await _take_over(move, tell)
    return await _afterwards(file, move, new, tell)


async def _casework(office: Office, tell: Tell) -> File:
    file = await File.register(
        office,
        {
            "channel": "referral",
            "personal_number": "19950314-9800",
            "given_name": "Elias",
            "family_name": "Ekberg",
            "registered_municipality": GOTEBORG,
            "note": "Socialtjänstens mottagning hör av sig. Vill lämna ett kriminellt nätverk.",
        },
    )
    tell(f"{office.worker.name} registrerar en kontakt. Ärendet får kodnamnet {file.code_name}.")
    await file.assign_two()
    await file.consent(KINDS, GOTEBORG)
    tell("Samtycke: socialtjänsten i båda kommunerna och polisen, i 90 dagar. Inte sjukvården.")
    await file.needs(*SHARED_NEEDS, "health_care")
    await file.residence(
        GOTEBORG,
        "main_rule",
        "Folkbokförd i Göteborg och sover där de flesta nätter. Polisen bekräftar.",
    )
    tell(f"Tillhörigheten pekar mot Göteborg. {office.leader.name} har läst och bekräftat.")
    await file.threat("bops-ost", "HIGH", 14)
    tell("Bops bedömer hotet som högt, i samverkansrummet. Bops tar det akuta skyddet.")
    await file.clear_the_place("bops-ost", GOTEBORG)
    tell("Bops: inget hinder mot Göteborg, och nivån får lämnas vidare.")
    return file


async def _propose(file: File, there: Office, tell: Tell) -> Move:
    here = file.office
    move = await Move.draft(
        file,
        there,
        {
            "duration": "Minst ett år.",
            "circumstances": "Familjen bor i Göteborg.",
            "wish": "Vill bo kvar i Göteborg.",
            "need": "Boende, försörjning och stöd i vardagen.",
            "urgency": "soon",
        },
    )
    seen = await move.preview()
    withheld = {each["section"]: each["reason"] for each in seen["withheld"]}
    if withheld.get("needs.health_care") != "not_in_consent":
        raise StoryError("hälso- och sjukvården skulle hållas inne")
    tell(
        "Förhandsvisning: hälso- och sjukvården hålls inne, samtycket omfattar den inte. "
        f"Policyn skiljer sig på {len(seen['differences'])} punkter."
    )
    await move.propose()
    tell(f"{here.worker.name} föreslår, {here.leader.name} läser och skickar. Linköping ansvarar.")
    return move


async def _accept(move: Move, tell: Tell) -> None:
    there = move.receiver
    await move.arrives()
    tell("Göteborgs inkorg: ett förslag från Linköping. Inget namn, ingen adress.")
    await move.accept()
    tell(
        f"{there.worker.name} och {there.leader.name} accepterar. Underlaget skickas. "
        "Linköping ansvarar."
    )


async def _take_over(move: Move, tell: Tell) -> File:
    there = move.receiver
    dossier = await move.dossier()
    sections = {each["type"] for each in dossier["sections"]}
    if "needs.health_care" in sections or "identity" not in sections:
        raise StoryError("underlaget har inte de delar som samtycket tillåter")
    tell(f"Underlaget är framme: {len(sections)} delar, det som hålls inne står med skälet.")
    await move.ask_acute_protection("bops-vast")
    tell("Göteborg frågar Bops, som bekräftar det akuta skyddet.")
    new = await move.take_over()
    tell(f"{there.worker.name} och {there.leader.name} tar över. Från nu ansvarar Göteborg.")
    return new


async def _afterwards(file: File, move: Move, new: File, tell: Tell) -> Outcome:
    async def has_ended() -> bool:
        return bool((await file.summary())["state"] == "ENDED")

    await until("Linköping får veta", has_ended)
    sender, receiver = await file.summary(), await new.summary()
    refused = await file.office.worker.ask(
        "POST",
        f"{file.path}/notes",
        {
            "term": 1,
            "kind": "fact",
            "text": "En gammal flik.",
            "source": "ingen",
            "happened_on": date.isoformat(TODAY.date()),
        },
    )
    if refused.status_code != 409:
        raise StoryError("Linköpings akt skulle inte gå att skriva i längre")
    tell("Linköpings akt är avslutad och går inte att ändra. En gammal flik nekas.")
    evidence = await move.evidence(move.receiver)
    is_ended = sender["state"] == "ENDED"
    is_right = (
        sender["responsible"] == receiver["responsible"] == GOTEBORG
        and is_ended
        and receiver["state"] == "INVESTIGATION"
    )
    how = "avslutad" if is_ended else "INTE avslutad"
    says = (
        f"Linköping säger: {sender['responsible']} ansvarar, akten {how}.",
        f"Göteborg säger:  {receiver['responsible']} ansvarar, ny akt öppnad.",
    )
    return Outcome(move.handover_id, is_right, says, {GOTEBORG: evidence})
