"""Scenario 6: protected population registration, from Göteborg to Linköping; the address nowhere."""

import json
from collections.abc import Sequence
from typing import Any

from infra.demo.caller import Caller, Cast, StoryError
from infra.demo.search import places_with
from infra.demo.story import GOTEBORG, LINKOPING, File, Move, Office, Outcome, Tell, until

KINDS = ("identity", "residence", "needs.housing", "needs.safety")
VAULT = {
    "address": "Vindsvägen 271, 41999 Öckerö",
    "phone": "070-1740605",
    "workplace": "Kvarnbyns Finmekanik",
    "other_places": "Mormors torp vid Hjulsjön",
}
FAMILY_NAME = "Vaxvinge"
WORDS = ("Vindsvägen", "070-1740605", "Finmekanik", "Hjulsjön", FAMILY_NAME)
"""What must stand in clear nowhere: where the person is, and who."""
_OTHERS = ("handlaggare2", "samordnare", "socialchef", "sakerhetschef", "logggranskare")
_LISTS = ("/cases", "/unit-cases", "/handovers", "/undelivered", "/joint-rooms")


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once, with a new case.

    Raises:
        StoryError: a step did not go as it must, or a word stands where it must not.
    """
    here, there = Office(cast, GOTEBORG), Office(cast, LINKOPING)
    file = await _casework(here, tell)
    await _refusals_say_nothing(file, tell)
    move = await _propose(file, there, tell)
    new = await _take_over(move, tell)
    await _afterwards(file, new, tell)
    evidence = {office.code: await move.evidence(office) for office in (here, there)}
    await _nobody_else(cast, (file, new), move, tell)
    await _nowhere(cast, file, evidence, tell)
    return await _outcome(file, new, move, evidence)


async def _casework(office: Office, tell: Tell) -> File:
    file = await File.register(
        office,
        {
            "channel": "referral",
            "personal_number": "19880109-9840",
            "given_name": "Siv",
            "family_name": FAMILY_NAME,
            "registered_municipality": GOTEBORG,
            "protected_identity": "PROTECTED_REGISTRATION",
            "note": "Har skyddad folkbokföring. Vill lämna.",
        },
    )
    tell(f"{office.worker.name} registrerar en kontakt. Ärendet får kodnamnet {file.code_name}.")
    await file.assign(office.leader, "team_leader", "Andra läsare")
    await file.consent(KINDS, LINKOPING, with_police=False)
    await file.needs("housing", "safety")
    await office.worker.put(f"{file.path}/vault", {"term": file.term, "content": VAULT})
    tell("Adress, telefon och platser skrivs i valvet. De visas inte i ärendet.")
    refused = await office.worker.ask(
        "POST",
        f"{file.path}/residence-findings",
        {
            "term": file.term,
            "finding": "OTHER",
            "municipality": GOTEBORG,
            "ground": "main_rule",
            "facts": "Folkbokförd där.",
        },
    )
    if refused.status_code != 422:
        raise StoryError("skyddad folkbokföring är inget bevis på var personen bor")
    await file.residence(
        LINKOPING, "strongest_connection", "Har sina närmaste där. Folkbokföringen säger inget."
    )
    tell("Folkbokföringen duger inte som grund. Starkaste anknytningen pekar mot Linköping.")
    return file


async def _refusals_say_nothing(file: File, tell: Tell) -> None:
    """A refusal never repeats what was written; a reveal without a second person shows nothing."""
    worker = file.office.worker
    too_long = {"term": file.term, "content": {**VAULT, "address": VAULT["address"] * 2000}}
    for method, path, body in (
        ("PUT", f"{file.path}/vault", too_long),
        ("PUT", f"{file.path}/vault", {"term": "ett", "content": VAULT}),
        (
            "POST",
            f"{file.path}/vault/reveals",
            {"reason": "Ringa", "approval_id": file.path.rpartition("/")[2]},
        ),
    ):
        answer = await worker.ask(method, path, body)
        if answer.status_code < 400 or _said(answer.text):
            raise StoryError("ett nekande säger mer än det ska")
    tell("Det som nekas upprepar inget av det som stod i valvet.")


async def _propose(file: File, there: Office, tell: Tell) -> Move:
    move = await Move.draft(
        file,
        there,
        {
            "duration": "Minst ett år.",
            "circumstances": "Kan inte vara kvar i Göteborg.",
            "wish": "Vill till Linköping.",
            "need": "Boende och trygghet.",
            "urgency": "soon",
        },
    )
    seen = await move.preview()
    withheld = {each["section"]: each["reason"] for each in seen["withheld"]}
    if withheld.get("contact_data") != "vault_at_take_over" or not seen["proposal"]["is_protected"]:
        raise StoryError("förhandsvisningen säger inte att adressen hålls inne")
    await move.propose()
    await move.arrives()
    if _said(json.dumps(await there.worker.get(move.path), ensure_ascii=False)):
        raise StoryError("förslaget säger vem det gäller")
    tell("Linköpings inkorg: ett förslag med skyddad folkbokföring. Inget namn, ingen adress.")
    return move


async def _take_over(move: Move, tell: Tell) -> File:
    await move.accept()
    dossier = await move.dossier()
    text = json.dumps(dossier, ensure_ascii=False)
    if any(word in text for word in WORDS if word != FAMILY_NAME):
        raise StoryError("underlaget säger var personen finns")
    new = await move.take_over()
    tell("Linköping tar över. Underlaget säger vem det gäller, men inte var personen finns.")
    return new


async def _afterwards(file: File, new: File, tell: Tell) -> None:
    async def has_ended() -> bool:
        return bool((await file.summary())["state"] == "ENDED")

    await until("Göteborg får veta", has_ended)
    tell(f"Göteborgs akt är avslutad. Linköpings nya akt heter {new.code_name}.")


async def _nobody_else(cast: Cast, files: Sequence[File], move: Move, tell: Tell) -> None:
    """Everybody else at both ends: no list, no address, no count tells that the case is there."""
    for file in files:
        for username in _OTHERS:
            who = cast.at(file.office.code, username)
            for path in (file.path, f"{file.path}/log", move.path, f"{move.path}/evidence"):
                if (await who.ask("GET", path)).status_code < 400:
                    raise StoryError(f"{username} kan läsa ärendet")
            for path in _LISTS:
                if _names(await _listed(who, path), file, move):
                    raise StoryError(f"{username} ser att ärendet finns")
    tell(
        "Ingen annan än ärendets egna kan se att det finns, i någon lista eller under någon adress."
    )


async def _listed(who: Caller, path: str) -> str:
    answer = await who.ask("GET", path)
    return answer.text if answer.status_code < 400 else ""


def _names(text: str, file: File, move: Move) -> bool:
    marks = (file.code_name, file.path.rpartition("/")[2], move.handover_id)
    return _said(text) or any(mark in text for mark in marks)


async def _nowhere(cast: Cast, file: File, evidence: dict[str, bytes], tell: Tell) -> None:
    for content in evidence.values():
        if _said(content.decode()):
            raise StoryError("beviset säger vem eller var")
    found = places_with(cast.folder, WORDS)
    if found:
        raise StoryError(f"ord som ska vara dolda står i klartext i: {', '.join(sorted(found))}")
    if "postgres" not in places_with(cast.folder, (file.code_name,)):
        raise StoryError("sökningen ser inte databaserna")
    tell("Databaser, utbytets lager, loggar och bevis är genomsökta: inga ord i klartext.")


def _said(text: str) -> bool:
    return any(word in text for word in WORDS)


async def _outcome(file: File, new: File, move: Move, evidence: dict[str, bytes]) -> Outcome:
    sender, receiver = await file.summary(), await new.summary()
    file_there: dict[str, Any] = await new.read()
    is_right = (
        sender["responsible"] == receiver["responsible"] == LINKOPING
        and sender["state"] == "ENDED"
        and receiver["state"] == "INVESTIGATION"
        and file_there["person"]["protected_identity"] == "PROTECTED_REGISTRATION"
    )
    says = (
        f"Göteborg säger:  {sender['responsible']} ansvarar, akten avslutad.",
        f"Linköping säger: {receiver['responsible']} ansvarar, ny akt öppnad med skyddet kvar.",
    )
    return Outcome(move.handover_id, is_right, says, evidence)
