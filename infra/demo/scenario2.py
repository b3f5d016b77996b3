"""Scenario 2: from first contact in Linköping to Göteborg's take-over, through the API alone."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from infra.demo.caller import Caller, Cast, StoryError
from infra.demo.clock import TODAY

LINKOPING, GOTEBORG, POLICE = "0580", "1480", "9001"
ARRIVES_WITHIN_S = 30.0
SHARED_NEEDS = ("housing", "economy", "occupation", "addiction", "safety")
KINDS = ["identity", "residence", "threat_level", *(f"needs.{area}" for area in SHARED_NEEDS)]

Tell = Callable[[str], None]


@dataclass
class Outcome:
    """What the story came to.

    Args:
        sender, receiver: what each end says afterwards, read from its own node.
        evidence: the file, exported by the receiver.
    """

    handover_id: str
    sender: dict[str, Any]
    receiver: dict[str, Any]
    evidence: bytes

    @property
    def is_right(self) -> bool:
        """Both ends agree that Göteborg alone is responsible."""
        return bool(
            self.sender["responsible"] == self.receiver["responsible"] == GOTEBORG
            and self.sender["state"] == "ENDED"
            and self.receiver["state"] == "INVESTIGATION"
        )


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once, with a new case.

    Raises:
        StoryError: a step did not go as it must.
    """
    case = await _casework(cast, tell)
    handover_id = await _propose(cast, tell, case)
    await _accept(cast, tell, handover_id)
    await _take_over(cast, tell, handover_id)
    return await _afterwards(cast, tell, case, handover_id)


# -- Linköping: casework ---------------------------------------------------------------------------


async def _casework(cast: Cast, tell: Tell) -> str:
    worker, colleague = (cast.at(LINKOPING, name) for name in ("handlaggare1", "handlaggare2"))
    leader = cast.at(LINKOPING, "gruppledare")
    bops = cast.officer(LINKOPING, "bops-ost")
    made = await worker.post(
        "/cases",
        {
            "channel": "referral",
            "person_kind": "exiter",
            "on_behalf": "self",
            "personal_number": "19950314-9800",
            "given_name": "Elias",
            "family_name": "Ekberg",
            "registered_municipality": GOTEBORG,
            "protected_identity": "EXIT_THREAT",
            "wants_to_apply": True,
            "note": "Socialtjänstens mottagning hör av sig. Vill lämna ett kriminellt nätverk.",
        },
    )
    case = f"/cases/{made['id']}"
    file = await worker.get(case)
    name = file["header"]["code_name"]
    tell(f"{worker.name} registrerar en kontakt. Ärendet får kodnamnet {name}.")

    async def write(path: str, body: dict[str, Any], who: Caller = worker) -> Any:
        return await who.post(f"{case}/{path}", {"term": 1, **body})

    await write(
        "members",
        {
            "staff_id": (await leader.get("/me"))["staff_id"],
            "role": "team_leader",
            "reason": "Andra läsare",
            "no_conflict_of_interest": True,
        },
        leader,
    )
    await write(
        "members",
        {
            "staff_id": (await colleague.get("/me"))["staff_id"],
            "role": "case_worker",
            "reason": "Utreder tillsammans med den som tog emot kontakten",
            "no_conflict_of_interest": True,
        },
        leader,
    )
    await write(
        "consents",
        {
            "counterparties": [
                {"authority": GOTEBORG, "function": "social_services"},
                {"authority": POLICE, "function": "police"},
            ],
            "purposes": ["handover", "threat_assessment", "placement"],
            "kinds": KINDS,
            "valid_until": (TODAY.date() + timedelta(days=90)).isoformat(),
        },
    )
    tell("Samtycke: socialtjänsten i båda kommunerna och polisen, i 90 dagar. Inte sjukvården.")
    for area in (*SHARED_NEEDS, "health_care"):
        await write("needs", {"area": area, "text": f"Behov inom området {area}."})
    found = await write(
        "residence-findings",
        {
            "finding": "OTHER",
            "municipality": GOTEBORG,
            "ground": "main_rule",
            "facts": "Folkbokförd i Göteborg och sover där de flesta nätter. Polisen bekräftar.",
        },
    )
    await write(f"residence-findings/{found['id']}/confirmation", {}, leader)
    tell(f"Tillhörigheten pekar mot Göteborg. {leader.name} har läst och bekräftat.")
    await write("threat-requests", {"unit": "bops-ost"})
    room = await _room(bops, name)
    await bops.post(
        f"/joint-rooms/{room}/threat-assessments",
        {
            "term": 1,
            "level": "HIGH",
            "method": "structured",
            "next_review_on": (TODAY.date() + timedelta(days=14)).isoformat(),
        },
    )
    tell("Bops bedömer hotet som högt, i samverkansrummet. Bops tar det akuta skyddet.")
    await write("placement-questions", {"municipality": GOTEBORG})
    await write("level-passing-questions", {"receiver": GOTEBORG})
    await _answer_all(bops, room)
    tell("Bops: inget hinder mot Göteborg, och nivån får lämnas vidare.")
    return case


