"""Scenario 7: the consent is taken back between the proposal and the dossier, from the API alone."""

from typing import Any

from infra.demo.caller import Cast, StoryError
from infra.demo.story import GOTEBORG, LINKOPING, File, Move, Office, Outcome, Tell, until

KINDS = ("identity", "residence", "needs.housing")
WORDS = ("Syskonen bor i Göteborg", "Vill nära sina syskon")
"""What the proposal says of the person: nothing of it may be left in Göteborg."""


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once, with a new case.

    Raises:
        StoryError: a step did not go as it must.
    """
    here, there = Office(cast, LINKOPING), Office(cast, GOTEBORG)
    file, consent_id = await _casework(here, tell)
    move = await _propose(file, there, tell)
    await _almost_accepted(move, tell)
    await _withdraw(file, move, consent_id, tell)
    await _erased(move, tell)
    return await _afterwards(file, move, tell)


async def _casework(office: Office, tell: Tell) -> tuple[File, str]:
    file = await File.register(
        office,
        {
            "channel": "visit",
            "personal_number": "20050605-9872",
            "given_name": "Milo",
            "family_name": "Mård",
            "registered_municipality": GOTEBORG,
            "note": "Kommer till socialkontoret. Vill lämna och flytta nära sina syskon.",
        },
    )
    tell(f"{office.worker.name} registrerar en kontakt. Ärendet får kodnamnet {file.code_name}.")
    await file.assign_two()
    consent_id = await file.consent(KINDS, GOTEBORG)
    await file.needs("housing")
    await file.residence(GOTEBORG, "main_rule", "Folkbokförd och bosatt i Göteborg.")
    tell("Samtycke till Göteborg. Tillhörigheten pekar dit och är bekräftad av två.")
    return file, consent_id


async def _propose(file: File, there: Office, tell: Tell) -> Move:
    move = await Move.proposed(
        file,
        there,
        {
            "duration": "Minst ett år.",
            "circumstances": f"{WORDS[0]}.",
            "wish": f"{WORDS[1]}.",
            "need": "Boende.",
            "urgency": "ordinary",
        },
    )
    tell("Förslaget är i Göteborgs inkorg. Underlaget har inte skickats.")
    return move


async def _almost_accepted(move: Move, tell: Tell) -> None:
    """One of Göteborg's two has signed a yes when the news comes."""
    payload = {"type": "accept", "take_over_on": move.today.isoformat(), "text": ""}
    if await move.sign(move.receiver.worker, payload):
        raise StoryError("en person kan inte acceptera ensam")
    tell(f"{move.receiver.worker.name} vill acceptera. En andra person har inte bekräftat.")


async def _withdraw(file: File, move: Move, consent_id: str, tell: Tell) -> None:
    await file.write(f"consents/{consent_id}/withdrawal", {})
    state = await move.state(move.sender)
    if state not in {"withdrawing", "withdrawn"}:
        raise StoryError("överlämningen går vidare utan samtycke")
    tell("Personen tar tillbaka sitt samtycke. Överlämningen dras tillbaka i samma stund.")
    await move.reaches(move.receiver, "cancelled")
    await move.reaches(move.sender, "withdrawn")
    tell("Göteborg stänger sitt förslag och bekräftar det, signerat.")


async def _erased(move: Move, tell: Tell) -> None:
    """Göteborg's copy is gone with its key; what is left is the proof, not the person."""
    worker = move.receiver.worker

    async def has_no_key() -> bool:
        return (await worker.get(move.path))["row"]["key_destroyed_at"] is not None

    await until("Göteborgs nyckel förstörs", has_no_key)
    view = await worker.get(move.path)
    left = [name for name in ("proposal", "dossier", "pending") if view[name] is not None]
    said = str(view)
    if left or view["bodies"] or view["row"]["erased_at"] is None:
        raise StoryError("Göteborg har kvar personuppgifter")
    if any(word in said for word in WORDS):
        raise StoryError("förslagets ord står kvar i Göteborg")
    tell("Göteborgs uppgifter är raderade och nyckeln förstörd. Beviset finns kvar, inte personen.")


async def _afterwards(file: File, move: Move, tell: Tell) -> Outcome:
    view = await file.office.worker.get(move.path)
    kinds = [each["kind"] for each in view["messages"]]
    confirmed = _confirmed(view)
    tell("Linköping har Göteborgs signerade bekräftelse på att förslaget är raderat.")
    stays = await file.summary()
    is_right = (
        "dossier" not in kinds
        and confirmed == ["proposal"]
        and stays["responsible"] == LINKOPING
        and stays["state"] == "INVESTIGATION"
        and (await file.read())["header"]["open_handover"] is None
    )
    says = (
        f"Linköping säger: {stays['responsible']} ansvarar, ärendet pågår.",
        "Göteborg säger:  förslaget är stängt och raderat. Underlaget kom aldrig.",
    )
    evidence = {office.code: await move.evidence(office) for office in (move.sender, move.receiver)}
    return Outcome(move.handover_id, is_right, says, evidence)


def _confirmed(view: Any) -> list[str]:
    """What the other end confirms to have erased, by its signed word."""
    found = [
        body["erased"]
        for each in view["messages"]
        if each["kind"] == "cancelled" and not each["is_ours"]
        for body in [view["bodies"][each["message_id"]]]
    ]
    return [part for parts in found for part in parts]
