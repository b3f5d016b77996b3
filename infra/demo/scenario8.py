"""Scenario 8: a withdrawal and an acceptance in the same moment, while the exchange stands still."""

import asyncio
import time

from infra.demo.caller import Cast, StoryError
from infra.demo.outage import exchange_stands_still, tried_twice
from infra.demo.story import (
    GOTEBORG,
    LINKOPING,
    File,
    Move,
    Office,
    Outcome,
    Tell,
    confirm,
    until,
)

AGREE_WITHIN_S = 1.0
"""From the moment the exchange is back until both ends say the same."""
KINDS = ("identity", "residence", "needs.housing")


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once, with a new case.

    Raises:
        StoryError: a step did not go as it must.
    """
    here, there = Office(cast, LINKOPING), Office(cast, GOTEBORG)
    file = await _casework(here, tell)
    move = await _propose(file, there, tell)
    with exchange_stands_still(cast.folder):
        tell("Utbytet mellan kommunerna står stilla.")
        await _both_decide(move, tell)
        await tried_twice(cast, LINKOPING, GOTEBORG)
        tell("Båda noderna har skickat två gånger. Inget har kommit fram.")
    took_s = await _agree(move)
    took = f"{took_s:.1f}".replace(".", ",")
    tell(f"Utbytet är tillbaka. Båda ändar är ense efter {took} s.")
    return await _afterwards(file, move, took_s)


async def _casework(office: Office, tell: Tell) -> File:
    file = await File.register(
        office,
        {
            "channel": "phone",
            "personal_number": "19790930-9903",
            "given_name": "Rolf",
            "family_name": "Ripa",
            "registered_municipality": GOTEBORG,
            "note": "Ringer själv. Vill lämna ett kriminellt nätverk.",
        },
    )
    tell(f"{office.worker.name} registrerar en kontakt. Ärendet får kodnamnet {file.code_name}.")
    await file.assign_two()
    await file.consent(KINDS, GOTEBORG)
    await file.needs("housing")
    await file.residence(GOTEBORG, "main_rule", "Folkbokförd och bosatt i Göteborg.")
    return file


async def _propose(file: File, there: Office, tell: Tell) -> Move:
    move = await Move.proposed(
        file,
        there,
        {
            "duration": "Ett halvår.",
            "circumstances": "Har arbete i Göteborg.",
            "wish": "Vill till Göteborg.",
            "need": "Boende.",
            "urgency": "ordinary",
        },
    )
    tell("Förslaget är i Göteborgs inkorg.")
    return move


async def _both_decide(move: Move, tell: Tell) -> None:
    """Linköping withdraws in the moment in which Göteborg's second person says yes."""
    worker, leader = move.receiver.worker, move.receiver.leader
    payload = {"type": "accept", "take_over_on": move.today.isoformat(), "text": ""}
    if await move.sign(worker, payload):
        raise StoryError("en person kan inte acceptera ensam")
    await asyncio.gather(
        move.decide(move.sender, {"type": "withdraw", "text": "Personen har ändrat sig."}),
        confirm(leader, move.path),
    )
    states = [await move.state(office) for office in (move.sender, move.receiver)]
    if states != ["withdrawing", "accepted"]:
        raise StoryError(f"ändarna står i {' och '.join(states)}")
    tell("I samma stund: Linköping drar tillbaka, Göteborg accepterar. Ingen vet om den andra.")


async def _agree(move: Move) -> float:
    """Wait until both ends have come to an end; how long that took."""
    since = time.monotonic()

    async def agree() -> bool:
        states = [await move.state(office) for office in (move.sender, move.receiver)]
        return states == ["withdrawn", "cancelled"]

    await until("båda ändar är ense", agree)
    return time.monotonic() - since


async def _afterwards(file: File, move: Move, took_s: float) -> Outcome:
    stays = await file.summary()
    there = await move.receiver.worker.get(move.path)
    sent = [each["kind"] for each in there["messages"]]
    is_right = (
        took_s <= AGREE_WITHIN_S
        and stays["responsible"] == LINKOPING
        and stays["state"] == "INVESTIGATION"
        and there["row"]["case_id"] is None
        and sent == ["proposed", "accepted", "withdrawn", "cancelled"]
    )
    says = (
        f"Linköping säger: {stays['responsible']} ansvarar, ärendet pågår.",
        "Göteborg säger:  förslaget är tillbakadraget, ingen akt öppnad.",
    )
    evidence = {office.code: await move.evidence(office) for office in (move.sender, move.receiver)}
    return Outcome(move.handover_id, is_right, says, evidence)