async def _room(officer: Caller, code_name: str) -> str:
    rooms = await officer.get("/joint-rooms")
    for row in rooms["items"]:
        if row["code_name"] == code_name:
            return str(row["room_id"])
    raise StoryError("enheten ser inget samverkansrum för ärendet")


async def _answer_all(officer: Caller, room: str) -> None:
    seen = await officer.get(f"/joint-rooms/{room}")
    for question in seen["questions"]:
        if question["answered_at"] is None and question["kind"] != "threat":
            await officer.post(
                f"/joint-rooms/{room}/answers",
                {"term": seen["term"], "question_id": question["question_id"], "answer": "CLEAR"},
            )


# -- Linköping: the proposal -----------------------------------------------------------------------


async def _propose(cast: Cast, tell: Tell, case: str) -> str:
    worker, leader = cast.at(LINKOPING, "handlaggare1"), cast.at(LINKOPING, "gruppledare")
    made = await worker.post(f"{case}/handovers", {"term": 1, "receiver": GOTEBORG})
    path = f"/handovers/{made['id']}"
    seen = await worker.get(f"{path}/preview")
    draft = seen["draft"] | {
        "duration": "Minst ett år.",
        "circumstances": "Familjen bor i Göteborg.",
        "wish": "Vill bo kvar i Göteborg.",
        "need": "Boende, försörjning och stöd i vardagen.",
        "urgency": "soon",
    }
    await worker.put(f"{path}/draft", {"revision": seen["row"]["revision"], "draft": draft})
    seen = await worker.get(f"{path}/preview")
    if seen["refusals"]:
        raise StoryError("förslaget är inte färdigt att skicka")
    withheld = {each["section"]: each["reason"] for each in seen["withheld"]}
    if withheld.get("needs.health_care") != "not_in_consent":
        raise StoryError("hälso- och sjukvården skulle hållas inne")
    tell(
        "Förhandsvisning: hälso- och sjukvården hålls inne, samtycket omfattar den inte. "
        f"Policyn skiljer sig på {len(seen['differences'])} punkter."
    )
    await worker.post(
        f"{path}/signatures",
        {"revision": seen["row"]["revision"], "payload": {"type": "propose"}},
    )
    await _confirm(leader, path)
    tell(f"{worker.name} föreslår, {leader.name} läser och skickar. Linköping ansvarar.")
    return str(made["id"])


async def _confirm(second: Caller, path: str) -> None:
    view = await second.get(path)
    await second.post(f"{path}/confirmation", {"revision": view["row"]["revision"]})


# -- Göteborg --------------------------------------------------------------------------------------


async def _accept(cast: Cast, tell: Tell, handover_id: str) -> None:
    worker, leader = cast.at(GOTEBORG, "handlaggare1"), cast.at(GOTEBORG, "gruppledare")
    path = f"/handovers/{handover_id}"
    await _until("förslaget kommer till Göteborg", lambda: _is_on_board(worker, handover_id))
    view = await worker.get(path)
    tell("Göteborgs inkorg: ett förslag från Linköping. Inget namn, ingen adress.")
    await worker.post(
        f"{path}/signatures",
        {
            "revision": view["row"]["revision"],
            "payload": {"type": "accept", "take_over_on": TODAY.date().isoformat(), "text": ""},
        },
    )
    await _confirm(leader, path)
    tell(f"{worker.name} och {leader.name} accepterar. Underlaget skickas. Linköping ansvarar.")


async def _take_over(cast: Cast, tell: Tell, handover_id: str) -> None:
    worker, leader = cast.at(GOTEBORG, "handlaggare1"), cast.at(GOTEBORG, "gruppledare")
    bops = cast.officer(GOTEBORG, "bops-vast")
    path = f"/handovers/{handover_id}"

    async def has_dossier() -> bool:
        return (await worker.get(path))["dossier"] is not None

    await _until("underlaget är framme", has_dossier)
    view = await worker.get(path)
    sections = {each["type"] for each in view["dossier"]["sections"]}
    if "needs.health_care" in sections or "identity" not in sections:
        raise StoryError("underlaget har inte de delar som samtycket tillåter")
    tell(f"Underlaget är framme: {len(sections)} delar, det som hålls inne står med skälet.")
    await worker.post(f"{path}/acute-protection-question")
    rooms = await bops.get("/joint-rooms")
    for row in rooms["items"]:
        await _answer_all(bops, row["room_id"])
    tell("Göteborg frågar Bops, som bekräftar det akuta skyddet.")
    view = await worker.get(path)
    await worker.post(
        f"{path}/signatures",
        {
            "revision": view["row"]["revision"],
            "payload": {
                "type": "take_over",
                "agreed_on": TODAY.date().isoformat(),
                "case_worker": (await worker.get("/me"))["staff_id"],
                "first_meeting_at": (TODAY + timedelta(days=2)).isoformat(),
            },
        },
    )
    await _confirm(leader, path)
    tell(f"{worker.name} och {leader.name} tar över. Från nu ansvarar Göteborg.")


# -- afterwards ------------------------------------------------------------------------------------


async def _afterwards(cast: Cast, tell: Tell, case: str, handover_id: str) -> Outcome:
    there, here = cast.at(LINKOPING, "handlaggare1"), cast.at(GOTEBORG, "handlaggare1")

    async def has_ended() -> bool:
        file = await there.get(case)
        return bool(file["header"]["state"] == "ENDED")

    await _until("Linköping får veta", has_ended)
    view = await here.get(f"/handovers/{handover_id}")
    sender = await there.get(case)
    receiver = await here.get(f"/cases/{view['row']['case_id']}")
    refused = await there.ask(
        "POST",
        f"{case}/notes",
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
    await _until("Göteborg har kvitton på allt", lambda: _is_proven(here, handover_id))
    evidence = await here.download(f"/handovers/{handover_id}/evidence")
    return Outcome(handover_id, _summary(sender), _summary(receiver), evidence)


def _summary(file: dict[str, Any]) -> dict[str, Any]:
    responsible = [link for link in file["chain"] if link["kind"] == "responsible"]
    return {
        "code_name": file["header"]["code_name"],
        "state": file["header"]["state"],
        "term": file["header"]["term"],
        "responsible": responsible[-1]["authority"],
    }


async def _is_on_board(caller: Caller, handover_id: str) -> bool:
    rows = await caller.get("/handovers")
    return any(row["handover_id"] == handover_id for row in rows["items"])


async def _is_proven(caller: Caller, handover_id: str) -> bool:
    """The last receipt is still on its way when the other end has acted already."""
    view = await caller.get(f"/handovers/{handover_id}")
    ours = {each["message_id"] for each in view["messages"] if each["is_ours"]}
    return bool(ours <= view["receipts"].keys())


async def _until(what: str, holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what a message brings about; asks often, for it is there within a moment."""
    end = time.monotonic() + ARRIVES_WITHIN_S
    while not await holds():
        if time.monotonic() > end:
            raise StoryError(f"väntade {ARRIVES_WITHIN_S:.0f} s utan att {what}")
        await asyncio.sleep(0.1)
